"""Documents as text for a terminal of a given width."""

from __future__ import annotations

import textwrap
import unicodedata

from .document import (
    Block,
    Bullets,
    Code,
    Derivation,
    Document,
    Heading,
    Inline,
    Link,
    Math,
    Paragraph,
    Picture,
    Prose,
    Row,
    Strong,
    Table,
    Text,
)

GLUE = "\N{NO-BREAK SPACE}"


def terminal(document: Document, width: int = 80) -> str:
    """The page as text no wider than `width` columns (a formula without a place to break excepted)."""
    return "\n\n".join(block for block in (_block(b, width) for b in document.blocks) if block) + "\n"


def _block(block: Block, width: int) -> str:
    match block:
        case Heading(1, prose):
            return _underlined(_prose(prose), "═", width)
        case Heading(_, prose):
            return _underlined(_prose(prose), "─", width)
        case Paragraph(prose):
            return wrapped(_prose(prose), width)
        case Bullets(items, numbered):
            marks = [f"{k}. " if numbered else "• " for k in range(1, len(items) + 1)]
            return "\n".join(wrapped(_prose(item), width, mark) for mark, item in zip(marks, items, strict=True))
        case Derivation(rows):
            return "\n".join(_row(row, width) for row in rows)
        case Table(_, rows):
            return "\n".join(_cells(row, width) for row in rows)
        case Picture():
            return ""


def _underlined(words: str, line: str, width: int) -> str:
    shown = wrapped(words, width)
    return f"{shown}\n{line * max(map(columns, shown.splitlines()))}"


def wrapped(words: str, width: int, mark: str = "", indent: str | None = None) -> str:
    """Words wrapped to the width; formulas are kept whole where they fit on a line."""
    blank = " " * len(mark) if indent is None else indent
    lines = textwrap.wrap(
        words, width, initial_indent=mark, subsequent_indent=blank, break_long_words=False, break_on_hyphens=False
    )
    return "\n".join(lines).replace(GLUE, " ")


def columns(words: str) -> int:
    """How many terminal columns the words take: combining marks take none."""
    return sum(not unicodedata.combining(letter) for letter in words)


def _row(row: Row, width: int) -> str:
    head = f"  {row.relation or ' '} "
    formula = row.math.plain
    reason = _prose(row.reason)
    if not reason:
        return wrapped(formula, width, head, " " * 8)
    column = width * 9 // 16
    used = columns(head + formula)
    if used < column and columns(reason) <= width - column:
        return head + formula + " " * (column - used) + reason.replace(GLUE, " ")
    return wrapped(formula, width, head, " " * 8) + "\n" + wrapped(reason, width, " " * 10 + "— ", " " * 12)


def _cells(cells: tuple[Prose, ...], width: int) -> str:
    first, *others = map(_prose, cells)
    label = f"  {first.replace(GLUE, ' ')}"
    mark = label + " " * max(13 - columns(label), 0) + " "
    return wrapped("  ".join(others), width, mark, " " * 14)


def _prose(prose: Prose) -> str:
    return "".join(map(_inline, prose))


def _inline(piece: Inline) -> str:
    match piece:
        case Text(words) | Strong(words):
            return words
        case Code(words):
            return words
        case Math(_, plain):
            return plain.replace(" ", GLUE) if len(plain) < 48 else plain
        case Link(words, _):
            return words
