"""Jumps within round-off: comparisons, places of maxima and roundings to integers that a run decides one way, and might another way.

First-order bounds leave jumps out. So a change that is to be evidence is looked at again where a jump is near: in runs that are
disturbed by far more than round-off, it must be there as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...host import on_host
from ..replay.derivatives import near
from ..replay.op import Op, Record
from ..replay.operations import aligned, floating
from .rounding import Rounding
from .running_error import noisy_values

_COMPARED = ("gt", "ge", "lt", "le", "eq", "ne")
_STEPS = ("floor", "ceil", "round", "sign", "rem", "convert_element_type")
_PLACES = {"argmax": "axes", "argmin": "axes", "sort": "dimension", "top_k": "axis"}


def near_jump(record: Record, inexact: list[tuple[Any, Any]], rounding: Rounding) -> str:
    """The first operation of a recorded run that decides something closer than round-off may tell; empty if there is none.

    What no rounding has touched is decided as it is. `inexact`: as `running_error.reverse` takes it.
    """
    if not any(decides(op, xs, ys) for op, xs, ys in record):
        return ""
    noisy = noisy_values(record, inexact, rounding)
    for op, xs, ys in record:
        rounded = [x for x in xs if id(x) in noisy and floating(x.dtype) and x.size]
        if rounded and decides(op, xs, ys) and _is_near(op, xs, rounding.coarsest(op)):
            return op.name
    return ""


def decides(op: Op, xs: Sequence[Any], ys: Sequence[Any]) -> bool:
    """Whether an operation gives a place, a Boolean or a whole number by the size of floating numbers."""
    if op.name == "convert_element_type":
        return floating(xs[0].dtype) and not floating(ys[0].dtype)
    if op.name == "sort":
        return len(xs) > 1
    return (op.name in _COMPARED or op.name in _STEPS or op.name in _PLACES) and floating(xs[0].dtype)


def _is_near(op: Op, xs: Sequence[Any], u: float) -> bool:
    x = xs[0]
    if op.name in _COMPARED:
        a, b = aligned(xs)
        with np.errstate(invalid="ignore"):
            return bool((np.abs(a - b) <= max(near(a, u), near(b, u))).any())
    if op.name in _PLACES:
        return _close(op, x, near(x, u))
    room = near(x, u)
    with on_host():
        low, high = (op.numbers([x + by, *xs[1:]])[0] for by in (-room, room))
    return bool((np.abs(1.0 * high - 1.0 * low) > 4 * room).any())


def _close(op: Op, x: Any, room: float) -> bool:
    """Whether two values that are put in order are closer than that."""
    where = op.params.get(_PLACES[op.name], x.ndim - 2)
    axis = 1 + (where[0] if isinstance(where, tuple) else where) % (x.ndim - 1)
    with np.errstate(invalid="ignore"):
        gaps: Any = np.diff(np.sort(x, axis), axis=axis)
        return bool((gaps <= room).any())
