"""The verdict on every line of an answer.

A line holds if the proof kernel accepts that it equals the line before, by both of its checks: for every size and all values. It is
wrong if numbers refute it. What is neither is refused as undecided, and said to be. Reasons are words: they are not judged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ...errors import ProofError
from ...symbolic.checker import SHOWN, Checker
from ...symbolic.known import Known
from ...symbolic.term import Term
from .exercise import Exercise
from .exercises import exercise as find
from .formulas import read_formula, shape
from .limits import TooLongError, within_seconds
from .reading import Answer, Line
from .refute import Refutation, refuting, undefined
from .written import written

Verdict = Literal["begins", "holds", "wrong", "undefined", "undecided", "elsewhere"]
"""`begins`: the first line, as it should be; `elsewhere`: a first or last line that is not the one of the exercise."""
SECONDS = 10.0
"""For one line."""
_CANNOT = (ArithmeticError, LookupError, TypeError, ValueError, AttributeError, RecursionError, NotImplementedError, ProofError)
"""What the kernel raises for what it cannot decide."""


@dataclass(frozen=True)
class Judged:
    """A line and what became of it.

    - wanted: of a first or last line elsewhere, the expression that should stand there; of an undefined line, what nothing shows.
    """

    line: Line
    verdict: Verdict
    refutation: Refutation | None = None
    wanted: str = ""


@dataclass(frozen=True)
class Judgement:
    """An answer with a verdict for each line. `bare`: every line holds, but the claim stands there without a step between."""

    exercise: Exercise
    lines: tuple[Judged, ...]
    bare: bool

    @property
    def accepted(self) -> bool:
        """Whether the chain is a proof."""
        return not self.bare and all(line.verdict in ("begins", "holds") for line in self.lines)

    @property
    def refused(self) -> tuple[Judged, ...]:
        """The lines that fail, in the order of the file."""
        return tuple(line for line in self.lines if line.verdict not in ("begins", "holds"))


def judge(answer: Answer) -> Judgement:
    """Judge an answer. Raises UnknownNameError for an unknown exercise, AnswerError for a line that cannot be read.

    Every line is held against the one before it; behind a line that is refused it may also follow from the last that was not, so
    that one mistake is counted once.
    """
    exercise = find(answer.exercise)
    terms = [read_formula(line, exercise.vocabulary) for line in answer.lines]
    whole = Checker(exercise.source.vocabulary, exercise.source.minimum)
    checker = whole.supposing(whole.relations(exercise.given))
    ends = [checker.parse(exercise.start), checker.parse(exercise.end)]
    known = checker.knowing([c for end in ends for c in checker.domain.conditions(end)])
    shapes = [shape(end, checker.vocabulary) for end in ends]
    if shape(terms[0], checker.vocabulary) == shapes[1] != shapes[0]:  # from the last expression back to the first
        ends, shapes = ends[::-1], shapes[::-1]
    right = shape(terms[0], checker.vocabulary) == shapes[0]
    first = Judged(answer.lines[0], "begins") if right else Judged(answer.lines[0], "elsewhere", wanted=written(ends[0]))
    judged = [first]
    sound, linked = terms[0], True  # the last line known to equal the first; whether the line before is it
    for before, term, line in zip(terms, terms[1:], answer.lines[1:], strict=False):
        found = _step(before, term, line, ends[0], known, checker)
        if found.verdict != "holds" and not linked:
            again = _step(sound, term, line, ends[0], known, checker)
            found, linked = (again, True) if again.verdict == "holds" else (found, False)
        else:
            linked = linked and found.verdict == "holds"
        sound = term if linked else sound
        judged.append(found)
    if judged[-1].verdict == "holds" and shape(terms[-1], checker.vocabulary) != shapes[1]:
        judged[-1] = Judged(answer.lines[-1], "elsewhere", wanted=written(ends[1]))
    asked = {shape(end, checker.vocabulary, unfolded=False) for end in ends}
    between = [term for term in terms if shape(term, checker.vocabulary, unfolded=False) not in asked]
    return Judgement(exercise, tuple(judged), not between)


def _step(before: Term, term: Term, line: Line, first: Term, known: Known, checker: Checker) -> Judged:
    try:
        with within_seconds(SECONDS):
            return _timed(before, term, line, first, known, checker)
    except (TooLongError, *_CANNOT):
        return Judged(line, "undecided")


def _timed(before: Term, term: Term, line: Line, first: Term, known: Known, checker: Checker) -> Judged:
    lacking = known.lacking(checker.domain.conditions(term))
    if lacking is not None:
        needs = f"{written(lacking.term)} {SHOWN[lacking.operator]}"
        nowhere = undefined(lacking, first, term, checker)
        found = None if nowhere else refuting(before, term, checker)
        return Judged(line, "wrong", found) if found else Judged(line, "undefined", nowhere, needs)
    try:
        checker.equal(before, term)
        return Judged(line, "holds")
    except _CANNOT:
        found = refuting(before, term, checker)
    return Judged(line, "wrong" if found else "undecided", found)
