"""Redundant directions: of one parameter for all values of the others, of several at given weights."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from bnproof.chain.build import build
from bnproof.decide import directions
from bnproof.decide.chain import decide
from bnproof.decide.jacobian import Jacobians, Rows
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


def test_the_last_beta_and_the_bias_of_the_linear_layer_are_spare_together() -> None:
    """S1 in small, in both modes: average pooling and a Linear of one feature see one combination of them."""
    text = "conv(4, k=3, s=2, pad=valid) -> bn -> relu -> conv(6, pad=valid) -> bn -> avgpool(2) -> flatten -> linear(1) -> sigmoid"
    answer = decide(f"{text} @ 4x2x9x9", directions=True)
    assert [(one.parameters, one.dimension, one.of) for one in answer.directions] == [(("bn2.beta", "linear1.bias"), 6, 7)] * 2
    assert [one.at.split(",")[0] for one in answer.directions] == ["train mode", "eval mode"]
    for one in answer.directions:
        assert one.complete
        assert len(one.basis) == 6
        assert all(len(vector) == 7 for vector in one.basis)
    assert answer.unlooked == ()


def test_more_directions_than_the_engine_takes_at_once() -> None:
    """S3.d in small."""
    (joint,) = decide("linear(40) -> relu -> bn -> dropout(0.5) -> linear(3) @ 4x6", "eval", directions=True).directions
    assert joint.parameters == ("bn1.beta", "linear2.bias")
    assert (joint.dimension, joint.of, joint.complete) == (40, 43, True)


def test_large_kernels_do_not_hide_directions_behind_a_saturated_sigmoid() -> None:
    (joint,) = decide("linear(2) -> bn -> linear(1) -> sigmoid @ 4x3000", "train", directions=True).directions
    assert joint.parameters == ("bn1.beta", "linear2.bias")
    assert joint.dimension == 2


def test_what_is_too_large_is_said_not_to_be_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directions, "MOST", 5)
    answer = decide("linear(6) -> relu -> bn -> linear(2) @ 4x3", "eval", directions=True)
    assert [(one.parameters, one.mode) for one in answer.unlooked] == [
        (("linear1.bias",), "eval"),
        (("bn1.beta",), "eval"),
        (("linear1.bias", "bn1.beta", "linear2.bias"), "eval"),
    ]
    assert answer.unlooked[0].why == "6 numbers, limit 5"
    assert answer.as_json()["unlooked"]
    found = {verdict.bias: verdict.directions for verdict in answer.verdicts}
    assert found["linear1.bias"] is None
    assert found["linear2.bias"] is not None


def test_what_takes_too_long_together_is_looked_at_from_the_last_on(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "linear(5) -> relu -> bn -> linear(2) @ 4x3"
    built = build(text)
    names = ["linear1.bias", "bn1.beta", "linear2.bias"]
    whole = Jacobians(built, "eval", names, {}, 4, 16)
    monkeypatch.setattr(directions, "OPERATIONS", whole.operations * 4)  # all: ⌈12/8⌉ + 2 = 4 points; own: three
    assert decide(text, "eval", directions=True).unlooked == ()
    monkeypatch.setattr(directions, "OPERATIONS", whole.operations * 3.5)
    answer = decide(text, "eval", directions=True)
    (left_out,) = answer.unlooked
    assert left_out.parameters == ("linear1.bias",)
    assert left_out.why.startswith("all together: 12 numbers, about")
    (joint,) = answer.directions
    assert joint.parameters == ("bn1.beta", "linear2.bias")


def test_false_directions_are_refused() -> None:
    built = build("linear(4) -> ln @ 3x2")
    right, wrong = [Fraction(1)] * 4, [Fraction(1), Fraction(1), Fraction(1), Fraction(2)]
    many = [right, wrong, right, wrong]
    assert directions.proved_directions(built, "eval", "linear1.bias", many, 3) == [True, False, True, False]


def test_rows_settle_when_points_bring_nothing_new() -> None:
    rows, random = Rows(6), np.random.default_rng(0)
    space = random.normal(size=(4, 6))
    space[:, 2] = 2 * space[:, 5]
    for _ in range(3):
        assert not rows.settled
        rows.add(random.normal(size=(2, 4)) @ space * 1e6)
    assert not rows.settled
    rows.add(random.normal(size=(2, 4)) @ space)
    assert rows.settled
    assert len(rows.basis) == 4
    candidates = rows.null_space()
    assert len(candidates) == 2
    assert np.abs(np.array(candidates, float) @ space.T).max() < 1e-3
    rows.add(np.full((1, 6), np.nan))
    assert len(rows.basis) == 4
