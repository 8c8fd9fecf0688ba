"""What a verdict says: the reason in words, the theorem that states it in general, the layer and the line of the program."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jax
from jax.extend import source_info_util

from ..algebra.analysis import Finding
from ..algebra.walk import Place
from .program import Program

REDUNDANT = {
    "bn": "batch normalisation subtracts the mean, and with it any constant",
    "in": "instance normalisation subtracts each channel's mean, and with it any constant",
    "ln": "layer normalisation subtracts the mean over the channels, and with it this shift",
    "gn": "group normalisation subtracts each group's mean, and with it this shift",
    "attention": "softmax over the keys: all scores of a query move together, and the shift cancels",
    "softmax": "softmax does not change when all its inputs move together",
}
"""Why a parameter disappears in a layer of this kind."""

THEOREMS_REDUNDANT = {
    ("conv", "bn"): "bias_cancels_of_batch_statistics",
    ("linear", "bn"): "bias_cancels_of_batch_statistics",
    ("conv", "in"): "instancenorm_removes_channel_bias",
    ("conv", "gn"): "groupnorm_removes_group_mean_of_channel_bias",
    ("linear", "ln"): "layernorm_removes_mean_of_channel_bias",
    ("conv", "ln"): "layernorm_removes_mean_of_channel_bias",
    ("attention", "attention"): "softmax_removes_key_bias",
}
"""(kind of layer the parameter is in, kind of layer it disappears in) → the theorem."""

STAYS = {
    "max": ("a ReLU (or another maximum) lies between: the bias decides which units are active", "relu"),
    "select_n": ("a piecewise function lies between: the bias decides which piece applies", "lrelu"),
    "erf": ("GELU lies between: a non-linear function does not carry a shift along", "pointwise"),
    "logistic": ("a sigmoid lies between: a non-linear function does not carry a shift along", "pointwise"),
    "tanh": ("tanh lies between: a non-linear function does not carry a shift along", "pointwise"),
}
"""Why a parameter stays, by the first operation it cannot be taken out of again."""


def reason(program: Program, finding: Finding) -> str:
    """One sentence, without a full stop."""
    if finding.free:
        if finding.place is None:
            return "no output of the model uses it"
        kind = kind_at(program, finding.place)
        general = f"the shift cancels in `{finding.operation}`" + (f" of {layer_of(finding.place)}" if kind else "")
        return REDUNDANT.get(kind, general)
    kind = kind_at(program, finding.place) if finding.place is not None else ""
    if not finding.operation:
        return "nothing after it takes a shift out again: it is added to the output"
    if finding.operation in STAYS and kind in ("relu", "lrelu", "gelu", "silu", "sigmoid", "tanh", "softplus", ""):
        return STAYS[finding.operation][0]
    if kind in ("ln", "gn", "in", "bn", "rms"):
        if program.mode != "train" and kind == "bn":
            return "stored statistics do not move with the bias"
        return f"{layer_of(finding.place)} does not take all of this shift out: it is not the same for all values normalised together"
    if kind == "softmax":
        return f"{layer_of(finding.place)} removes only a shift that all its inputs share"
    where = f" of {layer_of(finding.place)}" if layer_of(finding.place) else ""
    return f"`{finding.operation}`{where} does not carry a shift along"


def undecided_reason(program: Program, finding: Finding) -> str:
    """Why neither a proof nor a witness was found."""
    where = f"`{finding.operation}`" if finding.operation else "the output"
    if finding.place is not None and (layer := layer_of(finding.place)):
        where += f" of {layer}"
    if program.sample is None:
        return f"not proved beyond {where}; no run was made: there are shapes only"
    return f"not proved beyond {where}; no shift tried moved the output clearly above its round-off bound"


def theorem(program: Program, finding: Finding) -> str | None:
    """The theorem that states this verdict for the parameter's and the other layer's kind, if there is one."""
    own = finding.name.rsplit(".", 1)[0]
    kind = program.layers.get(own) or program.layers.get(own.split(".")[0], "")
    kind = "conv" if kind.startswith("conv") or kind == "depthwise" else kind
    if finding.name.endswith("beta") or finding.place is None:
        return None
    other = kind_at(program, finding.place)
    if finding.free:
        if (kind, other) == ("conv", "bn") and _second_convolution(program, finding):
            return "first_bias_cancels_of_borderless_second_convolution"
        return THEOREMS_REDUNDANT.get((kind, other))
    if program.mode == "train" and "bn" in program.layers.values():
        return {"relu": "output_moves_of_relu_before_batchnorm", "lrelu": "output_moves_of_leaky_relu_before_batchnorm"}.get(
            other
        )
    if program.mode != "train" and other == "bn":
        return "eval_output_moves_of_stored_statistics"
    return None


def _second_convolution(program: Program, finding: Finding) -> bool:
    names = list(program.layers)
    own, killer = finding.name.rsplit(".", 1)[0], layer_of(finding.place)
    if own not in names or killer not in names:
        return False
    between = names[names.index(own) + 1 : names.index(killer)]
    return any(program.layers[name].startswith("conv") for name in between)


def kind_at(program: Program, place: Place | None) -> str:
    """The kind of layer at a place of the program, if layers are known."""
    return program.layers.get(layer_of(place), "")


def layer_of(place: Place | None) -> str:
    """The innermost named scope: `bn1`."""
    if place is None:
        return ""
    parts = [part for part in place.scope.split("/") if part]
    return parts[-1] if parts else ""


_BNPROOF = str(Path(__file__).parent.parent)
_JAX = str(Path(jax.__file__).parent)


def line_of(place: Place | None) -> str:
    """file:line of the user's code; empty for the layers that bnproof itself builds."""
    if place is None:
        return ""
    info: Any = place.equation.source_info
    text = source_info_util.summarize(info)
    path = text.split(":")[0].split(" ")[0]
    return "" if path.startswith((_BNPROOF, _JAX)) or "unknown" in text.lower() else text
