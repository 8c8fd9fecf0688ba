"""Pooling over windows of k positions along every axis after the channels, and over all positions."""

from __future__ import annotations

import math
from typing import TypeVar

import jax
import jax.numpy as jnp
import numpy as np

from ..tree import Shape
from .operation import Plan, Site, operation, stateless

T = TypeVar("T")


@operation("maxpool")
def maxpool(site: Site) -> Plan:
    """The largest value of each window, P′ = (P + 2·pad − k) // s + 1; padding never wins, as if it were −∞.

    Raises ChainError for an input without positions, pad above k/2, and a window larger than the padded input.
    """
    k, s, pad = _window(site)
    window, strides, border = _along(site, k, 1), _along(site, s, 1), _along(site, (pad, pad), (0, 0))

    def largest(x: jax.Array) -> jax.Array:
        return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, window, strides, border)

    return Plan(_pooled(site, k, s, pad), stateless(lambda _, x: largest(x)))


@operation("avgpool")
def avgpool(site: Site) -> Plan:
    """The mean of each window; zeros of the padding count as values if count_include_pad is yes, and do not if it is no.

    Raises ChainError as maxpool does.
    """
    k, s, pad = _window(site)
    window, strides, border = _along(site, k, 1), _along(site, s, 1), _along(site, (pad, pad), (0, 0))
    output = _pooled(site, k, s, pad)
    count: np.ndarray | int = math.prod(window)
    if pad and not site.layer.flag("count_include_pad"):
        count = _inside(site.positions, output[2:], k, s, pad)

    def average(x: jax.Array) -> jax.Array:
        total = jax.lax.reduce_window(x, 0.0, jax.lax.add, window, strides, border)
        return total / (count if isinstance(count, int) else jnp.asarray(count, x.dtype))

    return Plan(output, stateless(lambda _, x: average(x)))


@operation("globalpool")
def globalpool(site: Site) -> Plan:
    """N × C × P → N × C: the mean over all positions. Raises ChainError for an input without positions."""
    site.needs_positions()
    axes = tuple(range(2, len(site.shape)))
    return Plan(site.shape[:2], stateless(lambda _, x: jnp.mean(x, axis=axes)))


def _window(site: Site) -> tuple[int, int, int]:
    """(k, s, pad) of a pool that fits."""
    site.needs_positions()
    k, pad = site.layer.integer("k"), site.layer.integer("pad")
    s = k if site.layer.arguments["s"] is None else site.layer.integer("s")
    if 2 * pad > k:  # some windows would see padding only
        raise site.error(f"padding of {pad} is more than half of k={k}", f"expected pad={k // 2} or less", "pad")
    if k > min(site.positions) + 2 * pad:
        hint = f"expected k of {min(site.positions) + 2 * pad} or less"
        raise site.error(f"a window of {k} is larger than its input", hint, "k")
    return k, s, pad


def _along(site: Site, size: T, otherwise: T) -> tuple[T, ...]:
    """`otherwise` for batch and channels, `size` for each axis of positions."""
    return (otherwise, otherwise, *(size for _ in site.positions))


def _pooled(site: Site, k: int, s: int, pad: int) -> Shape:
    return (*site.shape[:2], *((size + 2 * pad - k) // s + 1 for size in site.positions))


def _inside(sizes: Shape, outputs: Shape, k: int, s: int, pad: int) -> np.ndarray:
    """How many entries of each window lie inside the input, shape outputs: a product of one count an axis."""
    count = np.ones((), np.float64)
    for size, output in zip(sizes, outputs, strict=True):
        start = np.arange(output) * s - pad
        along = np.minimum(start + k, size) - np.maximum(start, 0)
        count = count[..., None] * along
    return count
