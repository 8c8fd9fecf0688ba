"""Value and gradient can part behind stop_gradient: both directions of the trap."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import pytest
from jax import lax

from bnproof.decide.function import trace_function
from bnproof.decide.verdicts import decide
from bnproof.verdict import Verdict

F = jnp.float32
INPUTS = {
    "bias": jax.ShapeDtypeStruct((3,), F),
    "input": jax.ShapeDtypeStruct((5, 3), F),
    "running_mean": jax.ShapeDtypeStruct((3,), F),
    "running_var": jax.ShapeDtypeStruct((3,), F),
}


def decided(layer: Callable[[Any, Any, Any], Any]) -> Verdict:
    def function(named: Any) -> tuple[list[Any], dict[str, Any]]:
        return [layer(named["input"] + named["bias"], named["running_mean"], named["running_var"])], {}

    (found,) = decide(trace_function(function, INPUTS, "train"), ["bias"]).verdicts
    return found


def mean_held_constant(z: Any, *_: Any) -> Any:
    """The founding paper, §2: the gradient ignores that the mean depends on b."""
    return z - lax.stop_gradient(jnp.mean(z, 0))


def batch_norm(z: Any, *_: Any) -> Any:
    mean = jnp.mean(z, 0)
    return (z - mean) / jnp.sqrt(jnp.mean((z - mean) ** 2, 0) + 1e-5)


def batch_renorm(z: Any, mean: Any, variance: Any) -> Any:
    """Ioffe 2017, without clipping: the correction towards the stored statistics is held constant."""
    batch_mean = jnp.mean(z, 0)
    batch_deviation = jnp.sqrt(jnp.mean((z - batch_mean) ** 2, 0) + 1e-5)
    deviation = jnp.sqrt(variance + 1e-5)
    r, d = lax.stop_gradient(batch_deviation / deviation), lax.stop_gradient((batch_mean - mean) / deviation)
    return (z - batch_mean) / batch_deviation * r + d


@pytest.mark.parametrize(
    ("layer", "verdict", "zero"),
    [
        (batch_norm, "redundant", True),
        (mean_held_constant, "redundant", False),
        (batch_renorm, "acts", True),
    ],
)
def test_value_and_gradient(layer: Callable[..., Any], verdict: str, zero: bool) -> None:
    found = decided(layer)
    assert found.verdict == verdict
    assert found.gradient_zero is zero


def test_softmax_of_jax_holds_its_maximum_constant_rightly() -> None:
    found = decided(lambda z, *_: jax.nn.softmax(z[:, :1] - z[:, :1] + z, axis=0))
    assert found.verdict == "redundant"
    assert found.gradient_zero is True


def test_a_custom_derivative_is_not_trusted() -> None:
    @jax.custom_vjp
    def mean(z: Any) -> Any:
        return jnp.mean(z, 0)

    mean.defvjp(lambda z: (jnp.mean(z, 0), z.shape), lambda shape, g: (jnp.zeros(shape, g.dtype),))
    found = decided(lambda z, *_: z - mean(z))
    assert found.verdict == "redundant"
    assert found.gradient_zero is False


@pytest.mark.parametrize(
    ("function", "zero"),
    [
        (lambda z, b: lax.clamp(jnp.broadcast_to(b, z.shape), z, jnp.broadcast_to(b, z.shape)) - b + z - b, False),
        (lambda z, b: jnp.std(z[:, :1], 1), False),  # a root of 0: autodiff says NaN
        (lambda z, b: jnp.where(z - b > 9, jnp.sqrt(b - b), 0.0), False),
        (lambda z, b: (z[:1] - jnp.mean(z[:1], 0)) / (jnp.std(z[:1], 0) + 1e-3), False),
        (lambda z, b: (z[:1] - jnp.mean(z[:1], 0)) / jnp.sqrt(jnp.var(z[:1], 0) + 1e-3), True),
        (lambda z, b: jnp.maximum(z, z) - b, True),  # the halves of a tie add up
        (lambda z, b: jnp.sort(jnp.stack([b, b]), 0)[0] - b + (z - b), True),
        (lambda z, b: jax.nn.relu(b - b) + (z - b), True),
        (lambda z, b: lax.while_loop(lambda s: jnp.sum(s) < 9, lambda s: 2 * s, jnp.exp(z - b)), None),  # JAX has no gradient
    ],
)
def test_the_gradient_is_what_autodiff_says(function: Callable[[Any, Any], Any], zero: bool | None) -> None:
    traced = trace_function(
        lambda named: function(named["input"] + named["bias"], named["bias"]), INPUTS, "train", statistics=False
    )
    (found,) = decide(traced, ["bias"]).verdicts
    assert found.verdict == "redundant"
    assert found.gradient_zero is zero


def test_without_a_run_a_point_without_a_derivative_leaves_the_gradient_open() -> None:
    traced = trace_function(
        lambda named: jnp.sqrt(named["bias"] - named["bias"]) + named["input"], INPUTS, "train", statistics=False
    )
    (found,) = decide(replace(traced, sample=None), ["bias"]).verdicts
    assert (found.verdict, found.gradient_zero) == ("redundant", None)


def test_gradients_of_programs_with_integer_outputs() -> None:
    def two(named: Any) -> Any:
        z = named["input"] + named["bias"]
        return z - lax.stop_gradient(jnp.mean(z, 0)), jnp.argmax(z, 1)

    (found,) = decide(trace_function(two, INPUTS, "train", statistics=False), ["running_mean"]).verdicts
    assert (found.verdict, found.gradient_zero) == ("redundant", True)
    (found,) = decide(trace_function(two, INPUTS, "train", statistics=False), ["bias"]).verdicts
    assert found.gradient_zero is not True


def test_the_line_of_the_users_code_is_named() -> None:
    found = decided(lambda z, *_: jnp.tanh(z))
    assert found.verdict == "acts"
    assert found.operation == "tanh"
    assert "test_gradient.py" in found.source
