"""What to do, from verdicts: what can go, what stays, and what a trained network needs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bnproof.report.answer.advice import advice, stored_mean
from bnproof.verdict import Answer, Ruling, Statistic, Verdict


def answer(*rulings: tuple[str, str, Ruling], statistics: tuple[Statistic, ...] = ()) -> Answer:
    return Answer("a chain", tuple(Verdict(bias, mode, ruling, "so") for bias, mode, ruling in rulings), statistics)


@pytest.mark.parametrize(
    ("verdicts", "action"),
    [
        ((), "nothing; there is no bias and no beta here."),
        ((("conv1.bias", "train", "redundant"),), "Conv(bias=False)."),
        ((("linear1.bias", "train", "redundant"),), "Linear(bias=False)."),
        ((("conv1d1.bias", "train", "redundant"),), "build conv1d1 with bias=False."),
        ((("layers.3.conv.bias", "train", "redundant"),), "build layers.3.conv with bias=False."),
        (
            (("conv1.bias", "train", "redundant"), ("conv2.bias", "train", "acts")),
            "build conv1 with bias=False; keep conv2.bias.",
        ),
        (
            (("conv1.bias", "train", "redundant"), ("attention1.k.bias", "train", "redundant")),
            "build conv1 and attention1.k with bias=False.",
        ),
        (
            tuple((f"conv{k}.bias", "train", "redundant") for k in range(9)),
            "build the 9 layers whose bias is redundant in train with bias=False.",
        ),
        ((("bn1.beta", "train", "redundant"),), "leave out bn1.beta, or freeze it at its start value."),
        (
            (("conv1.bias", "train", "undecided"), ("bn1.beta", "train", "acts")),
            "keep bn1.beta; keep conv1.bias: undecided is not redundant.",
        ),
        (tuple((f"bn{k}.beta", "train", "acts") for k in range(9)), "keep the 9 that are needed."),
        ((("conv1.bias", "eval", "acts"),), "keep conv1.bias."),
        ((("conv1.bias", "eval", "redundant"),), "evaluate without conv1.bias if you like: the output stays the same."),
        (
            (("conv1.bias", "frozen", "redundant"),),
            "fine-tune with frozen statistics without conv1.bias if you like: the output stays the same.",
        ),
    ],
)
def test_actions(verdicts: tuple[tuple[str, str, Ruling], ...], action: str) -> None:
    assert advice(answer(*verdicts)).action == action


def test_training_is_another_question() -> None:
    assert advice(answer(("conv1.bias", "eval", "acts"))).note.endswith("ask with --mode train.")


MEAN = Statistic("bn1.running_mean", "train", ("conv1.bias",))
BOTH: tuple[tuple[str, str, Ruling], ...] = (("conv1.bias", "train", "redundant"), ("conv1.bias", "eval", "acts"))


def test_the_stored_mean_is_mentioned_where_it_is_why() -> None:
    assert stored_mean(answer(*BOTH, statistics=(MEAN,)), "conv1.bias") == "bn1.running_mean"
    assert "evaluation stays as it is" in advice(answer(*BOTH, statistics=(MEAN,))).note


@pytest.mark.parametrize(
    "given",
    [
        answer(*BOTH),
        answer(*BOTH, statistics=(MEAN, replace(MEAN, name="bn1.running_var"))),
        answer(*BOTH, statistics=(MEAN, replace(MEAN, name="bn2.running_mean"))),
        answer(*BOTH, statistics=(replace(MEAN, name="bn1.running_var"),)),
        answer(("conv1.bias", "train", "redundant"), ("conv1.bias", "eval", "undecided"), statistics=(MEAN,)),
        answer(("conv1.bias", "train", "acts"), ("conv1.bias", "eval", "acts"), statistics=(MEAN,)),
        answer(("conv1.bias", "train", "redundant"), ("conv1.bias", "eval", "redundant"), statistics=(MEAN,)),
    ],
)
def test_and_nowhere_else(given: Answer) -> None:
    assert stored_mean(given, "conv1.bias") == ""
    assert "stays as it is" not in advice(given).note


def test_two_stored_means() -> None:
    second = Statistic("bn2.running_mean", "train", ("conv2.bias",))
    more: tuple[tuple[str, str, Ruling], ...] = (("conv2.bias", "train", "redundant"), ("conv2.bias", "eval", "acts"))
    note = advice(answer(*BOTH, *more, statistics=(MEAN, second))).note
    assert note.startswith("Trained already? Lower each of bn1.running_mean and bn2.running_mean by what")
    mixed = advice(answer(*BOTH, *more, statistics=(MEAN,))).note
    assert mixed.endswith("; evaluation still uses conv2.bias, and changes without.")
    unasked = advice(answer(BOTH[0], statistics=(MEAN,))).note
    assert unasked == "Trained already? Then evaluation matters too: ask with --mode both."
