"""Jets: exact numbers with nilpotent parts, so that derivatives come out of evaluation, not of SymPy.

A jet is ``{set of tags: value}``. Each derivative in a term makes a fresh tag ε with ε² = 0 and reads off the
coefficient of ε; nested derivatives use several tags. This is forward-mode differentiation, exact because the
numbers are.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from .exact import Exact, root
from .logarithm import LogValue, OpenLog, logarithm

Value = int | Fraction | Exact | LogValue
Tags = frozenset[int]
NONE: Tags = frozenset()


class Jet:
    """A number plus nilpotent parts. Immutable; mixes with plain numbers."""

    __slots__ = ("parts",)

    def __init__(self, parts: dict[Tags, Value]) -> None:
        self.parts = parts

    @property
    def base(self) -> Value:
        """The part without any tag."""
        return self.parts.get(NONE, Fraction(0))

    def coefficient(self, tag: int) -> Number:
        """What multiplies the tag: the derivative in its direction."""
        found = {tags - {tag}: v for tags, v in self.parts.items() if tag in tags}
        return simplified(found)

    def __add__(self, other: Number) -> Number:
        parts = dict(self.parts)
        for tags, v in parts_of(other).items():
            parts[tags] = parts[tags] + v if tags in parts else v
        return simplified(parts)

    __radd__ = __add__

    def __neg__(self) -> Jet:
        return Jet({t: -v for t, v in self.parts.items()})

    def __sub__(self, other: Number) -> Number:
        return self + (-other)

    def __rsub__(self, other: Number) -> Number:
        return (-self) + other

    def __mul__(self, other: Number) -> Number:
        parts: dict[Tags, Value] = {}
        for t1, v1 in self.parts.items():
            for t2, v2 in parts_of(other).items():
                if not t1 & t2:
                    key = t1 | t2
                    product = v1 * v2
                    parts[key] = parts[key] + product if key in parts else product
        return simplified(parts)

    __rmul__ = __mul__

    def __truediv__(self, other: Number) -> Number:
        return self * reciprocal(other)

    def __rtruediv__(self, other: Number) -> Number:
        return reciprocal(self) * other

    def __pow__(self, exponent: int) -> Number:
        base: Number = self if exponent >= 0 else reciprocal(self)
        result: Number = Fraction(1)
        for _ in range(abs(exponent)):
            result = result * base
        return result


Number = Value | Jet


def parts_of(value: Number) -> dict[Tags, Value]:
    """The parts of a number; a plain number has only the untagged one."""
    return value.parts if isinstance(value, Jet) else {NONE: value}


def simplified(parts: dict[Tags, Value]) -> Number:
    """A jet, or the plain number if nothing tagged is left."""
    kept = {tags: v for tags, v in parts.items() if not tags or not (not v.top if isinstance(v, Exact) else v == 0)}
    if not any(kept):
        return kept.get(NONE, Fraction(0))
    return Jet(kept)


def seed(value: Value | Jet, tag: int) -> Number:
    """Value + ε."""
    return simplified({**parts_of(value), frozenset({tag}): Fraction(1)})


def _series(value: Number, coefficients: Callable[[Value, int], Value]) -> Number:
    """f(base + N) = Σ f⁽ᵏ⁾(base)/k! · Nᵏ; the sum ends because N is nilpotent."""
    if not isinstance(value, Jet):
        return coefficients(value, 0)
    nilpotent = simplified({t: v for t, v in value.parts.items() if t})
    depth = len(frozenset().union(*value.parts))
    total: Number = coefficients(value.base, 0)
    power: Number = Fraction(1)
    for k in range(1, depth + 1):
        power = power * nilpotent
        total = total + power * coefficients(value.base, k)
    return total


def reciprocal(value: Number) -> Number:
    """1/value. Raises ZeroDivisionError at 0."""

    def coefficient(base: Value, k: int) -> Value:
        inverse = base.inverse() if isinstance(base, Exact | LogValue) else 1 / Fraction(base)
        return (-1) ** k * inverse ** (k + 1)

    return _series(value, coefficient)


def square_root(value: Number) -> Number:
    """√value. Raises ValueError below 0, ZeroDivisionError where a derivative is asked for at 0."""

    def coefficient(base: Value, k: int) -> Value:
        if isinstance(base, LogValue):
            raise ValueError("the root of a logarithm is not represented")
        start = base.sqrt() if isinstance(base, Exact) else root(Fraction(base))
        factor = Fraction(1)
        for step in range(k):
            factor *= (Fraction(1, 2) - step) / (step + 1)
        return start * factor if k == 0 else start * factor / base**k

    return _series(value, coefficient)


def exponential(value: Number) -> Number:
    """exp(value)."""

    def coefficient(base: Value, k: int) -> Value:
        start = base.exp() if isinstance(base, Exact | LogValue) else Exact.of(base).exp()
        factor = Fraction(1)
        for step in range(k):
            factor /= step + 1
        return start * factor

    return _series(value, coefficient)


def natural_log(value: Number) -> Number:
    """log(value), left open where it is not represented. Raises ValueError at 0 and below."""

    def coefficient(base: Value, k: int) -> Value:
        if isinstance(base, LogValue):
            raise ValueError("the logarithm of a logarithm is not represented")
        if k > 0:
            return Fraction((-1) ** (k - 1), k) / base**k
        parts = Exact.of(base).power_of_e()
        if parts is not None:
            return logarithm(parts[0]) + parts[1]
        if sign(base) <= 0:
            raise ValueError(f"the logarithm of {base}")
        return OpenLog()

    return _series(value, coefficient)


def sign(value: Number) -> int:
    """−1, 0 or 1, exactly: irrational numbers are evaluated with as many digits as it takes."""
    base = value.base if isinstance(value, Jet) else value
    if isinstance(base, Exact | LogValue):
        return base.sign()
    return (base > 0) - (base < 0)
