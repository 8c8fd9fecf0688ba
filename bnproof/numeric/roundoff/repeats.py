"""Numbers that a run rounds more than once, and rounds alike each time: their errors are one error, not many independent ones.

Two ways to the same rounding are looked for. Operations may be traced twice: the same one of the same operands, all the way down,
has the same results. And one array may hold a number many times: repeated along an axis, read from few places, or because
a narrow format has few numbers. Operands count as equal if they are once rounded to the format they were traced in; sums, whose
terms are not looked at, if they agree to 40 bits.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..replay.op import Op, Record
from ..replay.operations import floating
from .operation_error import ROUNDED
from .precision import unit

WHOLE = 1 << 18
"""Numbers up to which every one is compared with every other; of larger arrays a sample of so many."""
_BITS = 40
"""Of the significand, at most, by which two numbers are told apart: float64 sums in another order differ in the last ones."""
_EITHER_WAY = frozenset(("add", "add_any", "mul", "max", "min"))
_SPREAD = np.uint64(0x9E3779B97F4A7C15)


class Repeats:
    """How often each number that an operation of a run rounds is rounded alike.

    record: of a run that nothing disturbed, in which equal numbers are equal. It must outlive this, values are told apart by identity.
    """

    def __init__(self, record: Record) -> None:
        self._made = {id(y): (op, xs, y) for op, xs, ys in record for y in ys}
        self._traced = _traced(record)
        self._weights: dict[int, Any] = {}

    def __call__(self, y: Any) -> Any:
        """The m of each entry of a value, flat, or one for all: so many roundings are the same one."""
        if id(y) not in self._made:
            return 1.0
        if id(y) not in self._weights:
            self._weights[id(y)] = self._traced.get(id(y), 1) * _alike(*self._made[id(y)])
        return self._weights[id(y)]


def _traced(record: Record) -> dict[int, int]:
    """For each value that several operations of the program compute alike, how many do."""
    numbers: dict[Any, int] = {}
    of: dict[int, int] = {}
    for op, xs, ys in record:
        reads = [of.get(id(x), -id(x)) for x in xs]
        made = (op, op.dtypes, tuple(sorted(reads) if op.name in _EITHER_WAY else reads))
        first = numbers.setdefault(made, len(of) + 1)
        for k, y in enumerate(ys):
            of.setdefault(id(y), first + k)
    times = Counter(of.values())
    return {value: times[number] for value, number in of.items() if times[number] > 1}


def _alike(op: Op, xs: Sequence[Any], y: Any) -> Any:
    """How many entries of an operation's result are the result of the same numbers, for each entry or for all."""
    if y.size < 2:
        return 1.0
    if op.name in ROUNDED or op.name in ("integer_pow", "convert_element_type"):
        p = _BITS if op.dtypes is None else min(_BITS, round(-math.log2(unit(op.dtypes[0]) or 2.0**-_BITS)))
        reads = [x for x in xs if isinstance(x, np.ndarray) and floating(x.dtype)]
    else:
        p, reads = _BITS, [y]
    whole = np.broadcast_shapes(y.shape, *(x.shape for x in reads))
    at: Any = slice(None)
    if y.size > WHOLE:
        at = np.random.default_rng(0).integers(0, y.size, WHOLE)
    keys = np.zeros(1, np.uint64)
    for x in reads:
        keys = keys * _SPREAD + _key(np.broadcast_to(x, whole).reshape(-1)[at], p)
    present = y.reshape(-1)[at] != 0  # what is 0 is rounded by nothing
    keys = keys[present]
    ordered = np.sort(keys)
    if not (ordered[1:] == ordered[:-1]).any():
        return 1.0
    _, which, counts = np.unique(keys, return_inverse=True, return_counts=True)
    if y.size > WHOLE:
        return 1 + (float(counts[which].mean()) - 1) * y.size / WHOLE
    weights = np.ones(y.size)
    weights[present] = counts[which]
    return weights if weights.min() != weights.max() else float(weights[0])


def _key(x: Any, bits: int) -> np.ndarray:
    """The absolute value rounded to so many bits, as an integer."""
    dropped = 53 - bits
    whole = np.abs(np.ascontiguousarray(x, np.float64)).view(np.uint64)
    return (whole + np.uint64(1 << (dropped - 1))) >> np.uint64(dropped)
