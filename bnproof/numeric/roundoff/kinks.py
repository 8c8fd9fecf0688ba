"""Kinks within round-off: maxima, comparisons and absolute values whose two sides are too close for a format to tell apart.

A derivative jumps there, so a run in another precision may differentiate another branch; no first-order bound covers that.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..replay.derivatives import near
from ..replay.op import Record
from ..replay.operations import aligned, floating, windows
from .rounding import Rounding

_PAIRS = ("max", "min", "gt", "ge", "lt", "le")


def at_kink(record: Record, rounding: Rounding) -> bool:
    """Whether a recorded run has an entry closer to a kink than round-off may tell."""
    for op, xs, ys in record:
        u = rounding.coarsest(op)
        if op.name in _PAIRS and floating(xs[0].dtype):
            a, b = aligned(xs)
            gap = np.abs(a - b)
        elif op.name == "abs" and floating(xs[0].dtype):
            gap = np.abs(xs[0])
        elif op.name in ("reduce_max", "reduce_min"):
            gap = _second_gap(
                np.moveaxis(xs[0], [1 + a for a in op.params["axes"]], range(-len(op.params["axes"]), 0)), ys[0].ndim
            )
        elif op.name in ("reduce_window_max", "reduce_window_min"):
            sign = 1.0 if op.name.endswith("max") else -1.0
            gap = _second_gap(windows(op.params, sign * xs[0], -np.inf), ys[0].ndim)
        else:
            continue
        if (gap[np.isfinite(gap)] <= near(xs[0], u)).any():
            return True
    return False


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


def _second_gap(x: Any, kept: int) -> Any:
    """Between the two extreme values over all axes after the first `kept`; infinite for single values."""
    flat = np.sort(x.reshape(*x.shape[:kept], -1), -1)
    if flat.shape[-1] < 2:
        return np.full(flat.shape[:-1], np.inf)
    with np.errstate(invalid="ignore"):
        return flat[..., -1] - flat[..., -2]
