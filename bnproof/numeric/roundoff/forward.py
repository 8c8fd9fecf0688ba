"""How far apart any two runs of a program may be, entry by entry and all orders counted: one pass along a recorded run.

Let v be a recorded value, v* the exact one on the same arguments, v̂ what a device computes. |v̂ − v*| ≤ e, and v itself lies within
(reach − 1)e of v*: reach is 2 where the record is as inexact as the device, and nearly 1 where it is far more exact. An operation f
whose own rounding adds w at most then has

    f(x̂) + w − f(x*) = f′(x)(x̂ − x*) + w + ρ,    |ρ| ≤ (reach − ½) sup|f″| e²,

the supremum over all operands within reach·e of x. With all operations taken together this is a linear system, and one reverse pass
along the record solves it (`running_error`) once every ρ is counted beside its w: nothing is left out. ρ is what first order leaves
out, and no more: curvature; products of two errors; at a kink that reach·e reaches across, the other side. max, abs and select then
have any ρ that their values may differ by, so that the bound holds whichever branch a run takes, in the derivatives that a program
computes as in its values. Where an operand may reach a pole, or an operation is unknown, ρ = ∞.

e itself follows by the triangle inequality: e(y) = |f′|e(x) + ρ + w. It forgets that errors may cancel, which makes ρ larger than need
be: in half types far larger. There ρ may be left out where it is small, as first-order analysis does (`Forward.steep`).

Source: Higham (2002), §3.3 (running error analysis). Keeping the second order beside the first, by Taylor's theorem, is as in Solovyev
et al., Rigorous estimation of floating-point round-off errors with symbolic Taylor expansions (2018), who bound it over boxes.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ...host import on_host
from ..replay.op import Op, Record
from ..replay.operations import aligned, complexes, floating
from .operation_error import Among, Error, Own
from .propagation import propagated
from .step import Part, Seen

SLIGHT = 2.0**-10
"""A ρ that is at most this part of the operation's own rounding, in every entry, is counted as so much more rounding."""
SMALL = 1 / 4
"""A ρ of at most this part of what first order passes on may be left out: the slope then is off by no more than so much."""
Key = tuple[int, int]
Watch = Callable[[Op, Sequence[Any], Any, Any], None]
"""Is shown each operation, its operands, one floating result, and what the errors of the operands may move that result by."""


@dataclass
class Forward:
    """What a pass found, by (operation, result).

    - rests: ρ of each result, an array, or `SLIGHT`; steep: the same where it is more than `SMALL` of what first order passes on,
      or was made by a decision;
    - lost: those of infinite ρ whose operands were finite, and finitely bounded; kinks: those of which a decision made ρ;
    - among: how the ρ of operations that may put a number elsewhere meets sensitivities (`Error.among`);
    - undecided: an operation that decides the course of a loop or branch within round-off; empty if there is none.
    """

    rests: dict[Key, Any] = field(default_factory=dict[Key, Any])
    steep: dict[Key, Any] = field(default_factory=dict[Key, Any])
    lost: dict[Key, str] = field(default_factory=dict[Key, str])
    kinks: dict[Key, str] = field(default_factory=dict[Key, str])
    among: dict[Key, Among] = field(default_factory=dict[Key, Among])
    undecided: str = ""

    def counted(self, own: Own, rests: Mapping[Key, Any] | None = None) -> Own:
        """What each operation may add: its own rounding and its ρ (default: all of it)."""
        rests = self.rests if rests is None else rests

        def both(op: Op, xs: Sequence[Any], y: Any) -> tuple[Error, ...] | None:
            errors, rest = own(op, xs, y), rests.get((id(op), id(y)))
            if errors is None or rest is None:
                return errors
            if isinstance(rest, float):
                return tuple(replace(e, times=e.times * (1 + rest), worst=e.worst * (1 + rest)) for e in errors)
            return (*errors, Error(1.0, 1.0, rest, 1.0, 0.0, True, self.among.get((id(op), id(y)))))

        return both

    @property
    def smooth(self) -> dict[Key, Any]:
        """Every ρ but those that a decision made."""
        return {key: rest for key, rest in self.rests.items() if key not in self.kinks}


def forward(
    record: Record, own: Own, outputs: Sequence[Any] = (), watch: Watch | None = None, seen: Seen | None = None
) -> Forward:
    """One pass along a recorded run of one copy. `outputs`: the program's results.

    seen: what is known of arguments and constants that are not exact, and of the run's reach; by default all are exact.
    """
    found, seen = Forward(), seen or Seen(reach(record))
    uses = Counter(id(x) for _, xs, _ in record for x in xs)
    read = {*uses, *map(id, outputs)}
    with on_host(), np.errstate(all="ignore"):
        for op, xs, ys in record:
            for y, part in zip(ys, propagated(op, xs, ys, seen), strict=True):
                if isinstance(y, np.ndarray):
                    _settle(found, seen, (op, xs, y), part, own, watch)
                    if id(y) in seen.unsure and id(y) not in read:
                        found.undecided = found.undecided or op.name
            for x in xs:
                uses[id(x)] -= 1
                if not uses[id(x)]:
                    seen.error.pop(id(x), None)
    return found


def reach(record: Record) -> float:
    """How many e a run may lie from the recorded one: the record is as inexact as a run in float64, and nearly exact beside any other."""
    doubles = any(dtype == np.float64 for op, _, _ in record for dtype in op.dtypes or (np.float64,))
    return 2.0 if doubles else 1 + 2.0**-20


def _settle(found: Forward, seen: Seen, at: tuple[Op, Sequence[Any], Any], part: Part, own: Own, watch: Watch | None) -> None:
    """Adds an operation's own rounding to what it passes on, and keeps both."""
    op, xs, y = at
    if not (floating(y.dtype) or complexes(y.dtype)):
        if part.error is not None and np.any(part.error):
            seen.unsure[id(y)] = np.broadcast_to(part.error, y.shape)
        return
    if watch is not None:
        watch(op, xs, y, 0.0 if part.error is None else part.error)
    errors = own(op, xs, y)
    if errors is None:
        seen.error[id(y)] = np.full(y.shape, np.inf)
        return
    sizes = [error.largest for error in errors]
    total = functools.reduce(np.add, sizes, 0.0 if part.error is None else part.error)
    if part.error is None and not sizes:
        return
    near = seen.reach * sum(error.times * error.unit for error in errors)
    if near:  # the rounding is relative to what a run computes, not to what was recorded
        total = total / (1 - near) if near < 1 else np.full(y.shape, np.inf)
    sure = _surely_infinite(op, xs, y, seen)
    seen.error[id(y)] = total = np.broadcast_to(_known(np.where(sure, 0.0, total)), y.shape)
    if part.error is None:
        return
    rest = np.where(sure, 0.0, near * total + (0.0 if part.rest is None else part.rest))
    if np.any(rest):
        _keep(found, seen, at, replace(part, rest=_known(rest)), sizes)


def _surely_infinite(op: Op, xs: Sequence[Any], y: Any, seen: Seen) -> Any:
    """Where a sum is infinite in every run: one term is, as a mask of −∞ is, and the other a number in all of them."""
    if op.name not in ("add", "sub") or not np.isinf(y).any():
        return False
    errors = [np.isfinite(seen.error.get(id(x), 0.0)) for x in xs]
    infinite = functools.reduce(np.logical_or, aligned([np.isinf(x) for x in xs]))
    return (
        np.isinf(y)
        & infinite
        & functools.reduce(np.logical_and, aligned([e if e.ndim else e.reshape((1,) * y.ndim) for e in errors]))
    )


def _keep(found: Forward, seen: Seen, at: tuple[Op, Sequence[Any], Any], part: Part, sizes: Sequence[Any]) -> None:
    """Keeps a ρ, if it is more than slight."""
    op, xs, y = at
    if part.among is not None:
        key = (id(op), id(y))
        found.rests[key] = found.steep[key] = part.moved
        found.among[key], found.kinks[key] = part.among, op.name
        return
    key, rest = (id(op), id(y)), np.broadcast_to(part.rest, y.shape)
    if sizes and bool((rest <= SLIGHT * sizes[0]).all()):
        found.rests[key] = SLIGHT
        return
    found.rests[key] = rest
    if part.kink:
        found.kinks[key], found.steep[key] = op.name, rest
    elif (steep := ~(rest <= SMALL * (part.error - rest))).any():
        found.steep[key] = np.where(steep, rest, 0.0)
    if np.isinf(rest).any() and all(np.isfinite(seen.error.get(id(x), 0.0)).all() for x in xs) and _finite(xs, rest):
        found.lost[key] = op.name


def _finite(xs: Sequence[Any], rest: Any) -> bool:
    """Whether an entry without bound was made of finite numbers."""
    parts = [np.isfinite(x) for x in xs if isinstance(x, np.ndarray) and floating(x.dtype)]
    try:
        return bool((np.isinf(rest) & functools.reduce(np.logical_and, aligned(parts))).any())
    except ValueError:  # entries of operands that are mixed
        return all(bool(part.all()) for part in parts)


def _known(e: Any) -> Any:
    """Infinite where nothing is known."""
    return np.where(np.isnan(e), np.inf, e) if np.isnan(np.sum(e)) else e
