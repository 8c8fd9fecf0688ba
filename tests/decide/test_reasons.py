"""The words of a verdict and the theorem it cites: decided from what the layers are, and only where the hypotheses fit."""

from __future__ import annotations

import re

import pytest

from bnproof.chain.kinds import KINDS
from bnproof.chain.layers import LAYERS
from bnproof.decide import citations
from bnproof.decide.chain import decide
from bnproof.modes import Mode
from bnproof.theorems import registry
from bnproof.verdict import Verdict


def verdict(text: str, name: str, mode: Mode) -> Verdict:
    return next(v for v in decide(text, mode).verdicts if v.bias == name)


CITED: list[tuple[str, str, Mode, str | None]] = [
    ("conv -> bn", "conv1.bias", "train", "bias_cancels_of_batch_statistics"),
    ("conv -> bn", "conv1.bias", "eval", "eval_output_moves_of_stored_statistics"),
    ("conv -> bn -> relu", "conv1.bias", "frozen", "eval_output_moves_of_stored_statistics"),
    ("conv -> bn(track=no)", "conv1.bias", "eval", "bias_cancels_of_batch_statistics"),
    ("conv -> in", "conv1.bias", "eval", "instancenorm_removes_channel_bias"),
    ("conv -> in(track=yes)", "conv1.bias", "eval", "eval_output_moves_of_stored_statistics"),
    ("conv -> flatten -> bn", "conv1.bias", "train", "bias_cancels_of_batch_statistics"),
    ("conv -> dropout -> bn", "conv1.bias", "eval", "eval_output_moves_of_stored_statistics"),
    ("conv -> lrelu(1) -> bn", "conv1.bias", "train", "bias_cancels_of_batch_statistics"),
    ("conv -> maxpool -> bn", "conv1.bias", "train", "shift_passes_of_max_pooling"),
    ("conv -> globalpool -> bn", "conv1.bias", "train", "shift_passes_of_average_pooling"),
    ("conv -> upsample(mode=bilinear) -> bn", "conv1.bias", "train", "shift_passes_of_residual_concatenation_upsampling"),
    ("residual(conv(3)) -> bn", "conv1.bias", "train", "shift_passes_of_residual_concatenation_upsampling"),
    ("conv -> conv(pad=valid) -> bn", "conv1.bias", "train", "first_bias_cancels_of_borderless_second_convolution"),
    ("conv -> conv(k=1) -> bn", "conv1.bias", "train", "first_bias_cancels_of_borderless_second_convolution"),
    ("conv -> maxpool -> conv(pad=valid) -> bn", "conv1.bias", "train", None),
    ("conv -> conv(pad=valid) -> conv(pad=valid) -> bn", "conv1.bias", "train", None),
    ("conv -> conv @ 2x3x1x1", "conv1.bias", "train", None),
    ("conv -> conv -> bn @ 2x3x1x1", "conv1.bias", "train", None),  # cancels, although the second pads with zeros
    ("conv -> conv -> bn", "conv1.bias", "train", "output_moves_of_uneven_shift"),
    ("conv -> conv -> bn(eps=0)", "conv1.bias", "train", None),
    ("conv -> zeropad -> bn", "conv1.bias", "train", "output_moves_of_uneven_shift"),
    ("conv -> conv -> relu -> bn", "conv1.bias", "train", None),
    ("linear -> relu -> bn @ 1x4", "linear1.bias", "train", None),  # a batch of one: not for the theorem's reason
    ("conv -> relu -> bn", "conv1.bias", "train", "output_moves_of_relu_before_batchnorm"),
    ("conv -> relu -> bn", "conv1.bias", "eval", None),
    ("conv -> relu -> bn(track=no)", "conv1.bias", "eval", "output_moves_of_relu_before_batchnorm"),
    ("conv -> relu -> conv -> bn", "conv1.bias", "train", None),
    ("conv -> relu -> in", "conv1.bias", "train", None),
    ("conv -> lrelu -> bn", "conv1.bias", "train", "output_moves_of_leaky_relu_before_batchnorm"),
    ("conv -> prelu(over=channels) -> bn", "conv1.bias", "train", "output_moves_of_leaky_relu_before_batchnorm"),
    ("conv -> prelu(over=all) -> bn", "conv1.bias", "train", None),
    *(
        (f"conv -> {token} -> bn", "conv1.bias", "train", "output_moves_of_pointwise_activation_before_batchnorm")
        for token, kind in KINDS.items()
        if kind.curve in ("smooth", "pieces")
    ),
    ("conv -> softmax -> bn", "conv1.bias", "train", None),
    ("linear -> softmax", "linear1.bias", "eval", "one_direction_redundant_of_softmax_head"),
    ("conv -> dropout -> bn", "conv1.bias", "train", "output_moves_of_dropout_before_batchnorm"),
    ("conv -> channeldropout -> bn", "conv1.bias", "train", "output_moves_of_dropout_before_batchnorm"),
    ("conv -> brn", "conv1.bias", "train", "gradient_zero_yet_output_moves_of_batch_renorm"),
    ("conv -> rms", "conv1.bias", "train", "rmsnorm_keeps_bias"),
    ("conv -> rms(eps=0)", "conv1.bias", "train", None),
    ("conv -> ln", "conv1.bias", "train", "layernorm_removes_mean_of_channel_bias"),
    ("conv -> ln(over=all)", "conv1.bias", "train", "groupnorm_removes_group_mean_of_channel_bias"),
    ("conv -> gn(8)", "conv1.bias", "train", "groupnorm_removes_group_mean_of_channel_bias"),
    ("linear", "linear1.bias", "train", "output_bias_acts_of_linear_output"),
    ("linear -> dropout -> linear -> identity", "linear2.bias", "eval", "output_bias_acts_of_linear_output"),
    ("conv", "conv1.bias", "train", None),
    ("attention -> ln", "attention1.k.bias", "train", "softmax_removes_key_bias"),
    ("attention -> bn", "attention1.out.bias", "train", None),
    ("bn -> conv(pad=valid) -> bn", "bn1.beta", "train", None),
]


def test_every_theorem_that_can_be_cited_exists_and_has_a_row() -> None:
    named = {
        value for value in vars(citations).values() if isinstance(value, str) and re.fullmatch("[a-z]+(_[a-z]+){2,}", value)
    }
    named |= {*citations.CANCELS.values(), *citations.CURVES.values()}
    assert named <= set(registry.names())
    assert named == {theorem for _, _, _, theorem in CITED if theorem is not None}


@pytest.mark.parametrize(("text", "name", "mode", "theorem"), CITED, ids=[f"{c[0]} {c[1]} {c[2]}" for c in CITED])
def test_which_theorem_is_cited(text: str, name: str, mode: Mode, theorem: str | None) -> None:
    assert verdict(text, name, mode).theorem == theorem


SAID: list[tuple[str, str, Mode, str]] = [
    ("conv -> bn", "conv1.bias", "train", "batch normalisation subtracts the mean, and with it any constant"),
    ("conv -> elu -> bn", "conv1.bias", "train", "ELU lies between: the bias does not pass through it as a shift"),
    ("bn -> relu -> bn", "bn1.beta", "train", "ReLU lies between: beta decides which units are active"),
    ("conv -> bn", "conv1.bias", "eval", "stored statistics do not move with the bias"),
    ("bn -> conv(pad=valid) -> bn", "bn1.beta", "eval", "stored statistics do not move with beta"),
    ("conv -> relu -> bn", "conv1.bias", "eval", "ReLU lies between: the bias decides which units are active"),
    (
        "conv -> elu",
        "conv1.bias",
        "train",
        "it reaches the output through elu1: no normalisation follows that could take it out",
    ),
    (
        "conv -> conv -> bn",
        "conv1.bias",
        "train",
        "bn1 does not take all of this shift out: it is not the same for all values normalised together (conv2 pads with zeros)",
    ),
    (
        "conv -> conv(pad=valid) -> bn",
        "conv1.bias",
        "train",
        "batch normalisation subtracts the mean, and with it any constant (conv2 pads no zeros)",
    ),
    ("conv -> bn", "bn1.beta", "train", "it is the level of the output: nothing after it takes a shift out again"),
    ("conv -> bn -> conv", "bn1.beta", "train", "nothing after it takes a shift out again: it reaches the output"),
    ("conv -> conv -> maxpool -> bn", "conv1.bias", "train", "maxpool1 does not carry this shift along"),
    ("linear -> softmax", "linear1.bias", "train", "softmax1 removes only a shift that all its inputs share"),
    ("concat(conv -> relu; conv) -> bn", "conv2.bias", "train", "batch normalisation subtracts the mean"),
]


@pytest.mark.parametrize(("text", "name", "mode", "words"), SAID, ids=[f"{c[0]} {c[1]} {c[2]}" for c in SAID])
def test_what_is_said(text: str, name: str, mode: Mode, words: str) -> None:
    assert verdict(text, name, mode).reason.startswith(words)


def test_every_activation_is_spoken_of_by_its_name() -> None:
    for token in LAYERS:
        kind = KINDS[token]
        if kind.curve in ("smooth", "pieces", "leaky"):
            assert verdict(f"conv -> {token} -> bn", "conv1.bias", "train").reason.startswith(f"{kind.spoken} lies between: ")
