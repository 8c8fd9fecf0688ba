"""Case split with every case covered."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from ...errors import ProofError
from ..symbols import Replacement
from ..term import Name, Negative, Number, Term
from .item import Context, Item

if TYPE_CHECKING:  # the checker brings SymPy; a theorem is only data
    from ..checker import Checker

ZERO, ONE = Number(Fraction(0)), Number(Fraction(1))


@dataclass(frozen=True)
class Case:
    """One case: a title, its condition, and the items that prove the claim under it.

    The condition is an interval ``(low, high)`` of a count, or the sign ``<``, ``=`` or ``>`` of a scalar.
    """

    title: str
    condition: tuple[str, str] | Literal["<", "=", ">"]
    items: tuple[Item, ...]


Branch = tuple[Case, dict[str, Replacement], list[Term]]


@dataclass(frozen=True)
class Cases:
    """A split over a count m of n (cases m = 0, 1 ≤ m ≤ n−1, m = n), or over the sign of a scalar symbol."""

    claim: str
    over: str
    cases: tuple[Case, ...]

    def check(self, checker: Checker, context: Context) -> None:
        """Raises ProofError where a case is missing, overlaps another, is empty of proof, or fails."""
        term = checker.parse(self.over)
        if not isinstance(term, Name):
            raise ProofError(f"a case split is over a symbol, not `{self.over}`")
        counted = checker.vocabulary.symbols[term.name].sort == "count"
        branches = self._by_count(term, checker) if counted else self._by_sign(term)
        for case, assume, positive in branches:
            inner = checker.narrowed(assume, positive)
            for item in case.items:
                item.check(inner, context)
            if not inner.checks:
                raise ProofError(f"the case `{case.title}` proves nothing")
            checker.checks += inner.checks

    def _by_count(self, count: Name, checker: Checker) -> list[Branch]:
        vocabulary = checker.vocabulary
        indicator = vocabulary.symbols[vocabulary.symbols[count.name].of or ""]
        size = Name(indicator.over or "")
        interior = (ONE, checker.parse(f"{size.name} - 1"))
        conditions = [tuple(map(checker.parse, c.condition)) if isinstance(c.condition, tuple) else () for c in self.cases]
        if conditions != [(ZERO, ZERO), interior, (size, size)]:
            raise ProofError(
                f"the cases of {count.name} must be 0, 1 … {size.name}−1 and {size.name}, in this order; "
                f"here they are {[c.condition for c in self.cases]}"
            )
        fixed = [
            {indicator.name: Replacement(("i",), v), count.name: Replacement((), w)} for v, w in ((ZERO, ZERO), (ONE, size))
        ]
        between = [count, checker.parse(f"{size.name} - {count.name}")]
        return list(zip(self.cases, [fixed[0], {}, fixed[1]], [[], between, []], strict=True))

    def _by_sign(self, scalar: Name) -> list[Branch]:
        if sorted(str(c.condition) for c in self.cases) != ["<", "=", ">"]:
            raise ProofError(f"a split by sign has the cases < = >, not {[c.condition for c in self.cases]}")
        meaning: dict[object, tuple[dict[str, Replacement], list[Term]]] = {
            "=": ({scalar.name: Replacement((), ZERO)}, []),
            ">": ({}, [scalar]),
            "<": ({}, [Negative(scalar)]),
        }
        return [(c, *meaning[c.condition]) for c in self.cases]
