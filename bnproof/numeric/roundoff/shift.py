"""How far outputs move when arguments are shifted, and how much of it round-off may explain.

The run that is not shifted is made once (`Unshifted`). A shifted run takes over from it what the shift does not reach, and
small ones go all at once, as copies (`replay`: one leading axis more, of length 1 wherever a shift has no influence). One
reverse pass over shifted copies gives a round-off bound for one output entry of each (`running_error`); the bound of the same
entry in the unshifted run is worked out once for all shifts that ask for it, and a shift asks for an entry that another one has
asked for where that moves at least half as far as any. A shifted argument is rounded itself, at most by u(|argument| +
|amount|), which counts as one more rounding.

Integers and Booleans are compared as they are: their bound is 0, or infinite behind an operation whose rounding is not known. What
they are may hang on a comparison that round-off decides, and so may the branch that a floating entry was computed in: `settled` says
whether a change is still there when every operation is disturbed by far more than its rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..replay.op import Record, UnbatchableError, UnreplayableError, known
from ..replay.operations import complexes, floating
from ..replay.replay import Replay
from .beyond import beyond
from .jumps import near_jump
from .kinks import at_singularity
from .operation_error import disturbance, remembered, unknown
from .rounding import Rounding
from .running_error import entries_at_once, reverse

LARGEST = 4_000_000
"""Numbers in all copies of all intermediate values up to which copies run at once, not one after the other."""
SHARED = 0.5
"""An entry whose bound another shift needs as well is taken where it moves at least this part of the largest change."""
SPREAD = 3
"""Entries of an output that are looked at beside the one that moves most, where the bound of that one says nothing."""
DISTURBED = 2.0**10
"""Roundings by which every operation of a disturbed run may be off."""
TIMES = 8
"""Disturbed runs: a comparison that round-off decides, decided at random in each, is found out in all but one of 2⁸ cases."""
Entry = tuple[int, tuple[int, ...]]
Shift = tuple[int, Any]
"""(position of an argument, amount added to it); amounts broadcast to their argument."""


@dataclass(frozen=True)
class Change:
    """What a shift did to the outputs.

    - change: |after − before| of one entry, absolute; output, index: which entry;
    - bound: how far round-off may have moved this entry, in both runs together, to first order; infinite if unknown;
    - finite: no NaN or infinity there, before or after; entire: nowhere in the whole output;
    - calm: neither run is near a jump or left the real numbers, see `Unshifted.settled`;
    - unknown: the operation whose rounding is not known, where the bound is infinite for that reason.
    """

    change: float
    output: int
    index: tuple[int, ...]
    bound: float
    finite: bool
    unknown: str = ""
    entire: bool = True
    calm: bool = False

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
        self._disturbed: list[list[Any]] = []
        self._calm = self._is_calm(self._run)
        self.compared = [k for k, y in enumerate(self._run.outputs) if isinstance(y, np.ndarray) and y.size]
        """Numbers of the outputs that are compared: those that have entries, random keys left out."""
        self.floating = [k for k in self.compared if _inexact(self._run.outputs[k])]
        """Those of them that hold floating or complex numbers."""

    @property
    def unfinished(self) -> int:
        """How many entries of the outputs are NaN or infinite."""
        return sum(int((~np.isfinite(self._run.outputs[k])).sum()) for k in self.floating)

    @property
    def valueless(self) -> bool:
        """Whether there are outputs, floating ones only, and every entry of them is NaN or infinite."""
        return self.compared == self.floating != [] and self.unfinished == sum(self._run.outputs[k].size for k in self.floating)

    @property
    def singular(self) -> bool:
        """Whether the run takes a root, a logarithm or a quotient where it has no derivative."""
        return at_singularity(self._run.record, self._rounding)

    def moved(self, shifts: Sequence[Shift]) -> list[Change]:
        """For each shift by itself a floating entry that moves: of all that stay finite the one that moves most, or half as far.

        Empty if no output holds floating numbers.
        """
        if not shifts or not self.floating:
            return []
        together = len(shifts) * sum(y.size for _, _, ys in self._run.record for y in ys) <= LARGEST
        groups = [list(shifts)] if together else [[shift] for shift in shifts]
        try:
            return [change for group in groups for change in self._moved(group)]
        except UnbatchableError:
            return [change for shift in shifts for change in self._moved([shift])]

    def moved_elsewhere(self, shift: Shift) -> list[Change]:
        """Of every output the entry that moves most and a few spread over those that move, integers and Booleans among them."""
        run, found = self._shifted([shift]), list[tuple[float, Entry]]()
        for k in self.compared:
            change = self._changes(run, k)[0]
            moving = np.flatnonzero(change)
            spread = [moving[len(moving) * n // SPREAD] for n in range(SPREAD)] if len(moving) else []
            places = dict.fromkeys([int(change.argmax()), *map(int, spread)])
            found += [(float(change.reshape(-1)[place]), (k, _at(change, place))) for place in places]
        found = [one for one in found if one[0] > 0]
        at_once = entries_at_once(run.record)
        return [change for n in range(0, len(found), at_once) for change in self._bounded(run, found[n : n + at_once])]

    def agree(self, shifts: Sequence[Shift]) -> list[Change]:
        """All shifts at once: of each output the entry that changes most.

        Two runs that should agree do so where change ≤ bound. Amounts for one position add up.
        """
        if not self.compared:
            return []
        run = self._shifted(shifts, jointly=True)
        changes = [self._changes(run, k) for k in self.compared]
        entries = [(k, _at(change[0], int(change[0].argmax()))) for k, change in zip(self.compared, changes, strict=True)]
        found = self._bounded(run, [(float(c[0][i]), (k, i)) for c, (k, i) in zip(changes, entries, strict=True)])
        return [replace(one, entire=self._sound(run, one.output)) for one in found]

    def settled(self, shifts: Sequence[Shift], change: Change) -> bool:
        """Whether a change under these shifts, all at once, does not hang on what round-off decides, nor on what is no real number.

        Nothing near a comparison, a place of a maximum or a rounding to an integer; or else the entries before and after keep at least
        half their distance in runs whose every operation is disturbed by a thousand roundings. Where the entry is no floating number,
        such runs are always made.
        """
        if change.calm and change.output in self.floating:
            return True
        run = self._shifted(shifts, jointly=True)
        if beyond(self._run.record) or beyond(run.record):
            return False
        try:
            self._disturbed = self._disturbed or [self._noisy(self._run, seed) for seed in range(TIMES)]
            before = [self._run.outputs, *self._disturbed]
            after = [run.outputs, *(self._noisy(run, TIMES + seed) for seed in range(TIMES))]
        except UnreplayableError:
            return False
        ends = [np.asarray([1.0 * y[change.output][(0, *change.index)] for y in outputs]) for outputs in (before, after)]
        if any(np.iscomplexobj(end) or not np.isfinite(end).all() for end in ends):
            return False
        return bool(max(ends[1].min() - ends[0].max(), ends[0].min() - ends[1].max()) >= change.change / 2)

    def _is_calm(self, run: _Run) -> bool:
        return not (near_jump(run.record, run.inexact, self._rounding) or beyond(run.record))

    def _noisy(self, run: _Run, seed: int) -> list[Any]:
        """The outputs as a run that is off by many roundings might have them."""
        unit = DISTURBED * (self._rounding.unit or 0.0)
        return self._replay.run(run.prepared, None, disturbance(Rounding(unit), seed))

    def _moved(self, shifts: Sequence[Shift]) -> list[Change]:
        run = self._shifted(shifts)
        changes = {k: self._changes(run, k) for k in self.floating}
        wanted = [entry for entry in self._bounds if entry[0] in changes]
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
                rounded[position] = np.zeros(prepared[position].shape)
            row = 0 if jointly else n
            prepared[position][row] += np.asarray(amount).astype(prepared[position].dtype)
            rounded[position][row] += np.abs(np.asarray(amount, np.float64)) + np.abs(prepared[position][row])
        run = _Run(prepared, rounded)
        run.outputs = self._replay.run(prepared, run.record, known=self._known)
        return run

    def _changes(self, run: _Run, k: int) -> Any:
        """|after − before| of output k, shape (copies or 1, *shape); 0 where one of both is not finite, at least 1 of integers."""
        after, before = run.outputs[k], self._run.outputs[k]
        if not _inexact(before):
            apart = np.abs(after.astype(np.float64) - before.astype(np.float64))
            return np.where(after != before, np.maximum(apart, 1.0), 0.0)
        with np.errstate(all="ignore"):
            change = np.abs(after - before)
        return np.where(np.isfinite(change), change, 0.0)

    def _sound(self, run: _Run, k: int) -> bool:
        return bool(np.isfinite(self._run.outputs[k]).all() and np.isfinite(run.outputs[k]).all())

    def _bounded(self, run: _Run, found: Sequence[tuple[float, Entry]]) -> list[Change]:
        """The changes with their bounds: entry n belongs to copy n, or all to the only copy."""
        real = [entry for _, entry in found if entry[0] in self.floating]
        self._bound(real)
        after = reverse(run.record, run.outputs, real, run.inexact, self._rounding, self._own)
        limits, calm = iter(after.bound), self._calm and self._is_calm(run)
        changes: list[Change] = []
        for n, (change, entry) in enumerate(found):
            output, index = entry
            if output not in self.floating:
                name = run.unknown(run.outputs[output]) or self._run.unknown(self._run.outputs[output])
                changes.append(Change(change, output, index, np.inf if name else 0.0, True, name, calm=calm))
                continue
            before, unknown_ = self._bounds[entry]
            copy = run.outputs[output][min(n, len(run.outputs[output]) - 1)]
            finite = bool(np.isfinite(copy[index]) and np.isfinite(self._run.outputs[output][(0, *index)]))
            limit = float(before + next(limits))
            changes.append(Change(change, output, index, limit, finite, after.unknown or unknown_, calm=calm))
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
        self.inexact = [(prepared[k], magnitude) for k, magnitude in rounded.items() if _inexact(prepared[k])]
        self._unknown: dict[int, str] | None = None

    def unknown(self, y: Any) -> str:
        """The first operation on the way to a value whose rounding is not known; empty if there is none."""
        if self._unknown is None:
            self._unknown = {}
            for op, xs, ys in self.record:
                before = next((self._unknown[id(x)] for x in xs if id(x) in self._unknown), "")
                if name := before or (op.name if unknown(op, xs, ys) else ""):
                    self._unknown.update((id(one), name) for one in ys)
        return self._unknown.get(id(y), "")


def _inexact(y: Any) -> bool:
    return floating(y.dtype) or complexes(y.dtype)


def _largest(change: Any, output: int) -> tuple[float, Entry]:
    place = int(change.argmax())
    return float(change.reshape(-1)[place]), (output, _at(change, place))


def _at(values: Any, place: int) -> tuple[int, ...]:
    return tuple(int(i) for i in np.unravel_index(place, values.shape))
