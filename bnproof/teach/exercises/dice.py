"""How numbers are drawn: small, whole or with small denominators, and such that roots come out rational."""

from __future__ import annotations

import random
from fractions import Fraction
from math import isqrt


def nonzero(rng: random.Random, size: int = 6) -> Fraction:
    """A whole number between −size and size, but not 0."""
    return Fraction(rng.choice((-1, 1)) * rng.randint(1, size))


def positive(rng: random.Random, size: int = 6) -> Fraction:
    """A whole number between 2 and size."""
    return Fraction(rng.randint(2, size))


def fraction(rng: random.Random, size: int = 6, denominators: tuple[int, ...] = (2, 3)) -> Fraction:
    """A number that is not 0, with one of the denominators."""
    return Fraction(rng.choice((-1, 1)) * rng.randint(1, size), rng.choice(denominators))


def batch(rng: random.Random, count: int, size: int = 6) -> tuple[Fraction, ...]:
    """So many different whole numbers between −size and size."""
    return tuple(Fraction(number) for number in rng.sample(range(-size, size + 1), count))


def sorted_batch(rng: random.Random, count: int, size: int = 6) -> tuple[Fraction, ...]:
    """The same, in increasing order."""
    return tuple(sorted(batch(rng, count, size)))


def stored(rng: random.Random) -> tuple[Fraction, Fraction, Fraction]:
    """A stored variance V and an ε, both positive, and the root of their sum, which is rational."""
    root = Fraction(rng.randint(2, 7), rng.choice((1, 1, 2)))
    eps = Fraction(1, rng.choice((4, 8, 10, 100)))
    return root**2 - eps, eps, root


def is_square(value: Fraction) -> bool:
    """Whether the root of a number is rational."""
    return value >= 0 and all(isqrt(part) ** 2 == part for part in (value.numerator, value.denominator))
