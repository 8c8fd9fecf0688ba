"""The entries of a program's outputs that are judged: the largest of each, and what they would be without the cancellation."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..replay.op import Op, Record
from ..replay.replay import Replay
from .quantities import HESSIAN, OTHERS, OUTPUT, SHIFT

LARGEST = 4
"""Entries judged of each output: the largest."""


@dataclass(frozen=True)
class Place:
    """An entry that is judged: its value, and `scale`, what it would be without the cancellation that makes it zero."""

    quantity: str
    entry: tuple[int, tuple[int, ...]]
    value: float
    scale: float = math.inf


def made_by(record: Record) -> dict[int, tuple[Op, Sequence[Any]]]:
    """The operation that made each value, by identity, with its operands; what gives back its operand has made nothing."""
    return {id(y): (op, xs) for op, xs, ys in record for y in ys if all(y is not x for x in xs)}


def scale_of(made: Mapping[int, tuple[Op, Sequence[Any]]], y: Any, index: tuple[int, ...]) -> float:
    """Σ|terms| of the sum, or the largest operand of the difference, that an output is; infinite if it is neither."""
    while id(y) in made:
        op, xs = made[id(y)]
        moved = op.name in ("reshape", "squeeze", "convert_element_type")
        if not (moved or (op.name == "reduce_sum" and xs[0].size == y.size)):
            break
        index = tuple(map(int, np.unravel_index(_flat(index, y.shape[1:]), xs[0].shape[1:])))
        y = xs[0]
    if id(y) not in made:
        return math.inf
    op, xs = made[id(y)]
    if op.name == "sub":
        return float(np.abs(xs[0]).max(initial=0.0, where=np.isfinite(xs[0])))
    if op.name == "reduce_sum":
        return float(op.numbers([np.abs(xs[0])])[0].reshape(-1)[_flat(index, y.shape[1:])])
    return math.inf


def _flat(index: tuple[int, ...], shape: tuple[int, ...]) -> int:
    return int(np.ravel_multi_index(index, shape)) if shape else 0


def without_value(replay: Replay, given: Sequence[Any], results: Sequence[tuple[str, np.ndarray]]) -> list[np.ndarray]:
    """For each (quantity, result) which entries are no numbers whatever is done: of these nothing is claimed.

    Such is a row of a softmax that is masked whole. An output's shift: of an entry without a value before and after it, in float64 too.
    Gradients: where they have no value in float64 either, and the output has entries without one. Float64 is run only if needed.
    """
    lost = [np.isnan(y) for _, y in results]
    if not any(entries.any() for entries in lost):
        return lost
    *others, before, after = given
    shifted = results[0][0].startswith(SHIFT)
    asked = [[*others, before, before], [*others, after, after]] if shifted else [given]
    for numbers in asked:
        exact = [np.isnan(y[0]) for y in replay.run(replay.prepare(numbers))]
        lacking = shifted or any(y.any() for (quantity, _), y in zip(results, exact, strict=True) if quantity == OUTPUT)
        lost = [entries & y & lacking for entries, y in zip(lost, exact, strict=True)]
    return lost


def largest_entries(quantity: str, output: int, y: np.ndarray) -> list[Place]:
    """The entries of an output that are judged; of gradients of many parameters one each. Not-a-number counts as largest."""
    size = np.where(np.isnan(y), np.inf, np.abs(y)).reshape(-1)
    count = min(1 if quantity in (HESSIAN, OTHERS) else LARGEST, size.size)
    some = np.argpartition(-size, count - 1)[:count] if size.size else ()
    return [
        Place(quantity, (output, tuple(int(i) for i in np.unravel_index(n, y.shape))), float(abs(y.reshape(-1)[n])))
        for n in some
    ]
