"""Sums of floating-point numbers without any rounding, row by row, in time linear in their number.

For σ a power of two at least n + 2 times the largest |x|, q = fl(fl(σ + x) − σ) is x rounded to a multiple of u·σ; x − q is exact,
and so is a sum of n such q in any order, since every partial sum is a multiple of u·σ and at most σ. The remainders x − q are at
most u·σ, so doing the same with them, and theirs, soon leaves nothing. The few sums of q are added up as integers, so the result
does not depend on order or grouping. Sources: Rump, Ogita and Oishi, Accurate Floating-Point Summation I (SIAM J. Sci. Comput. 31,
2008), algorithm 3.2 and theorem 3.3; for products Dekker, A Floating-Point Technique for Extending the Available Precision (Numer.
Math. 18, 1971).
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from ...errors import CheckError

SMALLEST, LARGEST = 2.0**-480, 2.0**480
"""Absolute values, 0 apart, whose products have neither overflow nor an error term that underflows."""
_SCALE = 1074
"""Every float64 is an integer multiple of 2**-1074."""
_SPLIT = 2.0**27 + 1


class ExactSum:
    """Running sums of `rows` rows; adding the same numbers in another order or in other groups gives the same sums."""

    def __init__(self, rows: int) -> None:
        self._totals = [0] * rows

    def add(self, values: np.ndarray[Any, Any]) -> None:
        """Adds values of shape (rows, n), of any floating type up to float64. Raises CheckError for values out of range."""
        self._extract(_checked(values))

    def add_products(self, first: np.ndarray[Any, Any], second: np.ndarray[Any, Any]) -> None:
        """Adds first·second, both of shape (rows, n), without rounding the products. Raises CheckError as `add`."""
        a, b = _checked(first), _checked(second)
        product = a * b
        if np.float64 in (first.dtype, second.dtype):  # of shorter numbers the product is exact
            self._extract(_product_error(a, b, product))
        self._extract(product)

    def fractions(self) -> list[Fraction]:
        """The sums, exactly."""
        return [Fraction(total, 2**_SCALE) for total in self._totals]

    def floats(self) -> np.ndarray[Any, Any]:
        """The sums, (rows,), each rounded once to float64."""
        return np.array([total / 2**_SCALE for total in self._totals])  # a quotient of integers is rounded correctly

    def _extract(self, x: np.ndarray[Any, Any]) -> None:
        """Adds x, overwriting it."""
        if not x.shape[1]:
            return
        growth = int(x.shape[1] + 1).bit_length()
        while True:
            largest = np.maximum(x.max(1), -x.min(1))
            if not largest.any():
                return
            _, exponent = np.frexp(largest)
            sigma = np.where(largest > 0, np.ldexp(1.0, exponent + growth), 0.0)[:, None]
            q = x + sigma
            q -= sigma
            for row, part in enumerate(q.sum(1)):
                numerator, denominator = float(part).as_integer_ratio()
                self._totals[row] += numerator * (2**_SCALE // denominator)
            x -= q


def _checked(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """A copy of the values in float64, exactly; CheckError if one is not finite or out of range."""
    wide = values.astype(np.float64)
    size = np.abs(wide)
    fit = ((size >= SMALLEST) & (size <= LARGEST)) | (size == 0)
    if not fit.all():
        raise CheckError(
            f"cannot add up {wide[~fit][0]:g} exactly: expected 0 or absolute values between 2^-480 and 2^480; "
            "scale the data, or look for an overflow where they were made"
        )
    return wide


def _product_error(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any], product: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """a·b − product, exactly."""
    a_high, b_high = _high(a), _high(b)
    a_low, b_low = a - a_high, b - b_high
    return a_low * b_low - (((product - a_high * b_high) - a_low * b_high) - a_high * b_low)


def _high(x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The leading 26 bits."""
    scaled = _SPLIT * x
    return scaled - (scaled - x)
