"""Every page a report writes, in one format, as file contents by relative path."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from ..theorems.prove import Proved
from .document import Document
from .json import claims_json, theorem_json
from .pages.blackboard import blackboard
from .pages.checks import CSV, checks_csv, checks_document
from .pages.claims import claims_document
from .pages.experiments import experiments_document
from .pages.glossary import glossary_document
from .pages.index import index_document
from .pages.normalisations import normalisations
from .pages.theorem import page
from .writers import JSON, writer


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


def pages(proved: Sequence[Proved], form: str) -> dict[Path, str | bytes]:
    """The pages' files in the format of a writer, or in JSON: one file a theorem, and the claims.

    Raises UnknownNameError for a format that is neither.
    """
    if form == JSON:
        files = {f"{p.theorem.name}.json": {**_HEAD, **theorem_json(p)} for p in proved}
        files["claims.json"] = {**_HEAD, **claims_json()}
        return {
            Path("derivations", name): json.dumps(value, indent=2, ensure_ascii=False) + "\n" for name, value in files.items()
        }
    chosen = writer(form)
    files = {Path("derivations", f"{d.stem}.{chosen.suffix}"): chosen.write(d) for d in documents(proved)}
    return {**files, Path("derivations", CSV): checks_csv()}


_HEAD: dict[str, object] = {"generator": "Written by bnproof report", "schema": 1}
