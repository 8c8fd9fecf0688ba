"""Every control answers to keys, to a mouse and to a finger."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import TYPE_CHECKING

import pytest

from .conftest import PHONE

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    Opened = Callable[..., Page]


def handle(page: Page, sample: int) -> Locator:
    return page.locator(f'.handle[data-sample="{sample}"]')


def at(page: Page, sample: int) -> float:
    return float(str(handle(page, sample).get_attribute("aria-valuenow")))


def middle(page: Page, sample: int) -> tuple[float, float]:
    handle(page, sample).scroll_into_view_if_needed()
    box = handle(page, sample).bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def unit(page: Page) -> float:
    """Pixels from 0 to 1 on the first line, by two samples on it."""
    return (middle(page, 3)[0] - middle(page, 1)[0]) / (at(page, 3) - at(page, 1))


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        (["ArrowRight"], -0.9), (["ArrowUp", "ArrowUp"], -0.8), (["ArrowLeft"], -1.1), (["ArrowDown"], -1.1), (["PageUp"], 0),
        (["PageDown"], -2), (["Home"], -3), (["End"], 3), (["End", "ArrowRight"], 3), (["Home", "PageDown"], -3), (["x"], -1),
        (["Control+ArrowRight"], -1),
    ],
)  # fmt: skip
def test_keys_move_a_sample(playing: Opened, keys: list[str], value: float) -> None:
    page = playing()
    handle(page, 1).focus()
    for key in keys:
        page.keyboard.press(key)
    assert at(page, 1) == value
    assert (at(page, 2), at(page, 3)) == (1, 2)
    assert page.evaluate("document.activeElement.dataset.sample") == "1"  # the drawing has moved on, the focus is where it was


@pytest.mark.parametrize(
    ("name", "key", "words"), [("b", "ArrowLeft", "1.9"), ("momentum", "ArrowRight", "0.11"), ("eps", "ArrowLeft", "−6")]
)
def test_keys_move_a_slider(playing: Opened, name: str, key: str, words: str) -> None:
    page = playing()
    page.focus(f"#{name}")
    page.keyboard.press(key)
    assert page.text_content(f"#{name}-value") == words
    assert page.get_attribute(f"#{name}", "aria-valuetext") == words


def test_the_whole_lesson_by_keys_alone(open_page: Opened) -> None:
    """Tab, arrows, space and Enter: four predictions, the answers, and a try of γ and β in the end."""
    page = open_page()

    def to(selector: str) -> None:
        for _ in range(60):
            if page.evaluate("s => document.activeElement.matches(s)", selector):
                return
            page.keyboard.press("Tab")
        raise AssertionError(f"{selector} is not reached by Tab")

    for number in range(1, 5):
        assert f"Question {number} of 4" in str(page.text_content("#question-title"))
        to('input[name="guess"]')
        page.keyboard.press("Space")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "question-title"
        to("#next")
        page.keyboard.press("Enter")
    assert page.text_content("#question-title") == "Now play"
    to("#try")
    page.keyboard.press("Space")
    assert str(page.text_content("#verdict")).startswith("Nothing is left over")
    to('input[name="order"]')
    page.keyboard.press("ArrowDown")
    assert page.is_checked('input[name="order"][value="relu"]')


def test_the_mouse_drags_a_sample(playing: Opened) -> None:
    page = playing()
    (x, y), step = middle(page, 1), unit(page)
    page.mouse.move(x + 3, y)
    page.mouse.down()
    page.mouse.move(x + 3 + 0.7 * step, y + 40, steps=5)
    assert at(page, 1) == pytest.approx(-0.3)
    page.mouse.move(x + 40 * step, y, steps=5)
    page.mouse.up()
    assert at(page, 1) == 3
    page.mouse.move(x, y)
    assert at(page, 1) == 3


def test_the_other_button_drags_nothing(playing: Opened) -> None:
    page = playing()
    x, y = middle(page, 1)
    page.mouse.move(x, y)
    page.mouse.down(button="right")
    page.mouse.move(x + 50, y)
    page.mouse.up(button="right")
    assert at(page, 1) == -1


def test_the_mouse_drags_the_bias(playing: Opened) -> None:
    page = playing()
    page.locator("#b").scroll_into_view_if_needed()
    box = page.locator("#b").bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 5 / 6, y)
    page.mouse.down()
    page.mouse.move(box["x"] + 1, y, steps=5)
    page.mouse.up()
    assert page.text_content("#b-value") == "−3"


@pytest.mark.parametrize("sample", [2, 3])
def test_a_finger_drags_the_sample_that_it_is_nearest_to(playing: Opened, sample: int) -> None:
    """On a phone two samples 1 apart lie closer together than a finger is wide."""
    page = playing(**PHONE)
    (x, y), step = middle(page, sample), unit(page)
    x += {2: 9, 3: -9}[sample]  # towards the other
    touch = page.context.new_cdp_session(page)

    def send(kind: str, *points: tuple[float, float]) -> None:
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": px, "y": py} for px, py in points]})

    send("touchStart", (x, y))
    for k in range(1, 6):
        send("touchMove", (x - k * step / 5, y))
    send("touchEnd")
    assert [at(page, k) for k in (1, 2, 3)] == [-1, *((0, 2) if sample == 2 else (1, 1))]


def test_a_finger_answers_the_questions_and_moves_the_bias(open_page: Opened) -> None:
    page = open_page(**PHONE)
    page.locator("#options label").nth(2).tap()
    page.tap("#reveal")
    assert "as you predicted" in str(page.text_content("#answer"))
    box = page.locator("#b").bounding_box()
    assert box is not None
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert page.text_content("#b-value") == "0"
    page.tap("#try")
    assert str(page.text_content("#verdict")).startswith("Nothing is left over")


def test_fingers_find_what_they_aim_at_and_nothing_is_wider_than_a_phone(playing: Opened) -> None:
    page = playing(**PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    for target in page.locator("button:visible, input[type=range]:visible, .choice > label:visible").all():
        box = target.bounding_box()
        assert box is not None
        assert box["height"] >= 32


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_words_are_cut_off(playing: Opened, width: int) -> None:
    page = playing(viewport={"width": width, "height": 800})
    for order in ("bn", "relu", "leaky"):
        page.check(f'input[name="order"][value="{order}"]')
        for mode in ("train", "eval"):
            page.check(f'input[name="mode"][value="{mode}"]')
            for key, b in product(("Home", "End"), ("-30", "-29", "0", "20", "30")):
                page.locator('.handle[data-sample="1"]').press(key)
                page.fill("#b", b)
                assert page.evaluate(CUT_OFF) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width


CUT_OFF = """() => {
    const frame = document.querySelector("#picture svg").getBoundingClientRect();
    const shown = [...document.querySelectorAll("#picture text")].filter((text) => text.style.display !== "none");
    const across = (box) => box.left < frame.left - 1 || box.right > frame.right + 1;
    const outside = (box) => across(box) || box.top < frame.top - 1 || box.bottom > frame.bottom + 1;
    return shown.filter((text) => outside(text.getBoundingClientRect())).map((text) => text.textContent);
}"""
