"""Every writer renders every kind of block, escapes what must be escaped, and keeps the mathematics whole."""

from __future__ import annotations

import io
import re
import sys
import zipfile
from itertools import pairwise
from typing import get_args

import pytest

from bnproof.cli.app import main
from bnproof.errors import NotationError
from bnproof.report.document import (
    Block,
    Bullets,
    Cite,
    Code,
    Derivation,
    Details,
    Document,
    Entry,
    Heading,
    Inline,
    Ledger,
    Link,
    Listing,
    Math,
    Navigation,
    Paragraph,
    Picture,
    Row,
    Ruled,
    Strong,
    Table,
    Text,
    text,
)
from bnproof.report.pages.blackboard import NUMBERS, VOCABULARY, chains
from bnproof.report.prose import prose
from bnproof.report.writers import WRITERS, Writer
from bnproof.report.writers.latex_check import unbalanced
from bnproof.report.writers.layout import colour
from bnproof.report.writers.markdown import markdown
from bnproof.report.writers.terminal import terminal
from bnproof.report.writers.tex import tex
from bnproof.report.writers.typst import typst
from bnproof.symbolic.checker import Checker
from bnproof.symbolic.inferences import Witness
from tests.installed import installed

NASTY = "a_b *c* <d> $e$ #f 100% & {g} \\h | ~ ^"
PAGE = Document(
    "page",
    (
        Heading(1, text("Title")),
        Heading(2, text(NASTY)),
        Paragraph((Text(NASTY), Strong("strong "), Code("bnproof x"), Math(r"z_{i}", "zᵢ"), Link("there", "other"))),
        Bullets((text("one"), text("two")), numbered=True),
        Bullets((text("point"),)),
        Derivation((Row("", Math("a", "a"), ()), Row("=", Math("b", "b"), text("why")), Row("≥", Math("0", "0"), ()))),
        Table((text("x"), text("y")), ((text("1"), text("2")),)),
        Ledger(
            ("name", "mode", "why"),
            (
                Entry(
                    (text(NASTY), text("train")), (Text("because "), Cite("a_theorem"), Text(NASTY)), (("note", text(NASTY)),)
                ),
                Entry(((), text("eval")), (Ruled("acts"),)),
            ),
        ),
        Picture("../figures/f.svg", "a figure"),
        Listing("for k in range(2):\n    print(k)  # {k}_$"),
        Navigation((Link("All theorems", "README"), Link("Glossary", "glossary"))),
        Details("More <of> it & all_", (Table((text("u"), text("v")), ((text("3"), text("4")),)),)),
    ),
)


def test_the_page_has_every_kind_of_block_and_piece() -> None:
    assert {type(block) for block in PAGE.blocks} == set(get_args(Block))
    prose = [piece for block in PAGE.blocks if isinstance(block, Paragraph) for piece in block.prose]
    ledgers = [block for block in PAGE.blocks if isinstance(block, Ledger)]
    prose += [piece for ledger in ledgers for entry in ledger.entries for piece in entry.words]
    assert {type(piece) for piece in prose} == set(get_args(Inline))


@pytest.mark.parametrize("name", WRITERS)
def test_every_writer_writes_every_kind(name: str) -> None:
    words = words_of(name, PAGE)
    assert "Title" in words
    assert "because" in words
    pages = WRITERS[name].pages
    for kind in ("strong", "bnproof x", "there", "point", "why", "train", "print(k)", "More", *["a figure"] * pages):
        assert kind in words, kind


def words_of(name: str, page: Document) -> str:
    """What a file holds, before it is packed or typeset."""
    for module in WRITERS[name].needs:
        installed(module)
    shown = WRITERS[name].write(page)
    if isinstance(shown, str):
        return shown
    if name == "docx":
        return re.sub("<[^>]*>", "", zipfile.ZipFile(io.BytesIO(shown)).read("word/document.xml").decode())
    assert shown.startswith(b"%PDF-")
    return typst(page)


def test_a_new_format_is_one_entry(monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    def blob(document: Document) -> bytes:
        return b"\x00\xff" + document.stem.encode()

    monkeypatch.setitem(WRITERS, "blob", Writer("blob", "bin", blob))
    monkeypatch.setattr(sys, "argv", ["bnproof", "prove", "S0.f", "--format", "blob"])
    with pytest.raises(SystemExit):
        main()
    assert capsysbinary.readouterr().out == b"\x00\xffS0.f"


def test_markdown() -> None:
    shown = markdown(PAGE)
    assert r"a\_b \*c\* \<d\> \$e\$ \#f" in shown
    assert r"\| ~ ^" in shown
    assert "$`z_{i}`$" in shown
    assert "[there](other.md)" in shown
    assert "| $`=`$ | $`\\displaystyle b`$ | why |" in shown
    assert "1. one\n2. two" in shown
    assert "[All theorems](README.md) · [Glossary](glossary.md)" in shown
    assert "[a\\_theorem](a_theorem.md)" in shown
    # a folded part is HTML around Markdown, which must be set off by empty lines
    assert "<details>\n<summary>More &lt;of&gt; it &amp; all_</summary>\n\n| u | v |\n" in shown
    assert "| 3 | 4 |\n\n</details>" in shown
    assert "\n\n```python\nfor k in range(2):\n    print(k)  # {k}_$\n```\n\n" in shown
    assert shown.startswith("<!-- Written by `bnproof report`")


def test_code_with_backticks_stays_code() -> None:
    assert "``` a``b ```" in markdown(Document("p", (Paragraph((Code("a``b"),)),)))


def test_a_bar_of_links_leads_nowhere_in_a_terminal() -> None:
    assert "Glossary" not in terminal(PAGE)


def test_a_program_is_shown_as_it_is_in_a_terminal() -> None:
    assert "\n    for k in range(2):\n        print(k)  # {k}_$\n" in terminal(PAGE)


def test_colours_take_no_room() -> None:
    words = " ".join(["word"] * 60)
    page = Document("p", (Paragraph((Strong(words), Ruled("acts"), Text(words))),))
    shown = terminal(page, 50, colour)
    assert re.sub(r"\x1b\[\d*m", "", shown) == terminal(page, 50)


def test_tex() -> None:
    shown = tex(PAGE)
    assert r"100\% \& \{g\} \textbackslash{}h" in shown
    assert "$z_{i}$" in shown
    assert shown.count("{longtable}") == 8
    assert r"\includegraphics" in shown
    assert "\\begin{verbatim}\nfor k in range(2):\n    print(k)  # {k}_$\n\\end{verbatim}" in shown
    assert r"\detokenize{../figures/f.pdf}" in shown
    assert r"\href{other.pdf}{there}" in shown
    assert r"\href{a\_theorem.pdf}{a\_theorem}" in shown
    assert r"\textbf{More <of> it \& all\_.}" in shown
    assert shown.rstrip().endswith(r"\end{document}")


def test_terminal_keeps_to_the_width() -> None:
    words = " ".join(["word"] * 40)
    page = Document("p", (Paragraph(text(words)), Derivation((Row("=", Math("x", "x + " * 30 + "x"), text(words)),))))
    assert max(map(len, terminal(page, 60).splitlines())) <= 60


def test_terminal_unfolds() -> None:
    assert "More <of> it & all_:\n\n  3           4" in terminal(PAGE, 60)


def test_fractions_in_prose_have_the_size_of_displayed_ones() -> None:
    (fraction,) = prose("{b/n}", VOCABULARY)
    assert fraction == Math(r"\displaystyle \frac{b}{n}", "b/n")


def test_prose() -> None:
    pieces = prose("the mean moves by {b}, see `bnproof`, **always**", VOCABULARY)
    assert pieces == (
        Text("the mean moves by "),
        Math("b", "b"),
        Text(", see "),
        Code("bnproof"),
        Text(", "),
        Strong("always"),
    )
    for bad in ("an open { brace", "closed } only", "{nosuch}", "{b +}"):
        with pytest.raises(NotationError):
            prose(bad, VOCABULARY)


def test_latex_check_finds_what_cannot_be_typeset() -> None:
    assert unbalanced(r"$`\frac{1}{n`$") == [r"\frac{1}{n"]
    assert unbalanced(r"$`\left( a`$")
    assert unbalanced(r"$`\operatorname{mean}`$")
    assert not unbalanced(r"$`\frac{1}{n}`$")


def test_the_blackboard_page_is_checked_too() -> None:
    checker = Checker(VOCABULARY)
    for chain in chains():
        for left, right in pairwise(chain):
            checker.equal(left, right)
    ratio = "(relu(z[2] + {0}) - relu(z[1] + {0}))/(relu(z[3] + {0}) - relu(z[1] + {0}))"
    relations = ((ratio.format(0), "==", "1/2"), (ratio.format(2), "==", "2/3"))
    Witness("", NUMBERS, relations).check(checker, None)  # type: ignore[arg-type]
