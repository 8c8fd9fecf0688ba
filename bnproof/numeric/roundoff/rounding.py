"""How a run rounds: the unit round-off of each operation's result, and the tree by which sums are added up."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from .precision import UNIT_ROUNDOFF, storage, unit

if TYPE_CHECKING:
    from ..replay.op import Op

TINY = float(np.finfo(np.float64).tiny)
"""What results near 0 may be off by in float64: smaller numbers may be flushed to 0."""
Depth = Callable[[Sequence[int], Sequence[int], Any], float]
"""(shape, axes, dtype) → how many additions, in units of the dtype's round-off, the deepest number of a sum takes part in."""
Roundings = Callable[[str, float, str], float]
"""(operation, what it counts for if nothing else is known, dtype) → the unit round-offs that it counts for."""
Transforms = Callable[[Any, Sequence[Sequence[int]], str], bool]
"""(parameters of a convolution, shapes of its operands, dtype) → whether it is computed by transforms, so that no bound is known."""


def one_by_one(shape: Sequence[int], axes: Sequence[int], dtype: Any) -> int:
    """The depth of the worst tree, one number after the other: n − 1 for n numbers."""
    return max(math.prod(shape[a] for a in axes) - 1, 0)


def as_listed(name: str, listed: float, dtype: str) -> float:
    """What is listed."""
    return listed


def directly(params: Any, shapes: Sequence[Sequence[int]], dtype: str) -> bool:
    """No transforms."""
    return False


@dataclass(frozen=True)
class Rounding:
    """How a run rounds.

    - unit: the unit round-off of every operation; None: each operation has that of the dtype it was traced in;
    - depth: of the tree behind each sum;
    - operand: the unit round-off of operands of products in convolutions and dots (TF32);
    - accumulator: the unit round-off of the sums of products in them; None: that of the result; infinite: not known;
    - roundings: what each operation counts for; transforms: which convolutions are computed by transforms;
    - flushed: types besides those of the wide exponent whose subnormal results become 0.
    """

    unit: float | None = 2.0**-53
    depth: Depth = one_by_one
    operand: float = 0.0
    accumulator: float | None = None
    roundings: Roundings = as_listed
    transforms: Transforms = directly
    flushed: frozenset[str] = frozenset()

    def result(self, op: Op) -> tuple[float, float]:
        """(unit round-off, what results near 0 may be off by) of one operation."""
        if self.unit is not None or op.dtypes is None:
            return self.unit or UNIT_ROUNDOFF["float64"], TINY
        tiny = _tiny(op.dtypes[1], self.flushed)
        return unit(op.dtypes[1]), max(tiny, _reciprocal(op.dtypes[1])) if op.name == "logistic" else tiny

    def times(self, op: Op, listed: float) -> float:
        """The unit round-offs that one operation counts for, at least what is listed."""
        return listed if self.unit is not None or op.dtypes is None else self.roundings(op.name, listed, _name(op))

    def explained(self, op: Op, shapes: Sequence[Sequence[int]]) -> bool:
        """Whether the round-off of a sum of products with operands of these shapes is known."""
        if self.accumulator == math.inf:
            return False
        asked = self.unit is None and op.dtypes is not None and op.name == "conv_general_dilated"
        return not (asked and self.transforms(op.params, shapes, _name(op)))

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
    """How a program traced in that format rounds on a platform (cpu, gpu): products, functions and smallest numbers as measured there.

    text: of the compiled program, in which the sums of the traced `program` are looked up (default: they count one by one).
    """
    from .sum_depth import SumDepth

    return replace(probed(dtype, platform), depth=one_by_one if text is None else SumDepth(text, program, platform))


def probed(dtype: str, platform: str) -> Rounding:
    """What `probes` show of a platform; sums one after the other.

    On a CPU convolutions are loops; elsewhere each is probed for itself. TF32 is at least as coarse as rounding to nearest makes it.
    """
    from .probes.device import convolves_by_transforms, products_in, roundings, smallest_in

    found, kind = products_in(dtype, platform), storage(dtype).name

    def transforms(params: Any, shapes: Sequence[Sequence[int]], read: str) -> bool:
        return convolves_by_transforms(params, shapes, dtype if read == kind else read, platform)

    return Rounding(
        None,
        operand=max(found.operand, UNIT_ROUNDOFF["tf32"] if dtype == "tf32" else 0.0),
        accumulator=None if found.accumulator == UNIT_ROUNDOFF[kind] else found.accumulator,
        roundings=functools.partial(roundings, platform=platform),
        transforms=directly if platform == "cpu" else transforms,
        flushed=frozenset((kind,)) if smallest_in(dtype, platform).flushes_results else frozenset(),
    )


def _name(op: Op) -> str:
    """The type of an operation's first operand."""
    assert op.dtypes is not None
    return np.dtype(op.dtypes[0]).name


def _tiny(dtype: Any, flushed: frozenset[str] = frozenset()) -> float:
    """What results near 0 may be off by: smaller numbers are flushed to 0, but for float16, which keeps them unless seen to flush."""
    import jax.numpy as jnp

    info, name = jnp.finfo(dtype), np.dtype(dtype).name
    return float(info.smallest_subnormal if name == "float16" and name not in flushed else info.tiny)


def _reciprocal(dtype: Any) -> float:
    """1/largest: where e⁻ˣ overflows, 1/(1 + e⁻ˣ) is 0 and ought to be at most this; in float16 that is far above its tiny numbers."""
    import jax.numpy as jnp

    return 1.0 / float(jnp.finfo(dtype).max)
