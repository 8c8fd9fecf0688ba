"""A combination of geometric sequences dies out if every ratio is smaller than 1 in absolute value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from ...errors import ProofError
from ..fact import Fact
from ..relation import ZERO, Relation
from ..term import Binary, Name, Number, Term, substitute
from ..unfold import names_within
from .item import Context, argued_from

if TYPE_CHECKING:  # the checker brings SymPy; a theorem is only data
    from ..checker import Checker


@dataclass(frozen=True)
class DiesOut:
    """``term → 0`` as `time` grows, because one step after the other multiplies its parts by ratios below 1.

    The term must be annihilated by the product of (next − ratio·present) over the ratios, as c₁·q₁ᵗ + c₂·q₂ᵗ is by two, and
    (c₁ + c₂·t)·qᵗ by the same ratio twice. `since` names the facts ``1 − q² > 0``, one for each distinct ratio.
    """

    claim: str
    time: str
    term: str
    ratios: tuple[str, ...]
    since: tuple[str, ...]
    given: tuple[str, ...] = ()
    label: str = ""
    because: ClassVar[str] = "in each step every part is multiplied by a ratio below 1 in absolute value"

    def check(self, checker: Checker, context: Context) -> tuple[Fact, ...]:
        """Raises ProofError unless the ratios annihilate the term and each is shown to be below 1 in absolute value."""
        inner = checker.supposing(checker.relations(self.given), argued_from(self.since, context))
        term, ratios = inner.parse(self.term), [inner.parse(r) for r in self.ratios]
        time = inner.parse(self.time)
        if not isinstance(time, Name) or inner.vocabulary.symbols[time.name].sort != "integer" or not ratios:
            raise ProofError("a sequence dies out in time, an integer symbol, by at least one ratio")
        if time.name in names_within(substitute(term, {time.name: ZERO}), inner.vocabulary):
            raise ProofError(f"`{self.time}` must stand in the term itself, not hide in a definition")
        for relation in inner.supposed:
            if time.name in names_within(relation.difference, inner.vocabulary):
                raise ProofError(f"{inner.said(relation)} is supposed, but {self.time} grows")
        for ratio in ratios:
            if time.name in names_within(ratio, inner.vocabulary):
                raise ProofError(f"the ratio {inner.plain(ratio)} changes with {self.time}")
            below = Binary("-", Number(ZERO.value + 1), Binary("**", ratio, Number(ZERO.value + 2)))
            if not inner.known.compares(">", below):
                raise ProofError(f"nothing shows {inner.plain(below)} > 0: name the fact that says so (since=…)")
        rest: Term = term
        for ratio in ratios:
            rest = Binary("-", self._later(rest, time), Binary("*", ratio, rest))
        known = inner.knowing(inner.domain.conditions(term))
        inner.require(known, rest, term)
        # the annihilation holds whatever the ratios' sizes, so that no instance need be thrown away for them
        wider = checker.supposing([r for r in checker.relations(self.given) if r.operator == "=="])
        wider.equal(rest, ZERO)
        checker.checks += wider.checks
        return (Fact(Relation(term, "==", ZERO), inner.given, limit=time.name),)

    @staticmethod
    def _later(term: Term, time: Name) -> Term:
        return substitute(term, {time.name: Binary("+", time, Number(ZERO.value + 1))})
