"""What a report writes, in one format, as file contents by relative path: every page, the book they make, or what was asked for alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath

from ..theorems.prove import Proved
from .book import BOOK, book, illustrated
from .document import Document, Picture, every_block
from .json import claims_json, theorem_json
from .links import closed
from .pages.blackboard import blackboard
from .pages.checks import CSV, checks_csv, checks_document
from .pages.claims import claims_document
from .pages.experiments import experiments_document
from .pages.glossary import glossary_document
from .pages.index import index_document
from .pages.normalisations import normalisations
from .pages.theorem import page
from .selection import Selection, stems
from .writers import JSON, writer

Figures = Mapping[Path, str | bytes]
FOLDER = "derivations"
"""Where the pages go; what binds them into one file stands beside it."""


def documents(proved: Sequence[Proved]) -> list[Document]:
    """The pages, the index first."""
    return [
        index_document(proved),
        blackboard(),
        claims_document(),
        normalisations(),
        checks_document(),
        experiments_document(),
        glossary_document(),
        *map(page, proved),
    ]


def pages(proved: Sequence[Proved], form: str, figures: Figures | None = None) -> dict[Path, str | bytes]:
    """The pages' files in the format of a writer, or in JSON: one file a theorem, and the claims.

    A format that binds pages makes one file of all, with these figures (in SVG) inside. Raises UnknownNameError for an unknown format.
    """
    if form == JSON:
        return _json({**{p.theorem.name: theorem_json(p) for p in proved}, "claims": claims_json()})
    chosen = writer(form)
    if chosen.binds:
        return {Path(f"{BOOK}.{chosen.suffix}"): chosen.write(illustrated(book(documents(proved)), figures or {}))}
    files = {Path(FOLDER, f"{d.stem}.{chosen.suffix}"): chosen.write(d) for d in documents(proved)}
    return {**files, Path(FOLDER, CSV): checks_csv()}


def selected(selection: Selection, form: str, figures: Figures | None = None) -> dict[Path, str | bytes]:
    """The files of what was asked for: one for a format that binds, otherwise one a page, without links to pages that are not there."""
    if form == JSON:
        return _json(selection.json)
    chosen = writer(form)
    document = selection.document
    if chosen.binds:
        return {Path(f"{document.stem}.{chosen.suffix}"): chosen.write(illustrated(document, figures or {}))}
    known = set(stems(document))
    return {
        Path(FOLDER, f"{each.stem}.{chosen.suffix}"): chosen.write(closed(each, known))
        for each in _pages(document)
        if len(each.blocks) > 1
    }


def pictured(document: Document) -> set[str]:
    """The names, without suffix, of the figures that a document and the pages it binds show."""
    return {PurePosixPath(block.path).stem for block in every_block(document) if isinstance(block, Picture)}


def _pages(document: Document) -> Iterable[Document]:
    yield document
    for part in document.parts:
        yield from _pages(part)


def _json(objects: Mapping[str, Mapping[str, object]]) -> dict[Path, str | bytes]:
    return {
        Path(FOLDER, f"{stem}.json"): json.dumps({**_HEAD, **value}, indent=2, ensure_ascii=False) + "\n"
        for stem, value in objects.items()
    }


_HEAD: dict[str, object] = {"generator": "Written by bnproof report", "schema": 1}
