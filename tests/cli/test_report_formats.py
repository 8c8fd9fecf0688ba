"""`bnproof report` in several formats, about the whole or a part of it; what is missing is said, and nothing is left half-written."""

from __future__ import annotations

import errno
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bnproof.cli.app import app
from bnproof.decide.checking import run as checks
from bnproof.errors import BnproofError, OutputError
from bnproof.numeric.checking.measurement import Measurement
from bnproof.report import selection
from bnproof.report.book import book
from bnproof.report.document import Document, Heading, Link, Paragraph, text
from bnproof.report.pages.claims import claims_document
from bnproof.report.pages.theorem import page
from bnproof.report.writers.html import html
from bnproof.report.writers.typst import pdf
from bnproof.theorems import registry
from bnproof.theorems.prove import Prover
from tests.installed import installed

T1 = "bias_cancels_of_batch_statistics"
EVERY = "md,html,pdf,tex,ipynb,docx,json"


def report(*args: object) -> Any:
    return CliRunner().invoke(app, ["report", *map(str, args)])


def written(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {".bnproof.json"}


@pytest.fixture
def with_docs() -> None:
    for module in ("pypandoc", "typst"):
        installed(module)


@pytest.mark.usefixtures("with_docs")
def test_one_theorem_in_every_format(tmp_path: Path) -> None:
    done = report("--out", tmp_path, "--format", EVERY, "--theorem", T1)
    assert done.exit_code == 0, done.output
    pages = {f"derivations/{T1}.{suffix}" for suffix in ("md", "tex", "ipynb", "json")}
    assert written(tmp_path) == pages | {f"{T1}.{suffix}" for suffix in ("html", "pdf", "docx")}
    assert done.stdout.split() == [str(tmp_path / name) for name in _ordered(done.stdout, tmp_path)]
    assert "](" not in (tmp_path / "derivations" / f"{T1}.md").read_text()  # no link to a page that is not there
    assert report("--out", tmp_path, "--format", EVERY, "--theorem", T1).exit_code == 0  # its own files, again


def _ordered(printed: str, folder: Path) -> list[str]:
    return [Path(line).relative_to(folder).as_posix() for line in printed.split()]


@pytest.mark.usefixtures("with_docs")
def test_one_chain(tmp_path: Path) -> None:
    done = report("--out", tmp_path, "--format", "md,html,json,ipynb", "--chain", "conv -> relu -> bn")
    assert done.exit_code == 0, done.output
    shown = (tmp_path / "conv-relu-bn.html").read_text()
    assert "Keep conv1.bias" in shown
    assert 'id="affine_cannot_replace_bias_of_relu_before_batchnorm"' in shown
    assert 'href="#affine_cannot_replace_bias_of_relu_before_batchnorm"' in shown
    answer = json.loads((tmp_path / "derivations" / "conv-relu-bn.json").read_text())
    assert answer["target"] == "conv -> relu -> bn"
    assert "1/2" in (tmp_path / "derivations" / "conv-relu-bn.md").read_text().replace(r"\frac{1}{2}", "1/2")
    cells = json.loads((tmp_path / "derivations" / "conv-relu-bn.ipynb").read_text())["cells"]
    assert "bnproof.prove('conv -> relu -> bn')" in "".join(cells[-1]["source"])


def test_a_chapter_and_the_claims(tmp_path: Path) -> None:
    assert report("--out", tmp_path, "--chapter", "Folding").exit_code == 0
    names = next(chapter.names for chapter in registry.CHAPTERS if chapter.folder == "folding")
    assert written(tmp_path) == {f"derivations/{name}.md" for name in names}
    assert report("--out", tmp_path, "--claims", "--format", "json").exit_code == 0
    assert json.loads((tmp_path / "derivations" / "claims.json").read_text())["claims"]


def test_a_run_of_the_checks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = Measurement("conv -> bn", "bias gradient", "float32", "cpu", 8, 1e-8, 1e-7, "below", bias="conv1.bias")
    bad = Measurement("conv -> bn", "bias gradient", "float32", "cpu", 8, 1e-6, 1e-7, "below", bias="conv1.bias")

    def runs(rows: list[Measurement]) -> Any:
        def run(_: object) -> Iterator[list[Measurement]]:
            return iter([rows])

        return run

    monkeypatch.setattr(checks, "run", runs([good]))
    assert report("--out", tmp_path, "--checks").exit_code == 0
    shown = tmp_path / "derivations" / "checks_run.md"
    assert "`conv1.bias`" in shown.read_text()
    assert "0.1" in shown.read_text()
    monkeypatch.setattr(checks, "run", runs([bad]))
    assert report("--out", tmp_path, "--checks").exit_code == 1
    assert "Failed" in shown.read_text()


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--format", "md,rtf"], "unknown format `rtf`"),
        (["--format", "text"], "unknown format `text`"),
        (["--format", ""], "unknown format ``"),
        (["--theorem", "nothing"], "there is no theorem `nothing`"),
        (["--chapter", "flding"], "did you mean folding?"),
        (["--chapter", "folding", "--claims"], "--chapter and --claims exclude each other"),
        (["--chain", "conv -> rellu"], "did you mean relu?"),
        (["--chain", "<script>alert(1)</script>"], "<script>"),
        (["--chain", "../../etc/passwd"], "../../etc/passwd"),
    ],
)
def test_what_cannot_be_done_is_said(tmp_path: Path, args: list[str], words: str) -> None:
    refused = report("--out", tmp_path / "out", *args)
    assert isinstance(refused.exception, BnproofError)
    assert words in str(refused.exception)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("form", "module"), [("html", "pypandoc"), ("pdf", "typst"), ("pdf", "pypandoc"), ("docx", "typst")])
def test_without_the_extra_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str, module: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    refused = report("--out", tmp_path, "--format", f"md,{form}", "--theorem", T1)
    assert isinstance(refused.exception, BnproofError)
    assert "pip install 'bnproof[docs]'" in str(refused.exception)
    assert form in str(refused.exception)
    assert written(tmp_path) == set()


def test_the_other_formats_need_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("pypandoc", "typst", "nbformat"):
        monkeypatch.setitem(sys.modules, module, None)
    assert report("--out", tmp_path, "--format", "md,tex,json,ipynb", "--theorem", T1).exit_code == 0
    assert len(written(tmp_path)) == 4


@pytest.mark.usefixtures("with_docs")
def test_pandoc_that_does_not_run_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pypandoc

    monkeypatch.setattr(pypandoc, "get_pandoc_path", lambda: "/nowhere/pandoc")
    refused = report("--out", tmp_path, "--format", "html", "--claims")
    assert isinstance(refused.exception, BnproofError)
    assert "needs pandoc" in str(refused.exception)
    assert written(tmp_path) == set()


@pytest.mark.usefixtures("with_docs")
@pytest.mark.parametrize("failure", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
def test_a_full_disk_or_an_interruption_leaves_no_half_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: BaseException
) -> None:
    import os

    real = os.fdopen

    class Half:
        """Writes half of a file and fails."""

        def __init__(self, handle: int) -> None:
            self.stream = real(handle, "wb")

        def __enter__(self) -> Half:
            return self

        def __exit__(self, *_: object) -> None:
            self.stream.close()

        def write(self, content: bytes) -> int:
            if len(content) < 50_000:  # the manifest is written
                return self.stream.write(content)
            self.stream.write(content[: len(content) // 2])
            raise failure

    def opened(handle: int, *args: Any, **kwargs: Any) -> Any:
        return Half(handle) if args == ("wb",) else real(handle, *args, **kwargs)

    monkeypatch.setattr("bnproof.report.files.os.fdopen", opened)
    done = report("--out", tmp_path, "--format", "html,pdf", "--theorem", T1)
    if isinstance(failure, OSError):
        assert isinstance(done.exception, OutputError)
        assert "No space left on device" in str(done.exception)
    else:
        assert done.exit_code == 130
    assert written(tmp_path) == set()


@pytest.mark.parametrize(
    "words",
    ["../../etc/passwd", "<script>", "$x$ \\input{y}", "", "con", "a/b\\c", "x" * 500, "conv -> bn\n", "é\x00"],
)
def test_no_words_lead_out_of_the_folder(words: str) -> None:
    stem = selection.file_stem(words)
    assert stem
    assert len(stem) <= 80
    assert set(stem) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert stem != "con"


@pytest.mark.usefixtures("with_docs")
def test_the_book(monkeypatch: pytest.MonkeyPatch) -> None:
    """One chapter stands for all: the others are as it is."""
    chapter = next(chapter for chapter in registry.CHAPTERS if chapter.folder == "folding")
    prover = Prover()
    proved = [page(prover.prove(registry.theorem(name))) for name in chapter.names]
    index = Document(
        "README", (Heading(1, text("All")), Paragraph((Link("the claims", "claims"), Link("a file", "checks.csv"))))
    )
    pages = [index, claims_document(), *proved]
    monkeypatch.setattr(registry, "CHAPTERS", (chapter,))
    bound = book(pages)
    assert [part.stem for part in bound.parts] == ["claims", "folding"]
    shown = html(bound)
    assert all(f'<article id="{name}">' in shown for name in (*chapter.names, "folding", "claims"))
    assert shown.count("<h1>") == 1
    assert '<a href="#claims">the claims</a>' in shown
    assert "checks.csv" not in shown
    assert pdf(bound).startswith(b"%PDF-")
