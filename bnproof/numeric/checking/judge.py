"""Measured numbers beside their bounds: which entries are judged, what their bounds are, and what this dtype can tell."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import jax
import numpy as np

from ..replay.op import Record
from ..replay.operations import floating
from ..replay.replay import Replay
from ..roundoff.bounds import Bounds
from ..roundoff.precision import HALF
from ..roundoff.probable import FAILURE
from ..roundoff.rounding import Rounding
from ..roundoff.running_error import terms_of
from .apart import runs
from .drawing import DRAWS, SLIGHT, VISIBLE, Drawn, Draws
from .measurement import Basis, Measurement
from .places import Place, largest_entries, made_by, scale_of, without_value
from .quantities import GRADIENT, HESSIAN, LINEAR_IN, OUTPUT
from .subject import Subject
from .trust import Trust

FACTORS = {"float64": 1e3, "float32": 1e3, "tf32": 3.0, "bfloat16": 3.0, "float16": 3.0}
"""How many times a control must exceed its bound: a half type has 8 or 11 bits, and a bound uses up several."""
TELLING = 3.0
"""A bound of a proved zero is worth something if what would be there without the cancellation exceeds it so many times."""
NO_VALUE = "the program has no value, in float64 either: it may divide 0 by 0, or subtract ∞ from ∞"
Result = tuple[str, np.ndarray]
"""(quantity, array in float64) of one output of a compiled program."""


@dataclass(frozen=True)
class Judge:
    """Judges a subject's results in a dtype on a platform that rounds like that."""

    subject: Subject
    dtype: str
    platform: str
    rounding: Rounding

    def judged(
        self,
        replay: Replay,
        arguments: tuple[Any, ...],
        results: Sequence[Result],
        drawn: Drawn,
        draws: Draws,
        among_them: float = 0.0,
    ) -> list[Measurement]:
        """One measurement for each quantity among the results of a program, whose replay bounds them.

        among_them: the largest operand of results that are differences, for runs that see a part of them only.
        """
        given = jax.tree.leaves(arguments)
        lacking = without_value(replay, given, results)
        places = [
            place
            for k, (quantity, y) in enumerate(results)
            if quantity != OUTPUT
            for place in largest_entries(quantity, k, y if lacking[k].all() else np.where(lacking[k], 0.0, y))
        ]
        among = Counter[str]()
        for quantity, y in results:
            among[quantity] += y.size
        # not-a-number is what the program itself made, such as a cotangent that follows its output
        finite = not any(np.isinf(np.asarray(x, np.float64)).any() for x in given if floating(x.dtype))
        rows, why = dict[Place, Measurement](), dict[Place, str]()
        for run, numbers in runs(replay, given, [place.entry for place in places]):
            trust = Trust.of(run.record, run.outputs, run.entries, self.rounding, self.platform)
            if not finite:
                trust = replace(trust, outside=f"an argument is no finite number of {self.dtype}")
            of = [replace(places[k], entry=entry) for k, entry in zip(numbers, run.entries, strict=True)]
            sources = {quantity: run.prepared[at] for quantity, at in LINEAR_IN.items() if run.prepared and quantity in among}
            for n, (k, place) in enumerate(zip(numbers, _with_scales(of, run.record, run.outputs, sources), strict=True)):
                scale = max(place.scale, among_them) if run.partial else place.scale
                rows[places[k]] = self._row(replace(places[k], scale=scale), n, trust, among[place.quantity])
                if not math.isfinite(place.value):
                    why[places[k]] = trust.explained(place.entry)
        found: list[Measurement] = []
        for quantity in dict.fromkeys(place.quantity for place in places):
            of = {place: rows[place] for place in places if place.quantity == quantity}
            worst = max(of.values(), key=_nearness)
            judged = worst if worst.passed else self._excused(worst, of, (replay, given), drawn, draws, why)
            found.append(_noted(judged, [lacking[k] for k, (name, _) in enumerate(results) if name == quantity]))
        return found

    def _excused(
        self,
        row: Measurement,
        rows: Mapping[Place, Measurement],
        unrounded: tuple[Replay, Sequence[Any]],
        drawn: Drawn,
        draws: Draws,
        explained: Mapping[Place, str],
    ) -> Measurement:
        """A failed measurement of a control that was shown to act, excused where float64 finds as little to see, and the dtype sees it.

        Little is less than it should exceed. A gradient of nearly nothing is no excuse where the output itself moves. Of a program
        without a value nothing can be told at all, nor of a number that is none where the run says why: a value on the way that the
        format does not hold, or a pole.
        """
        if not math.isfinite(row.measured):
            if draws.undefined:
                return replace(row, undefined=True, obstacle=NO_VALUE)
            why = explained.get(next(place for place, m in rows.items() if m is row), "")
            return replace(row, undefined=True, obstacle=why) if why else row
        if row.expected == "below" or not self.subject.witnessed or not math.isfinite(row.bound):
            return row
        replay, given = unrounded
        outputs = [np.abs(y) for y in replay.run(replay.prepare(given))]
        largest = max(float(outputs[k].max(initial=0.0)) for k in {place.entry[0] for place in rows})
        measured, hardly = max(place.value for place in rows), drawn.moves <= VISIBLE
        exact = ((float(outputs[place.entry[0]][(0, *place.entry[1])]), m) for place, m in rows.items())
        enough = any(size >= m.factor * m.bound and size > 0 for size, m in exact)
        seen = measured >= min(largest / 2, largest - row.bound)
        slope = 0.0 if hardly or row.quantity != GRADIENT else float((drawn.cotangent * drawn.slight).sum()) / SLIGHT
        if enough or not seen or largest * drawn.amounts.size < slope / 2:
            return row
        why = (
            f"in none of {DRAWS} draws does this control move enough"
            if hardly
            else "this control moves too little for the bound"
        )
        return replace(row, obstacle=f"{why}: without rounding, its {row.quantity} is at most {largest:.1g}")

    def _row(self, place: Place, n: int, trust: Trust, among: int) -> Measurement:
        """A measurement of an entry, number n of a run, the largest of `among`."""
        expected = self.subject.expected
        if place.quantity == GRADIENT and self.subject.gradient is not None:
            expected = self.subject.gradient
        row = Measurement(
            case=self.subject.case,
            bias=self.subject.bias,
            quantity=place.quantity,
            dtype=self.dtype,
            device=self.platform,
            count=self.subject.count,
            measured=place.value,
            bound=math.inf,
            sequential=math.inf,
            probable=math.inf,
            failure=FAILURE,
            expected=expected,
            factor=FACTORS[self.dtype] if expected == "above" else 1.0,
        )
        return self._told(row, place, n, trust, among)

    def _told(self, row: Measurement, place: Place, n: int, trust: Trust, among: int) -> Measurement:
        """The row with its bound: of all orders if that can tell; else to first order, where what it leaves out is small, if that can.

        Where neither worst case can tell, by what is probable, if that can and the number agrees with the proof.
        """
        if trust.refusal:
            return replace(row, obstacle=trust.refusal)

        def bounded(bounds: Bounds, by: Basis) -> Measurement:
            found = replace(
                row,
                by=by,
                bound=float(bounds.bound[n]),
                sequential=float(bounds.sequential[n]),
                probable=float(bounds.probable(among)[n]),
                shares=tuple(bounds.shares(n)),
            )
            return replace(found, obstacle=self._too_large(found, place.scale))

        whole = bounded(trust.bounds, "all orders")
        if _good(whole) or (row.expected == "below" and whole.measured > whole.bound):
            return whole
        if _good(first := bounded(trust.first_order, "first order")):
            return first
        for rested in (whole, first):
            likely = replace(rested, by="probable", obstacle="")
            if math.isfinite(rested.bound) and not self._too_large(likely, place.scale) and likely.outcome == "as proved":
                return likely
        why = trust.why(n, lambda bounds: _good(bounded(bounds, "first order")))
        return replace(whole, obstacle=why) if why else whole

    def _too_large(self, m: Measurement, scale: float) -> str:
        """Why the bound tells nothing, if it does not."""
        if m.expected == "below":
            times, factor = scale / m.limit if m.limit else math.inf, TELLING
        else:
            times, factor = m.ratio, m.factor if self.dtype in HALF else 0.0
        if times >= factor or (m.expected == "below" and m.ratio > 1):  # an exceeded bound is never excused
            return ""
        limit = int(m.count * times / factor) if math.isfinite(times) else 0
        room = f"with up to about {limit} values normalised together it could" if 2 <= limit < m.count else ""
        blame = f"most of it is round-off of {m.blame}" if m.blame else ""
        particulars = "; ".join(filter(None, (room, blame)))
        return "the bound is too large to tell zero from not zero" + (f": {particulars}" if particulars else "")


def _with_scales(places: Sequence[Place], record: Record, outputs: Sequence[Any], sources: Mapping[str, Any]) -> list[Place]:
    """The places with what they would be without the cancellation that makes them zero.

    That of a sum or difference are its terms. A Hessian row is zero twice over: its terms are round-off themselves, and say nothing of its
    size; it is linear in the tangent of the shift, and what that is added up to on the way does. A gradient that is neither is
    linear in the cotangent. sources: those, by quantity.
    """
    made = made_by(record)
    scales = [
        math.inf if place.quantity == HESSIAN else scale_of(made, outputs[place.entry[0]], place.entry[1]) for place in places
    ]
    for quantity, source in sources.items():
        of = [n for n, place in enumerate(places) if place.quantity == quantity and math.isinf(scales[n])]
        for n, scale in zip(of, terms_of(record, outputs, [places[n].entry for n in of], source), strict=True):
            scales[n] = float(scale)
    return [replace(place, scale=scale) for place, scale in zip(places, scales, strict=True)]


def _noted(m: Measurement, lacking: Sequence[np.ndarray]) -> Measurement:
    """With a note of how many entries were left out, because there is no number to judge; all of them: nothing can be told."""
    count, size = sum(int(entries.sum()) for entries in lacking), sum(entries.size for entries in lacking)
    if not count:
        return m
    if count == size:
        return replace(m, undefined=True, obstacle=NO_VALUE)
    return replace(m, note=f"{count} of its {size} entries have no value, in float64 either")


def _good(m: Measurement) -> bool:
    return not m.obstacle and math.isfinite(m.bound) and m.passed


def _nearness(m: Measurement) -> tuple[bool, bool, bool, float, float, float]:
    """Larger for what is closer to failing. What the dtype cannot tell comes last, unless it is above its bound all the same.

    What the worst case tells comes before what is only probable.
    """
    failing = not math.isfinite(m.measured) or (m.expected == "below" and m.ratio > 1)
    return failing, not m.obstacle, m.by != "probable", m.ratio, m.measured, m.limit
