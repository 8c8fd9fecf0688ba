"""Signs that a shape shows, and shapes that show none."""

from __future__ import annotations

import pytest

from bnproof.symbolic.notation import parse
from bnproof.symbolic.sign import NONNEGATIVE, POSITIVE, UNKNOWN, manifest_sign
from bnproof.theorems.glossary import PLAIN

SHAPES = {
    "abs(b) - b": NONNEGATIVE,
    "abs(b) + b": NONNEGATIVE,
    "b + abs(b)": NONNEGATIVE,
    "abs(z[k] - b) - (z[k] - b)": NONNEGATIVE,
    "(abs(b) - b)*(tau + abs(a))": NONNEGATIVE,
    "abs(b) + b + tau": POSITIVE,
    "abs(tau) + tau": POSITIVE,
    "b - abs(b)": UNKNOWN,
    "abs(b) - a": UNKNOWN,
    "abs(b) + a": UNKNOWN,
    "abs(b) - 2*b": UNKNOWN,
    "abs(b) - b**2": UNKNOWN,
    "-abs(b) + b": UNKNOWN,
    "abs(z[k]) - z[i]": UNKNOWN,
    "abs(z[k] - b) - (b + z[k])": UNKNOWN,
}


@pytest.mark.parametrize("text", SHAPES)
def test_the_shape_of_an_absolute_value(text: str) -> None:
    assert manifest_sign(parse(text, PLAIN), PLAIN) == SHAPES[text]
