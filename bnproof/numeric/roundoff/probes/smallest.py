"""What happens to subnormal numbers, and whether a product and a sum are contracted to one rounding: read, not assumed.

Devices may flush subnormal results to 0, and read subnormal arguments as 0, each by type; GPUs do one thing in code that XLA
generates and another in a library's products.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..precision import UNIT_ROUNDOFF, storage

Binary = Callable[[np.ndarray, np.ndarray], Any]
"""(x, y) → x·y entry by entry, in their dtype."""
Ternary = Callable[[np.ndarray, np.ndarray, np.ndarray], Any]
"""(x, y, z) → x·y + z entry by entry, in their dtype."""


@dataclass(frozen=True)
class Smallest:
    """Whether subnormal results become 0, whether subnormal arguments count as 0, and whether x·y + z is rounded once."""

    flushes_results: bool
    flushes_arguments: bool
    contracts: bool


def smallest(times: Binary, fused: Ternary, dtype: str) -> Smallest:
    """What the two functions show. Raises CheckError for an unknown dtype."""
    import jax.numpy as jnp

    kind = storage(dtype)
    tiny, u = float(jnp.finfo(kind).tiny), UNIT_ROUNDOFF[kind.name]
    powers = np.array([0.5, 0.25, 0.125])
    halved = _wide(times(np.full(3, tiny).astype(kind), powers.astype(kind)))
    raised = _wide(times((tiny * powers).astype(kind), np.full(3, 64.0).astype(kind)))
    near = np.full(3, 1 + 2 * u).astype(kind)  # its square is 1 + 4u + 4u², which rounds to 1 + 4u
    left = _wide(fused(near, near, np.full(3, -(1 + 4 * u)).astype(kind)))
    return Smallest(bool((halved != tiny * powers).any()), bool((raised != 64 * tiny * powers).any()), bool((left != 0).any()))


def _wide(values: Any) -> np.ndarray:
    return np.asarray(values).astype(np.float64)
