"""Every way to write an answer is read to the same lines, with the numbers of the file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bnproof.symbolic.notation import parse
from bnproof.symbolic.term import Term
from bnproof.teach.answers.exercises import EXERCISES
from bnproof.teach.answers.formulas import read_formula, shape
from bnproof.teach.answers.reading import AnswerError, Line, read_answer
from bnproof.teach.answers.written import exact_text, written

CHAIN = "  mu_at(b)\n= mean(i, z[i])\n    + b         -- by\n= mu_at(0) + b -- definition\n"
FILES = {
    "bare.md": (f"exercise: mean-moves\n{CHAIN}", 2),
    "heading.md": (f"# Exercise: mean-moves\n\n{CHAIN}", 3),
    "bold.md": (f"Some words.\n\n**Exercise:** `mean-moves`\n\nMore words = here.\n```text\n{CHAIN}```\nThat is all.\n", 7),
    "tildes.md": (f"exercise: mean-moves\n~~~\n{CHAIN}~~~\n", 3),
    "dash.md": (f"exercise: mean-moves\n{CHAIN.replace('--', '—')}", 2),
    "hash.md": (f"exercise: mean-moves\n{CHAIN.replace('--', '#')}", 2),
    "double.md": (f"exercise: mean-moves\n{CHAIN.replace('= m', '== m')}", 2),
    "windows.md": (f"\ufeffexercise: mean-moves\n{CHAIN}".replace("\n", "\r\n"), 2),
    "text.py": (f'"""My answer."""\nexercise = "mean-moves"\n\n# words\nchain = """\n{CHAIN}"""\n', 6),
    "raw.py": (f"exercise = 'mean-moves'\nchain = r'''{CHAIN}'''\n", 2),
}


@pytest.mark.parametrize("name", FILES)
def test_lines_and_their_numbers(name: str, tmp_path: Path) -> None:
    text, first = FILES[name]
    path = tmp_path / name
    path.write_bytes(text.encode())
    answer = read_answer(path)
    assert answer.exercise == "mean-moves"
    assert answer.lines == (
        Line(first, "mu_at(b)", ""),
        Line(first + 1, "mean(i, z[i]) + b", "by"),
        Line(first + 3, "mu_at(0) + b", "definition"),
    )


def test_pairs(tmp_path: Path) -> None:
    path = tmp_path / "pairs.py"
    path.write_text('exercise = "mean-moves"\nchain = [\n  ("mu_at(b)", ""),\n  ("= b", "so"),\n  ("b", "so"),\n]\n')
    assert read_answer(path).lines == (Line(3, "mu_at(b)", ""), Line(4, "b", "so"), Line(5, "b", "so"))


VOCABULARY = EXERCISES["output-stays"].source.vocabulary


def term(text: str) -> Term:
    return parse(text, VOCABULARY)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("mu_at(0) + b", "b + mu_at(0)"),
        ("mu_at(0) + b", "mean(j, z[j] + 0) + b"),
        ("z[k] - mu_at(0)", "-mu_at(0) + z[k]"),
        ("z[k] - (b - n)", "n + z[k] - b"),
        ("gamma*b/n", "b*(1/n)*gamma"),
        ("1*b + 0", "b"),
        ("sum(i, sum(j, z[i] - z[j]))", "sum(j, sum(i, z[j] - z[i]))"),
        ("-2 + b", "b - 2"),
    ],
)
def test_the_same_expression_written_otherwise(one: str, other: str) -> None:
    assert shape(term(one), VOCABULARY) == shape(term(other), VOCABULARY)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("mu_at(0) + b", "mu_at(b)"),
        ("z[k] - b", "b - z[k]"),
        ("b/n", "n/b"),
        ("b - b", "b + b"),
        ("b", "-b"),
        ("1/b", "b"),
        ("z[1]", "z[k]"),
        ("b**2", "b*b"),
        ("sum(i, z[i] - z[k])", "sum(i, z[i] - z[j])"),
        ("sum(i, sum(j, z[i]*z[i]*z[j]))", "sum(i, sum(j, z[i]*z[j]*z[j]))"),
        ("sum(i, 2, n, z[i])", "sum(i, z[i])"),
        ("sqrt(b)", "abs(b)"),
        ("y_at(k, b)", "y_at(k, 0)"),
    ],
)
def test_other_expressions_are_told_apart(one: str, other: str) -> None:
    assert shape(term(one), VOCABULARY) != shape(term(other), VOCABULARY)


@pytest.mark.parametrize("name", EXERCISES)
def test_what_is_typed_is_read_back(name: str) -> None:
    exercise, vocabulary = EXERCISES[name], EXERCISES[name].source.vocabulary
    terms = [parse(text, vocabulary) for text in (exercise.start, exercise.end, *(text for text, _ in exercise.chain.steps))]
    for found in (*terms, *(definition.body for definition in exercise.vocabulary.definitions.values())):
        again = parse(written(found), vocabulary)
        assert shape(again, vocabulary, unfolded=False) == shape(found, vocabulary, unfolded=False)


@pytest.mark.parametrize(
    "text",
    ["z[k] - (b - n)", "-(b + n)", "b/(n*n)", "b/n*n", "(b/n)**2", "b**(n - 1)", "sum(i, 2, n, z[i])", "-b**2", "(-b)**2", "2*(-b)",
     "diff(sum(j, z[j]*b), b)"],
)  # fmt: skip
def test_brackets_stay_where_they_matter(text: str) -> None:
    assert term(written(term(text))) == term(text)


@pytest.mark.parametrize("name", EXERCISES)
def test_formulas_in_the_task_are_read(name: str) -> None:
    exercise = EXERCISES[name]
    for formula in re.findall(r"\{([^}]*)\}", exercise.task):
        parse(formula, exercise.vocabulary)
    assert "{" not in exercise.title


def test_an_index_of_a_definition_is_an_index() -> None:
    vocabulary = EXERCISES["centred-sum"].vocabulary
    assert read_formula(Line(1, "xhat(n) + xhat(1) + xhat(k)", ""), vocabulary)
    with pytest.raises(AnswerError, match=r"line 7: .* an index of `xhat` is a letter"):
        read_formula(Line(7, "xhat(z[1])", ""), vocabulary)


def test_exact_values_are_written_exactly() -> None:
    from fractions import Fraction

    from bnproof.symbolic.exact import Exact, root

    e = Exact.of(1).exp()
    assert exact_text(Fraction(-2, 3)) == "−2/3"
    assert exact_text(root(Fraction(8))) == "2·√2"
    assert exact_text(root(Fraction(1, 2)) - 1) == "−1 + (1/2)·√2"
    assert exact_text(e / (e + 1)) == "e/(1 + e)"
    assert exact_text(e * e.inverse()) == "1"
    assert exact_text(Exact.of(-2).exp() * 3) == "3·exp(−2)"
