"""Rational interval arithmetic: numbers enclosed between two rationals, and what each operation of a program does to them.

An `Enclosure` is a pair lo ≤ value ≤ hi of Fractions. Where lo = hi the value is exact; sums, products, quotients and
comparisons of exact values are exact. Everything else is rounded outwards to `PRECISION` significant bits. Roots come from
integer square roots, exponentials, logarithms and erf from series of positive terms in integer arithmetic: one series rounded
down, one rounded up, so that nothing has to be estimated but the tail, which is below the last term once terms halve.

Arrays hold enclosures as objects, or are NumPy arrays of integers and booleans; all have a leading copy axis, as in `replay.py`.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from ..replay.operations import REAL, Params, Rule, aligned, padded, window_config, windows

PRECISION = 128
"""Significant bits of inexact bounds."""
EXACT = 2048
"""Bits of numerator and denominator together up to which an exact value stays exact."""
DEEPEST = 4096
"""Bounds are multiples of 2^−DEEPEST and below 2^DEEPEST in size."""
WORKING = 192
"""Bits after the point in series."""


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
    return Fraction(_scaled(x, shift), 1 << shift) if shift >= 0 else Fraction(_scaled(x, shift) << -shift)


def _scaled(x: Fraction, shift: int) -> int:
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


# -- functions of one number


def series(first: Fraction, y: Fraction, over: Callable[[int], int], under: Callable[[int], int]) -> list[Fraction]:
    """[lo, hi] of Σ tₙ with t₀ = first ≥ 0 and tₙ₊₁ = tₙ · y · over(n)/under(n), y ≥ 0.

    Once a ratio of terms is ≤ 1/2, all later ones must be: then the tail is at most the last term that was added.
    """
    below, above = _scaled(first, WORKING), -_scaled(-first, WORKING)
    least, most = _scaled(y, WORKING), -_scaled(-y, WORKING)
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
    s = math.isqrt(_scaled(x, 2 * shift))
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


# -- operations on arrays


def each(f: Callable[..., Any], dtype: Any = object) -> Rule:
    """An operation that is one function at every entry."""
    every = np.frompyfunc(f, f.__code__.co_argcount, 1)
    return lambda _, *xs: every(*aligned(xs)).astype(dtype, copy=False)


def _folded(f: Callable[[Enclosure, Enclosure], Enclosure]) -> Rule:
    """A reduction by f along the axes of the params."""
    fold = np.frompyfunc(f, 2, 1)

    def reduced(p: Params, x: Any) -> Any:
        axes = [1 + a for a in p["axes"]]
        kept = [a for a in range(x.ndim) if a not in axes]
        return fold.reduce(x.transpose(*kept, *axes).reshape(*(x.shape[a] for a in kept), -1), axis=-1)

    return reduced


def _windowed(f: Callable[[Enclosure, Enclosure], Enclosure]) -> Rule:
    """A reduction by f over windows; padding is left out."""

    def reduced(p: Params, x: Any) -> Any:
        places = windows(p, np.arange(math.prod(x.shape[1:])).reshape(1, *x.shape[1:]), -1)
        shape, length = places.shape[1 : x.ndim], math.prod(places.shape[x.ndim :])
        inside = [[k for k in row if k >= 0] for row in places.reshape(-1, length).tolist()]
        if not all(inside):  # a window of padding only
            raise Undecidable
        out = np.empty((len(x), len(inside)), object)
        for y, row in zip(out, x.reshape(len(x), -1), strict=True):
            y[:] = [functools.reduce(f, (row[k] for k in ks)) for ks in inside]
        return out.reshape(len(x), *shape)

    return reduced


def _convolution(p: Params, x: Any, w: Any) -> Any:
    """The convolution of `operations.py`, padded before with zeros that are enclosures."""
    spec, d = p["dimension_numbers"].lhs_spec, x.ndim - 3
    how = {"padding": [(0, 0), (0, 0), *p["padding"]], "base_dilation": (1, 1, *p["lhs_dilation"])}
    _, config = zip(*sorted(zip(spec, window_config(how), strict=True)), strict=True)
    inner = padded(x, np.full(1, ZERO, object), config)
    return REAL["conv_general_dilated"]({**p, "padding": ((0, 0),) * d, "lhs_dilation": (1,) * d}, inner, w)


RULES: dict[str, Rule] = {
    "add": each(lambda x, y: x + y),
    "add_any": each(lambda x, y: x + y),
    "sub": each(lambda x, y: x - y),
    "mul": each(lambda x, y: x * y),
    "div": each(lambda x, y: x / y),
    "neg": each(lambda x: -x),
    "square": each(lambda x: x * x),
    "integer_pow": lambda p, x: each(lambda v: power(v, p["y"]))(p, x),
    "abs": each(lambda x: x if x.lo >= 0 else larger(-x, Enclosure(Fraction(0), max(x.hi, Fraction(0))))),
    "max": each(larger),
    "min": each(smaller),
    "clamp": each(lambda low, x, high: smaller(larger(x, low), high)),
    "sign": each(lambda x: exactly(less(ZERO, x) - less(x, ZERO))),
    "lt": each(less, bool),
    "gt": each(lambda x, y: less(y, x), bool),
    "le": each(lambda x, y: not less(y, x), bool),
    "ge": each(lambda x, y: not less(x, y), bool),
    "eq": each(equal, bool),
    "ne": each(lambda x, y: not equal(x, y), bool),
    "is_finite": each(lambda x: x.lo <= x.hi, bool),
    "sqrt": each(increasing(root)),
    "rsqrt": each(lambda x: ONE / increasing(root)(x)),
    "exp": each(increasing(exponential)),
    "expm1": each(increasing(lambda x: exponential(x) - ONE)),
    "log": each(increasing(logarithm)),
    "log1p": each(increasing(lambda x: logarithm(1 + x))),
    "logistic": each(increasing(sigmoid)),
    "tanh": each(increasing(lambda x: TWO * sigmoid(2 * x) - ONE)),
    "erf": each(increasing(error_function)),
    "erfc": each(lambda x: ONE - increasing(error_function)(x)),
    "reduce_max": _folded(larger),
    "reduce_min": _folded(smaller),
    "reduce_window_sum": _windowed(lambda x, y: x + y),
    "reduce_window_max": _windowed(larger),
    **{name: REAL[name] for name in ("reduce_sum", "dot_general")},  # only sums and products: NumPy's, on objects
    "conv_general_dilated": _convolution,
}
"""What operations on real numbers do to enclosures, by the primitive's name; what only moves entries is in `operations.MOVING`."""
