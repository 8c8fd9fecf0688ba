"""The numbers that reasons quote, from exact formulas and from what was recorded."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from fractions import Fraction

import pytest
import sympy as sp

from bnproof.chain.build import build
from bnproof.chain.examples import EXAMPLES
from bnproof.numeric.recorded import recorded
from bnproof.theorems.claims import CLAIMS

REASONS = {claim.id: claim.reason for claim in CLAIMS}


def quoted(claim: str, pattern: str) -> tuple[str, ...]:
    found = re.search(pattern, REASONS[claim])
    assert found is not None
    return found.groups()


def test_how_far_a_running_mean_overshoots_a_decaying_bias() -> None:
    """The recursion of `redundant_bias_decays_of_weight_decay` where decay and running mean go at one speed, and its limit."""
    fresh, at_fresh, caught_up, at_caught_up = quoted(
        "S0.f",
        r"off by ([\d.]+) of \{b0\} near \{t == (\d)/alpha\}, one that had caught up by ([\d.]+) near \{t == (\d)/alpha\}",
    )
    alpha = Decimal(1) / 1000  # 28 digits: the fractions themselves grow by three digits a step
    for start, share, place in ((-1, fresh, at_fresh), (0, caught_up, at_caught_up)):
        bias, excess, course = Decimal(1), Decimal(start), list[Decimal]()
        for _ in range(5000):
            course.append(excess)
            bias, excess = (1 - alpha) * bias, (1 - alpha) * excess + alpha * bias
        peak = max(range(5000), key=course.__getitem__)
        assert abs(peak * alpha - int(place)) < Decimal("0.01")
        assert f"{course[peak]:.{len(share) - 2}f}" == share
        assert course[-1] < course[peak] / 5
        s = sp.Symbol("s", positive=True)
        limit = (s + start) * sp.exp(-s)
        assert sp.solve(sp.diff(limit, s), s) == [int(place)]
        assert float(limit.subs(s, int(place))) == pytest.approx(float(share), abs=10 ** -(len(share) - 2) / 2)


def test_how_wrong_a_fold_with_keras_smallest_number_is() -> None:
    percent, factor, part, most = quoted(
        "S1.d", r"by ([\d.]+) % where .* is 1, by a factor of (\d) .* about 1/(\d+), .* of (\d+) at"
    )
    V = sp.Symbol("V", nonnegative=True)
    square = (V + sp.Rational(1, 1000)) / (V + sp.Rational(1, 10**7))
    assert f"{float((sp.sqrt(square.subs(V, 1)) - 1) * 100):.2f}" == percent
    (there,) = sp.solve(square - int(factor) ** 2, V)
    assert int(round(1 / there, -3)) == int(part)
    assert sp.sqrt(square.subs(V, 0)) == int(most)
    assert sp.simplify(sp.diff(square, V)).subs(V, 1) < 0


def test_how_long_a_slow_running_mean_takes() -> None:
    (updates,) = quoted("S2.l", r"takes ([\d,]+) updates")
    count = int(updates.replace(",", ""))
    assert 100 * 999**count <= 1000**count
    assert 100 * 999 ** (count - 1) > 1000 ** (count - 1)


def test_how_large_the_two_heads_are() -> None:
    units, large, small = quoted("S3.e", r"8 of the (\d+) ReLU .* has ([\d,]+) parameters, the single Linear ([\d,]+)\.")
    heads = (EXAMPLES["S3"].chain, EXAMPLES["S3"].variants["linear_head"])
    for head, count in zip(heads, (large, small), strict=True):
        assert sum(math.prod(shape) for shape in build(head).parameters.values()) == int(count.replace(",", ""))
    assert f"Linear(2048, {units})" in heads[0]
    assert int(small.replace(",", "")) == 2048 * 4 + 4


def left(momentum: Fraction, steps: int) -> Fraction:
    """What is left of 1 by gradient descent with heavy-ball momentum whose only gradient is the weight decay."""
    bias, velocity = Fraction(1), Fraction(0)
    for _ in range(steps):
        velocity = momentum * velocity + Fraction(1, 100) * bias
        bias -= Fraction(1, 10) * velocity
    return bias


def test_what_weight_decay_leaves() -> None:
    plain, heavy = quoted(
        "S4.a", r"rate 0\.1, decay 0\.01: after 1000 steps ([\d.]+) of it is left, with momentum 0\.9 only ([\d.e-]+)\)"
    )
    assert f"{float(left(Fraction(0), 1000)):.2f}" == plain
    assert f"{float(left(Fraction(9, 10), 1000)):.1e}".replace("e-0", "e-") == heavy
    assert left(Fraction(0), 1000) == Fraction(999, 1000) ** 1000


@pytest.mark.parametrize("claim", ["S3.a", "S3.f", "S4.g"])
def test_what_the_bias_is_worth_is_what_was_measured(claim: str) -> None:
    tables = {record["name"]: record["table"] for record in recorded("experiments")["experiments"]}
    training, held_out = tables["relu_bias_training"]
    for column in ("with the bias", "without"):
        assert training[column].split(" ±")[0] in REASONS[claim]
        assert claim != "S3.a" or held_out[column].split(" ±")[0] in REASONS[claim]
    assert (training["significant"], held_out["significant"]) == ("yes", "no")
    assert claim != "S3.a" or re.search("a significant difference; on held-out images .* not a significant one", REASONS[claim])
    assert claim != "S3.f" or "no significant difference was found on held-out images" in REASONS[claim]
