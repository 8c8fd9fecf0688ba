"""What a template must not be over many seeds: every sheet the same, an answer that can be learnt by heart, a ticked letter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ...report.document import plain_text
from .exercise import Exercise, Picked
from .faults import faults
from .template import Template

SAME = 0.25
"""At most this share of the seeds may have the same answer to a question."""
DIFFERENT = 0.3
"""At least this share of the seeds must give different exercises."""
LETTER = (0.15, 0.85)
"""Each lettered option is right in at least and at most this share of the seeds."""
WASTED = 20
"""At most so many draws are rejected for one that is sound."""


@dataclass(frozen=True)
class Stressed:
    """A template over many seeds: what was found, and how often a draw was rejected for what."""

    name: str
    seeds: int
    rejected: dict[str, int]
    found: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing was found."""
        return not self.found


def stress(template: Template, seeds: Iterable[int] = range(200)) -> Stressed:
    """Draw the template with every seed, and look at the exercises one by one and all together.

    Raises ExerciseError where a seed gives no sound exercise, ProofError where a line of a solution does not hold.
    """
    drawn: list[Exercise] = []
    rejected: Counter[str] = Counter()
    for seed in seeds:
        exercise, wrong = template.draws(seed)
        drawn.append(exercise)
        rejected.update(fault.kind for fault in wrong)
    found = tuple(f"{template.name}: {says}" for says in (*_single(drawn), *_together(drawn, sum(rejected.values()))))
    return Stressed(template.name, len(drawn), dict(rejected), found)


def _single(drawn: list[Exercise]) -> Iterator[str]:
    """Faults that a draw should have been rejected for, and marks and questions that do not fit."""
    for place, exercise in enumerate(drawn):
        for fault in faults(exercise):
            yield f"seed {place}: {fault.kind}: {fault.says}"
        for part in exercise.parts:
            if part.marks < 1 or any(not 0 <= mistake.earns < part.marks for mistake in part.mistakes):
                yield f"seed {place}: a wrong answer earns as much as the right one, or the right one nothing"
            if isinstance(part.answer, Picked) != bool(part.options):
                yield f"seed {place}: options without anything to tick, or the other way round"
            if not part.work:
                yield f"seed {place}: a question without a worked solution"


def _together(drawn: list[Exercise], rejected: int) -> Iterator[str]:
    """What only shows over many seeds."""
    count = len(drawn)
    if rejected > WASTED * count:
        yield f"{rejected} faults were rejected for {count} exercises"
    different = len({repr(sorted(exercise.facts.items())) for exercise in drawn})
    if different < DIFFERENT * count:
        yield f"only {different} different exercises for {count} seeds"
    lengths = {len(exercise.parts) for exercise in drawn}
    if len(lengths) > 1:
        yield f"the number of questions varies: {sorted(lengths)}"
        return
    for place, parts in enumerate(zip(*(exercise.parts for exercise in drawn), strict=True)):
        answers = Counter(part.answer for part in parts)
        answer, often = answers.most_common(1)[0]
        if often > SAME * count:
            yield f"question {place + 1} has the answer {answer} for {often} of {count} seeds ({plain_text(parts[0].ask)})"
        if isinstance(answer, Picked):
            yield from _letters([part.answer for part in parts if isinstance(part.answer, Picked)], len(parts[0].options))


def _letters(picked: list[Picked], options: int) -> Iterator[str]:
    for letter in range(options):
        share = sum(letter in each.places for each in picked) / len(picked)
        if not LETTER[0] <= share <= LETTER[1]:
            yield f"option {'abcdefgh'[letter]} is right for {share:.0%} of the seeds"
