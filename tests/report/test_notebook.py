"""Notebooks: valid, run from top to bottom, and words stay words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bnproof.report.writers.notebook import notebook
from tests.installed import installed

from .documents import HOSTILE, T1, hostile, theorem_page

nbformat: Any = installed("nbformat")


def test_they_are_valid_and_the_same_each_time() -> None:
    for page in (theorem_page(), hostile()):
        shown = notebook(page)
        assert shown == notebook(page)
        nbformat.validate(nbformat.reads(shown, as_version=4))
        ids = [cell["id"] for cell in json.loads(shown)["cells"]]
        assert len(set(ids)) == len(ids)
        assert "Written by" in shown[:1024]


def test_a_notebook_that_is_not_valid_is_found() -> None:
    broken = json.loads(notebook(theorem_page()))
    broken["cells"][0]["cell_type"] = "nonsense"
    with pytest.raises(nbformat.ValidationError):
        nbformat.validate(broken)


def test_formulas_stand_between_dollars_and_hostile_words_do_not() -> None:
    cells = json.loads(notebook(theorem_page()))["cells"]
    words = "".join(line for cell in cells if cell["cell_type"] == "markdown" for line in cell["source"])
    assert "$\\displaystyle" in words
    assert "$`" not in words
    shown = "".join(
        line for cell in json.loads(notebook(hostile()))["cells"] if cell["cell_type"] == "markdown" for line in cell["source"]
    )
    assert "\\<script\\>" in shown
    assert "\\$x\\$" in shown


@pytest.mark.filterwarnings("ignore")  # Jupyter's own
def test_it_runs_from_top_to_bottom() -> None:
    nbclient: Any = installed("nbclient")
    installed("ipykernel")
    found = nbformat.reads(notebook(theorem_page()), as_version=4)
    assert sum(cell.cell_type == "code" for cell in found.cells) >= 2
    nbclient.NotebookClient(found, timeout=120, kernel_name="python3").execute()
    printed = "".join(out.get("text", "") for cell in found.cells if cell.cell_type == "code" for out in cell.outputs)
    assert "single checks passed" in printed
    assert T1 in "".join(cell.source for cell in found.cells)


@pytest.mark.filterwarnings("ignore")
def test_a_program_that_fails_is_noticed() -> None:
    nbclient: Any = installed("nbclient")
    from bnproof.report.document import Document, Heading, Listing, text

    found = nbformat.reads(notebook(Document("p", (Heading(1, text(HOSTILE)), Listing("raise ValueError(1)")))), as_version=4)
    with pytest.raises(nbclient.exceptions.CellExecutionError):
        nbclient.NotebookClient(found, timeout=60, kernel_name="python3").execute()
