"""Perturb one step of every theorem: the checker must refuse each mutant.

Mutants change a formula so that its value changes: a term is added, a factor doubled, a sign turned, a relation reversed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bnproof.errors import ProofError
from bnproof.symbolic.inferences import Case, Cases, Chain, Induction, Item, Maximum, Sign, State, Undefined, Use, Witness
from bnproof.theorems import registry
from bnproof.theorems.prove import Prover
from bnproof.theorems.theorem import Theorem

PERTURB = ("({}) + 1", "({}) - n")
"""Each adds something that is not zero."""


def mutated_steps(steps: tuple[tuple[str, str], ...]) -> Iterator[tuple[tuple[str, str], ...]]:
    for place, (expression, reason) in enumerate(steps):
        for pattern in PERTURB:
            yield (*steps[:place], (pattern.format(expression), reason), *steps[place + 1 :])


def mutated_states(state: State) -> Iterator[State]:
    yield replace(state, start=PERTURB[0].format(state.start))
    yield replace(state, update=PERTURB[0].format(state.update))
    yield replace(state, closed=PERTURB[0].format(state.closed))
    for steps in mutated_steps(state.step):
        yield replace(state, step=steps)
    for steps in mutated_steps(state.base):
        yield replace(state, base=steps)


def mutants(item: Item) -> Iterator[Item]:
    """Wrong versions of one item."""
    match item:
        case Chain():
            yield replace(item, start=PERTURB[0].format(item.start))
            # the last step of a chain is only compared with the one before: every single step is tried
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
            yield replace(item, label="no_such_label")
        case Witness():
            opposite = {"==": "!=", "!=": "==", "<": ">", ">": "<"}
            for place, (left, relation, right) in enumerate(item.relations):
                turned = (left, opposite[relation], right)
                yield replace(item, relations=(*item.relations[:place], turned, *item.relations[place + 1 :]))
        case Undefined():
            yield replace(item, term="1")
        case Maximum():
            yield replace(item, value=PERTURB[0].format(item.value))
            yield replace(item, factor=f"-({item.factor})")
        case Induction():
            alone = replace(item, state="", states=item.quantities)
            for place, q in enumerate(alone.states):
                for wrong in mutated_states(q):
                    yield replace(alone, states=(*alone.states[:place], wrong, *alone.states[place + 1 :]))
        case _:
            pass


def wrong_theorems(theorem: Theorem) -> Iterator[Theorem]:
    """The theorem with one item made wrong, everything else left out for speed."""
    for item in theorem.proof:
        for wrong in mutants(item):
            yield replace(theorem, proof=(wrong,), hypotheses=())
    for hypothesis in theorem.hypotheses:
        if hypothesis.without is not None:
            for wrong in mutants(hypothesis.without):
                assert isinstance(wrong, Witness | Undefined)
                yield replace(theorem, proof=(), hypotheses=(replace(hypothesis, without=wrong),))


def refused(wrong: Theorem, prover: Prover) -> bool:
    try:
        prover.prove(wrong)
    except ProofError:  # a refusal by a check; a crash is none
        return True
    return False


@pytest.mark.parametrize("name", registry.names())
def test_every_mutant_is_refused(name: str, prover: Prover) -> None:
    theorem = registry.theorem(name)
    prover.prove(theorem)
    count = 0
    for wrong in wrong_theorems(theorem):
        assert refused(replace(wrong, name="mutant"), prover), f"accepted: {wrong.proof or wrong.hypotheses}"
        count += 1
    assert count >= 5


def test_a_circular_proof_is_refused() -> None:
    first = replace(
        registry.theorem(registry.names()[0]), name="first", proof=(Use("", "second", "x", "b", "b"),), hypotheses=()
    )
    second = replace(first, name="second", proof=(Use("", "first", "x", "b", "b"),))
    shelf = {"first": first, "second": second}
    with pytest.raises(ProofError, match="circular proof: first → second → first"):
        Prover(shelf.__getitem__).prove(first)
