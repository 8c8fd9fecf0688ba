"""Which order of layers lets a bias act: the verdicts are the engine's, decided when they are first asked for."""

from __future__ import annotations

import random
from functools import cache

from ....report.document import Bullets, Code, Paragraph, Prose, Text, text
from ....theorems import registry
from ..exercise import Exercise, Picked, part
from ..template import template
from ..wording import LETTERS

ORDERS: tuple[tuple[str, str, str], ...] = (
    ("Conv → BN → ReLU", "conv -> bn -> relu", "BN subtracts the mean, and with it the bias."),
    ("Conv → ReLU → BN", "conv -> relu -> bn", "The bias decides which units are active before the mean is subtracted."),
    (
        "Conv → leaky ReLU → BN",
        "conv -> lrelu -> bn",
        "Two slopes pass two shares of the bias on, and one mean cannot remove both.",
    ),
    (
        "Conv → sigmoid → BN",
        "conv -> sigmoid -> bn",
        "The sigmoid bends, so that the bias changes the values by different amounts.",
    ),
    ("Conv → max pooling → BN", "conv -> maxpool(2) -> bn", "The maximum of values plus b is their maximum plus b."),
    (
        "Conv → average pooling without padding → BN",
        "conv -> avgpool(2) -> bn",
        "The average of values plus b is their average plus b.",
    ),
    (
        "Conv → Conv with zero padding → BN",
        "conv -> conv -> bn",
        "At the border fewer entries of the second kernel meet the bias.",
    ),
    (
        "Conv → Conv without padding → BN",
        "conv -> conv(pad=valid) -> bn",
        "Without padding every position receives the same constant.",
    ),
    (
        "Conv → Conv with circular padding → BN",
        "conv -> conv(pad=circular) -> bn",
        "On a ring every position receives the same constant.",
    ),
    ("Conv → dropout → BN", "conv -> dropout(0.5) -> bn", "A value that is dropped loses its bias, the others have it twice."),
    ("Conv → InstanceNorm", "conv -> in", "InstanceNorm subtracts the mean of each channel, and with it the bias."),
    ("Conv → GroupNorm with several channels a group", "conv -> gn(2)", "Of a group's biases only the mean is removed."),
    ("Conv → RMSNorm", "conv -> rms", "RMSNorm subtracts no mean."),
    ("Linear → ReLU → BN", "linear -> relu -> bn", "The bias decides which units are active."),
    ("Linear → BN → ReLU", "linear -> bn -> relu", "BN subtracts the mean, and with it the bias."),
    (
        "slim: conv2d(…, normalizer_fn=None), then batch_norm",
        "conv -> relu -> bn",
        "This is slim's way out, half of it: the bias stays, but conv2d still applies its own ReLU before the normalisation.",
    ),
    (
        "slim: conv2d(…, normalizer_fn=None, activation_fn=None), then batch_norm",
        "conv -> bn",
        "This is slim's way out: convolution with a bias, nothing in between, then BN. The bias is there, and cancels.",
    ),
)
"""What a student reads, the chain it means, and why its first bias acts or does not."""


REASONS: dict[str, str] = {
    "conv -> bn -> relu": "bias_cancels_of_batch_statistics",
    "conv -> bn": "bias_cancels_of_batch_statistics",
    "linear -> bn -> relu": "bias_cancels_of_batch_statistics",
    "conv -> relu -> bn": "output_moves_of_relu_before_batchnorm",
    "linear -> relu -> bn": "output_moves_of_relu_before_batchnorm",
    "conv -> lrelu -> bn": "output_moves_of_leaky_relu_before_batchnorm",
    "conv -> sigmoid -> bn": "output_moves_of_pointwise_activation_before_batchnorm",
    "conv -> maxpool(2) -> bn": "shift_passes_of_max_pooling",
    "conv -> avgpool(2) -> bn": "shift_passes_of_average_pooling",
    "conv -> conv -> bn": "first_bias_survives_of_zero_padding_in_two_dimensions",
    "conv -> conv(pad=valid) -> bn": "first_bias_cancels_of_borderless_second_convolution",
    "conv -> conv(pad=circular) -> bn": "first_bias_cancels_of_borderless_second_convolution",
    "conv -> dropout(0.5) -> bn": "output_moves_of_dropout_before_batchnorm",
    "conv -> in": "instancenorm_removes_channel_bias",
    "conv -> gn(2)": "groupnorm_removes_group_mean_of_channel_bias",
    "conv -> rms": "rmsnorm_keeps_bias",
}
"""The theorem that decides each chain."""


@cache
def acts(chain: str) -> bool:
    """Whether the first layer's bias acts in training. Raises RuntimeError where the engine leaves it open."""
    from ....decide.chain import decide

    layer = chain.partition(" ")[0]
    ruling = next(v.verdict for v in decide(chain, "train").verdicts if v.bias == f"{layer}1.bias")
    if ruling == "undecided":
        raise RuntimeError(f"the engine does not decide {layer}1.bias of `{chain}`")
    return ruling == "acts"


@template("Does this order act?", "standard", "affine_cannot_replace_bias_of_relu_before_batchnorm")
def does_this_order_act(rng: random.Random) -> Exercise:
    """Tick the orders in which the first layer's bias moves the output in training."""
    drawn = [*rng.sample(ORDERS[:-2], 4), rng.choice(ORDERS[-2:])]
    rng.shuffle(drawn)
    right = frozenset(place for place, (_, chain, _) in enumerate(drawn) if acts(chain))
    options = tuple(_option(shown) for shown, _, _ in drawn)
    everywhere = Picked(frozenset(range(len(drawn))))
    relu = Picked(
        frozenset(
            k
            for k, (_, chain, _) in enumerate(drawn)
            if any(a in chain for a in ("relu", "sigmoid")) and "bn -> relu" not in chain
        )
    )
    reasons = Bullets(tuple(_reason(letter, *each) for letter, each in zip(LETTERS, drawn, strict=False)))
    wrong = ((everywhere, text("a bias that is there was taken to act"), 0),)
    if relu not in (Picked(right), everywhere):
        wrong = (
            *wrong,
            (relu, text("only activations were looked for; padding, dropout and other normalisations count too"), 2),
        )
    return Exercise(
        (
            Paragraph(
                text(
                    "BN normalises with batch statistics, as in training. Every first layer has a bias, and none of its "
                    "values is special."
                )
            ),
        ),
        (
            part(
                text("In which of these does the first layer's bias act, that is, can moving it move the output?"),
                Picked(right),
                5,
                reasons,
                wrong=wrong,
                options=options,
            ),
        ),
        {"chains": tuple(chain for _, chain, _ in drawn)},
    )


def _reason(letter: str, shown: str, chain: str, why: str) -> Prose:
    said = "acts" if acts(chain) else "does nothing"
    return text(f"({letter}) {said}. {why} The theorem: {registry.theorem(REASONS[chain]).title}.")


def _option(shown: str) -> Prose:
    if shown.startswith("slim: "):
        call, _, after = shown.removeprefix("slim: ").rpartition(", then ")
        return (Text("TF-slim: "), Code(call), Text(", then "), Code(after))
    return text(shown)
