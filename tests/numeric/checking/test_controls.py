"""Controls that hardly move, and programs without a value: not told, if that is so without rounding too; failed otherwise."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from bnproof.decide.checking.cases import Case, subject
from bnproof.numeric.checking import drawing
from bnproof.numeric.checking.check import Check
from bnproof.numeric.checking.subject import Subject

from .subjects import LINEAR, RELU, WIDE, about, checked, made, norm, outcomes

HARDLY = [
    Case("linear(1) -> relu -> bn @ 2x1", "linear1.bias"),
    Case("conv(1, k=1) -> dropout(0.9) -> bn @ 1x1x2x2"),
]


@pytest.mark.parametrize("case", HARDLY, ids=lambda case: case.title)
@pytest.mark.parametrize("dtype", WIDE)
def test_a_control_that_hardly_moves_is_no_failure(case: Case, dtype: str) -> None:
    check = checked(case, dtype, whole=False)
    found = [m for seed in range(3) for m in check.run(seed)]
    assert all(m.expected == "above" for m in found)
    assert "FAILED" not in outcomes(found)
    assert all("without rounding" in m.obstacle for m in found if m.outcome == "cannot tell")


def test_what_dropout_drops_is_what_the_witness_drops() -> None:
    """With the key 0 all four values are dropped, and the bias acts for no draw; a witness has another key."""
    made = subject(HARDLY[1])
    assert made.witnessed
    with jax.enable_x64(True):
        params, x = made.draw(np.random.default_rng(0))
        outputs = [np.asarray(made.function({**params, "conv1.bias": np.array([b])}, x)) for b in (-16.0, 16.0)]
    assert np.abs(outputs[1] - outputs[0]).max() > 0.1


def still(check: Check) -> Check:
    """The same check of a device whose output never moves, and whose gradients are 0."""
    other = copy.copy(check)
    compiled: Any = check._compiled  # pyright: ignore[reportPrivateUsage]
    first: dict[str, Any] = {}

    def run(*arguments: Any) -> Any:
        if not first:
            first.update(compiled(*arguments))
        return {name: y if name == "output" else jax.tree.map(jnp.zeros_like, y) for name, y in first.items()}

    other._compiled = run  # pyright: ignore[reportPrivateUsage, reportAttributeAccessIssue]
    return other


@pytest.mark.parametrize("dtype", WIDE)
def test_a_control_that_should_move_and_does_not_fails_although_it_was_witnessed(dtype: str) -> None:
    check = checked(RELU, dtype)
    assert check.subject.witnessed
    assert outcomes(check.run(0)) == {"as proved"}
    assert outcomes(still(check).run(0)) == {"FAILED"}


def test_without_a_witness_nothing_is_excused() -> None:
    witnessed = checked(HARDLY[0], "float32", whole=False)
    check = about(witnessed, replace(witnessed.subject, witnessed=False))
    assert "FAILED" in outcomes([m for seed in range(3) for m in check.run(seed)])
    assert outcomes(Check(replace(subject(LINEAR), expected="above"), "float32").run(0)) == {"FAILED"}


@pytest.mark.parametrize("expected", ["below", "above"])
def test_a_program_without_a_value_is_not_told(expected: Any) -> None:
    """A variance of one value, which is 0, without ε."""

    def undefined(z: Any) -> Any:
        centred = z[:, :, None] - jnp.mean(z[:, :, None], 2, keepdims=True)
        return (centred / jnp.sqrt(jnp.mean(centred**2, 2, keepdims=True)))[..., 0]

    found = Check(made(undefined, expected), "float32", whole=False).run(0)
    assert outcomes(found) == {"cannot tell"}
    assert all(m.undefined and "no value" in m.obstacle and m.passed for m in found)


def test_a_program_without_a_value_on_the_device_alone_fails() -> None:
    check = copy.copy(Check(made(norm), "float32", whole=False))
    compiled: Any = check._compiled  # pyright: ignore[reportPrivateUsage]
    broken: Any = lambda *arguments: jax.tree.map(lambda y: y * jnp.nan, compiled(*arguments))  # noqa: E731
    check._compiled = broken  # pyright: ignore[reportPrivateUsage]
    found = check.run(0, (1.0,))
    assert outcomes(found) == {"FAILED"}
    assert not any(m.undefined for m in found)


def test_the_draw_that_moves_most_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bias whose size decides how fast the output moves: the fastest of the draws is judged."""

    def draw(random: np.random.Generator) -> tuple[dict[str, np.ndarray], np.ndarray]:
        return {"b": random.normal(size=1), "speed": random.uniform(0, 0.1, 1)}, np.ones((2, 1))

    slow = Subject("slow", "b", lambda p, x: x * p["speed"] * p["b"], draw, "above", witnessed=True)
    monkeypatch.setattr(drawing, "DRAWS", 50)
    check = Check(slow, "float32", whole=False)
    drawn = check.draws.drawn(np.random.default_rng(0))
    assert 0.08 < float(drawn.params["speed"][0]) < 0.1
