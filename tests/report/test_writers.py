"""Every writer renders every kind of block, escapes what must be escaped, and keeps the mathematics whole."""

from __future__ import annotations

from itertools import pairwise

import pytest

from bnproof.errors import NotationError
from bnproof.report.document import (
    Bullets,
    Code,
    Derivation,
    Details,
    Document,
    Heading,
    Link,
    Math,
    Paragraph,
    Picture,
    Row,
    Strong,
    Table,
    Text,
    text,
)
from bnproof.report.pages.blackboard import NUMBERS, VOCABULARY, chains
from bnproof.report.prose import prose
from bnproof.report.writers.latex_check import unbalanced
from bnproof.report.writers.markdown import markdown
from bnproof.report.writers.terminal import terminal
from bnproof.report.writers.tex import tex
from bnproof.symbolic.checker import Checker
from bnproof.symbolic.inferences import Witness

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
        Picture("../figures/f.svg", "a figure"),
        Details("More <of> it & all_", (Table((text("u"), text("v")), ((text("3"), text("4")),)),)),
    ),
)


def test_markdown() -> None:
    shown = markdown(PAGE)
    assert r"a\_b \*c\* \<d\> \$e\$ \#f" in shown
    assert r"\| ~ ^" in shown
    assert "$`z_{i}`$" in shown
    assert "[there](other.md)" in shown
    assert "| $`=`$ | $`\\displaystyle b`$ | why |" in shown
    assert "1. one\n2. two" in shown
    # a folded part is HTML around Markdown, which must be set off by empty lines
    assert "<details>\n<summary>More &lt;of&gt; it &amp; all_</summary>\n\n| u | v |\n" in shown
    assert "| 3 | 4 |\n\n</details>" in shown
    assert shown.startswith("<!-- Written by `bnproof report`")


def test_tex() -> None:
    shown = tex(PAGE)
    assert r"100\% \& \{g\} \textbackslash{}h" in shown
    assert "$z_{i}$" in shown
    assert shown.count("{longtable}") == 6
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
