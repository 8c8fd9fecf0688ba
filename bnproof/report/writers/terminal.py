"""Documents as text for a terminal of a given width."""

from __future__ import annotations

import re
import textwrap
import unicodedata

from ..document import (
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

_LABEL = 14
"""Columns for the label of a two-column table."""
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
        case Paragraph(prose) if all(isinstance(piece, Link) or piece == Text(" · ") for piece in prose):
            return ""  # a bar of links to pages leads nowhere in a terminal
        case Paragraph(prose):
            return wrapped(_prose(prose), width)
        case Bullets(items, numbered):
            marks = [f"{k}. " if numbered else "• " for k in range(1, len(items) + 1)]
            return "\n".join(wrapped(_prose(item), width, mark) for mark, item in zip(marks, items, strict=True))
        case Derivation(rows):
            return "\n".join(_row(row, width) for row in rows)
        case Table(header, rows) if len(header) > 2:
            return "\n".join(_record(row, width) for row in rows)
        case Table(_, rows):
            return "\n".join(_pair(row, width) for row in rows)
        case Picture():
            return ""


def _underlined(words: str, line: str, width: int) -> str:
    shown = wrapped(words, width)
    return f"{shown}\n{line * max(map(columns, shown.splitlines()))}"


def wrapped(words: str, width: int, mark: str = "", indent: str | None = None) -> str:
    """Words wrapped to the width; formulas are kept whole where they fit on a line."""
    blank = " " * len(mark) if indent is None else indent
    lines = textwrap.wrap(
        _glued(words, width - len(blank)),
        width,
        initial_indent=mark,
        subsequent_indent=blank,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines).replace(GLUE, " ")


def _glued(words: str, room: int) -> str:
    """Words in which short brackets of formulas hold together, so that lines break outside of them."""

    def whole(match: re.Match[str]) -> str:
        return match[0].replace(" ", GLUE) if len(match[0]) <= min(26, room) else match[0]

    return re.sub(r"[(\[][^()\[\]]*[)\]]", whole, words)


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


def _pair(cells: tuple[Prose, ...], width: int) -> str:
    """A label and its meaning; a long label gets a line of its own."""
    label, meaning = (_prose(cell) for cell in cells)
    mark = "  " + label.replace(GLUE, " ")
    if columns(mark) > _LABEL - 2:
        return mark + "\n" + wrapped(meaning, width, " " * _LABEL)
    return wrapped(meaning, width, mark + " " * (_LABEL - columns(mark)), " " * _LABEL)


def _record(cells: tuple[Prose, ...], width: int) -> str:
    """A row of a wide table: its first cell, and the others below it, one after the other."""
    first, *others = (_prose(cell) for cell in cells)
    return "\n".join([wrapped(first, width), *(wrapped(other, width, "    ") for other in others), ""])


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
        case Link(words, target):
            return f"{words} [{target}]" if "_" in target else words
