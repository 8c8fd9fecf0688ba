"""Functions of one rational number, enclosed.

Roots come from integer square roots, exponentials, logarithms and erf from series of positive terms in integer arithmetic: one
series rounded down, one rounded up, so that nothing has to be estimated but the tail, which is below the last term once terms halve.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from fractions import Fraction

from .interval import DEEPEST, ONE, PRECISION, TWO, ZERO, Enclosure, Undecidable, exactly, scaled

WORKING = 192
"""Bits after the point in series."""


def series(first: Fraction, y: Fraction, over: Callable[[int], int], under: Callable[[int], int]) -> list[Fraction]:
    """[lo, hi] of Σ tₙ with t₀ = first ≥ 0 and tₙ₊₁ = tₙ · y · over(n)/under(n), y ≥ 0.

    Once a ratio of terms is ≤ 1/2, all later ones must be: then the tail is at most the last term that was added.
    """
    below, above = scaled(first, WORKING), -scaled(-first, WORKING)
    least, most = scaled(y, WORKING), -scaled(-y, WORKING)
    total, bound, n = below, above, 0
    while above > 2 or 2 * most * over(n) > under(n) << WORKING:
        below = (below * least * over(n) >> WORKING) // under(n)
        above = -((-above * most * over(n) >> WORKING) // under(n))
        total, bound, n = total + below, bound + above, n + 1
    return [Fraction(total, 1 << WORKING), Fraction(bound + above, 1 << WORKING)]


def root(x: Fraction) -> Enclosure:
    """√x, exact for squares of rationals. Raises Undecidable for x < 0."""
    if x < 0:
        raise Undecidable
    n, d = math.isqrt(x.numerator), math.isqrt(x.denominator)
    if n * n == x.numerator and d * d == x.denominator:
        return exactly(Fraction(n, d))
    shift = max(0, PRECISION - (x.numerator.bit_length() - x.denominator.bit_length()) // 2)
    s = math.isqrt(scaled(x, 2 * shift))
    return Enclosure(Fraction(s, 1 << shift), Fraction(s + 1, 1 << shift))


def exponential(x: Fraction) -> Enclosure:
    """eˣ by its Taylor series at |x|/2ᵏ < 1/32, squared k times, inverted for x < 0. Raises Undecidable for huge x."""
    if abs(x) > DEEPEST // 2:
        if x > 0:
            raise Undecidable
        return Enclosure(Fraction(0), Fraction(1, 1 << DEEPEST // 2))  # e^−x < 2^−x
    if x == 0:
        return ONE
    k = max(0, 6 + abs(x.numerator).bit_length() - x.denominator.bit_length())
    small = series(Fraction(1), abs(x) / (1 << k), lambda _: 1, lambda n: n + 1)
    below, above = (int(end * (1 << WORKING)) for end in small)
    for _ in range(k):
        below, above = below * below >> WORKING, -(-above * above >> WORKING)
    lo, hi = (Fraction(end, 1 << WORKING) for end in (below, above))
    return Enclosure(lo, hi) if x > 0 else Enclosure(1 / hi, 1 / lo)


def logarithm(x: Fraction) -> Enclosure:
    """Natural logarithm: x = m · 2ᵉ with 2/3 ≤ m ≤ 4/3, log m = 2 artanh((m − 1)/(m + 1)). Raises Undecidable for x ≤ 0."""
    if x <= 0:
        raise Undecidable
    e = x.numerator.bit_length() - x.denominator.bit_length()
    m = x / Fraction(2) ** e  # between 1/2 and 2
    e, m = (e + 1, m / 2) if m > Fraction(4, 3) else (e - 1, m * 2) if m < Fraction(2, 3) else (e, m)
    z = (m - 1) / (m + 1)
    part = TWO * _artanh(abs(z))
    return (part if z >= 0 else -part) + exactly(e) * _LOG_TWO


def _artanh(z: Fraction) -> Enclosure:
    """Σ z²ⁿ⁺¹/(2n + 1) for 0 ≤ z ≤ 1/3."""
    return Enclosure(*series(z, z * z, lambda n: 2 * n + 1, lambda n: 2 * n + 3)) if z else ZERO


_LOG_TWO = TWO * _artanh(Fraction(1, 3))


@functools.cache
def _root_of_pi() -> Enclosure:
    """√π with π = 6 arcsin(1/2), arcsin x = Σ (2n)!/(4ⁿ n!² (2n + 1)) x²ⁿ⁺¹."""
    pi = series(Fraction(1, 2), Fraction(1, 4), lambda n: (2 * n + 1) ** 2, lambda n: (2 * n + 2) * (2 * n + 3))
    return increasing(root)(Enclosure(*(6 * end for end in pi)))


def error_function(x: Fraction) -> Enclosure:
    """erf x = 2/√π · e^(−x²) · Σ 2ⁿ x²ⁿ⁺¹/(1·3·…·(2n + 1)), odd; 1 − e^(−x²) ≤ erf x ≤ 1 where that is sharp enough.

    Source: Abramowitz and Stegun: Handbook of Mathematical Functions, 7.1.6 and, for the bound, 7.1.13.
    """
    if x <= 0:
        return -error_function(-x) if x else ZERO
    if x > 10:
        return Enclosure((ONE - exponential(-x * x)).lo, Fraction(1))
    total = Enclosure(*series(x, 2 * x * x, lambda _: 1, lambda n: 2 * n + 3))
    return TWO / _root_of_pi() * exponential(-x * x) * total


def sigmoid(x: Fraction) -> Enclosure:
    """1/(1 + e⁻ˣ), with an exponential ≤ 1 in either case."""
    raised = exponential(-abs(x))
    return (ONE if x >= 0 else raised) / (ONE + raised)


def increasing(f: Callable[[Fraction], Enclosure]) -> Callable[[Enclosure], Enclosure]:
    """An increasing function of rationals as a function of enclosures."""
    return lambda x: f(x.lo) if x.exact else Enclosure(f(x.lo).lo, f(x.hi).hi)
