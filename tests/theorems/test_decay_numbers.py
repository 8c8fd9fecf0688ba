"""The numbers that the theorems on weight decay print, from the recursions themselves in exact arithmetic."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice

import pytest

from bnproof.symbolic.checker import Checker
from bnproof.symbolic.exact import Exact
from bnproof.theorems import registry
from bnproof.theorems.theorem import Theorem

DECAY = registry.theorem("redundant_bias_decays_of_weight_decay")
DECOUPLED = registry.theorem("redundant_bias_decays_of_decoupled_decay")
HEAVY_BALL = registry.theorem("redundant_bias_decays_of_heavy_ball")


def heavy_ball(rho: Fraction, eta: Fraction, lam: Fraction) -> Iterator[Fraction]:
    """Share of the bias that is left after 0, 1, 2 … steps, by PyTorch's update with no gradient from the loss."""
    bias, velocity = Fraction(1), Fraction(0)
    while True:
        yield bias
        velocity = rho * velocity + lam * bias
        bias = bias - eta * velocity


def theorem_value(text: str, theorem: Theorem, **values: object) -> Fraction:
    checker = Checker(theorem.vocabulary, theorem.minimum)
    found = checker.at(values).value(checker.parse(text))
    exact = found if isinstance(found, Fraction | int) else found.rational() if isinstance(found, Exact) else None
    assert exact is not None
    return Fraction(exact)


def test_what_is_left_after_1000_steps_is_what_the_remark_says() -> None:
    eta, lam = Fraction(1, 10), Fraction(1, 100)
    with_momentum = next(islice(heavy_ball(Fraction(9, 10), eta, lam), 1000, None))
    without = next(islice(heavy_ball(Fraction(0), eta, lam), 1000, None))
    assert without == (1 - eta * lam) ** 1000
    assert f"a share of {float(with_momentum):.1e} of the bias" in HEAVY_BALL.remark
    assert f"not {float(without):.2f} as without momentum" in HEAVY_BALL.remark
    # float64 rounds these shares correctly; they are nowhere near the edge of a digit
    assert Fraction(155, 10**7) < with_momentum < Fraction(165, 10**7)
    assert Fraction(365, 1000) < without < Fraction(375, 1000)


@pytest.mark.parametrize(("first", "second"), [("1/2", "1/4"), ("9/10", "-1/3"), ("3/4", "0"), ("-1/2", "-1/5"), ("2", "1/3")])
def test_the_closed_form_is_the_recursion(first: str, second: str) -> None:
    root1, root2, eta = Fraction(first), Fraction(second), Fraction(1, 3)
    steps = heavy_ball(root1 * root2, eta, (1 - root1) * (1 - root2) / eta)
    for t, share in enumerate(islice(steps, 12)):
        assert share == theorem_value("decayed(t)", HEAVY_BALL, root1=first, root2=second, eta="1/3", b0=1, t=t)


@pytest.mark.parametrize("root", [Fraction(1, 2), Fraction(-2, 3), Fraction(9, 10)])
def test_a_double_root(root: Fraction) -> None:
    for t, share in enumerate(islice(heavy_ball(root**2, Fraction(1), (1 - root) ** 2), 12)):
        assert share == theorem_value("b0*root1**t*(1 + t*(1 - root1))", HEAVY_BALL, root1=str(root), b0=1, t=t)


@pytest.mark.parametrize(("rho", "decay"), [("9/10", "1/10"), ("1/2", "1"), ("99/100", "2")])
def test_a_complex_pair_is_bounded_by_powers_of_the_momentum(rho: str, decay: str) -> None:
    kept, pull = Fraction(rho), Fraction(decay)
    gap = 4 * kept - (1 + kept - pull) ** 2
    assert gap > 0
    for t, share in enumerate(islice(heavy_ball(kept, Fraction(1), pull), 60)):
        assert gap * share**2 <= 4 * kept * kept**t * pull


def excesses(rate: Fraction) -> Iterator[Fraction]:
    """Running mean with the bias, minus the one without, minus the bias, after 0, 1, 2 … steps of two fresh layers.

    The bias starts at 1 and decays by `rate` a step, and `rate` is also the weight of a batch in the running mean.
    """
    bias, running = Fraction(1), Fraction(0)
    while True:
        yield running - bias
        running = (1 - rate) * running + rate * bias
        bias = (1 - rate) * bias


@pytest.mark.parametrize(("rate", "step", "digits"), [("1/10", 18, "0.150"), ("1/100", 198, "0.137")])
def test_the_excess_is_largest_where_the_remark_says(rate: str, step: int, digits: str) -> None:
    shares = list(islice(excesses(Fraction(rate)), 4 * step))
    assert max(shares) == shares[step] == (1 - Fraction(rate)) ** step
    assert f"{float(shares[step]):.3f}" == digits
    assert f"largest after {step} steps with {{alpha == {rate}}}, {digits} of {{b0}}" in DECAY.remark


def test_the_largest_excess_tends_to_the_number_of_the_remark() -> None:
    shares = [(1 - 1 / count) ** (2 * count - 2) for count in (1000, 10_000, 100_000)]
    assert [f"{share:.3f}" for share in shares] == ["0.135"] * 3
    assert f"tends to {math.exp(-2):.3f}" in DECAY.remark


@pytest.mark.parametrize("gradient", [Fraction(0), Fraction(1, 3), Fraction(-2)])
def test_the_step_of_adamw_is_pytorch_s(gradient: Fraction) -> None:
    """In PyTorch's order: decay, moments, bias correction, step. With one and the same gradient the root is exact."""
    eta, lam, rho1, rho2, small = map(Fraction, ("1/10", "1/4", "9/10", "3/4", "1/7"))
    corrections = {
        "correct1": tuple(1 - rho1 ** (step + 1) for step in range(4)),
        "correct2": tuple(1 - rho2 ** (step + 1) for step in range(4)),
    }
    constants = {"eta": eta, "lam": lam, "rho1": rho1, "rho2": rho2, "eps_adam": small, **corrections}
    bias, first, second = Fraction(3), Fraction(0), Fraction(0)
    for step in range(4):
        before = {"b": bias, "moment1": first, "moment2": second, "G": gradient, "t": step}
        bias -= eta * lam * bias
        first = rho1 * first + (1 - rho1) * gradient
        second = rho2 * second + (1 - rho2) * gradient**2
        root = abs(gradient)
        assert second / (1 - rho2 ** (step + 1)) == root**2
        bias -= eta * (first / (1 - rho1 ** (step + 1))) / (root + small)
        assert theorem_value("stepped(b, moment1, moment2, G, t)", DECOUPLED, **constants, **before) == bias
