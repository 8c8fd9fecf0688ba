"""What random structures are made of: layers before a normalisation, normalisations, and what may follow, in `jax.numpy`.

All of them take z of shape (n, channels, …) or (n, …, channels), the channel's axis given.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

Axes = Sequence[int]


def mean(z: Any, axes: Axes) -> Any:
    return jnp.mean(z, tuple(axes), keepdims=True)


def summed_mean(z: Any, axes: Axes) -> Any:
    """By a quotient with n, where that is a number of the format (10,000 is none of bfloat16): else it is no mean."""
    n = math.prod(z.shape[a] for a in axes)
    return jnp.sum(z, tuple(axes), keepdims=True) / n if float(np.asarray(n, z.dtype)) == n else mean(z, axes)


def scaled_mean(z: Any, axes: Axes) -> Any:
    """By a product with 1/n, where that is a number of the format: else a constant would not drop out of the program as it is."""
    n = math.prod(z.shape[a] for a in axes)
    return summed_mean(z, axes) if n & (n - 1) else jnp.sum(z, tuple(axes), keepdims=True) * (1.0 / n)


def step_by_step_mean(z: Any, axes: Axes) -> Any:
    """One axis after the other."""
    for a in axes:
        z = jnp.mean(z, a, keepdims=True)
    return z


def dotted_mean(z: Any, axes: Axes) -> Any:
    """By a product with a vector of ones."""
    moved = jnp.moveaxis(z, tuple(axes), tuple(range(len(axes))))
    flat = moved.reshape(math.prod(z.shape[a] for a in axes), -1)
    kept = [1 if a in axes else n for a, n in enumerate(z.shape)]
    if float(np.asarray(len(flat), z.dtype)) != len(flat):
        return mean(z, axes)
    return (jnp.dot(jnp.ones(len(flat), z.dtype), flat) / len(flat)).reshape(kept)


MEANS: dict[str, Callable[[Any, Axes], Any]] = {
    "mean": mean,
    "sum/n": summed_mean,
    "sum·(1/n)": scaled_mean,
    "by axis": step_by_step_mean,
    "by dot": dotted_mean,
}


def two_pass(z: Any, axes: Axes, eps: float, mu: Callable[..., Any]) -> Any:
    c = z - mu(z, axes)
    return c * lax.rsqrt(mu(c * c, axes) + eps)


def two_pass_div(z: Any, axes: Axes, eps: float, mu: Callable[..., Any]) -> Any:
    c = z - mu(z, axes)
    return c / jnp.sqrt(mu(c**2, axes) + eps)


def recentred(z: Any, axes: Axes, eps: float, mu: Callable[..., Any]) -> Any:
    """γ·z·r + (−m·r): the form whose two large terms cancel at the end."""
    m = mu(z, axes)
    r = lax.rsqrt(mu((z - m) ** 2, axes) + eps)
    return z * r - m * r


def one_pass(z: Any, axes: Axes, eps: float, mu: Callable[..., Any]) -> Any:
    m = mu(z, axes)
    return (z - m) * lax.rsqrt(mu(z * z, axes) - m * m + eps)


def one_pass_clamped(z: Any, axes: Axes, eps: float, mu: Callable[..., Any]) -> Any:
    m = mu(z, axes)
    return (z - m) / jnp.sqrt(jnp.maximum(mu(z * z, axes) - m * m, 0) + eps)


def library(z: Any, axes: Axes, eps: float, mu: Callable[..., Any]) -> Any:
    return (z - mu(z, axes)) / jnp.sqrt(jnp.var(z, tuple(axes), keepdims=True) + eps)


def root_outside(z: Any, axes: Axes, eps: float, mu: Callable[..., Any]) -> Any:
    return (z - mu(z, axes)) / (jnp.std(z, tuple(axes), keepdims=True) + eps)


def unbiased(z: Any, axes: Axes, eps: float, mu: Callable[..., Any]) -> Any:
    n = math.prod(z.shape[a] for a in axes)
    c = z - mu(z, axes)
    return c * lax.rsqrt(jnp.sum(c * c, tuple(axes), keepdims=True) / max(n - 1, 1) + eps)


def absolute(z: Any, axes: Axes, eps: float, mu: Callable[..., Any]) -> Any:
    """Centred, divided by the mean absolute deviation."""
    c = z - mu(z, axes)
    return c / (mu(jnp.abs(c), axes) + eps)


def ranged(z: Any, axes: Axes, eps: float, mu: Callable[..., Any]) -> Any:
    c = z - mu(z, axes)
    return c / (jnp.max(z, tuple(axes), keepdims=True) - jnp.min(z, tuple(axes), keepdims=True) + eps)


def logarithmic(z: Any, axes: Axes, eps: float, mu: Callable[..., Any]) -> Any:
    """The root by logarithm and exponential."""
    c = z - mu(z, axes)
    return c * jnp.exp(-0.5 * jnp.log(mu(c * c, axes) + eps))


def powered(z: Any, axes: Axes, eps: float, mu: Callable[..., Any]) -> Any:
    c = z - mu(z, axes)
    return c * (mu(c * c, axes) + eps) ** -0.5


def only_centred(z: Any, axes: Axes, eps: float, mu: Callable[..., Any]) -> Any:
    return z - mu(z, axes)


def soft(z: Any, axes: Axes, eps: float, mu: Callable[..., Any]) -> Any:
    """A softmax, over all axes together."""
    e = jnp.exp(z - lax.stop_gradient(jnp.max(z, tuple(axes), keepdims=True)))
    return e / jnp.sum(e, tuple(axes), keepdims=True)


def log_soft(z: Any, axes: Axes, eps: float, mu: Callable[..., Any]) -> Any:
    m = jnp.max(z, tuple(axes), keepdims=True)
    return z - m - jnp.log(jnp.sum(jnp.exp(z - m), tuple(axes), keepdims=True))


NORMS: dict[str, Callable[[Any, Axes, float, Callable[..., Any]], Any]] = {
    "two-pass": two_pass,
    "two-pass div": two_pass_div,
    "recentred": recentred,
    "one-pass": one_pass,
    "one-pass clamped": one_pass_clamped,
    "library": library,
    "root outside": root_outside,
    "unbiased": unbiased,
    "absolute": absolute,
    "range": ranged,
    "logarithmic": logarithmic,
    "powered": powered,
    "centred": only_centred,
    "softmax": soft,
    "log softmax": log_soft,
}
"""By a constant over the axes they do not change, whatever ε and γ are."""

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "relu": jax.nn.relu,
    "tanh": jnp.tanh,
    "gelu": jax.nn.gelu,
    "gelu erf": lambda y: jax.nn.gelu(y, approximate=False),
    "softplus": jax.nn.softplus,
    "silu": jax.nn.silu,
    "sigmoid": jax.nn.sigmoid,
    "elu": jax.nn.elu,
    "lrelu": lambda y: jax.nn.leaky_relu(y, 0.1),
    "abs": jnp.abs,
    "square": jnp.square,
    "hard tanh": lambda y: jnp.clip(y, -1, 1),
    "relu6": jax.nn.relu6,
    "mish": jax.nn.mish,
    "soft sign": jax.nn.soft_sign,
    "sine": jnp.sin,
    "gauss": lambda y: jnp.exp(-y * y),
    "log cosh": lambda y: jnp.logaddexp(y, -y),
}


def pooled(z: Any, spatial: Axes, kind: str) -> Any:
    """2-windows with stride 2 over the spatial axes; moves with a constant."""
    size = tuple(2 if a in spatial else 1 for a in range(z.ndim))
    if kind == "max":
        return lax.reduce_window(z, -jnp.inf, lax.max, size, size, "VALID")
    total = lax.reduce_window(z, 0.0, lax.add, size, size, "VALID")
    return total / 2 ** len(spatial)


def convolved(z: Any, w: Any, layout: str, groups: int = 1, padding: str = "SAME") -> Any:
    w = w.astype(z.dtype)  # z may have been made narrower on the way
    numbers = (layout, "OIHW" if layout == "NCHW" else "HWIO", layout)
    return lax.conv_general_dilated(z, w, (1, 1), padding, dimension_numbers=numbers, feature_group_count=groups)
