"""How far round-off is likely to carry an entry: the running error with √d where the worst case has d.

To first order the error is Σ c_i e_i over all roundings, c_i the sensitivity of the entry. If the e_i have mean zero given the ones
before them, and |e_i| ≤ u_i, then P(|Σ c_i e_i| ≥ λ √(Σ c_i² u_i²)) ≤ 2 exp(−λ²/2) (Azuma and Hoeffding). That they have is proved of
stochastic rounding (Connolly, Higham and Mary, SIAM J. Sci. Comput. 43(1), 2021) and a model of rounding to nearest,
good where the numbers are many and unlike each other and bad where they are constant (Higham and Mary, SIAM J. Sci. Comput. 41(5),
2019). The worst case needs no model: this bound stands beside it and never in its place.

What counts as one e_i:

- a sum of depth d: its additions are the nodes of a tree, and each rounds by at most u Σ|terms below|. Nodes equally far from the root
  share no term, so the squares of one level add up to at most (Σ|terms|)², those of d levels to d (Σ|terms|)². Different outputs of
  one operation are different trees. Products add one level: √(L + 1) for L products, where the worst case has L + 1;
- + − × √ and conversions: one rounding. An integer power: one error of |n| roundings, whose squares count n²;
- ÷: one rounding of its own; the second, of the reciprocal that a compiler may share among many quotients, counts in full;
- in full, as in the worst case: what a library function's result may be off by, which follows its argument; operands of products
  rounded beforehand (TF32), which many products share; sums that share additions (cumulative sums and products, overlapping
  windows); results flushed to zero, always in the same direction;
- a value rounded once for all its uses, or for each use: Σ|c| over the uses before squaring, which covers both;
- numbers that are repeated (`repeats`) round alike: m equal ones have (Σ|c|)² ≤ m Σ c² in the place of Σ c².

A rounding may be counted in full even where it might be counted so, whichever gives less: few large ones gain nothing from √.
λ follows from how often it may fail: a union bound over all entries that the largest was chosen from.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..replay.op import Op
from ..replay.where import Source
from .rounding import Rounding

FAILURE = 1e-9
"""How likely one measurement's bound fails, at most, if the assumption holds."""
ASSUMPTION = (
    "rounding errors have mean zero, each given the ones before it; equal numbers round alike; library functions, reciprocals that "
    "quotients share and results flushed to zero are counted in full, as in the worst case"
)
"""What the bound rests on beside first order, in words."""
SOURCE = "Higham and Mary, SIAM J. Sci. Comput. 41(5), 2019; Connolly, Higham and Mary, SIAM J. Sci. Comput. 43(1), 2021"
_ONE_ROUNDING = frozenset(("add", "add_any", "sub", "mul", "sqrt", "square", "rem", "integer_pow", "convert_element_type"))
_TREES = frozenset(("reduce_sum", "reduce_prod", "scatter-add", "select_and_scatter_add"))
_PRODUCTS = frozenset(("dot_general", "conv_general_dilated"))


def deviations(entries: int, failure: float = FAILURE) -> float:
    """λ so that of so many entries one exceeds λ √(Σ c² u²) with at most this probability: 2·entries·exp(−λ²/2) = failure."""
    return math.sqrt(2 * math.log(2 * max(entries, 1) / failure))


def divided(op: Op, times: float, unit: float, rounding: Rounding) -> tuple[float, float]:
    """(r, f): an error of at most times·unit·|v| of this operation is one of mean zero within r|v|, and one within f|v| in full."""
    if op.name in _ONE_ROUNDING:
        return times * unit, 0.0
    if op.name in _TREES:
        return min(math.sqrt(times), times) * unit, 0.0
    if op.name in _PRODUCTS:
        shared = min(2 * rounding.operand, times * unit)
        return math.sqrt(times) * (unit - shared / times), shared
    if op.name == "div":
        one = min(times, 1.0)
        return one * unit, (times - one) * unit
    return 0.0, times * unit


@dataclass(frozen=True)
class Part:
    """What one operation adds to the bounds of all entries, arrays of shape (entries,).

    - operation, source: its name, and where it stands;
    - bound: in the worst case; fixed: what of it counts in full; norm: √(Σ c² u²) of the rest.
    """

    operation: str
    source: Source | None
    bound: np.ndarray
    fixed: np.ndarray
    norm: np.ndarray


@dataclass(frozen=True)
class Share:
    """How much of a bound one operation is to blame for: its name, where it stands, and its part of the bound, 0 … 1."""

    operation: str
    where: str
    share: float

    def __str__(self) -> str:
        """``reduce_sum`` (bn1, backward)."""
        return f"`{self.operation}`" + (f" ({self.where})" if self.where else "")


def likely(parts: Sequence[Part], deviation: float) -> np.ndarray:
    """Σ fixed + λ √(Σ norm²), of shape (entries,), parts counted in full where that gives less; never above Σ bound.

    Counting a set S in full gives Σ_S (bound − fixed) + λ √(Σ_rest norm²). The root is concave, so the best S consists of those
    with the least (bound − fixed) / norm².
    """
    if not parts:
        return np.zeros(0)
    bound, fixed, norm = (np.stack([getattr(part, name) for part in parts]) for name in ("bound", "fixed", "norm"))
    with np.errstate(all="ignore"):
        rest = np.maximum(bound - fixed, 0.0)
        scale = norm.max(0)
        squares = (norm / np.where(scale > 0, scale, 1.0)) ** 2
        order = np.argsort(np.where(squares > 0, rest / squares, np.inf), 0)
        rest, squares = (np.take_along_axis(a, order, 0) for a in (rest, squares))
        nothing = np.zeros((1, bound.shape[1]))
        full = np.concatenate((nothing, np.cumsum(rest, 0)))
        left = np.concatenate((np.cumsum(squares[::-1], 0)[::-1], nothing))
        total = fixed.sum(0) + (full + deviation * scale * np.sqrt(left)).min(0)
    total = np.minimum(total, bound.sum(0))
    return np.where(np.isfinite(bound).all(0) & ~np.isnan(total), total, np.inf)
