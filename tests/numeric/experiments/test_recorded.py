"""The recorded results are those of the registered experiments, and page and figures come from them alone."""

from __future__ import annotations

from typing import Any

import pytest

from bnproof.numeric.experiments import REGISTRY
from bnproof.numeric.experiments.experiment import POINTS
from bnproof.numeric.recorded import recorded
from bnproof.plots.experiments import experiment_figure
from bnproof.report.document import Details, Heading, Paragraph, Picture, Table, Text
from bnproof.report.pages.experiments import experiments_document
from bnproof.theorems import registry

RECORDS: list[dict[str, Any]] = recorded("experiments")["experiments"]


def test_every_experiment_is_recorded_in_order() -> None:
    assert [record["name"] for record in RECORDS] == list(REGISTRY)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["name"])
def test_records_are_complete(record: dict[str, Any]) -> None:
    assert record["question"].endswith("?")
    assert record["sentence"].endswith(".")
    assert record["theorems"]
    assert set(record["theorems"]) <= set(registry.names())
    for series in record["series"]:
        assert 0 < len(series["x"]) == len(series["y"]) <= POINTS
        assert all(float(f"{value:.6g}") == value for key in ("x", "y", "low", "high") for value in series[key])
        assert not record["log_y"] or min(series["y"]) > 0
        assert not record["log_x"] or min(series["x"]) > 0


def test_page_shows_every_record() -> None:
    blocks = experiments_document().blocks
    pictures = [block.path for block in blocks if isinstance(block, Picture)]
    assert pictures == [f"../figures/experiment_{name}.svg" for name in REGISTRY]
    assert len([block for block in blocks if isinstance(block, Heading)]) == len(REGISTRY) + 1
    assert len([block for block in blocks if isinstance(block, Details)]) == len(REGISTRY)
    tables = [block for block in blocks if isinstance(block, Table)]
    assert [len(table.rows) for table in tables] == [len(record["table"]) for record in RECORDS if record["table"]]
    words = {piece.text for block in blocks if isinstance(block, Paragraph) for piece in block.prose if isinstance(piece, Text)}
    assert {record["sentence"] for record in RECORDS} <= words


def test_figures_show_the_values() -> None:
    record = RECORDS[-1]
    drawn = experiment_figure(record)
    assert isinstance(drawn, str)
    assert "bnproof report" in drawn[:1024]
    first, *others = record["series"]
    moved = {**record, "series": [{**first, "y": [2 * y for y in first["y"]]}, *others]}
    assert experiment_figure(moved) != drawn
