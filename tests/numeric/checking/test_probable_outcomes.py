"""Outcomes that rest on the probable bound: told where the worst case cannot, never a failure, and never a pass for what is wrong."""

from __future__ import annotations

import math
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest

from bnproof.numeric.checking.check import Check
from bnproof.numeric.checking.judge import Result
from bnproof.numeric.checking.measurement import Measurement
from bnproof.numeric.checking.quantities import GRADIENT
from bnproof.numeric.checking.subject import Subject
from bnproof.numeric.roundoff.probable import Share
from bnproof.numeric.roundoff.rounding import Rounding

from .subjects import norm

ZERO = Measurement(
    "conv -> bn",
    "bias gradient",
    "bfloat16",
    "cpu",
    512,
    2.0,
    9.0,
    "below",
    bias="b",
    probable=3.0,
    failure=1e-9,
    by="probable",
)
CONTROL = replace(ZERO, expected="above", factor=3.0, measured=10.0)


@pytest.mark.parametrize(
    ("measured", "outcome"),
    [(0.0, "as proved"), (3.0, "as proved"), (3.1, "cannot tell"), (9.0, "cannot tell"), (9.1, "FAILED"), (math.nan, "FAILED")],
)
def test_a_zero_by_the_probable_bound(measured: float, outcome: str) -> None:
    assert replace(ZERO, measured=measured).outcome == outcome
    by_worst = "as proved" if measured <= 9 else "FAILED"
    assert replace(ZERO, measured=measured, by="first order").outcome == by_worst


@pytest.mark.parametrize(
    ("measured", "outcome"), [(9.0, "as proved"), (8.9, "cannot tell"), (0.0, "cannot tell"), (math.inf, "FAILED")]
)
def test_a_control_by_the_probable_bound(measured: float, outcome: str) -> None:
    assert replace(CONTROL, measured=measured).outcome == outcome


def test_what_is_shown_belongs_to_the_bound_it_rests_on() -> None:
    assert (ZERO.limit, ZERO.ratio) == (3.0, 2 / 3)
    worst = replace(ZERO, by="first order")
    assert (worst.limit, worst.ratio) == (9.0, 2 / 9)
    assert replace(ZERO, probable=None).limit == 9.0
    assert replace(ZERO, bound=math.inf).outcome == "as proved"  # whatever the worst case
    assert replace(ZERO, bound=math.inf, measured=4.0).outcome == "cannot tell"
    assert replace(ZERO, bound=math.inf, probable=math.inf).outcome == "FAILED"
    assert replace(ZERO, obstacle="a kink").outcome == "cannot tell"


def test_measurements_travel() -> None:
    m = replace(ZERO, shares=(Share("reduce_sum", "bn1", 0.75), Share("mul", "", 0.25)))
    assert Measurement.of(asdict(m)) == m
    told = m.as_json()
    assert (told["probable"], told["failure"], told["by"]) == (3.0, 1e-9, "probable")
    assert (told["blame"], told["where"], told["share"]) == ("reduce_sum", "bn1", 0.75)
    assert "shares" not in told
    assert (ZERO.as_json()["blame"], ZERO.as_json()["share"]) == ("", None)
    old = asdict(replace(ZERO, by="first order"))
    for name in ("probable", "failure", "by", "shares"):
        del old[name]
    assert Measurement.of(old).outcome == "as proved"


# --- through the judge


def many(normalise: Any, expected: Any = "below", count: int = 1024) -> Subject:
    def draw(random: np.random.Generator) -> tuple[dict[str, np.ndarray], np.ndarray]:
        w = np.repeat(random.normal(size=(3, 1)), 4, 1)  # channels alike, with bounds alike
        return {"w": w, "b": np.zeros(4)}, random.normal(size=(count, 3))

    return Subject("made", "b", lambda p, x: normalise(x @ p["w"] + p["b"]), draw, expected, None, count)


def rows(subject: Subject, dtype: str, seeds: int = 3, added: float = 0.0, depth: int = 40) -> list[Measurement]:
    """The bias gradients of some seeds, with so much added to what the compiled program gave; every sum as deep as that."""

    class Spoiled(Check):
        def _outputs(self, given: tuple[Any, ...]) -> list[Result]:
            return [(quantity, np.abs(y) + added if quantity == GRADIENT else y) for quantity, y in super()._outputs(given)]

    check = Spoiled(subject, dtype, whole=False, rounding=Rounding(None, depth=lambda *_: depth))
    return [m for seed in range(seeds) for m in check.run(seed, ()) if m.quantity == GRADIENT]


def test_a_half_type_tells_by_the_probable_bound_what_it_cannot_by_the_worst_case() -> None:
    found = rows(many(norm), "bfloat16")
    assert all(m.probable is not None and m.probable <= m.bound for m in found)
    told = [m for m in found if m.by == "probable"]
    assert told
    assert all(m.outcome == "as proved" and m.measured <= m.limit < m.bound for m in told)
    assert all(m.blame is not None and m.blame.operation == "reduce_sum" for m in told)
    assert sum(share.share for share in told[0].shares) == pytest.approx(1)


def test_float32_rests_on_the_worst_case() -> None:
    found = rows(many(norm), "float32", 1)
    assert all(m.by == "all orders" and m.outcome == "as proved" for m in found)


def test_a_gradient_that_is_wrong_never_passes_by_the_probable_bound() -> None:
    """Above the probable bound it cannot be told, above that of the worst case it fails."""
    (right,) = rows(many(norm), "bfloat16", 1)
    assert (right.by, right.outcome) == ("probable", "as proved")
    assert right.probable is not None
    for added, outcome in ((0.85, "cannot tell"), (1.5, "FAILED")):
        (m,) = rows(many(norm), "bfloat16", 1, added * right.bound)
        assert (m.by, m.outcome) == ("all orders", outcome)
    (m,) = rows(many(norm), "bfloat16", 1, 1.1 * right.probable)
    assert m.outcome == "cannot tell"
    (m,) = rows(many(norm), "bfloat16", 1, math.nan)
    assert m.outcome == "FAILED"


def test_a_redundant_bias_never_acts_by_the_probable_bound() -> None:
    for dtype in ("bfloat16", "float16"):
        found = rows(many(norm, "above"), dtype)
        assert "as proved" not in {m.outcome for m in found}


def test_what_cannot_be_told_names_the_operation() -> None:
    found = rows(many(norm), "bfloat16", 1, depth=500)
    assert [m.outcome for m in found] == ["cannot tell"]
    assert "most of it is round-off of `reduce_sum` (backward, " in found[0].obstacle
