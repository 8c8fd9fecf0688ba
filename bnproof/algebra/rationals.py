"""Reading the numbers of a program: whole numbers exactly, others as the simplest rational that rounds to them in their dtype.

1e-5 in float32 is read as 1/100000: the number its author meant. Verdicts list this assumption, and a confirming run uses the
rationals that were read, not the rounded values.
"""

from __future__ import annotations

import functools
import math
from fractions import Fraction
from typing import Any

import numpy as np

Coefficient = int | Fraction
"""An exact rational: an int if it is whole."""

_BITS = {2: np.int16, 4: np.int32, 8: np.int64}


def tidy(value: Coefficient) -> Coefficient:
    """A Fraction that is whole as an int."""
    return value if type(value) is int or value.denominator != 1 else value.numerator


def divided(value: Coefficient, by: Coefficient) -> Coefficient:
    """value / by, exactly."""
    if by == 1:
        return value
    return tidy(Fraction(value) / by)


def read(value: Any, dtype: Any) -> Coefficient | None:
    """The number meant by a scalar of this dtype; None for NaN and infinities."""
    kind = np.dtype(dtype).kind
    if kind in "iub":
        return int(value)
    number = float(value)
    if not math.isfinite(number):
        return None
    if number == int(number):
        return int(number)
    if np.dtype(dtype).itemsize not in _BITS:  # 8 bits and fewer: taken as it is
        return Fraction(number)
    return _simplest(number, str(np.dtype(dtype)))


def is_lowest(value: Any, dtype: Any) -> bool:
    """−∞, or a number that programs mask by: below minus half the range of float32, or the most negative number of float16.

    Half the range, since masks of −0.7 times it are in use; in float16 half the range is an ordinary number.
    """
    number, name = float(value), str(np.dtype(dtype))
    if number == -math.inf:
        return True
    return number <= -0.5 * _largest("float32") or (name == "float16" and number == -_largest(name))


@functools.lru_cache
def _largest(dtype: str) -> float:
    import jax.numpy as jnp

    return float(jnp.finfo(dtype).max)


@functools.lru_cache(maxsize=65536)
def _simplest(number: float, dtype: str) -> Fraction:
    size = abs(number)
    below, above = _neighbours(size, dtype)
    exact = Fraction(size)
    found = simplest_between((Fraction(below) + exact) / 2, (exact + Fraction(above)) / 2)
    return found if number > 0 else -found


def _neighbours(size: float, dtype: str) -> tuple[float, float]:
    """The next smaller and next larger number of the dtype; size is positive, not whole."""
    scalar = np.asarray(size).astype(np.dtype(dtype))
    whole = scalar.reshape(1).view(_BITS[scalar.dtype.itemsize])
    lower, upper = (whole - 1).view(scalar.dtype)[0], (whole + 1).view(scalar.dtype)[0]
    return float(lower), float(upper)


def simplest_between(low: Fraction, high: Fraction) -> Fraction:
    """The rational strictly between 0 ≤ low < high with the smallest denominator, and of these the smallest.

    Source: the Stern–Brocot tree (Graham, Knuth, Patashnik: Concrete Mathematics, §4.5).
    """
    whole = math.floor(low)
    if whole + 1 < high:
        return Fraction(whole + 1)
    low, high = low - whole, high - whole
    if low == 0:
        return whole + Fraction(1, math.floor(1 / high) + 1)
    return whole + 1 / simplest_between(1 / high, 1 / low)
