"""Definitions that would hide something are refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bnproof.errors import NotationError, ProofError
from bnproof.symbolic.checker import Checker
from bnproof.symbolic.inferences import Chain, Induction, State, Use
from bnproof.symbolic.notation import define, parse
from bnproof.symbolic.symbols import Vocabulary
from bnproof.theorems import registry
from bnproof.theorems.definitions import definitions
from bnproof.theorems.glossary import GLOSSARY
from bnproof.theorems.prove import Prover
from bnproof.theorems.theorem import Conclusion, Theorem

from .test_inferences import Shelf


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("hidden", "z[k]"),
        ("repeated(k, k)", "z[k]"),
        ("whole(z)", "z[1]"),
        ("foreign(nosuch)", "b"),
        ("sqrt(b)", "b"),
        ("sum(b)", "b"),
        ("diff(b)", "b"),
        ("1 + b", "b"),
    ],
)
def test_refused(head: str, body: str) -> None:
    with pytest.raises(NotationError):
        define(head, body, "", "", "", GLOSSARY, {})


@pytest.mark.parametrize("variable", ["m", "n", "t", "i", "chi[1]"])
def test_nothing_is_differentiated_by_a_discrete_symbol(vocabulary: Vocabulary, variable: str) -> None:
    with pytest.raises(NotationError, match="no continuous values"):
        parse(f"diff(b, {variable})", vocabulary)


def test_time_may_not_hide_in_a_definition() -> None:
    table = definitions(("weight", "1 + t*(t - 1)*(t - 2)*(t - 3)*(t - 4)", "w", "w", "a weight"))
    checker = Checker(Vocabulary(GLOSSARY, table))
    item = Induction("", "t", (State("b", "b0", "b", "b0*weight"),))
    with pytest.raises(ProofError, match="`weight` depends on t"):
        item.check(checker, Shelf(checker.vocabulary))


def _theorem(name: str, conclusion: str, *items: Chain | Use) -> Theorem:
    return Theorem(name, "", "", (), items, (), conclusions=(Conclusion(conclusion),))


def test_what_has_no_label_cannot_be_cited() -> None:
    cited = _theorem("cited", "a + 1 == 1 + a", Chain("", "a + 1", (("1 + a", ""),)))
    citing = _theorem("citing", "a + 1 == 1 + a", Use("", "cited", "", "a + 1", "1 + a"))
    shelf = {"cited": cited, "citing": citing}
    with pytest.raises(ProofError, match="no item labelled"):
        Prover(shelf.__getitem__).prove(citing)


def test_what_holds_under_a_condition_is_cited_under_it() -> None:
    cited = replace(
        _theorem("cited", "b + 1 == 1", Chain("", "b + 1", (("1", ""),), "one", given=("b == 0",))),
        conclusions=(Conclusion("b + 1 == 1", given=("b == 0",)),),
    )
    shelf = {"cited": cited}
    bare = _theorem("citing", "b + 1 == 1", Use("", "cited", "one", "b + 1", "1"))
    with pytest.raises(ProofError, match="supposes b = 0"):
        Prover(shelf.__getitem__).prove(bare)
    use = Use("", "cited", "one", "b + 1", "1", given=("b == 0",))
    with pytest.raises(ProofError, match="b = 0"):
        Prover(shelf.__getitem__).prove(replace(bare, proof=(use,)))
    Prover(shelf.__getitem__).prove(replace(bare, proof=(use,), conclusions=cited.conclusions))


def test_a_name_proved_once_does_not_prove_another_theorem_of_that_name() -> None:
    prover = Prover()
    prover.prove(registry.theorem("bias_cancels_of_batch_statistics"))
    with pytest.raises(ProofError):
        prover.prove(_theorem("bias_cancels_of_batch_statistics", "b == 0", Chain("", "b", (("0", ""),))))
