"""The page computes what the exact instances say, in a browser: by its own assertion, and as read off its drawing."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from bnproof.teach.explorable import explorable, page
from bnproof.teach.explorable.instances import Instance, Rooted, Setting, instance, settings

if TYPE_CHECKING:
    from playwright.sync_api import Page

    Opened = Callable[..., Page]

COUNT = len(settings())
REACHED = [instance(setting) for setting in settings() if not setting.batches]
"""Those that the controls reach at once, without training batches before."""


def approximate(value: Rooted) -> float:
    """A root to float's precision: its square is exact, and one division and one root round."""
    sign, square = value.written()
    return float(sign) * math.sqrt(Fraction(square))


def test_the_page_agrees_with_its_instances(open_page: Opened) -> None:
    opened = open_page()
    assert opened.text_content("#checked") == f"The page’s arithmetic agrees with all {COUNT} exact instances it carries."
    assert opened.evaluate("document.documentElement.dataset.checked") == "right"


@pytest.mark.parametrize(
    "wrong",
    [
        ("b", 7), ("active", 1), ("mean_shift", "5/4"), ("ratios", ["1/2", "3/4"]), ("share_left", "1/27"),
        ("gamma", [1, "5400081/5600037"]), ("beta", [1, "1/1000000"]), ("stored", ["1", "2/4001"]),
        ("y", [[-1, "2500000/1400009"], [-1, "100000/1400009"], [1, "1600000/1400009"]]),
        ("y", [[-1, "2500000/1400009"], [1, "100000/1400009"]]),
        ("slopes", [[[0, "0"], [1, "1/1000000"], [0, "0"]]]),
        ("left", [[-1, "25000/1400009"], [1, "100001/1400009"], [-1, "25000/1400009"]]),
        ("left", [[0, "0"], [0, "0"], [0, "0"]]),
    ],
    ids=lambda wrong: str(wrong[0]),
)  # fmt: skip
def test_a_wrong_instance_is_told(open_page: Opened, wrong: tuple[str, Any]) -> None:
    """The assertion can fail: one value of the lesson's own ReLU instance changed, and the page says so."""
    relu = instance(Setting((Fraction(-1), Fraction(1), Fraction(2)), Fraction(2), Fraction(0))).as_json()
    changed = {**relu, wrong[0]: wrong[1]}
    assert changed != relu
    opened = open_page(with_instances([changed]))
    assert opened.evaluate("document.documentElement.dataset.checked") == "wrong"
    assert str(opened.text_content("#checked")).startswith("This page computes wrongly here. ")
    assert open_page(with_instances([relu])).evaluate("document.documentElement.dataset.checked") == "right"


def with_instances(values: list[dict[str, Any]]) -> str:
    text, count = re.subn(
        r'(<script type="application/json" id="instances">)(.*?)(</script>)',
        lambda found: found[1] + page.embedded(values) + found[3],
        explorable(),
    )
    assert count == 1
    return text


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("h > 0 ? 20 * h", "h > 10 ? 20 * h"),  # the wall elsewhere
        ("/ (n * (n * UNIT) ** 2) }", "/ ((n - 1) * (n * UNIT) ** 2) }"),  # the unbiased variance
        ("mode === \"train\" ? batch : stored", "batch"),  # evaluation like training
        ("(h === 0 && side > 0)", "false"),  # one side of the wall for both
        ("value * spread0 - c0[k] * common", "value * spread0 - c0[k] * spread0"),  # β alone tries
        ("* root0) / root", ") / root"),
        ("value * dot(c, e)", "0"),  # the variance held constant
        ("(e[k] / (20 * n)) * eps", "0"),
        ("share * (batch.variance - stored.variance)", "0"),
    ],
)  # fmt: skip
def test_a_wrong_program_is_told(open_page: Opened, monkeypatch: pytest.MonkeyPatch, right: str, wrong: str) -> None:
    """The instances suffice to notice plausible mistakes in the page's arithmetic."""
    source = page._source  # pyright: ignore[reportPrivateUsage]
    model = source("model.js")
    assert model.count(right) == 1
    monkeypatch.setattr(page, "_source", lambda name: model.replace(right, wrong) if name == "model.js" else source(name))
    opened = open_page(explorable())
    assert opened.evaluate("document.documentElement.dataset.checked") == "wrong"


def test_what_is_drawn_is_what_the_instances_say(playing: Opened) -> None:
    opened = playing()
    for found in REACHED:
        place(opened, found)
        dots = opened.locator("#picture .dot[data-y]").all()
        scale = 1 + 10 / math.sqrt(min(value.square for value in found.outputs))
        drawn = [float(str(dot.get_attribute("data-y"))) for dot in dots]
        assert drawn == pytest.approx([approximate(value) for value in found.outputs], rel=0, abs=1e-13 * scale)
        assert opened.text_content("#shift") == shift_words(found)
        assert str(opened.text_content("#ratio")).startswith("no value" if found.ratio is None else proportion(found.ratio))
        left = [float(str(sign.get_attribute("data-left"))) for sign in opened.locator("#picture .fitted[data-left]").all()]
        assert left == pytest.approx([approximate(value) for value in found.left], rel=0, abs=1e-13 * scale)
        nothing = all(value.part == 0 for value in found.left)
        assert str(opened.text_content("#verdict")).startswith("Nothing is left over") == nothing


def place(opened: Page, found: Instance) -> None:
    """Moves every control to the instance's setting, and lets γ and β try."""
    wanted = found.as_json()
    opened.check('input[name="order"][value="leaky"]')
    opened.fill("#a", str(wanted["a"]))
    opened.check(f'input[name="mode"][value="{wanted["mode"]}"]')
    opened.fill("#eps", str(wanted["log_eps"]))
    for k, value in enumerate(wanted["z"]):
        handle = opened.locator("#picture .handle").nth(k)
        at = round(10 * float(str(handle.get_attribute("aria-valuenow"))))
        for _ in range(abs(value - at) // 10):
            handle.press("PageUp" if value > at else "PageDown")
        for _ in range(abs(value - at) % 10):
            handle.press("ArrowRight" if value > at else "ArrowLeft")
    opened.fill("#b", str(wanted["b"]))
    if opened.get_attribute("#try", "aria-pressed") == "false":
        opened.click("#try")
    state = [opened.input_value(f"#{name}") for name in ("a", "b", "eps")]
    assert state == [str(wanted[name]) for name in ("a", "b", "log_eps")]


def proportion(value: Fraction) -> str:
    return f"{value.numerator}\xa0:\xa0{value.denominator}".replace("-", "−") if fits(value) else ""


def fits(value: Fraction) -> bool:
    return max(abs(value.numerator), value.denominator) <= 99


def shift_words(found: Instance) -> str:
    """The page writes fractions as such while one can read them."""
    values = (found.mean_shift, found.mean - found.mean_shift, found.mean)
    shift, before, after = (str(value) if value.denominator <= 60 else json.dumps(float(round(value, 3))) for value in values)
    return f"{shift}, from {before} to {after}".replace("-", "−")
