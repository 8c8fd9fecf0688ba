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
    "max": "a ReLU lies between: {name} decides which units are active",
    "select_n": "a piecewise function lies between: {name} decides which piece applies",
    "erf": "GELU lies between: {name} does not pass through it as a shift",
    "logistic": "a sigmoid lies between: {name} does not pass through it as a shift",
    "tanh": "tanh lies between: {name} does not pass through it as a shift",
    "ge": "a piecewise function lies between: {name} decides which piece applies",
    "gt": "a piecewise function lies between: {name} decides which piece applies",
    "log1p": "softplus lies between: {name} does not pass through it as a shift",
}
"""Why a parameter stays, by the first operation it cannot be taken out of again."""
ACTIVATIONS = ("relu", "lrelu", "gelu", "silu", "sigmoid", "tanh", "softplus")


def reason(program: Program, finding: Finding) -> str:
    """One sentence, without a full stop."""
    kind, layer = kind_at(program, finding.place), program.layer(finding.place)
    if finding.free:
        if finding.place is None:
            return "no output of the model uses it"
        return REDUNDANT.get(kind, f"the shift cancels in `{finding.operation}`" + (f" of {layer}" if layer else ""))
    if program.mode != "train" and _meets_stored(program, finding):
        return "stored statistics do not move with the bias"
    if not finding.operation:
        if finding.name.endswith("beta"):
            return "it is the level of the output: nothing after it takes a shift out again"
        return "nothing after it takes a shift out again: it reaches the output"
    if finding.operation in STAYS and kind in ACTIVATIONS:
        if not any(_followed_by(program, layer, norm) for norm in ("bn", "brn", "ln", "gn", "in")):
            return f"it reaches the output through {layer}: no normalisation follows that could take it out"
        return STAYS[finding.operation].format(name="beta" if finding.name.endswith("beta") else "the bias")
    if kind in ("ln", "gn", "in", "bn"):
        return f"{layer} does not take all of this shift out: it is not the same for all values normalised together"
    if kind == "brn":
        return f"{layer} subtracts the batch's mean, and its correction d adds back what that differs from the stored one"
    if kind == "rms":
        return f"{layer} subtracts no mean"
    if kind == "softmax":
        return f"{layer} removes only a shift that all its inputs share"
    if kind == "attention":
        return f"{layer} is not linear in it, and no shift common to all scores of a query is left"
    where = f" of {layer}" if layer else ""
    return f"`{finding.operation}`{where} does not carry a shift along"


def _meets_stored(program: Program, finding: Finding) -> bool:
    """Whether a batch normalisation stands after the parameter's layer and before the place where it stays."""
    names = list(program.layers)
    own = _own_layer(program, finding.name)
    if own not in names or finding.name.endswith("beta"):
        return False
    layer = program.layer(finding.place)
    end = names.index(layer) + 1 if layer in names else len(names)
    return any(program.layers[name] in ("bn", "brn") for name in names[names.index(own) + 1 : end])


def _own_layer(program: Program, name: str) -> str:
    parts = name.split(".")
    return next((".".join(parts[:k]) for k in range(len(parts) - 1, 0, -1) if ".".join(parts[:k]) in program.layers), "")


def undecided_reason(program: Program, finding: Finding, unwitnessed: str) -> str:
    """Why neither a proof nor, as `unwitnessed` says, a witness was found."""
    where = f"`{finding.operation}`" if finding.operation else "the output"
    if layer := program.layer(finding.place):
        where += f" of {layer}"
    return f"not proved beyond {where}; {unwitnessed}"


def theorem(program: Program, finding: Finding) -> str | None:
    """The theorem that states this verdict for the parameter's and the other layer's kind, if there is one."""
    kind = program.layers.get(_own_layer(program, finding.name), "")
    kind = "conv" if kind.startswith("conv") or kind == "depthwise" else kind
    if finding.name.endswith("beta") or finding.place is None:
        return None
    other = kind_at(program, finding.place)
    if finding.free:
        if (kind, other) == ("conv", "bn") and _second_convolution(program, finding):
            return "first_bias_cancels_of_borderless_second_convolution"
        return THEOREMS_REDUNDANT.get((kind, other))
    if program.mode != "train":
        return "eval_output_moves_of_stored_statistics" if _meets_stored(program, finding) else None
    if other == "brn":
        return "gradient_zero_yet_output_moves_of_batch_renorm"
    if not _followed_by(program, program.layer(finding.place), "bn"):
        return None
    return {"relu": "output_moves_of_relu_before_batchnorm", "lrelu": "output_moves_of_leaky_relu_before_batchnorm"}.get(other)


def _followed_by(program: Program, layer: str, kind: str) -> bool:
    names = list(program.layers)
    return layer in names and kind in [program.layers[name] for name in names[names.index(layer) + 1 :]]


def _second_convolution(program: Program, finding: Finding) -> bool:
    names = list(program.layers)
    own, killer = _own_layer(program, finding.name), program.layer(finding.place)
    if own not in names or killer not in names:
        return False
    between = names[names.index(own) + 1 : names.index(killer)]
    return any(program.layers[name].startswith("conv") for name in between)


def kind_at(program: Program, place: Place | None) -> str:
    """The kind of layer at a place of the program, if layers are known."""
    return program.layers.get(program.layer(place), "")


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
