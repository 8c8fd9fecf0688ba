"""Calls of PyTorch's layers → our layers, where names alone do not say it: sizes of shapes, sides of paddings, flags of norms."""

from __future__ import annotations

from collections.abc import Mapping

from ..layers import Value
from ..tree import Layer, Note
from .constructor import Call
from .needs import Along, Flattens, Grows, Keeps, Normalised, Slopes
from .parameter import each
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
POOL = {"k": "kernel_size", "s": "stride", "pad": "padding", "ceil": "ceil_mode"}
"""Our arguments of a pool, by PyTorch's names."""
TOO = "PyTorch refuses it too"
LINEAR = {"linear": 1, "bilinear": 2, "trilinear": 3}
"""How an upsampling draws straight lines, by the number of axes that it is for."""


def convolution(call: Call) -> tuple[Layer, ...]:
    """Raises ChainError for a padding that PyTorch refuses."""
    strides, padding = call.values["stride"], call.written.get("padding")
    if call.values["padding"] == "same" and strides != 1:
        raise call.fail(f"padding='same' of {call.word} with a stride", f"{TOO}: expected a number", "padding")
    alone = padding is not None and padding.kind == "items" and len(padding.items) < max(call.constructor.axes)
    if alone and call.values["padding_mode"] != "zeros":
        message = f"padding of {call.word} has one number, and there are {max(call.constructor.axes)} axes"
        raise call.fail(message, f"{TOO} with a padding_mode: expected a number, or one for each", "padding")
    return (call.layer(call.constructor.token, {**CONV, "padding_mode": "padding_mode"}),)


def transposed(call: Call) -> tuple[Layer, ...]:
    """output_padding is left out where there is none. Raises ChainError for one that PyTorch refuses."""
    (axes,) = call.constructor.axes
    extra, strides, dilations = (each(call.values[name], axes) for name in ("output_padding", "stride", "dilation"))
    for more, stride, dilation in zip(extra, strides, dilations, strict=True):
        if more >= max(stride, dilation):
            hint = f"{TOO}: expected less than {max(stride, dilation)}, the larger of stride and dilation"
            raise call.fail(f"output_padding of {more} is too large for {call.word}", hint, "output_padding")
    more = {"output_padding": "output_padding"} if call.values["output_padding"] != 0 else {}
    return (call.layer(call.constructor.token, {**CONV, **more}),)


def linear(call: Call) -> tuple[Layer, ...]:
    """A linear layer; behind positions it gets a flatten."""
    lazy = call.constructor.parameter("in_features") is None
    takes = Takes(call.word, "in_features", None, None, call.span) if lazy else call.channels("in_features")
    return (call.layer("linear", {"features": "out_features", "bias": "bias"}, takes=(Features(takes, call.fed),)),)


def _scaled(call: Call, flag: str) -> Mapping[str, Value]:
    """gamma and beta by the flag that asks for both, and `bias`, which newer versions have for the second alone."""
    asked, shifted = call.values[flag] is True, call.values.get("bias", True) is True
    return {"gamma": asked, "beta": asked and shifted}


def batch_norm(call: Call) -> tuple[Layer, ...]:
    """Batch and instance norms. Raises ChainError for an average that is not a moving one."""
    if call.values["momentum"] is None and call.values["track_running_stats"]:
        message = f"momentum=None of {call.word} averages all batches alike"
        raise call.fail(message, "expected a number: the chain language keeps moving averages only", "momentum")
    if call.constructor.token == "bn" and call.values["eps"] == 0:
        call.scope.notes.append(Note(f"eps = 0 of {call.word}", "PyTorch takes it in evaluation alone, since 2.13"))
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
        if "bias" not in call.written and scaled["gamma"]:
            call.unprinted("bias")  # it is printed since 2.13
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
    beta = call.values["beta"]
    assert isinstance(beta, (int, float))
    layer = call.layer("softplus", {"sharpness": "beta"})
    above = f"returns x itself where {beta:g}·x is above {threshold:g}"
    call.scope.notes.append(Note("softplus", f"{call.word} {above}; ours differs by less than {2.1e-9 / beta:.1e}"))
    return (layer,)


def flatten(call: Call) -> tuple[Layer, ...]:
    """Of all axes but the batch."""
    start, end = call.values["start_dim"], call.values["end_dim"]
    if not isinstance(start, int) or not isinstance(end, int):
        raise call.fail(f"{call.word} takes numbers of axes", "expected whole numbers, as in Flatten(1, -1)", "start_dim")
    span = call.spans.get("start_dim", call.spans.get("end_dim", call.span))
    return (call.layer("flatten", needs=(Flattens(call.word, start, end, span),)),)


def upsample(call: Call) -> tuple[Layer, ...]:
    """By a factor, or to sizes that are multiples of what is there. Raises ChainError for what PyTorch refuses."""
    size, factor = call.values["size"], call.values["scale_factor"]
    if (size is None) == (factor is None):
        raise call.fail(f"{call.word} takes size or scale_factor", "expected one of them, as in Upsample(scale_factor=2)")
    mode = call.values["mode"]
    linear = mode in LINEAR
    aligned = call.values.get("align_corners", linear) is True  # UpsamplingBilinear2d aligns, and has no say in it
    if linear and "align_corners" in call.values:
        call.unprinted("align_corners")
    if not linear and call.values.get("align_corners") is not None:
        raise call.fail(f"align_corners of {call.word} is for linear modes", TOO, "align_corners")
    if size is not None and call.values.get("recompute_scale_factor"):
        raise call.fail(f"recompute_scale_factor of {call.word} is for a scale_factor", TOO, "recompute_scale_factor")
    given = factor if size is None else size
    axes = call.constructor.axes
    if linear and len(axes) > 1:
        axes = (LINEAR[str(mode)],)
    if isinstance(given, tuple):
        if len(given) not in axes:
            parameter = "scale_factor" if size is None else "size"
            expected = " or ".join(map(str, axes))
            raise call.fail(f"{len(given)} numbers for {call.word}", f"{TOO} here: expected one, or {expected}", parameter)
        axes = (len(given),)
    sizes = tuple(n for n in (given if isinstance(given, tuple) else (given,)) if isinstance(n, int))
    fixed: dict[str, Value] = {"mode": "bilinear" if linear else "nearest", "align_corners": aligned}
    if size is None:
        layer = call.layer("upsample", {"scale": "scale_factor"}, {**fixed, "scale": _one(sizes)}, axes=axes)
    else:
        layer = call.layer("upsample", {}, fixed, (Grows(call.word, sizes, call.spans["size"]),), axes=axes)
    return (layer,)


def adaptive(call: Call) -> tuple[Layer, ...]:
    """To a size for each axis; None keeps an axis as it is."""
    size = call.values["output_size"]
    if not isinstance(size, tuple) or None not in size:
        return (call.layer(call.constructor.token, {"size": "output_size"}),)
    kept = tuple(n if isinstance(n, int) else None for n in size)
    return (call.layer(call.constructor.token, needs=(Keeps(kept),)),)


def largest(call: Call) -> tuple[Layer, ...]:
    """The maximum of each window. Raises ChainError for a padding that PyTorch refuses."""
    (axes,) = call.constructor.axes
    paddings, kernels = (each(call.values[name], axes) for name in ("padding", "kernel_size"))
    for padding, kernel in zip(paddings, kernels, strict=True):
        if 2 * padding > kernel:
            message = f"padding of {padding} is more than half of kernel_size={kernel} of {call.word}"
            raise call.fail(message, f"{TOO}, however large the dilation: expected {kernel // 2} or less", "padding")
    return (call.layer("maxpool", {**POOL, "dilation": "dilation"}),)


def average(call: Call) -> tuple[Layer, ...]:
    """The mean of each window; a printed one does not say how its ends are counted."""
    call.unprinted("ceil_mode", "count_include_pad")
    return (call.layer("avgpool", {**POOL, "count_include_pad": "count_include_pad"}),)


def padded(call: Call) -> tuple[Layer, ...]:
    """A number for all sides, or two for each axis, the last axis first."""
    (axes,), given = call.constructor.axes, call.values["padding"]
    sides = given if isinstance(given, tuple) else (given,) * (2 * axes)
    numbers = tuple(side for side in sides if isinstance(side, int))
    if len(numbers) != 2 * axes or len(sides) != 2 * axes:
        raise call.fail(f"wrong padding for {call.word}", f"expected a whole number, or {2 * axes} of them", "padding")
    before, after = numbers[::2][::-1], numbers[1::2][::-1]
    return (call.layer(call.constructor.token, {}, {"before": _one(before), "after": _one(after)}),)


def constant(call: Call) -> tuple[Layer, ...]:
    """A padding with one number. Raises ChainError unless that is 0."""
    if call.values["value"] != 0:
        raise call.fail(f"{call.word} with a value is not one of the layers here", "expected 0, or ZeroPad", "value")
    return padded(call)


def _one(numbers: tuple[int, ...]) -> Value:
    return numbers[0] if len(set(numbers)) == 1 else numbers
