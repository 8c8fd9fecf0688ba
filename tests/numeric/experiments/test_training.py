"""Training runs: what the bias changes and what it does not, in small versions of the experiments."""

from __future__ import annotations

import numpy as np
import pytest

from bnproof.numeric.experiments.adam_on_dead_bias import drifts
from bnproof.numeric.experiments.frozen_batchnorm import paired
from bnproof.numeric.experiments.relu_bias_training import train
from bnproof.numeric.experiments.sgd_trajectory import apart
from bnproof.numeric.experiments.sign_flip import compared, sign_flip
from bnproof.numeric.experiments.weight_decay import remaining
from bnproof.numeric.roundoff.precision import UNIT_ROUNDOFF


def test_frozen_statistics_give_the_bias_a_gradient() -> None:
    losses, norms = paired("batch", 0, steps=15, width=6, rate=0.1)
    frozen_losses, frozen_norms = paired("frozen", 0, steps=15, width=6, rate=0.1)
    assert norms.max() < 1e-6
    assert frozen_norms.min() > 1e-2
    assert np.abs(losses[0] - losses[1]).max() < 1e-5
    # both start as the same function, with the same bias
    assert frozen_losses[0, 0] == frozen_losses[1, 0]
    assert abs(frozen_losses[0, -1] - frozen_losses[1, -1]) > 1e-4
    all_frozen_losses, _ = paired("all frozen", 0, steps=15, width=6, rate=0.1)
    assert all_frozen_losses[1, 0] == pytest.approx(frozen_losses[1, 0], rel=1e-6)
    assert abs(all_frozen_losses[1, -1] - frozen_losses[1, -1]) > 1e-5


def test_sgd_does_not_notice_biases() -> None:
    found = apart("float64", "softplus", steps=10, channels=2, rate=0.05, seeds=1)
    u = UNIT_ROUNDOFF["float64"]
    assert found.parameters.shape == found.losses.shape == found.control.shape == (1, 10)
    assert 0 < found.parameters.max() <= 200 * u
    assert found.losses.max() <= 200 * u
    assert u <= found.control[0, 0] <= found.control.max() <= 500 * u


def test_adam_magnifies_round_off_unless_its_constant_is_larger() -> None:
    steps, rate = 20, 1e-3
    narrow = drifts("float32", rate, (1e-20, 1e-2), steps, seeds=1, width=4)
    wide = drifts("float64", rate, (1e-20, 1e-8), steps, seeds=1, width=4)
    for moved in (narrow.moved[0], wide.moved[0]):
        assert rate <= moved.max() <= 3 * rate * steps
    assert narrow.moved[1].max() <= 1e-6
    assert wide.moved[1].max() <= 1e-9
    assert wide.gradient.max() < 1e-14 < narrow.gradient.max() < 1e-5


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_weight_decay_drains_the_bias(dtype: str) -> None:
    steps, rate, decay, u = 30, 0.1, 0.05, UNIT_ROUNDOFF[dtype]
    share = remaining(dtype, decay, rate, steps, width=4, seed=0)
    formula = (1 - rate * decay) ** np.arange(1.0, steps + 1)
    # some roundings a step and the round-off in the gradient
    assert np.abs(share / formula[:, None] - 1).max() <= 10 * steps * u
    wrong = (1 - rate * decay) ** np.arange(steps)
    assert np.abs(share / wrong[:, None] - 1).max() > 1e-3


def test_only_the_bias_before_relu_changes_training() -> None:
    acting, redundant = (
        train(order, True, 12, 2, 4, 0.1)[0] - train(order, False, 12, 2, 4, 0.1)[0] for order in ("relu-bn", "bn-relu")
    )
    assert acting.shape == (2, 12)
    assert np.abs(acting[:, 0]).max() < 1e-6
    assert np.abs(acting[:, -1]).min() > 1e-5
    assert np.abs(redundant).max() < 1e-5


def test_sign_flip() -> None:
    assert sign_flip(np.array([1.0, 2.0, 3.0])) == 2 / 8
    assert sign_flip(np.array([1.0, -1.0])) == 1
    assert sign_flip(np.ones(10)) == 2 / 1024
    for count in (0, 17):
        with pytest.raises(ValueError, match="exactly"):
            sign_flip(np.ones(count))
    assert compared(np.linspace(0.5, 0.6, 10), 1)["significant"] == "yes"
    assert compared(np.array([1.0, -1.1, 0.9, -1.0]), 1)["significant"] == "no"


def test_a_difference_found_among_many_is_less_significant() -> None:
    """Five alike have p = 2/32: no more than chance even by themselves; six have 1/32, and among two 1/16."""
    six = np.ones(6) + np.arange(6) / 100
    assert [compared(six, tried)["p, corrected"] for tried in (1, 2, 40)] == ["0.031", "0.062", "1"]
    assert [compared(six, tried)["significant"] for tried in (1, 2)] == ["yes", "no"]
