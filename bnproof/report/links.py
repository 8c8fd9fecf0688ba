"""Pages that are written without their neighbours: links to pages that are not there become words."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from .document import (
    Block,
    Bullets,
    Cite,
    Derivation,
    Details,
    Document,
    Entry,
    Heading,
    Inline,
    Ledger,
    Link,
    Listing,
    Navigation,
    Paragraph,
    Picture,
    Prose,
    Row,
    Table,
    Text,
)


def closed(document: Document, stems: Collection[str]) -> Document:
    """The same page, its links to pages other than `stems` and to files as words; public addresses stay."""
    cutter = _Cutter(stems)
    return replace(document, blocks=cutter.blocks(document.blocks))


class _Cutter:
    def __init__(self, stems: Collection[str]) -> None:
        self.stems = stems

    def blocks(self, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
        cut = map(self.block, blocks)
        return tuple(block for block in cut if not isinstance(block, Navigation) or block.links)

    def block(self, block: Block) -> Block:
        match block:
            case Heading(level, prose):
                return Heading(level, self.prose(prose))
            case Paragraph(prose):
                return Paragraph(self.prose(prose))
            case Bullets(items, numbered):
                return Bullets(tuple(map(self.prose, items)), numbered)
            case Derivation(rows):
                return Derivation(tuple(Row(row.relation, row.math, self.prose(row.reason)) for row in rows))
            case Table(header, rows):
                return Table(tuple(map(self.prose, header)), tuple(tuple(map(self.prose, row)) for row in rows))
            case Ledger():
                return replace(block, entries=tuple(map(self.entry, block.entries)))
            case Navigation(links):
                return Navigation(tuple(link for link in links if self.leads(link.target)))
            case Details(summary, inner):
                return Details(summary, self.blocks(inner))
            case Picture() | Listing():
                return block

    def entry(self, entry: Entry) -> Entry:
        notes = tuple((label, self.prose(said)) for label, said in entry.notes)
        return Entry(tuple(map(self.prose, entry.cells)), self.prose(entry.words), notes)

    def prose(self, prose: Prose) -> Prose:
        return tuple(map(self.inline, prose))

    def inline(self, piece: Inline) -> Inline:
        match piece:
            case Link(words, target) if not self.leads(target):
                return Text(words)
            case Cite(theorem) if theorem not in self.stems:
                return Text(theorem)
            case _:
                return piece

    def leads(self, target: str) -> bool:
        return target in self.stems or target.startswith(("https://", "http://"))
