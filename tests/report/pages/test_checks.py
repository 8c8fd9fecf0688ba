"""The page of checks shows ten rows that tell something; its CSV file holds every measurement."""

from __future__ import annotations

import csv
from collections import Counter
from typing import Any

import pytest

from bnproof.numeric.recorded import recorded
from bnproof.report.document import Details, Table, Text
from bnproof.report.files import SIGNATURE
from bnproof.report.measurements import COLUMNS
from bnproof.report.pages.checks import checks_csv, checks_document, telling

ROWS: list[dict[str, Any]] = recorded("check")["cases"]


def test_the_file_holds_every_measurement() -> None:
    written = checks_csv()
    assert SIGNATURE in written[:1024]
    lines = [line for line in written.splitlines() if not line.startswith("#")]
    read = list(csv.DictReader(lines))
    assert len(read) == len(ROWS)
    assert tuple(read[0]) == COLUMNS
    for row, found in zip(ROWS, read, strict=True):
        assert (found["case"], found["bias"], found["obstacle"]) == (row["case"], row["bias"], row["obstacle"])
        assert float(found["bound"]) == pytest.approx(float(row["bound"]), rel=1e-5)


def test_the_rows_shown_are_the_extremes() -> None:
    shown = list(telling(ROWS))
    assert len(shown) == 10
    for words, row in shown:
        assert row["outcome"] == "as proved"
        assert not row["reference"]  # a distance from what is right is no zero
        same = [
            r
            for r in ROWS
            if r["outcome"] == "as proved"
            and (r["dtype"], r["expected"]) == (row["dtype"], row["expected"])
            and not r["reference"]
        ]
        if words.startswith("tightest"):
            assert row["ratio"] == max(r["ratio"] for r in same)
        elif words.startswith("weakest"):
            assert row["ratio"] == min(r["ratio"] for r in same)
        else:
            assert row["count"] == max(r["count"] for r in ROWS)


def test_what_cannot_be_told_is_named() -> None:
    (named,) = (block for block in checks_document().blocks if isinstance(block, Details))
    counted: Counter[str] = Counter()
    for row in (row for block in named.blocks if isinstance(block, Table) for row in block.rows):
        counted[_words(row[:3])] += int(_words(row[3:]))
    untold = (r for r in ROWS if r["outcome"] == "cannot tell")
    assert counted == Counter(" ".join((r["case"], r["bias"] or "the whole chain", r["dtype"])) for r in untold)


def _words(cells: tuple[tuple[Any, ...], ...]) -> str:
    return " ".join("".join(piece.text for piece in cell) for cell in cells)


def test_two_rows_of_one_case_differ_by_their_bias() -> None:
    tables = [block for block in checks_document().blocks if isinstance(block, Table)]
    labels = [_words(row[1:5]) for row in tables[0].rows]
    assert len(set(labels)) == len(labels)
    assert (Text("bias"),) in tables[0].header
