"""What a stored mean is proved to absorb, and what it is not."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from bnproof.chain.build import build
from bnproof.decide.chain import decide
from bnproof.modes import Asked
from bnproof.verdict import Answer


def absorbed(answer: Answer) -> dict[str, tuple[str, ...]]:
    return {v.bias: v.absorbed_by for v in answer.verdicts if v.mode == "eval" and v.absorbed_by is not None}


@pytest.mark.parametrize(
    ("chain", "names"),
    [
        ("conv -> bn -> relu", {"conv1.bias": "bn1"}),
        ("conv -> in(track=yes, momentum=0.3)", {"conv1.bias": "in1"}),
        ("conv -> conv(pad=valid) -> maxpool -> bn", {"conv1.bias": "bn1", "conv2.bias": "bn1"}),
        ("conv -> avgpool(k=2, pad=1, s=2) -> bn @ 4x3x2x2", {"conv1.bias": "bn1"}),
        ("concat(conv; conv -> relu) -> bn", {"conv1.bias": "bn1"}),
        ("conv -> bn(variance=onepass) -> bn", {"conv1.bias": "bn1", "bn1.beta": "bn2"}),
        ("linear -> add(bn; bn)", {}),
    ],
)
def test_what_goes_into_a_stored_mean(chain: str, names: dict[str, str]) -> None:
    answer = decide(chain)
    assert absorbed(answer) == {bias: (f"{norm}.running_mean",) for bias, norm in names.items()}


@pytest.mark.parametrize(
    "chain",
    [
        "conv -> relu -> in(track=yes) @ 4x3x1x1",  # the mean follows, but not by a constant
        "conv -> relu -> globalpool(keepdims=yes) -> in(track=yes)",
        "linear -> relu -> bn @ 1x8",
        "linear -> add(bn; identity) -> bn(momentum=0)",  # another way, past the mean that follows
        "conv -> bn(momentum=0)",
    ],
)
def test_a_mean_that_follows_does_not_always_do_the_work(chain: str) -> None:
    answer = decide(chain)
    idle = [v.bias for v in answer.verdicts if v.mode == "train" and v.verdict == "redundant"]
    acting = [v.bias for v in answer.verdicts if v.mode == "eval" and v.verdict == "acts"]
    assert set(idle) & set(acting)
    assert not absorbed(answer)


@pytest.mark.parametrize("mode", ["train", "eval", "frozen"])
def test_only_where_training_was_asked_about_too(mode: Asked) -> None:
    answer = decide("conv -> bn", mode)
    assert all(verdict.absorbed_by is None for verdict in answer.verdicts)


def test_every_bias_at_once_keeps_the_numbers() -> None:
    chain = "conv -> residual(conv(8)) -> bn -> conv -> conv(pad=valid) -> bn"
    built, moved = build(chain), absorbed(decide(chain))
    assert set(moved) == {"conv2.bias", "conv4.bias", "conv3.bias"}
    params, stats = built.init(jax.random.key(1))
    params = {name: value + 0.5 if value.ndim == 1 else value for name, value in params.items()}
    x = jax.random.normal(jax.random.key(2), built.input_shape)
    without = {name: 0 * value if name in moved else value for name, value in params.items()}
    after, before = (built.apply(values, stats, x, "train")[1] for values in (without, params))
    lowered = dict(stats)
    for (mean,) in set(moved.values()):
        lowered[mean] = stats[mean] + (after[mean] - before[mean]) / 0.1
    wanted = built.apply(params, stats, x, "eval")[0]
    np.testing.assert_allclose(built.apply(without, lowered, x, "eval")[0], wanted, atol=1e-4)
    assert np.abs(built.apply(without, stats, x, "eval")[0] - wanted).max() > 1e-2
