"""A parameter of a framework's constructor, as data: what it takes and what it is by default."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Raw: TypeAlias = "int | float | bool | str | tuple[Raw, ...] | None"
"""A value as a framework's constructor takes it."""
Kind = Literal[
    "size",
    "sizes",
    "factors",
    "shape",
    "nested",
    "axes",
    "number",
    "share",
    "flag",
    "word",
    "label",
    "activation",
    "anything",
]
"""What a parameter takes.

size: a whole number, 1 or more, or a name that stands for one; sizes: a whole number, or one for each axis; factors: the same,
also written 2.0; shape: whole numbers of any count, or one name; nested: whole numbers from 0 in tuples; axes: numbers of axes,
which may be negative; number; share: a number from 0 to below 1, or a name; flag; word; label: a layer's name in quotes;
activation: a word, a function's name or a layer; anything: it says nothing about what is computed.
"""


@dataclass(frozen=True)
class Parameter:
    """One parameter of a constructor. Without a default it is required; `example` is what an error suggests for it.

    `words` may be written for it, in any case if `anycase`, `none` says that None may; `low` is its least number; `keyword` that it
    is given by name alone; `only` says why nothing but the default can be read, in words that end the error. Of sizes, `single` says
    that a tuple of one number stands for all axes, `kept` that None in a tuple keeps an axis as it is.
    """

    name: str
    kind: Kind = "anything"
    default: Raw = None
    required: bool = False
    words: tuple[str, ...] = ()
    none: bool = False
    low: float = 1
    only: str = ""
    keyword: bool = False
    anycase: bool = False
    single: bool = False
    kept: bool = False
    example: str = ""

    @property
    def expected(self) -> str:
        """What may be written for it, in words."""
        words = f"one of {', '.join(self.words)}" if self.words else ""
        said = words if self.kind == "word" else " or ".join(filter(None, (words, _EXPECTED[self.kind].format(low=self.low))))
        return said + (" or None" if self.none else "")


_EXPECTED: dict[Kind, str] = {
    "size": "a whole number, 1 or more, or a name that stands for one",
    "sizes": "a whole number, {low:.0f} or more, or one for each axis",
    "factors": "a whole number, 1 or more, or one for each axis",
    "shape": "a whole number, 1 or more, or several",
    "nested": "whole numbers, 0 or more",
    "axes": "the number of an axis, or several",
    "number": "a number",
    "share": "a number from 0 to below 1",
    "flag": "True or False",
    "word": "a word",
    "label": "a name in quotes, of letters, digits, _ and dots",
    "activation": "an activation's name, such as 'relu'",
    "anything": "a value",
}


def needed(name: str, kind: Kind, example: str, low: float = 1, single: bool = False, kept: bool = False) -> Parameter:
    """A required parameter."""
    return Parameter(name, kind, required=True, example=example, low=low, single=single, kept=kept)


def each(value: Raw, axes: int) -> tuple[int, ...]:
    """A size for all axes, or one for each, as one for each."""
    numbers = tuple(n for n in (value if isinstance(value, tuple) else (value,)) if isinstance(n, int))
    return numbers * axes if len(numbers) == 1 else numbers
