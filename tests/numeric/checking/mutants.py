"""Batch normalisations that are wrong, each in one way, and ones that are right, written in several ways.

Each is a function of (x, gamma, beta, epsilon) of an input of shape (batch, channels, *positions), over batch and positions; epsilon
is a number, so that it may be an array by which is differentiated. `FORWARD` compute something else; `BACKWARD` compute what they
should and have a wrong derivative; `COARSE` round to bfloat16 what should not be.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

Normalise = Callable[[Any, Any, Any, Any], Any]


def axes_of(x: Any) -> tuple[int, ...]:
    return (0, *range(2, x.ndim))


def count_of(x: Any) -> int:
    return math.prod(x.shape[axis] for axis in axes_of(x))


def along(value: Any, x: Any) -> Any:
    return value.reshape(1, -1, *(1,) * (x.ndim - 2))


def mean_of(x: Any) -> Any:
    return jnp.mean(x, axes_of(x), keepdims=True)


def written(
    mean: Callable[[Any], Any] = mean_of,
    variance: Callable[[Any, Any], Any] = lambda x, mean: mean_of((x - mean) ** 2),
) -> Normalise:
    """Batch normalisation with this mean and this variance, (x, mean) → variance."""

    def normalise(x: Any, gamma: Any, beta: Any, epsilon: Any) -> Any:
        m = mean(x)
        return along(gamma, x) * ((x - m) / jnp.sqrt(variance(x, m) + epsilon)) + along(beta, x)

    return normalise


def backward(
    epsilon_there: float | None = None,
    by_mean: bool = True,
    by_variance: bool = True,
    times: float = 1.0,
    fewer: int = 0,
    bessel: int = 0,
) -> Normalise:
    """Batch normalisation with a derivative written by hand, right by default.

    - epsilon_there: another ε for the derivative; by_mean, by_variance: whether its two terms are there; times: a factor;
    - fewer: numbers by which the mean of g is divided by fewer than there are; bessel: the same of the mean of g·x̂.
    """

    def value(x: Any, gamma: Any, beta: Any, epsilon: Any) -> Any:
        return written()(x, gamma, beta, epsilon)

    normalise = jax.custom_vjp(value)

    def forward(x: Any, gamma: Any, beta: Any, epsilon: Any) -> Any:
        return value(x, gamma, beta, epsilon), (x, gamma, epsilon)

    def pull(kept: Any, c: Any) -> Any:
        x, gamma, epsilon = kept
        m = mean_of(x)
        square = mean_of((x - m) ** 2) + (epsilon if epsilon_there is None else jnp.asarray(epsilon_there, x.dtype))
        s = jnp.sqrt(square)
        hat, g = (x - m) / s, along(gamma, x) * c
        n, total = count_of(x), functools.partial(jnp.sum, axis=axes_of(x), keepdims=True)
        first = total(g) / (n - fewer) if by_mean else 0.0
        second = hat * (total(g * hat) / (n - bessel)) if by_variance else 0.0
        dx = times * (g - first - second) / s
        flow = jnp.sum(-0.5 * g * hat / square)
        return dx, times * jnp.sum(c * hat, axes_of(x)), times * jnp.sum(c, axes_of(x)), times * flow

    normalise.defvjp(forward, pull)
    return normalise


def bfloat16(value: Any) -> Any:
    return value.astype(jnp.bfloat16).astype(value.dtype)


def of_half(x: Any) -> Any:
    return mean_of(x[: max(1, len(x) // 2)])


FORWARD: dict[str, Normalise] = {
    "mean over n − 1": written(lambda x: mean_of(x) * (count_of(x) / (count_of(x) - 1))),
    "wrong axis": written(lambda x: jnp.mean(x, 1, keepdims=True)),
    "0.1 % of the mean left": written(lambda x: 0.999 * mean_of(x)),
    "statistics of evaluation": written(lambda x: jnp.full_like(x[:1], 0.1), lambda x, m: jnp.full_like(x[:1], 1.1)),
    "variance over n − 1": written(variance=lambda x, m: mean_of((x - m) ** 2) * (count_of(x) / (count_of(x) - 1))),
    "mean over half the batch": written(of_half),
    "epsilon outside the root": lambda x, gamma, beta, epsilon: (
        along(gamma, x) * ((x - mean_of(x)) / (jnp.std(x, axes_of(x), keepdims=True) + epsilon)) + along(beta, x)
    ),
}
STOPPED: dict[str, Normalise] = {
    "stop_gradient on the mean": written(lambda x: lax.stop_gradient(mean_of(x))),
    "stop_gradient on the variance": written(variance=lambda x, m: lax.stop_gradient(mean_of((x - m) ** 2))),
}
BACKWARD: dict[str, Normalise] = {
    "wrong epsilon in the backward pass": backward(epsilon_there=1e-1),
    "mean term dropped": backward(by_mean=False),
    "variance term dropped": backward(by_variance=False),
    "mean of the gradient over n − 1": backward(fewer=1),
    "second mean over n − 1": backward(bessel=1),
    "gradient doubled": backward(times=2.0),
    "sign flipped": backward(times=-1.0),
}
COARSE: dict[str, Normalise] = {
    "mean rounded to bfloat16": written(lambda x: bfloat16(mean_of(x))),
    "variance rounded to bfloat16": written(variance=lambda x, m: bfloat16(mean_of((x - m) ** 2))),
}
WRONG = {**FORWARD, **STOPPED, **BACKWARD}


def one_pass(x: Any, mean: Any) -> Any:
    return jnp.maximum(mean_of(x * x) - mean * mean, 0)


def in_float32(x: Any, gamma: Any, beta: Any, epsilon: Any) -> Any:
    """Deliberate mixed precision: at least float32 inside, as Flax has it."""
    wide = jnp.promote_types(x.dtype, jnp.float32)
    inside = (value.astype(wide) for value in (x, gamma, beta, epsilon))
    return written()(*inside).astype(x.dtype)


def rooted(x: Any, gamma: Any, beta: Any, epsilon: Any) -> Any:
    """γ and 1/s multiplied first, as libraries fold them."""
    m = mean_of(x)
    scale = along(gamma, x) * lax.rsqrt(mean_of((x - m) ** 2) + epsilon)
    return x * scale + (along(beta, x) - m * scale)


RIGHT: dict[str, Normalise] = {
    "two passes": written(),
    "one pass": written(variance=one_pass),
    "by hand": backward(),
    "float32 inside": in_float32,
    "folded": rooted,
}
