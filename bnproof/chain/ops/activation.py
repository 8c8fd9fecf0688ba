"""Activations: functions of one number, and softmax over the channels at each position. Shapes are kept."""

from __future__ import annotations

import math
from collections.abc import Callable

import jax
import jax.numpy as jnp

from .operation import Plan, Site, operation, stateless

POINTWISE: dict[str, Callable[[jax.Array], jax.Array]] = {
    "relu": lambda x: jnp.maximum(x, 0),
    "gelu": lambda x: x * (1 + jax.lax.erf(x / math.sqrt(2))) / 2,  # PyTorch's default: exact, not the tanh formula
    "silu": lambda x: x * jax.lax.logistic(x),
    "sigmoid": jax.lax.logistic,
    "tanh": jnp.tanh,
    "softplus": lambda x: jnp.logaddexp(x, 0),
}
"""Activations without arguments, by layer."""


@operation(*POINTWISE)
def pointwise(site: Site) -> Plan:
    """One function at every entry."""
    function = POINTWISE[site.layer.token]
    return Plan(site.shape, stateless(lambda _, x: function(x)))


@operation("lrelu")
def leaky_relu(site: Site) -> Plan:
    """The input where it is ≥ 0, else a times it; any slope a, 1 (the identity) and negative ones included."""
    slope = site.layer.number("a")
    return Plan(site.shape, stateless(lambda _, x: jnp.where(x >= 0, x, slope * x)))


@operation("softmax")
def softmax(site: Site) -> Plan:
    """exp(x_c) / Σ exp(x_c) over the channels c at each position."""
    return Plan(site.shape, stateless(lambda _, x: softmax_along(x, 1)))


def softmax_along(x: jax.Array, axis: int) -> jax.Array:
    """Softmax along one axis; the maximum is subtracted first, so that nothing overflows."""
    raised = jnp.exp(x - jnp.max(x, axis=axis, keepdims=True))
    return raised / jnp.sum(raised, axis=axis, keepdims=True)
