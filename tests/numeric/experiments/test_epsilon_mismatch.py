"""The error of a fold with the wrong ε is κ − 1, and none with the right one."""

from __future__ import annotations

import pytest

from bnproof.numeric.experiments.epsilon_mismatch import epsilon_mismatch, relative_error
from bnproof.numeric.roundoff.precision import UNIT_ROUNDOFF


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("variance", [1e-8, 1e-4, 1.0])
@pytest.mark.parametrize(("network", "folded"), [(1e-3, 1e-7), (1e-5, 1e-3)])
def test_error_is_kappa_minus_one(variance: float, network: float, folded: float, dtype: str) -> None:
    kappa = ((variance + network) / (variance + folded)) ** 0.5
    # β is of size 1 and the distance from it about √(V/(V+ε)): its own rounding counts against that
    slack = 30 * UNIT_ROUNDOFF[dtype] * (1 + ((variance + network) / variance) ** 0.5)
    assert abs(relative_error(variance, network, folded, 0, dtype) - abs(kappa - 1)) <= slack * kappa


def test_right_epsilon_leaves_round_off() -> None:
    assert relative_error(1.0, 1e-3, 1e-3, 0, "float64") < 1e-14
    assert relative_error(1.0, 1e-3, 1e-7, 0, "float64") > 1e-4


def test_experiment() -> None:
    found = epsilon_mismatch((-6.0, 0.0))
    assert [series.kind for series in found.series] == ["measured", "reference"] * 3
    for measured, formula in zip(found.series[::2], found.series[1::2], strict=True):
        assert measured.y == pytest.approx(formula.y, rel=0.05)
