"""One verdict a parameter: redundant with a proof and a confirming run, acts with a witness, else undecided."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ..algebra.analysis import Analysis, Finding, analyse
from ..verdict import Statistic, Verdict
from .citations import theorem as theorem_of
from .evidence import Evidence, evidence
from .gradient import gradients_zero
from .program import Program
from .reasons import assumptions, line_of, reason, undecided_reason
from .undefined import undefined


@dataclass(frozen=True)
class Decided:
    """Verdicts and statistics of one program."""

    verdicts: tuple[Verdict, ...]
    statistics: tuple[Statistic, ...]


def decide(program: Program, tracked: Sequence[str], seed: int = 0, explain: bool = False) -> Decided:
    """Verdicts of the tracked inputs, in their order. Raises ContradictionError if a run contradicts a proof."""
    positions = {program.inputs.index(name): name for name in tracked}
    analysis = analyse(program.jaxpr, positions, explain)
    findings = {finding.name: finding for finding in analysis.findings(range(program.outputs))}
    free = [name for name in tracked if findings[name].free]
    rest = [name for name in tracked if not findings[name].free]
    shown = evidence(program, free, rest, seed)
    nowhere = undefined(program) if shown.valueless else ""
    # where no derivative exists, autodiff need not give that of the value, which is 0
    apart = bool(analysis.walk.singular) or analysis.walk.underived or shown.steep
    asked = [name for name in tracked if findings[name].broken or (apart and findings[name].free)]
    zero = gradients_zero(program, asked, seed) if asked else {}
    verdicts: list[Verdict] = []
    for name in tracked:
        finding = findings[name]
        verdict = _nowhere(program, finding, nowhere) if nowhere else _ruled(program, finding, shown)
        if name in zero:
            verdict = replace(verdict, gradient_zero=zero.get(name))
        verdicts.append(_alone(program, verdict, seed, explain) if len(tracked) > 1 else verdict)
    return Decided(tuple(verdicts), _statistics(program, analysis, tracked))


def _alone(program: Program, verdict: Verdict, seed: int, explain: bool) -> Verdict:
    """What is open when all are tracked at once, decided by itself once more where that proves it: what depends on fewer cancels more."""
    if verdict.verdict != "undecided" or verdict.undefined:
        return verdict
    (finding,) = analyse(program.jaxpr, {program.inputs.index(verdict.bias): verdict.bias}).findings(range(program.outputs))
    return decide(program, [verdict.bias], seed, explain).verdicts[0] if finding.free else verdict


def _ruled(program: Program, finding: Finding, shown: Evidence) -> Verdict:
    """Redundant by the finding's proof, acting by a witness, or neither."""
    if finding.free:
        return replace(
            _base(program, finding, reason(program, finding)),
            verdict="redundant",
            laws=finding.laws,
            theorem=theorem_of(program, finding),
            confirmed=shown.confirmed,
            unconfirmed=shown.unconfirmed,
            gradient_zero=True if program.kind(finding.name) in "fc" else None,
        )
    witness = shown.witnesses.get(finding.name)
    if witness is None:
        return _base(program, finding, undecided_reason(program, finding, shown.unwitnessed[finding.name]))
    return replace(
        _base(program, finding, reason(program, finding)),
        verdict="acts",
        theorem=theorem_of(program, finding),
        witness=witness,
        sizes=program.given,
    )


def _nowhere(program: Program, finding: Finding, why: str) -> Verdict:
    """Where the program has no value whatever its inputs are, there is nothing for a parameter to do or not to do."""
    return replace(
        _base(program, finding, f"{why}: there is no output that {finding.name} could move"), undefined=why, sizes=program.given
    )


def _base(program: Program, finding: Finding, why: str) -> Verdict:
    """Undecided, with what the analysis says of the place."""
    return Verdict(
        bias=finding.name,
        mode=program.mode,
        verdict="undecided",
        reason=why,
        sizes=program.sizes,
        assumptions=assumptions(program, finding),
        operation=finding.operation,
        layer=program.layer(finding.place),
        source=line_of(finding.place),
    )


def _statistics(program: Program, analysis: Analysis, tracked: Sequence[str]) -> tuple[Statistic, ...]:
    found: list[Statistic] = []
    for k, name in enumerate(program.statistics):
        held = analysis.reached([program.outputs + k])
        depends = tuple(one for one in tracked if analysis.inputs[one] in held)
        found.append(Statistic(name, program.mode, depends))
    return tuple(found)


def order(verdicts: Iterable[Verdict], names: Sequence[str]) -> list[Verdict]:
    """The verdicts sorted by the parameters' order in the program."""
    place = {name: k for k, name in enumerate(names)}
    return sorted(verdicts, key=lambda verdict: place[verdict.bias])
