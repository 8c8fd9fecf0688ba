"""What an exercise is: what is given, what is asked, the exact answers, the mistakes to expect, and the worked solution."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, cast, get_args

from ...report.document import Block, Prose

Level = Literal["intro", "standard", "advanced"]
LEVELS: tuple[Level, ...] = get_args(Level)
"""From a first lesson, in which one formula is used, to several steps or a statement that has to be found."""


@dataclass(frozen=True)
class Picked:
    """Which of the lettered options are right, by their places from 0."""

    places: frozenset[int]


Answer = Fraction | tuple[Fraction, ...] | Picked
"""A rational number, a row of them, or the options to tick. Never a float."""


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that is to be expected, how one comes to it, and what it still earns."""

    answer: Answer
    why: Prose
    earns: int = 0


@dataclass(frozen=True)
class Part:
    """One question of an exercise.

    - options: what can be ticked; empty where a number is asked for;
    - work: how the answer is found, every line of it evaluated.
    """

    ask: Prose
    answer: Answer
    marks: int
    work: tuple[Block, ...]
    mistakes: tuple[Mistake, ...] = ()
    options: tuple[Prose, ...] = ()


@dataclass(frozen=True)
class Exercise:
    """An exercise with its numbers filled in.

    - given: what the student is told;
    - facts: the numbers and names in it, for whoever computes the answers a second time.
    """

    given: tuple[Block, ...]
    parts: tuple[Part, ...]
    facts: dict[str, object]

    @property
    def marks(self) -> int:
        """What the whole exercise is worth."""
        return sum(part.marks for part in self.parts)

    @property
    def shown(self) -> frozenset[Fraction]:
        """The numbers that the question states: none of them may be the whole answer."""
        return frozenset(_numbers(tuple(self.facts.values())))


def _numbers(value: object) -> Iterator[Fraction]:
    match value:
        case int() | Fraction():
            yield Fraction(value)
        case tuple():
            for entry in cast("tuple[object, ...]", value):
                yield from _numbers(entry)
        case _:
            return


def part(
    ask: Prose,
    answer: Answer,
    marks: int,
    *work: Block,
    wrong: tuple[tuple[Answer, Prose, int], ...] = (),
    options: tuple[Prose, ...] = (),
) -> Part:
    """A question; `wrong` lists an answer, how one comes to it, and what it earns."""
    return Part(ask, answer, marks, work, tuple(Mistake(*each) for each in wrong), options)
