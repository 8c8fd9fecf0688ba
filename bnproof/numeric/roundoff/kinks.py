"""Kinks within round-off: maxima and comparisons whose sides are so close that two runs may decide them differently.

A decision of the recorded run is sure, entry by entry, where its sides are further apart than any other run's may lie from them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..replay.derivatives import near
from ..replay.op import Op, Record
from ..replay.operations import aligned, floating, windows
from .rounding import Rounding

EXTREMA = {"reduce_max": 1.0, "reduce_min": -1.0, "argmax": 1.0, "argmin": -1.0}
"""Operations that look for the largest number along axes, or (−1) the smallest."""
PAIRS = {"max": 1.0, "min": -1.0}


def unsure_pair(a: Any, b: Any, by: Any, ties: bool = False) -> Any:
    """Where a − b may have the other sign, or vanish, in another run; by: how far that run's a and b together may be from these.

    Of equal numbers that are exact all runs take the same; they are unsure only if `ties` count.
    """
    with np.errstate(invalid="ignore"):
        return (np.abs(a - b) <= by) & ((by > 0) | ties)


def rivals(x: Any, r: Any, axes: tuple[int, ...], sign: float = 1.0, ties: bool = False) -> tuple[Any, Any]:
    """(which entries may be the largest along axes in some run, whether that is unsure), for numbers that are known to ± r.

    The second has length 1 along the axes. ties: as for `unsure_pair`.
    """
    x = sign * x
    able = x + r >= (x - r).max(axes, keepdims=True)
    return able, _unsure(able, r, axes, ties)


def _unsure(able: Any, r: Any, axes: tuple[int, ...], ties: bool) -> Any:
    return (able.sum(axes, keepdims=True) > 1) & ((able & (r > 0)).any(axes, keepdims=True) | ties)


def axes_of(op: Op) -> tuple[int, ...]:
    """The axes of a reduction, the copy axis counted."""
    return tuple(1 + axis for axis in op.params["axes"])


def window_rivals(params: Any, x: Any, r: Any, sign: float = 1.0, ties: bool = False) -> tuple[Any, Any]:
    """As `rivals`, in each window: shapes (copy, *positions, *window) and (copy, *positions)."""
    seen, off = windows(params, sign * x, -np.inf), windows(params, np.broadcast_to(r, x.shape), 0.0)
    inner = tuple(range(x.ndim, 2 * x.ndim - 1))
    with np.errstate(invalid="ignore"):
        able = (seen + off >= (seen - off).max(inner, keepdims=True)) & (seen > -np.inf)
    return able, _unsure(able, off, inner, ties).reshape(able.shape[: x.ndim])


_STEEP = {"sqrt": 0, "rsqrt": 0, "cbrt": 0, "log": 0, "pow": 0, "div": 1}
"""Operations without a derivative where one operand, of this number, is 0."""


def at_singularity(record: Record, rounding: Rounding) -> bool:
    """Whether a recorded run takes a root, a logarithm or a quotient within round-off of where it has no derivative."""
    for op, xs, _ in record:
        if op.name in _STEEP and floating((x := xs[_STEEP[op.name]]).dtype):
            u = rounding.coarsest(op)
            if (np.abs(x) <= min(near(x, u), 1024 * u)).any():
                return True
    return False


def spread_over(params: Any, x: Any, t: Any, y: Any, able: Any) -> Any:
    """In each window the largest |t − y| over the entries that may be the largest x; t like x, y one number a window."""
    inner = tuple(range(x.ndim, 2 * x.ndim - 1))
    apart = np.abs(windows(params, t, 0.0) - y.reshape(*y.shape, *(1,) * len(inner)))
    return np.where(able, apart, 0.0).max(inner)


def span(params: Any, t: Any, able: Any) -> Any:
    """In each window how far the entries of t apart are that may be its largest: numbers that go from one to another change by that."""
    inner = tuple(range(t.ndim, 2 * t.ndim - 1))
    seen = windows(params, t, 0.0)
    return np.where(able, seen, -np.inf).max(inner) - np.where(able, seen, np.inf).min(inner)


def whole(params: Any, t: Any, able: Any) -> Any:
    """In each window the sum of the entries of t that may be its largest."""
    inner = tuple(range(t.ndim, 2 * t.ndim - 1))
    return np.where(able, windows(params, t, 0.0), 0.0).sum(inner)


def together(xs: Any) -> Any:
    """The sum of arrays that broadcast."""
    first, *others = aligned(xs)
    for other in others:
        first = first + other
    return first
