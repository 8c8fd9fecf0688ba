"""Pages bound into one document, for formats that keep many pages in one file: the whole book, a chapter, or a page alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ..theorems import registry
from ..theorems.prove import Proved
from ..theorems.registry import Chapter
from .document import Document, Heading, text
from .pages.theorem import page

BOOK = "book"


def book(pages: Iterable[Document]) -> Document:
    """All pages, the first of which is the index: chapters with their theorems last.

    The pages of theorems are known by their stems, their names.
    """
    index, *others = pages
    by_stem = {each.stem: each for each in others}
    about = [each for each in others if each.stem not in registry.names()]
    chapters = [bound(chapter, [by_stem[name] for name in chapter.names]) for chapter in registry.CHAPTERS]
    return replace(index, parts=(*about, *chapters))


def bound(chapter: Chapter, pages: Sequence[Document]) -> Document:
    """A chapter: its title, and its theorems' pages."""
    return Document(chapter_stem(chapter), (Heading(1, text(chapter.title)),), source="the theorems", parts=tuple(pages))


def chapter_document(chapter: Chapter, proved: Iterable[Proved]) -> Document:
    """A chapter from its proved theorems."""
    return bound(chapter, [page(each) for each in proved])


def chapter_stem(chapter: Chapter) -> str:
    """The name of a chapter in file names and links."""
    return chapter.folder


def illustrated(document: Document, figures: Mapping[Path, str | bytes]) -> Document:
    """The same with figures, by the names that its pages call them by."""
    return replace(document, pictures={path.name: content for path, content in figures.items()})
