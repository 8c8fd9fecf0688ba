"""Bad input: a message with the line, at once, and nothing is ever executed."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from bnproof.errors import BnproofError
from bnproof.teach.answers.judge import judge
from bnproof.teach.answers.reading import LONGEST_FILE, AnswerError, read_answer

HEAD = "exercise: mean-moves\n"
HOSTILE = {
    "code": ("__import__('os').system('touch {trap}')", "not part of the notation"),
    "a call by name": ("__import__(b)", "unknown function `__import__`"),
    "open": ("open(b)", "unknown function `open`"),
    "an attribute": ("b.__class__", "not part of the notation"),
    "a lambda": ("(lambda: b)()", "not part of the notation"),
    "a walrus": ("(b := 1)", "not part of the notation"),
    "a comprehension": ("[b for i in z]", "a sum is written sum(i, z[i])"),
    "a generator": ("sum(z[i] for i in z)", "a sum is written sum(i, z[i])"),
    "a text": ("'b'", "not part of the notation"),
    "an f-string": ("f'{{b}}'", "not part of the notation"),
    "a tower": ("10**10**10", "refused"),
    "a tower of powers": ("((b**9)**9)**9", "powers of powers"),
    "a large exponent": ("b**99999", "exponent is larger"),
    "a negative exponent": ("b**-99999", "exponent is larger"),
    "an exponent with a formula": ("b**z[1]", "an exponent is a whole number"),
    "a large number": ("99999999*b", "larger than"),
    "digits without end": ("9" * 900, "larger than"),
    "an endless expression": ("+".join("b" * 2000), "letters"),
    "deep brackets": ("(" * 300 + "b" + ")" * 300, "refused"),
    "deep minus": ("-" * 900 + "b", "levels deep"),
    "deep functions": ("abs(" * 90 + "b" + ")" * 90, "levels deep"),
    "a large product": ("(" + "+".join(f"z[{k}]" for k in range(1, 15)) + ")**12", "multiplied out"),
    "products of sums": ("*".join(["(b + z[1] + z[2] + z[3] + z[4])"] * 8), "multiplied out"),
    "definitions in definitions": ("v_at(" * 20 + "b" + ")" * 20, "multiplied out"),
    "means in means": ("mu_at(" * 40 + "b" + ")" * 40, "multiplied out"),
    "an index that is no number": ("z[b]", "an index of `z` is a letter"),
    "an argument that is no index": ("mu_at(b, b)", "takes 1 arguments, not 2"),
    "a long range": ("sum(i, 1, 10**9, z[i])", "a sum runs from"),
    "a large range": ("sum(i, 1, 999999, z[i])", "a sum runs from"),
    "infinity": ("sum(i, 1, infinity, z[i])", "no sum here has infinitely many terms"),
    "oo": ("sum(i, 1, oo, z[i])", "no sum here has infinitely many terms"),
    "the sign for infinity": ("sum(i, 1, ∞, z[i])", "no sum here has infinitely many terms"),
    "inf": ("b*inf", "no sum here has infinitely many terms"),
    "sums in sums": ("sum(i, sum(j, sum(k, sum(l, sum(i, b)))))", "refused"),
    "a decimal number": ("0.5*b", "write exact numbers"),
    "an exponent's notation": ("1e9*b", "not part of the notation"),
    "a product without a sign": ("2b", "write a product with *"),
    "an unknown symbol": ("mu_at(0) + c", "unknown symbol `c`"),
    "an unknown sequence": ("y[i]", "unknown sequence `y`"),
    "a sequence without its index": ("mean(i, z)", "`z` is a sequence"),
    "an index bound twice": ("sum(i, sum(i, z[i]))", "bound twice"),
    "two equations": ("b = b", "one line has one expression"),
    "a comparison": ("b < 1", "one line has one expression"),
    "an open bracket": ("mean(i, z[i]", "cannot be read"),
    "LaTeX": (r"\frac{{1}}{{n}}", "cannot be read"),
    "HTML": ("<script>alert(1)</script>", "refused"),
    "a control character": ("b + \x1b[31mb", "refused"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_line_is_refused_with_its_number(name: str, tmp_path: Path) -> None:
    text, words = HOSTILE[name]
    trap = tmp_path / "trap"
    file = tmp_path / "answer.md"
    file.write_text(f"{HEAD}\nmu_at(b)\n= {text.replace('{trap}', str(trap))} -- so\n= mu_at(0) + b -- so\n", encoding="utf-8")
    start = time.perf_counter()
    with pytest.raises(AnswerError) as error:
        judge(read_answer(file))
    assert time.perf_counter() - start < 5
    assert str(error.value).startswith("line 4: ")
    assert words in str(error.value)
    assert not trap.exists()


PYTHON = {
    "an import": ("import os\n", 1, "import os"),
    "a call": ("exercise = 'mean-moves'\nprint(open({trap!r}, 'w'))\n", 2, "is code"),
    "a call as value": ("exercise = 'mean-moves'\nchain = open({trap!r}, 'w').name\n", 2, "no text between quotes"),
    "a function": ("def chain():\n    open({trap!r}, 'w')\n", 1, "is code"),
    "a decorated class": ("@open({trap!r}, 'w')\nclass A: pass\n", None, "is code"),
    "a loop": ("while True:\n    pass\n", 1, "is code"),
    "an f-string": ("exercise = 'mean-moves'\nchain = f'''{{open({trap!r})}}'''\n", 2, "no text between quotes"),
    "added texts": ("exercise = 'mean-moves'\nchain = 'mu_at(b)' + chr(10)\n", 2, "no text between quotes"),
    "a pair with code": ("exercise = 'mean-moves'\nchain = [\n  ('mu_at(b)', ''),\n  (exec('1'), 'so'),\n]\n", 4, "no text between quotes"),
    "no pair": ("exercise = 'mean-moves'\nchain = ['mu_at(b)', 'mu_at(0) + b']\n", 2, "is no pair"),
    "another name": ("exercise = 'mean-moves'\nanswer = ''\n", 2, "is code"),
    "twice": ("exercise = 'mean-moves'\nexercise = 'softmax'\n", 2, "a second time"),
    "bytes": ("exercise = b'mean-moves'\nchain = ''\n", 1, "no text between quotes"),
    "no exercise": ("chain = ''\n", None, "there is no `exercise"),
    "no chain": ("exercise = 'mean-moves'\n", None, "there is no `chain"),
    "wrong syntax": ("exercise = 'mean-moves'\nchain = (\n", 2, "no Python"),
    "deep brackets": ("(" * 5000 + ")" * 5000, 1, "no Python"),
    "deep minus": ("chain = " + "-" * 60000 + "1", None, "nested too deeply"),
    "a deep sum": ("chain = " + "+".join("a" * 30000), None, "nested too deeply"),
    "a deep attribute": ("chain = a" + ".a" * 30000, None, "nested too deeply"),
    "digits without end": ("chain = " + "9" * 60000, 1, "no Python"),
    "a continued line": ("exercise = 'mean-moves'\nchain = '''mu_at(b)\n= 1 \\\n -- so\n'''\n", 2, "without \\"),
    "a wrong line in the text": ("exercise = 'mean-moves'\nchain = '''\nmu_at(b)\n= exec(b) -- so\n'''\n", 4, "unknown function `exec`"),
}  # fmt: skip


@pytest.mark.parametrize("name", PYTHON)
def test_a_python_answer_is_never_run(name: str, tmp_path: Path) -> None:
    text, line, words = PYTHON[name]
    trap = tmp_path / "trap"
    file = tmp_path / "answer.py"
    file.write_text(text.replace("{trap!r}", repr(str(trap))).replace("{{", "{").replace("}}", "}"), encoding="utf-8")
    with pytest.raises(AnswerError) as error:
        judge(read_answer(file))
    assert words in str(error.value)
    assert line is None or str(error.value).startswith(f"line {line}: ")
    assert not trap.exists()


def test_files_that_are_no_answers(tmp_path: Path) -> None:
    def refused(path: Path, words: str) -> None:
        with pytest.raises(BnproofError, match=words):
            judge(read_answer(path))

    def written(name: str, content: bytes) -> Path:
        (tmp_path / name).write_bytes(content)
        return tmp_path / name

    refused(tmp_path / "missing.md", "there is no file")
    refused(tmp_path, "neither Markdown nor Python")
    (tmp_path / "folder.md").mkdir()
    refused(tmp_path / "folder.md", "there is no file")
    refused(Path("/dev/zero"), "neither Markdown nor Python")
    (tmp_path / "zero.md").symlink_to("/dev/zero")
    refused(tmp_path / "zero.md", "there is no file")
    refused(Path("a\0.md"), r"cannot read|there is no file")
    refused(written("large.md", b"b" * (LONGEST_FILE + 1)), "more than 100,000 bytes")
    refused(written("large.py", b"#" * (LONGEST_FILE + 1)), "more than 100,000 bytes")
    refused(written("latin.md", "exercise: mean-moves\nµ".encode("latin-1")), "line 2: this is no text in UTF-8")
    refused(written("zero-byte.md", b"exercise: mean-moves\nmu_at(b)\n= b\0 -- so"), "line 3: a zero byte")
    refused(written("empty.md", b""), "no line says which exercise")
    refused(written("unnamed.md", b"mu_at(b)\n= b -- so\n"), "no line says which exercise")
    refused(written("two.md", b"exercise: mean-moves\nexercise: softmax\n"), "line 2: a second exercise")
    refused(written("unknown.md", b"exercise: ../../etc/passwd\nb\n= b -- so\n"), "no line says which exercise")
    refused(written("bare.md", b"exercise: mean-moves\n"), "a chain has a first expression")
    refused(written("reason.md", b"exercise: mean-moves\nmu_at(b)\n= mu_at(0) + b\n"), "line 3: .* has no reason")
    refused(written("reasons.md", b"exercise: mean-moves\nmu_at(b)\n= b -- so -- so\n"), "line 3: .* two reasons")
    refused(written("less.md", b"exercise: mean-moves\nmu_at(b)\n< b -- so\n"), "line 3: .* one of equalities")
    refused(written("first.md", b"exercise: mean-moves\n= b -- so\n"), "line 2: .* begins with an expression alone")
    refused(
        written("open.md", b"exercise: mean-moves\n```\nmu_at(b)\n= b -- so\n"), "line 2: the block that begins here has no end"
    )
    refused(written("blocks.md", b"exercise: mean-moves\n```\nmu_at(b)\n```\n```\nb\n```\n"), "line 5: a second block")
    refused(written("long.md", b"exercise: mean-moves\nmu_at(b)\n" + b"= b -- so\n" * 61), "line 62: more than 60 lines")
