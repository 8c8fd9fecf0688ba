"""`bnproof report`: one run as a user's, byte for byte what is committed; formats and refusals without the numeric checks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bnproof.cli.app import app
from bnproof.decide.checking import run as checks
from bnproof.errors import OutputError
from bnproof.theorems import registry
from bnproof.theorems.prove import Prover

ROOT = Path(__file__).resolve().parents[2]
T1 = "bias_cancels_of_batch_statistics"


def test_report(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bnproof", "report", "--out", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=400,
        env={**os.environ, "PYTHONWARNINGS": "error", "COLUMNS": "80"},
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert f"theorems proved          {len(registry.names())}" in done.stdout
    assert done.stdout.rstrip().endswith(f"Start here: {tmp_path / 'derivations' / 'README.md'}")
    for folder in ("derivations", "figures"):
        assert {path.name for path in (tmp_path / folder).iterdir()} == {path.name for path in (ROOT / folder).iterdir()}
        for path in (ROOT / folder).iterdir():
            assert (tmp_path / folder / path.name).read_bytes() == path.read_bytes(), path.name


@pytest.fixture(scope="module")
def proofs() -> dict[str, Any]:
    prover = Prover()
    return {name: prover.prove(registry.theorem(name)) for name in registry.names()}


@pytest.fixture
def report(proofs: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    """`bnproof report` in this process; proofs, numeric checks and figures, which a run of its own tests, are not repeated."""

    class Known:
        def prove(self, theorem: Any) -> Any:
            return proofs[theorem.name]

    def nothing(*_: object) -> Iterator[list[Any]]:
        return iter(())

    monkeypatch.setattr("bnproof.theorems.prove.Prover", Known)
    monkeypatch.setattr(checks, "run", nothing)

    def no_figures(form: str) -> dict[Path, str | bytes]:
        assert form in ("svg", "pdf")
        return {}

    monkeypatch.setattr("bnproof.plots.gallery.figures", no_figures)
    return lambda *args: CliRunner().invoke(app, ["report", *map(str, args)])


def test_a_foreign_file_is_not_overwritten(tmp_path: Path, report: Any) -> None:
    (tmp_path / "derivations").mkdir()
    mine = tmp_path / "derivations" / "README.md"
    mine.write_text("mine")
    assert report("--out", tmp_path, "--format", "json").exit_code == 0
    refused = report("--out", tmp_path)
    assert isinstance(refused.exception, OutputError)  # which `main` prints, and exits with 2
    assert "was not written by bnproof" in str(refused.exception)
    assert mine.read_text() == "mine"
    assert not (tmp_path / "derivations" / "glossary.md").exists()
    assert report("--out", tmp_path, "--force").exit_code == 0
    assert mine.read_text() != "mine"


def test_tex_pages_use_letters_that_latex_knows(tmp_path: Path, report: Any) -> None:
    assert report("--out", tmp_path, "--format", "tex").exit_code == 0
    pages = list((tmp_path / "derivations").glob("*.tex"))
    assert len(pages) > 50
    assert not {c for page in pages for c in page.read_text("utf-8") if ord(c) > 0x17F} - set("–—‘’“”")


def test_a_page_that_was_changed_since_is_not_overwritten(tmp_path: Path, report: Any) -> None:
    assert report("--out", tmp_path).exit_code == 0
    assert (tmp_path / ".bnproof.json").exists()
    assert report("--out", tmp_path).exit_code == 0
    page = tmp_path / "derivations" / "glossary.md"
    page.write_text(page.read_text() + "my note\n")
    refused = report("--out", tmp_path)
    assert isinstance(refused.exception, OutputError)
    assert "glossary.md was changed since bnproof wrote it" in str(refused.exception)
    assert page.read_text().endswith("my note\n")
    assert report("--out", tmp_path, "--force").exit_code == 0
    assert not page.read_text().endswith("my note\n")


def test_json_pages(tmp_path: Path, report: Any) -> None:
    assert report("--out", tmp_path, "--format", "json").exit_code == 0
    assert json.loads((tmp_path / "derivations" / f"{T1}.json").read_text())["schema"] == 1
    assert not list(tmp_path.rglob("*.md"))


def test_latex_pages(tmp_path: Path, report: Any) -> None:
    assert report("--out", tmp_path, "--format", "tex").exit_code == 0
    assert "\\documentclass" in (tmp_path / "derivations" / f"{T1}.tex").read_text()
