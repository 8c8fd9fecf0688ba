"""The order in which the compiler adds up: the depth of the tree behind a sum, measured by probing the compiled reduction.

A sum of n numbers in floating point is a binary tree of roundings; a number at depth d takes part in d of them, so the error is
at most Σ d_i |x_i| u to first order, and d = n − 1 one after the other, about log₂ n pairwise (Higham 2002, §4.2). Which tree it
is, is seen from outside. Put +M at leaf i, −M at leaf j and 1 everywhere else, with M so large that M + n rounds to M: everything
added before the two meet is swallowed, everything after counts. So n − result is the number of leaves below their lowest common
ancestor. Walking up from leaf i each ancestor covers more leaves than the one before: leaf i's depth is the number of distinct
answers over all j, and the leaves with equal answers form the subtree that joins there, which is probed likewise.

Exact up to `EXACT` leaves. Beyond, roundings are counted by what they add up to. One leaf is 1.5·2^p, where numbers are 1 apart; the
others are random multiples of 1/64 within ±8, whose own sums are exact. Each addition on the way from that leaf to the root then
rounds to a whole number, its error uniform within ±1/2 with variance 1/12, so the squared error of the total is a twelfth of the
leaf's depth on average. It is averaged over some arrays with the first, the middle or the last leaf large, and the largest is
multiplied by a factor that such a mean falls short by once in a thousand times (`PROBES`); never more than n − 1.

The tree is that of the reduction probed, which must be the one that runs: in a larger program a compiler may choose another order,
layout and kernel for the same sum. `sum_depth` looks up what was chosen.
"""

from __future__ import annotations

import functools
import math
import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .precision import UNIT_ROUNDOFF, computing

EXACT = 1024
"""Leaves up to which every subtree is probed: about one call of the compiled reduction for each leaf and level."""
PROBES = ((1_000_000, 64, 2), (math.inf, 16, 4))
"""(numbers to read up to which, random arrays, factor): a mean of 64 squares stays above half of its expectation, of 16 above a
quarter."""
_HUGE = {"float32": 2.0**100, "float64": 2.0**600}
_ONE_AT_A_TIME = threading.Lock()
Total = Callable[[np.ndarray], float]
"""The sum of a flat array's numbers, in the order of some tree."""


def depth(shape: Sequence[int], axes: Sequence[int], dtype: str, device: str | None = None) -> int:
    """How many additions the deepest number takes part in when an array of `shape` is summed over `axes` by a program that does only that.

    Measured on `device` (default: JAX's own) for the reduction alone and for one with a product fused into it: the deeper.
    dtype: as in `precision`; half types are measured in float32, in which such a program adds them up.
    """
    wide = "float64" if dtype == "float64" else "float32"
    with _ONE_AT_A_TIME:  # so that threads which need the same tree measure it once
        return _depth(tuple(shape), tuple(sorted(axes)), wide, device)


def tree_depth(totals: Sequence[Total], count: int, dtype: str, size: int = 0) -> int:
    """The depth of the deepest tree by which `totals` add up `count` numbers of a dtype (float32 or float64).

    size: how many numbers one total reads, others' sums included, if more.
    """
    if count > EXACT:
        return _estimated(totals, count, dtype, max(count, size))
    return max(_deepest(_probe(total, count, dtype), np.arange(count)) for total in totals)


def _estimated(totals: Sequence[Total], count: int, dtype: str, size: int) -> int:
    random = np.random.default_rng(count)
    large = 0.75 / UNIT_ROUNDOFF[dtype]
    squares = np.zeros((3, len(totals)))
    probes, factor = next((probes, factor) for limit, probes, factor in PROBES if size <= limit)
    for _ in range(probes):
        parts = random.integers(-512, 512, count, np.int16)
        flat = parts.astype(dtype) / np.asarray(64, dtype)
        for leaf, row in zip((0, count // 2, -1), squares, strict=True):
            kept, flat[leaf] = flat[leaf], large
            exact = (int(parts.sum(dtype=np.int64)) - int(parts[leaf])) / 64
            row += [(total(flat) - large - exact) ** 2 for total in totals]
            flat[leaf] = kept
    return min(count - 1, math.ceil(factor * 12 * squares.max() / probes))


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
    place = jax.jit(lambda ones, flat: ones.at[first].set(flat.reshape([shape[a] for a in axes])))

    def summed(fused: bool, ones: Any) -> Total:
        run = jax.jit(lambda x, one: jnp.sum(x * one if fused else x, axes)[kept])
        return lambda flat: float(run(flat.reshape(shape) if flat.size == ones.size else place(ones, flat), ones))

    with computing(dtype), jax.default_device(where):
        ones = jnp.ones(shape, dtype)
        return tree_depth([summed(fused, ones) for fused in (False, True)], count, dtype)


def _probe(total: Total, count: int, dtype: str) -> Callable[[int, int], int]:
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
