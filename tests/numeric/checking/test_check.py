"""The checker of proved zeros and controls: right on what is proved, and honest about what a dtype cannot tell."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from bnproof.decide.checking.cases import Case, subject
from bnproof.errors import CheckError
from bnproof.numeric.checking import drawing, trust
from bnproof.numeric.checking.check import DELTAS, Check
from bnproof.numeric.checking.judge import FACTORS
from bnproof.numeric.checking.measurement import Measurement
from bnproof.numeric.checking.subject import Subject
from bnproof.numeric.roundoff import decisions
from bnproof.numeric.roundoff.precision import UNIT_ROUNDOFF
from bnproof.numeric.roundoff.rounding import Rounding
from bnproof.numeric.roundoff.running_error import Bounds, reverse_all

from .subjects import (
    CIRCULAR,
    GROUPS,
    HALF,
    INSTANCE,
    KEYS,
    LINEAR,
    ONE_PASS,
    POOLED,
    RELU,
    RENORM,
    STORED,
    TWO,
    WIDE,
    Expected,
    about,
    checked,
    made,
    norm,
    outcomes,
    relu_declared_redundant,
    rounded_otherwise,
    smaller_bounds,
    words,
)

ZEROS = [*((LINEAR, dtype) for dtype in (*WIDE, *HALF)), (KEYS, "float32"), (CIRCULAR, "float64")]


@pytest.mark.parametrize(("case", "dtype"), ZEROS, ids=words)
def test_proved_zeros(case: Case, dtype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """All quantities are as proved; with bounds ten thousand times smaller they are not."""
    found = [m for seed in range(2) for m in checked(case, dtype).run(seed)]
    assert all(m.passed for m in found)
    assert {m.quantity for m in found if not m.quantity.startswith("output")} == {
        "bias gradient",
        "Hessian row",
        "other gradients",
    }
    if dtype in WIDE:
        excused = {"output shift by 1e+06"} if dtype == "float32" else set[str]()
        assert {m.outcome for m in found if m.quantity not in excused} == {"as proved"}
    assert any(m.outcome == "as proved" for m in found)
    assert any(m.measured > 0 for m in found)
    assert all((m.dtype, m.expected, m.factor, m.bias) == (dtype, "below", 1.0, case.bias) for m in found)
    assert all(m.sequential is not None and m.sequential >= m.bound for m in found)
    held = DELTAS if dtype in WIDE else (1e-3, 1.0)  # next to 10³ float16 holds halves only, bfloat16 fours
    assert {m.quantity for m in found if m.quantity.startswith("output")} == {f"output shift by {delta:g}" for delta in held}
    monkeypatch.setattr(trust, "reverse_all", smaller_bounds)
    assert "FAILED" in outcomes(checked(case, dtype).run(0))


def test_float64_tells_every_quantity() -> None:
    """Also where the terms of a proved zero are exactly zero themselves, once the mean is taken with a rounded 1/36."""
    found = checked(INSTANCE, "float64").run(0)
    assert all(m.bound < 1e-6 for m in found)
    assert outcomes(found) == {"as proved"}


@pytest.mark.parametrize("case", [POOLED, GROUPS], ids=lambda case: case.chain)
def test_proved_zeros_of_images_under_three_roundings(case: Case) -> None:
    """The one measured; one so fine that it is refused; one so coarse that anything would pass, which proves nothing."""
    for seed in range(3):
        found = checked(case, "float32").run(seed)
        assert all(m.passed for m in found)
        assert {m.outcome for m in found if m.quantity in ("bias gradient", "other gradients", "output shift by 1")} == {
            "as proved"
        }
    fine = rounded_otherwise(case, "float32", Rounding(2.0**-44))
    assert any(m.measured > 0 for m in fine)
    assert all(m.outcome == "FAILED" for m in fine if m.measured > 0)
    coarse = rounded_otherwise(case, "float32", Rounding(UNIT_ROUNDOFF["float32"] * 1e6))
    assert "FAILED" not in outcomes(coarse)
    assert "cannot tell" in outcomes(coarse)
    assert all(m.obstacle for m in coarse if m.bound > 0)


CONTROLS = [*((RELU, dtype) for dtype in (*WIDE, *HALF)), (STORED, "float32"), (STORED, "float16")]


@pytest.mark.parametrize(("case", "dtype"), CONTROLS, ids=words)
def test_controls(case: Case, dtype: str) -> None:
    found = [m for seed in range(2) for m in checked(case, dtype).run(seed)]
    assert {m.quantity for m in found} == {"bias gradient", "output shift by 1"}
    assert all(m.passed and m.expected == "above" and m.factor == FACTORS[dtype] for m in found)
    assert any(m.outcome == "as proved" for m in found)
    if dtype in WIDE:
        assert outcomes(found) == {"as proved"}
    assert all(m.measured > m.factor * m.bound > 0 for m in found if m.outcome == "as proved")


@pytest.mark.parametrize("dtype", WIDE)
def test_a_gradient_may_be_zero_while_the_output_moves(dtype: str) -> None:
    """Batch renormalisation; and what is not so is not taken for it."""
    found = checked(RENORM, dtype).run(0)
    assert {(m.quantity, m.expected) for m in found} == {("bias gradient", "below"), ("output shift by 1", "above")}
    assert outcomes(found) == {"as proved"}
    for case, gradient in ((RENORM, None), (STORED, "below")):
        check = checked(case, dtype)
        other = about(check, replace(check.subject, gradient=gradient))
        assert {m.quantity: m.outcome for m in other.run(0)} == {"bias gradient": "FAILED", "output shift by 1": "as proved"}


def test_a_control_is_not_drawn_where_its_gradient_is_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    """A staircase with slopes, its steps narrower than 2^-12: half of the places pass no gradient on, though a shift moves the output."""

    def stairs(b: Any) -> Any:
        t = b * 2.0**13
        return (jnp.floor(t) + jnp.minimum(2 * (t - jnp.floor(t)), 1)) / 2.0**13

    def draw(random: np.random.Generator) -> tuple[dict[str, np.ndarray], np.ndarray]:
        return {"b": random.normal(size=1)}, np.ones((2, 1))

    def found() -> set[str]:
        control = Subject("stairs", "b", lambda p, x: x * stairs(p["b"]), draw, "above")
        check = Check(control, "float32", whole=False)
        return outcomes([m for seed in range(12) for m in check.run(seed)])

    assert found() == {"as proved"}
    monkeypatch.setattr(drawing, "SLIGHT", 2.0**-12)
    assert "FAILED" in found()


def test_where_a_first_order_bound_does_not_hold_there_is_none() -> None:
    """A million loses all of a one-pass variance, in float32: what is measured is below no finite bound, and none is given."""
    found = [m for seed in range(3) for m in checked(ONE_PASS, "float32", whole=False).run(seed, (1.0, 1e6))]
    assert all(m.measured <= m.bound for m in found)
    lost = [m for m in found if m.quantity == "output shift by 1e+06"]
    assert all(math.isinf(m.bound) and math.isinf(m.sequential or 0) and "divisor" in m.obstacle for m in lost)
    assert max(m.measured for m in lost) > 1
    assert all(math.isfinite(m.bound) for m in found if not m.obstacle)


def test_an_entry_that_cannot_tell_hides_no_other_that_can() -> None:
    """The first convolution's bias gradient is zero on both sides, so that its difference says nothing; its kernel's does."""
    found = [m for seed in range(2) for m in checked(TWO, "float64").run(seed, (1.0,))]
    assert outcomes(found) == {"as proved"}
    fine = rounded_otherwise(TWO, "float64", Rounding(UNIT_ROUNDOFF["float64"] * 1e-6))
    assert outcomes([m for m in fine if m.quantity == "other gradients"]) == {"FAILED"}


def test_a_control_does_not_pass_with_a_bound_so_coarse() -> None:
    found = rounded_otherwise(RELU, "float32", Rounding(UNIT_ROUNDOFF["float32"] * 1e6))
    assert "as proved" not in outcomes(found)


def test_a_bound_that_a_needed_bias_would_pass_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """ReLU between, declared redundant, its bounds grown until nothing exceeds them."""

    def larger(*given: Any) -> Bounds:
        bounds = reverse_all(*given)
        return replace(bounds, bound=bounds.bound * 1e8, sequential=bounds.sequential * 1e8)

    monkeypatch.setattr(trust, "reverse_all", larger)
    found = relu_declared_redundant("float32").run(0, (1.0,))
    assert all(m.measured <= m.bound for m in found if m.quantity == "output shift by 1")
    assert "as proved" not in {m.outcome for m in found if m.quantity in ("bias gradient", "output shift by 1")}


# --- what is not finite, and what a dtype cannot tell


@pytest.mark.parametrize("expected", ["below", "above"])
def test_not_a_number_fails(expected: Expected) -> None:
    found = Check(made(lambda z: jnp.where(z > 0, norm(z), jnp.nan), expected), "float32", whole=False).run(0)
    shifts = [m for m in found if m.quantity.startswith("output shift")]
    assert shifts
    assert {m.outcome for m in found if math.isnan(m.measured)} == {"FAILED"}
    assert outcomes([m for m in shifts if "0.001" not in m.quantity]) == {"FAILED"}
    assert all(
        "have no value" in m.note for m in shifts
    )  # what has none before and after is left out: a small shift changes no sign


def test_not_a_number_is_no_failure_where_the_run_says_why() -> None:
    """1/σ³ of a dead channel overflows float16."""
    case = Case("linear(4) -> relu -> bn @ 8x3", "linear1.bias")
    found = [m for seed in range(3) for m in checked(case, "float16", whole=False).run(seed)]
    broken = [m for m in found if math.isnan(m.measured)]
    assert broken
    assert outcomes(broken) == {"cannot tell"}
    assert all("integer_pow" in m.obstacle and "beyond the largest float16" in m.obstacle for m in broken)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_measurement_that_is_not_finite(value: float) -> None:
    good = Measurement("conv -> bn", "bias gradient", "float32", "cpu", 8, 1e-7, 1e-6, "below")
    for obstacle in ("", "the bound is too large"):
        assert replace(good, measured=value, obstacle=obstacle).outcome == "FAILED"
    assert replace(good, bound=math.inf, obstacle="").outcome == "FAILED"
    assert replace(good, bound=math.inf, obstacle="unknown").outcome == "cannot tell"
    assert replace(good, measured=0.0, bound=0.0, obstacle="", expected="above").outcome == "FAILED"


@pytest.mark.parametrize("expected", ["below", "above"])
def test_an_operation_without_a_bound_proves_nothing(expected: Expected) -> None:
    def program(z: Any) -> Any:
        centred = norm(z)
        return jnp.linalg.cholesky(jnp.eye(len(z), dtype=z.dtype) + centred @ centred.T)

    found = Check(made(program, expected), "float32", whole=False).run(0, (1.0,))
    (shift,) = (m for m in found if m.quantity.startswith("output shift"))
    assert shift.bound == math.inf
    assert shift.outcome == "cannot tell"
    assert "cholesky" in shift.obstacle


def test_ties_of_a_maximum_do_not_matter_to_a_sum_over_the_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever entry of a window a cotangent goes to, batch normalisation before it removes the bias."""
    plain = subject(POOLED)

    def ties(random: np.random.Generator) -> tuple[dict[str, np.ndarray], np.ndarray]:
        params, x = plain.draw(random)
        return params, np.repeat(np.repeat(x[:, :, ::2, ::2], 2, 2), 2, 3)

    tied = about(checked(POOLED, "float32"), replace(plain, draw=ties))
    assert outcomes(tied.run(0, (1.0,))) == outcomes(checked(POOLED, "float32").run(0, (1.0,))) == {"as proved"}

    def lost(params: Any, ct: Any, able: Any) -> Any:
        """As if a cotangent could go anywhere else."""
        return np.full((len(ct), *able.shape[1 : ct.ndim]), np.abs(ct).max())

    monkeypatch.setattr(decisions, "span", lost)
    found = {m.quantity: m for m in tied.run(0, (1.0,))}
    assert found["output shift by 1"].outcome == "as proved"
    assert found["bias gradient"].outcome == "cannot tell"
    assert "kink (`reduce_window_max`)" in found["bias gradient"].obstacle


def test_a_one_pass_variance_is_not_trusted_far_from_zero() -> None:
    found = {m.quantity: m for m in checked(ONE_PASS, "float32", whole=False).run(0, (1.0, 1e6))}
    assert found["output shift by 1"].outcome == "as proved"
    far = found["output shift by 1e+06"]
    assert far.outcome == "cannot tell"
    assert "divisor" in far.obstacle
    assert checked(ONE_PASS, "float64", whole=False).run(0, (1.0,))[-1].outcome == "as proved"


# --- draws


def test_seeds_are_reproducible() -> None:
    check = checked(LINEAR, "float32")
    assert check.run(3) == check.run(3)
    assert check.run(3) != check.run(4)


def test_shifts_that_no_type_of_this_width_holds() -> None:
    assert not any("1e+08" in m.quantity for m in checked(LINEAR, "float32").run(0, (1e8,)))


def test_less_than_everything() -> None:
    found = checked(ONE_PASS, "float32", whole=False).run(0, (1.0,))
    assert [m.quantity for m in found] == ["bias gradient", "output shift by 1"]


def test_unknown_dtype() -> None:
    with pytest.raises(CheckError, match="did you mean float32"):
        Check(subject(LINEAR), "flaot32")
