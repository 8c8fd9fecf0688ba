"""The depth of one compiled reduction: measured where what runs it can be run again by itself, otherwise that of the worst tree.

On a CPU, XLA either emits a loop or calls a library (YNNPACK, in fusions of the kind `__ynn_fusion`).

- A loop is optimised by LLVM with leave to add in any order, together with all that is fused into it. Its tree depends on that: a
  reduction of f32[4,4,8,8] over the axes 0, 2, 3 has depth 255, 71 or 43 by what is fused, and no other program is known to contain
  the same loop. So it counts as one number after the other, n − 1, which is what the plain loop often is.
- The library's kernels are chosen by type, sizes, the axes summed over and the products that feed the sum, not by what else is
  fused: a sum of products over f32[n,1], or over f32[n,m] with a factor that is the same in all columns, becomes a product of a matrix
  and a vector, whose kernel adds one number after the other (5,000 terms: depth 1,251; without the product 17, in f64 20 with it;
  longer ones in blocks of 8,192, each 2,048 deep). A probe of the same type, shape in memory and axes is compiled without a product
  and with each product of the fusion; it counts if its own text shows the same reduction and product in the same library. A
  conversion fused before it may choose a kernel of another type, and leaves n − 1.
- Everything else, GPUs' reductions included, counts n − 1; a compiler for GPUs splits long sums into chains, whose depths add up.
"""

from __future__ import annotations

import functools
import math
import threading
from dataclasses import replace
from typing import Any

import numpy as np

from .compiled import FLOATS, Stage, sums
from .hlo import UnreadableError, parse
from .precision import computing
from .reduction_tree import tree_depth

PROBED = frozenset(("library __ynn_fusion",))
"""Emitters whose reductions are probed."""
_ARITHMETIC = "abs add subtract multiply divide negate sign sqrt rsqrt maximum minimum clamp compare select"
_FUNCTIONS = "exponential exponential-minus-one log log-plus-one logistic tanh power"
_MOVES = "bitcast broadcast reshape copy transpose"
_FUSED = frozenset(f"{_ARITHMETIC} {_FUNCTIONS} {_MOVES}".split())
"""What may be fused before a probed reduction."""
_ONE_AT_A_TIME = threading.Lock()


def stage_depth(stage: Stage, device: str | None = None) -> int:
    """How many additions the deepest term of a compiled reduction takes part in, at most."""
    depth = max(stage.count - 1, 0)
    wide = stage.rounded == stage.element in ("f64", "f32")
    known = stage.fed is not None and stage.fused <= _FUSED
    if depth > 1 and wide and known and stage.emitter in PROBED and stage.fromzero:
        alike = [
            replace(stage, fused=frozenset[str](), fed=frozenset(fed)) for fed in ([], *([one] for one in stage.fed or ()))
        ]
        with _ONE_AT_A_TIME:  # so that threads which need the same tree measure it once
            depth = min(depth, max(_probed(one, device) for one in alike))
    return depth if stage.fromzero else depth + 1


@functools.lru_cache(maxsize=4096)
def _probed(stage: Stage, device: str | None) -> int:
    """The depth of a reduction that is fed by one product at most; n − 1 if no program is found that has it."""
    import jax
    from jax import numpy as jnp

    shape, reduced, dtype = stage.shape, stage.reduced, FLOATS[stage.element]
    factors = next(iter(stage.fed or ()), (frozenset(range(len(shape))),))  # one, or two
    sizes = [tuple(size if axis in varies else 1 for axis, size in enumerate(shape)) for varies in factors]
    carrier = next((k for k, of in enumerate(sizes) if all(of[axis] == shape[axis] for axis in reduced)), None)
    if carrier is None:
        return stage.count - 1  # no factor by itself can hold whatever numbers are to be added
    first = tuple(slice(None) if axis in reduced else 0 for axis in range(len(shape)))
    inner = tuple(shape[axis] for axis in reduced)
    kept = (0,) * (len(shape) - len(reduced))

    def summed(*values: Any) -> Any:
        wide = [jnp.broadcast_to(value, shape) for value in values]
        return jnp.sum(wide[0] * wide[1] if len(wide) == 2 else wide[0], reduced)

    with computing(dtype), jax.default_device(jax.devices(device)[0]):
        given = [jnp.ones(of, dtype) for of in sizes]
        run = jax.jit(summed).lower(*given).compile()
        if not _same(run.as_text() or "", stage):
            return stage.count - 1
        place = jax.jit(lambda array, flat: array.at[first].set(flat.reshape(inner)), donate_argnums=0)

        def total(flat: np.ndarray) -> float:
            given[carrier] = place(given[carrier], flat)
            return float(np.asarray(run(*given))[kept])

        return tree_depth([total], stage.count, dtype, math.prod(shape))


def _same(text: str, stage: Stage) -> bool:
    """Whether a compiled program has one sum, and it is this reduction, fed alike."""
    try:
        found = sums(parse(text))
    except UnreadableError:
        return False
    return len(found) == 1 and len(found[0]) == 1 and replace(found[0][0].stages[0], fused=frozenset[str]()) == stage
