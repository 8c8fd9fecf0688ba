"""Items written as text are the items; what cannot be read, or fails, is named by file, line and column."""

from __future__ import annotations

import copy
import importlib.util
import pickle
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from bnproof.errors import BnproofError, NotationError, ProofError
from bnproof.report.prose import prose
from bnproof.symbolic.checker import Checker
from bnproof.symbolic.inferences import Chain, Induction, Sign, State, Witness, chain, induction, sign, state, witness
from bnproof.symbolic.inferences.item import Item
from bnproof.symbolic.source import Written

from .test_inferences import Shelf

Load = Callable[[str], ModuleType]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Runs a text as a file, theorem.py, with the notation imported in its first line."""

    def loaded(body: str) -> ModuleType:
        path = tmp_path / "theorem.py"
        path.write_text("from bnproof.symbolic.inferences import chain, induction, sign, witness\n" + body, encoding="utf-8")
        spec = importlib.util.spec_from_file_location("theorem", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return loaded


def place(error: BnproofError) -> str:
    """``line:column`` at the head of an error's message."""
    found = re.match(r".*theorem\.py:(\d+(:\d+)?): ", str(error))
    assert found, str(error)
    return found[1]


MEAN = chain("mean", "The mean moves by exactly {b}.", """
  mu_at(b)
= 1/n * sum(i, z[i] + b)            -- definition of the mean
= 1/n * (sum(i, z[i]) + n*b)        -- {n} times the same {b}
= mu_at(0) + b                      -- the mean with no bias, plus {b}
""")  # fmt: skip


def test_a_chain_is_the_chain() -> None:
    steps = (
        ("1/n * sum(i, z[i] + b)", "definition of the mean"),
        ("1/n * (sum(i, z[i]) + n*b)", "{n} times the same {b}"),
        ("mu_at(0) + b", "the mean with no bias, plus {b}"),
    )
    assert Chain("The mean moves by exactly {b}.", "mu_at(b)", steps, label="mean") == MEAN
    assert chain("", "c", "b\n= b -- r") == chain("c", "b\n= b -- r") == Chain("c", "b", (("b", "r"),))
    assert chain("c", "b\n= 0 -- r", given=("b == 0",)) == Chain("c", "b", (("0", "r"),), given=("b == 0",))


def test_lines_that_begin_with_no_relation_go_on() -> None:
    text = """

        sum(i, z[i]
          + b)
      = sum(i, z[i])
          + n*b  -- the terms
                    one by one
      =
        n*b + sum(i, z[i])
          -- in the other order,
      if one likes

    """
    steps = (("sum(i, z[i]) + n*b", "the terms one by one"), ("n*b + sum(i, z[i])", "in the other order, if one likes"))
    assert chain("c", text) == Chain("c", "sum(i, z[i] + b)", steps)


def test_a_sign_an_induction_and_a_witness_are_what_they_say() -> None:
    assert sign("c", "b**2\n>= 0 -- a square") == Sign("c", "b**2", ">=", "a square")
    assert sign("c", "s*2\n= s + s -- twice\n> 0 -- so", given=("s > 0",)) == Sign(
        "c", "s*2", ">", "so", (("s + s", "twice"),), given=("s > 0",)
    )
    recursion: dict[str, Any] = {"start": "b0", "update": "a*b", "closed": "b0*a**t"}
    after = (("a*(b0*a**t)", "one more"),)
    step = "= a*(b0*a**t) -- one more"
    assert induction("c", time="t", state="b", **recursion, step=step) == Induction(
        "c", "t", (State("b", **recursion, base=(), step=after),)
    )
    both = State("b", **recursion, base=(("b0", "none"),), step=after)
    assert state("b", **recursion, base="= b0 -- none", step=step) == both
    assert induction("l", "c", time="t", states=(both,)) == Induction("c", "t", (both,), "l")
    assert witness("c", {"b": 1}, "b != 0") == Witness("c", {"b": 1}, (("b", "!=", "0"),))
    assert witness("c", {"b": 1}, "\n  b\n    + b == 2\n  b < 2\n") == Witness(
        "c", {"b": 1}, (("b + b", "==", "2"), ("b", "<", "2"))
    )


def test_what_is_written_proves(checker: Checker) -> None:
    MEAN.check(checker, Shelf(checker.vocabulary))
    assert checker.terms["mu_at(0) + b"] is checker.terms[MEAN.steps[-1][0]]


def test_a_written_expression_is_its_text() -> None:
    expression = MEAN.start
    assert isinstance(expression, Written)
    assert expression == "mu_at(b)"
    assert hash(expression) == hash("mu_at(b)")
    for other in (copy.deepcopy(expression), pickle.loads(pickle.dumps(expression))):
        assert (str(other), other.place()) == (str(expression), expression.place())


MALFORMED = {
    "no step": ('chain("c", """\n  b\n""")', "3:3", "at least one step"),
    "no text": ('chain("c", "")', "2:13", "the text is empty"),
    "no reason": ('chain("c", """\n  b\n= b\n""")', "4:1", "the reason is missing: `= b`"),
    "no reason in the middle": ('chain("c", """\n  b\n= a\n= b -- r\n""")', "4:1", "the reason is missing"),
    "an empty reason": ('chain("c", """\n  b\n= b --\n""")', "4:5", "the reason after `--` is missing"),
    "an empty expression": ('chain("c", """\n  b\n=   -- r\n""")', "4:2", "an expression is missing"),
    "a double minus": ('chain("c", """\n  b\n= b--1  -- r\n""")', "4:4", "a double minus is written `- (-x)`"),
    "two separators": ('chain("c", """\n  b\n= b  -- r -- s\n""")', "4:11", "this is the second"),
    "a reason of the first expression": ('chain("c", """\n  b  -- r\n= b  -- r\n""")', "3:6", "stands before a reason"),
    "a step at the start": ('chain("c", """\n\n  = b -- r\n""")', "4:3", "the first line is an expression"),
    "an empty line": ('chain("c", """\n  b\n\n= b -- r\n""")', "3:3", "an empty line follows"),
    "another relation": ('chain("c", """\n  b\n== b -- r\n""")', "4:1", "a step begins with `=`"),
    "a sign in a chain": ('chain("c", """\n  b\n= b -- r\n> 0 -- s\n""")', "5:1", "a step begins with `=`"),
    "a sign without one": ('sign("c", """\n  b\n= b -- r\n""")', "4:1", "a sign ends with a line"),
    "a sign in the middle": ('sign("c", """\n  b\n> 0 -- r\n= b -- r\n""")', "5:1", "a sign ends with a line"),
    "two signs": ('sign("c", """\n  b\n>= 0 -- r\n> 0 -- r\n""")', "4:1", "a step begins with `=`"),
    "a sign of another relation": ('sign("c", """\n  b\n< 0 -- r\n""")', "4:1", "a sign ends with a line"),
    "a sign against 1": ('sign("c", """\n  b\n> 1 -- r\n""")', "4:1", "a sign compares with 0"),
    "no term": ('sign("c", """\n> 0 -- r\n""")', "3:1", "the first line is an expression"),
    "an expression first in an induction": (
        'induction("c", time="t", state="b", start="b0", update="b", closed="b0",\n    step="b0 -- r")',
        "3:11",
        "a step begins with `=`",
    ),
    "an equation in a witness": ('witness("c", {}, """\n  b = 1\n""")', "3:5", "are compared"),
    "two relations in a witness": ('witness("c", {}, """\n  0 < b < 1\n""")', "3:9", "are compared"),
    "none in a witness": ('witness("c", {}, """\n  b == 1\n  b\n""")', "4:3", "are compared"),
    "an empty side": ('witness("c", {}, "b == ")', "2:23", "an expression is missing"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_text_that_cannot_be_read_is_pointed_at(name: str, load: Load) -> None:
    body, where, message = MALFORMED[name]
    with pytest.raises(NotationError, match=re.escape(message)) as caught:
        load(body)
    assert place(caught.value) == where


@pytest.mark.parametrize("parts", [("b\n= b -- r",), ("one", "two", "three", "b\n= b -- r")])
def test_a_claim_and_at_most_a_label(parts: tuple[str, ...]) -> None:
    with pytest.raises(TypeError, match="a claim, and a label before it or none"):
        chain(*parts)  # type: ignore[call-overload]


WRONG = {
    "an unknown symbol": ('X = chain("c", """\n  b\n= b + nosuch -- r\n""")', NotationError, "4:7"),
    "in a line that goes on": (
        'X = chain("c", """\n  b\n= b\n    + sum(i, z[i])\n    + sqrt(b, b) -- r\n""")',
        NotationError,
        "6:7",
    ),
    "at the start": ('X = chain("c",\n          """\n  b\n    + zeta[i]\n= b -- r\n""")', NotationError, "5:7"),
    "after letters of two bytes": ('ε = (0, chain("γ", "b\\n= z + b -- r"))\nX = ε[1]', NotationError, "2:20"),
    "an open bracket": ('X = chain("c", """\n  b\n= b + (1 -- r\n""")', NotationError, "4:7"),
    "a false step": ('X = chain("c", """\n  2*b\n= b + b -- r\n= 3*b   -- r\n""")', ProofError, "5:3"),
    "the nearest of two texts that are equal": (
        'A = chain("c", """\n  b\n= 2*b -- r\n""")\n\nX = chain("c", """\n  b\n= 2*b -- r\n""")',
        ProofError,
        "9:3",
    ),
    "a text made by a program": ('TWO = "2*b"\nX = chain("c", f"""\n  b\n= {TWO} -- r\n""")', ProofError, "3"),
    "a false step of a sign": ('X = sign("c", """\n  b\n= b**2 -- r\n>= 0 -- r\n""")', ProofError, "4:3"),
    "a sign that is not manifest": ('X = sign("c", """\n  b\n>= 0 -- r\n""")', ProofError, "4:9"),
    "a false step of an induction": (
        'X = induction("c", time="t", state="b", start="b0", update="a*b", closed="b0*a**t",\n    step="""\n    = b0 -- r\n""")',
        ProofError,
        "4:7",
    ),
    "a witness of something unknown": (
        'X = witness("c", {"b": 1}, """\n  b == 1\n  b ==\n    zeta\n""")',
        NotationError,
        "5:5",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_fails_is_pointed_at(name: str, load: Load, checker: Checker) -> None:
    body, kind, where = WRONG[name]
    item: Item = load(body).X
    with pytest.raises(kind) as caught:
        item.check(checker, Shelf(checker.vocabulary))
    assert place(caught.value) == where


def test_a_formula_in_a_reason_is_pointed_at(load: Load, checker: Checker) -> None:
    item: Chain = load('X = chain("c", """\n  b\n= b -- as {b} and\n  {b + nosuch} are\n""")').X
    with pytest.raises(NotationError, match="unknown symbol `nosuch`") as caught:
        prose(item.steps[0][1], checker.vocabulary)
    assert place(caught.value) == "5:8"


def test_the_step_that_fails_is_counted(checker: Checker) -> None:
    with pytest.raises(ProofError, match="step 2 of 3: the two sides differ"):
        Chain("c", "2*b", (("b + b", ""), ("3*b", ""), ("3*b", ""))).check(checker, Shelf(checker.vocabulary))


def test_without_the_source_the_call_is_named(load: Load, checker: Checker) -> None:
    module = load('X = chain("c", """\n  b\n= 2*b -- r\n""")')
    Path(str(module.__file__)).unlink()
    sys.modules["linecache"].checkcache()
    with pytest.raises(ProofError) as caught:
        module.X.check(checker, Shelf(checker.vocabulary))
    assert place(caught.value) == "2"
