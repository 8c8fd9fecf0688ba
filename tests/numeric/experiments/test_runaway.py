"""With the mean held constant the bias runs as the theorem says; with the true gradient it stays."""

from __future__ import annotations

import numpy as np
import pytest

from bnproof.numeric.experiments.runaway import descent, runaway
from bnproof.numeric.roundoff.precision import UNIT_ROUNDOFF


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_bias_runs_and_loss_stays(dtype: str) -> None:
    steps, rate, u = 200, 0.3, UNIT_ROUNDOFF[dtype]
    bias, loss, pull = descent(True, steps, 20, rate, seed=1, dtype=dtype)
    assert pull == pytest.approx(-0.5, abs=1e-6)
    formula = -rate * pull * np.arange(1.0, steps + 1)
    # each step rounds b and carries the rounding of z + b into Σg
    assert np.abs(bias - formula).max() <= 10 * steps * u * formula[-1]
    assert np.abs(loss - loss[0]).max() <= 10 * u * (1 + formula[-1])
    assert bias[-1] > 25


def test_true_gradient_leaves_the_bias() -> None:
    bias, loss, _ = descent(False, 200, 20, 0.3, seed=1)
    assert np.abs(bias).max() <= 200 * 0.3 * 20 * UNIT_ROUNDOFF["float32"]
    assert np.abs(loss - loss[0]).max() <= 1e-6


def test_experiment() -> None:
    found = runaway(steps=100)
    labels = [series.label for series in found.series]
    assert labels[:2] == ["|b|, mean held constant", "formula t·η·|Σg|"]
    assert found.series[0].y == pytest.approx(found.series[1].y, rel=1e-4)
