"""The experiments as a page, written from recorded values: nothing is measured while pages are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...numeric.experiments.experiment import shown
from ...numeric.recorded import recorded
from ...numeric.roundoff.precision import UNIT_ROUNDOFF
from ...theorems import registry
from ..document import (
    Block,
    Details,
    Document,
    Heading,
    Link,
    Navigation,
    Paragraph,
    Picture,
    Table,
    Text,
    joined,
    text,
)

STEM = "experiments"


def experiments_document() -> Document:
    """Each experiment's question, picture, finding, theorems and settings.

    Raises FileNotFoundError for an incomplete installation, UnknownNameError for a record that names an unknown theorem.
    """
    results: Mapping[str, Any] = recorded(STEM)
    packages = ", ".join(f"{name} {version}" for name, version in results["packages"].items())
    blocks: list[Block] = [
        Heading(1, text("Experiments: what floating point and training do")),
        Paragraph(
            text(
                "The theorems hold in exact arithmetic. These experiments show what is left of them in floating point, and what "
                "happens where their hypotheses fail. All are deterministic, run in seconds on a processor without an accelerator, "
                "and use small networks and a task that is drawn by the program itself: a finding here is no statement about "
                f"large networks. The letter u stands for the unit round-off, {shown(UNIT_ROUNDOFF['float32'])} in float32 and "
                f"{shown(UNIT_ROUNDOFF['float64'])} in float64; differences are called significant at the 5 % level."
            )
        ),
    ]
    for record in results["experiments"]:
        blocks += _section(record)
    blocks += [
        Paragraph(
            text(
                f"Measured on {results['date']} on {results['processor']}, {results['cores']} cores, Python {results['python']}, "
                f"{packages}. Round-off differs between processors and versions, and with it what grows from round-off: Adam's drift, the "
                "moment when two runs part. The other numbers do not."
            )
        ),
        Navigation((Link("All theorems", "README"), Link("Glossary", "glossary"))),
    ]
    return Document(STEM, tuple(blocks))


def _section(record: Mapping[str, Any]) -> list[Block]:
    links = (Text("Theory: "), *joined(((Link(registry.theorem(name).title, name),) for name in record["theorems"]), "; "))
    settings = tuple((text(name), text(str(value))) for name, value in record["settings"].items())
    return [
        Heading(2, text(record["question"])),
        Picture(f"../figures/experiment_{record['name']}.svg", record["question"]),
        Paragraph(text(record["sentence"])),
        *_table(record["table"]),
        Paragraph((*links, Text("."))),
        Details("Settings", (Table((text("setting"), text("value")), settings),)),
    ]


def _table(rows: Sequence[Mapping[str, str]]) -> list[Block]:
    if not rows:
        return []
    return [Table(tuple(map(text, rows[0])), tuple(tuple(map(text, row.values())) for row in rows))]
