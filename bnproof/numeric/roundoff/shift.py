"""How far outputs move when arguments are shifted, and how much of it round-off may explain.

All shifted copies run at once (`replay`: one leading axis more, of length 1 wherever a shift has no influence), and one reverse
pass over them gives a round-off bound for one output entry of each (`running_error`); another one, over the run that was not
shifted, gives the bounds of the same entries there. A shifted argument is rounded itself, at most by u(|argument| + |amount|),
which counts as one more rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..replay.op import Record, UnbatchableError
from ..replay.operations import floating
from ..replay.replay import Replay
from .rounding import Rounding
from .running_error import reverse

LARGEST = 4_000_000
"""Numbers in all copies of all intermediate values up to which copies run at once, not one after the other."""
Entry = tuple[int, tuple[int, ...]]


@dataclass(frozen=True)
class Change:
    """What a shift did to the outputs.

    - change: |after − before| of one entry, absolute; output, index: which entry;
    - bound: how far round-off may have moved this entry, in both runs together, to first order; infinite if unknown;
    - finite: no NaN or infinity in any floating output, before or after.
    """

    change: float
    output: int
    index: tuple[int, ...]
    bound: float
    finite: bool

    @property
    def factor(self) -> float:
        """The quotient change / bound."""
        return self.change / self.bound if self.bound else (float("inf") if self.change else 0.0)


def moved(replay: Replay, args: Sequence[Any], shifts: Sequence[tuple[int, Any]], u: float = 2.0**-53) -> list[Change]:
    """For each (position, amount added to that argument) by itself: the largest change over all entries of floating outputs.

    args: flat, as `Replay` takes them; amounts broadcast to their argument. Raises ValueError for a wrong number of arguments.
    """
    if not shifts:
        return []
    base = _Run(replay, replay.prepare(args), {})
    together = len(shifts) * sum(y.size for _, _, ys in base.record for y in ys) <= LARGEST
    groups = [list(shifts)] if together else [[shift] for shift in shifts]
    try:
        runs = [_shifted(replay, base, group) for group in groups]
    except UnbatchableError:
        runs = [_shifted(replay, base, [shift]) for shift in shifts]
    changes: list[Change] = []
    for run in runs:
        found = [max(candidates, key=lambda c: c[0]) for candidates in _largest(base, run)]
        changes += _bounded(base, run, found, u)
    return changes


def agree(replay: Replay, args: Sequence[Any], shifts: Sequence[tuple[int, Any]], u: float = 2.0**-53) -> Change:
    """All shifts at once: of the entries that change most, one of each floating output, the one with the largest change / bound.

    Two runs that should agree do so where change ≤ bound. Amounts for one position add up. Raises ValueError as `moved` does.
    """
    base = _Run(replay, replay.prepare(args), {})
    run = _shifted(replay, base, shifts, jointly=True)
    return max(_bounded(base, run, _largest(base, run)[0], u), key=lambda change: (not change.finite, change.factor))


class _Run:
    """One recorded evaluation; `rounded`: the magnitudes that the rounding of shifted arguments is relative to."""

    def __init__(self, replay: Replay, prepared: list[Any], rounded: dict[int, Any]) -> None:
        self.record: Record = []
        self.prepared = prepared
        self.copies = max((len(prepared[k]) for k in rounded), default=1)
        self.outputs = replay.run(prepared, self.record)
        self.inexact = [(prepared[k], magnitude) for k, magnitude in rounded.items()]


def _shifted(replay: Replay, base: _Run, shifts: Sequence[tuple[int, Any]], jointly: bool = False) -> _Run:
    """A run with shift n applied in copy n, or with all applied in one copy."""
    prepared, rounded = list(base.prepared), dict[int, Any]()
    for n, (position, amount) in enumerate(shifts):
        if position not in rounded:
            copies = 1 if jointly else len(shifts)
            prepared[position] = np.repeat(base.prepared[position], copies, 0)
            rounded[position] = np.zeros_like(prepared[position])
        row = 0 if jointly else n
        prepared[position][row] += np.asarray(amount, np.float64)
        rounded[position][row] += np.abs(np.asarray(amount, np.float64)) + np.abs(prepared[position][row])
    return _Run(replay, prepared, rounded)


def _largest(base: _Run, run: _Run) -> list[list[tuple[float, Entry]]]:
    """For each copy, of each floating output the largest change and its entry."""
    found: list[list[tuple[float, Entry]]] = [[] for _ in range(run.copies)]
    for k, (before, after) in enumerate(zip(base.outputs, run.outputs, strict=True)):
        if not isinstance(before, np.ndarray) or not floating(before.dtype) or not before[0].size:
            continue
        with np.errstate(all="ignore"):
            change = np.nan_to_num(np.abs(after - before), nan=0.0, posinf=0.0).reshape(len(after), -1)
        places = change.argmax(1)
        for n in range(run.copies):
            row = n if len(change) > 1 else 0
            index = tuple(int(i) for i in np.unravel_index(places[row], before.shape[1:]))
            found[n].append((float(change[row, places[row]]), (k, index)))
    if not all(found):
        raise ValueError("the program has no floating output")
    return found


def _bounded(base: _Run, run: _Run, found: Sequence[tuple[float, Entry]], u: float) -> list[Change]:
    """The changes with their bounds: entry n belongs to copy n, or all to the only copy."""
    entries = [entry for _, entry in found]
    rounding = Rounding(u)
    before = reverse(base.record, base.outputs, entries, [], rounding).bound
    limits = before + reverse(run.record, run.outputs, entries, run.inexact, rounding).bound
    sound = np.full(len(found), True)
    for y in (*base.outputs, *run.outputs):
        if isinstance(y, np.ndarray) and floating(y.dtype):
            sound &= np.isfinite(y).reshape(len(y), -1).all(1)
    return [
        Change(change, output, index, float(limit), bool(fine))
        for (change, (output, index)), limit, fine in zip(found, limits, sound, strict=True)
    ]
