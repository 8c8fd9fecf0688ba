"""One item of a proved theorem, checked again by itself: changed, it must be refused by a check."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bnproof.errors import ProofError
from bnproof.symbolic.checker import Checker
from bnproof.symbolic.fact import Fact
from bnproof.symbolic.inferences import (
    Case,
    Cases,
    Chain,
    Cited,
    Congruence,
    Contrapositive,
    DiesOut,
    Induction,
    Item,
    Join,
    Maximum,
    Minimum,
    NotZero,
    Say,
    Sign,
    State,
    SumOfSquares,
    Undefined,
    Use,
    Witness,
)
from bnproof.theorems.prove import Proved, Prover

PERTURB = ("({}) + 1", "({}) - n")
"""Each adds something that is not zero."""


class Bench:
    """What an item may argue from: everything that its theorem has shown."""

    def __init__(self, proved: Proved, prover: Prover) -> None:
        self.proved = proved
        self.prover = prover

    def cited(self, theorem: str, label: str) -> Cited:
        cited = self.prover.prove(self.prover.lookup(theorem))
        facts = cited.facts.get(label, ())
        if len(facts) != 1:
            raise ProofError(f"`{theorem}` has no item labelled `{label}`")
        return Cited(cited.theorem.vocabulary, facts[0], cited.theorem.minimum)

    def fact(self, label: str) -> Fact:
        facts = self.proved.facts.get(label, ())
        if len(facts) != 1:
            raise ProofError(f"no item is labelled `{label}`")
        return facts[0]

    def record(self, item: Item, facts: Sequence[Fact]) -> None:
        """Nothing is kept."""


def refusal(item: Item, bench: Bench, relaxed: bool = False) -> ProofError | None:
    """Why a check refuses the item; None if it is accepted. A crash is neither."""
    theorem = bench.proved.theorem
    checker = Checker(theorem.vocabulary, theorem.minimum, relaxed=relaxed)
    try:
        item.check(checker, bench)
    except ProofError as error:
        return error
    return None


def mutated_steps(steps: tuple[tuple[str, str], ...]) -> Iterator[tuple[tuple[str, str], ...]]:
    """Each step made wrong."""
    for place, (expression, reason) in enumerate(steps):
        for pattern in PERTURB:
            yield (*steps[:place], (pattern.format(expression), reason), *steps[place + 1 :])


def mutants(item: Item) -> Iterator[Item]:
    """Wrong versions of one item."""
    match item:
        case Chain():
            yield replace(item, start=PERTURB[0].format(item.start))
            for steps in mutated_steps(item.steps):
                yield replace(item, steps=steps)
        case Sign():
            for steps in mutated_steps(item.steps):
                yield replace(item, steps=steps)
            yield replace(item, term=f"-({item.term})", steps=tuple((f"-({e})", r) for e, r in item.steps))
        case Cases():
            yield replace(item, cases=item.cases[1:])
            yield replace(item, cases=item.cases[:-1])
            for place, case in enumerate(item.cases):
                for inner_place, inner in enumerate(case.items):
                    for wrong in mutants(inner):
                        items = (*case.items[:inner_place], wrong, *case.items[inner_place + 1 :])
                        changed: Case = replace(case, items=items)
                        yield replace(item, cases=(*item.cases[:place], changed, *item.cases[place + 1 :]))
        case Use():
            yield replace(item, end=PERTURB[0].format(item.end))
            yield replace(item, start=PERTURB[0].format(item.start))
            yield replace(item, fact="no_such_label")
        case Witness():
            opposite = {"==": "!=", "!=": "==", "<": ">=", ">": "<=", "<=": ">", ">=": "<"}
            for place, (left, relation, right) in enumerate(item.relations):
                turned = (left, opposite[relation], right)
                yield replace(item, relations=(*item.relations[:place], turned, *item.relations[place + 1 :]))
        case Undefined():
            yield replace(item, term="1")
        case Maximum():
            yield replace(item, value=PERTURB[0].format(item.value))
            yield replace(item, factor=f"-({item.factor})")
        case Induction():
            for place, state in enumerate(item.states):
                for wrong in mutated_states(state):
                    yield replace(item, states=(*item.states[:place], wrong, *item.states[place + 1 :]))
        case _:
            yield from mutated_closings(item)


def mutated_states(state: State) -> Iterator[State]:
    """Each part of a recursion made wrong."""
    yield replace(state, start=PERTURB[0].format(state.start))
    yield replace(state, update=PERTURB[0].format(state.update))
    yield replace(state, closed=PERTURB[0].format(state.closed))
    for steps in mutated_steps(state.step):
        yield replace(state, step=steps)
    for steps in mutated_steps(state.base):
        yield replace(state, base=steps)


def mutated_closings(item: Item) -> Iterator[Item]:
    """Closing items that argue for something else, or from something else."""
    match item:
        case Congruence():
            left, _, right = item.inputs[0].partition("==")
            yield replace(item, inputs=(f"{left} + 1 == {right}", *item.inputs[1:]))
            yield replace(item, inputs=())
        case Contrapositive():
            yield replace(item, of=item.but)
            yield replace(item, but=item.of)
            yield replace(item, fails="b == b + 1")
        case NotZero():
            left, _, right = item.part.partition("!=")
            yield replace(item, part=f"{left} + 1 != {right}")
            yield replace(item, part=f"{left} == {right}")
        case SumOfSquares():
            left, _, right = item.zero.partition("==")
            yield replace(item, zero=f"{left} + 1 == {right}")
        case DiesOut():
            yield replace(item, term=PERTURB[0].format(item.term))
            yield replace(item, ratios=(*item.ratios[:-1], f"({item.ratios[-1]}) + 2"))
            yield replace(item, since=())
        case Minimum():
            yield replace(item, value=PERTURB[0].format(item.value))
            yield replace(item, stationary=item.gradient)
            yield replace(item, convex=item.curvature)
        case Join():
            yield replace(item, of=item.of[:1])
        case Say():
            return
        case _:
            raise TypeError(f"no wrong versions of {type(item).__name__}")
