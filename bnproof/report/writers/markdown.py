"""Documents as Markdown that code hosts render, mathematics included.

Inline mathematics is written as dollar, backtick, LaTeX, backtick, dollar, which both large code hosts read and which
Markdown cannot damage (underscores, asterisks, pipes).
"""

from __future__ import annotations

import re
from html import escape

from ..document import (
    SIGNS_IN_LATEX,
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

_SPECIAL = str.maketrans({c: f"\\{c}" for c in "\\`*_{}[]<>#|$"})


def markdown(document: Document) -> str:
    """The page as Markdown text, ending in a newline."""
    return "\n\n".join([f"<!-- {document.mark} -->", *map(Markdown().block, document.blocks)]) + "\n"


class Markdown:
    """How pages of one kind are written: what stands around a formula, and the suffix of the pages that links lead to."""

    def __init__(self, opening: str = "$`", closing: str = "`$", suffix: str = "md") -> None:
        self.opening = opening
        self.closing = closing
        self.suffix = suffix

    def block(self, block: Block) -> str:
        """One block, without the empty line behind it."""
        match block:
            case Heading(level, prose):
                return "#" * level + " " + self._prose(prose)
            case Paragraph(prose):
                return self._prose(prose)
            case Bullets(items, numbered):
                marks = [f"{k}." if numbered else "-" for k in range(1, len(items) + 1)]
                return "\n".join(f"{mark} {self._prose(item)}" for mark, item in zip(marks, items, strict=True))
            case Derivation(rows):
                return "\n".join(["| | | because |", "|--:|:--|:--|", *map(self._row, rows)])
            case Table(header, rows):
                lines = [self._cells(header), "|" + "|".join(":--" for _ in header) + "|", *map(self._cells, rows)]
                return "\n".join(lines)
            case Ledger(header, entries):
                lines = [self._cells(tuple((Text(name),) for name in header)), "|" + "|".join(":--" for _ in header) + "|"]
                return "\n".join([*lines, *map(self._entry, entries)])
            case Picture(path, alt):
                return f"![{alt.translate(_SPECIAL)}]({path})"
            case Listing(program):
                return f"```python\n{program}\n```"
            case Navigation(links):
                return " · ".join(map(self._inline, links))
            case Details(summary, blocks):
                head = f"<details>\n<summary>{escape(summary)}</summary>"
                return "\n\n".join([head, *map(self.block, blocks), "</details>"])

    def _entry(self, entry: Entry) -> str:
        notes = [f"{label}: {self._prose(said)}".translate({10: " "}) for label, said in entry.notes]
        return "| " + " | ".join([*map(self._prose, entry.cells), "<br>".join([self._prose(entry.words), *notes])]) + " |"

    def _row(self, row: Row) -> str:
        relation = f"{self.opening}{SIGNS_IN_LATEX[row.relation]}{self.closing}" if row.relation else ""
        shown = (
            f"{self.opening}\\displaystyle {row.math.latex}{self.closing}"
            if isinstance(row.math, Math)
            else self._inline(row.math)
        )
        return f"| {relation} | {shown} | {self._prose(row.reason)} |"

    def _cells(self, cells: tuple[Prose, ...]) -> str:
        return "| " + " | ".join(map(self._prose, cells)) + " |"

    def _prose(self, prose: Prose) -> str:
        return "".join(map(self._inline, prose)).strip()

    def _inline(self, piece: Inline) -> str:
        match piece:
            case Text(words):
                return words.translate(_SPECIAL)
            case Strong(words):
                trailing = " " if words.endswith(" ") else ""
                return f"**{words.strip().translate(_SPECIAL)}**{trailing}"
            case Code(words):
                return _code(words)
            case Math(latex, _):
                return f"{self.opening}{latex}{self.closing}"
            case Cite(theorem):
                return f"[{theorem.translate(_SPECIAL)}]({theorem}.{self.suffix})"
            case Ruled(ruling):
                return f"**{ruling}**"
            case Link(words, target):
                return (
                    f"[{words.translate(_SPECIAL)}]({target if '.' in target or '/' in target else f'{target}.{self.suffix}'})"
                )


def _code(words: str) -> str:
    """Code between more backticks than it holds itself in a row."""
    longest = max(map(len, re.findall("`+", words)), default=0)
    blank = " " if longest else ""
    return "`" * (longest + 1) + blank + words + blank + "`" * (longest + 1)
