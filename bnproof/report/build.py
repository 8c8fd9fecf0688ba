"""Everything a report writes: pages in one format, and the figures, as file contents by relative path."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from ..theorems.prove import Proved
from .blackboard import blackboard
from .claims import claims_document
from .derivation import page
from .document import Document
from .glossary import glossary_document
from .index import index_document
from .json import claims_json, theorem_json
from .markdown import markdown
from .normalisations import normalisations
from .tex import tex

Format = Literal["md", "tex", "json"]
MEASURED = Path(__file__).resolve().parents[2] / "benchmarks" / "results" / "bias_gradient.json"
"""The committed measurements that the second figure shows; present in a checkout."""


def documents(proved: Sequence[Proved]) -> list[Document]:
    """The pages, the index first."""
    return [
        index_document(proved),
        blackboard(),
        claims_document(),
        normalisations(),
        glossary_document(),
        *map(page, proved),
    ]


def pages(proved: Sequence[Proved], form: Format) -> dict[Path, str]:
    """The pages' files. In JSON: one file a theorem, and the claims."""
    if form == "json":
        files = {f"{p.theorem.name}.json": {**_HEAD, **theorem_json(p)} for p in proved}
        files["claims.json"] = {**_HEAD, **claims_json()}
        return {
            Path("derivations", name): json.dumps(value, indent=2, ensure_ascii=False) + "\n" for name, value in files.items()
        }
    writer = markdown if form == "md" else tex
    return {Path("derivations", f"{d.stem}.{form}"): writer(d) for d in documents(proved)}


def figures(measured: Sequence[Mapping[str, object]]) -> dict[Path, str]:
    """The figures' files; `measured` are rows as recorded by ``benchmarks/bias_gradient.py``."""
    from ..plots.bias_gradient_against_bound import bias_gradient_against_bound
    from ..plots.output_against_bias import output_against_bias

    return {
        Path("figures", "output_against_bias.svg"): output_against_bias(),
        Path("figures", "bias_gradient_against_bound.svg"): bias_gradient_against_bound(measured),
    }


def committed_measurements() -> list[dict[str, object]] | None:
    """The rows recorded in the repository, or None outside a checkout."""
    try:
        return json.loads(MEASURED.read_text(encoding="utf-8"))["rows"]
    except FileNotFoundError:
        return None


_HEAD: dict[str, object] = {"generator": "Written by bnproof report", "schema": 1}
