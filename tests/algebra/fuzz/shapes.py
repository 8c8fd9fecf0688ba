"""Shapes of random programs, and values made to fit them."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
from jax import lax

F64 = np.dtype(np.float64)
SIZES = (2, 3, 3, 4, 5, 1, 1)
LIMIT = 600
"""No value has more entries."""


def thinned(rng: Random, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape with some axes of size 1, so that it broadcasts."""
    return tuple(1 if rng.random() < 0.6 else size for size in shape)


def flat(value: Any) -> Any:
    """All entries in a row."""
    return lax.reshape(value, (value.size,))


def fits(small: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    """Whether `small` broadcasts to `shape`, axis by axis."""
    return len(small) == len(shape) and all(a in (1, b) for a, b in zip(small, shape, strict=True))


def spread(value: Any, shape: tuple[int, ...]) -> Any:
    """A value broadcast along its axes of size 1, or a scalar along all."""
    if not value.ndim:
        return lax.broadcast_in_dim(value, shape, ())
    return lax.broadcast_in_dim(value, shape, tuple(range(len(shape))))


def factored(rng: Random, size: int) -> tuple[int, ...]:
    """A random shape of that many entries."""
    shape: list[int] = []
    while size > 1 and rng.random() < 0.85:
        factor = rng.choice([f for f in range(2, size + 1) if size % f == 0])
        shape.append(factor)
        size //= factor
    shape.append(size)
    if rng.random() < 0.3:
        shape.insert(rng.randrange(len(shape) + 1), 1)
    rng.shuffle(shape)
    return tuple(shape)
