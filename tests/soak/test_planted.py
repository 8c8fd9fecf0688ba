"""The soak finds every planted wrong rule within 2,000 networks: a soak that finds nothing then means something."""

from __future__ import annotations

import re

import pytest

from bnproof.decide.chain import decide
from bnproof.errors import ContradictionError

from .generate import generate
from .planted import PLANTED

NETWORKS = 2_000
ENOUGH = 200
"""After so many verdicts, more than `UNDECIDED` of them undecided is a find too: a rule that proves too little."""
UNDECIDED = 0.05


def test_enough_rules_are_planted() -> None:
    assert len(PLANTED) >= 15


@pytest.mark.parametrize("name", sorted(PLANTED))
def test_a_wrong_rule_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens, plant = PLANTED[name]
    plant(monkeypatch)
    verdicts = undecided = 0
    for seed in range(NETWORKS):
        network = generate(seed)
        if not any(token in re.split(r"\W+", network.text) for token in tokens):
            continue  # the planted rule changes nothing there
        try:
            answer = decide(network.text, network.mode, seed=seed)
        except ContradictionError:
            return
        verdicts += len(answer.verdicts)
        undecided += sum(verdict.verdict == "undecided" for verdict in answer.verdicts)
        if verdicts >= ENOUGH and undecided > UNDECIDED * verdicts:
            return
    pytest.fail(f"{NETWORKS} networks did not show that the rule is wrong")


def test_the_right_rules_are_not_found() -> None:
    verdicts = undecided = 0
    for seed in range(150):
        network = generate(seed)
        for verdict in decide(network.text, network.mode, seed=seed).verdicts:
            verdicts += 1
            undecided += verdict.verdict == "undecided"
            assert verdict.verdict != "redundant" or verdict.confirmed
    assert verdicts >= ENOUGH
    assert undecided <= 0.01 * verdicts
