"""Documents as text for a terminal of a given width."""

from __future__ import annotations

from textwrap import indent

from ..document import (
    Block,
    Bullets,
    Cite,
    Code,
    Derivation,
    Details,
    Document,
    Entry,
    Heading,
    Inline,
    Ledger,
    Link,
    Listing,
    Math,
    Navigation,
    Paragraph,
    Picture,
    Prose,
    Row,
    Ruled,
    Strong,
    Table,
    Text,
)
from .layout import GLUE, Paint, columns, plain, wrapped

_LABEL = 14
"""Columns for the label of a two-column table."""
_NAMES = 24
"""A ledger's first cell longer than this gets a line of its own."""
_NOTE = 13
"""Columns for the label of a note in a ledger."""


def terminal(document: Document, width: int = 80, paint: Paint = plain) -> str:
    """The page as text no wider than `width` columns (a formula or a name without a place to break excepted)."""
    writer = _Terminal(width, paint)
    return "\n\n".join(block for block in map(writer.block, document.blocks) if block) + "\n"


class _Terminal:
    def __init__(self, width: int, paint: Paint) -> None:
        self.width = width
        self.paint = paint

    def block(self, block: Block) -> str:
        match block:
            case Heading(1, prose):
                return self.underlined(self.prose(prose), "═")
            case Heading(_, prose):
                return self.underlined(self.prose(prose), "─")
            case Paragraph(prose):
                return wrapped(self.prose(prose), self.width)
            case Bullets(items, numbered):
                marks = [f"{k}. " if numbered else "• " for k in range(1, len(items) + 1)]
                return "\n".join(wrapped(self.prose(item), self.width, mark) for mark, item in zip(marks, items, strict=True))
            case Derivation(rows):
                return "\n".join(map(self.row, rows))
            case Table(header, rows) if len(header) > 2:
                return "\n".join(map(self.record, rows))
            case Table(_, rows):
                return "\n".join(map(self.pair, rows))
            case Ledger():
                return self.ledger(block)
            case Listing(program):
                return indent(program, "    ")
            case Picture() | Navigation():
                return ""
            case Details(summary, blocks):
                return "\n\n".join([wrapped(f"{summary}:", self.width), *map(self.block, blocks)])

    def underlined(self, words: str, line: str) -> str:
        shown = wrapped(words, self.width)
        return f"{shown}\n{line * max(map(columns, shown.splitlines()))}"

    def row(self, row: Row) -> str:
        head = f"  {row.relation or ' '} "
        formula = row.math.plain if isinstance(row.math, Math) else row.math.text
        reason = self.prose(row.reason)
        if not reason:
            return wrapped(formula, self.width, head, " " * 8)
        column = self.width * 9 // 16
        used = columns(head + formula)
        if used < column and columns(reason) <= self.width - column:
            return head + formula + " " * (column - used) + reason.replace(GLUE, " ")
        return wrapped(formula, self.width, head, " " * 8) + "\n" + wrapped(reason, self.width, " " * 10 + "— ", " " * 12)

    def pair(self, cells: tuple[Prose, ...]) -> str:
        """A label and its meaning; a long label gets a line of its own."""
        label, meaning = map(self.prose, cells)
        mark = "  " + label.replace(GLUE, " ")
        if columns(mark) > _LABEL - 2:
            return mark + "\n" + wrapped(meaning, self.width, " " * _LABEL)
        return wrapped(meaning, self.width, mark + " " * (_LABEL - columns(mark)), " " * _LABEL)

    def record(self, cells: tuple[Prose, ...]) -> str:
        """A row of a wide table: its first cell, and the others below it, one after the other."""
        first, *others = map(self.prose, cells)
        return "\n".join([wrapped(first, self.width), *(wrapped(other, self.width, "    ") for other in others), ""])

    def ledger(self, ledger: Ledger) -> str:
        """Short columns side by side, the words behind them, notes below; long names get lines of their own."""
        shown = [[self.prose(cell) for cell in entry.cells] for entry in ledger.entries]
        widths = [max(map(columns, column)) for column in zip(*shown, strict=True)]
        apart = bool(widths) and widths[0] > min(_NAMES, self.width // 3)
        lines: list[str] = []
        for entry, cells in zip(ledger.entries, shown, strict=True):
            lines += [""] * (ledger.apart and bool(lines))
            rest, room = cells, widths
            if apart:
                lines += [cells[0]] * bool(cells[0])
                rest, room = cells[1:], widths[1:]
            head = "   " * apart + "".join(
                cell + " " * (most - columns(cell) + 2) for cell, most in zip(rest, room, strict=True)
            )
            lines += self.entry(entry, head)
        return "\n".join(lines)

    def entry(self, entry: Entry, head: str) -> list[str]:
        hang = min(columns(head), self.width // 2)
        words = self.prose(entry.words)
        lines = [wrapped(words, self.width, head, " " * hang).rstrip()] if words else [head.rstrip()]
        lines += [wrapped(self.prose(said), self.width, f"   {label:<{_NOTE - 3}}", " " * _NOTE) for label, said in entry.notes]
        return lines

    def prose(self, prose: Prose) -> str:
        return "".join(map(self.inline, prose))

    def inline(self, piece: Inline) -> str:
        match piece:
            case Text(words) | Code(words):
                return words
            case Strong(words):
                return self.paint(words, "strong")
            case Ruled(ruling):
                return self.paint(ruling, ruling)
            case Math(_, formula):
                return formula.replace(" ", GLUE) if len(formula) < 48 else formula
            case Link(words, target):
                return f"{words} [{target}]" if "_" in target else words
            case Cite(theorem):
                return f"[{theorem}]"
