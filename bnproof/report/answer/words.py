"""What an answer says, in words: evidence under a verdict, statistics, sizes, derivations. Layout is decided elsewhere."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator

from ...laws import LAWS
from ...modes import MODES, WHEN
from ...verdict import Answer, Directions, Proof, Statistic, Step, Verdict, Witness

SHOWN = 6
"""How many names or numbers are listed before the rest is counted."""
LONG = 8
"""Vectors with more entries than this are not written out."""


def grouped(answer: Answer) -> list[tuple[str, list[Verdict]]]:
    """The verdicts by parameter, in order of first appearance; train before eval before frozen."""
    found: dict[str, list[Verdict]] = {}
    for verdict in answer.verdicts:
        found.setdefault(verdict.bias, []).append(verdict)
    return [(name, sorted(verdicts, key=lambda v: MODES.index(v.mode))) for name, verdicts in found.items()]


def flat(words: str) -> str:
    """Words on one line: names come from other people's programs, and a line break would end a table's row."""
    return " ".join(words.split())


def listed(names: Iterable[str], last: str = " and ") -> str:
    """``a, b and c``; beyond `SHOWN` names the rest is counted."""
    shown = list(names)
    if len(shown) > SHOWN:
        shown = [*shown[: SHOWN - 1], f"{len(shown) - SHOWN + 1} more"]
    return last.join(filter(None, (", ".join(shown[:-1]), shown[-1]))) if shown else "nothing"


def remarks(verdict: Verdict) -> Iterator[tuple[str, str]]:
    """What must be said beside a verdict even in short: a label and its words."""
    if verdict.verdict == "undecided" and verdict.operation and not verdict.undefined:
        yield "stuck at", place(verdict.operation, verdict.layer, verdict.source)
    if verdict.verdict == "redundant" and verdict.gradient_zero is False:
        yield "gradient", "not zero: the program stops or replaces a gradient, so training does move this parameter"
    if verdict.verdict == "acts" and verdict.gradient_zero:
        yield "gradient", "zero for every loss all the same: the program stops it, so training never moves this parameter"
    if verdict.verdict == "redundant" and verdict.confirmed is None:
        why = f": {verdict.unconfirmed}" if verdict.unconfirmed else ""
        yield "not run", f"proved, but not confirmed by a float64 run{why}"
    yield from (("assumed", said) for said in verdict.assumptions)
    if verdict.directions is not None and verdict.directions.dimension:
        yield "partly", directions_words(verdict.directions)


def witnessed(witness: Witness) -> str:
    """What a float64 run showed."""
    times = f"{number(witness.factor)} times " if math.isfinite(witness.factor) else "above "
    return (
        f"adding {number(witness.shift)} to entry {witness.entry} moves {_entry(witness.output)} by {number(witness.change)}, "
        f"{times}the round-off bound {number(witness.bound)} (seed {witness.seed})"
    )


def _entry(output: tuple[int, ...]) -> str:
    """An output's entry; the first number says which output, which is left out for the first."""
    if not output:
        return "the output"
    which = f" {output[0]}" if output[0] else ""
    return f"output{which}[{', '.join(map(str, output[1:]))}]"


def number(value: float) -> str:
    """Two digits, with the sign that mathematics uses: ``−0.5``, ``4e-15``."""
    shown = f"{value:.2g}".replace("e+", "e")
    return "−" + shown[1:] if shown.startswith("-") else shown


def place(operation: str, layer: str, source: str) -> str:
    """An operation and where it is: ``cos in rope1 (model.py:12)``."""
    return operation + (f" in {layer}" if layer else "") + (f" ({source})" if source else "")


def directions_words(found: Directions) -> str:
    """Which part of a parameter, or of several together, is redundant."""
    whose = listed(found.parameters) + (" together" if len(found.parameters) > 1 else "")
    at = f" ({found.at})" if found.at else ""
    if found.dimension == 0:
        doubt = "none is redundant" if found.complete else "none was shown to be redundant, which does not rule one out"
        return f"of the {found.of} dimensions of {whose} {doubt}{at}"
    if found.dimension == found.of:
        return f"all {found.of} dimensions of {whose} are redundant{at}"
    said = f"{found.dimension} of {found.of} dimensions of {whose} {'is' if found.dimension == 1 else 'are'} redundant{at}"
    more = "" if found.complete else "; there may be more"
    return f"{said}: {_along(found.basis)}{more}" if found.basis else said + more


def _along(basis: tuple[tuple[str, ...], ...]) -> str:
    """What can be added without changing an output; long vectors are left to JSON."""
    if len(basis) == 1 and len(set(basis[0])) == 1:
        return "adding the same number to all entries changes nothing"
    if len(basis) > SHOWN or len(basis[0]) > LONG:
        return "the vectors that can be added are printed with --json"
    vectors = listed(f"({', '.join(vector)})".replace("-", "−") for vector in basis)
    return f"adding {'a multiple' if len(basis) == 1 else 'multiples'} of {vectors} changes nothing"


def together(answer: Answer) -> list[str]:
    """The redundant directions of several parameters together, and those that were not looked at."""
    said = [directions_words(found) for found in answer.directions]
    for mode in MODES:
        alone = [v for v in answer.verdicts if v.mode == mode and v.directions is not None and not v.directions.dimension]
        for complete in (True, False):
            names = [v.bias for v in alone if v.directions is not None and v.directions.complete is complete]
            if names:
                is_ = (
                    "is redundant by itself" if complete else "was shown to be redundant by itself, which does not rule one out"
                )
                said.append(f"{WHEN[mode]} no part of {listed(names, ' or ')} {is_} (for all values of the others)")
    for one in answer.unlooked:
        whose = listed(one.parameters) + (" together" if len(one.parameters) > 1 else "")
        said.append(f"which part of {whose} is redundant {WHEN[one.mode]} was not looked at: {one.why}")
    return [f"{words[0].upper()}{words[1:]}." for words in said]


def statistics(answer: Answer) -> list[str]:
    """What each updated statistic depends on; those that depend on the same are named together."""
    cancelling = {v.bias for v in answer.verdicts if v.mode == "train" and v.verdict == "redundant"}
    groups: dict[tuple[str, tuple[str, ...]], list[Statistic]] = {}
    for statistic in answer.statistics:
        if statistic.depends_on or statistic.mode == "train":
            groups.setdefault((statistic.mode, statistic.depends_on), []).append(statistic)
    several = len({mode for mode, _ in groups}) > 1
    return [_statistic(found, depends_on, cancelling, several) for (_, depends_on), found in groups.items()]


def _statistic(found: list[Statistic], depends_on: tuple[str, ...], cancelling: set[str], several: bool) -> str:
    mode = f" ({found[0].mode})" if several else ""
    depends = "depends" if len(found) == 1 else "depend"
    said = f"{listed(s.name for s in found)}{mode} {depends} on "
    if not depends_on:
        return said + "no parameter listed here."
    said += listed(depends_on)
    tracked = [name for name in depends_on if name in cancelling]
    if len(found) > 1 or found[0].mode != "train" or not is_mean(found[0].name) or not tracked:
        return said + "."
    if tracked == list(depends_on):
        return f"{said} (as it must: it tracks the bias)."
    return f"{said} (it tracks {listed(tracked)}, which {'cancels' if len(tracked) == 1 else 'cancel'})."


def is_mean(name: str) -> bool:
    """Whether a statistic is a stored mean, by the field's names for it."""
    return re.search(r"(running|moving)?_?mean$", name) is not None


def sizes(answer: Answer) -> list[str]:
    """The sizes that the verdicts hold for, by verdict; parameters are named only where they differ."""
    found: dict[str, dict[str, list[str]]] = {}
    for verdict in answer.verdicts:
        if verdict.sizes:
            found.setdefault(verdict.verdict, {}).setdefault(verdict.sizes, []).append(verdict.bias)
    return [
        f"Sizes where {ruling}{'' if len(texts) == 1 else f' ({listed(dict.fromkeys(names))})'}: {text}."
        for ruling, texts in found.items()
        for text, names in texts.items()
    ]


def heading(verdict: Verdict) -> str:
    """The title of a verdict's explanation."""
    said = {"redundant": "is redundant", "acts": "acts", "undecided": "is undecided"}[verdict.verdict]
    return f"Why {verdict.bias} {said} {WHEN[verdict.mode]}"


def because(step: Step) -> str:
    """Why a line follows, short enough to stand beside it: the law, and the layer or else the operation."""
    where = step.layer or step.operation
    return step.law + (f", in {where}" if where else "") + (f" ({step.source})" if step.source else "")


def legend(proof: Proof) -> str:
    """What the letters of a derivation stand for, if it has any."""
    if not any(re.search(r"\br\d", step.expression) for step in proof.steps):
        return ""
    return "Here v1, v2, … are the values that the parameter reaches, one after the other; r1, r2, … do not contain it."


def conclusion(verdict: Verdict) -> str:
    """What follows from the last line of a derivation, and what agreed with it."""
    said = f"The outputs do not contain {verdict.bias}: whatever its value, they are the same."
    if verdict.gradient_zero:
        said += " Hence its gradient is zero, for every loss."
    if verdict.confirmed:
        said += " A run in float64 agrees."
    return said


def laws_used(proofs: Iterable[Proof]) -> list[tuple[str, str]]:
    """Each law that the derivations cite: its name, what it says and why it holds."""
    names = dict.fromkeys(name for proof in proofs for name in proof.laws)
    return [(name, f"{LAWS[name].statement}. {LAWS[name].proof} ({LAWS[name].source})") for name in names if name in LAWS]
