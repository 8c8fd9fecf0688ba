"""Random inputs and parameters for runs in float64: nothing at 0, kernels of a size that keeps values near 1."""

from __future__ import annotations

import math
from typing import Any

import numpy as np


def draw(random: np.random.Generator, name: str, shape: tuple[int, ...], positive: bool = False) -> np.ndarray:
    """An array by its name's last part: kernels normal with variance 1/fan-in, gammas away from 0, the rest normal; variances, and
    what has to be `positive`, between ½ and 2.
    """
    part = name.rsplit(".", 1)[-1]
    if positive or part in ("running_var", "var", "variance"):
        return random.uniform(0.5, 2.0, shape)
    if part in ("gamma", "scale"):
        return random.uniform(0.5, 1.5, shape) * random.choice([-1.0, 1.0], shape)
    values = random.normal(size=shape)
    if part in ("kernel", "weight") and len(shape) > 1:
        values /= math.sqrt(max(1, math.prod(shape[1:])))
    return values


def absolute(arguments: list[Any]) -> list[Any]:
    """The same with every floating number as its absolute value."""
    return [np.abs(x) if isinstance(x, np.ndarray) and x.dtype.kind == "f" else x for x in arguments]


def key(seed: int) -> Any:
    """A typed random key."""
    import jax

    return jax.random.key(seed)
