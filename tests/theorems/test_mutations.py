"""Perturb one thing of a theorem, everything in turn: a check must refuse each mutant.

Mutants change a formula so that its value changes: a term is added, a factor doubled, a sign turned, a relation reversed.
Conclusions are changed, and what they suppose is left out; so are the hypotheses.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bnproof.errors import ProofError, UndecidedError
from bnproof.symbolic.checker import Checker
from bnproof.symbolic.inferences import Cases, Chain, Item, Sign, Use
from bnproof.symbolic.relation import OPPOSITE
from bnproof.theorems import registry
from bnproof.theorems.conclude import Judge
from bnproof.theorems.prove import Proved, Prover
from bnproof.theorems.theorem import Conclusion, Theorem

from .bench import PERTURB, Bench, mutants, refusal

TURNED = {"==": "!=", "!=": "==", "<": ">", ">": "<", "<=": ">", ">=": "<"}


@pytest.mark.parametrize("name", registry.names())
def test_every_wrong_item_is_refused(name: str, prover: Prover) -> None:
    bench = Bench(prover.prove(registry.theorem(name)), prover)
    count = 0
    for item in bench.proved.theorem.proof:
        assert refusal(item, bench) is None, f"refused as it is: {item}"
        for wrong in mutants(item):
            assert_refused(wrong, refusal(wrong, bench))
            count += 1
    for hypothesis in bench.proved.theorem.hypotheses:
        if hypothesis.without is not None:
            for wrong in mutants(hypothesis.without):
                assert_refused(wrong, refusal(wrong, bench, relaxed=True))
                count += 1
    assert count >= 3


def assert_refused(wrong: Item, refused: ProofError | None) -> None:
    """Refused because a check says that it is wrong, not because none could tell."""
    assert refused is not None, f"accepted: {wrong}"
    assert not isinstance(refused, UndecidedError), f"left undecided: {wrong}\n{refused}"


@pytest.mark.parametrize("name", registry.names())
def test_the_exact_check_alone_refuses_every_wrong_step(name: str, prover: Prover) -> None:
    theorem = prover.prove(registry.theorem(name)).theorem
    for item, _ in prover.prove(theorem).shown:
        if not isinstance(item, Chain | Sign) or item.since or inside_case(theorem, item):
            continue
        base = Checker(theorem.vocabulary, theorem.minimum)
        checker = base.supposing(base.relations(item.given))
        previous = item.start if isinstance(item, Chain) else item.term
        for expression, _ in item.steps:
            with pytest.raises(ProofError, match="an exact instance refutes") as caught:
                checker.exact(checker.parse(previous), checker.parse(PERTURB[0].format(expression)))
            assert not isinstance(caught.value, UndecidedError)
            previous = expression


def inside_case(theorem: Theorem, item: object) -> bool:
    return any(isinstance(split, Cases) and any(i is item for c in split.cases for i in c.items) for split in theorem.proof)


def wrong_conclusions(proved: Proved) -> Iterator[Conclusion]:
    """Conclusions that say something else, or the same of more."""
    for concluded in proved.conclusions:
        conclusion = concluded.conclusion
        operator = concluded.says.operator
        left, _, right = conclusion.says.partition(operator)
        yield replace(conclusion, says=f"{left} {operator} ({right}) + 1")
        yield replace(conclusion, says=f"{left} {TURNED[operator]} {right}")
        if conclusion.some:
            yield replace(conclusion, some=())
        if conclusion.limit:
            yield replace(conclusion, limit="")
        if conclusion.recursion is not None:
            time, ((state, start, update), *rest) = conclusion.recursion
            yield replace(conclusion, recursion=None)
            yield replace(conclusion, recursion=(time, ((state, f"{start} + 1", update), *rest)))
        if conclusion.at is not None:
            yield replace(conclusion, at=None)
        for place in range(len(conclusion.given)):
            yield replace(conclusion, given=(*conclusion.given[:place], *conclusion.given[place + 1 :]), example=None)


def judge(theorem: Theorem, proved: Proved) -> Judge:
    facts = [fact for _, shown in proved.shown for fact in shown]
    return Judge(theorem, Checker(theorem.vocabulary, theorem.minimum), facts)


def accepted(judge: Judge, conclusion: Conclusion) -> bool:
    try:
        judge.concluded(conclusion)
    except ProofError:  # a refusal by a check; a crash is none
        return False
    return True


@pytest.mark.parametrize("name", registry.names())
def test_every_wrong_conclusion_is_refused(name: str, prover: Prover) -> None:
    proved = prover.prove(registry.theorem(name))
    asked = judge(proved.theorem, proved)
    for conclusion in proved.theorem.conclusions:
        asked.concluded(conclusion)
    for wrong in wrong_conclusions(proved):
        assert not accepted(asked, wrong), f"accepted: {wrong}"


@pytest.mark.parametrize("name", registry.names())
def test_no_formal_hypothesis_can_be_left_out(name: str, prover: Prover) -> None:
    proved = prover.prove(registry.theorem(name))
    hypotheses = proved.theorem.hypotheses
    for place, hypothesis in enumerate(hypotheses):
        if not hypothesis.formal:
            continue
        without = judge(replace(proved.theorem, hypotheses=(*hypotheses[:place], *hypotheses[place + 1 :])), proved)
        resting = [c.conclusion for c in proved.conclusions if place in c.hypotheses]
        assert resting, f"no conclusion rests on it: {hypothesis.text}"
        for conclusion in resting:
            assert not accepted(without, conclusion), f"{conclusion} does not need it: {hypothesis.text}"


def test_every_comparison_has_an_opposite() -> None:
    assert set(OPPOSITE) == set(TURNED)


def test_a_circular_proof_is_refused() -> None:
    first = replace(
        registry.theorem(registry.names()[0]), name="first", proof=(Use("", "second", "x", "b", "b"),), hypotheses=()
    )
    second = replace(first, name="second", proof=(Use("", "first", "x", "b", "b"),))
    shelf = {"first": first, "second": second}
    with pytest.raises(ProofError, match="circular proof: first → second → first"):
        Prover(shelf.__getitem__).prove(first)
