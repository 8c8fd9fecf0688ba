"""The documents: a sheet of exercises, its worked solutions, and its marking scheme. Every seed gives another sheet."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from ...errors import nearest
from ...report.document import Block, Bullets, Code, Document, Heading, Paragraph, Strong, Text, text
from ...theorems import registry as theorems
from .exercise import LEVELS, Exercise, Level, Part
from .marking import marking_blocks
from .registry import TEMPLATES
from .template import ExerciseError, Template
from .wording import LETTERS, answered

PER_LEVEL = 3
"""How many exercises of each level a sheet has, if nobody says otherwise."""
LICENCE = "Apache License 2.0"
LICENSED = (
    f"This material is part of bnproof and under its licence, the {LICENCE}: copy it, change it, print it and hand it on, "
    "also for money; "
    "keep this note, and say what you changed."
)
CONVENTIONS = (
    "Answers are exact: integers or fractions in lowest terms, no decimals. A variance divides by the number of values. BN "
    "is batch normalisation with "
    "scale γ, shift β and the small constant ε under the root. “Training” means the statistics of the batch, “evaluation” "
    "stored ones."
)


@dataclass(frozen=True)
class Sheet:
    """A seed's exercises, easiest first."""

    seed: int
    exercises: tuple[tuple[Template, Exercise], ...]

    @property
    def marks(self) -> int:
        """What the whole sheet is worth."""
        return sum(exercise.marks for _, exercise in self.exercises)

    def questions(self) -> Document:
        """What a student gets: no answer, no name of a theorem, no hint."""
        blocks: list[Block] = [
            Heading(1, text(f"Exercises: does this bias matter? Sheet {self.seed}")),
            Paragraph(text(f"Name: {'_' * 26}   Date: {'_' * 10}   Marks: ____ of {self.marks}")),
            Paragraph(text(CONVENTIONS)),
        ]
        for number, (template, exercise) in enumerate(self.exercises, 1):
            blocks += [_title(number, template, exercise), *exercise.given]
            for letter, part in zip(LETTERS, exercise.parts, strict=False):
                blocks += _question(letter, part, len(exercise.parts) > 1)
        return self._document("exercises", blocks)

    def solutions(self) -> Document:
        """Every answer first, then how it is found, in the steps of the theorem's page."""
        blocks: list[Block] = [
            Heading(1, text(f"Solutions: does this bias matter? Sheet {self.seed}")),
            Paragraph(
                text(
                    "Every answer first, then how it is found. Every line of a calculation was evaluated in exact rational "
                    "arithmetic at the "
                    "numbers of the exercise; the first lines are often those of the theorem's own page."
                )
            ),
        ]
        for number, (template, exercise) in enumerate(self.exercises, 1):
            rests = theorems.theorem(template.rests_on)
            blocks += [_title(number, template, exercise), *exercise.given]
            for letter, part in zip(LETTERS, exercise.parts, strict=False):
                several = len(exercise.parts) > 1
                blocks += _question(letter, part, several)
                blocks.append(
                    Paragraph((Strong(f"Answer{f' ({letter})' if several else ''}: "), *answered(part.answer), Text(".")))
                )
                blocks += part.work
            blocks.append(Paragraph((Strong("Rests on: "), Text(f"{rests.title}. The proof:"))))
            blocks.append(Paragraph((Code(f"bnproof prove {rests.name}"),)))
        return self._document("solutions", blocks)

    def marking(self) -> Document:
        """What earns how many marks, and what the usual wrong answers still earn."""
        heading = Heading(1, text(f"Marking scheme: does this bias matter? Sheet {self.seed}"))
        return self._document("marking", [heading, *marking_blocks(self.exercises)])

    def _document(self, stem: str, blocks: list[Block]) -> Document:
        made = f"bnproof teach exercises --seed {self.seed}"
        return Document(f"{stem}-{self.seed}", (*blocks, Paragraph(text(LICENSED))), made, "the templates of the exercises")


def draw(seed: int, level: str | None = None, count: int | None = None) -> Sheet:
    """The sheet of a seed: `count` exercises of a level, or of all levels in turn; no kind twice.

    Raises ExerciseError for an unknown level, or a count that is not between 1 and the number of templates.
    """
    wanted = [each for each in LEVELS if level in (None, each)]
    if level is not None and not wanted:
        raise ExerciseError(
            f"unknown level `{level}`; did you mean {', '.join(nearest(level, LEVELS, 2))}? The levels: {', '.join(LEVELS)}"
        )
    rng = random.Random(f"sheet:{seed}")
    pools = {each: _shuffled(each, rng) for each in LEVELS}
    most = sum(len(pools[each]) for each in wanted)
    number = PER_LEVEL * len(LEVELS) if count is None else count
    if not 1 <= number <= most:
        raise ExerciseError(
            f"a sheet of {number} exercises cannot be made: ask for 1 to {most}, for there are so many kinds{_of(level)}"
        )
    chosen: list[Template] = []
    while len(chosen) < number:
        for each in wanted:
            if pools[each] and len(chosen) < number:
                chosen.append(pools[each].pop())
    chosen.sort(key=lambda template: LEVELS.index(template.level))
    return Sheet(seed, tuple((template, template.draw(seed)) for template in chosen))


def sheet(seed: int, level: Level | None = None, count: int | None = None) -> Document:
    """The exercises of a seed, without answers; as `draw`."""
    return draw(seed, level, count).questions()


def solutions(seed: int, level: Level | None = None, count: int | None = None) -> Document:
    """The worked solutions of the same sheet; as `draw`."""
    return draw(seed, level, count).solutions()


def marking(seed: int, level: Level | None = None, count: int | None = None) -> Document:
    """The marking scheme of the same sheet; as `draw`."""
    return draw(seed, level, count).marking()


def _of(level: str | None) -> str:
    return f" at the level {level}" if level else ""


def _shuffled(level: Level, rng: random.Random) -> list[Template]:
    pool = [template for template in TEMPLATES.values() if template.level == level]
    rng.shuffle(pool)
    return pool


def _title(number: int, template: Template, exercise: Exercise) -> Heading:
    return Heading(2, text(f"{number}. {template.title} ({template.level}, {_worth(exercise.marks)})"))


def _worth(marks: int) -> str:
    return f"{marks} mark{'s' * (marks != 1)}"


def _question(letter: str, part: Part, several: bool) -> Iterator[Block]:
    lead = (Strong(f"({letter}) "),) if several else ()
    worth = (Text(f" [{_worth(part.marks)}]"),) if several else ()
    yield Paragraph((*lead, *part.ask, *worth))
    if part.options:
        yield Bullets(tuple((Text(f"({LETTERS[place]}) "), *option) for place, option in enumerate(part.options)))
