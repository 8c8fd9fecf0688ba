"""Divisions, roots and functions off by a known amount: the probe finds it, and what is rounded correctly is found to be."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from bnproof.errors import CheckError
from bnproof.numeric.roundoff.precision import UNIT_ROUNDOFF, storage
from bnproof.numeric.roundoff.probes.functions import EXACT, FUNCTIONS, arguments, errors, times

ALL = ("float64", "float32", "bfloat16", "float16")


def correctly(name: str, kind: Any) -> Callable[..., Any]:
    """By long double, where the machine has a longer one, or float64; rounded once."""
    wide: Any = {"div": np.divide, "sqrt": np.sqrt, "rsqrt": lambda x: 1 / np.sqrt(x)}.get(name)
    wide = wide or FUNCTIONS[name].wide
    return lambda *xs: wide(*(x.astype(np.longdouble if name in EXACT else np.float64) for x in xs)).astype(kind)


def off_by(ulps: int, run: Callable[..., Any]) -> Callable[..., Any]:
    """Every seventh value so many numbers too large."""

    def moved(*xs: Any) -> Any:
        y = np.asarray(run(*xs)).copy()
        for _ in range(ulps):
            y[::7] = np.nextafter(y[::7], y.dtype.type(np.inf))
        return y

    return moved


@pytest.mark.parametrize("dtype", ALL)
def test_what_is_rounded_correctly(dtype: str) -> None:
    kind = storage(dtype)
    names = EXACT if dtype == "float64" else (*EXACT, *FUNCTIONS)
    found = errors({name: correctly(name, kind) for name in names}, dtype)
    assert set(found) == set(names)
    for name, size in found.items():
        assert 0.5 < size <= 1 or (dtype == "float64" and np.finfo(np.longdouble).eps == np.finfo(float).eps), (name, size)
        assert times(name, 1.0, found, "cpu", UNIT_ROUNDOFF[dtype]) == 1


@pytest.mark.parametrize("name", EXACT)
@pytest.mark.parametrize("ulps", [1, 2])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_quotients_and_roots_off_by_ulps(name: str, ulps: int, dtype: str) -> None:
    """An ulp is u to 2u of the value."""
    size = errors({name: off_by(ulps, correctly(name, storage(dtype)))}, dtype)[name]
    assert 2 * ulps - 0.1 < size <= 2 * ulps + 1
    assert times(name, 2.0, {name: size}, "cpu", UNIT_ROUNDOFF[dtype]) >= 2 * size


def test_a_quotient_by_the_reciprocal_is_not_rounded_correctly() -> None:
    def by_reciprocal(x: Any, y: Any) -> Any:
        return x * (np.float32(1) / y)

    assert 1 < errors({"div": by_reciprocal}, "float32")["div"] <= 3


@pytest.mark.parametrize("dtype", ALL)
def test_a_fifth_of_the_quotients_is_next_to_the_middle_of_two_numbers(dtype: str) -> None:
    u, near = UNIT_ROUNDOFF[dtype], 0
    x, y = arguments("div", storage(dtype), np.random.default_rng(0))
    for a, b in zip(x.astype(np.float64).tolist(), y.astype(np.float64).tolist(), strict=True):
        quotient = Fraction(a) / Fraction(b)
        digits = (
            quotient / Fraction(2) ** (math.frexp(float(quotient))[1] - 1) / Fraction(2 * u)
        )  # a number of the type is whole
        near += abs(digits % 1 - Fraction(1, 2)) <= 8 * Fraction(u)
    assert near >= len(x) // 5


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_functions_off_by_sixteen_ulps(name: str, dtype: str) -> None:
    size = errors({name: off_by(16, correctly(name, storage(dtype)))}, dtype)[name]
    assert size > 16
    assert times(name, 8.0, {name: size}, "cpu", UNIT_ROUNDOFF[dtype]) >= 2 * size


def test_a_function_that_is_wrong_has_no_constant() -> None:
    assert times("exp", 8.0, errors({"exp": lambda x: np.exp(x) * np.float32(1.1)}, "float32"), "gpu", 2.0**-24) == math.inf
    assert (
        times("exp", 8.0, errors({"exp": lambda x: np.where(x > 0, np.nan, np.exp(x))}, "float32"), "gpu", 2.0**-24) == math.inf
    )
    assert errors({"sqrt": lambda x: -np.sqrt(x)}, "float32")["sqrt"] == math.inf


def test_what_is_documented_counts_although_a_sample_shows_less() -> None:
    assert times("div", 2.0, {"div": 0.99}, "gpu", 2.0**-24) == 4
    assert times("sqrt", 1.0, {"sqrt": 0.99}, "gpu", 2.0**-24) == 2
    assert times("div", 2.0, {"div": 0.99}, "cpu", 2.0**-24) == 2
    assert times("tanh", 8.0, {}, "gpu", 2.0**-24) == 8


@pytest.mark.parametrize("dtype", ALL)
def test_arguments_are_normal_numbers_in_range(dtype: str) -> None:
    kind = storage(dtype)
    for name in (*EXACT, *FUNCTIONS):
        for x in arguments(name, kind, np.random.default_rng(0)):
            assert x.dtype == kind
            assert np.isfinite(x.astype(np.float64)).all()
            assert len(np.unique(x.astype(np.float64))) > 50


def test_an_unknown_type() -> None:
    with pytest.raises(CheckError, match="unknown dtype"):
        errors({}, "float8")
