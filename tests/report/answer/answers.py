"""Answers made by hand, for the tests of what is said about them."""

from __future__ import annotations

from bnproof.modes import MODES, Mode
from bnproof.report.answer.page import answer_document
from bnproof.report.writers.terminal import terminal
from bnproof.verdict import Answer, Irreplaceable, Part, Proof, Ruling, Statistic, Step, Verdict, Witness

NAMED: dict[str, Mode] = {mode: mode for mode in MODES}
COMMAND = 'bnproof prove "conv -> bn -> relu"'
WITNESS = Witness(0, -0.5, 0.5, 4.2e-15, 3, (0, 2, 1, 1), "b: 0 → 1 takes y₁ from 1/2 to 3/2")
PROOF = Proof(
    (
        Step("v = conv1 + conv1.bias", "linear", "conv_general_dilated", "conv1", "convolution.py:52"),
        Step("mean = 1/(64·n)·Σ conv1 + conv1.bias", "linear", "reduce_sum", "bn1", "normalisation.py:60"),
        Step("v − mean = conv1 − 1/(64·n)·Σ conv1", "ring", "sub", "bn1", "normalisation.py:61"),
    )
)
CANCELS = "batch normalisation subtracts the mean, and with it any constant"
AFTER = "it comes after the normalisation"
BN_FIRST = Answer(
    "conv -> bn -> relu",
    (
        Verdict(
            "conv1.bias",
            "train",
            "redundant",
            CANCELS,
            ("linear", "ring"),
            "bias_cancels_of_batch_statistics",
            confirmed=True,
            gradient_zero=True,
            sizes="batch 4",
            proof=PROOF,
        ),
        Verdict("bn1.beta", "train", "acts", AFTER, witness=WITNESS, sizes="batch 4"),
        Verdict(
            "conv1.bias",
            "eval",
            "acts",
            "stored statistics do not move with the bias",
            theorem="eval_output_moves_of_stored_statistics",
            witness=WITNESS,
            sizes="batch 4",
            operation="max",
            layer="relu1",
            source="activation.py:20",
            absorbed_by=("bn1.running_mean",),
        ),
        Verdict("bn1.beta", "eval", "acts", AFTER, sizes="batch 4"),
    ),
    (Statistic("bn1.running_mean", "train", ("conv1.bias",)), Statistic("bn1.running_var", "train", ())),
    ("literals are the simplest rationals that round to them",),
    {"parameters": 2},
    layers=(
        Part("conv1", "conv", "conv"),
        Part("bn1", "bn", "bn", "own", "conv1"),
        Part("relu1", "relu", "relu", "own", "bn1"),
    ),
)
RELU_FIRST = Answer(
    "conv -> relu -> bn",
    (
        Verdict(
            "conv1.bias",
            "train",
            "acts",
            "ReLU lies between",
            theorem="output_moves_of_relu_before_batchnorm",
            witness=WITNESS,
            operation="max",
            layer="relu1",
            irreplaceable=Irreplaceable(
                ("bn1.gamma", "bn1.beta"), "bn1", "affine_cannot_replace_bias_of_relu_before_batchnorm"
            ),
        ),
        Verdict("bn1.beta", "train", "acts", AFTER),
    ),
    layers=(
        Part("conv1", "conv", "conv"),
        Part("relu1", "relu", "relu", "own", "conv1"),
        Part("bn1", "bn", "bn", "own", "relu1"),
    ),
)
UNKNOWN = Verdict("conv1.bias", "train", "undecided", "cos is not understood", operation="cos", layer="odd1", source="m.py:7")


def said(answer: Answer, explain: bool = False, width: int = 80, command: str = COMMAND) -> str:
    """What a terminal shows."""
    return terminal(answer_document(answer, command, explain), width)


def answer(*rulings: tuple[str, str, Ruling], statistics: tuple[Statistic, ...] = (), layers: tuple[Part, ...] = ()) -> Answer:
    """An answer with these verdicts: (parameter, mode, ruling)."""
    verdicts = tuple(Verdict(bias, NAMED[mode], ruling, "so", confirmed=True) for bias, mode, ruling in rulings)
    return Answer("a chain", verdicts, statistics, layers=layers)
