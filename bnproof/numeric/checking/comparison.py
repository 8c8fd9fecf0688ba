"""What a program computed beside exact values: which entries are judged, what their bounds are, and what is said of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from ..replay.op import Op, Record
from ..roundoff.rounding import Rounding
from ..roundoff.running_error import Bounds, reverse_with_divisors
from .branches import undecided
from .float64_run import Entry, Float64Run
from .floor import floor_of, narrower
from .measurement import Measurement
from .places import beyond_range, scale_of
from .quantities import ACCURACY, OUTPUT
from .trust import untrusted

LARGEST = 3
"""Entries judged of each output by each of three measures: those furthest off, those furthest off for their size, and those where
the program means something else by most."""
TELLING = 3.0
"""A bound is worth something if the number itself exceeds it so many times."""


@dataclass(frozen=True)
class Runs:
    """One draw, seen three ways, and how the program may have rounded.

    - computed: each output of the compiled program; meant: the program in float64; exact: the reference in float64;
    - record, calm, outputs: the program's run as it may have been rounded, the same undisturbed (empty if not needed), and the outputs
      of the first.
    """

    computed: Sequence[np.ndarray]
    meant: Float64Run
    exact: Float64Run
    record: Record
    calm: Record
    outputs: Sequence[Any]
    rounding: Rounding


class Words(Protocol):
    """What is said where the program does not mean what it should."""

    def __call__(self, output: int, entry: tuple[int, ...]) -> str:
        """Of one entry of one output."""
        ...


@dataclass(frozen=True)
class _Judged:
    """An entry with the bounds of the program as it is and without narrower formats, and the obstacles to each."""

    row: Measurement
    floor: Measurement
    wrong: bool


@dataclass(frozen=True)
class Comparison:
    """Compares the outputs `names` of a program in a dtype. `blank`: a measurement to fill in; `why_wrong`: see `Words`."""

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
        judged = self._judged(runs, entries)
        rows = list[Measurement]()
        for k, name in enumerate(self.names):
            of = [(one, at) for one, (output, at) in zip(judged, entries, strict=True) if output == k]
            if not of:
                continue
            one, at = max(of, key=lambda pair: (pair[0].wrong, *_nearness(pair[0].row)))
            note = self.why_wrong(k, at) if one.wrong else "beyond its round-off bound" if not one.row.passed else ""
            rows.append(replace(one.row, quantity=name, note=note))
        return [*rows, self._accuracy(judged, narrower(runs.record, self.dtype))]

    def _accuracy(self, judged: Sequence[_Judged], formats: Sequence[str]) -> Measurement:
        """Of what means what it should the entry that is furthest off for what the dtype allows."""
        right = [one.floor for one in judged if not one.wrong] or [one.floor for one in judged]
        worst = replace(max(right, key=_nearness), quantity=ACCURACY)
        if all(one.wrong for one in judged):
            worst = replace(worst, obstacle="nothing that is computed is what it should be")
        answer = {"as proved": "yes", "cannot tell": "cannot tell"}.get(worst.outcome, f"no, {_times(worst.ratio)} ×")
        rounded = f", rounded to {' and '.join(formats)} on the way" if formats and not worst.passed else ""
        return replace(worst, note=f"as accurate as {self.dtype} allows: {answer}{rounded}")

    def _judged(self, runs: Runs, entries: Sequence[Entry]) -> list[_Judged]:
        meant, meant_value, meant_gradient = runs.meant.bounds(entries)
        exact, exact_value, exact_gradient = runs.exact.bounds(entries)
        allowed = meant + exact
        unsure = {True: meant_value or exact_value, False: meant_gradient or exact_gradient}
        own, why = _rounded(runs, entries, runs.rounding)
        floors, why_floor = own, why
        if narrower(runs.record, self.dtype):
            floors, why_floor = _rounded(runs, entries, floor_of(runs.rounding, self.dtype))
        beyond = beyond_range(runs.record)
        made = {id(y): (op, xs) for op, xs, ys in runs.record for y in ys}
        found = list[_Judged]()
        for n, (k, at) in enumerate(entries):
            value = self.names[k] == OUTPUT
            computed, should, does = (float(y[at]) for y in (runs.computed[k], runs.exact.value(k), runs.meant.value(k)))
            scale = _scale(runs, made, k, at)
            undefined = not math.isfinite(should) and not math.isfinite(does)
            wrong = not undefined and not unsure[value] and not abs(does - should) <= allowed[n]
            if wrong and not beyond:
                row = replace(self.blank, measured=abs(does - should), bound=float(allowed[n]))
                found.append(_Judged(row, row, True))
                continue
            both = list[Measurement]()
            for bounds, reasons in ((own, why), (floors, why_floor)):
                obstacle = "the program has no value, in float64 either: it may divide 0 by 0" if undefined else ""
                obstacle = obstacle or beyond or unsure[value] or reasons[value]
                bound, sequential = (
                    float(b[n]) / (1 - bounds.divisor) ** 3 + float(allowed[n]) for b in (bounds.bound, bounds.sequential)
                )
                if obstacle:
                    bound = sequential = math.inf
                row = replace(
                    self.blank, measured=abs(computed - should), bound=bound, sequential=sequential, obstacle=obstacle
                )
                if not obstacle and row.measured <= bound and scale < TELLING * bound:
                    row = replace(row, obstacle="the bound is too large to tell zero from not zero")
                both.append(replace(row, undefined=bool(obstacle) and not math.isfinite(row.measured)))
            found.append(_Judged(both[0], both[1], False))
        return found


def _rounded(runs: Runs, entries: Sequence[Entry], rounding: Rounding) -> tuple[Bounds, dict[bool, str]]:
    """The bounds under a rounding; why they do not hold of values (True) and of gradients (False), if so."""
    bounds = reverse_with_divisors(runs.record, runs.calm, runs.outputs, entries, rounding)
    of_value, of_gradients = undecided(runs.record, runs.outputs[0], (), rounding)
    return bounds, {True: untrusted(bounds, of_value), False: untrusted(bounds, of_gradients)}


def _scale(runs: Runs, made: dict[int, tuple[Op, Sequence[Any]]], output: int, at: tuple[int, ...]) -> float:
    """What there is to see: the largest entry of the exact output, or what the terms of this one add up to without their signs."""
    terms = scale_of(made, runs.outputs[output], at)
    largest = float(np.abs(runs.exact.value(output)).max(initial=0.0))
    return max(largest, terms if math.isfinite(terms) else 0.0)


def _furthest(computed: np.ndarray, meant: np.ndarray, exact: np.ndarray) -> list[tuple[int, ...]]:
    """Places of the entries that are judged, each once."""
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
