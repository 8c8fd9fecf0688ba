"""One subject in one dtype on one device: compiled once, then run and judged for any number of random draws.

Every measured number is an entry of a program's output that a proof says is zero (`quantities`), and its bound is the running error
of that very program, traced in that dtype, on the very numbers it was given (`running_error`): rounded to that dtype first, so that
they are exact. The entries judged are the largest of each output, since they are the closest to failing.

For a control, where the proof says the output moves, the cotangent is a random positive multiple of the output's own sensitivity to
the shift: then the gradient is a sum of positive terms, and cannot be small by chance.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import jax
import numpy as np

from ..devices import Device
from ..replay.op import Record
from ..replay.replay import Replay
from ..roundoff.kinks import at_kink
from ..roundoff.operation_error import computed_once, disturbance
from ..roundoff.precision import HALF, UNIT_ROUNDOFF, computing, storage
from ..roundoff.rounding import Rounding, rounding_of
from ..roundoff.running_error import KINKED, Bounds, reverse_with_divisors
from .measurement import Measurement
from .places import Place, largest_entries, largest_of, scale_of
from .quantities import GRADIENT, HESSIAN, OTHERS, OUTPUT, SHIFT, gradients, shift
from .subject import Subject

DELTAS = (1e-3, 1.0, 1e3, 1e6)
"""Shifts of the parameter. Where the numbers of a dtype are wider apart than inputs near 1, about half a unit, it is not asked: only
a rounded input is left to normalise. A control is shifted by 1: it need not show a small shift."""
FACTORS = {"float64": 1e3, "float32": 1e3, "tf32": 3.0, "bfloat16": 3.0, "float16": 3.0}
"""How many times a control must exceed its bound: a half type has 8 or 11 bits, and a bound uses up several."""
TELLING = 3.0
"""A bound of a proved zero is worth something if what would be there without the cancellation exceeds it so many times."""
TRUSTED = 1 / 4
"""The part of a divisor that round-off may change before a first-order bound is no longer trusted."""
VISIBLE = 0.5
"""A control's output must move by this if its bias is shifted by 1, and as fast by a small shift; outputs are of order 1."""
SLIGHT = 2.0**-30
"""A shift that stands for the derivative: so small that hardly any ReLU has its kink within it, so large that float64 sees it."""
DRAWS = 50
"""Draws after which a control is taken where it moves most: it fails unless a run has shown that its parameter acts, and what is
measured would be as small without any rounding."""
TRIES = 5
"""Draws without any finite output, in float64, after which a program counts as one without a value."""


class Check:
    """A subject in a dtype on a device, ready to run.

    - whole: all quantities of a proved zero, not only the bias gradient and the output's shift;
    - rounding: how that device rounds (default: measured).

    Compiles on construction. Raises CheckError for an unknown dtype.
    """

    def __init__(
        self,
        subject: Subject,
        dtype: str,
        device: Device | None = None,
        whole: bool = True,
        rounding: Rounding | None = None,
    ) -> None:
        self.subject, self.dtype, self.kind = subject, dtype, storage(dtype)
        self.device = device or jax.devices()[0]
        self.rounding = rounding or rounding_of(dtype, self.device.platform)
        whole = whole and subject.expected == "below"
        params, x, amounts = self._drawn(np.random.default_rng(0))
        with computing(dtype), jax.default_device(self.device):
            self._output_shape = jax.eval_shape(subject.function, params, x).shape
            cotangent = np.zeros(self._output_shape, self.kind)
            traced = jax.jit(gradients(subject, whole)).trace(params, x, cotangent, amounts, amounts)
            self._compiled = traced.lower().compile()
            self._gradients = Replay(traced.jaxpr, shared=computed_once)
            self._shift = Replay(jax.make_jaxpr(shift(subject))(params, x, amounts, amounts), shared=computed_once)

    def run(self, seed: int, deltas: Sequence[float] = DELTAS) -> list[Measurement]:
        """All quantities for one random draw; one measurement of the output's shift for each δ that the dtype can hold."""
        random = np.random.default_rng(seed)
        drawn = self._drawn_telling(random)
        params, x, amounts, mixture = drawn.params, drawn.x, drawn.amounts, drawn.mixture
        arguments = (params, x, drawn.cotangent.astype(self.kind), amounts, mixture.astype(self.kind))
        outputs = self._outputs(arguments)
        found = self._judged(self._gradients, arguments, outputs, drawn)
        for delta in deltas if self.subject.expected == "below" else (1.0,):
            if delta * UNIT_ROUNDOFF[self.kind.name] < 1 / 4:
                moved = (amounts + delta * mixture).astype(self.kind)
                ((_, after),) = (pair for pair in self._outputs((*arguments[:3], moved, arguments[4])) if pair[0] == OUTPUT)
                before = next(y for quantity, y in outputs if quantity == OUTPUT)
                apart = [(f"{SHIFT} by {delta:g}", after - before)]
                found += self._judged(self._shift, (params, x, amounts, moved), apart, drawn)
        return found

    def _drawn(self, random: np.random.Generator) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
        """Parameters, input and amounts of the shift, rounded to the dtype; a parameter that drops out whole starts at 0."""
        params, x = self.subject.draw(random)
        bias, directions = params[self.subject.bias], self.subject.directions
        if directions is None:
            params = {**params, self.subject.bias: np.zeros_like(bias)}
        amounts = random.normal(size=bias.shape if directions is None else len(directions))
        return {name: value.astype(self.kind) for name, value in params.items()}, x.astype(self.kind), amounts.astype(self.kind)

    def _drawn_telling(self, random: np.random.Generator) -> _Drawn:
        """Of a control drawn again while the shift hardly moves its output.

        A bias that acts need not act everywhere: behind ReLU it does not while all units of a channel are on, or all off.
        """
        best: _Drawn | None = None
        for _ in range(DRAWS):
            params, x, amounts = self._drawn(random)
            mixture = random.choice([-1.0, 1.0], amounts.shape)
            cotangent = random.normal(size=self._output_shape)
            if self.subject.expected == "below":
                return _Drawn(params, x, amounts, mixture, cotangent, np.zeros(()))
            slight, far = self._moved(params, x, amounts, SLIGHT * mixture), self._moved(params, x, amounts, mixture)
            speed = float(np.abs(slight).max(initial=0.0))
            cotangent = random.uniform(0.5, 1.5, self._output_shape) * slight / max(speed, np.finfo(float).tiny)
            moves = min(speed / SLIGHT, float(np.abs(far).max(initial=0.0)))
            if best is None or moves > best.moves:
                best = _Drawn(params, x, amounts, mixture, cotangent, slight, moves)
            if moves > VISIBLE:
                break
        assert best is not None
        return best

    @functools.cached_property
    def _undefined(self) -> bool:
        """Whether the program has no finite output in float64, whatever it is given."""
        random = np.random.default_rng(0)
        drawn = (self._drawn(random) for _ in range(TRIES))
        return not any(np.isfinite(self._moved(*some, np.ones_like(some[2], np.float64))).any() for some in drawn)

    def _moved(self, params: Mapping[str, np.ndarray], x: np.ndarray, amounts: np.ndarray, by: np.ndarray) -> Any:
        """What the output changes by, in float64 (the shift itself need not fit the dtype)."""
        (change,) = self._shift([*jax.tree.leaves((params, x, amounts)), amounts + by])
        return change

    def _outputs(self, arguments: tuple[Any, ...]) -> list[tuple[str, np.ndarray]]:
        """(quantity, array in float64) for each output of the compiled program, in the order of the replay's."""
        with computing(self.dtype), jax.default_device(self.device):
            results, _ = jax.tree_util.tree_flatten_with_path(self._compiled(*arguments))
            return [(path[0].key, np.asarray(y).astype(np.float64)) for path, y in results]

    def _judged(
        self, replay: Replay, arguments: tuple[Any, ...], results: Sequence[tuple[str, np.ndarray]], drawn: _Drawn
    ) -> list[Measurement]:
        """One measurement for each quantity among the results of a program, whose replay bounds them."""
        record, calm = Record(), Record()
        prepared = replay.prepare(jax.tree.leaves(arguments))
        outputs = replay.run(prepared, record, disturbance(self.rounding))
        if any(op.name in KINKED for op, _, _ in record):
            replay.run(prepared, calm)
        places = [
            place for k, (quantity, y) in enumerate(results) if quantity != OUTPUT for place in largest_entries(quantity, k, y)
        ]
        bounds = reverse_with_divisors(record, calm, outputs, [place.entry for place in places], self.rounding)
        made = {id(y): (op, xs) for op, xs, ys in record for y in ys}
        places = [
            place
            if place.quantity == HESSIAN
            else replace(place, scale=scale_of(made, outputs[place.entry[0]], place.entry[1]))
            for place in places  # a Hessian row is zero twice over: its terms are round-off themselves, and say nothing of its size
        ]
        kink = any(place.quantity == OTHERS for place in places) and at_kink(record, self.rounding)
        found: list[Measurement] = []
        for quantity in dict.fromkeys(place.quantity for place in places):
            of = [(place, n) for n, place in enumerate(places) if place.quantity == quantity]
            rows = self._rows(quantity, of, bounds, kink and quantity == OTHERS)
            worst = self._worst(rows, record)
            found.append(worst if worst.passed else self._excused(worst, rows, lambda: replay.run(prepared), drawn))
        return found

    def _excused(
        self, row: Measurement, rows: Mapping[Place, Measurement], unrounded: Callable[[], list[np.ndarray]], drawn: _Drawn
    ) -> Measurement:
        """A failed measurement of a control that was shown to act, excused where float64 finds as little to see, and the dtype sees it.

        Little is less than it should exceed. A gradient of nearly nothing is no excuse where the output itself moves. Of a program
        without a value nothing can be told at all.
        """
        if not math.isfinite(row.measured):
            if not self._undefined:
                return row
            return replace(row, undefined=True, obstacle="the program has no value, in float64 either: it may divide 0 by 0")
        if row.expected == "below" or not self.subject.witnessed or not math.isfinite(row.bound):
            return row
        outputs = [np.abs(y) for y in unrounded()]
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

    def _rows(
        self, quantity: str, measured: Sequence[tuple[Place, int]], bounds: Bounds, kink: bool
    ) -> dict[Place, Measurement]:
        """A measurement of each of a quantity's judged entries."""
        expected, dtype = self.subject.expected, self.dtype
        if quantity == GRADIENT and self.subject.gradient is not None:
            expected = self.subject.gradient
        untrusted = self._untrusted(bounds, kink)

        def inflated(bound: np.ndarray, n: int) -> float:
            """A norm's backward pass divides by its root three times."""
            return math.inf if untrusted else float(bound[n]) / (1 - bounds.divisor) ** 3

        rows: dict[Place, Measurement] = {}
        for place, n in measured:
            row = Measurement(
                case=self.subject.case,
                bias=self.subject.bias,
                quantity=quantity,
                dtype=dtype,
                device=self.device.platform,
                count=self.subject.count,
                measured=place.value,
                bound=inflated(bounds.bound, n),
                sequential=inflated(bounds.sequential, n),
                expected=expected,
                factor=FACTORS[dtype] if expected == "above" else 1.0,
            )
            rows[place] = replace(row, obstacle=untrusted or self._too_large(row, place.scale))
        return rows

    def _worst(self, rows: Mapping[Place, Measurement], record: Record) -> Measurement:
        """Of a quantity's judged entries the one closest to failing; of a control's the one that shows most."""
        worst = max(rows.values(), key=_nearness)
        if not math.isfinite(worst.measured) and (largest := largest_of(record)) > float(jax.numpy.finfo(self.kind).max):
            obstacle = (
                f"a value of {largest:.2g} on the way is beyond the largest {self.dtype}: try a larger ε, or a wider dtype"
            )
            return replace(worst, obstacle=obstacle)
        return worst

    def _untrusted(self, bounds: Bounds, kink: bool) -> str:
        """Why a first-order bound does not hold here, if it does not: then there is none."""
        if bounds.unknown:
            return f"the rounding of the operation `{bounds.unknown}` is not known"
        if not (divisor := bounds.divisor) <= TRUSTED:
            change = f"{divisor:.0%}" if divisor < 10 else "all of it"
            return (
                f"round-off may change a divisor by more than a quarter, which a first-order bound does not cover: by {change}"
            )
        if kink:
            return (
                "a maximum or comparison is within round-off of its kink, where another run may differentiate the other branch"
            )
        return ""

    def _too_large(self, m: Measurement, scale: float) -> str:
        """Why the bound tells nothing, if it does not."""
        if m.expected == "below":
            times, factor = scale / m.bound if m.bound else math.inf, TELLING
        else:
            times, factor = m.ratio, m.factor if self.dtype in HALF else 0.0
        if times >= factor or (m.expected == "below" and m.ratio > 1):  # an exceeded bound is never excused
            return ""
        limit = int(m.count * times / factor) if math.isfinite(times) else 0
        room = f": with up to about {limit} values normalised together it could" if 2 <= limit < m.count else ""
        return f"the bound is too large to tell zero from not zero{room}"


def _nearness(m: Measurement) -> tuple[bool, bool, float, float]:
    """Larger for what is closer to failing. What the dtype cannot tell comes last, unless it is above its bound all the same."""
    failing = not math.isfinite(m.measured) or (m.expected == "below" and m.ratio > 1)
    return failing, not m.obstacle, m.ratio, m.measured


@dataclass(frozen=True)
class _Drawn:
    """What one run is given; for a control `slight`, what a slight shift along the mixture changes the output by, and `moves`, how
    far the output moves: by a shift by 1, and by 1 at the speed of a slight one, whichever is less.
    """

    params: dict[str, np.ndarray]
    x: np.ndarray
    amounts: np.ndarray
    mixture: np.ndarray
    cotangent: np.ndarray
    slight: np.ndarray
    moves: float = math.inf
