"""Every rule cites a law, every law is cited, and the table refuses what it should."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from bnproof.algebra.forms import Form
from bnproof.algebra.rules import BITS, RULES
from bnproof.algebra.rules.table import Rule, rule
from bnproof.laws import LAWS, Law


def unused(ring: Any, equation: Any, operands: Sequence[Form]) -> list[Form]:
    raise AssertionError((ring, equation, operands))


def test_every_rule_cites_a_law_and_every_law_is_cited() -> None:
    assert {found.law for found in RULES.values()} == set(LAWS)


@pytest.mark.parametrize("law", LAWS.values(), ids=lambda law: law.name)
def test_laws_are_called_by_their_names_and_say_why_they_hold(law: Law) -> None:
    assert LAWS[law.name] is law
    assert law.statement
    assert law.proof.endswith(".")
    assert law.source


def test_each_law_has_a_bit_of_its_own() -> None:
    assert set(BITS) == set(LAWS)
    assert sorted(BITS.values()) == [1 << k for k in range(len(LAWS))]


def test_a_second_rule_for_a_primitive_is_refused() -> None:
    before = dict(RULES)
    with pytest.raises(ValueError, match="the primitive `tanh` has two rules"):
        rule("tanh", law="congruence")(unused)
    assert before == RULES


def test_a_rule_citing_an_unknown_law_is_refused() -> None:
    before = dict(RULES)
    with pytest.raises(ValueError, match="no law is called `hope`"):
        rule("nothing_of_that_name", law="hope")
    assert before == RULES


def test_a_rule_is_registered_for_all_its_primitives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RULES, "one_of_a_kind", Rule(unused, "ring"))
    monkeypatch.delitem(RULES, "one_of_a_kind")
    found = rule("one_of_a_kind", "two_of_a_kind", law="ring")(unused)
    try:
        assert found is unused
        assert RULES["one_of_a_kind"] == RULES["two_of_a_kind"] == Rule(unused, "ring")
    finally:
        del RULES["one_of_a_kind"], RULES["two_of_a_kind"]
