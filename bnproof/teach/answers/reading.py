'''A student's file to lines. The file is text: nothing in it is run, imported or evaluated.

Markdown: a line ``exercise: mean-moves``, then the chain, between two lines of three backticks or as it stands::

      mu_at(b)
    = mean(i, z[i] + b)   -- definition of the mean
    = mu_at(0) + b        -- a number that is the same for all

Python: ``exercise = "mean-moves"`` and ``chain = """…"""`` with the same text, or a list of pairs ``("expression", "reason")``.
Only these two assignments of literals may stand in it; it is read by `ast`.
'''

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ...errors import BnproofError

LONGEST_FILE = 100_000
"""Bytes of a file."""
MOST_LINES = 60
"""Steps of a chain."""
SUFFIXES = (".md", ".py")
_NAME = re.compile(r"^\W*exercise\W*[:=]\W*([\w-]+)\W*$", re.IGNORECASE)
_FENCE = re.compile(r"^\s*(```|~~~)")
_SEPARATOR = re.compile(r"(?:^|\s)(?:--|—|#)(?:\s|$)")
_RELATION = re.compile(r"^(==?|!=|<=?|>=?|[≠≤≥])\s*")


class AnswerError(BnproofError):
    """An answer that cannot be read. The message names the line, quotes it and says what to write."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message if line is None else f"line {line}: {message}")
        self.line = line


@dataclass(frozen=True)
class Line:
    """One expression of a chain with its reason; the first has none, or need not.

    - number: in the file, from 1.
    """

    number: int
    expression: str
    reason: str


@dataclass(frozen=True)
class Answer:
    """A chain, and the name of the exercise that it is for."""

    exercise: str
    lines: tuple[Line, ...]


def read_answer(path: Path) -> Answer:
    """Read a file. Raises AnswerError where it is none, too large, no text, or not written as described above."""
    if path.suffix.lower() not in SUFFIXES:
        raise AnswerError(f"`{path}` is neither Markdown nor Python: an answer is a file ending in {' or '.join(SUFFIXES)}")
    try:
        if not path.is_file():
            raise AnswerError(f"there is no file `{path}`")
        with path.open("rb") as file:
            raw = file.read(LONGEST_FILE + 1)
    except (OSError, ValueError) as error:
        raise AnswerError(f"cannot read `{path}`: {error}") from error
    if len(raw) > LONGEST_FILE:
        raise AnswerError(f"`{path}` holds more than {LONGEST_FILE:,} bytes: an answer is one chain, a page at most")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise AnswerError("this is no text in UTF-8: save the file as UTF-8", line) from error
    if "\0" in text:
        raise AnswerError("a zero byte: this is no text", text[: text.index("\0")].count("\n") + 1)
    return read_python(text) if path.suffix.lower() == ".py" else read_markdown(text)


def read_markdown(text: str) -> Answer:
    """Read Markdown, or plain text. Raises AnswerError."""
    rows = [(number, row.rstrip()) for number, row in enumerate(text.splitlines(), 1)]
    named = [(number, found[1]) for number, row in rows if (found := _NAME.match(row))]
    if not named:
        raise AnswerError(
            "no line says which exercise this is: write `exercise: NAME` before the chain; the names: bnproof teach proofs"
        )
    if len(named) > 1:
        raise AnswerError("a second exercise; write one answer a file", named[1][0])
    fences = [number for number, row in rows if _FENCE.match(row) and number > named[0][0]]
    if len(fences) > 2:
        raise AnswerError("a second block; an answer is one chain, between two lines of three backticks", fences[2])
    if len(fences) == 1:
        raise AnswerError("the block that begins here has no end: close it with a line of three backticks", fences[0])
    first, last = fences or (named[0][0], len(rows) + 1)
    return Answer(named[0][1], _chain([row for row in rows if first < row[0] < last], last))


def read_python(text: str) -> Answer:
    """Read Python source by `ast`. Raises AnswerError for anything but the two assignments."""
    try:
        body = ast.parse(text).body
    except SyntaxError as error:
        raise AnswerError(f"this is no Python: {error.msg}", error.lineno) from error
    except (RecursionError, MemoryError, ValueError) as error:
        raise AnswerError("this Python is nested too deeply to be read: an answer is two assignments of text") from error
    found: dict[str, ast.expr] = {}
    for place, statement in enumerate(body):
        match statement:
            case ast.Expr(value=ast.Constant(value=str())) if not place:  # a docstring
                continue
            case ast.Assign(targets=[ast.Name(id="exercise" | "chain" as name)], value=value):
                if name in found:
                    raise AnswerError(f"`{name}` is given a second time", statement.lineno)
                found[name] = value
            case _:
                raise AnswerError(
                    f"`{_quoted(text, statement)}` is code, and nothing in an answer is run: write only "
                    '`exercise = "NAME"` and `chain = """…"""`',
                    statement.lineno,
                )
    for name in ("exercise", "chain"):
        if name not in found:
            raise AnswerError(f'there is no `{name} = "…"`: an answer has `exercise = "NAME"` and `chain = """…"""`')
    return Answer(_text(found["exercise"], text), _python_chain(found["chain"], text))


def _python_chain(node: ast.expr, source: str) -> tuple[Line, ...]:
    if not isinstance(node, ast.List | ast.Tuple):
        value = _text(node, source)
        rows = list(enumerate(value.split("\n"), node.lineno))
        if rows[-1][0] != (node.end_lineno or node.lineno):
            raise AnswerError("write the chain as one text between three quotes, without \\ in it", node.lineno)
        return _chain([(number, row.rstrip()) for number, row in rows], rows[-1][0])
    lines: list[Line] = []
    for pair in node.elts:
        if not isinstance(pair, ast.Tuple | ast.List) or len(pair.elts) != 2:
            raise AnswerError(f'`{_quoted(source, pair)}` is no pair ("expression", "reason")', pair.lineno)
        expression, reason = (_text(part, source).strip() for part in pair.elts)
        lines.append(Line(pair.lineno, _RELATION.sub("", expression) if lines else expression, reason))
    return _complete(lines, node.lineno)


def _text(node: ast.expr, source: str) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    raise AnswerError(f"`{_quoted(source, node)}` is no text between quotes, and nothing in an answer is run", node.lineno)


def _quoted(source: str, node: ast.stmt | ast.expr) -> str:
    """The first line of a piece of source, cut."""
    rows = source.splitlines()
    row = rows[node.lineno - 1] if node.lineno <= len(rows) else ""
    piece = row.encode()[node.col_offset :].decode(errors="ignore").strip()
    return piece if len(piece) <= 60 else f"{piece[:60]}…"


def _chain(rows: list[tuple[int, str]], end: int) -> tuple[Line, ...]:
    """Lines of text to steps: a step begins with ``=``, other lines go on with what stands before them."""
    lines: list[Line] = []
    for number, row in _joined(rows):
        relation = _RELATION.match(row)
        if relation and relation[1] not in ("=", "=="):
            raise AnswerError(f"`{row}` begins with {relation[1]}: a chain here is one of equalities, so write =", number)
        if relation and not lines:
            raise AnswerError(f"`{row}` begins with =, but the chain begins with an expression alone", number)
        parts = _SEPARATOR.split(row[relation.end() :] if relation else row)
        if len(parts) > 2:
            raise AnswerError(f"`{row}` has two reasons: write one, behind --", number)
        expression, reason = (*(part.strip() for part in parts), "")[:2]
        if not expression:
            raise AnswerError(f"`{row}` has no expression", number)
        lines.append(Line(number, expression, reason))
    return _complete(lines, end)


def _joined(rows: list[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Each step as one row, with the number of its first line."""
    begun: tuple[int, str] | None = None
    for number, row in rows:
        bare = row.strip()
        if not bare:
            continue
        if begun is not None and not _RELATION.match(bare):
            begun = begun[0], f"{begun[1]} {bare}"
            continue
        if begun is not None:
            yield begun
        begun = number, bare
    if begun is not None:
        yield begun


def _complete(lines: list[Line], end: int) -> tuple[Line, ...]:
    """The lines, if they are a chain with a reason for every step."""
    if len(lines) < 2:
        raise AnswerError("a chain has a first expression and at least one line `= expression -- reason`", end)
    if len(lines) > MOST_LINES:
        raise AnswerError(f"more than {MOST_LINES} lines: shorten the chain", lines[MOST_LINES].number)
    for line in lines[1:]:
        if not line.reason:
            raise AnswerError(f"`{line.expression}` has no reason: write `= expression -- reason`", line.number)
    return tuple(lines)
