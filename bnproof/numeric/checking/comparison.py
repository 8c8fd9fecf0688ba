"""What a program computed beside exact values: which entries are judged, what their bounds are, and what is said of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..replay.op import Op, Record
from ..roundoff.bounds import Bounds
from ..roundoff.rounding import Rounding
from .float64_run import Float64Run
from .floor import floor_of, narrower
from .measurement import Basis, Measurement
from .places import made_by, scale_of
from .quantities import ACCURACY, OUTPUT
from .trust import Entry, Trust

LARGEST = 3
"""Entries judged of each output by each of three measures: those furthest off, those furthest off for their size, and those where
the program means something else by most."""
TELLING = 3.0
"""A bound is worth something if the number itself exceeds it so many times."""
TOO_LARGE = "the bound is too large to tell zero from not zero"
NO_VALUE = "the exact number is none, in float64 either: it may divide 0 by 0, or have no derivative there"


@dataclass(frozen=True)
class Runs:
    """One draw, seen three ways, and how the program may have rounded, on a device.

    computed: each output of the compiled program; meant: the program in float64; exact: the reference in float64. `meant` is the run that
    bounds what is computed as well.
    """

    computed: Sequence[np.ndarray]
    meant: Float64Run
    exact: Float64Run
    rounding: Rounding
    device: str

    @property
    def record(self) -> Record:
        """The program's run."""
        return self.meant.record

    def trust(self, entries: Sequence[Entry], rounding: Rounding) -> Trust:
        """How far the entries of the compiled program may be from what it means, if it rounds like that."""
        return Trust.of(self.record, self.meant.outputs, entries, rounding, self.device)


Words = Callable[[int, tuple[int, ...]], str]
"""What is said of an entry (output, index) where the program does not mean what it should."""


@dataclass(frozen=True)
class _Judged:
    """An entry with the bounds of the program as it is and without narrower formats, and the obstacles to each."""

    row: Measurement
    floor: Measurement
    wrong: bool


@dataclass(frozen=True)
class Comparison:
    """Compares the outputs `names` of a program in a dtype: a value, and its gradients.

    blank: a measurement to fill in; why_wrong: see `Words`.
    """

    names: Sequence[str]
    dtype: str
    blank: Measurement
    why_wrong: Words

    def rows(self, runs: Runs) -> list[Measurement]:
        """One measurement for each output: the entry closest to failing; and one of the accuracy of all."""
        entries = [
            (k, at) for k, y in enumerate(runs.computed) for at in _furthest(y, runs.meant.value(k), runs.exact.value(k))
        ]
        if not entries:
            return []
        with np.errstate(all="ignore"):
            judged = self._judged(runs, entries)
        rows = list[Measurement]()
        for k, name in enumerate(self.names):
            of = [(one, at) for one, (output, at) in zip(judged, entries, strict=True) if output == k]
            if not of:
                continue
            one, at = max(of, key=lambda pair: (pair[0].wrong, *_nearness(pair[0].row)))
            note = self.why_wrong(k, at) if one.wrong else "beyond its round-off bound" if not one.row.passed else ""
            rows.append(replace(one.row, quantity=name, note=note))
        value = [one for one, (output, _) in zip(judged, entries, strict=True) if self.names[output] == OUTPUT]
        return [*rows, self._accuracy(judged, value, narrower(runs.record, self.dtype))]

    def _accuracy(self, judged: Sequence[_Judged], value: Sequence[_Judged], formats: Sequence[str]) -> Measurement:
        """Of what means what it should the entry that is furthest off for what the dtype allows.

        Where that of the value itself cannot be told, gradients that can be told do not make the program accurate.
        """
        right = [one.floor for one in judged if not one.wrong] or [one.floor for one in judged]
        worst = replace(max(right, key=_nearness), quantity=ACCURACY)
        if worst.passed and (untold := [one.floor for one in value if one.floor.obstacle]):
            worst = replace(untold[0], quantity=ACCURACY)
        if all(one.wrong for one in judged):
            worst = replace(worst, obstacle="nothing that is computed is what it should be")
        answer = {"as proved": "yes", "cannot tell": "cannot tell"}.get(worst.outcome, f"no, {_times(worst.ratio)} ×")
        rounded = f", rounded to {' and '.join(formats)} on the way" if formats and not worst.passed else ""
        return replace(worst, note=f"as accurate as {self.dtype} allows: {answer}{rounded}")

    def _judged(self, runs: Runs, entries: Sequence[Entry]) -> list[_Judged]:
        meant, exact = runs.meant.trust(entries), runs.exact.trust(entries)
        allowed = meant.bounds.bound + exact.bounds.bound
        own = floor = runs.trust(entries, runs.rounding)
        if narrower(runs.record, self.dtype):
            floor = runs.trust(entries, floor_of(runs.rounding, self.dtype))
        made = made_by(runs.record)
        refusal = meant.refusal or exact.refusal or own.refusal
        found: list[_Judged] = []
        for n, (k, at) in enumerate(entries):
            computed, does, should = (float(y[at]) for y in (runs.computed[k], runs.meant.value(k), runs.exact.value(k)))
            unsure = meant.refusal or exact.refusal or meant.unbounded(n) or exact.unbounded(n)
            if not math.isfinite(should):
                unsure = NO_VALUE
            if not unsure and not abs(does - should) <= allowed[n]:
                row = replace(self.blank, measured=abs(does - should), bound=float(allowed[n]), by="all orders")
                found.append(_Judged(row, row, True))
                continue
            row = replace(self.blank, measured=abs(computed - should), bound=math.inf, sequential=math.inf)
            if not math.isfinite(row.measured):
                why = NO_VALUE if unsure == NO_VALUE else own.explained((k, at))
                row = replace(row, obstacle=why, undefined=bool(why))
                found.append(_Judged(row, row, False))
                continue
            scale = _scale(runs, made, k, at)

            def kinked(n: int = n, scale: float = scale) -> str:
                """Why what is allowed is too much to tell anything, if it is."""
                if scale >= TELLING * allowed[n]:
                    return ""
                return next(filter(None, (one.why(n, lambda b: scale >= TELLING * b.bound[n]) for one in (meant, exact))), "")

            obstacle = unsure or refusal or kinked()
            if obstacle:
                row = replace(row, obstacle=obstacle)
                found.append(_Judged(row, row, False))
                continue
            by_own, by_floor = (self._told(row, n, by, float(allowed[n]), scale) for by in (own, floor))
            found.append(_Judged(by_own, by_floor, False))
        return found

    def _told(self, row: Measurement, n: int, trust: Trust, allowed: float, scale: float) -> Measurement:
        """The row of an entry of what is meant right with its bound: of all orders if that tells, else to first order if that does.

        allowed: how far apart what is meant and what is exact may be by what is known of them.
        """

        def bounded(bounds: Bounds, by: Basis) -> Measurement:
            bound, sequential = float(bounds.bound[n]) + allowed, float(bounds.sequential[n]) + allowed
            untold = "" if row.measured > bound or scale >= TELLING * bound else TOO_LARGE
            return replace(row, bound=bound, sequential=sequential, by=by, obstacle=untold)

        whole = bounded(trust.bounds, "all orders")
        if math.isfinite(whole.bound) and not whole.obstacle:
            return whole
        first = bounded(trust.first_order, "first order")
        if math.isfinite(first.bound) and not first.obstacle and first.passed:
            return first
        why = trust.why(n, lambda bounds: not bounded(bounds, "first order").obstacle) or TOO_LARGE
        return replace(whole, obstacle=why)


def _scale(runs: Runs, made: dict[int, tuple[Op, Sequence[Any]]], output: int, at: tuple[int, ...]) -> float:
    """What there is to see: the largest entry of the exact output, or what the terms of this one add up to without their signs."""
    terms = scale_of(made, runs.meant.outputs[output], at)
    largest = float(np.abs(runs.exact.value(output)).max(initial=0.0))
    return max(largest, terms if math.isfinite(terms) else 0.0)


def _furthest(computed: np.ndarray, meant: np.ndarray, exact: np.ndarray) -> list[tuple[int, ...]]:
    """Places of the entries that are judged, each once."""
    with np.errstate(all="ignore"):
        off = np.nan_to_num(np.abs(computed - exact), nan=np.inf).reshape(-1)
        size = np.abs(exact).reshape(-1)
        other = np.nan_to_num(np.abs(meant - exact), nan=np.inf).reshape(-1)
        relative = off / (size + size.max(initial=0.0) * 2.0**-10 + np.finfo(float).tiny)
    count = min(LARGEST, off.size)
    places = [int(n) for by in (off, relative, other) for n in (np.argpartition(-by, count - 1)[:count] if count else ())]
    return [tuple(int(i) for i in np.unravel_index(n, exact.shape)) for n in dict.fromkeys(places)]


def _nearness(m: Measurement) -> tuple[bool, bool, float, float]:
    """Larger for what is closer to failing; what cannot be told comes last."""
    return not m.passed, not m.obstacle, m.ratio, m.measured


def _times(ratio: float) -> str:
    return f"{ratio:.2g}" if ratio < 10 else f"{ratio:,.0f}" if ratio < 1e6 else f"{ratio:.0e}"
