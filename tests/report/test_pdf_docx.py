"""PDF through Typst, and documents for word processors: whole, the same each time, and words stay words."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bnproof.report.document import Document, Heading, Paragraph, Picture, Text, text
from bnproof.report.writers.docx import docx
from bnproof.report.writers.typst import pdf, quoted, typst
from tests.installed import installed

from .documents import HOSTILE, SVG, hostile, theorem_page

installed("pypandoc")
installed("typst")

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def test_pdf_is_the_same_each_time_and_carries_no_date() -> None:
    shown = pdf(theorem_page())
    assert shown.startswith(b"%PDF-")
    assert shown == pdf(theorem_page())
    assert not re.search(rb"/CreationDate \(D:20[12]", shown)


@pytest.mark.skipif(
    shutil.which("pdftotext") is None and not os.environ.get("CI"), reason="pdftotext (poppler-utils) is not installed"
)
def test_hostile_words_are_printed_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "x.pdf"
    path.write_bytes(pdf(Document("p", (Heading(1, text("T")), Paragraph((Text(HOSTILE),))))))
    done = subprocess.run(["pdftotext", "-raw", str(path), "-"], capture_output=True, text=True, check=True)
    shown = " ".join(done.stdout.split())
    for words in (
        "<script>alert(1)</script>",
        "$x$",
        "\\input{/etc/passwd}",
        "../../up",
        '#eval("1")',
        "`tick`",
        "\\write18{ls}",
    ):
        assert words in shown


def test_hostile_words_are_string_literals() -> None:
    source = typst(hostile())
    outside = re.sub(r'"(?:[^"\\]|\\.)*"', '""', source)
    for words in ("script", "passwd", "eval", "tick", "curly", "alert"):
        assert words not in outside
    assert pdf(hostile()).startswith(b"%PDF-")


@pytest.mark.parametrize("words", ['a"b', "a\\b", 'a\\"b', "line\nbreak", "#x", "\x00\x07"])
def test_a_literal_ends_where_it_should(words: str) -> None:
    assert re.fullmatch(r'"(?:[^"\\\n]|\\.)*"', quoted(words))


def test_docx_holds_words_formulas_and_figures() -> None:
    page = hostile()
    shown = docx(page)
    assert shown == docx(page)
    archive = zipfile.ZipFile(io.BytesIO(shown))
    assert archive.testzip() is None
    root = ElementTree.fromstring(archive.read("word/document.xml"))
    words = "".join(piece.text or "" for piece in root.iter(f"{W}t"))
    assert words.count(HOSTILE) >= 15
    pictures = [name for name in archive.namelist() if name.startswith("word/media/")]
    assert len(pictures) == 1
    assert archive.read(pictures[0]).startswith(b"\x89PNG")
    assert b"/tmp/" not in archive.read("word/document.xml")
    formulas = ElementTree.fromstring(zipfile.ZipFile(io.BytesIO(docx(theorem_page()))).read("word/document.xml"))
    assert sum(1 for _ in formulas.iter("{http://schemas.openxmlformats.org/officeDocument/2006/math}oMath")) > 20


def test_figures_are_carried_along_or_named() -> None:
    page = Document("p", (Heading(1, text("T")), Picture("../figures/f.svg", "what it shows")))
    assert 'emph("Figure: what it shows")' in typst(page)
    there = Document("p", page.blocks, pictures={"f.svg": SVG})
    assert "#picture(bytes(" in typst(there)
    assert len(pdf(there)) > len(pdf(Document("p", page.blocks[:1])))
