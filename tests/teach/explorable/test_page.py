"""The page as a file: one, small, the same each time, closed to the network, readable by everyone."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from importlib.resources import files

import pytest

from bnproof.report.files import SIGNATURE
from bnproof.teach.explorable import explorable, page
from bnproof.teach.explorable.instances import instance, settings
from bnproof.theorems.registry import theorem

TEXT = explorable()


class Outline(HTMLParser):
    """Headings, ids, what labels point at, and what loads something."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.labelled: list[str] = []
        self.inputs: list[str] = []
        self.headings: list[int] = []
        self.loads: list[str] = []
        self.open: list[str] = []
        self.feed(TEXT)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if "id" in found:
            self.ids.append(found["id"])
        self.labelled += found.get("for", "").split() + found.get("aria-labelledby", "").split()
        if tag == "input" and found["type"] == "range":
            self.inputs.append(found["id"])
        if re.fullmatch(r"h\d", tag):
            self.headings.append(int(tag[1]))
        self.loads += [value for name, value in found.items() if name in {"src", "href", "srcset", "action", "data", "poster"}]


def test_the_same_each_time_and_small() -> None:
    assert explorable() == TEXT
    assert len(TEXT.encode()) <= 200_000
    assert SIGNATURE in TEXT[:1024]
    assert not page._PLACE.search(re.sub(r"<script>.*?</script>", "", TEXT, flags=re.DOTALL))  # pyright: ignore[reportPrivateUsage]


def test_nothing_is_loaded() -> None:
    assert Outline().loads == ["data:,"]
    style, script = (re.findall(rf"<{tag}>(.*?)</{tag}>", TEXT, re.DOTALL) for tag in ("style", "script"))
    assert len(style) == len(script) == 1
    assert not re.search(r"url\(|@import", style[0])
    assert not re.search(
        r"\b(fetch|XMLHttpRequest|WebSocket|sendBeacon|EventSource|innerHTML)\b|\b(import|eval|Function)\(", script[0]
    )
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', TEXT)
    for kind, words in (("style", style[0]), ("script", script[0])):
        digest = base64.b64encode(hashlib.sha256(words.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")


def test_every_control_has_its_label_and_headings_do_not_jump() -> None:
    outline = Outline()
    assert len(outline.ids) == len(set(outline.ids))
    assert set(outline.labelled) <= set(outline.ids)
    assert set(outline.inputs) <= set(outline.labelled)
    assert outline.headings[0] == 1
    assert outline.headings.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(outline.headings, outline.headings[1:], strict=False))


def test_the_program_asks_only_for_what_the_page_has() -> None:
    (script,) = re.findall(r"<script>(.*?)</script>", TEXT, re.DOTALL)
    assert set(re.findall(r'byId\("([^"]*)"\)', script)) <= set(Outline().ids)


def test_the_instances_are_those_computed() -> None:
    (written,) = re.findall(r'<script type="application/json" id="instances">(.*?)</script>', TEXT, re.DOTALL)
    assert json.loads(written) == [instance(setting).as_json() for setting in settings()]


def test_json_cannot_end_its_element() -> None:
    hostile = ["</script><script>alert(1)</script>", "<!--", "@style@"]
    assert "<" not in page.embedded(hostile)
    assert json.loads(page.embedded(hostile)) == hostile


def test_what_is_put_in_is_not_searched_again_and_a_missing_text_is_an_error() -> None:
    assert page.filled("@a@ and @b@", {"a": "@b@", "b": "1"}) == "@b@ and 1"
    with pytest.raises(KeyError, match="c"):
        page.filled("@c@", {})


def test_every_source_is_used_and_small() -> None:
    sources = {each.name: each.read_text(encoding="utf-8") for each in (files("bnproof.teach.explorable") / "source").iterdir()}
    assert set(sources) == {*page.PROGRAM, "page.html", "page.css"}
    assert all(len(words.splitlines()) <= 350 for words in sources.values())
    assert all("</script" not in sources[name] for name in page.PROGRAM)


def test_the_words_carry_the_computed_numbers() -> None:
    words = re.sub(r"<[^>]*>", "", TEXT.partition('<section id="words">')[2].partition("</section>")[0])
    for number in (
        "1 : 2 are 2 : 3",
        "1/28 of the",
        "which was 2/3 before",
        "10 %, 19 %, 27 %",
        "−1.336, 0.267, 1.069",
        "up to 0.267",
    ):
        assert number in words


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ([1, "1/4"], "0.5"),
        ([-1, "2"], "−1.414"),
        ([1, "3"], "1.732"),
        ([0, "0"], "0"),
        ([-1, "1/100000000"], "0"),
        ([1, "100"], "10"),
    ],
)
def test_roots_are_rounded_to_the_nearest_thousandth(written: list[int | str], shown: str) -> None:
    assert page._decimal(written) == shown  # pyright: ignore[reportPrivateUsage]


def test_the_theorems_named_exist() -> None:
    names = re.findall(r"bnproof prove (\w+)</code>", TEXT)
    assert len(names) == 4
    assert [theorem(name).name for name in names] == names


def luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[k : k + 2], 16) / 255 for k in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_measured_rightly() -> None:
    assert contrast("#fff", "#000000") == pytest.approx(21)
    assert contrast("#777", "#fff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_and_signs_stand_out(scheme: int) -> None:
    """WCAG AA: 4.5 for text, 3 for what carries meaning without being text."""
    roots = re.findall(r":root \{(.*?)\}", TEXT, re.DOTALL)
    assert len(roots) == 2
    colours: dict[str, str] = dict(re.findall(r"--(\w+): (#\w+);", roots[scheme]))
    for ink, ground in (
        *((name, ground) for name in ("ink", "soft", "accent", "left") for ground in ("paper", "card")),
        *((name, ground) for name in ("one", "two", "three") for ground in ("paper", "on")),
    ):
        assert contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)
    assert contrast(colours["edge"], colours["paper"]) >= 3
    assert contrast(colours["wall"], colours["paper"]) >= 3
