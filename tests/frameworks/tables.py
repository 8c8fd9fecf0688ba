"""Calls of a framework's layers, from a table of what its arguments may be."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from bnproof.chain.tree import Shape

Written: TypeAlias = "int | float | bool | str | tuple[Written, ...] | list[int] | None"
"""What may be written for an argument."""
Case = tuple[str, Shape]
"""A layer as it is called, and the shape of its input."""


@dataclass(frozen=True)
class Table:
    """A layer: its word, the arguments that are always there, what the others may be beside their defaults, shapes of inputs."""

    word: str
    always: tuple[Written, ...] = ()
    options: Mapping[str, Sequence[Written]] = field(default_factory=dict[str, "Sequence[Written]"])
    shapes: Sequence[Shape] = ()

    def call(self, given: dict[str, Written]) -> str:
        written = [*map(repr, self.always), *(f"{name}={value!r}" for name, value in given.items())]
        return f"{self.word}({', '.join(written)})"

    def single(self) -> Iterator[Case]:
        """The defaults, and each argument by itself."""
        for shape in self.shapes:
            yield self.call({}), shape
            for name, values in self.options.items():
                for value in values:
                    yield self.call({name: value}), shape

    def mixed(self, count: int) -> Iterator[Case]:
        """`count` combinations of two arguments or more, the same in every run."""
        drawn = random.Random(self.word)
        for _ in range(count if len(self.options) > 1 else 0):
            names = drawn.sample(list(self.options), drawn.randint(2, len(self.options)))
            given = {name: drawn.choice(list(self.options[name])) for name in self.options if name in names}
            yield self.call(given), drawn.choice(list(self.shapes))


def single(tables: Sequence[Table]) -> list[Case]:
    """The defaults and each argument by itself, of every table, each once."""
    return list(dict.fromkeys(case for table in tables for case in table.single()))


def mixed(tables: Sequence[Table], count: int) -> list[Case]:
    """`count` combinations of every table that has some, each once."""
    known = set(single(tables))
    return [case for case in dict.fromkeys(case for table in tables for case in table.mixed(count)) if case not in known]


def inputs(shape: Shape) -> np.ndarray:
    """An input of that shape, the same in every run."""
    return np.random.default_rng(0).normal(size=shape) * 2
