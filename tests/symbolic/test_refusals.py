"""A proof that cannot be checked is refused: by a ProofError that says why, never by a crash."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bnproof.errors import ProofError
from bnproof.symbolic.checker import Checker
from bnproof.symbolic.exact import Exact
from bnproof.symbolic.inferences import Case, Cases, Chain, Induction, Item, Maximum, Sign, State, Undefined, Witness
from bnproof.symbolic.messages import shown
from bnproof.symbolic.notation import parse

from .test_inferences import Shelf

BATCH: Mapping[str, object] = {"n": 2, "z": (1, 1), "b": 0, "eps": 1}


def refuse(item: Item, checker: Checker, message: str) -> None:
    with pytest.raises(ProofError, match=message):
        item.check(checker, Shelf(checker.vocabulary))


@pytest.mark.parametrize("relation", ["==", "!=", "<", ">"])
@pytest.mark.parametrize(
    ("values", "left", "right"),
    [
        (BATCH, "1/b", "0"),  # division by zero
        (BATCH, "0", "1/b"),
        (BATCH, "1/(z[1] - z[2])", "1/(z[1] - z[2])"),
        (BATCH, "b**(-1)", "1"),
        (BATCH, "sqrt(b - 1)", "0"),  # no real root
        (BATCH, "log(b)", "0"),
        (BATCH, "diff(sqrt(b), b)", "0"),  # infinite slope
        (BATCH, "diff(relu(b), b)", "0"),  # no slope
        (BATCH, "log(2)", "sqrt(2)"),  # true or false, but not representable
        (BATCH, "exp(log(2)/2)", "sqrt(2)"),
        (BATCH, "z[3]", "z[1]"),  # outside what is given
        (BATCH, "g[1]", "0"),  # not given at all
        (BATCH, "m", "0"),
        (BATCH, "z[b + 1/2]", "0"),
    ],
)
def test_a_witness_without_a_value(checker: Checker, relation: str, values: dict[str, object], left: str, right: str) -> None:
    refuse(Witness("", values, ((left, relation, right),)), checker, "does not give")


def test_a_witness_with_an_unknown_relation(checker: Checker) -> None:
    refuse(Witness("", BATCH, (("b", "~", "0"),)), checker, "compares with == != < <= > >=, not `~`")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"b": "1/0"}, "`1/0` is no rational number"),
        ({"b": "one"}, "`one` is no rational number"),
        ({"b": 0.5}, "not 0.5"),
        ({"b": (1, 2)}, "b is a scalar"),
        ({"z": 1}, "z is a sequence"),
        ({"n": (1, 2)}, "n is a scalar"),
        ({"z": (1, ("2", "x"))}, "`x` is no rational number"),
        ({"nosuch": 1}, "`nosuch`, which is no symbol"),
    ],
)
def test_values_that_are_none(checker: Checker, values: dict[str, object], message: str) -> None:
    refuse(Witness("", values, (("1", "==", "1"),)), checker, message)
    refuse(Undefined("", values, "1/(b - b)"), checker, message)


def test_a_least_size_is_still_minded(checker: Checker) -> None:
    narrow = Checker(checker.vocabulary, {"n": 2})
    refuse(Witness("", {"n": 1}, (("n", "==", "1"),)), narrow, "n is at least 2 here")
    Witness("", {"n": 2}, (("n", "==", "2"),)).check(narrow, Shelf(checker.vocabulary))


@pytest.mark.parametrize(
    ("term", "message"),
    [
        ("sqrt(b - 1)", "root of the negative number"),
        ("log(b)", "logarithm of 0"),
        ("g[1]/b", "g"),
        ("z[3]/b", "outside"),
        ("1/(b + 1)", "but is 1"),
    ],
)
def test_undefined_for_another_reason(checker: Checker, term: str, message: str) -> None:
    refuse(Undefined("", BATCH, term), checker, message)


def test_an_assumption_without_a_value_at_the_witness(checker: Checker) -> None:
    narrow = checker.supposing(checker.relations(["1/b > 0"]))
    refuse(Witness("", BATCH, (("b", "==", "0"),)), narrow, "no value")
    refuse(Witness("", {**BATCH, "b": -1}, (("b", "==", "-1"),)), narrow, "breaks the assumption")
    Witness("", {"n": 2}, (("n", "==", "2"),)).check(narrow, Shelf(checker.vocabulary))  # does not speak of b


@pytest.mark.parametrize(
    ("start", "step"),
    [
        ("1/(b - b)", "1/(b - b)"),  # nowhere defined
        ("b/(b - b)", "0"),
        ("0", "0/(n - n)"),
        ("b", "b**(1/2)**2"),
        ("sqrt(-1 - b**2)", "sqrt(-1 - b**2)"),
        ("log(log(2))", "log(log(2)) + 0"),
        ("b", "b**gamma"),
        ("sum(i, 1, m - 5, 1)", "m - 5"),
    ],
)
def test_a_chain_without_a_value(checker: Checker, start: str, step: str) -> None:
    refuse(Chain("", start, ((step, ""),)), checker, ".")


def test_zero_to_the_zeroth_is_one(checker: Checker) -> None:
    """In both checks alike; a limit is not meant."""
    checker.equal(parse("1", checker.vocabulary), parse("(b - b)**0", checker.vocabulary))


def test_values_that_cannot_be_compared(checker: Checker) -> None:
    with pytest.raises(ProofError, match="no exact comparison"):
        checker.exact(parse("log(2)", checker.vocabulary), parse("sqrt(2)", checker.vocabulary))


@pytest.mark.parametrize("term", ["1/(b - b)", "sqrt(0 - 1 - b**2)", "exp(sqrt(2))"])
def test_a_sign_without_a_value(checker: Checker, term: str) -> None:
    with pytest.raises(ProofError):
        Sign("", term, ">=", "").check(checker, Shelf(checker.vocabulary))


@pytest.mark.parametrize(
    ("start", "update", "closed"),
    [
        ("1/(b - b)", "b", "1"),
        ("b0", "b/t", "b0"),  # 0 in a denominator at t = 0 only
        ("b0", "b", "b0*t/t"),
        ("b0", "b + 1/(t - 3)", "b0"),
        ("sqrt(2)", "b*sqrt(2)", "sqrt(2)**(t + 1)"),  # leaves the rational numbers
        ("0", "log(b)", "0"),
    ],
)
def test_an_induction_without_a_value(checker: Checker, start: str, update: str, closed: str) -> None:
    item = Induction("", "t", (State("b", start, update, closed, ((start, ""),), ()),))
    with pytest.raises(ProofError):
        item.check(checker, Shelf(checker.vocabulary))
    with pytest.raises(ProofError):
        item.run_by_hand(checker)  # the recursion by hand, without the steps before it


def test_a_member_whose_index_is_taken_is_not_general(checker: Checker) -> None:
    item = Maximum(
        "", "max(j, z[j] + sum(i, g[i]))", "max(j, z[j] + sum(i, g[i]))", "z[i] + sum(i, g[i])", "max(j, z[j])", "z[i]"
    )
    with pytest.raises(ProofError):
        item.check(checker, Shelf(checker.vocabulary))


def test_an_empty_case(checker: Checker) -> None:
    refuse(Cases("", "b", tuple(Case("", c, ()) for c in ("<", "=", ">"))), checker, "proves nothing")


@pytest.mark.parametrize(("power", "text"), [(5000, "e+2171"), (-5000, "e-2172"), (10**7, "e+4342944")])
def test_values_beyond_floating_point_are_shown(power: int, text: str) -> None:
    assert text in shown(Exact.of(power).exp())


def test_a_quotient_of_values_that_vanish_in_floating_point_is_shown() -> None:
    tiny = Exact.of(-5000).exp() + Exact.of(-5001).exp()
    assert shown(Exact.of(-5000).exp() / tiny).endswith("≈ 0.731059")


@pytest.mark.parametrize(("time", "state"), [("mu", "b"), ("t", "mu"), ("t + 1", "b"), ("t", "z[1]")])
def test_a_recursion_runs_over_a_symbol(checker: Checker, time: str, state: str) -> None:
    refuse(Induction("", time, (State(state, "b0", "b0", "b0"),)), checker, "symbols?, not|is a sequence")
