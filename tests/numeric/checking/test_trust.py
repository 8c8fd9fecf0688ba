"""Where no bound holds, the check says so and names the operation; what is wrong is not excused by that."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from bnproof.decide.checking.cases import Case, subject
from bnproof.numeric.checking import judge
from bnproof.numeric.checking.check import Check
from bnproof.numeric.checking.measurement import Measurement
from bnproof.numeric.checking.subject import Subject
from bnproof.numeric.checking.trust import Trust
from bnproof.numeric.roundoff.forward import Forward
from bnproof.numeric.roundoff.range import Range

from .subjects import RELU, checked, made, norm, outcomes

ACTIVATED = Case("conv(3) -> bn(eps=0.1) -> relu @ 2x3x4x4")
CLAMPED = Case("linear(4) -> bn(variance=onepass) @ 3x1", "linear1.bias")


@functools.cache
def scaled(case: Case, dtype: str, scales: tuple[tuple[str, float], ...], expected: str = "") -> Check:
    """The case with its input (`x`) and parameters, by the end of their names, multiplied."""
    plain, factors = subject(case), dict(scales)

    def draw(random: np.random.Generator) -> tuple[dict[str, np.ndarray], np.ndarray]:
        params, x = plain.draw(random)
        return {name: value * factors.get(name.split(".")[1], 1) for name, value in params.items()}, x * factors.get("x", 1)

    changed: Mapping[str, Any] = {"expected": expected} if expected else {}
    return Check(replace(plain, draw=draw, **changed), dtype)


def about_nothing(found: list[Measurement], *words: str) -> None:
    """Nothing is told, for one reason that says these words."""
    assert found
    assert outcomes(found) == {"cannot tell"}
    assert all(math.isinf(m.bound) and all(word in m.obstacle for word in words) for m in found)


# --- what a format does not hold


@pytest.mark.parametrize(
    ("dtype", "x", "kernel"), [("float16", 300.0, 4.0), ("float32", 1e19, 1.0), ("bfloat16", 1e19, 4.0)], ids=str
)
def test_an_overflow_that_is_absorbed_tells_nothing(
    dtype: str, x: float, kernel: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """(z − m)² is infinite, 1/σ 0, and y = β whatever the bias is: it would pass."""
    check = scaled(ACTIVATED, dtype, (("x", x), ("kernel", kernel)))
    found = check.run(0, (1.0,))
    assert [m.measured for m in found if m.quantity.startswith("output")] == [0]
    about_nothing(found, "beyond the largest", "`")
    monkeypatch.setattr(Range, "seen", lambda *given: None)
    assert "as proved" in outcomes(check.run(0, (1.0,)))


def test_what_is_flushed_tells_nothing() -> None:
    found = scaled(ACTIVATED, "float32", (("x", 1e-25),)).run(0, (1.0,))
    about_nothing([m for m in found if not m.quantity.startswith("output")], "below the normal range of float32", "`square`")
    about_nothing(
        scaled(ACTIVATED, "float32", (("x", 1e-40),)).run(0, (1.0,)), "below the normal range", "`conv_general_dilated`"
    )


def test_not_a_number_is_explained_by_what_the_run_shows() -> None:
    """ε^(3/2) is below float32's range: 0 divided by it is none."""
    found = Check(subject(Case("linear(2) -> bn(eps=1e-30) @ 1x3", "linear1.bias")), "float32").run(0)
    assert any(math.isnan(m.measured) for m in found)
    assert outcomes(found) == {"cannot tell"}
    assert all("integer_pow" in m.obstacle for m in found if math.isnan(m.measured))


def test_not_a_number_of_a_planted_nan_is_not_explained() -> None:
    """Nor where round-off would explain another."""
    found = Check(made(lambda z: jnp.where(z > 0, norm(z), jnp.nan)), "float32", whole=False).run(0, (1.0, 1e6))
    assert {m.outcome for m in found if math.isnan(m.measured)} == {"FAILED"}
    far = found[-1]
    assert "1e+06" in far.quantity
    assert math.isnan(far.measured)


# --- kinks


@pytest.mark.parametrize("seed", [0, 1, 579])
def test_a_clamped_variance_is_judged_by_what_round_off_may_do(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether max(0, E[x²] − E[x]²) clamps at 10⁶ is decided by round-off; a run that clamps exceeds the bound of one that does not."""
    check = checked(CLAMPED, "float64")
    assert "FAILED" not in outcomes(check.run(seed))
    if seed == 579:
        assert [m.outcome for m in check.run(seed) if m.quantity == "output shift by 1e+06"] == ["cannot tell"]
        monkeypatch.setattr(Forward, "counted", lambda self, own, rests=None: own)
        assert "FAILED" in outcomes(check.run(seed))


def test_a_kink_in_the_way_of_every_quantity() -> None:
    """A derivative taken at a kink: neither quantity of a bias that passes there is told, in either expectation."""

    def program(params: Mapping[str, Any], x: Any) -> Any:
        z = x * params["w"] + params["b"]
        return jnp.where((z - z[:1]) * 3.0 >= 0, 1.0, -1.0) * params["w"] + 0 * z

    def draw(random: np.random.Generator) -> tuple[dict[str, np.ndarray], np.ndarray]:
        return {"w": random.normal(size=4), "b": np.zeros(4)}, np.repeat(random.normal(size=(1, 4)), 5, 0)

    check = Check(Subject("sides", "b", program, draw, "below", None, 5), "float32", whole=False)
    (shift,) = [m for m in check.run(0, (1.0,)) if m.quantity.startswith("output")]
    assert shift.outcome == "cannot tell"
    assert "kink" in shift.obstacle


@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16"])
def test_a_needed_bias_is_not_excused_by_kinks(dtype: str) -> None:
    check = Check(replace(subject(RELU), expected="below"), dtype, whole=False)
    found = [check.run(seed, (1.0,)) for seed in range(3)]
    assert all("FAILED" in outcomes(one) for one in found)


# --- curvature


@pytest.mark.parametrize("activation", ["tanh", "gelu", "softplus", "sigmoid", "silu", "relu"])
def test_saturated_units_are_bounded_all_the_same(activation: str) -> None:
    """γ = 1e8: round-off moves what the activation reads by tens, or not at all where it is flat for as far."""
    case = Case(f"conv(3) -> bn -> {activation} @ 2x3x4x4")
    check = scaled(case, "float32", (("gamma", 1e8),))
    found = [m for seed in range(4) for m in check.run(seed, (1.0, 1e3))]
    assert "FAILED" not in outcomes(found)
    assert all(m.measured <= m.bound for m in found)
    assert any(m.outcome == "as proved" for m in found if m.quantity == "output shift by 1")  # far from where it bends


def test_a_bound_that_tells_nothing_of_a_hessian_row_confirms_nothing() -> None:
    """Saturated, silu has hardly a second derivative, and its bound is large: 0 below 4e5 is no confirmation."""
    found = scaled(Case("conv(3) -> bn -> silu @ 2x3x4x4"), "float32", (("gamma", 1e8),)).run(0, (1.0,))
    (row,) = [m for m in found if m.quantity == "Hessian row"]
    assert row.measured < row.bound
    assert row.bound > 1e3
    assert row.outcome == "cannot tell"
    assert "too large to tell" in row.obstacle


@pytest.mark.parametrize("activation", ["tanh", "silu"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_hessian_row_is_told_where_there_is_something_to_see(dtype: str, activation: str) -> None:
    found = checked(Case(f"conv(3) -> bn -> {activation} @ 2x3x4x4"), dtype).run(0, (1.0,))
    (row,) = [m for m in found if m.quantity == "Hessian row"]
    assert (row.outcome, row.by) == ("as proved", "all orders")
    assert 0 < row.bound < (1e-4 if dtype == "float32" else 1e-12)


def test_a_hessian_row_that_is_not_zero_fails() -> None:
    """Part of the mean is left: each row is of the order of what it is held against."""
    wrong = made(lambda z: jnp.tanh(norm(z, 0.9)))
    (row,) = [m for m in Check(wrong, "float32").run(0, (1.0,)) if m.quantity == "Hessian row"]
    assert row.outcome == "FAILED"


def test_an_activation_that_round_off_carries_over_its_bend() -> None:
    """Values near 0 move by as much as all of tanh: to first order by nothing, since it is flat where the run found them."""

    def program(params: Mapping[str, Any], x: Any) -> Any:
        z = x + params["b"]
        return jnp.tanh((z - jnp.mean(z, 0)) * 1e8)

    def draw(random: np.random.Generator) -> tuple[dict[str, np.ndarray], np.ndarray]:
        return {"b": random.normal(size=1)}, 1e-7 * np.array([[2.0], [-2.0], [1.0], [-1.0]])

    check = Check(Subject("bend", "b", program, draw, "below", None, 4), "float32", whole=False)
    found = [m for seed in range(8) for m in check.run(seed, (1.0,)) if m.quantity.startswith("output")]
    assert max(m.measured for m in found) > 0.1
    assert outcomes(found) == {"cannot tell"}
    assert any("`tanh`" in m.obstacle for m in found)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Forward, "counted", lambda self, own, rests=None: own)
        assert "FAILED" in outcomes([m for seed in range(8) for m in check.run(seed, (1.0,))])


def test_wrong_programs_fail_at_every_scale() -> None:
    for gamma in (1e-6, 1.0, 1e6):
        wrong = made(lambda z, gamma=gamma: gamma * norm(z, fewer=1))
        assert "FAILED" in outcomes(Check(wrong, "float32", whole=False).run(0, (1.0,)))


# --- two bounds


def test_first_order_stands_in_where_all_orders_tell_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half types: what is left out is small, operation by operation, and made up for; a telling that needs so much is told by it."""
    check = checked(Case("linear(4) -> bn(eps=0.01) @ 8x3", "linear1.bias"), "bfloat16", whole=False)
    limits: dict[str, float] = {}
    for name in ("bounds", "first_order"):
        with monkeypatch.context() as patch:
            patch.setattr(Trust, "bounds", getattr(Trust, name))
            patch.setattr(judge, "TELLING", 0.0)
            limits[name] = next(m.bound for m in check.run(0, (1.0,)) if m.quantity == "bias gradient")
    assert limits["first_order"] < limits["bounds"]
    asked: list[bool] = []

    def too_large(self: Any, m: Measurement, scale: float) -> str:
        asked.append(True)
        return "too large" if m.bound > limits["first_order"] and m.by != "probable" else ""

    monkeypatch.setattr(judge.Judge, "_too_large", too_large)
    told = next(m for m in check.run(0, (1.0,)) if m.quantity == "bias gradient")
    assert (told.outcome, told.by, told.bound) == ("as proved", "first order", limits["first_order"])
    assert asked
