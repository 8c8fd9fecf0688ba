"""The one-pass variance loses digits with the square of the offset, the two-pass one does not."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from bnproof.numeric.experiments.one_pass_variance import errors, exact, one_pass_variance
from bnproof.numeric.roundoff.precision import UNIT_ROUNDOFF


def test_exact_reference() -> None:
    assert exact(np.array([1.0, 2.0, 4.0])) == (Fraction(7, 3), Fraction(14, 9))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("offset", [1.0, 30.0, 1000.0])
def test_error_is_of_the_order_derived(dtype: str, offset: float) -> None:
    u = UNIT_ROUNDOFF[dtype]
    found = [errors(dtype, offset, 64, seed) for seed in range(5)]
    estimate = u * (1 + np.median([ratio for ratio, *_ in found]) ** 2)
    assert max(one for _, one, _, _ in found) <= 20 * estimate
    assert max(two for _, _, two, _ in found) <= 20 * u
    # and it does grow: the estimate is no mere upper bound
    assert offset < 10 or max(one for _, one, _, _ in found) >= 0.05 * estimate


def test_breakdown() -> None:
    beyond = 10 * UNIT_ROUNDOFF["float32"] ** -0.5
    found = [errors("float32", beyond, 64, seed) for seed in range(8)]
    assert max(one for _, one, _, _ in found) > 1
    assert min(variance for *_, variance in found) <= 0
    assert max(two for _, _, two, _ in found) < 1e-3


def test_offsets_end_before_the_values_fall_together() -> None:
    found = one_pass_variance((1.0, 3.0, 6.5), count=16, seeds=1)
    lengths = {series.label: len(series.x) for series in found.series}
    assert lengths["float32: one pass"] == 2
    assert lengths["float64: one pass"] == 3
