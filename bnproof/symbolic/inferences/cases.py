"""Case split with every case covered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from ...errors import ProofError
from ..fact import Fact, Recursion
from ..relation import ZERO, Relation
from ..symbols import Replacement, Vocabulary
from ..term import Binary, Name, Negative, Number
from ..unfold import names_within
from .item import Context, Item

if TYPE_CHECKING:  # the checker brings SymPy; a theorem is only data
    from ..checker import Checker

ONE = Number(Fraction(1))


@dataclass(frozen=True)
class Case:
    """One case: a title, its condition, and the items that prove the claim under it.

    The condition is an interval ``(low, high)`` of a count, or the sign ``<``, ``=`` or ``>`` of a scalar.
    """

    title: str
    condition: tuple[str, str] | Literal["<", "=", ">"]
    items: tuple[Item, ...]


Branch = tuple[Case, dict[str, Replacement], tuple[Relation, ...]]


@dataclass(frozen=True)
class Cases:
    """A split over a count m of n (cases m = 0, 1 ≤ m ≤ n−1, m = n), or over the sign of a scalar symbol.

    What is shown in every case is shown without a condition; what is shown in one holds under that case's condition.
    """

    claim: str
    over: str
    cases: tuple[Case, ...]
    label: str = ""

    def check(self, checker: Checker, context: Context) -> tuple[Fact, ...]:
        """Raises ProofError where a case is missing, overlaps another, is empty of proof, or fails."""
        term = checker.parse(self.over)
        if not isinstance(term, Name):
            raise ProofError(f"a case split is over a symbol, not `{self.over}`")
        counted = checker.vocabulary.symbols[term.name].sort == "count"
        branches = self._by_count(term, checker) if counted else self._by_sign(term)
        shown: list[set[_Key]] = []
        everywhere: list[Fact] = []
        for case, assume, condition in branches:
            inner = checker.narrowed(assume, condition)
            shown.append(set())
            for item in case.items:
                facts = tuple(loosened(fact, checker.vocabulary) for fact in item.check(inner, context))
                context.record(item, facts)
                freed = [replace(f, given=tuple(r for r in f.given if r not in condition)) for f in facts if f.at is None]
                shown[-1] |= {_key(fact) for fact in freed}
                everywhere += freed
            if not inner.checks:
                raise ProofError(f"the case `{case.title}` proves nothing")
            checker.checks += inner.checks
        common = set.intersection(*shown)
        return tuple({_key(f): f for f in everywhere if _key(f) in common}.values())

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
            {indicator.name: Replacement(("i",), v, (size.name,)), count.name: Replacement((), w)}
            for v, w in ((ZERO, ZERO), (ONE, size))
        ]
        relations = (
            (Relation(count, "==", ZERO),),
            (Relation(count, ">", ZERO), Relation(count, "<", size)),
            (Relation(count, "==", size),),
        )
        return list(zip(self.cases, [fixed[0], {}, fixed[1]], relations, strict=True))

    def _by_sign(self, scalar: Name) -> list[Branch]:
        if sorted(str(c.condition) for c in self.cases) != ["<", "=", ">"]:
            raise ProofError(f"a split by sign has the cases < = >, not {[c.condition for c in self.cases]}")
        meaning: dict[object, tuple[dict[str, Replacement], tuple[Relation, ...]]] = {
            "=": ({scalar.name: Replacement((), ZERO)}, (Relation(scalar, "==", ZERO),)),
            ">": ({}, (Relation(scalar, ">", ZERO),)),
            "<": ({}, (Relation(scalar, "<", ZERO),)),
        }
        return [(c, *meaning[c.condition]) for c in self.cases]


_Key = tuple[Relation, frozenset[Relation], tuple[str, ...], str, Recursion | None]


def _key(fact: Fact) -> _Key:
    return fact.says, frozenset(fact.given), fact.some, fact.limit, fact.recursion


def loosened(fact: Fact, vocabulary: Vocabulary) -> Fact:
    """Without the name given to a positive or negative number: ``b == tau`` says no more than ``b > 0``, if nothing else names tau."""

    def named(relation: Relation) -> tuple[str | None, Fraction]:
        """The positive symbol of which the left side is a multiple, and by which number."""
        body, factor = relation.right, Fraction(1)
        while isinstance(body, Negative) or (isinstance(body, Binary) and body.op == "*" and isinstance(body.left, Number)):
            if isinstance(body, Negative):
                body, factor = body.body, -factor
            elif isinstance(body.left, Number):
                body, factor = body.right, factor * body.left.value
        plain = relation.operator == "==" and isinstance(relation.left, Name) and isinstance(body, Name)
        positive = plain and isinstance(body, Name) and vocabulary.symbols[body.name].sort == "positive"
        return (body.name if positive and isinstance(body, Name) else None), factor

    def mentions(name: str, relations: Sequence[Relation]) -> bool:
        states = fact.recursion.states if fact.recursion is not None else ()
        terms = (*(r.difference for r in relations), *(t for s in states for t in (s.start, s.update)))
        return any(name in names_within(term, vocabulary) for term in terms)

    for relation in fact.given:
        name, factor = named(relation)
        others = tuple(r for r in fact.given if r != relation)
        if name is None or not factor or mentions(name, (fact.says, *others)):
            continue
        if Relation(relation.left, ">" if factor > 0 else "<", ZERO) in others:
            return loosened(replace(fact, given=others), vocabulary)
    return fact
