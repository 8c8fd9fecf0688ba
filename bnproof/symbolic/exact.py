"""Exact numbers for the second check: rationals, square roots and exponentials, without floats and without SymPy.

An element is a quotient of sums ``Σ q·√d·exp(r)`` with rational q and r and squarefree d > 0. Square roots of distinct
squarefree integers are linearly independent over ℚ (Besicovitch 1940), and exponentials of distinct algebraic numbers are
linearly independent over the algebraic numbers (Lindemann–Weierstrass), so an element is zero exactly when its numerator has
no terms left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import MAX_EMAX, MIN_EMIN, Decimal, localcontext
from fractions import Fraction
from math import gcd

from .factor import primes, square_part

Key = tuple[int, Fraction]  # (d, r) stands for √d · exp(r)
Terms = dict[Key, Fraction]

_ONE: Key = (1, Fraction(0))


def _add(left: Terms, right: Terms) -> Terms:
    total = dict(left)
    for key, q in right.items():
        value = total.get(key, Fraction(0)) + q
        if value:
            total[key] = value
        else:
            total.pop(key, None)
    return total


def _multiply(left: Terms, right: Terms) -> Terms:
    total: Terms = {}
    for (d1, e1), q1 in left.items():
        for (d2, e2), q2 in right.items():
            common = gcd(d1, d2)
            key = (d1 * d2 // (common * common), e1 + e2)
            value = total.get(key, Fraction(0)) + q1 * q2 * common
            if value:
                total[key] = value
            else:
                total.pop(key, None)
    return total


def _decimals(terms: Terms) -> Callable[[], Iterator[Decimal]]:
    """The terms as decimals of the current precision."""

    def evaluated() -> Iterator[Decimal]:
        for (d, r), q in terms.items():
            power = (Decimal(r.numerator) / r.denominator).exp()
            yield Decimal(d).sqrt() * power * q.numerator / q.denominator

    return evaluated


def settled(terms: Callable[[], Iterator[Decimal]]) -> Decimal:
    """A sum known not to be zero, to ten digits or more: digits are added until rounding cannot hide it."""
    digits = 40
    while True:
        with localcontext() as context:
            context.prec, context.Emax, context.Emin = digits, MAX_EMAX, MIN_EMIN
            values = list(terms())
            total, size = sum(values, Decimal(0)), sum(map(abs, values), Decimal(0))
            if abs(total) > size * Decimal(10) ** (20 - digits):
                return total
        digits *= 2


def sign_of(terms: Callable[[], Iterator[Decimal]]) -> int:
    """The sign of a sum known not to be zero."""
    return 1 if settled(terms) > 0 else -1


class Exact:
    """An exact real number of the field described above. Immutable; mixes with int and Fraction."""

    __slots__ = ("bottom", "top")

    def __init__(self, top: Terms, bottom: Terms | None = None) -> None:
        self.top = top
        self.bottom = bottom or {_ONE: Fraction(1)}

    @staticmethod
    def of(value: Fraction | int | Exact) -> Exact:
        """A rational as an element."""
        if isinstance(value, Exact):
            return value
        return Exact({_ONE: Fraction(value)} if value else {})

    def rational(self) -> Fraction | None:
        """The value as a rational if it is one."""
        for key, q in self.top.items():
            ratio = q / self.bottom.get(key, Fraction(0)) if key in self.bottom else None
            if ratio is None:
                return None
            scaled = {k: v * ratio for k, v in self.bottom.items()}
            return ratio if scaled == self.top else None
        return Fraction(0)

    def power_of_e(self) -> tuple[Fraction, Fraction] | None:
        """(q, r) if the value is q·exp(r)."""
        if not self.top:
            return None
        exponent = max(r for _, r in self.top) - max(r for _, r in self.bottom)
        factor = (self * Exact({(1, -exponent): Fraction(1)})).rational()
        return None if factor is None else (factor, exponent)

    def __add__(self, other: object) -> Exact:
        if not isinstance(other, Exact | Fraction | int):
            return NotImplemented
        right = Exact.of(other)
        if self.bottom == right.bottom:
            return Exact(_add(self.top, right.top), self.bottom)
        crossed = _add(_multiply(self.top, right.bottom), _multiply(right.top, self.bottom))
        return Exact(crossed, _multiply(self.bottom, right.bottom))

    __radd__ = __add__

    def __neg__(self) -> Exact:
        return Exact({k: -q for k, q in self.top.items()}, self.bottom)

    def __sub__(self, other: object) -> Exact:
        return self + (-Exact.of(other)) if isinstance(other, Exact | Fraction | int) else NotImplemented

    def __rsub__(self, other: Fraction | int) -> Exact:
        return Exact.of(other) - self

    def __mul__(self, other: object) -> Exact:
        if not isinstance(other, Exact | Fraction | int):
            return NotImplemented
        right = Exact.of(other)
        trivial = {_ONE: Fraction(1)}
        bottom = (
            _multiply(self.bottom, right.bottom)
            if trivial not in (self.bottom, right.bottom)
            else (right.bottom if self.bottom == trivial else self.bottom)
        )
        return Exact(_multiply(self.top, right.top), bottom)

    __rmul__ = __mul__

    def __truediv__(self, other: object) -> Exact:
        if not isinstance(other, Exact | Fraction | int):
            return NotImplemented
        return self * Exact.of(other).inverse()

    def __rtruediv__(self, other: Fraction | int) -> Exact:
        return Exact.of(other) * self.inverse()

    def __pow__(self, exponent: int) -> Exact:
        base = self if exponent >= 0 else self.inverse()
        result = Exact.of(1)
        for _ in range(abs(exponent)):
            result = result * base
        return result

    def inverse(self) -> Exact:
        """1/self, with roots removed from the denominator. Raises ZeroDivisionError at 0."""
        if not self.top:
            raise ZeroDivisionError("division by an exact zero")
        top, bottom = self.bottom, self.top
        if len(bottom) == 1:
            ((radicand, exponent), q), *_ = bottom.items()
            inverse: Terms = {(radicand, -exponent): 1 / (q * radicand)}
            return Exact(_multiply(top, inverse))
        while True:
            radicands = [d for d, _ in bottom if d > 1]
            if not radicands:
                break
            prime = primes(radicands[0])[0][0]
            conjugate = {(d, e): -q if d % prime == 0 else q for (d, e), q in bottom.items()}
            top, bottom = _multiply(top, conjugate), _multiply(bottom, conjugate)
        if len(bottom) == 1:
            return Exact(top) * Exact(bottom).inverse()
        return Exact(top, bottom)

    def sqrt(self) -> Exact:
        """√self. Raises ValueError for a negative or an irrational number (nested roots are not represented)."""
        value = self.rational()
        if value is None:
            raise ValueError("the root of an irrational number is not represented")
        return root(value)

    def exp(self) -> Exact:
        """The exponential of a rational number. Raises ValueError for an irrational one."""
        value = self.rational()
        if value is None:
            raise ValueError("exp of an irrational number is not represented")
        return Exact({(1, value): Fraction(1)})

    def sign(self) -> int:
        """−1, 0 or 1."""
        return sign_of(_decimals(self.top)) * sign_of(_decimals(self.bottom)) if self.top else 0

    def __eq__(self, other: object) -> bool:
        return not (self - other).top if isinstance(other, Exact | Fraction | int) else NotImplemented

    def __hash__(self) -> int:
        raise TypeError("exact numbers have no canonical representative to hash")

    def __bool__(self) -> bool:
        return bool(self.top)

    def decimal(self) -> Decimal:
        """The value to ten digits or more, however large or small."""
        if not self.top:
            return Decimal(0)
        with localcontext() as context:
            context.Emax, context.Emin = MAX_EMAX, MIN_EMIN
            return settled(_decimals(self.top)) / settled(_decimals(self.bottom))

    def __float__(self) -> float:
        return float(self.decimal())

    def __repr__(self) -> str:
        value = self.rational()
        return str(value) if value is not None else f"Exact({self.top}, {self.bottom}) ≈ {self.decimal():.6g}"


def root(value: Fraction) -> Exact:
    """The square root of a nonnegative rational. Raises ValueError below 0."""
    if value < 0:
        raise ValueError(f"the root of the negative number {value}")
    if value == 0:
        return Exact({})
    r, d = square_part(value.numerator * value.denominator)
    return Exact({(d, Fraction(0)): Fraction(r, value.denominator)})
