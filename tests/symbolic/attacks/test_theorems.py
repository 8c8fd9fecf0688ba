"""Whole theorems that say more than they prove: empty proofs, idle hypotheses, counterexamples that are none, circles."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bnproof.errors import ProofError, UndecidedError
from bnproof.symbolic.inferences import Case, Cases, Join, Say, Sign, Undefined, Use, Witness
from bnproof.theorems.prove import Prover
from bnproof.theorems.theorem import Conclusion, Hypothesis, Theorem

from .bench import chain

QUOTIENT = Conclusion("a*b/b == a")
DIVIDED = chain("a*b/b", "a", label="divided")
NONZERO = Hypothesis("{b != 0}", Undefined("There is nothing to divide by.", {"a": 1, "b": 0}, "a*b/b"), formal=("b != 0",))
GOOD = Theorem("good", "", "", (NONZERO,), (DIVIDED,), (), conclusions=(QUOTIENT,))
SAME = chain("a", "a + 0")


def unlike(**changes: object) -> Theorem:
    """The good theorem with something spoilt."""
    return replace(GOOD, **changes)  # type: ignore[arg-type]


def hypothesis(formal: tuple[str, ...], without: Witness | Undefined | None, why: str = "") -> tuple[Hypothesis, ...]:
    return (Hypothesis("{b != 0}", without, why, formal),)


def cited(name: str, by: str) -> Theorem:
    use = Use("", by, "divided", "a*b/b", "a", given=("b != 0",), label="divided")
    return unlike(name=name, proof=(use,))


ATTACKS: dict[str, Theorem] = {
    "no proof": unlike(proof=()),
    "prose for a proof": unlike(proof=(Say("Clearly {a*b/b == a}."),)),
    "no conclusion": unlike(conclusions=()),
    "a conclusion that nothing shows": unlike(conclusions=(QUOTIENT, Conclusion("a == b"))),
    "a hypothesis missing": unlike(hypotheses=()),
    "a hypothesis in words alone": unlike(hypotheses=hypothesis((), NONZERO.without)),
    "an idle hypothesis": unlike(
        hypotheses=(NONZERO, Hypothesis("{a > 0}", Witness("", {"a": -1, "b": 1}, (("a", "<", "0"),)), formal=("a > 0",)))
    ),
    "a hypothesis too weak": unlike(
        hypotheses=(Hypothesis("{b >= 0}", Witness("", {"b": -1}, (("b", "<", "0"),)), formal=("b >= 0",)),)
    ),
    "two hypotheses that contradict each other": unlike(
        hypotheses=(
            NONZERO,
            Hypothesis("{a > 0}", Witness("", {"a": -1, "b": 1}, (("a", "<", "0"),)), formal=("a > 0",)),
            Hypothesis("{a < 0}", Witness("", {"a": 1, "b": 1}, (("a", ">", "0"),)), formal=("a < 0",)),
        )
    ),
    "no counterexample": unlike(hypotheses=hypothesis(("b != 0",), None)),
    "a counterexample that breaks nothing": unlike(
        hypotheses=hypothesis(("b != 0",), Witness("", {"b": 1}, (("b", "==", "1"),)))
    ),
    "a counterexample that does not fail": unlike(hypotheses=hypothesis(("b != 0",), Undefined("", {"a": 1, "b": 0}, "a*b"))),
    "a counterexample without the value that matters": unlike(
        hypotheses=hypothesis(("b != 0",), Witness("", {"a": 1}, (("a", "==", "1"),)))
    ),
    "a counterexample that breaks another hypothesis": unlike(
        hypotheses=(
            replace(NONZERO, without=Undefined("", {"a": -1, "b": 0, "h": -1}, "a*b/b")),
            Hypothesis("{h > 0}", Witness("", {"h": -1, "b": 1}, (("h", "<", "0"),)), formal=("h > 0",)),
        ),
        proof=(DIVIDED, Sign("", "h**3", ">", "", (), ("h > 0",))),
        conclusions=(QUOTIENT, Conclusion("h**3 > 0")),
    ),
    "a sign under what is no hypothesis": unlike(proof=(DIVIDED, Sign("", "h", ">", "", (), ("h > 0",)))),
    "a case that comes to nothing": unlike(
        proof=(
            DIVIDED,
            Cases(
                "The bias acts.",
                "b",
                (
                    Case("below", "<", (chain("a + 1", "1 + a"),)),
                    Case("zero", "=", (chain("a + 2", "2 + a"),)),
                    Case("above", ">", (chain("a + 3", "3 + a"),)),
                ),
            ),
        )
    ),
    "two items of one label": unlike(proof=(DIVIDED, chain("b", "b + 0", label="divided"))),
    "a circle of one": cited("good", "good"),
    "a circle of two": cited("good", "other"),
    "an item that is not there": unlike(proof=(DIVIDED, chain("a", "a + 0", since=("missing",)))),
    "an item that comes later": unlike(proof=(chain("a", "a + 0", since=("divided",)), DIVIDED)),
    "a least size below that of a size supposed": unlike(minimum={"n": 0}, conclusions=(QUOTIENT, Conclusion("n - 1 > 0"))),
    "a derivative before and after one symbol depends on another": unlike(
        hypotheses=(),
        proof=(
            chain("diff(b, a)*h", "h", given=("b == a",), label="through"),
            chain("diff(b, a)*h", "0", label="apart"),
            Join("", ("through", "apart")),
        ),
        conclusions=(Conclusion("h == 0", given=("b == a",)),),
    ),
    "a derivative that does not see what is supposed": unlike(
        hypotheses=(), proof=(chain("diff(b, a)", "0"),), conclusions=(Conclusion("diff(b, a) == 0", given=("b == a",)),)
    ),
    "an example as a rule": unlike(
        proof=(DIVIDED, Witness("", {"b": 2}, (("b", ">", "1"),))), conclusions=(QUOTIENT, Conclusion("b > 1"))
    ),
}


def prove(theorem: Theorem) -> None:
    shelf = {"good": theorem, "other": cited("other", "good")}
    Prover(shelf.__getitem__).prove(theorem)


@pytest.mark.parametrize("name", ATTACKS)
def test_refused(name: str) -> None:
    with pytest.raises(ProofError) as caught:
        prove(ATTACKS[name])
    assert not isinstance(caught.value, UndecidedError)


def test_accepted() -> None:
    prove(GOOD)
    prove(unlike(hypotheses=hypothesis(("b > 0",), Undefined("", {"a": 1, "b": 0}, "a*b/b"))))
    shelf = {"good": GOOD, "other": cited("other", "good")}
    Prover(shelf.__getitem__).prove(shelf["other"])
