"""The verdicts about chains that claims rest on, decided anew."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from bnproof.decide.chain import decide
from bnproof.modes import Mode
from bnproof.theorems.claims import CLAIMS, Decided
from bnproof.theorems.claims.chains import BN_FIRST, LEAKY_FIRST, RELU_FIRST
from bnproof.verdict import Verdict

CHAINS = tuple(dict.fromkeys(one for claim in CLAIMS for one in claim.chains))


@cache
def verdicts(chain: str) -> dict[tuple[str, Mode], Verdict]:
    return {(verdict.bias, verdict.mode): verdict for verdict in decide(chain).verdicts}


def holds(one: Decided) -> bool:
    found = verdicts(one.chain)
    told = all(found[one.bias, mode].verdict == ruling for mode, ruling in one.rulings)
    theorem = found[one.bias, "train"].irreplaceable
    return told and one.irreplaceable_by == (theorem.by if theorem and one.train else ())


@pytest.mark.parametrize("one", CHAINS, ids=lambda one: f"{one.chain} {one.bias}")
def test_the_engine_says_so(one: Decided) -> None:
    assert list(one.rulings)
    assert holds(one)


def test_a_wrong_verdict_is_found() -> None:
    assert not holds(replace(BN_FIRST, train="acts"))
    assert not holds(replace(BN_FIRST, eval="redundant"))
    assert not holds(replace(RELU_FIRST, irreplaceable_by=()))
    assert not holds(replace(LEAKY_FIRST, irreplaceable_by=RELU_FIRST.irreplaceable_by))
