"""Activations: functions of one number, and softmax over the channels at each position. Shapes are kept."""

from __future__ import annotations

import math
from collections.abc import Callable

import jax
import jax.numpy as jnp

from ..tree import Layer
from .operation import Parameter, Plan, Site, Values, along_channels, operation, stateless

SLOPE = 0.25
"""Where the slope of a prelu starts, as in PyTorch."""
SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772
"""The constants of Klambauer et al. 2017 in double precision, as PyTorch has them."""


def relu6(x: jax.Array) -> jax.Array:
    """min(max(x, 0), 6)."""
    return jnp.minimum(jnp.maximum(x, 0), 6)


def elu(x: jax.Array, a: float, width: float = 1.0) -> jax.Array:
    """x where it is > 0, else a·(exp(x/width) − 1); nothing overflows in the branch that is not taken."""
    return jnp.where(x > 0, x, a * jnp.expm1(jnp.minimum(x, 0) / width))


def gelu(approximate: str) -> Callable[[jax.Array], jax.Array]:
    """PyTorch's default is exact, x·Φ(x); the other is the tanh formula."""
    if approximate == "tanh":
        return lambda x: x * (1 + jnp.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))) / 2
    return lambda x: x * (1 + jax.lax.erf(x / math.sqrt(2))) / 2


def softplus(x: jax.Array, sharpness: float = 1.0) -> jax.Array:
    """log(1 + exp(sharpness·x)) / sharpness, at every x: PyTorch's turns into x above its threshold, 20, and is off by 2e-9 there."""
    return jnp.logaddexp(sharpness * x, 0) / sharpness if sharpness != 1 else jnp.logaddexp(x, 0)


def plain(function: Callable[[jax.Array], jax.Array]) -> Callable[[Layer], Callable[[jax.Array], jax.Array]]:
    """A function that the layer's arguments do not change."""
    return lambda _: function


POINTWISE: dict[str, Callable[[Layer], Callable[[jax.Array], jax.Array]]] = {
    "relu": plain(lambda x: jnp.maximum(x, 0)),
    "relu6": plain(relu6),
    # a may be any slope, 1 (the identity) and negative ones included
    "lrelu": lambda layer: lambda x: jnp.where(x >= 0, x, layer.number("a") * x),
    "elu": lambda layer: lambda x: elu(x, layer.number("a")),
    "celu": lambda layer: lambda x: elu(x, layer.number("a"), layer.number("a")),
    "selu": plain(lambda x: SELU_SCALE * elu(x, SELU_ALPHA)),
    "gelu": lambda layer: gelu(layer.word("approximate")),
    "silu": plain(lambda x: x * jax.lax.logistic(x)),
    "mish": plain(lambda x: x * jnp.tanh(softplus(x))),
    "hardswish": plain(lambda x: x * relu6(x + 3) / 6),
    "hardsigmoid": plain(lambda x: relu6(x + 3) / 6),
    "sigmoid": plain(jax.lax.logistic),
    "logsigmoid": plain(lambda x: -softplus(-x)),
    "tanh": plain(jnp.tanh),
    "softplus": lambda layer: lambda x: softplus(x, layer.number("sharpness")),
    "softsign": plain(lambda x: x / (1 + jnp.abs(x))),
}
"""Activations of one number, by layer: the layer → the function."""


@operation(*POINTWISE)
def pointwise(site: Site) -> Plan:
    """One function at every entry."""
    function = POINTWISE[site.layer.token](site.layer)
    return Plan(site.shape, stateless(lambda _, x: function(x)))


@operation("hardtanh")
def hardtanh(site: Site) -> Plan:
    """min(max(x, low), high). Raises ChainError unless low < high."""
    low, high = site.layer.number("low"), site.layer.number("high")
    if low >= high:
        raise site.error(f"low={low:g} is not below high={high:g}", "expected low below high", "low")
    return Plan(site.shape, stateless(lambda _, x: jnp.minimum(jnp.maximum(x, low), high)))


@operation("prelu")
def prelu(site: Site) -> Plan:
    """The input where it is ≥ 0, else slope times it; slope is learned: one number, one a channel, or one an entry (over=all)."""
    shape = {"one": (1,), "channels": (site.channels,), "all": site.shape[1:]}[site.layer.word("over")]

    def run(values: Values, x: jax.Array) -> jax.Array:
        slope = values["slope"]
        return jnp.where(x >= 0, x, (along_channels(slope, x) if slope.ndim == 1 else slope[None]) * x)

    return Plan(site.shape, stateless(run), {"slope": Parameter(shape, centre=SLOPE)})


@operation("softmax")
def softmax(site: Site) -> Plan:
    """exp(x_c) / Σ exp(x_c) over the channels c at each position."""
    return Plan(site.shape, stateless(lambda _, x: softmax_along(x, 1)))


@operation("logsoftmax")
def log_softmax(site: Site) -> Plan:
    """x_c − log Σ exp(x_c) over the channels c at each position; the maximum is subtracted first."""

    def run(x: jax.Array) -> jax.Array:
        lowered = x - jnp.max(x, axis=1, keepdims=True)
        return lowered - jnp.log(jnp.sum(jnp.exp(lowered), axis=1, keepdims=True))

    return Plan(site.shape, stateless(lambda _, x: run(x)))


def softmax_along(x: jax.Array, axis: int) -> jax.Array:
    """Softmax along one axis; the maximum is subtracted first, so that nothing overflows."""
    raised = jnp.exp(x - jnp.max(x, axis=axis, keepdims=True))
    return raised / jnp.sum(raised, axis=axis, keepdims=True)
