"""Logarithms, exactly: rational combinations of 1 and logarithms of primes; any other is left open."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from math import log
from typing import NoReturn

from .exact import Exact, sign_of
from .factor import primes


def logarithm(value: Fraction) -> LogValue:
    """Log of a positive rational. Raises ValueError at 0 and below."""
    if value <= 0:
        raise ValueError(f"the logarithm of {value}")
    parts = {p: Fraction(m) for p, m in primes(value.numerator)}
    for p, m in primes(value.denominator):
        parts[p] = parts.get(p, Fraction(0)) - m
    return LogValue(Fraction(0), parts)


class LogValue:
    """A rational number plus rational multiples of logarithms of primes: add, scale, compare, exponentiate."""

    __slots__ = ("number", "parts")

    def __init__(self, number: Fraction, parts: dict[int, Fraction]) -> None:
        self.number = number
        self.parts = {p: q for p, q in parts.items() if q}

    @staticmethod
    def _of(other: object) -> LogValue | None:
        """The operand as a LogValue; None for foreign types. Raises ValueError for an irrational number."""
        if isinstance(other, LogValue):
            return other
        if isinstance(other, Exact):
            value = other.rational()
            if value is None:
                raise ValueError("a logarithm next to another irrational number is not represented")
            return LogValue(value, {})
        return LogValue(Fraction(other), {}) if isinstance(other, Fraction | int) else None

    def __add__(self, other: LogValue | Exact | Fraction | int) -> LogValue:
        right = self._of(other)
        if right is None:
            return NotImplemented
        primes = self.parts.keys() | right.parts.keys()
        zero = Fraction(0)
        return LogValue(self.number + right.number, {p: self.parts.get(p, zero) + right.parts.get(p, zero) for p in primes})

    __radd__ = __add__

    def __sub__(self, other: LogValue | Exact | Fraction | int) -> LogValue:
        right = self._of(other)
        return NotImplemented if right is None else self + (-right)

    def __rsub__(self, other: Exact | Fraction | int) -> LogValue:
        return (-self) + other

    def __neg__(self) -> LogValue:
        return self * -1

    def __mul__(self, other: LogValue | Exact | Fraction | int) -> LogValue:
        right = self._of(other)
        if right is None:
            return NotImplemented
        left, factor = (self, right) if not right.parts else (right, self)
        if factor.parts:
            raise ValueError("a product of logarithms is not represented")
        return LogValue(left.number * factor.number, {p: q * factor.number for p, q in left.parts.items()})

    __rmul__ = __mul__

    def __truediv__(self, other: Exact | Fraction | int) -> LogValue:
        right = self._of(other)
        if right is None:
            return NotImplemented
        if right.parts:
            raise ValueError("a quotient of logarithms is not represented")
        return self * (1 / right.number)

    def inverse(self) -> Fraction:
        """1/self. Raises ValueError unless the value is rational."""
        if self.parts:
            raise ValueError("the reciprocal of a logarithm is not represented")
        return 1 / self.number

    def __pow__(self, exponent: int) -> LogValue:
        result = LogValue(Fraction(1), {})
        for _ in range(exponent):
            result = result * self
        return result

    def __eq__(self, other: object) -> bool:
        right = self._of(other)
        return NotImplemented if right is None else self.number == right.number and self.parts == right.parts

    def __hash__(self) -> int:
        return hash((self.number, tuple(sorted(self.parts.items()))))

    def __float__(self) -> float:
        return float(self.number) + sum(float(q) * log(p) for p, q in self.parts.items())

    def __repr__(self) -> str:
        logs = [f"{q}·log {p}" for p, q in sorted(self.parts.items())]
        return " + ".join([str(self.number)] * bool(self.number or not logs) + logs)

    def sign(self) -> int:
        """−1, 0 or 1."""
        if not self.parts:
            return (self.number > 0) - (self.number < 0)

        def terms() -> Iterator[Decimal]:
            yield Decimal(self.number.numerator) / self.number.denominator
            for p, q in self.parts.items():
                yield Decimal(p).ln() * q.numerator / q.denominator

        return sign_of(terms)

    def exp(self) -> Exact:
        """The exponential: that of the number times ∏ p^q. Raises ValueError unless every q is whole."""
        scale = Fraction(1)
        for p, q in self.parts.items():
            if q.denominator != 1:
                raise ValueError(f"exp of {q}·log {p} is not represented")
            scale *= Fraction(p) ** int(q)
        return Exact({(1, self.number): scale})


class OpenLog(LogValue):
    """A value with the logarithm of another number in it, which is not represented.

    Whatever it is added to or multiplied by is as open. It may stand in a jet, whose derivatives are known all the same;
    comparing it, or asking for its sign, raises ValueError.
    """

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(Fraction(0), {})

    def _same(self, other: object) -> OpenLog:
        return self if isinstance(other, LogValue | Exact | Fraction | int) else NotImplemented

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = _same

    def __neg__(self) -> OpenLog:
        return self

    def __pow__(self, exponent: int) -> OpenLog:
        return self

    def _unknown(self, other: object = None) -> NoReturn:
        raise ValueError(f"{self!r} is not represented")

    __eq__ = __float__ = inverse = sign = exp = _unknown

    def __hash__(self) -> int:
        raise TypeError("an open value cannot be hashed")

    def __repr__(self) -> str:
        return "the logarithm of an irrational number"
