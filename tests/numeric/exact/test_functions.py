"""Enclosures of functions contain the truth, by mpmath, and are as narrow as promised."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

from bnproof.numeric.exact import functions
from bnproof.numeric.exact.interval import Enclosure, exactly
from bnproof.numeric.exact.rules import RULES

from ..rational import F

POINTS = [
    F(0),
    F(1),
    F(-1),
    F(1, 3),
    F(-7, 5),
    F(22, 7),
    F(-19, 2),
    F(10),
    F(41, 4),
    F(30),
    F(-250, 3),
    F(-1, 10**12),
    F(10**9, 7),
]
FUNCTIONS: dict[str, tuple[Callable[[F], Enclosure], Callable[[Any], Any], tuple[Any, Any]]] = {
    "sqrt": (functions.root, mpmath.sqrt, (0, math.inf)),
    "exp": (functions.exponential, mpmath.exp, (-2000, 1000)),
    "log": (functions.logarithm, mpmath.log, (F(1, 10**20), math.inf)),
    "erf": (functions.error_function, mpmath.erf, (-math.inf, math.inf)),
    "tanh": (lambda x: RULES["tanh"]({}, np.full(1, exactly(x), object))[0], mpmath.tanh, (-math.inf, math.inf)),
    "logistic": (functions.sigmoid, lambda x: 1 / (1 + mpmath.exp(-x)), (-2000, math.inf)),
}


def rational(x: Any) -> F:
    """An mpmath number exactly."""
    sign, mantissa, exponent, _ = x._mpf_
    return (-1 if sign else 1) * F(int(mantissa)) * F(2) ** int(exponent)


def check(name: str, x: F) -> None:
    """The enclosure contains the value, to 1200 bits, and is as narrow as promised."""
    f, truth, (low, high) = FUNCTIONS[name]
    if not low <= x <= high:
        return
    found = f(x)
    with mpmath.workprec(1200):
        value = rational(truth(mpmath.mpf(x.numerator) / x.denominator))
    error = abs(value) / 2**1150 + F(1, 2**1150)
    assert found.lo - error <= value <= found.hi + error
    assert found.hi - found.lo <= F(1, 2**100) * (abs(value) + F(1, 2**20))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_are_enclosed(name: str) -> None:
    random = np.random.default_rng(1)
    drawn = [F(int(a), int(b)) for a, b in zip(random.integers(-400, 400, 60), random.integers(1, 50, 60), strict=True)]
    for x in [*POINTS, *drawn]:
        check(name, x)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_contain_all_values_of_an_interval(name: str) -> None:
    f, _, (low, _) = FUNCTIONS[name]
    ends = (F(1, 7), F(9, 5)) if low >= 0 else (F(-5, 3), F(9, 5))
    whole = functions.increasing(f)(Enclosure(*ends))
    for k in range(11):
        inside = f(ends[0] + (ends[1] - ends[0]) * F(k, 10))
        assert whole.lo <= inside.lo <= inside.hi <= whole.hi


def test_a_root_too_narrow_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = functions.root

    def narrow(x: F) -> Enclosure:
        found = honest(x)
        return found if found.exact else Enclosure(found.lo, found.lo)

    check("sqrt", F(2))
    monkeypatch.setitem(FUNCTIONS, "sqrt", (narrow, *FUNCTIONS["sqrt"][1:]))
    with pytest.raises(AssertionError):
        check("sqrt", F(2))


def test_perfect_squares_have_exact_roots() -> None:
    assert functions.root(F(9, 16)).exact
    assert functions.root(F(9, 16)).lo == F(3, 4)
    found = functions.root(F(1, 2))
    assert found.lo**2 < F(1, 2) < found.hi**2
