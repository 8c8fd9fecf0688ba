"""Multi-head self-attention over the positions: queries, keys, values and an output projection, each with its bias."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np

from .activation import softmax_along
from .operation import Parameter, Plan, Site, Values, operation, stateless

ROTARY_BASE = 10_000.0
"""The slowest rotation of rope turns once in about 2π · this many positions."""


@operation("attention")
def attention(site: Site) -> Plan:
    """N × C × P → N × C × P; several axes of positions are read as one, in order. No mask.

    Each of q, k, v and out is a C × C kernel (out × in) and a bias. With rope, queries and keys are rotated by an angle
    that grows with the position. Raises ChainError for an input without positions, heads that do not divide C, and
    rope with an odd number of channels a head.
    """
    site.needs_positions()
    heads, rope, channels = site.layer.integer("heads"), site.layer.flag("rope"), site.channels
    if channels % heads:
        hint = f"expected heads that divide the {channels} channels"
        raise site.error(f"{heads} heads do not divide {channels} channels", hint, "heads")
    width = channels // heads
    if rope and width % 2:
        hint = f"expected an even number of channels a head, not {width}"
        raise site.error("rope rotates pairs of channels", hint, "rope")
    count = math.prod(site.positions)
    spread = 1 / math.sqrt(channels)
    parameters: dict[str, Parameter] = {}
    for part in ("q", "k", "v", "out"):
        parameters[f"{part}.kernel"] = Parameter((channels, channels), spread=spread)
        parameters[f"{part}.bias"] = Parameter((channels,), spread=spread)

    def projected(values: Values, part: str, x: jax.Array) -> jax.Array:
        return jnp.einsum("oc,ncp->nop", values[f"{part}.kernel"], x) + values[f"{part}.bias"][:, None]

    def run(values: Values, x: jax.Array) -> jax.Array:
        flat = x.reshape(x.shape[0], channels, count)
        q, k, v = (projected(values, part, flat).reshape(-1, heads, width, count) for part in "qkv")
        if rope:
            q, k = rotated(q), rotated(k)
        weights = softmax_along(jnp.einsum("nhcp,nhcq->nhpq", q, k) / math.sqrt(width), 3)
        mixed = jnp.einsum("nhpq,nhcq->nhcp", weights, v).reshape(flat.shape)
        return projected(values, "out", mixed).reshape(x.shape)

    return Plan(site.shape, stateless(run), parameters)


def rotated(x: jax.Array) -> jax.Array:
    """Rotary embedding of x, … × C × P: channels c and c + C/2 of position p turn by p · base^(−2c/C)."""
    half, count = x.shape[-2] // 2, x.shape[-1]
    angle = np.arange(count) * ROTARY_BASE ** (-np.arange(half)[:, None] / half)
    cosine, sine = jnp.asarray(np.cos(angle), x.dtype), jnp.asarray(np.sin(angle), x.dtype)
    first, second = x[..., :half, :], x[..., half:, :]
    return jnp.concatenate([first * cosine - second * sine, second * cosine + first * sine], axis=-2)
