"""The web page: one file, no request, accessible, and nobody's words are read as markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from bnproof.errors import BnproofError
from bnproof.report.book import bound
from bnproof.report.document import Document, Heading, Link, Math, Paragraph, text
from bnproof.report.writers.html import html
from bnproof.report.writers.pandoc import mathml
from bnproof.theorems.registry import Chapter
from tests.installed import installed

from .documents import HOSTILE, T1, hostile, theorem_page

installed("pypandoc")

VOID = {"meta", "link", "img", "br", "wbr"}


class Read(HTMLParser):
    """Every element with its attributes and the words of the page; elements must close in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.open: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def test_a_reader_that_is_fed_unclosed_elements_says_so() -> None:
    with pytest.raises(AssertionError):
        Read("<p><b>x</p>")


def test_nothing_is_fetched_and_nothing_runs() -> None:
    for document in (theorem_page(), hostile()):
        shown = html(document)
        read = Read(shown)
        assert not read.all("script")
        assert not [name for _, attributes in read.elements for name in attributes if name.startswith("on")]
        sources = [each[name] for _, each in read.elements for name in ("src", "href") if name in each]
        assert sources
        assert all(source and source.startswith(("data:", "#", "https://")) for source in sources)
        style = shown[shown.index("<style>") : shown.index("</style>")]
        assert set(re.findall(r'url\("([a-z]+):', style)) == {"data"}
        assert "@import" not in style
        assert "default-src 'none'" in shown


def test_hostile_words_stay_words() -> None:
    shown = html(hostile())
    read = Read(shown)
    assert "<script>" not in shown
    assert "<script>alert(1)</script>" in read.words
    assert read.words.count("\\input{/etc/passwd}") >= 15
    assert {each["alt"] for each in read.all("img")} == {HOSTILE}
    assert not read.all("a")  # neither javascript: nor a page that is not there


def test_it_can_be_read_by_everybody() -> None:
    read = Read(html(theorem_page()))
    assert read.all("html")[0]["lang"] == "en"
    assert "width=device-width" in (read.all("meta")[1]["content"] or "")
    levels = [int(tag[1]) for tag, _ in read.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert all(each.get("alt") for each in read.all("img"))
    assert len(read.all("math")) > 20
    assert all(each.get("scope") == "col" for each in read.all("th"))


def _luminance(colour: str) -> float:
    full = colour if len(colour) == 7 else "#" + "".join(letter * 2 for letter in colour[1:])
    parts = [int(full[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_colours_differ_enough_by_day_and_by_night() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") < 4.5  # the usual example of a grey that is too light
    palettes = re.findall(r":root \{([^}]*--paper[^}]*)\}", html(theorem_page()))
    assert len(palettes) == 3
    for palette in palettes:
        colours = dict(re.findall(r"--([a-z]+): (#[0-9a-f]+)", palette))
        for name in ("ink", "soft", "link", "acts", "redundant", "undecided"):
            for ground in ("paper", "tint"):
                assert contrast(colours[name], colours[ground]) >= 4.5, (name, ground)


def test_pages_of_a_book_link_to_each_other_inside() -> None:
    other = Document("other", (Heading(1, text("Other")), Paragraph((Link("there", T1), Link("away", "glossary")))))
    book = bound(Chapter("folder", "A chapter", (T1, "other")), [theorem_page(), other])
    read = Read(html(book))
    targets = [each["href"] for each in read.all("a")]
    places = {each["id"] for _, each in read.elements if "id" in each}
    assert f"#{T1}" in targets
    assert {target for target in targets if target} <= {f"#{place}" for place in places}
    assert len(read.all("h1")) == 1


def test_a_formula_that_pandoc_cannot_read_is_refused() -> None:
    with pytest.raises(BnproofError, match="pandoc could not write html"):
        html(Document("p", (Paragraph((Math(r"\nonsense{`", "?"),)),)))


def test_formulas_keep_their_roots_and_hats() -> None:
    shown = mathml([r"\sqrt{V}", r"\hat y", r"\displaystyle \frac{1}{2}", r"\bar z"])
    assert shown[r"\sqrt{V}"].startswith("<math><msqrt>")
    assert 'stretchy="false">ˆ</mo>' in shown[r"\hat y"]
    assert 'displaystyle="true"' in shown[r"\displaystyle \frac{1}{2}"]
    assert "annotation" not in "".join(shown.values())


def test_the_same_page_gives_the_same_bytes() -> None:
    assert html(theorem_page()) == html(theorem_page())
