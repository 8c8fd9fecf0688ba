"""One kind of exercise: its title, its level, what it rests on, and how its numbers are drawn."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from ...errors import BnproofError
from .exercise import Exercise, Level
from .faults import Fault, faults

TRIES = 60
"""So many draws may be rejected before a template is given up."""

Make = Callable[[random.Random], Exercise]


@dataclass(frozen=True)
class Template:
    """A kind of exercise. `rests_on` is a theorem's name, and the solutions are in its notation."""

    name: str
    title: str
    level: Level
    rests_on: str
    make: Make

    def attempt(self, seed: int, number: int) -> Exercise:
        """One draw, sound or not; the same seed and number give the same."""
        return self.make(random.Random(f"{self.name}:{seed}:{number}"))

    def draws(self, seed: int) -> tuple[Exercise, list[Fault]]:
        """The first sound exercise of the seed, and what was wrong with those before it.

        Raises ExerciseError if none is sound.
        """
        rejected: list[Fault] = []
        for number in range(TRIES):
            exercise = self.attempt(seed, number)
            found = faults(exercise)
            if not found:
                return exercise, rejected
            rejected += found
        raise ExerciseError(
            f"no sound exercise of `{self.name}` in {TRIES} draws with seed {seed}; the last: {rejected[-1].says}"
        )

    def draw(self, seed: int) -> Exercise:
        """The exercise of the seed. Raises ExerciseError if there is none."""
        return self.draws(seed)[0]


class ExerciseError(BnproofError):
    """A sheet that cannot be made as asked: an unknown template or level, too large a count, no sound numbers."""


TABLE: dict[str, Template] = {}
"""Every template by name, in the order in which the subjects define them; `registry` fills it."""


def template(title: str, level: Level, rests_on: str) -> Callable[[Make], Make]:
    """Register a function that draws an exercise, under its own name. Raises ValueError for a name that is taken."""

    def register(make: Make) -> Make:
        name = make.__name__
        if name in TABLE:
            raise ValueError(f"there are two templates `{name}`")
        TABLE[name] = Template(name, title, level, rests_on, make)
        return make

    return register
