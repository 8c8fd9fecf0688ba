"""When nothing can be told of a run, or of one entry: numbers that the format does not hold, and round-off without a bound.

First order leaves nothing out here: what it drops is counted (`forward`), with both sides of every kink. What stays is refused.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..replay.op import Record
from ..roundoff.bounds import Bounds
from ..roundoff.forward import SMALL, Forward, Key, forward, reach
from ..roundoff.operation_error import Own, remembered
from ..roundoff.range import Range
from ..roundoff.rounding import Rounding
from ..roundoff.running_error import reverse_all
from ..roundoff.step import Seen

_DIVISORS = ("div", "sqrt", "rsqrt", "log", "log1p", "cbrt")
_POWERS = ("pow", "integer_pow")
Entry = tuple[int, tuple[int, ...]]


@dataclass(frozen=True)
class Trust:
    """A recorded run of one copy, with what round-off may do to it: bounds of entries, and why there are none.

    - found: what round-off makes of round-off;
    - outside: a value that the format does not hold, in words, or empty; singular: an operation at a pole;
    - inexact: arguments and constants that are rounded themselves, each with the absolute value its rounding is relative to.
    """

    record: Record
    outputs: Sequence[Any]
    entries: Sequence[Entry]
    rounding: Rounding
    own: Own
    found: Forward
    outside: str
    singular: str
    inexact: Sequence[tuple[Any, Any]] = ()

    @classmethod
    def of(cls, record: Record, outputs: Sequence[Any], entries: Sequence[Entry], rounding: Rounding, device: str) -> Trust:
        """Looks at a run that no rounding disturbed, for bounds of these entries on a device."""
        return cls._of(record, outputs, entries, rounding, device, Seen(reach(record)))

    @classmethod
    def of_float64(
        cls, record: Record, outputs: Sequence[Any], entries: Sequence[Entry], inexact: Sequence[tuple[Any, Any]] = ()
    ) -> Trust:
        """Looks at a run in float64 that itself stands for the real numbers: how far it may be from them.

        At a kink a program's derivative is that of either side, and another program's may be that of the other: exact operands that
        are equal are unsure here.
        """
        rounding = Rounding()
        seen = Seen(ties=True, error={id(x): np.broadcast_to(size * rounding.unit, x.shape) for x, size in inexact})
        return cls._of(record, outputs, entries, rounding, None, seen, inexact)

    @classmethod
    def _of(
        cls,
        record: Record,
        outputs: Sequence[Any],
        entries: Sequence[Entry],
        rounding: Rounding,
        device: str | None,
        seen: Seen,
        inexact: Sequence[tuple[Any, Any]] = (),
    ) -> Trust:
        own = remembered(rounding, record)
        watched = Range(rounding, own, device)
        watched.inputs(record)
        found = forward(record, own, outputs, watched.seen, seen)
        return cls(record, outputs, entries, rounding, own, found, watched.outside, watched.pole, inexact)

    @functools.cached_property
    def bounds(self) -> Bounds:
        """The entries' bounds, all orders counted."""
        return self._reversed(None)

    @functools.cached_property
    def first_order(self) -> Bounds:
        """The entries' bounds where what first order leaves out is left out wherever it is small, and made up for by as much."""
        return self._reversed(self.found.steep).times(1 + SMALL)

    @functools.cached_property
    def undecided(self) -> Bounds:
        """The entries' bounds if no decision were within round-off: too small where one is, but they tell what it costs."""
        return self._reversed(self.found.smooth)

    @functools.cached_property
    def straight(self) -> Bounds:
        """The entries' bounds if first order left nothing out."""
        return self._reversed({})

    def _reversed(self, rests: dict[Key, Any] | None) -> Bounds:
        own = self.found.counted(self.own, rests)
        return reverse_all(self.record, self.outputs, self.entries, self.rounding, own, self.inexact)

    @property
    def refusal(self) -> str:
        """Why no entry can be told, if none can."""
        if self.outside:
            return f"{self.outside}: try a larger ε, or a wider dtype"
        if self.found.undecided:
            return f"`{self.found.undecided}` decides what the program does next, within round-off of its kink"
        return ""

    def explained(self, entry: Entry) -> str:
        """What made an entry no finite number on a device, as far as the run says; empty if it does not.

        Where the recorded run itself has none, round-off is no explanation.
        """
        output, index = entry
        lost = self.pole if np.isfinite(self.outputs[output][(0, *index)]) else ""
        return self.outside or self.singular or lost

    def unbounded(self, n: int) -> str:
        """Why entry n has no bound, if it has none."""
        if np.isfinite(self.bounds.bound[n]):
            return ""
        if self.bounds.unknown:
            return f"the rounding of the operation `{self.bounds.unknown}` is not known"
        return self.pole or "round-off may carry a value on the way to infinity"

    def why(self, n: int, tells: Callable[[Bounds], bool]) -> str:
        """Why the bounds of entry n do not tell: it has none, or those would that count no kink, or no curvature; empty if neither."""
        if why := self.unbounded(n):
            return why
        if self.kink and tells(self.undecided):
            return self.kink
        return self.bend if self.found.steep and tells(self.straight) else ""

    @property
    def kink(self) -> str:
        """An operation within round-off of its kink, in words; empty if there is none."""
        name = next(iter(self.found.kinks.values()), "")
        return (
            name
            and f"a maximum or comparison is within round-off of its kink (`{name}`), where another run may take the other branch"
        )

    @property
    def bend(self) -> str:
        """An operation that first order does not describe as far as round-off reaches, in words; empty if there is none."""
        key = max(self.found.steep.keys() - self.found.kinks.keys(), key=self._bent, default=None)
        if key is None:
            return ""
        name = next(op.name for op, _, _ in self.record if id(op) == key[0])
        return f"round-off may move an operand of `{name}` further than its slope there describes: no first-order bound holds"

    def _bent(self, key: Key) -> tuple[bool, float]:
        """Sorts by how much is left out beside what is rounded; functions of one number before products."""
        op, y = next((op, y) for op, _, ys in self.record for y in ys if (id(op), id(y)) == key)
        size = float(np.abs(y).max(initial=0.0, where=np.isfinite(y)))
        return op.name != "mul", float(np.max(self.found.steep[key])) / (size or 1.0)

    @property
    def pole(self) -> str:
        """The first operation, in words, whose operand round-off may carry anywhere; empty if there is none."""
        name = next(iter(self.found.lost.values()), "")
        if name in (*_DIVISORS, *_POWERS):
            return f"round-off may change a divisor, or what a root, power or logarithm is taken of, by all of it: that of `{name}`"
        return name and f"round-off may move an operand of `{name}` so far that no slope bounds what it makes of it"
