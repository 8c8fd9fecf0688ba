"""The verdict on every line of an answer.

A line holds if the proof kernel accepts that it equals the line before, by both of its checks: for every size and all values. It is
wrong if numbers refute it. What is neither is refused as undecided, and said to be. Reasons are words: they are not judged.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from ...errors import ProofError
from ...symbolic.checker import SHOWN, Checker
from ...symbolic.notation import parse
from ...symbolic.term import Term
from .exercise import Exercise
from .exercises import exercise as find
from .formulas import read_formula, shape
from .limits import TooLongError, within_seconds
from .reading import Answer, AnswerError, Line
from .refute import Refutation, refuting, undefined
from .written import written

Verdict = Literal["begins", "holds", "wrong", "undefined", "undecided", "elsewhere"]
"""`begins`: the first line, as it should be; `elsewhere`: a first or last line that is not the one of the exercise."""
SECONDS, ALTOGETHER = 10.0, 30.0
"""For one line, and for all; where they are over, a line has a tenth of its time left."""
_SHORT = 60
"""Letters of a difference that helps a reader."""
_CANNOT = (ArithmeticError, LookupError, TypeError, ValueError, AttributeError, RecursionError, NotImplementedError, ProofError)
"""What the kernel raises for what it cannot decide."""


@dataclass(frozen=True)
class Judged:
    """A line and what became of it.

    - difference: what the line before exceeds a wrong line by, where that is short;
    - wanted: of a first or last line elsewhere, the expression that should stand there; of an undefined line, what nothing shows.
    """

    line: Line
    verdict: Verdict
    refutation: Refutation | None = None
    difference: str = ""
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
    ends = [parse(text, exercise.source.vocabulary) for text in (exercise.start, exercise.end)]
    asked = [_shapes(end, exercise, None) for end in ends]
    found = [_shapes(term, exercise, line) for term, line in zip(terms, answer.lines, strict=True)]
    if found[0].unfolded == asked[1].unfolded != asked[0].unfolded:  # from the last expression back to the first
        ends, asked = ends[::-1], asked[::-1]
    court = _Court(exercise, ends)
    right = found[0].unfolded == asked[0].unfolded
    judged = [
        Judged(answer.lines[0], "begins") if right else Judged(answer.lines[0], "elsewhere", wanted=written(ends[0])),
        *_steps(court, terms, answer.lines),
    ]
    if judged[-1].verdict == "holds" and found[-1].unfolded != asked[1].unfolded:
        judged[-1] = Judged(answer.lines[-1], "elsewhere", wanted=written(ends[1]))
    between = [shapes for shapes in found if shapes.as_written not in {end.as_written for end in asked}]
    return Judgement(exercise, tuple(judged), not between)


@dataclass(frozen=True)
class _Shapes:
    unfolded: str
    as_written: str


def _shapes(term: Term, exercise: Exercise, line: Line | None) -> _Shapes:
    vocabulary = exercise.source.vocabulary
    try:
        with within_seconds(SECONDS):
            return _Shapes(shape(term, vocabulary), shape(term, vocabulary, unfolded=False))
    except TooLongError:
        number = None if line is None else line.number
        raise AnswerError("the definitions in it, written out, are too long: take smaller steps", number) from None


def _steps(court: _Court, terms: Sequence[Term], lines: Sequence[Line]) -> Iterator[Judged]:
    sound, linked = terms[0], True  # the last line known to equal the first; whether the line before is it
    for before, term, line in zip(terms, terms[1:], lines[1:], strict=False):
        found = court.step(before, term, line)
        if found.verdict != "holds" and not linked:
            again = court.step(sound, term, line)
            found, linked = (again, True) if again.verdict == "holds" else (found, False)
        else:
            linked = linked and found.verdict == "holds"
        sound = term if linked else sound
        yield found


class _Court:
    """Judges the steps of one answer. `ends`: the expressions of the exercise; a line has a value wherever both of them have one."""

    def __init__(self, exercise: Exercise, ends: Sequence[Term]) -> None:
        self.exercise = exercise
        self.ends = ends
        self.begun = time.monotonic()
        self._convene()

    def _convene(self) -> None:
        whole = Checker(self.exercise.source.vocabulary, self.exercise.source.minimum)
        self.checker = whole.supposing(whole.relations(self.exercise.given))
        self.known = self.checker.knowing([c for end in self.ends for c in self.checker.domain.conditions(end)])

    def step(self, before: Term, term: Term, line: Line) -> Judged:
        """Whether the term equals the one before, in the time there is."""
        left = ALTOGETHER - (time.monotonic() - self.begun)
        try:
            with within_seconds(min(SECONDS, max(left, SECONDS / 10))):
                return self._judged(before, term, line)
        except TooLongError:
            self._convene()  # what was interrupted may be in no state to go on
        except _CANNOT:
            pass
        return Judged(line, "undecided")

    def _judged(self, before: Term, term: Term, line: Line) -> Judged:
        checker = self.checker
        lacking = self.known.lacking(checker.domain.conditions(term))
        if lacking is not None:
            needs = f"{written(lacking.term)} {SHOWN[lacking.operator]}"
            nowhere = undefined(lacking, self.ends[0], term, checker)
            found = None if nowhere else refuting(before, term, checker)
            return Judged(line, "wrong", found) if found else Judged(line, "undefined", nowhere, wanted=needs)
        try:
            checker.equal(before, term)
            return Judged(line, "holds")
        except _CANNOT:
            found = refuting(before, term, checker)
        return Judged(line, "wrong", found, self._difference(before, term)) if found else Judged(line, "undecided")

    def _difference(self, before: Term, term: Term) -> str:
        """Left minus right, reduced, if it is short and made of symbols only."""
        try:
            rest = self.checker.normaliser.difference(self.checker.bridge.sympy(before), self.checker.bridge.sympy(term))
        except _CANNOT:
            return ""
        text = str(rest)
        symbols = {*re.findall(r"[A-Za-z_]\w*", text)} <= self.exercise.vocabulary.symbols.keys()
        return text if rest is not None and symbols and len(text) <= _SHORT else ""
