"""What a writer sees: a document of a few kinds of blocks, with mathematics carried as terms' own renderings."""

from __future__ import annotations

from dataclasses import dataclass


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
    """A link to another page (by its file stem) or a file."""

    text: str
    target: str


Inline = Text | Strong | Code | Math | Link
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


@dataclass(frozen=True)
class Row:
    """One line of a derivation: a relation (empty on the first line), one expression, one reason."""

    relation: str
    math: Math
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
class Picture:
    """A figure by relative path, with alternative text."""

    path: str
    alt: str


Block = Heading | Paragraph | Bullets | Derivation | Table | Picture


@dataclass(frozen=True)
class Document:
    """A page: a file stem and its blocks."""

    stem: str
    blocks: tuple[Block, ...]


def text(words: str) -> Prose:
    """Prose of one plain piece."""
    return (Text(words),)
