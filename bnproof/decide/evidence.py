"""What runs in float64 say: that a shift of everything proved redundant changes nothing, and witnesses for the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import ContradictionError
from ..jaxpr import evaluated
from ..numeric.replay.replay import Replay
from ..numeric.roundoff.shift import Change, Unshifted
from ..verdict import Witness
from .program import Program, as_read

CLEAR = 1e3
"""A witness moves the output by at least this many times its round-off bound; a redundant parameter doing so is a contradiction."""
AGREE = 16.0
"""A first-order bound leaves out terms of second order: up to this many times the bound counts as agreement."""
ATTEMPTS: tuple[tuple[str, float], ...] = (("first", 0.5), ("last", 2.0), ("middle", -4.0), ("first", 16.0), ("last", -16.0))
"""(which entry, shift) of the attempts to find a witness, each with a new seed."""
VALUELESS = f"each of {len(ATTEMPTS)} runs gave no number, only NaN or infinity"
"""Said where no run had a value that could be compared."""


@dataclass(frozen=True)
class Evidence:
    """What runs showed.

    - confirmed: True if a joint shift of all that is proved redundant changed nothing; None if that was not run or could not tell,
      and `unconfirmed` says why;
    - witnesses, by name, of parameters that act; unwitnessed: why there is none, for each other parameter;
    - valueless: whether every entry of every output was NaN or infinite in every run.
    """

    confirmed: bool | None = None
    unconfirmed: str = ""
    witnesses: Mapping[str, Witness] = field(default_factory=dict[str, Witness])
    unwitnessed: Mapping[str, str] = field(default_factory=dict[str, str])
    valueless: bool = False


def evidence(program: Program, free: Sequence[str], rest: Sequence[str], seed: int) -> Evidence:
    """Runs of the program with the inputs `free` shifted jointly, and each of `rest` by itself.

    Raises ContradictionError if the joint shift moves an output clearly above its round-off bound.
    """
    if program.sample is None:
        return Evidence(None, program.unrun, {}, dict.fromkeys(rest, f"no run was made: {program.unrun}"))
    runs = _Runs(program, seed)
    if not runs.first.floating:
        why = "no output is a floating-point number, and only those are compared"
        return Evidence(None, why, {}, dict.fromkeys(rest, why))
    if runs.valueless():
        return Evidence(None, VALUELESS, {}, dict.fromkeys(rest, VALUELESS), valueless=True)
    confirmed, why = _confirmed(program, runs, free) if free else (None, "")
    return Evidence(confirmed, why, *_witnesses(program, runs, rest))


class _Runs:
    """The unshifted run of each attempt: the first is kept, the others are made anew each time they are asked for."""

    def __init__(self, program: Program, seed: int) -> None:
        self.program, self.seed = program, seed
        self.replay = Replay(program.first_outputs(), as_read, program.dims)
        self.first = self.at(0)

    def arguments(self, attempt: int) -> list[Any]:
        assert self.program.sample is not None
        return self.program.sample(self.seed + attempt)

    def at(self, attempt: int) -> Unshifted:
        return Unshifted(self.replay, self.arguments(attempt))

    def valueless(self) -> bool:
        """Whether no attempt has a finite entry in its outputs."""
        return self.first.valueless and all(self.at(attempt).valueless for attempt in range(1, len(ATTEMPTS)))


def _confirmed(program: Program, runs: _Runs, free: Sequence[str]) -> tuple[bool | None, str]:
    """Whether shifting all parameters proved redundant, by a value of its own in every entry, leaves the outputs alone; or why
    that is not known.
    """
    random = np.random.default_rng(len(free))
    shifts = [(program.inputs.index(name), random.normal(size=_shape(program, name))) for name in free]
    changes = runs.first.agree(shifts)
    if not all(change.finite for change in changes):
        return None, "the run has NaN or infinity in its output"
    if all(np.isfinite(change.bound) and change.change <= AGREE * change.bound for change in changes):
        return True, ""
    worst = max(changes, key=lambda change: change.factor)
    if _clear(worst):
        raise ContradictionError(
            f"internal error: {', '.join(free)} proved redundant in {program.mode} mode, yet a shift moves output "
            f"{worst.output} at {worst.index} by {worst.change:.3g}, {worst.factor:.3g} times its round-off "
            "bound. One of the two is wrong: please report this program. No verdict is given."
        )
    endless = next((change for change in changes if not np.isfinite(change.bound)), None)
    if endless is not None:
        return None, _endless(endless)
    return None, f"the outputs of two runs differ by {worst.factor:.2g} times the first-order round-off bound"


def _witnesses(program: Program, runs: _Runs, rest: Sequence[str]) -> tuple[dict[str, Witness], dict[str, str]]:
    found: dict[str, Witness] = {}
    why: dict[str, str] = {}
    for attempt, (which, shift) in enumerate(ATTEMPTS):
        open_ = [name for name in rest if name not in found]
        if not open_:
            break
        run = runs.at(attempt) if attempt else runs.first
        entries = [_entry(program, name, which) for name in open_]
        shifts = [_one_entry(program, name, entry, shift) for name, entry in zip(open_, entries, strict=True)]
        for name, entry, change in zip(open_, entries, run.moved(shifts), strict=True):
            if _clear(change):
                place = (change.output, *change.index)
                found[name] = Witness(runs.seed + attempt, shift, change.change, change.bound, entry, place)
            elif name not in why and change.change > 0 and not np.isfinite(change.bound):
                why[name] = f"a shift moved the output, but {_endless(change)}"
    none = "no shift tried moved the output clearly above its round-off bound"
    return found, {name: why.get(name, none) for name in rest if name not in found}


def _endless(change: Change) -> str:
    """Why a bound is infinite."""
    if change.unknown:
        return f"the round-off bound is infinite: the rounding of `{change.unknown}` is not known"
    return "the round-off bound is infinite: a derivative is"


def _shape(program: Program, name: str) -> tuple[int, ...]:
    return tuple(evaluated(size, program.dims) for size in program.shape(name))


def _entry(program: Program, name: str, which: str) -> int:
    size = int(np.prod(_shape(program, name)))
    return {"first": 0, "last": max(size - 1, 0), "middle": size // 2}[which]


def _one_entry(program: Program, name: str, entry: int, shift: float) -> tuple[int, np.ndarray]:
    amount = np.zeros(_shape(program, name))
    if amount.size:
        amount.flat[entry] = shift
    return program.inputs.index(name), amount


def _clear(change: Change) -> bool:
    """Whether a finite entry moves far above a finite bound."""
    return change.finite and change.change > 0 and np.isfinite(change.bound) and change.change >= CLEAR * change.bound
