"""Where a float64 run leaves the real numbers: overflow, and decisions that read what is no number.

Over the reals exp(1000) is a number like any other, and nothing is NaN. So what a run makes of the one or of the other is no evidence,
though its outputs be finite. A quotient by 0 or a NaN that a `select` leaves out does no harm, nor does −∞, by which programs mask.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..replay.op import Op, Record
from ..replay.operations import floating
from .jumps import decides

_GROWING = frozenset(
    (
        "cosh",
        "cumprod",
        "exp",
        "exp2",
        "expm1",
        "integer_pow",
        "mul",
        "one_minus_square",
        "pow",
        "reduce_prod",
        "sinh",
        "square",
    )
)
"""Operations that overflow from numbers that are far from doing so."""


def beyond(record: Record) -> str:
    """The first operation of a recorded run that overflows, or decides by what is no number; empty if there is none."""
    return next((op.name for op, xs, ys in record if _overflows(op, xs, ys) or _reads_none(op, xs, ys)), "")


def _overflows(op: Op, xs: Any, ys: Any) -> bool:
    if op.name not in _GROWING or not floating(ys[0].dtype) or np.isfinite(ys[0].sum()):
        return False
    whole = [x for x in xs if np.isfinite(x).all()]
    return len(whole) == len(xs) and bool(np.isinf(ys[0]).any())


def _reads_none(op: Op, xs: Any, ys: Any) -> bool:
    """NaN or ∞ that a comparison, a place of a maximum or a conversion to integers reads; `is_finite` may read −∞ neither."""
    if op.name == "is_finite":
        return not np.isfinite(xs[0]).all()
    return decides(op, xs, ys) and any(bool((np.isnan(x) | (x == np.inf)).any()) for x in xs if floating(x.dtype))
