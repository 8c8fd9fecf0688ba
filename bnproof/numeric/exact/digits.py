"""Numbers known between two rationals, as decimal digits."""

from __future__ import annotations

import decimal
from fractions import Fraction

SHOWN = 8
"""Significant digits shown of a number that is not exact, unless both numbers agree in them."""


def change(before: tuple[Fraction, Fraction], after: tuple[Fraction, Fraction]) -> str:
    """`1/2 → 2/3, exactly`: two different numbers, each between two rationals (equal ones if it is known exactly)."""
    exact = all(lo == hi for lo, hi in (before, after))
    short = [str(lo) for lo, hi in (before, after) if lo == hi and len(str(lo)) <= 24]
    if len(short) == 2:
        return f"{short[0]} → {short[1]}, exactly"
    digits = SHOWN
    while len({_number(_decimal(*pair, digits)) for pair in (before, after)}) == 1:
        digits *= 2
    shown = [_decimal(*pair, digits) for pair in (before, after)]
    how = "both exact rationals" if exact else f"enclosed to {_agreeing(before, after)} digits"
    return f"{shown[0]} → {shown[1]} ({how})"


def _decimal(lo: Fraction, hi: Fraction, digits: int) -> str:
    """The leading digits of all numbers between lo and hi, with an ellipsis if others follow; rounded where these differ."""
    if lo < 0 < hi:
        return "≈ 0"
    low, high = (_rounded(x, digits, decimal.ROUND_DOWN) for x in (lo, hi))
    if Fraction(low) != Fraction(high):
        return f"≈ {_rounded((lo + hi) / 2, digits, decimal.ROUND_HALF_EVEN)}"
    return low if lo == hi == Fraction(low) else f"{low if len(low) > len(high) else high}…"


def _number(shown: str) -> Fraction:
    return Fraction(shown.strip("≈ …"))


def _rounded(x: Fraction, digits: int, rounding: str) -> str:
    context = decimal.Context(prec=digits, rounding=rounding, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN)
    value = context.divide(decimal.Decimal(x.numerator), decimal.Decimal(x.denominator))
    return f"{value:f}" if -5 <= value.adjusted() <= 12 else f"{value:e}"


def _agreeing(*pairs: tuple[Fraction, Fraction]) -> int:
    """Decimal digits to which the widest enclosure is known, relative to the largest number."""
    size, width = max(abs(x) for pair in pairs for x in pair), max(hi - lo for lo, hi in pairs)
    return max(d for d in range(200) if d == 0 or width * 10**d <= size)
