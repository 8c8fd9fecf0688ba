"""What the items of a proof have in common, and connecting prose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from ...errors import ProofError
from ..checker import Checker
from ..notation import parse
from ..symbols import Replacement, Vocabulary
from ..term import Apply, Entry, Name, Term

Steps = tuple[tuple[str, str], ...]
"""Pairs (expression, reason)."""


@dataclass(frozen=True)
class Conclusion:
    """First and last expression of a labelled chain of a proved theorem, and what that theorem supposes.

    `minimum` gives the least value of each size that must be larger than 1.
    """

    vocabulary: Vocabulary
    first: Term
    last: Term
    minimum: Mapping[str, int]


class Context(Protocol):
    """What an inference may ask for besides its checker: the chains of theorems proved before."""

    def conclusion(self, theorem: str, label: str) -> Conclusion:
        """A labelled chain of a proved theorem."""
        ...


class Item(Protocol):
    """One item of a proof."""

    def check(self, checker: Checker, context: Context) -> None:
        """Raises ProofError unless the item holds."""
        ...


@dataclass(frozen=True)
class Say:
    """Connecting prose; it proves nothing."""

    text: str

    def check(self, checker: Checker, context: Context) -> None:
        """Nothing to check."""


def check_steps(first: Term, steps: Steps, checker: Checker) -> Term:
    """First = step₁ = step₂ = …; returns the last expression."""
    previous = first
    for expression, _ in steps:
        term = parse(expression, checker.vocabulary)
        checker.equal(previous, term)
        previous = term
    return previous


def replacements(assume: Mapping[str, str], vocabulary: Vocabulary) -> dict[str, Replacement]:
    """``{"x[j]": "0", "w": "2"}`` as replacements.

    A definition, ``D(j)``, may be replaced too: "suppose D vanishes". Raises ProofError for anything else.
    """
    found: dict[str, Replacement] = {}
    for head, body in assume.items():
        match parse(head, vocabulary):
            case Name(name):
                found[name] = Replacement((), parse(body, vocabulary))
            case Entry(name, places) | Apply(name, places):
                parameters = tuple(i.name for i in places if isinstance(i, Name))
                indices = all(vocabulary.symbols[p].sort == "index" for p in parameters)
                if not indices or len({*parameters}) != len(places):
                    raise ProofError(f"`{head}` must carry distinct indices: what is replaced is replaced for all of them")
                found[name] = Replacement(parameters, parse(body, vocabulary))
            case _:
                raise ProofError(f"only a symbol, `x[i]` or a definition `D(i)` can be replaced, not `{head}`")
    return found
