"""Check a theorem: every item of its proof, and the counterexample of every hypothesis."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from ..errors import ProofError
from ..symbolic.inferences import Cases, Chain, Conclusion, Induction, Item, Sign, Use
from ..symbolic.term import Term
from . import registry
from .theorem import Theorem

if TYPE_CHECKING:
    from ..symbolic.checker import Checker


@dataclass(frozen=True)
class Proved:
    """What a check found: how many steps the reader sees, how many single checks passed, the time it took.

    `terms` holds every formula of the proof and of the counterexamples by its text in the theorem, as the checks read it:
    ``terms[chain.start]``, ``terms[expression]`` for each step. Printers and certificates use these, and parse nothing again.
    """

    theorem: Theorem
    steps: int
    checks: int
    seconds: float
    uses: tuple[str, ...]
    terms: Mapping[str, Term]


class _Library:
    """Lets an inference cite chains of other theorems, never in a circle, and never one that does not check."""

    def __init__(self, prover: Prover, citing: tuple[str, ...]) -> None:
        self.prover = prover
        self.citing = citing

    def conclusion(self, theorem: str, label: str) -> Conclusion:
        if theorem in self.citing:
            raise ProofError(f"circular proof: {' → '.join((*self.citing, theorem))}")
        cited = self.prover.lookup(theorem)
        terms = self.prover.prove(cited, self.citing).terms
        for item in cited.proof:
            if isinstance(item, Chain) and label and item.label == label and not item.assume:
                return Conclusion(cited.vocabulary, terms[item.start], terms[item.steps[-1][0]], cited.minimum)
        raise ProofError(f"`{theorem}` has no chain labelled `{label}`")


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
        context = _Library(self, (*citing, theorem.name))
        checker = Checker(theorem.vocabulary, theorem.minimum)
        for item in theorem.proof:
            _check(theorem, item, checker, context)
        dropped = Checker(theorem.vocabulary, theorem.minimum, normaliser=checker.normaliser, relaxed=True, terms=checker.terms)
        for hypothesis in theorem.hypotheses:
            if hypothesis.without is not None:
                _check(theorem, hypothesis.without, dropped, context)
        seconds = time.perf_counter() - start
        checks = checker.checks + dropped.checks
        proved = Proved(theorem, steps(theorem.proof), checks, seconds, uses(theorem.proof), MappingProxyType(checker.terms))
        self._proved[theorem.name] = proved
        return proved


def _check(theorem: Theorem, item: Item, checker: Checker, context: _Library) -> None:
    before = checker.checks
    claim = getattr(item, "claim", None)
    try:
        item.check(checker, context)
    except ProofError as error:
        raise ProofError(f"{theorem.name}: {claim or 'text'}\n{error}") from error
    if claim is not None and checker.checks == before:
        raise ProofError(f"{theorem.name}: the item `{claim}` was accepted without a check")


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
                total += sum(len(q.base) + len(q.step) for q in item.quantities)
            case _:
                total += 1 if hasattr(item, "claim") else 0
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
