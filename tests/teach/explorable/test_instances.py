"""The exact instances, held against the theorems' numbers, exact roots and derivatives taken by SymPy."""

from __future__ import annotations

from fractions import Fraction as F
from itertools import pairwise

import pytest
import sympy

from bnproof.teach.explorable.instances import Instance, Rooted, Setting, instance, settings

LESSON = (F(-1), F(1), F(2))
ALL = [instance(setting) for setting in settings()]


def rational(value: F) -> sympy.Expr:
    return sympy.Rational(value.numerator, value.denominator)


def as_root(value: Rooted) -> sympy.Expr:
    return rational(value.part) / sympy.sqrt(rational(value.square))


def normalised(setting: Setting, bias: sympy.Expr, active: list[bool]) -> list[sympy.Expr]:
    """The outputs written out by SymPy with its own means, for a bias that may be a symbol within one activation pattern."""
    x = [(rational(z) + bias) * (1 if on else rational(setting.slope)) for z, on in zip(setting.samples, active, strict=True)]
    if setting.mode == "eval":
        found = instance(setting)
        mean, variance = rational(found.stored_mean), rational(found.stored_variance)
    else:
        mean = sum(x, sympy.Integer(0)) / len(x)
        variance = sum((v**2 for v in x), sympy.Integer(0)) / len(x) - mean**2
    return [(v - mean) / sympy.sqrt(variance + rational(setting.eps)) for v in x]


def test_the_lesson_numbers() -> None:
    alone = instance(Setting(LESSON, F(2), F(1)))
    assert (alone.mean_shift, alone.ratio, alone.ratio_without_bias, alone.share_left) == (2, F(2, 3), F(2, 3), 0)
    assert all(value.part == 0 for side in alone.slopes for value in side)
    assert alone.gamma.written() == [1, "1"]
    assert alone.beta.written() == [0, "0"]
    relu = instance(Setting(LESSON, F(2), F(0)))
    assert relu.activations == (1, 3, 4)
    assert (relu.mean_shift, relu.ratio_without_bias, relu.ratio, relu.share_left) == (F(5, 3), F(1, 2), F(2, 3), F(1, 28))
    stored = instance(Setting(LESSON, F(2), F(1), mode="eval"))
    assert (stored.stored_mean, stored.stored_variance) == (F(2, 3), F(14, 9))
    assert all(value.part == 0 for value in stored.left)
    assert stored.beta.part == 2


def test_the_stored_mean_creeps_ten_nineteen_twenty_seven_percent_and_one_percent_is_left_after_44() -> None:
    def left(count: int) -> F:
        found = instance(Setting(LESSON, F(2), F(1), mode="eval", batches=((F(2), F(1, 10)),) * count))
        return (found.mean - found.stored_mean) / 2

    assert [1 - left(count) for count in (1, 2, 3)] == [F(10, 100), F(19, 100), F(271, 1000)]
    assert left(44) < F(1, 100) < left(43)


@pytest.mark.parametrize("found", ALL[:12] + ALL[14::17], ids=lambda found: str(found.setting)[8:90])
def test_outputs_and_slopes_are_those_of_sympy(found: Instance) -> None:
    setting = found.setting
    b = sympy.Symbol("b")
    for k, side in enumerate(found.slopes):
        active = [z + setting.bias > 0 or (z + setting.bias == 0 and k == 1) for z in setting.samples]
        for output, slope, formula in zip(found.outputs, side, normalised(setting, b, active), strict=True):
            assert sympy.simplify(formula.subs(b, rational(setting.bias)) - as_root(output)) == 0
            assert sympy.simplify(formula.diff(b).subs(b, rational(setting.bias)) - as_root(slope)) == 0


@pytest.mark.parametrize("found", ALL, ids=lambda found: str(found.setting)[8:90])
def test_what_is_left_is_orthogonal_to_what_gamma_and_beta_reach(found: Instance) -> None:
    """The normal equations, which hold at the least squares and nowhere else; and the parts add up to the output."""
    plain = instance(Setting(found.setting.samples, F(0), found.setting.slope, found.setting.log_eps))
    assert sum(value.part for value in found.left) == 0
    assert sum(value.part * there.part for value, there in zip(found.left, plain.outputs, strict=True)) == 0
    gamma, beta = found.gamma, found.beta
    for output, there, rest in zip(found.outputs, plain.outputs, found.left, strict=True):
        # γ·y⁰: the roots of the variance without a bias cancel
        assert gamma.square * there.square == output.square
        assert output.part == gamma.part * there.part + beta.part + rest.part


def test_nothing_is_left_exactly_where_the_ratio_is_the_same() -> None:
    seen = set[bool]()
    for found in ALL:
        if None not in (found.ratio, found.ratio_without_bias):
            same = found.ratio == found.ratio_without_bias
            assert same == all(value.part == 0 for value in found.left)
            seen.add(same)
    assert seen == {True, False}


def test_the_instances_reach_every_kind_of_place() -> None:
    """Walls, equal outputs, all and no samples active, both modes, every slope: what a page could get wrong is asked."""
    assert {found.active for found in ALL} == {0, 1, 2, 3}
    assert {found.setting.mode for found in ALL} == {"train", "eval"}
    assert {0, 1} < {found.setting.slope for found in ALL}
    assert len({(found.setting.log_eps, found.setting.slope, found.setting.mode) for found in ALL}) == 4 * 4 * 2
    assert any(found.slopes[0] != found.slopes[1] for found in ALL)
    assert any(found.ratio is None for found in ALL)
    assert any(found.share_left is None for found in ALL)
    assert any(found.setting.mode == "eval" and len(found.setting.batches) > 1 for found in ALL)
    assert all(left != right for left, right in pairwise(settings()))


def test_two_samples_are_refused() -> None:
    with pytest.raises(ValueError, match="a ratio of differences takes three samples, not 2"):
        instance(Setting((F(0), F(1)), F(0), F(1)))


@pytest.mark.parametrize("setting", [Setting(LESSON, F(1, 3), F(0)), Setting(LESSON, F(0), F(1, 7))])
def test_a_position_that_the_page_has_not_is_refused(setting: Setting) -> None:
    with pytest.raises(ValueError, match="the page has no position"):
        instance(setting).as_json()
