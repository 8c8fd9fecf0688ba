"""What the items of a proof have in common, and connecting prose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ...errors import ProofError
from ..fact import Fact
from ..symbols import Vocabulary
from ..term import Term

if TYPE_CHECKING:  # the checker brings SymPy; a theorem is only data
    from ..checker import Checker

Steps = tuple[tuple[str, str], ...]
"""Pairs (expression, reason)."""


@dataclass(frozen=True)
class Cited:
    """A fact of a proved theorem, in that theorem's vocabulary. `minimum`: least values of its sizes that must be larger than 1."""

    vocabulary: Vocabulary
    fact: Fact
    minimum: Mapping[str, int]


class Context(Protocol):
    """What an inference may ask for besides its checker: facts proved before, in other theorems and in this one."""

    def cited(self, theorem: str, label: str) -> Cited:
        """A labelled fact of a proved theorem."""
        ...

    def fact(self, label: str) -> Fact:
        """A labelled fact of this proof."""
        ...

    def record(self, item: Item, facts: Sequence[Fact]) -> None:
        """Keep what an item has shown."""
        ...


class Item(Protocol):
    """One item of a proof."""

    def check(self, checker: Checker, context: Context) -> tuple[Fact, ...]:
        """What the item shows. Raises ProofError unless it holds."""
        ...


@dataclass(frozen=True)
class Say:
    """Connecting prose; it proves nothing."""

    text: str

    def check(self, checker: Checker, context: Context) -> tuple[Fact, ...]:
        """Nothing to check."""
        return ()


def check_steps(first: Term, steps: Steps, checker: Checker) -> Term:
    """First = step₁ = step₂ = …; returns the last expression. Raises ProofError naming the step that fails."""
    expressions = [expression for expression, _ in steps]
    terms = [checker.parse(expression) for expression in expressions]
    checker.chain(first, terms, expressions=expressions)
    return terms[-1] if terms else first


def argued_from(labels: Sequence[str], context: Context) -> tuple[Fact, ...]:
    """The facts behind the labels. Raises ProofError for one that holds for some indices or an example only."""
    facts = tuple(context.fact(label) for label in labels)
    for label, fact in zip(labels, facts, strict=True):
        if not fact.general:
            raise ProofError(f"`{label}` does not hold in general, so that nothing may be supposed from it")
    return facts
