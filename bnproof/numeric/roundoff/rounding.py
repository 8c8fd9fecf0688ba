"""How a run rounds: the unit round-off of each operation's result, and the tree by which sums are added up."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .precision import UNIT_ROUNDOFF, unit

if TYPE_CHECKING:
    from ..replay.op import Op

TINY = float(np.finfo(np.float64).tiny)
"""What results near 0 may be off by in float64: smaller numbers may be flushed to 0."""
Depth = Callable[[Sequence[int], Sequence[int], Any], float]
"""(shape, axes, dtype) → how many additions, in units of the dtype's round-off, the deepest number of a sum takes part in."""


def one_by_one(shape: Sequence[int], axes: Sequence[int], dtype: Any) -> int:
    """The depth of the worst tree, one number after the other: n − 1 for n numbers."""
    return max(math.prod(shape[a] for a in axes) - 1, 0)


@dataclass(frozen=True)
class Rounding:
    """How a run rounds.

    - unit: the unit round-off of every operation; None: each operation has that of the dtype it was traced in;
    - depth: of the tree behind each sum;
    - operand: the unit round-off of operands of products in convolutions and dots (TF32);
    - accumulator: the unit round-off of the sums of products in them; None: that of the result.
    """

    unit: float | None = 2.0**-53
    depth: Depth = one_by_one
    operand: float = 0.0
    accumulator: float | None = None

    def result(self, op: Op) -> tuple[float, float]:
        """(unit round-off, what results near 0 may be off by) of one operation."""
        if self.unit is not None or op.dtypes is None:
            return self.unit or UNIT_ROUNDOFF["float64"], TINY
        return unit(op.dtypes[1]), _tiny(op.dtypes[1])

    def rounds_by_use(self, op: Op) -> bool:
        """Whether a compiled program may round this operation's result for one of its uses and not for another.

        Compilers repeat operations in each place that needs them, even small sums, contract a product and a sum to one rounding there,
        simplify what they can prove there, and keep half types in float32 until they are stored. Convolutions and matrix products
        they compute once.
        """
        return self.unit is None and op.name not in ("dot_general", "conv_general_dilated")

    def narrows(self, op: Op) -> bool:
        """Whether a conversion between floating types rounds."""
        if self.unit is not None or op.dtypes is None or op.name != "convert_element_type":
            return False
        read, written = (unit(dtype) for dtype in op.dtypes)
        return bool(read < written and (read or np.issubdtype(op.dtypes[0], np.integer)))

    def coarsest(self, op: Op) -> float:
        """The unit round-off by which an operation's operands may be off, relative to their size."""
        if self.unit is not None or op.dtypes is None:
            return self.unit or UNIT_ROUNDOFF["float64"]
        return max(*map(unit, op.dtypes), UNIT_ROUNDOFF["float64"])


def rounding_of(dtype: str, platform: str, text: str | None = None, program: Any = None) -> Rounding:
    """How a program traced in that format rounds on a platform (cpu, gpu).

    text: of the compiled program, in which the sums of the traced `program` are looked up (default: they count one by one);
    accumulators are measured on the platform.
    """
    from .reduction_tree import products_accumulate_in
    from .sum_depth import SumDepth

    wide = products_accumulate_in(dtype, platform)
    operand = UNIT_ROUNDOFF["tf32"] if dtype == "tf32" else 0.0
    depth = one_by_one if text is None else SumDepth(text, program, platform)
    return Rounding(None, depth, operand, UNIT_ROUNDOFF[wide] if wide != dtype else None)


def _tiny(dtype: Any) -> float:
    """What results near 0 may be off by: smaller numbers are flushed to 0, but for float16, which keeps them."""
    import jax.numpy as jnp

    info = jnp.finfo(dtype)
    return float(info.smallest_subnormal if np.dtype(dtype).name == "float16" else info.tiny)
