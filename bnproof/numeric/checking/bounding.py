"""How far entries of a run may be off, and why nothing is known of them: of a run in a dtype, and of one that is float64 itself.

The first output of these programs is a value, the others are its gradients. A maximum is continuous at its kink, and its derivative is
not; a comparison that a value hangs on is no more continuous than that. So branches are looked at on the way to the value, and on the
way to the gradients, which is everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..replay.op import Record
from ..roundoff.jumps import near_jump
from ..roundoff.kinks import at_kink
from ..roundoff.precision import UNIT_ROUNDOFF
from ..roundoff.rounding import Rounding
from ..roundoff.running_error import Bounds, entries_at_once, reverse, reverse_with_divisors
from .trust import TRUSTED, untrusted

Entry = tuple[int, tuple[int, ...]]
KINK = 1 / 256
"""Of the unit round-off of constants: a kink that lies as far off as they may carry it, `derivatives.near`, counts as met."""
_EXTREMA = ("max", "min", "reduce_max", "reduce_min", "cummax", "cummin")
_MOVES = ("reshape", "broadcast_in_dim", "squeeze", "transpose", "convert_element_type", "copy")


@dataclass(frozen=True)
class Bounding:
    """Of each entry the largest |computed − exact|, and the same with sums one by one; why that does not hold, empty if it does."""

    bound: np.ndarray
    sequential: np.ndarray
    of_value: str
    of_gradients: str

    def obstacle(self, output: int) -> str:
        """Why nothing is known of an output, if so."""
        return self.of_gradients if output else self.of_value


def of_dtype(record: Record, calm: Record, outputs: Sequence[Any], entries: Sequence[Entry], rounding: Rounding) -> Bounding:
    """Of a run with the rounding of a dtype; arguments as `reverse_with_divisors` takes them."""
    bounds = reverse_with_divisors(record, calm, outputs, entries, rounding)
    of_value, of_gradients = (untrusted(bounds, near) for near in _branches(record, outputs[0], (), rounding))
    spread = (1 - min(bounds.divisor, TRUSTED)) ** 3  # a norm's backward pass divides by its root three times
    return Bounding(bounds.bound / spread, bounds.sequential / spread, of_value, of_gradients)


def of_float64(
    record: Record, outputs: Sequence[Any], entries: Sequence[Entry], constants: Sequence[tuple[Any, Any]], unit: float
) -> Bounding:
    """Of a run that is itself in float64, some of whose constants are inexact (`running_error.reverse`), by `unit` relatively."""
    rounding, at_once = Rounding(), entries_at_once(record)
    parts = [reverse(record, outputs, entries[k : k + at_once], constants, rounding) for k in range(0, len(entries), at_once)]
    bound, sequential = (np.concatenate(found) for found in zip(*((p.bound, p.sequential) for p in parts), strict=True))
    divisor = reverse_with_divisors(record, [], outputs, entries[:1], rounding).divisor
    bounds = Bounds(bound, sequential, divisor, next((part.unknown for part in parts if part.unknown), ""))
    coarse = Rounding(max(UNIT_ROUNDOFF["float64"], KINK * unit))
    of_value, of_gradients = (untrusted(bounds, near) for near in _branches(record, outputs[0], constants, coarse))
    return Bounding(bound, sequential, of_value, of_gradients)


def _branches(record: Record, value: Any, inexact: Sequence[tuple[Any, Any]], rounding: Rounding) -> tuple[bool, bool]:
    """Whether round-off may decide a branch on the way to the value, and one anywhere."""
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
