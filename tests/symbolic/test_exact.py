"""Exact numbers and jets, against independent arithmetic."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bnproof.symbolic.evaluate import equal, is_zero
from bnproof.symbolic.exact import Exact, root, square_part
from bnproof.symbolic.jet import Jet, Number, exponential, natural_log, reciprocal, seed, sign, square_root
from bnproof.symbolic.logarithm import logarithm

rationals = st.fractions(min_value=-5, max_value=5, max_denominator=6)
positives = st.fractions(min_value=Fraction(1, 6), max_value=5, max_denominator=6)


@given(st.integers(min_value=1, max_value=100_000))
def test_square_part_is_a_factorisation(value: int) -> None:
    r, d = square_part(value)
    assert r * r * d == value
    assert all(d % (p * p) for p in range(2, math.isqrt(d) + 1))


@given(positives, positives)
def test_roots_multiply(a: Fraction, b: Fraction) -> None:
    assert root(a) * root(b) == root(a * b)
    assert root(a) * root(a) == a


@given(rationals, rationals, positives, positives)
def test_field_laws(a: Fraction, b: Fraction, p: Fraction, q: Fraction) -> None:
    x = a + root(p) * b + root(q)
    if x:
        assert x * (1 / x) == 1
        assert (x * x) / x == x
    assert float(x) == pytest.approx(float(a) + float(b) * math.sqrt(p) + math.sqrt(q), abs=1e-9)


def test_different_roots_are_different() -> None:
    assert root(Fraction(2)) + root(Fraction(3)) != root(Fraction(5))
    assert root(Fraction(8)) == 2 * root(Fraction(2))
    assert (root(Fraction(2)) + 1).rational() is None
    assert ((1 + root(Fraction(2))) / (1 + root(Fraction(2)))).rational() == 1


def test_division_by_an_exact_zero() -> None:
    with pytest.raises(ZeroDivisionError):
        _ = 1 / (root(Fraction(8)) - 2 * root(Fraction(2)))


@given(rationals, rationals)
def test_exponentials_add(a: Fraction, b: Fraction) -> None:
    assert Exact.of(a).exp() * Exact.of(b).exp() == Exact.of(a + b).exp()
    if a != b:
        assert Exact.of(a).exp() != Exact.of(b).exp()
        softmax = Exact.of(a).exp() / (Exact.of(a).exp() + Exact.of(b).exp())
        assert softmax + Exact.of(b).exp() / (Exact.of(a).exp() + Exact.of(b).exp()) == 1


@given(positives, positives)
def test_logarithms(a: Fraction, b: Fraction) -> None:
    assert logarithm(a) + logarithm(b) == logarithm(a * b)
    assert logarithm(a).exp() == a
    with pytest.raises(ValueError, match="log"):
        (logarithm(Fraction(2)) * Fraction(1, 2)).exp()


@given(positives, rationals)
def test_the_logarithm_of_a_power_of_e(a: Fraction, b: Fraction) -> None:
    assert natural_log(Exact.of(b).exp() * a) == logarithm(a) + b
    sums = Exact.of(b).exp() + 1
    assert natural_log(sums * Exact.of(b).exp() / sums) == b
    with pytest.raises(ValueError, match="log"):
        natural_log(-Exact.of(b).exp() * a)


def test_another_logarithm_is_left_open_and_compared_with_nothing() -> None:
    both = Exact.of(1).exp() + 1
    value = natural_log(both)
    for number in (Fraction(2), root(Fraction(2)), logarithm(Fraction(2)), value):
        for open_value in (value + number, number - value, number * value, -value):
            for question in (sign, is_zero, lambda v: v == 1, lambda v: equal(v, value), lambda v: equal(Fraction(1), v)):
                with pytest.raises(ValueError, match="not represented"):
                    question(open_value)
    with pytest.raises(ValueError, match="the logarithm of"):
        natural_log(-both)


def test_an_open_logarithm_has_its_derivatives() -> None:
    both = Exact.of(1).exp() + 1
    twice = natural_log(seed(seed(both, 0), 1))
    assert isinstance(twice, Jet)
    once = twice.coefficient(0)
    assert isinstance(once, Jet)
    assert once.base == both.inverse()
    assert once.coefficient(1) == -(both**-2)
    with pytest.raises(ValueError, match="not represented"):
        _ = seed(Fraction(1), 2) * twice


FUNCTIONS = {
    "reciprocal": (reciprocal, lambda x: 1 / x, lambda x: -1 / x**2, lambda x: 2 / x**3),
    "root": (square_root, math.sqrt, lambda x: 0.5 * x**-0.5, lambda x: -0.25 * x**-1.5),
    "exp": (exponential, math.exp, math.exp, math.exp),
    "log": (natural_log, math.log, lambda x: 1 / x, lambda x: -1 / x**2),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@given(x=positives)
def test_jets_carry_two_derivatives(name: str, x: Fraction) -> None:
    function, value, first, second = FUNCTIONS[name]
    twice: Number = function(seed(seed(x, 0), 1))
    assert isinstance(twice, Jet)
    assert float(twice.base) == pytest.approx(value(float(x)))  # type: ignore[arg-type]
    once = twice.coefficient(0)
    assert isinstance(once, Jet)
    assert float(once.base) == pytest.approx(first(float(x)))  # type: ignore[arg-type]
    assert float(once.coefficient(1)) == pytest.approx(second(float(x)))  # type: ignore[arg-type]


def test_signs() -> None:
    assert sign(root(Fraction(2)) - Fraction(14142, 10000)) == 1
    assert sign(Fraction(0)) == 0
    assert sign(logarithm(Fraction(1, 2))) == -1


@pytest.mark.parametrize("digits", [5, 20, 60, 150])
def test_signs_of_nearly_equal_numbers(digits: int) -> None:
    below = math.isqrt(2 * 10 ** (2 * digits))
    scaled = root(Fraction(2)) * 10**digits
    assert sign(scaled - below) == 1
    assert sign(scaled - below - 1) == -1
    assert sign((scaled - below - 1) / (root(Fraction(3)) - 2)) == 1
    assert sign(Exact.of(Fraction(1, 10**digits)).exp() - 1) == 1
