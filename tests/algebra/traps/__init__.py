"""Traps: programs that look as if an input were redundant where it is not, and the reverse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import lax


class Trap(NamedTuple):
    """A function of arrays; the last is tracked. `moved`: another value of it."""

    name: str
    function: Callable[..., Any]
    arrays: Sequence[Any]
    moved: Any


_rng = np.random.default_rng(7)


def some(*shape: int) -> Any:
    return _rng.normal(size=shape)


X = some(5, 4)
V = np.asarray([1.0, 2.0, 3.0])
B, MOVED = np.float64(1.5), np.float64(-2.0)
PLACES = np.asarray([0, 9, 2], np.int32)


def wide(value: Any) -> Any:
    return lax.convert_element_type(value, np.float64)


def mean(value: Any, axes: Any = 0) -> Any:
    return jnp.mean(value, axes, keepdims=True)


def less_mean(value: Any, axes: Any = 0) -> Any:
    return value - mean(value, axes)


def conv(value: Any, kernel: Any, padding: Any = ((0, 0),), steps: Sequence[int] = (1,), **how: Any) -> Any:
    return lax.conv_general_dilated(value, kernel, steps, padding, **how)
