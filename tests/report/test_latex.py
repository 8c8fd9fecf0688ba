"""LaTeX pages compile, pictures and links included, and hostile words in them are words."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from bnproof.report.document import Document, Heading, Paragraph, Text, text
from bnproof.report.pages.claims import claims_document
from bnproof.report.pages.experiments import experiments_document
from bnproof.report.writers.tex import tex

from .documents import HOSTILE, hostile, theorem_page

LATEX = shutil.which("pdflatex")
if LATEX is None and not os.environ.get("CI"):
    pytest.skip("no LaTeX here: apt-get install texlive-latex-recommended lmodern", allow_module_level=True)


def compiled(document: Document, folder: Path) -> Path:
    """The PDF of a page in folder/derivations. Raises AssertionError with TeX's words."""
    pages = folder / "derivations"
    pages.mkdir(exist_ok=True)
    (pages / f"{document.stem}.tex").write_text(tex(document), encoding="utf-8")
    done = subprocess.run(
        [LATEX or "pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", f"{document.stem}.tex"],
        cwd=pages,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    assert done.returncode == 0, done.stdout[-1500:]
    return pages / f"{document.stem}.pdf"


def test_pages_compile(tmp_path: Path) -> None:
    for document in (theorem_page(), claims_document(), hostile()):
        assert compiled(document, tmp_path).read_bytes().startswith(b"%PDF-")


def test_pictures_are_in_them(tmp_path: Path) -> None:
    from bnproof.plots.gallery import figures

    without = compiled(experiments_document(), tmp_path).stat().st_size
    (tmp_path / "figures").mkdir()
    for path, content in figures("pdf").items():
        assert isinstance(content, bytes)
        (tmp_path / path).write_bytes(content)
    assert compiled(experiments_document(), tmp_path).stat().st_size > without + 50_000


def test_a_page_that_is_wrong_does_not_compile(tmp_path: Path) -> None:
    from bnproof.report.document import Math

    with pytest.raises(AssertionError, match="Undefined control sequence"):
        compiled(Document("p", (Paragraph((Math(r"\nonsense", "?"),)),)), tmp_path)


@pytest.mark.skipif(
    shutil.which("pdftotext") is None and not os.environ.get("CI"), reason="pdftotext (poppler-utils) is not installed"
)
def test_hostile_words_are_printed(tmp_path: Path) -> None:
    path = compiled(Document("p", (Heading(1, text("T")), Paragraph((Text(HOSTILE),)))), tmp_path)
    done = subprocess.run(["pdftotext", "-raw", str(path), "-"], capture_output=True, text=True, check=True)
    shown = " ".join(done.stdout.split())
    assert "root:" not in shown
    for words in ("<script>alert(1)</script>", "$x$", "\\input{/etc/passwd}", "../../up", "{curly} & % _u_ *s*"):
        assert words in shown
