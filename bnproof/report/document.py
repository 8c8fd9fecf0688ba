"""What a writer sees: a document of a few kinds of blocks, with mathematics carried as terms' own renderings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Text:
    """Plain words."""

    text: str


@dataclass(frozen=True)
class Strong:
    """Words that stand out."""

    text: str


@dataclass(frozen=True)
class Code:
    """A name or a command, verbatim."""

    text: str


@dataclass(frozen=True)
class Math:
    """A formula, rendered both ways from one term."""

    latex: str
    plain: str


@dataclass(frozen=True)
class Link:
    """A link to another page (by its file stem), a file or an address."""

    text: str
    target: str


@dataclass(frozen=True)
class Cite:
    """A theorem by its name, which a reader can look up."""

    theorem: str


@dataclass(frozen=True)
class Ruled:
    """The word of a verdict: it stands out, and a terminal may colour it by what it says."""

    ruling: str


Inline = Text | Strong | Code | Math | Link | Cite | Ruled
Prose = tuple[Inline, ...]


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 is the page's title."""

    level: int
    prose: Prose


@dataclass(frozen=True)
class Paragraph:
    """A paragraph."""

    prose: Prose


@dataclass(frozen=True)
class Bullets:
    """A list, numbered or not."""

    items: tuple[Prose, ...]
    numbered: bool = False


SIGNS_IN_LATEX = {"=": "=", "≠": r"\ne", "<": "<", "≤": r"\le", ">": ">", "≥": r"\ge", "→": r"\to"}
"""What may stand before an expression of a derivation, and how LaTeX writes it."""


@dataclass(frozen=True)
class Row:
    """One line of a derivation: a relation (empty on the first line), one expression, one reason.

    An expression about somebody's program, whose names are no mathematical symbols, is plain text.
    """

    relation: str
    math: Math | Text
    reason: Prose


@dataclass(frozen=True)
class Derivation:
    """A calculation, line by line."""

    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Table:
    """A table with a header."""

    header: tuple[Prose, ...]
    rows: tuple[tuple[Prose, ...], ...]


@dataclass(frozen=True)
class Entry:
    """One line of a ledger: short cells (empty: as above), words that take the room that is left, and labelled notes below."""

    cells: tuple[Prose, ...]
    words: Prose
    notes: tuple[tuple[str, Prose], ...] = ()


@dataclass(frozen=True)
class Ledger:
    """A table of short columns and one wide one; `header` names them all, `apart` asks for room between entries of many lines."""

    header: tuple[str, ...]
    entries: tuple[Entry, ...]
    apart: bool = False


@dataclass(frozen=True)
class Picture:
    """A figure by relative path, with alternative text. A writer that cannot show SVG takes the same figure in its own format."""

    path: str
    alt: str


@dataclass(frozen=True)
class Listing:
    """A program in Python, verbatim, to be copied."""

    program: str


@dataclass(frozen=True)
class Navigation:
    """Links to neighbouring pages; a medium without pages leaves them out."""

    links: tuple[Link, ...]


@dataclass(frozen=True)
class Details:
    """What is folded away until a reader asks for it, where the format can fold; a few plain words say what it is."""

    summary: str
    blocks: tuple[Block, ...]


Block = Heading | Paragraph | Bullets | Derivation | Table | Ledger | Picture | Listing | Navigation | Details


@dataclass(frozen=True)
class Document:
    """A page: a file stem and its blocks; `made` says which command writes it, and `source` what to edit instead of it.

    `parts` are pages bound into this one behind its own blocks, for formats that keep many pages in one file; `pictures` holds the
    figures by their names, for formats that carry them along; `program` does in Python what the page tells, for formats that can run it.
    """

    stem: str
    blocks: tuple[Block, ...]
    made: str = "bnproof report"
    source: str = "its source"
    parts: tuple[Document, ...] = ()
    pictures: Mapping[str, str | bytes] = field(default_factory=dict[str, str | bytes])
    program: str = ""

    @property
    def title(self) -> Prose:
        """The words of the first heading; the stem where there is none."""
        return next((block.prose for block in self.blocks if isinstance(block, Heading)), (Text(self.stem),))

    @property
    def mark(self) -> str:
        """The line that every written page carries: what wrote it, and what to edit instead."""
        return f"Written by `{self.made}`; edit {self.source}, not this page."


def coded(words: str) -> Prose:
    """Words in which backticks mark code."""
    return tuple(Code(part) if k % 2 else Text(part) for k, part in enumerate(words.split("`")) if part)


def text(words: str) -> Prose:
    """Prose of one plain piece."""
    return (Text(words),)


def joined(parts: Iterable[Prose], between: str, last: str | None = None) -> Prose:
    """The parts with words between them; `last` between the last two, if that is to be another."""
    pieces: list[Inline] = []
    whole = list(parts)
    for place, part in enumerate(whole):
        words = last if last is not None and place == len(whole) - 1 else between
        pieces += [Text(words)] * (place > 0) + [*part]
    return tuple(pieces)


def plain_text(prose: Prose) -> str:
    """Prose as words alone: formulas in their plain form, code in backticks, theorems in brackets."""
    shown: list[str] = []
    for piece in prose:
        match piece:
            case Math(_, plain):
                shown.append(plain)
            case Code(words):
                shown.append(f"`{words}`")
            case Cite(theorem):
                shown.append(f"[{theorem}]")
            case Text(words) | Strong(words) | Link(words, _) | Ruled(words):
                shown.append(words)
    return "".join(shown)


def every_block(document: Document) -> Iterator[Block]:
    """All blocks in reading order, those folded away and those of bound pages included."""
    yield from _unfolded(document.blocks)
    for part in document.parts:
        yield from every_block(part)


def _unfolded(blocks: Iterable[Block]) -> Iterator[Block]:
    for block in blocks:
        yield block
        if isinstance(block, Details):
            yield from _unfolded(block.blocks)


def inlines(document: Document) -> Iterator[Inline]:
    """Everything that stands in a line, in reading order, that of bound pages included."""
    for block in every_block(document):
        match block:
            case Heading(_, prose) | Paragraph(prose):
                yield from prose
            case Bullets(items):
                yield from (piece for item in items for piece in item)
            case Derivation(rows):
                yield from (piece for row in rows for piece in (row.math, *row.reason))
            case Table(header, rows):
                yield from (piece for cells in (header, *rows) for cell in cells for piece in cell)
            case Ledger(_, entries):
                for entry in entries:
                    told = (*entry.cells, entry.words, *(said for _, said in entry.notes))
                    yield from (piece for prose in told for piece in prose)
            case Navigation(links):
                yield from links
            case Picture() | Listing() | Details():
                pass
