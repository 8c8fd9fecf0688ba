"""Means, variances and roots of plain fractions."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import isqrt


def mean(values: Sequence[Fraction]) -> Fraction:
    return Fraction(sum(values, Fraction(0))) / len(values)


def variance(values: Sequence[Fraction]) -> Fraction:
    return mean([value * value for value in values]) - mean(values) ** 2


def root(value: Fraction) -> Fraction:
    found = Fraction(isqrt(value.numerator), isqrt(value.denominator))
    assert found * found == value
    return found


def relu(value: Fraction) -> Fraction:
    return max(value, Fraction(0))


def dot(left: Sequence[Fraction], right: Sequence[Fraction]) -> Fraction:
    return sum((a * b for a, b in zip(left, right, strict=True)), Fraction(0))


def centred(values: Sequence[Fraction]) -> tuple[Fraction, ...]:
    middle = mean(values)
    return tuple(value - middle for value in values)


def normalised(values: Sequence[Fraction], eps: Fraction) -> list[Fraction]:
    below = root(variance(values) + eps)
    return [value / below for value in centred(values)]
