"""What runs in float64 say: that a shift of everything proved redundant changes nothing, and witnesses for the rest."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..errors import ContradictionError
from ..jaxpr import evaluated
from ..numeric.replay.op import UnreplayableError
from ..numeric.replay.replay import Replay
from ..numeric.roundoff.shift import Change, Shift, Unshifted
from ..verdict import Witness
from .exact_witness import exactly
from .program import Program, as_read, only
from .sampling import absolute

CLEAR = 1e3
"""A witness moves the output by at least this many times its round-off bound; a redundant parameter doing so is a contradiction."""
AGREE = 16.0
"""A first-order bound leaves out terms of second order: up to this many times the bound counts as agreement."""
ATTEMPTS: tuple[tuple[str, float], ...] = (("first", 0.5), ("last", 2.0), ("middle", -4.0), ("first", 16.0), ("last", -16.0))
"""(which entry, shift) of the attempts to find a witness, each with a new seed."""
VALUELESS = f"each of {len(ATTEMPTS)} runs gave no number, only NaN or infinity"
"""Said where no run had a value that could be compared."""
STEEP = "the round-off bound is infinite: a derivative is"
"""Said where the run met a point without a derivative."""
DECIDED = "round-off, or what is no number in float64, decides a comparison on the way"
"""Said where a change hangs on that."""
NO_NUMBERS = "it holds Booleans or a random key, which are not shifted"
"""Said of an input that nothing can be added to."""


@dataclass(frozen=True)
class Evidence:
    """What runs showed.

    - confirmed: True if a joint shift of all that is proved redundant changed no output; None if that was not run or could not tell,
      and `unconfirmed` says why;
    - witnesses, by name, of parameters that act; unwitnessed: why there is none, for each other parameter;
    - valueless: whether every entry of every output was NaN or infinite in every run;
    - steep: whether a run met a point at which an operation has no derivative.
    """

    confirmed: bool | None = None
    unconfirmed: str = ""
    witnesses: Mapping[str, Witness] = field(default_factory=dict[str, Witness])
    unwitnessed: Mapping[str, str] = field(default_factory=dict[str, str])
    valueless: bool = False
    steep: bool = False


def evidence(program: Program, free: Sequence[str], rest: Sequence[str], seed: int) -> Evidence:
    """Runs of the program with the inputs `free` shifted jointly, and each of `rest` by itself.

    Raises ContradictionError if the joint shift moves an output clearly above its round-off bound.
    """
    if program.sample is None:
        return _none(rest, program.unrun, f"no run was made: {program.unrun}")
    outputs, left_out = program.runnable()
    if not outputs:
        why = f"`{left_out}` cannot be run in float64" if left_out else "there is no output"
        return _none(rest, why, why)
    try:
        return _shown(Runs(program, outputs, seed), free, rest, left_out)
    except UnreplayableError as error:
        return _none(rest, str(error), str(error))


def _none(rest: Sequence[str], unconfirmed: str, unwitnessed: str) -> Evidence:
    return Evidence(None, unconfirmed, {}, dict.fromkeys(rest, unwitnessed))


def _shown(runs: Runs, free: Sequence[str], rest: Sequence[str], left_out: str) -> Evidence:
    """What runs show of the outputs that can be run; `left_out` is an operation that keeps others from it."""
    if not runs.first.compared:
        why = "no output has an entry that could be compared"
        return _none(rest, why, why)
    if runs.valueless():
        return Evidence(None, VALUELESS, {}, dict.fromkeys(rest, VALUELESS), not left_out)
    confirmed, why = _confirmed(runs, free) if free else (None, "")
    if confirmed and left_out:
        confirmed, why = None, f"not every output was compared: `{left_out}` cannot be run in float64"
    return Evidence(confirmed, why, *_witnesses(runs, rest), steep=runs.first.singular or why == STEEP)


class Runs:
    """The unshifted run of each attempt: the first is kept, the others are made anew each time they are asked for.

    Where a run gives NaN or infinity and one on absolute values gives fewer of them, that one is taken: what a program takes a root
    of was meant to be positive, wherever that is.
    """

    def __init__(self, program: Program, outputs: Sequence[int], seed: int) -> None:
        self.program, self.seed, self.outputs = program, seed, outputs
        self.replay = Replay(only(program.jaxpr, outputs), as_read, program.dims)
        self.positive: set[int] = set()
        self.first = self.at(0)

    def at(self, attempt: int) -> Unshifted:
        """The run of this attempt; notes in `positive` whether it is on absolute values."""
        assert self.program.sample is not None
        arguments = self.program.sample(self.seed + attempt)
        if attempt in self.positive:
            return Unshifted(self.replay, absolute(arguments))
        run = Unshifted(self.replay, arguments)
        if run.unfinished:
            other = Unshifted(self.replay, absolute(arguments))
            if other.unfinished < run.unfinished:
                self.positive.add(attempt)
                return other
        return run

    def valueless(self) -> bool:
        """Whether no attempt has a finite entry in its outputs."""
        return self.first.valueless and all(self.at(attempt).valueless for attempt in range(1, len(ATTEMPTS)))


def _confirmed(runs: Runs, free: Sequence[str]) -> tuple[bool | None, str]:
    """Whether shifting all parameters proved redundant, by a value of its own in every entry, leaves the outputs alone; or why
    that is not known.
    """
    program = runs.program
    random = np.random.default_rng(len(free))
    shifts = [_of_all_entries(program, name, random) for name in free if program.kind(name) in "fciu"]
    if not shifts:
        return None, NO_NUMBERS
    changes = runs.first.agree(shifts)
    worst = max(changes, key=lambda change: change.factor)
    if _clear(worst):
        if not runs.first.settled(shifts, worst):
            return None, DECIDED
        raise ContradictionError(
            f"internal error: {', '.join(free)} proved redundant in {program.mode} mode, yet a shift moves output "
            f"{runs.outputs[worst.output]} at {worst.index} by {worst.change:.3g}, {worst.factor:.3g} times its round-off "
            "bound. One of the two is wrong: please report this program. No verdict is given."
        )
    if not all(change.entire for change in changes):
        return None, "the run has NaN or infinity in its output"
    if all(np.isfinite(change.bound) and change.change <= AGREE * change.bound for change in changes):
        return True, ""
    endless = next((change for change in changes if not np.isfinite(change.bound)), None)
    if endless is not None:
        return None, _endless(endless)
    return None, f"the outputs of two runs differ by {worst.factor:.2g} times the first-order round-off bound"


def _witnesses(runs: Runs, rest: Sequence[str]) -> tuple[dict[str, Witness], dict[str, str]]:
    program, found = runs.program, dict[str, Witness]()
    why = {name: NO_NUMBERS for name in rest if program.kind(name) not in "fciu"}
    for attempt, (which, shift) in enumerate(ATTEMPTS):
        open_ = [name for name in rest if name not in found and program.kind(name) in "fciu"]
        if not open_:
            break
        run = runs.at(attempt) if attempt else runs.first
        entries = [_entry(program, name, which) for name in open_]
        shifts = [_one_entry(program, name, entry, shift) for name, entry in zip(open_, entries, strict=True)]
        most = run.moved(shifts) or [None] * len(open_)
        for name, entry, one, change in zip(open_, entries, shifts, most, strict=True):
            moved, unclear = _moved(run, one, change)
            if moved is not None:
                place = (runs.outputs[moved.output], *moved.index)
                found[name] = Witness(
                    runs.seed + attempt, shift, moved.change, moved.bound, entry, place, positive=attempt in runs.positive
                )
            elif unclear:
                why.setdefault(name, unclear)
                exact = Witness(runs.seed + attempt, shift, 0.0, 0.0, entry, positive=attempt in runs.positive)
                if (proved := exactly(program, name, exact)) is not None:
                    found[name] = proved
    none = "no shift tried moved the output clearly above its round-off bound"
    return found, {name: why.get(name, none) for name in rest if name not in found}


def _moved(run: Unshifted, shift: Shift, most: Change | None) -> tuple[Change | None, str]:
    """An entry that the shift certainly moves; or none, and why one that moved is no evidence, if one did.

    most: the floating entry that moves most, looked at first. Others are where it says nothing: its bound is infinite, it hangs on a
    comparison, or it is one output of several.
    """
    if most is not None and _clear(most) and run.settled([shift], most):
        return most, ""
    if most is not None and len(run.compared) == 1 and np.isfinite(most.bound) and not _clear(most):
        return None, ""
    why = ""
    for change in run.moved_elsewhere(shift):
        if not np.isfinite(change.bound):
            why = why or f"a shift moved the output, but {_endless(change)}"
        elif _clear(change):
            if run.settled([shift], change):
                return change, ""
            why = why or f"a shift moved the output, but {DECIDED}"
    return None, why


def _endless(change: Change) -> str:
    """Why a bound is infinite."""
    if change.unknown:
        return f"the round-off bound is infinite: the rounding of `{change.unknown}` is not known"
    return STEEP


def _shape(program: Program, name: str) -> tuple[int, ...]:
    return tuple(evaluated(size, program.dims) for size in program.shape(name))


def _entry(program: Program, name: str, which: str) -> int:
    size = int(np.prod(_shape(program, name)))
    return {"first": 0, "last": max(size - 1, 0), "middle": size // 2}[which]


def _one_entry(program: Program, name: str, entry: int, shift: float) -> Shift:
    """A shift of one entry; whole numbers are shifted by whole numbers, unsigned ones upwards."""
    kind = program.kind(name)
    amount = np.zeros(_shape(program, name))
    if amount.size:
        amount.flat[entry] = shift if kind in "fc" else math.ceil(abs(shift)) if kind == "u" else round(2 * shift)
    return program.inputs.index(name), amount


def _of_all_entries(program: Program, name: str, random: np.random.Generator) -> Shift:
    """A shift of every entry by a value of its own."""
    amount = random.normal(size=_shape(program, name))
    kind = program.kind(name)
    return program.inputs.index(name), amount if kind in "fc" else np.ceil(np.abs(4 * amount) if kind == "u" else 4 * amount)


def _clear(change: Change) -> bool:
    """Whether a finite entry moves far above a finite bound."""
    return change.finite and change.change > 0 and np.isfinite(change.bound) and change.change >= CLEAR * change.bound
