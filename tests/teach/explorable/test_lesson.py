"""The lesson: a prediction before each answer, nothing left over for BN alone, something left over after a ReLU."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from .conftest import PHONE

if TYPE_CHECKING:
    from playwright.sync_api import Page

    Opened = Callable[..., Page]


def order(page: Page, name: str) -> None:
    page.check(f'input[name="order"][value="{name}"]')


def mode(page: Page, name: str) -> None:
    page.check(f'input[name="mode"][value="{name}"]')


def words(page: Page, name: str) -> str:
    return str(page.text_content(f"#{name}"))


def outputs(page: Page) -> list[float]:
    return [float(str(dot.get_attribute("data-y"))) for dot in page.locator(".dot[data-y]").all() if dot.is_visible()]


def without_bias(page: Page) -> list[float]:
    return [float(str(dot.get_attribute("data-y0"))) for dot in page.locator(".dot[data-y]").all()]


def left(page: Page) -> list[float]:
    return [float(str(sign.get_attribute("data-left"))) for sign in page.locator(".fitted[data-left]").all()]


def test_a_question_first_and_its_answer_hidden_until_a_prediction_is_made(open_page: Opened) -> None:
    page = open_page()
    assert "Does b matter?" in str(page.text_content("header"))
    assert words(page, "question-title").startswith("Question 1 of 4")
    assert page.is_disabled("#reveal")
    assert page.is_disabled("#try")
    assert outputs(page) == []
    assert (words(page, "ratio"), words(page, "slope"), words(page, "answer")) == ("hidden", "hidden", "")
    assert "hidden until you predict" in words(page, "summary")
    page.check('input[name="guess"][value="0"]')
    assert outputs(page) == []
    page.click("#reveal")
    assert words(page, "answer").startswith("Nowhere. You predicted: “All three go right by 2”.")
    assert outputs(page) == without_bias(page)
    assert words(page, "slope") == "0 for every output"


@pytest.mark.parametrize(
    ("number", "right", "answer"),
    [
        (1, 2, "The mean moves from 2/3 to 8/3"),
        (2, 2, "no longer 1\xa0:\xa02, they are 2\xa0:\xa03"),
        (3, 1, "0.267 is left over at sample 2, 3.6\xa0% of the variance"),
        (4, 1, "All go right by 1.604"),
    ],
)
def test_every_question_knows_a_right_prediction_from_wrong_ones(
    open_page: Opened, number: int, right: int, answer: str
) -> None:
    page = open_page()
    for _ in range(number - 1):
        page.click("#skip")
        page.click("#next")
    count = page.locator('input[name="guess"]').count()
    said: dict[int, str] = {}
    for guess in range(count):
        again = page if guess == 0 else open_page()
        if guess:
            for _ in range(number - 1):
                again.click("#skip")
                again.click("#next")
        again.check(f'input[name="guess"][value="{guess}"]')
        again.click("#reveal")
        said[guess] = words(again, "answer")
        assert answer in said[guess]
    assert [guess for guess, told in said.items() if "as you predicted" in told] == [right]


def test_each_hidden_place_is_hidden_by_its_own_question(open_page: Opened) -> None:
    page = open_page()
    page.click("#skip")
    assert outputs(page)
    order(page, "relu")
    assert outputs(page) == []
    order(page, "leaky")
    assert outputs(page) == []
    page.fill("#a", "20")  # the identity: what question 1 asked about
    assert outputs(page)
    mode(page, "eval")
    assert outputs(page) == []
    mode(page, "train")
    page.click("#next")
    page.click("#skip")
    assert outputs(page)
    page.click("#try")  # what is left over is question 3's, and it is asked first
    assert words(page, "question-title").startswith("Question 3 of 4")
    assert words(page, "verdict") == ""


def test_bn_alone_leaves_nothing_over_and_after_a_relu_something_is_left(playing: Opened) -> None:
    page = playing()
    mode(page, "train")
    page.click("#try")
    assert words(page, "verdict") == "Nothing is left over: γ = 1, β = 0. There was nothing to do."
    for b in (-30, -7, 0, 13, 30):
        page.fill("#b", str(b))
        assert left(page) == [0, 0, 0]
        assert outputs(page) == without_bias(page)
    order(page, "relu")
    page.fill("#b", "20")
    assert words(page, "verdict").startswith(
        "0.267 is left over at sample 2, 3.6\xa0% of the variance, and no γ and β leave less."
    )
    assert "keep the ratio 1\xa0:\xa02, and now it is 2\xa0:\xa03" in words(page, "verdict")
    assert left(page)[1] == pytest.approx(1 / 3 / (14 / 9 + 1e-5) ** 0.5)
    assert words(page, "active") == "3 of 3; without the bias 2"
    assert words(page, "slope") == "0 for every output here, where all are active"


def test_the_leaky_relu_goes_from_relu_to_identity(playing: Opened) -> None:
    page = playing()
    mode(page, "train")
    order(page, "leaky")
    page.click("#try")
    sizes: list[float] = []
    for a in range(0, 21, 4):
        page.fill("#a", str(a))
        sizes.append(max(map(abs, left(page))))
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > 0.2
    assert sizes[-1] == 0
    order(page, "relu")
    assert max(map(abs, left(page))) == sizes[0]


def test_with_stored_statistics_all_move_alike_and_beta_does_it(playing: Opened) -> None:
    page = playing()
    page.click("#back")
    moved = [y - y0 for y, y0 in zip(outputs(page), without_bias(page), strict=True)]
    assert moved == pytest.approx([2 / (14 / 9 + 1e-5) ** 0.5] * 3)
    page.click("#try")
    assert words(page, "verdict") == "Nothing is left over: γ = 1, β = 1.604 do all that the bias does."


def test_the_nail_creeps_batch_by_batch(playing: Opened) -> None:
    page = playing()
    page.click("#back")
    shares: list[str] = []
    for _ in range(44):
        page.click("#batch")
        shares.append(words(page, "stored"))
    assert [told.partition(": ")[2].partition(" of the way")[0] for told in shares[:3]] == ["10\xa0%", "19\xa0%", "27\xa0%"]
    assert "2.647 after 44 batches: 99\xa0% of the way from 2/3 to 8/3" in shares[-1]
    page.fill("#momentum", "0")
    page.click("#batch")
    assert "2.647 after 45 batches" in words(page, "stored")
    page.fill("#momentum", "100")
    page.click("#batch")
    assert "2.667 after 46 batches: 100\xa0% of the way" in words(page, "stored")
    page.click("#reset")
    assert words(page, "stored") == "2/3, from training without the bias"


def test_at_the_wall_there_is_no_slope(playing: Opened) -> None:
    page = playing()
    mode(page, "train")
    order(page, "relu")
    page.fill("#b", "10")
    told = words(page, "slope")
    assert told.startswith("none: a sample stands at the wall. To the left: y₁ −")
    assert told.endswith("to the right: y₁ 0, y₂ 0, y₃ 0")


def test_outputs_off_the_line_are_still_told(playing: Opened) -> None:
    """Three equal samples have no variance to be stored: a small bias moves them √(1/ε) times as far."""
    page = playing()
    mode(page, "eval")
    for sample in (1, 2, 3):
        page.locator(f'.handle[data-sample="{sample}"]').press("Home")
    page.fill("#b", "1")
    assert outputs(page) == pytest.approx([0.1 / 1e-5**0.5] * 3)
    assert page.locator("#picture text", has_text="→ 31.623").count() == 3
    page.fill("#b", "-1")
    assert page.locator("#picture text", has_text="← −31.623").count() == 3
    page.fill("#b", "0")
    assert [each for each in page.locator("#picture text", has_text="31.623").all() if each.is_visible()] == []


def wait_for_words(page: Page) -> str:
    page.wait_for_timeout(350)
    return words(page, "summary")


def until(page: Page, holds: Callable[[], bool]) -> None:
    """Waits for ten seconds at most. (The page's policy forbids to evaluate strings in it, so its own waiting does not serve.)"""
    for _ in range(1000):
        if holds():
            return
        page.wait_for_timeout(10)
    raise AssertionError("it does not come to hold")


def test_with_motion_the_bias_is_seen_moving_and_ends_where_it_should(open_page: Opened) -> None:
    page = open_page(reduced_motion="no-preference")
    page.click("#skip")
    until(page, lambda: 0 < int(page.input_value("#b")) < 20)
    until(page, lambda: page.input_value("#b") == "20")
    page.click("#try")
    assert words(page, "verdict") == ""
    until(page, lambda: words(page, "verdict").startswith("Nothing is left over"))


def test_a_hand_on_the_bias_stops_the_motion(open_page: Opened) -> None:
    page = open_page(reduced_motion="no-preference")
    page.click("#skip")
    page.fill("#b", "-30")
    page.wait_for_timeout(1600)
    assert page.input_value("#b") == "-30"


@pytest.mark.parametrize(
    "options",
    [{}, {"java_script_enabled": False}, PHONE, {"color_scheme": "dark"}],
    ids=["desktop", "no script", "phone", "dark"],
)
def test_readable_without_touching_anything(open_page: Opened, options: dict[str, Any]) -> None:
    page = open_page(**options)
    text = page.inner_text("main")
    for told in (
        "Does b matter?",
        "So the output does not move",
        "1/28 of the output’s variance is left over",
        "10 %, 19 %, 27 %",
    ):
        assert told in text
    assert page.locator("caption").is_visible()
    scripted = "java_script_enabled" not in options
    assert page.locator("#board").is_visible() == scripted
    assert ("This page draws with JavaScript" in text) != scripted


def test_screen_readers_hear_each_sample_and_the_whole_in_words(playing: Opened) -> None:
    page = playing()
    told = page.locator("#stage").aria_snapshot()
    for sample, value in ((1, "−1, with the bias 1"), (2, "1, with the bias 3"), (3, "2, with the bias 4")):
        assert f'slider "sample {sample}"' in told
        assert page.get_attribute(f'.handle[data-sample="{sample}"]', "aria-valuetext") == value
    assert 'slider "bias b"' in told
    assert 'button "Let γ and β try"' in told
    assert page.get_attribute("#summary", "aria-live") == "polite"
    assert "Normalised: (0.267, 1.871, 2.673); without the bias: (−1.336, 0.267, 1.069)." in wait_for_words(page)
