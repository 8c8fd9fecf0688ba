"""NumPy arrays along some axes of others."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np

Array = Any
"""A NumPy array."""
CLOSE = 1e-9


def spread(value: Array, placement: Sequence[int], rank: int) -> Array:
    """An atom's value with its axes where the placement says, and size 1 elsewhere."""
    assert len(set(placement)) == len(placement) == value.ndim, f"axes {placement} for a value of shape {value.shape}"
    shape = [1] * rank
    for axis, size in zip(placement, value.shape, strict=True):
        shape[axis] = size
    return np.transpose(value, np.argsort(placement).tolist()).reshape(shape)


def taken(whole: Array, axes: Sequence[int], name: str) -> Array:
    """The part of a value that lies along these axes, in this order; it must be the same along the others."""
    kept = np.transpose(whole, (*axes, *(axis for axis in range(whole.ndim) if axis not in axes)))
    sizes = kept.shape[: len(axes)]
    part = kept.reshape((*sizes, -1))[..., :1] if whole.size else np.zeros((*sizes, 1), whole.dtype)
    spread_out = np.broadcast_to(part.reshape((*sizes, *(1,) * (whole.ndim - len(axes)))), kept.shape)
    assert same(spread_out, kept), f"{name} is said to use the axes {tuple(axes)} only, but it does not"
    return part[..., 0]


def fitted(whole: Array, sizes: tuple[int, ...], name: str) -> Array:
    """The part of a value that has these sizes, and is the same along its other axes."""
    for axes in combinations(range(whole.ndim), len(sizes)):
        if tuple(whole.shape[axis] for axis in axes) == sizes:
            try:
                return taken(whole, axes, name)
            except AssertionError:
                continue
    raise AssertionError(f"{name} is said to have sizes {sizes}, but it depends on more of its shape {whole.shape}")


def same(a: Array, b: Array) -> bool:
    """Whether two arrays agree as far as float64 does, undefined entries (NaN) in the same places."""
    if a.shape != b.shape:
        return False
    with np.errstate(all="ignore"):
        return bool(
            np.all(
                (a == b)
                | (np.abs(np.subtract(a, b, dtype=np.result_type(a, b, np.int64))) <= CLOSE * (1 + np.abs(b)))
                | (np.isnan(a) & np.isnan(b))
            )
        )
