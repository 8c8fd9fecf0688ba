"""Rational interval arithmetic: numbers enclosed between two rationals.

An `Enclosure` is a pair lo ≤ value ≤ hi of Fractions. Where lo = hi the value is exact; sums, products, quotients and
comparisons of exact values are exact. Everything else is rounded outwards to `PRECISION` significant bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

PRECISION = 128
"""Significant bits of inexact bounds."""
EXACT = 2048
"""Bits of numerator and denominator together up to which an exact value stays exact."""
DEEPEST = 4096
"""Bounds are multiples of 2^−DEEPEST and below 2^DEEPEST in size."""


class Undecidable(Exception):
    """The enclosures do not decide a comparison, or do not exclude a division by 0 or a root of a negative number."""


class Enclosure:
    """A real number between two rationals; `lo is hi` exactly if it is known exactly.

    The same object stands for the same number: x − x is 0 and x · x is a square.
    """

    __slots__ = ("hi", "lo")

    def __init__(self, lo: Fraction, hi: Fraction) -> None:
        """The narrowest enclosure of the numbers from lo to hi that the format has. Raises Undecidable if one is huge."""
        if lo == hi and lo.numerator.bit_length() + lo.denominator.bit_length() <= EXACT:
            self.lo = self.hi = lo
        else:
            self.lo, self.hi = _down(lo), -_down(-hi)
            if self.lo == self.hi:
                self.hi = self.lo

    @property
    def exact(self) -> bool:
        """Whether the number is known exactly."""
        return self.lo is self.hi

    @property
    def ends(self) -> Sequence[Fraction]:
        """(lo, hi), or (lo,) if the number is known exactly."""
        return (self.lo,) if self.exact else (self.lo, self.hi)

    def __add__(self, other: Enclosure) -> Enclosure:
        lo = self.lo + other.lo
        return Enclosure(lo, lo if self.exact and other.exact else self.hi + other.hi)

    def __neg__(self) -> Enclosure:
        return exactly(-self.lo) if self.exact else Enclosure(-self.hi, -self.lo)

    def __sub__(self, other: Enclosure) -> Enclosure:
        return ZERO if self is other and self.lo <= self.hi else self + -other

    def __mul__(self, other: Enclosure) -> Enclosure:
        if self is other:
            return power(self, 2)
        return _hull([a * b for a in self.ends for b in other.ends])

    def __truediv__(self, other: Enclosure) -> Enclosure:
        if other.lo <= 0 <= other.hi:
            raise Undecidable
        return _hull([a / b for a in self.ends for b in other.ends])


def exactly(value: Any) -> Enclosure:
    """The enclosure of a number known exactly: a Fraction, an integer or a finite float, for exactly what it is."""
    if not isinstance(value, Fraction):
        value = Fraction(value.item() if isinstance(value, np.generic) else value)
    return Enclosure(value, value)


def _hull(values: Sequence[Fraction]) -> Enclosure:
    return Enclosure(min(values), max(values))


def _down(x: Fraction) -> Fraction:
    """The largest number ≤ x of PRECISION significant bits that is a multiple of 2^−DEEPEST."""
    n, d = x.numerator, x.denominator
    if (size := n.bit_length() - d.bit_length()) > DEEPEST:
        raise Undecidable
    shift = min(PRECISION - size, DEEPEST)
    return Fraction(scaled(x, shift), 1 << shift) if shift >= 0 else Fraction(scaled(x, shift) << -shift)


def scaled(x: Fraction, shift: int) -> int:
    """⌊x · 2^shift⌋."""
    n, d = x.numerator, x.denominator
    return (n << shift) // d if shift >= 0 else n // (d << -shift)


class Unread(Enclosure):
    """What is no number: NaN or infinite. It can be moved and selected; whatever looks at it raises Undecidable."""

    def __init__(self) -> None: ...

    def __getattribute__(self, name: str) -> Any:
        if name in ("lo", "hi", "exact"):
            raise Undecidable
        return super().__getattribute__(name)


ZERO, ONE, TWO = map(exactly, range(3))
UNREAD, LOWEST = Unread(), Unread()
"""NaN and +∞; and −∞, which never is the larger of two."""


def power(x: Enclosure, n: int) -> Enclosure:
    """xⁿ for a whole number n, at most 64 in size."""
    if abs(n) > 64:
        raise Undecidable
    if n < 0:
        return ONE / power(x, -n)
    ends = [end**n for end in x.ends]
    return _hull([*ends, Fraction(0)] if n % 2 == 0 and x.lo < 0 < x.hi else ends)


def larger(x: Enclosure, y: Enclosure) -> Enclosure:
    """max(x, y)."""
    if x is LOWEST or y is LOWEST:
        return y if x is LOWEST else x
    return x if x.lo >= y.hi else y if y.lo >= x.hi else Enclosure(max(x.lo, y.lo), max(x.hi, y.hi))


def smaller(x: Enclosure, y: Enclosure) -> Enclosure:
    """min(x, y)."""
    return x if x.hi <= y.lo else y if y.hi <= x.lo else Enclosure(min(x.lo, y.lo), min(x.hi, y.hi))


def less(x: Enclosure, y: Enclosure) -> bool:
    """Whether x < y. Raises Undecidable if the enclosures overlap, unless both are exact or one number."""
    if x is not y and x.hi >= y.lo and x.lo < y.hi:
        raise Undecidable
    return x is not y and x.hi < y.lo


def equal(x: Enclosure, y: Enclosure) -> bool:
    """Whether x = y. Raises Undecidable if the enclosures overlap, unless both are exact or one number."""
    apart = x.hi < y.lo or y.hi < x.lo
    if not (apart or x is y or (x.exact and y.exact)):
        raise Undecidable
    return not apart
