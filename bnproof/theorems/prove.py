"""Check a theorem: every item of its proof, its conclusions, and the counterexample of every hypothesis."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from ..errors import ProofError
from ..symbolic.entangled import require_apart
from ..symbolic.fact import Fact
from ..symbolic.inferences import Cases, Chain, Cited, Induction, Item, Say, Sign, Use
from ..symbolic.relation import Relation
from ..symbolic.term import Term
from . import registry
from .conclude import Concluded, Judge, require_counterexample
from .theorem import Theorem

if TYPE_CHECKING:
    from ..symbolic.checker import Checker


@dataclass(frozen=True)
class Proved:
    """What a check found: how many steps the reader sees, how many single checks passed, the time it took.

    - terms: every formula of the proof and of the counterexamples by its text in the theorem, as the checks read it:
      ``terms[chain.start]``, ``terms[expression]`` for each step. Printers and certificates use these, and parse nothing again;
    - hypotheses: the formal relations of each hypothesis, in the theorem's order;
    - conclusions: what was concluded, and from which facts and hypotheses;
    - facts: what each labelled item has shown;
    - shown: every item, those inside cases included, with what it has shown.
    """

    theorem: Theorem
    steps: int
    checks: int
    seconds: float
    uses: tuple[str, ...]
    terms: Mapping[str, Term]
    hypotheses: tuple[tuple[Relation, ...], ...]
    conclusions: tuple[Concluded, ...]
    facts: Mapping[str, tuple[Fact, ...]]
    shown: tuple[tuple[Item, tuple[Fact, ...]], ...]

    def fact(self, item: Item) -> Fact:
        """What a closing item, which shows one thing, has shown."""
        ((fact,),) = (facts for other, facts in self.shown if other is item)
        return fact


class _Shelf:
    """What the items of one proof may argue from: facts of other theorems, never in a circle, and their own earlier ones."""

    def __init__(self, prover: Prover, citing: tuple[str, ...], checker: Checker) -> None:
        self.prover = prover
        self.checker = checker
        self.citing = citing
        self.labelled: dict[str, tuple[Fact, ...]] = {}
        self.all: list[tuple[Item, tuple[Fact, ...]]] = []

    def cited(self, theorem: str, label: str) -> Cited:
        if theorem in self.citing:
            raise ProofError(f"circular proof: {' → '.join((*self.citing, theorem))}")
        cited = self.prover.lookup(theorem)
        facts = self.prover.prove(cited, self.citing).facts.get(label, ())
        return Cited(cited.vocabulary, _only(facts, label, f"`{theorem}`"), cited.minimum)

    def fact(self, label: str) -> Fact:
        return _only(self.labelled.get(label, ()), label, "the proof, before this item,")

    def record(self, item: Item, facts: Sequence[Fact]) -> None:
        label = getattr(item, "label", "")
        supposed = [relation for fact in facts for relation in fact.given]
        for source in arguments(item):
            require_apart(self.fact(source), supposed, self.checker)
        if label and label in self.labelled:
            raise ProofError(f"two items are labelled `{label}`")
        if label:
            self.labelled[label] = tuple(facts)
        self.all.append((item, tuple(facts)))


def _only(facts: tuple[Fact, ...], label: str, whose: str) -> Fact:
    if len(facts) != 1 or not label:
        found = "several facts" if facts else "no item"
        raise ProofError(f"{whose} has {found} labelled `{label}`")
    return facts[0]


class Prover:
    """Proves theorems, each once. `lookup` finds a cited theorem by name."""

    def __init__(self, lookup: Callable[[str], Theorem] = registry.theorem) -> None:
        self.lookup = lookup
        self._proved: dict[str, Proved] = {}

    def prove(self, theorem: Theorem, citing: tuple[str, ...] = ()) -> Proved:
        """Check a theorem and everything it cites. Raises ProofError naming the theorem and the item that fails."""
        known = self._proved.get(theorem.name)
        if known is not None and known.theorem is theorem:
            return known
        from ..symbolic.checker import Checker  # brings SymPy, which whoever only lists theorems does not need

        start = time.perf_counter()
        checker = Checker(theorem.vocabulary, theorem.minimum)
        shelf = _Shelf(self, (*citing, theorem.name), checker)
        for item in theorem.proof:
            shelf.record(item, _check(theorem, item, checker, shelf))
        facts = [fact for _, shown in shelf.all for fact in shown]
        judge = Judge(theorem, checker, facts)
        concluded = judge.conclusions()
        _require_cases(theorem, shelf, concluded)
        _require_supposed(theorem, shelf, judge)
        dropped = Checker(checker.vocabulary, theorem.minimum, relaxed=True, parent=checker)
        for hypothesis in theorem.hypotheses:
            if hypothesis.without is not None:
                _check(theorem, hypothesis.without, dropped, shelf)
            require_counterexample(theorem, hypothesis, dropped)
        proved = Proved(
            theorem,
            steps(theorem.proof),
            checker.checks + dropped.checks,
            time.perf_counter() - start,
            uses(theorem.proof),
            MappingProxyType(checker.terms),
            tuple(judge.formal),
            concluded,
            MappingProxyType(shelf.labelled),
            tuple(shelf.all),
        )
        self._proved[theorem.name] = proved
        return proved


def _check(theorem: Theorem, item: Item, checker: Checker, shelf: _Shelf) -> tuple[Fact, ...]:
    before = checker.checks
    claim = getattr(item, "claim", None)
    try:
        facts = item.check(checker, shelf)
    except ProofError as error:
        raise type(error)(f"{theorem.name}: {claim or 'text'}\n{error}") from error
    if claim is not None and checker.checks == before:
        raise ProofError(f"{theorem.name}: the item `{claim}` was accepted without a check")
    return facts


def _require_cases(theorem: Theorem, shelf: _Shelf, concluded: Sequence[Concluded]) -> None:
    """A split must come to something: a fact that all cases share, or in each case one that is concluded or argued from."""
    wanted = [c.fact for c in concluded]
    cited = {label for item, _ in shelf.all for label in arguments(item)}
    shown = {id(item): facts for item, facts in shelf.all}
    for item, facts in shelf.all:
        if not isinstance(item, Cases) or facts:
            continue
        for case in item.cases:
            serves = any(
                getattr(inner, "label", "") in cited or any(fact in wanted for fact in shown.get(id(inner), ()))
                for inner in case.items
            )
            if not serves:
                raise ProofError(
                    f"{theorem.name}: the case `{case.title}` of `{item.claim}` shows nothing that the other cases share or that "
                    "is concluded"
                )


def _require_supposed(theorem: Theorem, shelf: _Shelf, judge: Judge) -> None:
    """What an item supposes in so many words is a hypothesis of the theorem or of one of its conclusions."""
    stated = {r for relations in judge.formal for r in relations}
    for conclusion in theorem.conclusions:
        stated |= {*judge.checker.relations(conclusion.given)}
    stated |= {r for item, _ in shelf.all if isinstance(item, Cases) for r in _named(item, judge)}
    for item, _ in shelf.all:
        for relation in judge.checker.relations(getattr(item, "given", ())):
            if relation not in stated and not judge.states(relation):
                raise ProofError(
                    f"{theorem.name}: `{getattr(item, 'claim', '')}` supposes {judge.checker.said(relation)}, which is no hypothesis "
                    "of the theorem or of a conclusion"
                )


def _named(cases: Cases, judge: Judge) -> set[Relation]:
    """In a case of a sign, the positive number that the scalar, or its negative, is called."""
    found: set[Relation] = set()
    for case in cases.cases:
        for item in case.items:
            for relation in judge.checker.relations(getattr(item, "given", ())):
                if relation.operator == "==" and relation.left == judge.checker.parse(cases.over):
                    found.add(relation)
    return found


def arguments(item: Item) -> tuple[str, ...]:
    """The labels that an item argues from."""
    found: list[str] = []
    for field in ("since", "of", "but", "gradient", "curvature", "convex", "stationary"):
        value = getattr(item, field, ())
        found.extend((value,) if isinstance(value, str) else value)
    return tuple(found)


def prove(theorem: Theorem) -> Proved:
    """Check one theorem and everything it cites."""
    return Prover().prove(theorem)


def steps(items: tuple[Item, ...]) -> int:
    """How many steps a proof shows: one for every equality and one for every other inference."""
    total = 0
    for item in items:
        match item:
            case Chain():
                total += len(item.steps)
            case Sign():
                total += len(item.steps) + 1
            case Cases():
                total += sum(steps(case.items) for case in item.cases)
            case Induction():
                total += sum(len(state.base) + len(state.step) for state in item.states)
            case Say():
                pass
            case _:
                total += 1
    return total


def uses(items: tuple[Item, ...]) -> tuple[str, ...]:
    """The theorems a proof cites, in order of first use."""
    found: list[str] = []
    for item in items:
        if isinstance(item, Use):
            found.append(item.theorem)
        elif isinstance(item, Cases):
            for case in item.cases:
                found.extend(uses(case.items))
    return tuple(dict.fromkeys(found))
