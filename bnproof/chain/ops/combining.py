"""Blocks: residual, add and concat join what their branches return."""

from __future__ import annotations

import jax.numpy as jnp

from ..tree import show
from .operation import Plan, Site, operation


@operation("residual")
def residual(site: Site) -> Plan:
    """The sum x + f(x). Raises ChainError if the block changes the shape."""
    (returned,) = site.branches
    if returned != site.shape:
        message = f"the block of residual changes the shape from {show(site.shape)} to {show(returned)}"
        raise site.error(message, "expected a block that keeps it")
    return Plan(site.shape, lambda _, inputs, __: (inputs[0] + inputs[1], {}))


@operation("add")
def add(site: Site) -> Plan:
    """The sum f(x) + g(x) + … . Raises ChainError if the branches return different shapes."""
    if len(set(site.branches)) > 1:
        message = f"add of different shapes: {' and '.join(map(show, dict.fromkeys(site.branches)))}"
        raise site.error(message, "expected branches that return one shape")

    # a plain loop over +, not a stack: each branch stays one addition in the traced program
    return Plan(site.branches[0], lambda _, inputs, __: (sum(inputs[2:], inputs[1]), {}))


@operation("concat")
def concat(site: Site) -> Plan:
    """The outputs f(x), g(x), … one after the other along the channels. Raises ChainError if anything else than channels differs."""
    first = site.branches[0]
    if any(shape[2:] != first[2:] or len(shape) != len(first) for shape in site.branches):
        message = f"concat of different sizes: {' and '.join(map(show, dict.fromkeys(site.branches)))}"
        raise site.error(message, "expected branches that differ in their channels only")
    channels = sum(shape[1] for shape in site.branches)
    return Plan((first[0], channels, *first[2:]), lambda _, inputs, __: (jnp.concatenate(inputs[1:], axis=1), {}))
