"""What the items of a proof have in common, and connecting prose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ...errors import ProofError
from ..source import prefix
from ..symbols import Replacement, Vocabulary
from ..term import Apply, Entry, Name, Term

if TYPE_CHECKING:  # the checker brings SymPy; a theorem is only data
    from ..checker import Checker

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
    """First = step₁ = step₂ = …; returns the last expression. Raises ProofError naming the step that fails."""
    previous = first
    for number, (expression, _) in enumerate(steps, 1):
        term = checker.parse(expression)
        try:
            checker.equal(previous, term)
        except ProofError as error:
            raise ProofError(f"{prefix(expression)}step {number} of {len(steps)}: {error}") from error
        previous = term
    return previous


def replacements(assume: Mapping[str, str], checker: Checker) -> dict[str, Replacement]:
    """``{"x[j]": "0", "w": "2"}`` as replacements.

    A definition, ``D(j)``, may be replaced too: "suppose D vanishes". Raises ProofError for anything else.
    """
    found: dict[str, Replacement] = {}
    for head, body in assume.items():
        match checker.parse(head):
            case Name(name):
                found[name] = Replacement((), checker.parse(body))
            case Entry(name, places) | Apply(name, places):
                parameters = tuple(i.name for i in places if isinstance(i, Name))
                indices = all(checker.vocabulary.symbols[p].sort == "index" for p in parameters)
                if not indices or len({*parameters}) != len(places):
                    raise ProofError(f"`{head}` must carry distinct indices: what is replaced is replaced for all of them")
                found[name] = Replacement(parameters, checker.parse(body))
            case _:
                raise ProofError(f"only a symbol, `x[i]` or a definition `D(i)` can be replaced, not `{head}`")
    return found
