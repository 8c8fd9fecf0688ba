"""Sums, products and comparisons of enclosures contain the truth, and their ends stay short."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from bnproof.numeric.exact import interval
from bnproof.numeric.exact.interval import Enclosure, Undecidable, exactly
from bnproof.numeric.exact.rules import RULES

from ..rational import F


def test_arithmetic_contains_all_results() -> None:
    x, y = Enclosure(F(-1, 3), F(1, 2)), Enclosure(F(2, 7), F(5, 3))
    pairs = [(a, b) for a in (x.lo, F(0), F(1, 5), x.hi) for b in (y.lo, F(1), y.hi)]
    for found, f in [(x + y, F.__add__), (x - y, F.__sub__), (x * y, F.__mul__), (x / y, F.__truediv__), (-x, lambda a, b: -a)]:
        assert all(found.lo <= f(a, b) <= found.hi for a, b in pairs)
    assert interval.power(x, 2).lo == 0
    assert RULES["abs"]({}, np.full(1, x, object))[0].lo == 0
    assert (x - x).exact
    with pytest.raises(Undecidable):
        _ = y / x
    with pytest.raises(Undecidable):
        interval.less(x, y)
    assert interval.less(x, exactly(1))
    assert not interval.less(x, x)
    assert interval.equal(x, x)


def test_numbers_do_not_explode() -> None:
    x = exactly(F(2, 3))
    for _ in range(40):
        x = x * x if x.hi > F(1, 2**1000) else x + exactly(F(1, 7))
    assert x.lo.numerator.bit_length() + x.lo.denominator.bit_length() < 2 * interval.DEEPEST
    with pytest.raises(Undecidable):
        functools.reduce(lambda y, _: (y + exactly(3)) * (y + exactly(3)), range(40), x)
