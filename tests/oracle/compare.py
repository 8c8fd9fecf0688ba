"""One subject in one dtype: what `Check` claims of its round-off beside the exact values, and what it makes of what is measured.

A bound of an entry claims |computed − exact| ≤ bound, whatever the exact value. So it is compared at the entries that are judged, at
random others, and at the output itself, whose exact value is not zero. What is judged and said to have failed although its exact
value is zero is a false alarm.
"""

from __future__ import annotations

import contextlib
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import jax
import jax.numpy as jnp
import numpy as np

from bnproof.numeric.checking import judge as judging
from bnproof.numeric.checking.check import Check
from bnproof.numeric.checking.judge import Judge
from bnproof.numeric.checking.measurement import Measurement
from bnproof.numeric.checking.places import Place
from bnproof.numeric.checking.quantities import OUTPUT, SHIFT, gradients, shift
from bnproof.numeric.checking.subject import Subject
from bnproof.numeric.checking.trust import Trust
from bnproof.numeric.roundoff.precision import computing

from .balls import UndecidedError, arb, bits
from .evaluate import UnknownOperationError, evaluate
from .places import floating

VALUE = "output value"
"""The output under a name that is judged."""
EXTRA = 6
"""Random entries compared of each output, besides those judged."""
BITS = (256, 1024, 4096)
"""Precisions, the next where balls are too wide to tell."""


@dataclass
class Seen:
    """One call of the judge: a program's arguments, and of each entry looked at its row and what was computed."""

    quantity: str
    arguments: Sequence[Any]
    rows: dict[Place, Measurement] = field(default_factory=dict[Place, Measurement])
    computed: dict[tuple[int, tuple[int, ...]], float] = field(default_factory=dict[tuple[int, tuple[int, ...]], float])


class Watched(Judge):
    """A judge that keeps what it claims, and judges random entries and the output besides."""

    seen: list[Seen]

    def judged(
        self, replay: Any, arguments: Any, results: Any, drawn: Any, draws: Any, among_them: float = 0.0
    ) -> list[Measurement]:
        random = np.random.default_rng(len(self.seen))
        shifted = results[0][0].startswith(SHIFT)
        seen = Seen(results[0][0] if shifted else "", arguments)
        self.seen.append(seen)
        named = [(VALUE if quantity == OUTPUT else quantity, y) for quantity, y in results]

        def places(quantity: str, output: int, y: np.ndarray) -> list[Place]:
            some = random.choice(y.size, min(EXTRA, y.size), replace=False)
            more = [tuple(int(i) for i in np.unravel_index(n, y.shape)) for n in some]
            found = [*judging_places(quantity, output, y), *(Place(quantity, (output, at), abs(float(y[at]))) for at in more)]
            seen.computed.update({place.entry: float(y[place.entry[1]]) for place in found})
            return found

        judging_places, lacking = judging.largest_entries, judging.without_value(replay, jax.tree.leaves(arguments), results)
        with (
            mock.patch.object(judging, "largest_entries", places),
            mock.patch.object(judging, "without_value", return_value=lacking),
        ):
            return [m for m in super().judged(replay, arguments, named, drawn, draws, among_them) if m.quantity != VALUE]

    def _row(self, place: Place, n: int, trust: Trust, among: int) -> Measurement:
        row = super()._row(place, n, trust, among)
        self.seen[-1].rows[place] = row
        return row


def watched(judge: Judge) -> Watched:
    other = Watched(**{name: getattr(judge, name) for name in judge.__dataclass_fields__})
    object.__setattr__(other, "seen", [])
    return other


@dataclass
class Tally:
    """Counts, and what must not be, in words.

    - compared: entries with a finite bound whose exact value is known, by their quantity; nearest: the largest |computed − exact| /
      bound of each quantity; unbounded: entries without a bound, by the reason; open: entries that balls cannot tell, by the reason;
    - outcomes of judged measurements; untold: the reasons of "cannot tell"; exceeded, alarms: bounds that do not hold, false failures.
    """

    structures: int = 0
    draws: int = 0
    compared: Counter[str] = field(default_factory=Counter[str])
    nonzero: int = 0
    nearest: dict[str, float] = field(default_factory=dict[str, float])
    unbounded: Counter[str] = field(default_factory=Counter[str])
    open: Counter[str] = field(default_factory=Counter[str])
    outcomes: Counter[str] = field(default_factory=Counter[str])
    untold: Counter[str] = field(default_factory=Counter[str])
    exceeded: list[str] = field(default_factory=list[str])
    alarms: list[str] = field(default_factory=list[str])

    def join(self, other: Tally) -> None:
        self.structures, self.draws, self.nonzero = (
            self.structures + other.structures, self.draws + other.draws, self.nonzero + other.nonzero
        )  # fmt: skip
        for name in ("compared", "unbounded", "open", "outcomes", "untold"):
            getattr(self, name).update(getattr(other, name))
        for quantity, ratio in other.nearest.items():
            self.nearest[quantity] = max(self.nearest.get(quantity, 0.0), ratio)
        self.exceeded += other.exceeded
        self.alarms += other.alarms

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {name: dict(value.most_common()) if isinstance(value, Counter) else value for name, value in plain.items()}


class Oracle:
    """A subject in a dtype: the check, compiled, and its two programs traced for the exact evaluation."""

    def __init__(self, subject: Subject, dtype: str, whole: bool = True) -> None:
        self.subject, self.dtype = subject, dtype
        self.check = Check(subject, dtype, whole=whole)
        self.judge = watched(self.check.judge)
        self.check.judge = self.judge
        params, x = subject.draw(np.random.default_rng(0))
        kind = self.check.kind
        params, x = {name: value.astype(kind) for name, value in params.items()}, x.astype(kind)
        directions = subject.directions
        amounts = np.zeros(params[subject.bias].shape if directions is None else len(directions), kind)
        with computing(dtype):
            shape = jax.eval_shape(subject.function, params, x).shape
            self.programs = {
                "": jax.make_jaxpr(gradients(subject, whole and subject.expected == "below"))(
                    params, x, np.zeros(shape, kind), amounts, amounts
                ),
                SHIFT: jax.make_jaxpr(shift(subject))(params, x, amounts, amounts),
            }

    def compare(self, seed: int, deltas: Sequence[float]) -> Tally:
        """One draw: what is judged, and each claim beside the exact value."""
        tally = Tally(draws=1)
        self.judge.seen.clear()
        with np.errstate(all="ignore"):
            found = self.check.run(seed, deltas)
        truths: dict[str, float] = {}
        programs: dict[str, Values] = {}
        for seen in self.judge.seen:
            values = Values(self.programs[SHIFT if seen.quantity else ""], seen.arguments)
            for place, row in seen.rows.items():
                self._claim(tally, seed, place, row, seen.computed[place.entry], values)
                truths[place.quantity] = max(truths.get(place.quantity, 0.0), values.size(place.entry))
                programs[place.quantity] = values
        for m in found:
            tally.outcomes[f"{m.expected}: {m.outcome}"] += 1
            if m.outcome == "cannot tell":
                tally.untold[f"{m.quantity.split(' by ')[0]}: {reason(m.obstacle)}"] += 1
            if m.outcome == "FAILED" and m.expected == "below":
                why = programs[m.quantity].largest()
                tally.alarms.append(f"{self._where(seed)}: {m.quantity}: {m.measured:.3g} against {m.bound:.3g} {why}")
            if m.expected == "below" and truths[m.quantity]:
                tally.alarms.append(f"{self._where(seed)}: {m.quantity} is not zero: {truths[m.quantity]:.3g}")
        return tally

    def _where(self, seed: int) -> str:
        return f"{self.subject.case} [{self.dtype}] draw {seed}"

    def _claim(self, tally: Tally, seed: int, place: Place, row: Measurement, computed: float, values: Values) -> None:
        quantity = place.quantity.split(" by ")[0]
        if not math.isfinite(row.bound):
            tally.unbounded[f"{quantity}: {reason(row.obstacle)}"] += 1
            return
        verdict, error = values.against(place.entry, computed, row.bound)
        if verdict in ("held", "exceeded"):
            tally.compared[quantity] += 1
            tally.nonzero += values.size(place.entry) > 0
            ratio = error / row.bound if row.bound else (math.inf if verdict == "exceeded" else 0.0)
            tally.nearest[quantity] = max(tally.nearest.get(quantity, 0.0), ratio)
        else:
            tally.open[verdict] += 1
        if verdict == "exceeded":
            tally.exceeded.append(
                f"{self._where(seed)}: {place.quantity} {place.entry}: computed {computed:.9g}, off by {error:.3g}, "
                f"bound {row.bound:.3g} {values.largest()}"
            )


class Values:
    """The exact outputs of a program, with more bits whenever fewer do not tell."""

    def __init__(self, jaxpr: Any, arguments: Any) -> None:
        self.jaxpr, self.arguments, self.why = jaxpr, jax.tree.leaves(arguments), ""
        self.known: dict[int, list[Any]] = {}

    def at(self, entry: tuple[int, tuple[int, ...]], count: int) -> Any:
        if count not in self.known:
            try:
                with bits(count):
                    self.known[count] = evaluate(self.jaxpr, self.arguments)
            except (UndecidedError, UnknownOperationError) as error:
                self.why, self.known[count] = f"{type(error).__name__}: {error}", []
        outputs = self.known[count]
        return outputs[entry[0]][entry[1]] if outputs else arb("nan")

    def size(self, entry: tuple[int, tuple[int, ...]]) -> float:
        """A number that |exact| surely exceeds, 0 where it may be zero."""
        value = self.at(entry, BITS[0])
        return float(abs(value).lower()) if value.is_finite() and not value.contains(0) else 0.0

    def largest(self) -> str:
        """The first operation whose exact result is beyond the largest number of its type, or, not 0, below its normal range."""
        found: dict[str, str] = {}

        def watch(equation: Any, results: Any) -> None:
            for variable, y in zip(equation.outvars, results, strict=True):
                if not floating(variable.aval):
                    continue
                info, sizes = jnp.finfo(variable.aval.dtype), [abs(v) for v in y.reshape(-1)]
                if any(v > float(info.max) for v in sizes if v.is_finite()):
                    found.setdefault("overflows", equation.primitive.name)
                elif any(v < float(info.tiny) and not v.contains(0) for v in sizes):
                    found.setdefault("underflows", equation.primitive.name)

        with contextlib.suppress(UndecidedError, UnknownOperationError), bits(BITS[0]):
            evaluate(self.jaxpr, self.arguments, watch=watch)
        return ", ".join(f"{found[how]} {how}" for how in ("overflows", "underflows") if how in found)

    def against(self, entry: tuple[int, tuple[int, ...]], computed: float, bound: float) -> tuple[str, float]:
        """("held" or "exceeded", |computed − exact|), or why that cannot be told."""
        value = arb("nan")
        for count in BITS:
            value = self.at(entry, count)
            if self.why:
                return self.why, math.nan
            if not math.isfinite(computed):
                return ("exceeded", math.inf) if value.is_finite() else ("no value", math.nan)
            if not value.is_finite():
                continue  # more bits may show that a divisor is not zero
            with bits(count):
                off = abs(value - arb(computed))
                if off > arb(bound):
                    return "exceeded", float(off.lower())
                if off <= arb(bound) or (value.rad() < 1e-40 * max(abs(computed), bound, 1e-300) and off.lower() <= arb(bound)):
                    return "held", float(off.upper()) if off.mid() > off.rad() else 0.0
        return ("no value" if not value.is_finite() else "a branch hangs on overlapping balls"), math.nan


def reason(obstacle: str) -> str:
    """The kind of an obstacle: its words without numbers."""
    words = obstacle.split(":", maxsplit=1)[0]
    return " ".join("…" if any(c.isdigit() for c in word) else word for word in words.split()) or "none given"


def compare(subject: Subject, dtype: str, seeds: Iterable[int], deltas: Sequence[float], whole: bool = True) -> Tally:
    """All draws of a subject in a dtype."""
    total, oracle = Tally(structures=1), Oracle(subject, dtype, whole)
    for seed in seeds:
        total.join(oracle.compare(seed, deltas))
    return total
