"""The depth of one compiled reduction: measured where what runs it can be run again by itself, otherwise that of the worst tree.

On a CPU, XLA either emits a loop or calls a library (YNNPACK, in fusions of the kind `__ynn_fusion`).

- A loop is optimised by LLVM with leave to add in any order, together with all that is fused into it. Its tree depends on that: a
  reduction of f32[4,4,8,8] over the axes 0, 2, 3 has depth 255, 71 or 43 by what is fused, and no other program is known to contain
  the same loop. So it counts as one number after the other, n − 1, which is what the plain loop often is.
- The library's kernels are chosen by type, sizes, the axes summed over and whether it is fed by a product, not by what else is
  fused: a sum of products over f32[n,1] becomes a matrix product of one column, whose kernel adds one number after the other
  (5,000 terms: depth 1,251; without the product 17, in f64 20 with it). A probe of the same type, shape in memory and axes is
  compiled with and without a product; it counts if its own text shows the same reduction by the same library.
- Everything else, GPUs' reductions included, counts n − 1; a compiler for GPUs splits long sums into chains, whose depths add up.
"""

from __future__ import annotations

import functools
import threading
from typing import Any

import numpy as np

from .compiled import FLOATS, Stage, sums
from .hlo import UnreadableError, parse
from .precision import computing
from .reduction_tree import Total, tree_depth

PROBED = frozenset(("library __ynn_fusion",))
"""Emitters whose reductions are probed."""
_ARITHMETIC = "abs add subtract multiply divide negate sign sqrt rsqrt maximum minimum clamp compare select convert"
_FUNCTIONS = "exponential exponential-minus-one log log-plus-one logistic tanh power"
_MOVES = "bitcast broadcast reshape copy transpose"
_FUSED = frozenset(f"{_ARITHMETIC} {_FUNCTIONS} {_MOVES}".split())
"""What may be fused before a probed reduction."""
_ONE_AT_A_TIME = threading.Lock()


def stage_depth(stage: Stage, device: str | None = None) -> int:
    """How many additions the deepest term of a compiled reduction takes part in, at most."""
    depth = max(stage.count - 1, 0)
    if (
        depth > 1
        and stage.emitter in PROBED
        and stage.rounded == stage.element in ("f64", "f32")
        and stage.fused <= _FUSED
        and stage.fromzero
    ):
        with _ONE_AT_A_TIME:  # so that threads which need the same tree measure it once
            depth = min(depth, _probed(stage.element, stage.shape, stage.reduced, stage.emitter, stage.count, device))
    return depth if stage.fromzero else depth + 1


@functools.lru_cache(maxsize=4096)
def _probed(
    element: str, shape: tuple[int, ...], reduced: tuple[int, ...], emitter: str, count: int, device: str | None
) -> int:
    import jax
    from jax import numpy as jnp

    kept = (0,) * (len(shape) - len(reduced))
    first = tuple(slice(None) if axis in reduced else 0 for axis in range(len(shape)))
    inner = tuple(shape[axis] for axis in reduced)

    def total(product: bool, ones: Any) -> Total | None:
        traced = jax.jit(lambda x, one: jnp.sum(x * one if product else x, reduced))
        run = traced.lower(ones, ones).compile()
        if not _same(run.as_text(), element, shape, reduced, emitter):
            return None

        def summed(flat: np.ndarray) -> float:
            held[0] = place(held[0], flat)
            return float(np.asarray(run(held[0], ones))[kept])

        return summed

    with computing(FLOATS[element]), jax.default_device(jax.devices(device)[0]):
        place = jax.jit(lambda array, flat: array.at[first].set(flat.reshape(inner)), donate_argnums=0)
        ones = jnp.ones(shape, FLOATS[element])
        held = [jnp.ones(shape, FLOATS[element])]  # one array, in which the first sum's terms are put in place
        totals = [found for product in (False, True) if (found := total(product, ones)) is not None]
        return tree_depth(totals, count, FLOATS[element], ones.size) if len(totals) == 2 else count - 1


def _same(text: str, element: str, shape: tuple[int, ...], reduced: tuple[int, ...], emitter: str) -> bool:
    """Whether a compiled program has one sum, and it is this reduction."""
    try:
        found = sums(parse(text))
    except UnreadableError:
        return False
    if len(found) != 1 or len(found[0]) != 1:
        return False
    (stage,) = found[0][0].stages
    return (stage.element, stage.rounded, stage.shape, stage.reduced, stage.emitter) == (
        element,
        element,
        shape,
        reduced,
        emitter,
    )
