"""Parameters that stay open while all are tracked at once, and are proved one by one."""

from __future__ import annotations

from unittest import mock

import pytest

import bnproof
from bnproof.decide import verdicts

CHAIN = "linear -> linear -> bn(variance=onepass)"


def ruled(chain: str, mode: str = "train") -> dict[str, str]:
    return {v.bias: v.verdict for v in bnproof.decide(chain).verdicts if v.mode == mode}


def test_each_of_two_biases_before_one_pass_statistics_is_proved() -> None:
    found = ruled(CHAIN)
    assert found["linear1.bias"] == found["linear2.bias"] == "redundant"
    assert found["bn1.beta"] == "acts"


def test_both_at_once_stay_open() -> None:
    with mock.patch.object(verdicts, "_alone", lambda program, verdict, *_: verdict):
        assert ruled(CHAIN)["linear1.bias"] == "undecided"


@pytest.mark.parametrize(
    "chain", ["linear -> relu -> bn(variance=onepass)", "linear -> linear -> relu -> bn(variance=onepass)"]
)
def test_what_acts_is_not_proved_alone_either(chain: str) -> None:
    assert set(ruled(chain).values()) == {"acts"}
