"""A layer's own text is found in what was typed: brackets inside it, in quotes and in comments included."""

from __future__ import annotations

import pytest

from bnproof.chain.build import build
from bnproof.chain.shapes import walk


def sources(text: str) -> list[str]:
    built = build(text)
    return [built.chain.text[place.layer.whole.start : place.layer.whole.stop] for place in walk(built.places)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("conv -> bn", ["conv", "bn"]),
        ("Conv2d  # first\n (3, 8, 3) -> BatchNorm2d(8)", ["Conv2d  # first\n (3, 8, 3)", "BatchNorm2d(8)"]),
        ("residual(conv(3) -> bn) -> relu", ["residual(conv(3) -> bn)", "conv(3)", "bn", "relu"]),
        ("conv (16, k=(3, 5)) -> bn", ["conv (16, k=(3, 5))", "bn"]),
        ("stem: Conv2d(3, 8, (3, 3)) -> BatchNorm2d", ["Conv2d(3, 8, (3, 3))", "BatchNorm2d"]),
        (
            'Conv2D(8, 3, padding="same", bias_initializer=")") -> BatchNormalization()',
            ['Conv2D(8, 3, padding="same", bias_initializer=")")', "BatchNormalization()"],
        ),
    ],
)
def test_the_layer_s_own_text(text: str, found: list[str]) -> None:
    assert sources(text) == found


def test_brackets_in_comments_do_not_count() -> None:
    text = "nn.Sequential(\n    nn.Conv2d(3, 8,  # :)\n              3),  # (stem\n    nn.BatchNorm2d(8),\n)"
    first, second = sources(text)
    assert first.startswith("nn.Conv2d(3, 8,")
    assert first.endswith("3)")
    assert second == "nn.BatchNorm2d(8)"


def test_what_was_put_in_stands_nowhere() -> None:
    assert sources("Conv2d(3, 8, 3) -> Linear(288, 4)") == ["Conv2d(3, 8, 3)", "", "Linear(288, 4)"]
