"""What a checked item of a proof has shown: a relation, and under which conditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .relation import Relation
from .term import Entry, Name, Term


@dataclass(frozen=True, slots=True)
class Quantity:
    """One quantity of a recursion, or a sequence of them: its value at time 0, and its next value in terms of all present ones.

    `head` is a symbol, or a sequence at a general index.
    """

    head: Name | Entry
    start: Term
    update: Term


@dataclass(frozen=True, slots=True)
class Recursion:
    """Quantities that start somewhere and are updated together, once in every step of the time."""

    time: str
    states: tuple[Quantity, ...]


@dataclass(frozen=True)
class Fact:
    """A relation, for all values of the symbols in it that satisfy what is given.

    - given: the hypotheses; an index in one of them stands for every value of its range;
    - some: indices for some values of which it holds, rather than for all;
    - limit: the time that grows beyond all bounds: the relation's left side then tends to its right side;
    - recursion: what the states in it are; None if it speaks of none;
    - at: the values for which it holds, where it is an example.
    """

    says: Relation
    given: tuple[Relation, ...] = ()
    some: tuple[str, ...] = ()
    limit: str = ""
    recursion: Recursion | None = None
    at: Mapping[str, object] | None = None

    @property
    def general(self) -> bool:
        """Whether it may be argued from as it stands: for all indices, at every time, of no recursion."""
        return not self.some and not self.limit and self.recursion is None and self.at is None
