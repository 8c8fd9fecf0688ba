"""Documents as Typst, and through it as PDF: pages to hand out, with bookmarks, no date and no font of the machine's own."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from pathlib import PurePosixPath
from typing import Any

from ...errors import BnproofError
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
    plain_text,
)
from .extras import needed
from .pandoc import DISPLAYED, formulas, typst_math
from .places import Places, pages, together

_BESIDE = 46
"""An expression of at most so many letters leaves room for its reason beside it."""
_WHOLE, _WHOLE_TALL = 30, 60
"""A formula in running text of at most so many letters is not broken; one with fractions has half of them above the others."""
_FEW = 5
"""So many pages or fewer need no table of contents."""
_WIDE = 60
"""One of more letters may be too wide for the page, and is set smaller if it is."""


def pdf(document: Document) -> bytes:
    """The page, or the pages bound into one, as PDF: the same bytes for the same document."""
    tool: Any = needed("typst", "pdf")
    source = typst(document).encode()
    try:
        compiler = tool.Compiler(source, ignore_system_fonts=True)
        return bytes(compiler.compile(format="pdf", timestamp=0))
    except tool.TypstError as error:
        raise BnproofError(f"typst could not write pdf: {error.message}") from error


def typst(document: Document) -> str:
    """The page as a Typst program; all words in it are string literals, so that none of them is read as markup."""
    writer = _Typst(document)
    settings = f"#show: pages.with(title: {quoted(plain_text(document.title))}, mark: {quoted(document.mark)})\n"
    return _header() + settings + "\n".join(writer.body(document)) + "\n"


@cache
def _header() -> str:
    return (files(__name__.rpartition(".")[0]) / "assets" / "page.typ").read_text(encoding="utf-8")


def quoted(words: str) -> str:
    """A string literal. Control characters, which no page can show, become blanks."""
    shown = re.sub(r"[\x00-\x1f\x7f]+", " ", words).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{shown}"'


def _words(words: str) -> str:
    """Words in running text: the semicolon ends the literal, whatever follows."""
    return f"#{quoted(together(words))};"


class _Typst:
    def __init__(self, document: Document) -> None:
        self.math = typst_math(formulas(document))
        self.places = Places(document)
        self.pictures = document.pictures
        self.deeper = 0
        self.bound = bool(document.parts)

    def body(self, document: Document) -> list[str]:
        if not document.parts:
            return [self.blocks(document.blocks)]
        title, *others = document.blocks
        return [
            f"{self.block(title)}#label({quoted(document.stem)})",
            *["#contents"] * (pages(document) > _FEW),
            self.blocks(tuple(others)),
            *(self.part(part, 1, first=False) for part in document.parts),
        ]

    def part(self, part: Document, depth: int, first: bool) -> str:
        """A bound page, on a page of its own unless it opens a chapter."""
        self.deeper = depth
        title, *others = part.blocks
        shown = "" if first else "#pagebreak(weak: true)\n"
        shown += f"{self.block(title)}#label({quoted(part.stem)})\n{self.blocks(tuple(others))}"
        return "\n".join([shown, *(self.part(each, depth + 1, place == 0) for place, each in enumerate(part.parts))])

    def blocks(self, blocks: tuple[Block, ...]) -> str:
        return "\n".join(shown for shown in map(self.block, blocks) if shown)

    def block(self, block: Block) -> str:
        match block:
            case Heading(level, prose):
                listed = ", outlined: false, bookmarked: true" if self.bound and (level > 1 or not self.deeper) else ""
                return f"#heading(level: {level + self.deeper}{listed})[{self.prose(prose)}]"
            case Paragraph((Text("∎"),)):
                return "#qed"
            case Paragraph(prose):
                return f"\n{self.prose(prose)}\n"
            case Bullets(items, numbered):
                listed = ", ".join(f"[{self.prose(item)}]" for item in items)
                return f"#{'enum' if numbered else 'list'}({listed})"
            case Derivation(rows):
                return f"#derivation[{''.join(map(self.row, rows))}]"
            case Table(header, rows):
                columns = f"(auto,) * {len(header) - 1} + (1fr,)" if len(header) == 2 else f"(auto,) * {len(header)}"
                return self.table(columns, header, rows)
            case Ledger(header, entries):
                rows = tuple((*map(self.prose, entry.cells), self.entry(entry)) for entry in entries)
                names = [self.prose((Strong(name),)) for name in header]
                return self.cells(f"(auto,) * {len(header) - 1} + (1fr,)", names, rows)
            case Picture(path, alt):
                return self.picture(path, alt)
            case Listing(program):
                lines = program.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
                return f'#listing("{lines}")'
            case Navigation():
                return ""
            case Details(summary, inner):
                return f"#strong({quoted(summary + '.')})\n\n{self.blocks(inner)}"

    def row(self, row: Row) -> str:
        if isinstance(row.math, Math):
            shown, letters = (
                f"$ {self.math[row.math.latex].strip('$')} $",
                len(row.math.plain),
            )  # with blanks: a formula on a line of its own
        else:
            shown, letters = _words(row.math.text), len(row.math.text)
        place = "beside" if letters <= _BESIDE else "below" if letters <= _WIDE else "fitted"
        return f"#step({quoted(row.relation)}, {quoted(place)})[{shown}][{self.prose(row.reason)}]"

    def table(self, columns: str, header: tuple[Prose, ...], rows: tuple[tuple[Prose, ...], ...]) -> str:
        return self.cells(
            columns, [f"#strong[{self.prose(cell)}]" for cell in header], tuple(tuple(map(self.prose, row)) for row in rows)
        )

    def cells(self, columns: str, header: list[str], rows: tuple[tuple[str, ...], ...]) -> str:
        names = ", ".join(f"[{cell}]" for cell in header)
        lines = ",\n".join(", ".join(f"[{cell}]" for cell in row) for row in rows)
        return f"#ruled({columns}, table.header({names}),\n{lines})"

    def entry(self, entry: Entry) -> str:
        notes = "".join(f"#note({quoted(label)})[{self.prose(said)}]" for label, said in entry.notes)
        return self.prose(entry.words) + notes

    def picture(self, path: str, alt: str) -> str:
        found = self.pictures.get(PurePosixPath(path).name)
        if found is None:
            return f"#emph({quoted(f'Figure: {alt}')})"
        svg = found if isinstance(found, str) else found.decode()
        literal = svg.replace("\\", "\\\\").replace('"', '\\"')
        return f'#picture(bytes("{literal}"), {quoted(alt)})'

    def prose(self, prose: Prose) -> str:
        return "".join(map(self.inline, prose))

    def inline(self, piece: Inline) -> str:
        match piece:
            case Text(words):
                return _words(words)
            case Strong(words):
                return f"#strong({quoted(together(words))});"
            case Code(words):
                return f"#code({quoted(words)});"
            case Math(latex, plain):
                tall = latex.startswith(DISPLAYED)
                whole = len(plain) <= (_WHOLE_TALL if tall else _WHOLE)
                kind = ("tall" if tall else "kept") + ("" if whole else "-long")
                return self.math[latex] if kind == "kept-long" else f"#{kind}({self.math[latex]});"
            case Cite(theorem):
                return self.link(f"#code({quoted(theorem)});", theorem)
            case Ruled(ruling):
                return f"#ruling({quoted(ruling)});"
            case Link(words, target):
                return self.link(_words(words), target)

    def link(self, shown: str, target: str) -> str:
        where = self.places.of(target)
        if not where:
            return shown
        leads = f"label({quoted(where[1:])})" if where.startswith("#") else quoted(where)
        return f"#link({leads})[{shown}];"
