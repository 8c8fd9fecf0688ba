"""Layers that copy entries: flatten, nearest-neighbour upsampling, identity."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp

from .operation import Plan, Site, operation, stateless


@operation("flatten")
def flatten(site: Site) -> Plan:
    """N × C × P → N × (C·P), channels first; N × C is kept."""
    features = math.prod(site.shape[1:])
    return Plan((site.shape[0], features), stateless(lambda _, x: x.reshape(x.shape[0], features)))


@operation("upsample")
def upsample(site: Site) -> Plan:
    """N × C × P → N × C × scale·P along every axis of positions, each entry repeated.

    Raises ChainError for an input without positions.
    """
    site.needs_positions()
    scale = site.layer.integer("scale")

    def run(x: jax.Array) -> jax.Array:
        for axis in range(2, x.ndim):
            apart = jnp.expand_dims(x, axis + 1)
            copies = jnp.broadcast_to(apart, (*x.shape[: axis + 1], scale, *x.shape[axis + 1 :]))
            x = copies.reshape((*x.shape[:axis], x.shape[axis] * scale, *x.shape[axis + 1 :]))
        return x

    return Plan((*site.shape[:2], *(size * scale for size in site.positions)), stateless(lambda _, x: run(x)))


@operation("identity")
def identity(site: Site) -> Plan:
    """The input."""
    return Plan(site.shape, stateless(lambda _, x: x))
