"""Branches that round-off may decide, on the way to a value and on the way to its gradients.

A maximum is continuous at its kink, and its derivative is not; a comparison that a value hangs on is no more continuous than that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..replay.op import Record
from ..roundoff.jumps import near_jump
from ..roundoff.kinks import at_kink
from ..roundoff.rounding import Rounding

_EXTREMA = ("max", "min", "reduce_max", "reduce_min", "cummax", "cummin")
_MOVES = ("reshape", "broadcast_in_dim", "squeeze", "transpose", "convert_element_type", "copy")


def undecided(record: Record, value: Any, inexact: Sequence[tuple[Any, Any]], rounding: Rounding) -> tuple[bool, bool]:
    """Whether round-off may decide a branch on the way to `value`, and one anywhere in a recorded run, where gradients are made too.

    `inexact`: as `running_error.reverse` takes it.
    """
    record, given = _without_masks(record), list(inexact)
    jump = bool(near_jump(_before(record, value), given, rounding))
    return jump, jump or at_kink(record, rounding) or bool(near_jump(record, given, rounding))


def _before(record: Record, value: Any) -> Record:
    """What a value depends on."""
    needed, kept = {id(value)}, Record()
    for op, xs, ys in reversed(record):
        if any(id(y) in needed for y in ys):
            needed.update(map(id, xs))
            kept.append((op, xs, ys))
    return kept[::-1]


def _without_masks(record: Record) -> Record:
    """Without the comparisons by which JAX finds, for a derivative, where an extremum is attained: the extremum is looked at itself."""
    extreme: set[int] = set()
    kept = Record()
    for op, xs, ys in record:
        if op.name in _EXTREMA or (op.name in _MOVES and id(xs[0]) in extreme):
            extreme.update(map(id, ys))
        if op.name == "eq" and any(id(x) in extreme for x in xs):
            continue
        kept.append((op, xs, ys))
    return kept
