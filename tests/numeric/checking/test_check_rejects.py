"""The checker on functions that are wrong, and on expectations that are: it must fail."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from bnproof.decide.checking.cases import subject
from bnproof.numeric.checking.check import Check
from bnproof.numeric.checking.subject import Subject

from .subjects import (
    LINEAR,
    WIDE,
    made,
    norm,
    outcomes,
    relu_declared_redundant,
)


def test_the_function_these_are_made_from_is_right() -> None:
    assert {m.outcome for m in Check(made(norm), "float64").run(0) if m.quantity != "Hessian row"} == {"as proved"}


WRONG: dict[str, Callable[[Any], Any]] = {
    "mean over n − 1": lambda z: norm(z, fewer=1),
    "a millionth of the mean left": lambda z: norm(z, part=0.999999),
    "mean held constant": lambda z: z - lax.stop_gradient(jnp.mean(z, 0)),
    "no mean": lambda z: z * lax.rsqrt(jnp.mean(z**2, 0) + 1e-5),
}


@pytest.mark.parametrize("name", WRONG)
def test_functions_that_are_wrong(name: str) -> None:
    found = Check(made(WRONG[name]), "float64", whole=False).run(0)
    assert "FAILED" in outcomes(found)
    if name != "mean held constant":  # whose output is right, and whose gradient is not
        assert next(m for m in found if m.quantity == "output shift by 1").outcome == "FAILED"
    assert next(m for m in found if m.quantity == "bias gradient").outcome == "FAILED"


def test_a_gradient_that_is_wrong_alone() -> None:
    """The mean held constant: the output does not move, and only the derivatives show it."""
    found = Check(made(WRONG["mean held constant"]), "float32", whole=False).run(0, (1e-3, 1.0, 1e3))
    assert {m.outcome for m in found if m.quantity.startswith("output shift")} == {"as proved"}
    assert next(m for m in found if m.quantity == "bias gradient").outcome == "FAILED"


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_a_needed_bias_declared_redundant(dtype: str) -> None:
    found = relu_declared_redundant(dtype).run(0)
    assert next(m for m in found if m.quantity == "output shift by 1").outcome == "FAILED"
    assert next(m for m in found if m.quantity == "bias gradient").outcome == "FAILED"


@pytest.mark.parametrize("dtype", WIDE)
def test_a_redundant_bias_declared_needed(dtype: str) -> None:
    check = Check(replace(subject(LINEAR), expected="above"), dtype)
    assert all(outcomes(check.run(seed)) == {"FAILED"} for seed in range(2))


def test_a_half_type_never_calls_a_redundant_bias_needed() -> None:
    assert "as proved" not in outcomes(Check(replace(subject(LINEAR), expected="above"), "bfloat16").run(0))


def test_an_exceeded_bound_fails_however_large_it_is() -> None:
    """The bound is a good part of what is there, and is exceeded all the same: too large a bound is no excuse then."""

    def kept(z: Any) -> Any:
        for k in range(60):
            z = (z + 1) - 1 if k % 2 else (z * 1.5) / 1.5
        return z

    def draw(random: np.random.Generator) -> tuple[dict[str, np.ndarray], np.ndarray]:
        return {"b": random.normal(size=1)}, 0.01 * random.normal(size=(8, 1))

    check = Check(Subject("kept", "b", lambda p, x: kept(x + p["b"]), draw, "below", None, 8), "bfloat16", whole=False)
    found = [m for seed in range(6) for m in check.run(seed)]
    assert any(m.measured > m.bound for m in found)
    assert [m for m in found if math.isfinite(m.bound) and m.measured > m.bound and m.outcome != "FAILED"] == []
