"""The numbers in the answers and claims are those of the formulas and of the recorded experiments."""

from __future__ import annotations

import re

import pytest

from bnproof.numeric.recorded import recorded
from bnproof.theorems import registry
from bnproof.theorems.claims import CLAIMS
from bnproof.theorems.questions import QUESTIONS, Question

RECORDS = {record["name"]: record for record in recorded("experiments")["experiments"]}


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.question)
def test_an_answer_rests_on_theorems_and_experiments_that_exist(question: Question) -> None:
    assert set(question.theorems) <= set(registry.names())
    assert question.theorems
    assert set(question.experiments) <= set(RECORDS)


def _answer(start: str) -> str:
    return next(question.answer for question in QUESTIONS if question.question.startswith(start))


def test_how_many_batches_until_one_percent_is_left() -> None:
    found = re.search(
        r"momentum 0.1 in PyTorch 1 % of it is left after (\d+) batches, .* 0.99 in Keras after (\d+)",
        _answer("What about inf"),
    )
    assert found is not None
    for share, count in zip((0.1, 0.01), map(int, found.groups()), strict=True):
        assert (1 - share) ** count <= 0.01 < (1 - share) ** (count - 1)
    (claim,) = (claim for claim in CLAIMS if claim.id == "S0.f")
    assert f"after {found[1]})" in claim.reason


def test_what_the_bias_is_worth_in_training() -> None:
    training, held_out = RECORDS["relu_bias_training"]["table"]
    found = re.search(r"training loss is ([\d.]+) % lower", _answer("My model got worse"))
    assert found is not None
    assert float(found[1]) == pytest.approx(-float(training["relative difference"].split()[0]), abs=0.05)
    assert training["significant"] == "yes"
    assert held_out["significant"] == "no"
