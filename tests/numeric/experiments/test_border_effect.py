"""Zero padding lets the first bias through, circular padding does not; the convolution used is the real one."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from bnproof.numeric.experiments.border_effect import border_effect, moves
from bnproof.numeric.experiments.network import convolve
from bnproof.numeric.roundoff.precision import UNIT_ROUNDOFF, computing


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_circular_is_round_off_and_zero_is_not(dtype: str) -> None:
    ring, zero = moves(5, True, 2, dtype), moves(5, False, 2, dtype)
    assert 0 < ring.max() <= 500 * UNIT_ROUNDOFF[dtype]
    assert zero[:, 0].min() >= 0.05


def test_the_effect_fades_with_the_size_but_not_at_the_border() -> None:
    small, large = moves(4, False, 3).mean(0), moves(24, False, 3).mean(0)
    shares = [((4 * size - 4) / size**2) ** 0.5 for size in (4, 24)]
    assert small[0] / large[0] == pytest.approx(shares[0] / shares[1], rel=0.15)
    assert large[1] >= 0.5 * small[1]


@pytest.mark.parametrize("circular", [False, True])
def test_convolution(circular: bool) -> None:
    rng = np.random.default_rng(0)
    with computing("float64"):
        x, kernel = jnp.asarray(rng.standard_normal((2, 5, 6, 3))), jnp.asarray(rng.standard_normal((3, 3, 3, 4)))
        padded = jnp.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="wrap" if circular else "constant")
        expected = lax.conv_general_dilated(padded, kernel, (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC"))
        assert jnp.abs(convolve(x, kernel, circular) - expected).max() < 1e-13


def test_experiment() -> None:
    found = border_effect((3,), seeds=1)
    assert {series.x for series in found.series} == {(3.0,)}
    assert "3×3" in found.sentence
