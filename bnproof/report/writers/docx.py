"""Documents for word processors: editable, formulas as the processor's own, figures as PNG."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path, PurePosixPath
from typing import Any

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
from .extras import needed
from .layout import shares
from .pandoc import ast, pandoc
from .places import Places, together

Node = dict[str, Any]
_FORM = "docx"
_NOTHING: tuple[str, list[str], list[list[str]]] = ("", [], [])
_EPOCH = "315532800"
"""The date that the file carries, the earliest one that an archive can: 1980."""
_DPI = 200
_WIDTH = "15.5cm"


def docx(document: Document) -> bytes:
    """The page, or the pages bound into one. The same bytes for the same document."""
    with tempfile.TemporaryDirectory(prefix="bnproof-") as folder:
        writer = _Ast(document, Path(folder))
        title = {"t": "MetaInlines", "c": writer.prose(document.title)}
        blocks = [block for each in writer.body(document, 0) for block in each]
        content = ast(blocks, {"pagetitle": title})
        return pandoc(content, _FORM, "docx", "-o", "-", folder=Path(folder), environment={"SOURCE_DATE_EPOCH": _EPOCH})


def _png(svg: str | bytes, path: Path) -> None:
    """A figure as pixels: word processors show SVG only beside such a one."""
    typst: Any = needed("typst", _FORM)
    content = svg.encode() if isinstance(svg, str) else svg
    path.with_suffix(".svg").write_bytes(content)
    page = f'#set page(width: auto, height: auto, margin: 0pt, fill: white)\n#image("{path.stem}.svg")\n'
    source = path.with_suffix(".typ")
    source.write_text(page, encoding="utf-8")
    path.write_bytes(typst.compile(str(source), format="png", ppi=_DPI, root=str(path.parent), ignore_system_fonts=True))


class _Ast:
    """A document in pandoc's model: words are its strings, so that none of them is read as markup."""

    def __init__(self, document: Document, folder: Path) -> None:
        self.places = Places(document)
        self.pictures = document.pictures
        self.folder = folder
        self.deeper = 0
        self.stem = ""

    def body(self, document: Document, depth: int) -> list[list[Node]]:
        self.deeper, self.stem = depth, document.stem
        own = [self.block(block) for block in document.blocks]
        return [*own, *(each for part in document.parts for each in self.body(part, depth + 1))]

    def block(self, block: Block) -> list[Node]:
        match block:
            case Heading(level, prose):
                attributes = (self.stem if level == 1 else "", *_NOTHING[1:])
                return [{"t": "Header", "c": [level + self.deeper, attributes, self.prose(prose)]}]
            case Paragraph(prose):
                return [_node("Para", self.prose(prose))]
            case Bullets(items, numbered):
                listed = [[_node("Plain", self.prose(item))] for item in items]
                if numbered:
                    return [{"t": "OrderedList", "c": [[1, {"t": "Decimal"}, {"t": "Period"}], listed]}]
                return [_node("BulletList", listed)]
            case Derivation(rows):
                return [self.table((0.05, 0.57, 0.38), ((), (), ()), list(map(self.row, rows)))]
            case Table(header, rows):
                return [self.table(shares(header, rows), header, [list(map(self.prose, row)) for row in rows])]
            case Ledger(header, entries):
                short = len(header) - 1
                widths = (*(0.34 / short for _ in range(short)), 0.66)
                names = tuple((Text(name),) for name in header)
                return [self.table(widths, names, [[*map(self.prose, entry.cells), self.entry(entry)] for entry in entries])]
            case Picture(path, alt):
                return [self.picture(path, alt)]
            case Listing(program):
                return [{"t": "CodeBlock", "c": [("", ["python"], []), program]}]
            case Navigation():
                return []
            case Details(summary, inner):
                title = _node("Para", [_node("Strong", _words(f"{summary}."))])
                return [title, *(node for each in inner for node in self.block(each))]

    def row(self, row: Row) -> list[list[Node]]:
        shown = _formula(rf"\displaystyle {row.math.latex}") if isinstance(row.math, Math) else self.prose((row.math,))
        return [_words(row.relation), [shown] if isinstance(shown, dict) else shown, self.prose(row.reason)]

    def entry(self, entry: Entry) -> list[Node]:
        found = self.prose(entry.words)
        for label, said in entry.notes:
            found += [{"t": "LineBreak"}, _node("Strong", _words(f"{label}:")), {"t": "Space"}, *self.prose(said)]
        return found

    def table(self, widths: tuple[float, ...], header: tuple[Prose, ...], rows: list[list[list[Node]]]) -> Node:
        columns = [[{"t": "AlignLeft"}, {"t": "ColWidth", "c": width}] for width in widths]
        names = [_line([[_node("Strong", self.prose(cell))] if cell else [] for cell in header])] if any(header) else []
        body = [[_NOTHING, 0, [], [_line(row) for row in rows]]]
        caption: list[Any] = [None, []]
        return {"t": "Table", "c": [_NOTHING, caption, columns, [_NOTHING, names], body, [_NOTHING, []]]}

    def picture(self, path: str, alt: str) -> Node:
        name = PurePosixPath(path).name
        found = self.pictures.get(name)
        if found is None:
            return _node("Para", [_node("Emph", _words(f"Figure: {alt}"))])
        file = self.folder / f"{PurePosixPath(name).stem}.png"
        if not file.exists():
            _png(found, file)
        attributes = ("", [], [["width", _WIDTH]])
        return _node("Para", [{"t": "Image", "c": [attributes, _words(alt), [file.name, ""]]}])

    def prose(self, prose: Prose) -> list[Node]:
        return [node for piece in prose for node in self.inline(piece)]

    def inline(self, piece: Inline) -> list[Node]:
        match piece:
            case Text(words):
                return _words(words)
            case Strong(words):
                return [_node("Strong", _words(words))]
            case Code(words):
                return [{"t": "Code", "c": [_NOTHING, words]}]
            case Math(latex):
                return [_formula(latex)]
            case Cite(theorem):
                return self.link(_words(theorem), theorem)
            case Ruled(ruling):
                return [_node("Strong", _words(ruling))]
            case Link(words, target):
                return self.link(_words(words), target)

    def link(self, shown: list[Node], target: str) -> list[Node]:
        where = self.places.of(target)
        return [{"t": "Link", "c": [_NOTHING, shown, [where, ""]]}] if where else shown


def _words(words: str) -> list[Node]:
    return [{"t": "Str", "c": together(words)}] if words else []


def _formula(latex: str) -> Node:
    """A formula; a mean's bar as a line over its letter, for LibreOffice shows the accent as an acute."""
    return {"t": "Math", "c": [{"t": "InlineMath"}, re.sub(r"\\bar(?![A-Za-z])", r"\\overline", latex)]}


def _node(kind: str, content: object) -> Node:
    return {"t": kind, "c": content}


def _line(cells: list[list[Node]]) -> list[Any]:
    plain = {"t": "AlignDefault"}
    return [_NOTHING, [[_NOTHING, plain, 1, 1, [_node("Plain", cell)] if cell else []] for cell in cells]]
