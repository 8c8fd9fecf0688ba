"""The order in which the compiler adds up: the depth of the tree behind a sum, measured by probing the compiled reduction.

A sum of n numbers in floating point is a binary tree of roundings; a number at depth d takes part in d of them, so the error is
at most Σ d_i |x_i| u to first order, and d = n − 1 one after the other, about log₂ n pairwise (Higham 2002, §4.2). Which tree it
is, is seen from outside. Put +M at leaf i, −M at leaf j and 1 everywhere else, with M so large that M + n rounds to M: everything
added before the two meet is swallowed, everything after counts. So n − result is the number of leaves below their lowest common
ancestor. Walking up from leaf i each ancestor covers more leaves than the one before: leaf i's depth is the number of distinct
answers over all j, and the leaves with equal answers form the subtree that joins there, which is probed likewise.

Exact up to `EXACT` leaves. Beyond, the distinct answers of the first and the last leaf are counted over random j near and far, fewer
the larger the array; the numbers of answers seen once and twice say how many were missed (Chao 1984), the larger estimate is doubled
for the other leaves, and never exceeds n − 1.
Half types count too coarsely to read off subtrees; their tree is that of float32, whose reductions the compiler splits alike.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .precision import HALF, UNIT_ROUNDOFF, computing, storage

EXACT = 1024
"""Leaves up to which every subtree is probed: about one call of the compiled reduction for each leaf and level."""
SAMPLED = (100, 2000)
"""At least and at most so many random leaves of a larger array, and at most `NUMBERS` numbers summed in all."""
NUMBERS = 3e8
_HUGE = {"float32": 2.0**100, "float64": 2.0**600}


def depth(shape: Sequence[int], axes: Sequence[int], dtype: str, device: str | None = None) -> int:
    """How many additions the deepest number takes part in when an array of `shape` is summed over `axes`.

    Measured on `device` (default: JAX's own) for the reduction alone and for one with a product fused into it: the deeper.
    dtype: as in `precision`; half types are measured in float32.
    """
    wide = "float64" if dtype == "float64" else "float32"
    return _depth(tuple(shape), tuple(sorted(axes)), wide, device)


@functools.lru_cache(maxsize=64)
def products_accumulate_in(dtype: str, device: str | None = None) -> str:
    """The dtype in which convolutions and matrix products of a half type add up: ``float32`` if so measured, else its own.

    1 + u/2 + … + u/2 stays 1 if every addition is rounded to the half type, and is about 1 + 20u if the sum alone is.
    """
    if dtype not in HALF:
        return dtype
    import jax
    from jax import lax
    from jax import numpy as jnp

    u = UNIT_ROUNDOFF[dtype]

    def row(shape: tuple[int, ...]) -> np.ndarray:
        x = np.full(shape, u / 2)
        x[(0,) * len(shape)] = 1
        return x.astype(storage(dtype))

    def convolved(x: Any, w: Any, groups: int) -> Any:
        return lax.conv_general_dilated(x, w, (1, 1), "VALID", feature_group_count=groups)

    samples = (
        (jnp.dot, row((41,)), (41,)),
        (jnp.dot, row((8, 41)), (41, 8)),
        (lambda x, w: convolved(x, w, 1), row((1, 4, 5, 5)), (2, 4, 5, 5)),
        (lambda x, w: convolved(x, w, 4), row((1, 4, 6, 6)), (4, 1, 6, 6)),
    )
    with computing(dtype), jax.default_device(jax.devices(device)[0]):
        results = [jax.jit(f)(x, np.ones(shape, storage(dtype))) for f, x, shape in samples]
    return "float32" if all(float(np.asarray(y).reshape(-1)[0]) > 1 + 4 * u for y in results) else dtype


def tree_depth(total: Callable[[np.ndarray], float], count: int, dtype: str) -> int:
    """The depth of the tree by which `total` adds up `count` numbers of a dtype (float32 or float64) given as a flat array."""
    probe = _probe(total, count, dtype)
    if count <= EXACT:
        return _deepest(probe, np.arange(count))
    random = np.random.default_rng(count)
    size = int(min(max(NUMBERS / count, SAMPLED[0]), SAMPLED[1])) // 2

    def estimate(i: int) -> float:
        far = random.integers(count, size=size // 2)
        steps = np.exp(random.uniform(0, math.log(count), size - len(far))).astype(int)
        near = i + random.choice([-1, 1], len(steps)) * steps
        answers = [probe(i, int(j)) for j in (*far, *near) if j != i and 0 <= j < count]
        _, seen = np.unique(answers, return_counts=True)
        once, twice = int((seen == 1).sum()), int((seen == 2).sum())
        return len(seen) + once * max(once - 1, 0) / (2 * (twice + 1))

    return min(count - 1, math.ceil(2 * max(map(estimate, (0, count - 1)))))


@functools.lru_cache(maxsize=4096)
def _depth(shape: tuple[int, ...], axes: tuple[int, ...], dtype: str, device: str | None) -> int:
    import jax
    from jax import numpy as jnp

    count = math.prod(shape[a] for a in axes)
    if count <= 2:
        return max(count - 1, 0)
    where = jax.devices(device)[0]
    first = tuple(0 if a not in axes else slice(None) for a in range(len(shape)))
    kept = (0,) * (len(shape) - len(axes))

    @jax.jit
    def marked(x: Any, at: Any, values: Any) -> Any:
        return x.at[first].set(x[first].reshape(-1).at[at].set(values).reshape([shape[a] for a in axes]))

    def summed(fused: bool, ones: Any) -> Callable[[np.ndarray], float]:
        run = jax.jit(lambda x, one: jnp.sum(x * one if fused else x, axes)[kept])

        def total(flat: np.ndarray) -> float:
            (at,) = np.nonzero(flat != 1)
            return float(run(marked(ones, at, flat[at]), ones))

        return total

    with computing(dtype), jax.default_device(where):
        ones = jnp.ones(shape, dtype)
        return max(tree_depth(summed(fused, ones), count, dtype) for fused in (False, True))


def _probe(total: Callable[[np.ndarray], float], count: int, dtype: str) -> Callable[[int, int], int]:
    """(i, j) → the number of leaves below the lowest common ancestor of leaves i and j."""
    values = np.ones(count, dtype)

    def probe(i: int, j: int) -> int:
        values[i], values[j] = _HUGE[dtype], -_HUGE[dtype]
        answer = count - round(total(values))
        values[i] = values[j] = 1
        return answer

    return probe


def _deepest(probe: Callable[[int, int], int], leaves: np.ndarray) -> int:
    """The depth of the subtree over `leaves`."""
    if len(leaves) <= 2:
        return len(leaves) - 1
    answers = np.array([probe(int(leaves[0]), int(j)) for j in leaves[1:]])
    joined = np.unique(answers)
    above = len(joined) - np.arange(len(joined))  # joining at the k-th ancestor: so many additions from there to the root
    return max(int(a) + _deepest(probe, leaves[1:][answers == size]) for size, a in zip(joined, above, strict=True))
