"""Programs at which bounds were once exceeded, each a reason why first order or a probed tree may not be what runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from bnproof.decide.checking.cases import Case, subject
from bnproof.numeric.checking.subject import Subject

Draw = Callable[[np.random.Generator], tuple[dict[str, np.ndarray], np.ndarray]]


def _identity(z: Any, w: Any) -> Any:
    return lax.conv_general_dilated(z, w, (1, 1), "SAME")


def _centred(z: Any) -> Any:
    return z - jnp.mean(z, (0, 2, 3), keepdims=True)


def transposed_tree() -> Subject:
    """A convolution's layout is the reduction's: one large number among many that the deeper tree rounds one by one."""

    def draw(random: np.random.Generator) -> tuple[dict[str, np.ndarray], np.ndarray]:
        x = np.full((4, 4, 8, 8), 0.4995)
        x[0, :, 0, 0] = 2.0**23
        return {"w": np.eye(4).reshape(4, 4, 1, 1), "b": np.zeros((4, 1, 1))}, x

    return Subject("identity conv -> z − mean", "b", lambda p, x: _centred(_identity(x, p["w"]) + p["b"]), draw, "below")


def normed(z: Any, eps: float, rule: str = "rsqrt") -> Any:
    centred = _centred(z)
    variance = jnp.mean(centred**2, (0, 2, 3), keepdims=True)
    return centred * lax.rsqrt(variance + eps) if rule == "rsqrt" else centred / jnp.sqrt(variance + eps)


def absorbed_overflow(size: float, dtype: str) -> Subject:
    """(z − m)² overflows, 1/∞ is 0, and the output is finite, constant and wrong."""

    def draw(random: np.random.Generator) -> tuple[dict[str, np.ndarray], np.ndarray]:
        return {"w": 4 * random.normal(size=(3, 3, 3, 3)), "b": random.normal(size=(3, 1, 1))}, size * random.normal(
            size=(2, 3, 4, 4)
        )

    return Subject(
        f"conv -> bn -> relu, inputs × {size:g}, {dtype}", "b",
        lambda p, x: jax.nn.relu(normed(_identity(x, p["w"]) + p["b"], 0.1) + 0.5), draw, "below",
    )  # fmt: skip


def saturated(name: str, gamma: float) -> Subject:
    """A large γ before an activation that saturates: f″ is what first order leaves out."""
    activation = {"tanh": jnp.tanh, "gelu": jax.nn.gelu, "softplus": jax.nn.softplus, "sigmoid": jax.nn.sigmoid}[name]

    def draw(random: np.random.Generator) -> tuple[dict[str, np.ndarray], np.ndarray]:
        rows = random.normal(size=(4, 3))
        params = {"w": random.normal(size=(3, 4)), "b": random.normal(size=4), "gamma": np.full(4, gamma)}
        return params, np.concatenate(
            (rows, -rows, np.zeros((1, 3)))
        )  # the last row is the mean: its normalised value is round-off

    def run(p: Any, x: Any) -> Any:
        z = x @ p["w"] + p["b"]
        centred = z - jnp.mean(z, 0)
        return activation(p["gamma"] * centred * lax.rsqrt(jnp.mean(centred**2, 0) + 1e-5))

    return Subject(f"linear -> bn, γ {gamma:g} -> {name}", "b", run, draw, "below")


def from_chain(text: str, bias: str) -> Subject:
    return subject(Case(text, bias))


def subnormal(size: float, times: float) -> Subject:
    """Inputs below the normal range, which a run takes for zero; a large factor shows it."""

    def draw(random: np.random.Generator) -> tuple[dict[str, np.ndarray], np.ndarray]:
        return {"w": np.full(3, times), "b": np.zeros(3)}, size * random.uniform(0.1, 0.9, (8, 3))

    def run(p: Any, x: Any) -> Any:
        z = x * p["w"] + p["b"]
        return z - jnp.mean(z, 0)

    return Subject(f"inputs × {size:g} -> × {times:g} -> z − mean", "b", run, draw, "below")


def logistic_of_half() -> Subject:
    """1/(1 + e⁻ˣ) in float16: e⁻ˣ overflows where the result, 6e-6, is a number of the format still."""

    def draw(random: np.random.Generator) -> tuple[dict[str, np.ndarray], np.ndarray]:
        return {"beta": np.full(2, -13.03), "b": random.normal(size=2)}, 1e-3 * random.normal(size=(3, 2))

    def run(p: Any, x: Any) -> Any:
        z = x + p["b"]
        return jax.nn.silu(z - jnp.mean(z, 0) + p["beta"])

    return Subject("z − mean + β -> silu", "b", run, draw, "below")


def infinite_argument() -> Subject:
    """γ is beyond the largest number of the format: nothing is told, and nothing fails."""
    plain = saturated("tanh", 1e6)
    return replace(plain, case="an infinite γ")


def converted() -> Subject:
    """float64 by way of float32: in a run in float64 the conversion gives back the very array that it reads."""

    def draw(random: np.random.Generator) -> tuple[dict[str, np.ndarray], np.ndarray]:
        return {"w": random.normal(size=(3, 4)), "b": random.normal(size=4)}, random.normal(size=(8, 3))

    def run(p: Any, x: Any) -> Any:
        z = (x @ p["w"] + p["b"]).astype(np.float32)
        return (z - jnp.mean(z, 0)).astype(x.dtype)

    return Subject("linear -> float32 -> z − mean", "b", run, draw, "below")


KNOWN: dict[str, tuple[Callable[[], Subject], str, int]] = {
    "a layout": (transposed_tree, "float32", 0),
    "b overflow, float16": (lambda: absorbed_overflow(300, "float16"), "float16", 0),
    "b overflow, float32": (lambda: absorbed_overflow(1e19, "float32"), "float32", 0),
    "c clamp": (lambda: from_chain("linear(4) -> bn(variance=onepass) @ 3x1", "linear1.bias"), "float64", 579),
    "d tanh": (lambda: saturated("tanh", 1e8), "float32", 0),
    "d gelu": (lambda: saturated("gelu", 1e8), "float32", 0),
    "d softplus": (lambda: saturated("softplus", 1e8), "float32", 0),
    "e not a number": (lambda: from_chain("linear(2) -> bn(eps=1e-30) @ 1x3", "linear1.bias"), "float32", 0),
    "f subnormal, float32": (lambda: subnormal(1e-38, 1e30), "float32", 0),
    "f subnormal, float64": (lambda: subnormal(2e-308, 1e300), "float64", 0),
    "f subnormal, bfloat16": (lambda: subnormal(1e-38, 1e30), "bfloat16", 0),
    "g logistic": (logistic_of_half, "float16", 0),
    "h infinite argument": (infinite_argument, "float16", 0),
    "i conversion": (converted, "float64", 0),
}
"""Each by name: the subject, the dtype, and a draw that shows it."""
