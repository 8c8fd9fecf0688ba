"""What each layer *is*: its role, what it averages together, how it is spoken of. One entry a layer of the table."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from .tree import Layer, Shape

Role = Literal["affine", "normalisation", "activation", "pooling", "reshaping", "random", "block", "attention"]
"""affine: linear in its input, with a kernel; reshaping: moves or copies entries; random: drops some; block: joins branches."""
Along = Literal["batch", "positions", "channels", "group"]
"""An axis that is averaged along; group: neighbouring channels, as many as there are channels divided by the groups."""
Curve = Literal["relu", "leaky", "pieces", "smooth", "joint"]
"""An activation's graph: ReLU's, two straight pieces that meet at 0, other straight pieces, a curve; joint: not a function of one
number alone."""

IMAGES: Shape = (4, 3, 8, 8)
"""Batch × channels × height × width."""


@dataclass(frozen=True)
class Kind:
    """What there is to know of a layer apart from its arguments and its computation.

    - role; spoken: how it is spoken of in a sentence;
    - together: what is averaged together; over_all: the same where the argument `over` is all; centred: whether the mean is subtracted;
      corrected: whether a correction towards stored statistics adds part of it back; stored: whether it can keep stored statistics,
      which its argument `track` may refuse;
    - curve: of an activation; largest: whether a pool takes the maximum, not the mean;
    - keeps: whether every entry comes out once, as it is;
    - cancels: why a shift disappears in it; stays: why one does not, where {shift} is the shift and {layer} the layer's name;
    - input: the input shape where the layer is first and no other is given.
    """

    role: Role
    spoken: str
    together: tuple[Along, ...] = ()
    over_all: tuple[Along, ...] = ()
    centred: bool = False
    corrected: bool = False
    stored: bool = False
    curve: Curve | None = None
    largest: bool = False
    keeps: bool = False
    cancels: str = ""
    stays: str = ""
    input: Shape = IMAGES


def _affine(spoken: str, shape: Shape = IMAGES) -> Kind:
    return Kind("affine", spoken, input=shape)


def _norm(
    spoken: str,
    *together: Along,
    over_all: tuple[Along, ...] = (),
    corrected: bool = False,
    stored: bool = False,
    subtracts: str = "",
    stays: str = "{layer} does not take all of this shift out: it is not the same for all values normalised together",
) -> Kind:
    cancels = f"{spoken} subtracts {subtracts}" if subtracts else ""
    return Kind(
        "normalisation",
        spoken,
        together,
        over_all,
        centred=bool(subtracts),
        corrected=corrected,
        stored=stored,
        cancels=cancels,
        stays=stays,
    )


def _activation(spoken: str, curve: Curve = "smooth") -> Kind:
    does = {
        "relu": "{shift} decides which units are active",
        "leaky": "{shift} decides which piece applies",
        "pieces": "{shift} decides which piece applies",
        "smooth": "{shift} does not pass through it as a shift",
        "joint": "{shift} does not pass through it as a shift",
    }
    return Kind("activation", spoken, curve=curve, stays=f"{spoken} lies between: {does[curve]}")


def _softmax(spoken: str) -> Kind:
    return Kind(
        "activation",
        spoken,
        ("channels",),
        curve="joint",
        cancels=f"{spoken} does not change when all its inputs move together",
        stays="{layer} removes only a shift that all its inputs share",
    )


def _pool(spoken: str, largest: bool = False) -> Kind:
    stays = "{layer} does not carry this shift along: it is not the same for all entries of a window"
    return Kind("pooling", spoken, largest=largest, stays=stays)


def _moving(spoken: str, keeps: bool = False) -> Kind:
    return Kind("reshaping", spoken, keeps=keeps)


def _block(spoken: str) -> Kind:
    return Kind("block", spoken)


_ONE_AXIS: Shape = (4, 3, 8)
_THREE_AXES: Shape = (4, 3, 8, 8, 8)

KINDS: dict[str, Kind] = {
    "conv": _affine("convolution"),
    "conv1d": _affine("convolution", _ONE_AXIS),
    "conv3d": _affine("convolution", _THREE_AXES),
    "convtranspose": _affine("transposed convolution"),
    "convtranspose1d": _affine("transposed convolution", _ONE_AXIS),
    "convtranspose3d": _affine("transposed convolution", _THREE_AXES),
    "depthwise": _affine("depthwise convolution"),
    "linear": _affine("linear layer", (4, 8)),
    "bn": _norm(
        "batch normalisation",
        "batch",
        "positions",
        stored=True,
        subtracts="the mean, and with it any constant",
    ),
    "brn": _norm(
        "batch renormalisation",
        "batch",
        "positions",
        corrected=True,
        stored=True,
        subtracts="the batch's mean, and its correction adds nothing back here",
        stays="{layer} subtracts the batch's mean, and its correction d adds back what that differs from the stored one",
    ),
    "ln": _norm(
        "layer normalisation",
        "channels",
        over_all=("channels", "positions"),
        subtracts="the mean over the channels, and with it this shift",
    ),
    "gn": _norm("group normalisation", "group", "positions", subtracts="each group's mean, and with it this shift"),
    "in": _norm(
        "instance normalisation",
        "positions",
        stored=True,
        subtracts="each channel's mean, and with it any constant",
    ),
    "rms": _norm("RMS normalisation", "channels", stays="{layer} subtracts no mean"),
    "relu": _activation("ReLU", "relu"),
    "relu6": _activation("ReLU6", "pieces"),
    "lrelu": _activation("leaky ReLU", "leaky"),
    "prelu": _activation("PReLU", "leaky"),
    "elu": _activation("ELU"),
    "celu": _activation("CELU"),
    "selu": _activation("SELU"),
    "gelu": _activation("GELU"),
    "silu": _activation("SiLU"),
    "mish": _activation("Mish"),
    "hardswish": _activation("hard swish"),
    "hardsigmoid": _activation("hard sigmoid", "pieces"),
    "hardtanh": _activation("hard tanh", "pieces"),
    "sigmoid": _activation("sigmoid"),
    "logsigmoid": _activation("log-sigmoid"),
    "tanh": _activation("tanh"),
    "softplus": _activation("softplus"),
    "softsign": _activation("softsign"),
    "softmax": _softmax("softmax"),
    "logsoftmax": _softmax("log-softmax"),
    "maxpool": _pool("max-pooling", largest=True),
    "avgpool": _pool("average pooling"),
    "globalpool": _pool("global average pooling"),
    "globalmaxpool": _pool("global max-pooling", largest=True),
    "adaptiveavgpool": _pool("adaptive average pooling"),
    "adaptivemaxpool": _pool("adaptive max-pooling", largest=True),
    "dropout": Kind("random", "dropout", stays="{layer} drops some values and keeps others: {shift} comes out uneven"),
    "channeldropout": Kind(
        "random",
        "channel dropout",
        stays="{layer} drops some channels and keeps others: {shift} comes out uneven",
    ),
    "zeropad": _moving("zero padding"),
    "circularpad": _moving("circular padding"),
    "reflectpad": _moving("reflection padding"),
    "replicatepad": _moving("replication padding"),
    "upsample": _moving("upsampling"),
    "flatten": _moving("flatten", keeps=True),
    "identity": _moving("the identity", keeps=True),
    "attention": Kind(
        "attention",
        "attention",
        cancels="softmax over the keys: all scores of a query move together, and the shift cancels",
        stays="{layer} is not linear in it, and no shift common to all scores of a query is left",
        input=(4, 8, 6),
    ),
    "residual": _block("residual addition"),
    "add": _block("addition"),
    "concat": _block("concatenation"),
}
"""The kind of every layer, by its own name."""


def together(layer: Layer) -> tuple[Along, ...]:
    """What this layer averages together, its arguments considered; nothing if it averages nothing."""
    kind = KINDS[layer.token]
    return kind.over_all if kind.over_all and layer.arguments.get("over") == "all" else kind.together


def count_together(layer: Layer, shape: Shape) -> int:
    """How many values of an input of this shape the layer averages together; 0 if it averages nothing."""
    along = together(layer)
    batch, channels, *positions = shape
    group = channels // layer.integer("groups") if "group" in along else 1
    sizes = {"batch": batch, "positions": math.prod(positions), "channels": channels, "group": group}
    return math.prod(sizes[axis] for axis in along) if along else 0


def stores(layer: Layer) -> bool:
    """Whether this layer keeps stored statistics, and normalises with them in eval and frozen mode."""
    return KINDS[layer.token].stored and layer.arguments.get("track", True) is True
