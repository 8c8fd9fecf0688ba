"""One verdict a parameter: redundant with a proof and a confirming run, acts with a witness, else undecided."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..algebra.analysis import Analysis, Finding, analyse
from ..errors import ContradictionError
from ..numeric.replay.replay import Replay
from ..numeric.roundoff.shift import Change, agree, moved
from ..verdict import Statistic, Verdict, Witness
from .citations import theorem as theorem_of
from .gradient import gradients_zero
from .program import Program, as_read
from .reasons import line_of, reason, undecided_reason

CLEAR = 1e3
"""A witness moves the output by at least this many times its round-off bound; a redundant parameter doing so is a contradiction."""
AGREE = 16.0
"""A first-order bound leaves out terms of second order: up to this many times the bound counts as agreement."""
ATTEMPTS: tuple[tuple[str, float], ...] = (("first", 0.5), ("last", 2.0), ("middle", -4.0), ("first", 16.0), ("last", -16.0))
"""(which entry, shift) of the attempts to find a witness, each with a new seed."""


@dataclass(frozen=True)
class Decided:
    """Verdicts and statistics of one program, with the analysis they come from."""

    verdicts: tuple[Verdict, ...]
    statistics: tuple[Statistic, ...]
    analysis: Analysis


def decide(program: Program, tracked: Sequence[str], seed: int = 0, explain: bool = False) -> Decided:
    """Verdicts of the tracked inputs, in their order. Raises ContradictionError if a run contradicts a proof."""
    positions = {program.inputs.index(name): name for name in tracked}
    analysis = analyse(program.jaxpr, positions, explain)
    findings = {finding.name: finding for finding in analysis.findings(range(program.outputs))}
    free = [name for name in tracked if findings[name].free]
    rest = [name for name in tracked if not findings[name].free]
    confirmed, witnesses = _run(program, free, rest, seed)
    broken = [name for name in tracked if findings[name].broken]
    zero = gradients_zero(program, broken, seed) if broken else {}
    verdicts: list[Verdict] = []
    for name in tracked:
        finding = findings[name]
        verdict = _redundant(program, finding, confirmed) if finding.free else _other(program, finding, witnesses.get(name))
        if finding.broken:
            verdict = replace(verdict, gradient_zero=zero.get(name))
        verdicts.append(verdict)
    return Decided(tuple(verdicts), _statistics(program, analysis, tracked), analysis)


def _redundant(program: Program, finding: Finding, confirmed: bool | None) -> Verdict:
    return Verdict(
        bias=finding.name,
        mode=program.mode,
        verdict="redundant",
        reason=reason(program, finding),
        laws=finding.laws,
        theorem=theorem_of(program, finding),
        confirmed=confirmed,
        gradient_zero=None if finding.broken else True,
        sizes=program.sizes,
        operation=finding.operation,
        layer=program.layer(finding.place),
        source=line_of(finding.place),
    )


def _other(program: Program, finding: Finding, witness: Witness | None) -> Verdict:
    base = Verdict(
        bias=finding.name,
        mode=program.mode,
        verdict="undecided",
        reason=undecided_reason(program, finding),
        sizes=program.sizes,
        operation=finding.operation,
        layer=program.layer(finding.place),
        source=line_of(finding.place),
    )
    if witness is None:
        return base
    return replace(
        base,
        verdict="acts",
        reason=reason(program, finding),
        theorem=theorem_of(program, finding),
        witness=witness,
        sizes=program.given,
    )


def _statistics(program: Program, analysis: Analysis, tracked: Sequence[str]) -> tuple[Statistic, ...]:
    found: list[Statistic] = []
    for k, name in enumerate(program.statistics):
        held = analysis.reached([program.outputs + k])
        depends = tuple(one for one in tracked if analysis.inputs[one] in held)
        found.append(Statistic(name, program.mode, depends))
    return tuple(found)


# -- runs in float64


def _run(program: Program, free: Sequence[str], rest: Sequence[str], seed: int) -> tuple[bool | None, dict[str, Witness]]:
    """(whether a joint shift of all free parameters changed nothing, witnesses of the others)."""
    if program.sample is None or not (free or rest):
        return None, {}
    replay = Replay(program.first_outputs(), as_read, program.dims)
    args = program.sample(seed)
    confirmed = _confirmed(program, replay, args, free) if free else None
    return confirmed, _witnesses(program, replay, args, rest, seed)


def _confirmed(program: Program, replay: Replay, args: list[Any], free: Sequence[str]) -> bool | None:
    """Whether shifting all parameters proved redundant, by a value of its own in every entry, leaves the outputs alone."""
    random = np.random.default_rng(len(free))
    shifts = []
    for name in free:
        position = program.inputs.index(name)
        shifts.append((position, random.normal(size=np.shape(args[position]))))
    change = agree(replay, args, shifts)
    if not change.finite:
        return None
    if change.change <= AGREE * change.bound:
        return True
    if change.change >= CLEAR * change.bound:
        raise ContradictionError(
            f"internal error: {', '.join(free)} proved redundant in {program.mode} mode, yet a shift moves output "
            f"{change.output} at {change.index} by {change.change:.3g}, {change.change / change.bound:.3g} times its round-off "
            "bound. One of the two is wrong: please report this program. No verdict is given."
        )
    return None


def _witnesses(program: Program, replay: Replay, args: list[Any], rest: Sequence[str], seed: int) -> dict[str, Witness]:
    found: dict[str, Witness] = {}
    for attempt, (which, shift) in enumerate(ATTEMPTS):
        open_ = [name for name in rest if name not in found]
        if not open_:
            break
        if attempt:
            assert program.sample is not None
            args = program.sample(seed + attempt)
        shifts = [_one_entry(program, args, name, which, shift) for name in open_]
        for name, (position, amount), change in zip(open_, shifts, moved(replay, args, shifts), strict=True):
            if _clear(change):
                del position
                entry = int(np.flatnonzero(amount)[0])
                found[name] = Witness(seed + attempt, shift, change.change, change.bound, entry, (change.output, *change.index))
    return found


def _one_entry(program: Program, args: list[Any], name: str, which: str, shift: float) -> tuple[int, np.ndarray]:
    position = program.inputs.index(name)
    amount = np.zeros(np.shape(args[position]))
    if amount.size:
        amount.flat[{"first": 0, "last": amount.size - 1, "middle": amount.size // 2}[which]] = shift
    return position, amount


def _clear(change: Change) -> bool:
    return change.finite and change.change > 0 and change.change >= CLEAR * change.bound


def order(verdicts: Iterable[Verdict], names: Sequence[str]) -> list[Verdict]:
    """The verdicts sorted by the parameters' order in the program."""
    place = {name: k for k, name in enumerate(names)}
    return sorted(verdicts, key=lambda verdict: place[verdict.bias])
