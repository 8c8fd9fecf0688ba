"""Calls of PyTorch's layers → our layers, where names alone do not say it: sizes of shapes, sides of paddings, flags of norms."""

from __future__ import annotations

from collections.abc import Mapping

from ..layers import Value
from ..tree import Layer, Note
from .constructor import Call
from .needs import Along, Flattens, Grows, Normalised, Slopes
from .sizes import Features, Takes

FLOAT32_EPS = 1.1920929e-07
"""torch.finfo(torch.float32).eps, the ε of an RMSNorm that is given none."""
CONV = {
    "channels": "out_channels",
    "k": "kernel_size",
    "s": "stride",
    "pad": "padding",
    "dilation": "dilation",
    "groups": "groups",
    "bias": "bias",
}
"""Our arguments of a convolution, by PyTorch's names."""


def convolution(call: Call) -> tuple[Layer, ...]:
    """Raises ChainError for a padding that PyTorch refuses."""
    strides = call.values["stride"]
    if call.values["padding"] == "same" and strides != 1:
        raise call.fail(f"padding='same' of {call.word} with a stride", "PyTorch refuses it too: expected a number", "padding")
    return (call.layer(call.constructor.token, {**CONV, "padding_mode": "padding_mode"}),)


def transposed(call: Call) -> tuple[Layer, ...]:
    """output_padding is left out where there is none."""
    more = {"output_padding": "output_padding"} if call.values["output_padding"] != 0 else {}
    return (call.layer(call.constructor.token, {**CONV, **more}),)


def linear(call: Call) -> tuple[Layer, ...]:
    """A linear layer; behind positions it gets a flatten."""
    lazy = call.constructor.parameter("in_features") is None
    takes = Takes(call.word, "in_features", None, None, call.span) if lazy else call.channels("in_features")
    return (call.layer("linear", {"features": "out_features", "bias": "bias"}, takes=(Features(takes),)),)


def _scaled(call: Call, flag: str) -> Mapping[str, Value]:
    """gamma and beta by the flag that asks for both, and `bias`, which newer versions have for the second alone."""
    asked, shifted = call.values[flag] is True, call.values.get("bias", True) is True
    return {"gamma": asked, "beta": asked and shifted}


def batch_norm(call: Call) -> tuple[Layer, ...]:
    """Batch and instance norms. Raises ChainError for an average that is not a moving one."""
    if call.values["momentum"] is None and call.values["track_running_stats"]:
        message = f"momentum=None of {call.word} averages all batches alike"
        raise call.fail(message, "expected a number: the chain language keeps moving averages only", "momentum")
    names = {"eps": "eps", "momentum": "momentum", "track": "track_running_stats"}
    return (call.layer(call.constructor.token, names, _scaled(call, "affine")),)


def group_norm(call: Call) -> tuple[Layer, ...]:
    """Over groups of neighbouring channels."""
    return (call.layer("gn", {"groups": "num_groups", "eps": "eps"}, _scaled(call, "affine")),)


def over_shape(call: Call) -> tuple[Layer, ...]:
    """LayerNorm and RMSNorm: over the last axes, whose sizes are given."""
    shape = call.values["normalized_shape"]
    sizes = shape if isinstance(shape, tuple) else (shape,)
    whole = tuple(size if isinstance(size, int) else None for size in sizes)
    span = call.spans.get("normalized_shape", call.span)
    needs = (Normalised(call.word, whole, call.written.get("normalized_shape"), span),)
    token, scaled = call.constructor.token, dict(_scaled(call, "elementwise_affine"))
    if token == "ln":
        return (call.layer("ln", {"eps": "eps"}, scaled, needs),)
    if call.values["eps"] is not None:
        return (call.layer("rms", {"eps": "eps"}, {"gamma": scaled["gamma"]}, needs),)
    call.scope.notes.append(Note(f"eps = {FLOAT32_EPS:g}", f"{call.word} without eps takes float32's"))
    return (call.layer("rms", {}, {"gamma": scaled["gamma"], "eps": FLOAT32_EPS}, needs),)


def softmax(call: Call) -> tuple[Layer, ...]:
    """Along the channels."""
    axis = call.values["dim"]
    need = Along(call.word, "dim", axis if isinstance(axis, int) else None, call.spans.get("dim", call.span))
    return (call.layer(call.constructor.token, needs=(need,)),)


def prelu(call: Call) -> tuple[Layer, ...]:
    """One slope, or one a channel."""
    return (call.layer("prelu", takes=(Slopes(call.channels("num_parameters")),)),)


def softplus(call: Call) -> tuple[Layer, ...]:
    """Raises ChainError where PyTorch cuts the curve visibly."""
    threshold = call.values["threshold"]
    assert isinstance(threshold, (int, float))
    if threshold < 20:
        message = f"threshold={threshold:g} of {call.word} cuts the curve"
        raise call.fail(message, "expected 20 or more, where the cut is below round-off", "threshold")
    call.scope.notes.append(
        Note("softplus", f"{call.word} returns x itself above {threshold:g}; ours differs by less than 2.1e-9")
    )
    return (call.layer("softplus", {"sharpness": "beta"}),)


def flatten(call: Call) -> tuple[Layer, ...]:
    """Of all axes but the batch."""
    start, end = call.values["start_dim"], call.values["end_dim"]
    if not isinstance(start, int) or not isinstance(end, int):
        raise call.fail(f"{call.word} takes numbers of axes", "expected whole numbers, as in Flatten(1, -1)", "start_dim")
    span = call.spans.get("start_dim", call.spans.get("end_dim", call.span))
    return (call.layer("flatten", needs=(Flattens(call.word, start, end, span),)),)


def upsample(call: Call) -> tuple[Layer, ...]:
    """By a factor, or to sizes that are multiples of what is there."""
    size, factor = call.values["size"], call.values["scale_factor"]
    if (size is None) == (factor is None):
        raise call.fail(f"{call.word} takes size or scale_factor", "expected one of them, as in Upsample(scale_factor=2)")
    mode = call.values["mode"]
    linear = mode in ("linear", "bilinear", "trilinear")
    aligned = call.values.get("align_corners", linear) is True  # UpsamplingBilinear2d aligns, and has no say in it
    if linear and "align_corners" in call.values:
        call.unprinted("align_corners")
    if aligned and not linear:
        raise call.fail(f"align_corners of {call.word} is for linear modes", "PyTorch refuses it too", "align_corners")
    fixed: dict[str, Value] = {"mode": "bilinear" if linear else "nearest", "align_corners": aligned}
    if size is None:
        return (call.layer("upsample", {"scale": "scale_factor"}, fixed),)
    sizes = tuple(n for n in (size if isinstance(size, tuple) else (size,)) if isinstance(n, int))
    return (call.layer("upsample", {}, fixed, (Grows(call.word, sizes, call.spans["size"]),)),)


def average(call: Call) -> tuple[Layer, ...]:
    """The mean of each window; a printed one does not say how its ends are counted."""
    call.unprinted("ceil_mode", "count_include_pad")
    names = {"k": "kernel_size", "s": "stride", "pad": "padding", "ceil": "ceil_mode", "count_include_pad": "count_include_pad"}
    return (call.layer("avgpool", names),)


def padded(call: Call) -> tuple[Layer, ...]:
    """A number for all sides, or two for each axis, the last axis first."""
    (axes,), given = call.constructor.axes, call.values["padding"]
    sides = given if isinstance(given, tuple) else (given,) * (2 * axes)
    numbers = tuple(side for side in sides if isinstance(side, int))
    if len(numbers) != 2 * axes or len(sides) != 2 * axes:
        raise call.fail(f"wrong padding for {call.word}", f"expected a whole number, or {2 * axes} of them", "padding")
    before, after = numbers[::2][::-1], numbers[1::2][::-1]
    return (call.layer(call.constructor.token, {}, {"before": _one(before), "after": _one(after)}),)


def _one(numbers: tuple[int, ...]) -> Value:
    return numbers[0] if len(set(numbers)) == 1 else numbers
