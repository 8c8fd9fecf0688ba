"""Whether what the items of a proof have shown is what the theorem says: conclusions, and the hypotheses each rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from ..errors import ProofError
from ..symbolic.entangled import require_apart
from ..symbolic.evaluate import NO_VALUE, Instance
from ..symbolic.fact import Fact, Quantity, Recursion
from ..symbolic.relation import IMPLIES, Relation
from ..symbolic.term import Apply, Entry, Name
from .theorem import Conclusion, Hypothesis, Theorem

if TYPE_CHECKING:  # the checker brings SymPy; a theorem is only data
    from ..symbolic.checker import Checker
    from ..symbolic.known import Known

_TRIED = 200
"""Random instances looked at for one where everything supposed holds."""


@dataclass(frozen=True)
class Concluded:
    """A conclusion with its formulas read.

    - fact: the item's fact that it is, or follows from by leaving something out;
    - hypotheses: those of the theorem that it rests on, by position; needed to show it, or for its terms to have values.
    """

    conclusion: Conclusion
    says: Relation
    given: tuple[Relation, ...]
    recursion: Recursion | None
    fact: Fact
    hypotheses: tuple[int, ...]


class Judge:
    """Finds for each conclusion of a theorem the fact that shows it."""

    def __init__(self, theorem: Theorem, checker: Checker, facts: Sequence[Fact]) -> None:
        self.theorem = theorem
        self.checker = checker
        self.facts = facts
        self.formal = [checker.relations(h.formal) for h in theorem.hypotheses]

    def conclusions(self) -> tuple[Concluded, ...]:
        """All of them. Raises ProofError for one that nothing shows, and for a hypothesis that none rests on."""
        if not self.theorem.conclusions or not self.theorem.proof:
            raise ProofError(f"{self.theorem.name}: a theorem has conclusions, and a proof of them")
        found = tuple(self.concluded(c) for c in self.theorem.conclusions)
        for place, relations in enumerate(self.formal):
            if relations and not any(place in c.hypotheses for c in found):
                raise ProofError(
                    f"{self.theorem.name}: no conclusion rests on the hypothesis `{self.theorem.hypotheses[place].text}` "
                    f"({'; '.join(map(self.checker.said, relations))}): leave it out, or conclude what needs it"
                )
        return found

    def states(self, relation: Relation) -> bool:
        """Whether the hypotheses of the theorem, or of one conclusion, say as much."""
        everything = range(len(self.formal))
        settings = [(), *(self.checker.relations(c.given) for c in self.theorem.conclusions)]
        return any(self._known(given, everything).holds(relation) for given in settings)

    def concluded(self, conclusion: Conclusion) -> Concluded:
        """One of them. Raises ProofError if nothing shows it under what is supposed, or if that cannot hold."""
        read = self.checker.relations((conclusion.says,))
        if len(read) != 1:
            raise ProofError(f"{self.theorem.name}: a conclusion is one relation between two terms, not `{conclusion.says}`")
        given = self.checker.relations(conclusion.given)
        recursion = self._recursion(conclusion)
        everything = range(len(self.formal))
        reasons: list[str] = []
        impossible: ProofError | None = None
        for fact in sorted(self.facts, key=lambda f: not f.says.implies(read[0])):  # in so many words before up to a factor
            if not self._says(fact, conclusion, read[0], recursion):
                continue
            lacking = self._lacking(fact, read[0], given, everything)
            if lacking is None:
                self._require_needed(conclusion, fact, read[0], given)
                needed = self._needed(fact, read[0], given)
                try:
                    self._require_possible(conclusion, given, needed)
                except ProofError as error:  # another fact may rest on less
                    impossible = impossible or error
                    continue
                return Concluded(conclusion, read[0], given, recursion, fact, needed)
            reasons.append(lacking)
        if impossible is not None:
            raise impossible
        shown = "\n".join(f"    it would be shown, but {reason}" for reason in dict.fromkeys(reasons))
        raise ProofError(
            f"{self.theorem.name}: nothing in the proof shows the conclusion\n    {self.checker.said(read[0])}"
            + (f"\n{shown}" if shown else f"\n  {self._nearest(read[0])}")
        )

    def _nearest(self, says: Relation) -> str:
        ends = [f for f in self.facts if says.left in (f.says.left, f.says.right) or says.right in (f.says.left, f.says.right)]
        if not ends:
            return "no item begins or ends with either side"
        return "what is shown: " + "; ".join(dict.fromkeys(self._described(f) for f in ends[:4]))

    def _described(self, fact: Fact) -> str:
        some = f" for some {', '.join(fact.some)}" if fact.some else ""
        given = f", given {'; '.join(map(self.checker.said, fact.given))}" if fact.given else ""
        return f"{self.checker.said(fact.says)}{some}{given}"

    def _recursion(self, conclusion: Conclusion) -> Recursion | None:
        if conclusion.recursion is None:
            return None
        time, states = conclusion.recursion
        quantities: list[Quantity] = []
        for name, start, update in states:
            head, *terms = map(self.checker.parse, (name, start, update))
            if not isinstance(head, Name | Entry):
                raise ProofError(f"{self.theorem.name}: `{name}` is no quantity of a recursion")
            quantities.append(Quantity(head, *terms))
        return Recursion(time, tuple(quantities))

    def _says(self, fact: Fact, conclusion: Conclusion, says: Relation, recursion: Recursion | None) -> bool:
        """Whether the fact is about the same, its conditions aside."""
        kind = {*fact.some} == {*conclusion.some} and fact.limit == conclusion.limit and fact.recursion == recursion
        if not kind or _values(fact.at) != _values(conclusion.at):
            return False
        if fact.limit and fact.says != says:  # the left side tends to the right side: nothing less, and not turned
            return False
        return fact.says.implies(says) or (fact.at is None and self._same_difference(fact.says, says))

    def _same_difference(self, fact: Relation, says: Relation) -> bool:
        """Inequalities are compared by their difference from 0; equalities as they stand, for all true ones have the difference 0."""
        from ..symbolic.known import ratio

        mine, other = fact.upward, says.upward
        if "==" in (mine.operator, other.operator) or other.operator not in IMPLIES[mine.operator]:
            return False
        forms = [self.checker.forms.stripped(r.difference) for r in (mine, other)]
        if forms[0] is None or forms[1] is None:
            return False
        factor = ratio(forms[0], forms[1])
        return factor is not None and (factor > 0 or other.operator == "!=")

    def _known(self, given: Sequence[Relation], hypotheses: Sequence[int]) -> Known:
        supposed = (*given, *(r for place in hypotheses for r in self.formal[place]))
        least = {**self.checker.minimum}
        for relation in supposed:
            size = relation.least_size(self.checker.vocabulary)
            if size is not None:
                least[size[0]] = max(least.get(size[0], 1), size[1])
        known = self.checker.at_least(least).knowing()
        known.suppose(supposed)
        return known

    def _lacking(self, fact: Fact, says: Relation, given: Sequence[Relation], hypotheses: Sequence[int]) -> str | None:
        """What is missing among the hypotheses; None if nothing is."""
        if fact.at is not None:
            return None  # an example has been evaluated
        known = self._known(given, hypotheses)
        try:
            require_apart(fact, (*given, *(r for place in hypotheses for r in self.formal[place])), self.checker)
        except ProofError as error:
            return str(error)
        for relation in fact.given:
            if not known.holds(relation):
                return f"{self.checker.said(relation)} is used, and is no hypothesis"
        supposed = (*given, *(r for place in hypotheses for r in self.formal[place]))
        rested = (r for r in fact.given if r not in supposed)
        for term in (t for r in (says, fact.says, *given, *rested) for t in (r.left, r.right)):
            condition = known.lacking(self.checker.domain.conditions(term))
            if condition is not None:
                return (
                    f"`{self.checker.plain(term)}` needs {self.checker.plain(condition.term)} {condition.operator} 0, "
                    "which no hypothesis says"
                )
        return None

    def _needed(self, fact: Fact, says: Relation, given: Sequence[Relation]) -> tuple[int, ...]:
        """The hypotheses that cannot be left out, one after the other."""
        kept = [place for place, relations in enumerate(self.formal) if relations]
        for place in [*kept]:
            without = [p for p in kept if p != place]
            if self._lacking(fact, says, given, without) is None:
                kept = without
        return tuple(kept)

    def _require_needed(self, conclusion: Conclusion, fact: Fact, says: Relation, given: Sequence[Relation]) -> None:
        """Raises ProofError for something supposed that could as well be left out: a conclusion says all that is shown."""
        for place, relation in enumerate(given):
            others = (*given[:place], *given[place + 1 :])
            if self._lacking(fact, says, others, range(len(self.formal))) is None:
                raise ProofError(
                    f"{self.theorem.name}: `{conclusion.says}` is shown without supposing {self.checker.said(relation)}: leave it out"
                )

    def _require_possible(self, conclusion: Conclusion, given: Sequence[Relation], hypotheses: Sequence[int]) -> None:
        """Raises ProofError unless everything supposed is seen to hold somewhere: from a contradiction anything follows."""
        supposed = (*given, *(r for place in hypotheses for r in self.formal[place]))
        if not supposed or conclusion.at is not None:
            return
        if conclusion.example is not None:
            instance = self.checker.at(conclusion.example)
            for relation in supposed:
                try:
                    holds = self.checker.holds(relation, instance)
                except NO_VALUE as error:
                    raise ProofError(f"the example gives {self.checker.said(relation)} no value: {error}") from error
                if not holds:
                    raise ProofError(f"the example breaks {self.checker.said(relation)}, which is supposed")
            return
        simple = [r for r in supposed if self._fixes(r)]
        inner = self.checker.supposing([*simple, *(r for r in supposed if r.least_size(self.checker.vocabulary))])
        others = [r for r in supposed if r not in simple]
        for instance in islice(inner.supply(-1), _TRIED):
            try:
                if all(inner.holds(r, instance) for r in others):
                    return
            except NO_VALUE:
                continue
        raise ProofError(
            f"{self.theorem.name}: nothing shows that the hypotheses of `{conclusion.says}` can hold together "
            f"({'; '.join(map(self.checker.said, supposed))}): give an example (example=…)"
        )

    def _fixes(self, relation: Relation) -> bool:
        """Whether it says what a symbol is; a count is looked for among random ones, for it belongs to its indicator."""
        head = relation.replaces(self.checker.vocabulary)
        counted = isinstance(head, Name) and self.checker.vocabulary.symbols[head.name].sort == "count"
        return head is not None and not counted and not isinstance(head, Apply)


def _values(at: Mapping[str, object] | None) -> object:
    return None if at is None else sorted(at.items(), key=lambda pair: pair[0])


def require_counterexample(theorem: Theorem, hypothesis: Hypothesis, checker: Checker) -> None:
    """Raises ProofError unless the counterexample breaks this hypothesis, if it is formal, and no other."""
    counterexample = hypothesis.without
    if counterexample is None:
        if not hypothesis.why_none:
            raise ProofError(f"{theorem.name}: `{hypothesis.text}` has no counterexample, and no reason why there is none")
        return
    instance = checker.at(counterexample.values)
    for other in theorem.hypotheses:
        broken = [
            relation
            for relation in checker.relations(other.formal)
            if _broken(relation, instance, checker, other is hypothesis)
        ]
        if other is hypothesis and other.formal and not broken:
            raise ProofError(
                f"{theorem.name}: the counterexample to `{hypothesis.text}` breaks none of {', '.join(hypothesis.formal)}"
            )
        if other is not hypothesis and broken:
            raise ProofError(
                f"{theorem.name}: the counterexample to `{hypothesis.text}` also breaks {checker.said(broken[0])}, another hypothesis"
            )


def _broken(relation: Relation, instance: Instance, checker: Checker, own: bool) -> bool:
    """Whether the relation fails at the values; one that they do not speak of fails only if they are about it."""
    try:
        return not checker.holds(relation, instance)
    except NO_VALUE as error:
        if own:
            raise ProofError(f"the counterexample gives {checker.said(relation)} no value: {error}") from error
        return False
