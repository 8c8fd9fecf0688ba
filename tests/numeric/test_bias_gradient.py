"""The numbers agree with the proofs, and the bound itself can fail."""

from __future__ import annotations

import math
from dataclasses import replace

import jax
import jax.numpy as jnp
import pytest

from bnproof.numeric.bias_gradient import CONTROL_FACTOR, Problem, bound, measure
from bnproof.numeric.precision import UNIT_ROUNDOFF, gamma, wide


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("seed", range(3))
def test_zero_below_control_above(dtype: str, seed: int) -> None:
    zero, control = measure(dtype, Problem(batch=2, size=6, channels=4, seed=seed))
    assert zero.case == "conv -> bn"
    assert zero.measured <= zero.bound
    assert zero.passed
    assert control.measured >= CONTROL_FACTOR * control.bound
    assert control.passed


def test_gradients_were_computed_in_the_format_named() -> None:
    wide_zero, narrow_zero = (measure(dtype, Problem(batch=2, size=6, channels=4))[0] for dtype in ("float64", "float32"))
    assert 0 < wide_zero.measured < 1e-12 < narrow_zero.measured


def test_the_format_does_not_leak() -> None:
    with wide("float64"):
        assert jnp.zeros(1).dtype == jnp.float64
    assert jnp.zeros(1).dtype == jnp.float32
    assert not jax.config.jax_enable_x64  # type: ignore[attr-defined]


def test_a_bound_without_round_off_would_be_violated() -> None:
    zero, _ = measure("float32")
    assert not replace(zero, bound=zero.bound * 1e-6).passed


def test_a_bound_so_large_that_the_control_passes_fails() -> None:
    _, control = measure("float32")
    assert not replace(control, bound=control.measured).passed


def test_nan_never_passes() -> None:
    zero, control = measure("float32")
    for m in (zero, control):
        assert not replace(m, measured=math.nan).passed
        assert not replace(m, bound=math.nan).passed


def test_bound_grows_with_the_format_and_the_size() -> None:
    small, large = jnp.ones((1, 2, 4, 4)), jnp.ones((4, 2, 4, 4))
    assert bound(small, small, "float32").shape == (2,)
    assert bool(jnp.all(bound(small, small, "float32") < bound(large, large, "float32")))
    assert bool(jnp.all(bound(small, small, "float64") < bound(small, small, "float32")))


def test_gamma() -> None:
    u = UNIT_ROUNDOFF["float32"]
    assert gamma(1, "float32") == pytest.approx(u)
    assert gamma(1000, "float32") > 1000 * u
    with pytest.raises(ValueError, match="no correct digit"):
        gamma(2**24, "float32")
