"""Redundant directions: of one parameter for all values of the others, of several at given weights."""

from __future__ import annotations

import pytest

from bnproof.decide.chain import decide
from bnproof.verdict import Answer, Directions


def own(answer: Answer, name: str) -> Directions:
    found = next(v.directions for v in answer.verdicts if v.bias == name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "name", "basis"),
    [
        ("linear(4) -> ln @ 3x2", "linear1.bias", (("1", "1", "1", "1"),)),
        ("conv(4) -> gn(2) @ 3x2x3x3", "conv1.bias", (("1", "1", "0", "0"), ("0", "0", "1", "1"))),
        ("linear(4) -> softmax @ 3x2", "linear1.bias", (("1", "1", "1", "1"),)),
        ("linear(4) -> rms @ 3x2", "linear1.bias", ()),
    ],
)
def test_of_one_parameter(text: str, name: str, basis: tuple[tuple[str, ...], ...]) -> None:
    found = own(decide(text, "eval", directions=True), name)
    assert found.basis == basis
    assert (found.dimension, found.of, found.complete) == (len(basis), 4, True)


def test_beta_and_the_bias_of_the_next_linear_layer_share_directions() -> None:
    """S3.d: β can be taken into the next bias, at given weights, where no dropout lies between."""
    answer = decide("linear(2) -> relu -> bn -> linear(2) @ 4x3", "eval", directions=True)
    (joint,) = answer.directions
    assert joint.parameters == ("bn1.beta", "linear2.bias")  # linear1.bias has no part in them
    assert (joint.dimension, joint.of, joint.complete) == (2, 4, True)
    active = decide("linear(2) -> relu -> bn -> dropout(0.5) -> linear(2) @ 4x3", "train", directions=True)
    assert active.directions == ()


def test_value_and_output_bias_of_attention_share_directions() -> None:
    """S4.c: two biases on one channel."""
    answer = decide("attention(1) @ 2x2x3", "eval", directions=True)
    (joint,) = answer.directions
    assert joint.dimension == 2
    assert joint.complete
