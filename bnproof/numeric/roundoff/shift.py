"""How far outputs move when arguments are shifted, and how much of it round-off may explain.

The run that is not shifted is made once (`Unshifted`). A shifted run takes over from it what the shift does not reach, and
small ones go all at once, as copies (`replay`: one leading axis more, of length 1 wherever a shift has no influence). One
reverse pass over shifted copies gives a round-off bound for one output entry of each (`running_error`); the bound of the same
entry in the unshifted run is worked out once for all shifts that ask for it, and a shift asks for an entry that another one has
asked for where that moves at least half as far as any. A shifted argument is rounded itself, at most by u(|argument| +
|amount|), which counts as one more rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..replay.op import Record, UnbatchableError, known
from ..replay.operations import floating
from ..replay.replay import Replay
from .operation_error import remembered
from .rounding import Rounding
from .running_error import entries_at_once, reverse

LARGEST = 4_000_000
"""Numbers in all copies of all intermediate values up to which copies run at once, not one after the other."""
SHARED = 0.5
"""An entry whose bound another shift needs as well is taken where it moves at least this part of the largest change."""
Entry = tuple[int, tuple[int, ...]]
Shift = tuple[int, Any]
"""(position of an argument, amount added to it); amounts broadcast to their argument."""


@dataclass(frozen=True)
class Change:
    """What a shift did to the outputs.

    - change: |after − before| of one entry, absolute; output, index: which entry;
    - bound: how far round-off may have moved this entry, in both runs together, to first order; infinite if unknown;
    - finite: no NaN or infinity there, before or after;
    - unknown: the operation whose rounding is not known, where the bound is infinite for that reason.
    """

    change: float
    output: int
    index: tuple[int, ...]
    bound: float
    finite: bool
    unknown: str = ""

    @property
    def factor(self) -> float:
        """The quotient change / bound."""
        return self.change / self.bound if self.bound else (float("inf") if self.change else 0.0)


class Unshifted:
    """A program's run on given arguments (flat, as `Replay` takes them), beside which shifted runs are held.

    Raises ValueError for a wrong number of arguments.
    """

    def __init__(self, replay: Replay, args: Sequence[Any], u: float = 2.0**-53) -> None:
        self._replay = replay
        self._rounding = Rounding(u)
        self._run = _Run(replay.prepare(args), {})
        self._run.outputs = replay.run(self._run.prepared, self._run.record)
        self._known = known(self._run.record)
        self._own = remembered(self._rounding, self._run.record)
        self._bounds: dict[Entry, tuple[float, str]] = {}
        self.floating = [
            k for k, y in enumerate(self._run.outputs) if isinstance(y, np.ndarray) and floating(y.dtype) and y.size
        ]
        """Numbers of the floating outputs that have entries: those that are compared."""

    @property
    def valueless(self) -> bool:
        """Whether there are floating outputs and every entry of them is NaN or infinite."""
        return bool(self.floating) and not any(np.isfinite(self._run.outputs[k]).any() for k in self.floating)

    def moved(self, shifts: Sequence[Shift]) -> list[Change]:
        """For each shift by itself an entry that moves: of all that stay finite the one that moves most, or half as far as that.

        Empty if no output is compared.
        """
        if not shifts or not self.floating:
            return []
        together = len(shifts) * sum(y.size for _, _, ys in self._run.record for y in ys) <= LARGEST
        groups = [list(shifts)] if together else [[shift] for shift in shifts]
        try:
            return [change for group in groups for change in self._moved(group)]
        except UnbatchableError:
            return [change for shift in shifts for change in self._moved([shift])]

    def agree(self, shifts: Sequence[Shift]) -> list[Change]:
        """All shifts at once: of each floating output the entry that changes most; not finite if the output has one that is not.

        Two runs that should agree do so where change ≤ bound. Amounts for one position add up.
        """
        if not self.floating:
            return []
        run = self._shifted(shifts, jointly=True)
        changes = [self._changes(run, k) for k in self.floating]
        entries = [(k, _at(change[0], int(change[0].argmax()))) for k, change in zip(self.floating, changes, strict=True)]
        found = self._bounded(run, [(float(c[0][i]), (k, i)) for c, (k, i) in zip(changes, entries, strict=True)])
        return [
            Change(one.change, one.output, one.index, one.bound, self._sound(run, one.output), one.unknown) for one in found
        ]

    def _moved(self, shifts: Sequence[Shift]) -> list[Change]:
        run = self._shifted(shifts)
        changes = {k: self._changes(run, k) for k in self.floating}
        wanted = list(self._bounds)
        found: list[tuple[float, Entry]] = []
        for n in range(len(shifts)):
            best = max((_largest(change[n if len(change) > 1 else 0], k) for k, change in changes.items()), key=lambda c: c[0])
            for k, index in wanted:
                change = float(changes[k][(n if len(changes[k]) > 1 else 0, *index)])
                if change >= SHARED * best[0] > 0:
                    best = (change, (k, index))
                    break
            else:
                wanted.append(best[1])
            found.append(best)
        return self._bounded(run, found)

    def _shifted(self, shifts: Sequence[Shift], jointly: bool = False) -> _Run:
        """A run with shift n applied in copy n, or with all applied in one copy."""
        prepared, rounded = list(self._run.prepared), dict[int, Any]()
        for n, (position, amount) in enumerate(shifts):
            if position not in rounded:
                copies = 1 if jointly else len(shifts)
                prepared[position] = np.repeat(prepared[position], copies, 0)
                rounded[position] = np.zeros_like(prepared[position])
            row = 0 if jointly else n
            prepared[position][row] += np.asarray(amount, np.float64)
            rounded[position][row] += np.abs(np.asarray(amount, np.float64)) + np.abs(prepared[position][row])
        run = _Run(prepared, rounded)
        run.outputs = self._replay.run(prepared, run.record, known=self._known)
        return run

    def _changes(self, run: _Run, k: int) -> Any:
        """|after − before| of output k, shape (copies or 1, *shape); 0 where one of both is not finite."""
        with np.errstate(all="ignore"):
            change = np.abs(run.outputs[k] - self._run.outputs[k])
        return np.where(np.isfinite(change), change, 0.0)

    def _sound(self, run: _Run, k: int) -> bool:
        return bool(np.isfinite(self._run.outputs[k]).all() and np.isfinite(run.outputs[k]).all())

    def _bounded(self, run: _Run, found: Sequence[tuple[float, Entry]]) -> list[Change]:
        """The changes with their bounds: entry n belongs to copy n, or all to the only copy."""
        entries = [entry for _, entry in found]
        self._bound(entries)
        after = reverse(run.record, run.outputs, entries, run.inexact, self._rounding, self._own)
        changes: list[Change] = []
        for n, ((change, entry), limit) in enumerate(zip(found, after.bound, strict=True)):
            before, unknown = self._bounds[entry]
            output, index = entry
            copy = run.outputs[output][min(n, len(run.outputs[output]) - 1)]
            finite = bool(np.isfinite(copy[index]) and np.isfinite(self._run.outputs[output][(0, *index)]))
            changes.append(Change(change, output, index, float(before + limit), finite, after.unknown or unknown))
        return changes

    def _bound(self, entries: Sequence[Entry]) -> None:
        """Works out the bounds of entries of this run that are not known yet, as many in one reverse pass as fit."""
        new = [entry for entry in dict.fromkeys(entries) if entry not in self._bounds]
        at_once = entries_at_once(self._run.record)
        for start in range(0, len(new), at_once):
            part = new[start : start + at_once]
            limits = reverse(self._run.record, self._run.outputs, part, [], self._rounding, self._own)
            self._bounds |= {entry: (float(limit), limits.unknown) for entry, limit in zip(part, limits.bound, strict=True)}


class _Run:
    """One recorded evaluation; `rounded`: the magnitudes that the rounding of shifted arguments is relative to."""

    def __init__(self, prepared: list[Any], rounded: dict[int, Any]) -> None:
        self.record: Record = []
        self.prepared = prepared
        self.outputs: list[Any] = []
        self.inexact = [(prepared[k], magnitude) for k, magnitude in rounded.items()]


def _largest(change: Any, output: int) -> tuple[float, Entry]:
    place = int(change.argmax())
    return float(change.reshape(-1)[place]), (output, _at(change, place))


def _at(values: Any, place: int) -> tuple[int, ...]:
    return tuple(int(i) for i in np.unravel_index(place, values.shape))
