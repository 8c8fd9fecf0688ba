"""The lag is (1 − m)^t up to round-off, and ends where the rounded weights say."""

from __future__ import annotations

import numpy as np
import pytest

from bnproof.numeric.experiments.running_mean_lag import lags, limit, running_mean_lag
from bnproof.numeric.roundoff.precision import UNIT_ROUNDOFF


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("momentum", [0.5, 0.1])
def test_lag_is_the_power(momentum: float, dtype: str) -> None:
    steps, u = 40, UNIT_ROUNDOFF[dtype]
    lag = lags(momentum, steps, batch=32, channels=4, bias=2.0, dtype=dtype)
    formula = (1 - momentum) ** np.arange(1.0, steps + 1)
    # each update rounds two products and a sum of numbers up to 2, errors decay by 1 − m: some 3u/m in all, twice for two layers
    assert np.abs(lag - formula[:, None]).max() <= 6 * u / momentum
    late = (1 - momentum) ** np.arange(2.0, steps + 2)
    assert np.abs(lag - late[:, None]).max() > 1e6 * u


def test_limit_of_rounded_weights() -> None:
    assert limit(0.5) == 0
    end = lags(0.01, 3000, batch=16, channels=4, bias=1.0)[-100:].mean()
    assert end == pytest.approx(limit(0.01), rel=0.3)


def test_table_and_series() -> None:
    found = running_mean_lag((0.5,), steps=40, batch=16, channels=2)
    measured, formula = found.series
    assert measured.kind == "measured"
    assert formula.kind == "reference"
    assert formula.y[:3] == pytest.approx((0.5, 0.25, 0.125))
    assert [row["α"] for row in found.table] == ["0.5"]
