"""Pooling over windows of k positions along every axis after the channels, and over all positions."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TypeVar

import jax
import jax.numpy as jnp
import numpy as np

from ..tree import Shape
from .operation import Plan, Site, operation, stateless
from .windows import Window, windows

T = TypeVar("T")


@operation("maxpool")
def maxpool(site: Site) -> Plan:
    """The largest value of each window, P′ = (P + 2·pad − ((k−1)·dilation + 1)) // s + 1; padding never wins, as if it were −∞.

    k, s, dilation and pad are numbers for all axes or one for each; s is k where it is not given. pad=same pads as
    TensorFlow does, P′ = ⌈P/s⌉. ceil rounds P′ up, as PyTorch's ceil_mode does: a last window may reach over the end, but
    begins before it. Raises ChainError for an input without positions, a pad of more than half a window, and a window
    larger than the padded input.
    """
    along, output = _pooled(site, site.sizes("dilation") if site.positions else ())

    def largest(x: jax.Array) -> jax.Array:
        return jax.lax.reduce_window(
            x,
            -jnp.inf,
            jax.lax.max,
            _each(1, (w.k for w in along)),
            _each(1, (w.s for w in along)),
            _each((0, 0), ((w.before, w.after) for w in along)),
            window_dilation=_each(1, (w.dilation for w in along)),
        )

    return Plan(output, stateless(lambda _, x: largest(x)))


@operation("avgpool")
def avgpool(site: Site) -> Plan:
    """The mean of each window; zeros of the padding count as values if count_include_pad is yes, and do not if it is no.

    Arguments and errors as for maxpool. What ceil adds at the end never counts.
    """
    along, output = _pooled(site, (1,) * len(site.positions))
    nominal = _windows(site, (1,) * len(site.positions))
    counted = site.layer.flag("count_include_pad")
    count: np.ndarray | int = math.prod(w.k for w in along)
    if (not counted and any(w.before or w.after for w in nominal)) or along != nominal:
        count = np.ones((), np.float64)
        for window, size, outputs in zip(nominal, site.positions, output[2:], strict=True):
            count = count[..., None] * _inside(window, size, outputs, counted)

    def average(x: jax.Array) -> jax.Array:
        strides, border = _each(1, (w.s for w in along)), _each((0, 0), ((w.before, w.after) for w in along))
        total = jax.lax.reduce_window(x, 0.0, jax.lax.add, _each(1, (w.k for w in along)), strides, border)
        return total / (count if isinstance(count, int) else jnp.asarray(count, x.dtype))

    bordered = counted and any(w.before or w.after for w in nominal)
    return Plan(output, stateless(lambda _, x: average(x)), bordered=bordered)


@operation("globalpool", "globalmaxpool")
def globalpool(site: Site) -> Plan:
    """N × C × P → N × C: the mean, or the maximum, over all positions; keepdims keeps their axes, each of size 1.

    Raises ChainError for an input without positions.
    """
    site.needs_positions()
    axes, kept = tuple(range(2, len(site.shape))), site.layer.flag("keepdims")
    pooled = jnp.mean if site.layer.token == "globalpool" else jnp.max
    output = site.shape[:2] + (1,) * (len(axes) if kept else 0)
    return Plan(output, stateless(lambda _, x: pooled(x, axis=axes, keepdims=kept)))


@operation("adaptiveavgpool", "adaptivemaxpool")
def adaptive(site: Site) -> Plan:
    """N × C × P → N × C × size: the mean, or the maximum, over neighbouring blocks of equal size.

    size is a number for all axes or one for each. Raises ChainError for an input without positions and a size that does not
    divide them: the blocks would overlap.
    """
    site.needs_positions()
    sizes = site.sizes("size")
    for size, positions in zip(sizes, site.positions, strict=True):
        if positions % size:
            hint = f"expected a size that divides {positions}"
            raise site.error(f"{positions} positions are not {size} blocks of equal size", hint, "size")
    blocks = [part for size, positions in zip(sizes, site.positions, strict=True) for part in (size, positions // size)]
    axes = tuple(range(3, 3 + 2 * len(sizes), 2))
    pooled = jnp.mean if site.layer.token == "adaptiveavgpool" else jnp.max
    run = stateless(lambda _, x: pooled(x.reshape((*x.shape[:2], *blocks)), axis=axes))
    return Plan((*site.shape[:2], *sizes), run)


def _windows(site: Site, dilations: Shape) -> tuple[Window, ...]:
    site.needs_positions()
    ks = site.sizes("k")
    return windows(site, ks, ks if site.layer.arguments["s"] is None else site.sizes("s"), dilations)


def _pooled(site: Site, dilations: Shape) -> tuple[tuple[Window, ...], Shape]:
    """The windows, with what ceil adds after the input, and the output's shape."""
    along: list[Window] = []
    sizes: list[int] = []
    for window, size in zip(_windows(site, dilations), site.positions, strict=True):
        if 2 * window.before > window.extent:  # some windows would see padding only
            hint = f"expected pad={window.extent // 2} or less"
            raise site.error(f"padding of {window.before} is more than half of k={window.k}", hint, "pad")
        if window.dilation > size and window.before:
            hint = f"expected a dilation of {size} or less"
            raise site.error("all taps of a window could lie in the padding", hint, "dilation")
        count, after = window.count(size), window.after
        if site.layer.flag("ceil"):
            count = -(-(size + window.before + after - window.extent) // window.s) + 1
            count -= (count - 1) * window.s >= size + window.before
            after = max(after, (count - 1) * window.s + window.extent - size - window.before)
        along.append(Window(window.k, window.s, window.dilation, window.before, after))
        sizes.append(count)
    return tuple(along), (*site.shape[:2], *sizes)


def _each(otherwise: T, along: Iterable[T]) -> tuple[T, ...]:
    """`otherwise` for batch and channels, then what there is for each axis of positions."""
    return (otherwise, otherwise, *along)


def _inside(window: Window, size: int, outputs: int, padding: bool) -> np.ndarray:
    """How many taps of each of the windows along an axis count: those on the input, and on its padding if that counts."""
    start = np.arange(outputs) * window.s - window.before
    low, high = (-window.before, size + window.after) if padding else (0, size)
    return np.minimum(start + window.k, high) - np.maximum(start, low)
