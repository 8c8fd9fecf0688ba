"""Calls of Keras' layers → our layers, where names alone do not say it: activations, axes with the channels last, momentum."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from ..expressions import Expression
from ..layers import Value
from ..tree import Layer
from .constructor import Call
from .needs import Along, Everything, Flattens, Ordered, Pointwise, Shared, Ungrouped
from .parameter import each

BATCH = 4
"""The batch of an input whose shape Keras gives without one."""
WHOLE = {"k": "kernel_size", "s": "strides", "pad": "padding", "dilation": "dilation_rate", "bias": "use_bias"}
"""Our arguments of a convolution, by Keras' names."""
TOO = "Keras refuses it too"
NORM = {"eps": "epsilon", "gamma": "scale", "beta": "center"}
"""Our arguments of a norm, by Keras' names."""


def named(call: Call, *layers: Layer) -> tuple[Layer, ...]:
    """The layers with the call's activation behind them, and its name: the last one of them has it, the others add their word."""
    *before, main = layers
    written = call.written.get("activation")
    behind = activation_of(call, written) if written is not None else ()
    name = call.values.get("name")
    if not isinstance(name, str):
        return (*layers, *behind)
    first = (replace(layer, name=f"{name}.{layer.token}") for layer in before)
    return (*first, replace(main, name=name), *(replace(layer, name=f"{name}.{layer.token}") for layer in behind))


ACTIVATIONS: dict[str, tuple[str, dict[str, Value]]] = {
    **{
        word: (word, {})
        for word in ("relu", "relu6", "elu", "celu", "selu", "gelu", "mish", "sigmoid", "tanh", "softplus", "softsign")
    },
    **{word: (word, {}) for word in ("softmax", "silu")},
    "swish": ("silu", {}),
    "leaky_relu": ("lrelu", {"a": 0.2}),
    "hard_sigmoid": ("hardsigmoid", {}),
    "hard_silu": ("hardswish", {}),
    "hard_swish": ("hardswish", {}),
    "hard_tanh": ("hardtanh", {}),
    "log_sigmoid": ("logsigmoid", {}),
    "log_softmax": ("logsoftmax", {}),
}
"""Keras' activations by name: our layer and what is not its default there."""


def activation_of(call: Call, written: Expression) -> tuple[Layer, ...]:
    """The layer that an activation is: a word, a function's name, or a layer as it is built; none for None and linear."""
    word = written.text.rsplit(".", 1)[-1]
    if written.kind in ("text", "name") and word in ("None", "linear"):
        return ()
    if written.kind in ("text", "name") and word in ACTIVATIONS:
        token, fixed = ACTIVATIONS[word]
        return (replace(call.layer(token, {}, fixed, takes=()), spans={}, span=written.span, constructor=word),)
    if "activation" in call.inner:
        return call.inner["activation"].translated()
    shown = call.scope.text[written.span.start : written.span.stop]
    expected = f"expected a layer, or one of {', '.join(ACTIVATIONS)}"
    raise call.fail(f"unknown activation `{shown[:60]}` of {call.word}", expected, "activation")


def plain(call: Call) -> tuple[Layer, ...]:
    """A layer that names say in full."""
    return named(call, call.layer(call.constructor.token, call.constructor.names))


def sliding(call: Call) -> tuple[Layer, ...]:
    """A convolution, transposed or not. Raises ChainError for what Keras refuses."""
    axes = max(call.constructor.axes)
    strides, dilations = (each(call.values[name], axes) for name in ("strides", "dilation_rate"))
    if max(strides) > 1 and max(dilations) > 1:
        message = f"strides above 1 and a dilation_rate above 1 of {call.word}"
        raise call.fail(message, f"{TOO}: expected one of them to be 1", "dilation_rate")
    for more, stride in zip(each(call.values.get("output_padding") or 0, axes), strides, strict=True):
        if more >= stride:
            hint = f"{TOO}: expected less than strides, {stride}"
            raise call.fail(f"output_padding of {more} is too large for {call.word}", hint, "output_padding")
    return plain(call)


def transposed(call: Call) -> tuple[Layer, ...]:
    """A transposed convolution: where it is not padded, the output has P·s positions or more, the last ones the bias alone."""
    (main, *behind), (axes,) = sliding(call), call.constructor.axes
    kernels, strides = (each(call.values[name], axes) for name in ("kernel_size", "strides"))
    more = tuple(max(s - k, 0) for s, k in zip(strides, kernels, strict=True))
    if call.values["padding"] == "valid" and call.values["output_padding"] is None and any(more):
        ends: Value = more if len(set(more)) > 1 else more[0]
        main = replace(main, arguments={**main.arguments, "output_padding": ends})
    return (main, *behind)


def separable(call: Call) -> tuple[Layer, ...]:
    """A depthwise convolution without a bias, and one of kernel 1 behind it."""
    depth = {**WHOLE, "multiplier": "depth_multiplier"}
    del depth["bias"]
    across = call.layer("depthwise", depth, {"bias": False})
    return named(
        call, across, call.layer(call.constructor.token, {"channels": "filters", "bias": "use_bias"}, {"k": 1, "pad": "valid"})
    )


def dense(call: Call) -> tuple[Layer, ...]:
    """A linear layer; behind positions it acts on the channels."""
    return named(call, call.layer("linear", {"features": "units", "bias": "use_bias"}, needs=(Pointwise(call.word),)))


def average(call: Call) -> tuple[Layer, ...]:
    """The mean of what lies inside the input: Keras' padding does not count."""
    names = {"k": "pool_size", "s": "strides", "pad": "padding"}
    return named(call, call.layer("avgpool", names, {"count_include_pad": False} if call.values["padding"] == "same" else {}))


def _axes(call: Call, parameter: str = "axis") -> tuple[int, ...]:
    value = call.values[parameter]
    return tuple(n for n in (value if isinstance(value, tuple) else (value,)) if isinstance(n, int))


def along(call: Call) -> Along:
    """The need that the layer acts along the channels."""
    axes = _axes(call)
    if len(axes) != 1:
        raise call.fail(f"{call.word} along several axes is not one of the layers here", "expected axis=-1", "axis")
    return Along(call.word, "axis", axes[0], call.spans.get("axis", call.span), last=True)


def batch_norm(call: Call) -> tuple[Layer, ...]:
    """Raises ChainError for one that is frozen: that is a mode here."""
    if not call.values["trainable"]:
        message = f"{call.word} with trainable=False uses its stored statistics in training too"
        raise call.fail(message, "write it without, and ask with --mode frozen", "trainable")
    momentum = call.values["momentum"]
    if not isinstance(momentum, (int, float)) or not 0 <= momentum <= 1:
        raise call.fail(f"momentum of {call.word} is out of range", "expected a number from 0 to 1", "momentum")
    fixed: dict[str, Value] = {"momentum": float(1 - Decimal(repr(momentum)))}
    return named(call, call.layer("bn", NORM, fixed, (along(call),)))


def layer_norm(call: Call) -> tuple[Layer, ...]:
    """Over the channels, or over all axes but the batch."""
    need = Everything(call.word, _axes(call), call.spans.get("axis", call.span))
    return named(call, call.layer("ln", NORM, needs=(need,)))


def group_norm(call: Call) -> tuple[Layer, ...]:
    """Over groups of neighbouring channels; each channel by itself for groups=-1."""
    if call.values["groups"] == -1:
        return named(call, call.layer("gn", NORM, needs=(along(call), Ungrouped())))
    if call.values["groups"] == 0:
        raise call.fail(f"0 groups of {call.word}", "expected a whole number, 1 or more, or -1 for one a channel", "groups")
    return named(call, call.layer("gn", {**NORM, "groups": "groups"}, needs=(along(call), Ordered(call.word))))


def root_norm(call: Call) -> tuple[Layer, ...]:
    """Over the channels."""
    return named(call, call.layer("rms", {"eps": "epsilon"}, needs=(along(call),)))


def softmax(call: Call) -> tuple[Layer, ...]:
    """Over the channels."""
    return named(call, call.layer("softmax", needs=(along(call),)))


def relu(call: Call) -> tuple[Layer, ...]:
    """ReLU with a slope, or a maximum."""
    most, slope, threshold = (call.values[name] for name in ("max_value", "negative_slope", "threshold"))
    _rising(call)
    if threshold != 0:
        raise call.fail(f"threshold of {call.word} is not in the chain language", "expected 0", "threshold")
    if most is None:
        return named(call, call.layer("relu") if slope == 0 else call.layer("lrelu", {"a": "negative_slope"}))
    if slope != 0:
        raise call.fail(
            f"{call.word} with a slope and a maximum is not in the chain language", "expected one of them", "max_value"
        )
    return named(call, call.layer("relu6") if most == 6 else call.layer("hardtanh", {"high": "max_value"}, {"low": 0.0}))


def _rising(call: Call) -> None:
    """Raises ChainError for a slope below 0."""
    slope = call.values["negative_slope"]
    if isinstance(slope, (int, float)) and slope < 0:
        raise call.fail(f"negative_slope={slope:g} of {call.word} is below 0", f"{TOO}: expected 0 or more", "negative_slope")


def leaky(call: Call) -> tuple[Layer, ...]:
    """The slope by its new name or its old one."""
    _rising(call)
    return named(call, call.layer("lrelu", {"a": "negative_slope" if call.values["alpha"] is None else "alpha"}))


def prelu(call: Call) -> tuple[Layer, ...]:
    """One slope an entry, unless axes share it. Raises ChainError for axes below 0, from which Keras takes 1 as from the others."""
    axes = _axes(call, "shared_axes")
    if any(axis < 1 for axis in axes):
        hint = "expected axes counted from 1: Keras takes 1 from each, and one below 0 means another then"
        raise call.fail(f"shared_axes of {call.word} below 1", hint, "shared_axes")
    need = Shared(call.word, axes, call.spans.get("shared_axes", call.span))
    return named(call, call.layer("prelu", needs=(need,)))


def activation(call: Call) -> tuple[Layer, ...]:
    """The activation itself; identity for none."""
    written = call.written.get("activation")
    layers = activation_of(call, written) if written is not None else ()
    name = call.values.get("name")
    layers = layers or (call.layer("identity"),)
    return (replace(layers[0], name=name), *layers[1:]) if isinstance(name, str) else layers


def flatten(call: Call) -> tuple[Layer, ...]:
    """Channels last there, first here: an order that no layer behind sees, `Ordered` ones excepted."""
    return named(call, call.layer("flatten", needs=(Flattens(call.word, 1, -1, call.span, last=True),)))


def zero_padding(call: Call) -> tuple[Layer, ...]:
    """A number for all sides, one for each axis, or two for each: before and after."""
    (axes,), given = call.constructor.axes, call.values["padding"]
    sides = given if isinstance(given, tuple) else (given,) * axes
    if axes == 1 and isinstance(given, tuple):  # of one axis the pair stands by itself
        sides = (given,)
    pairs = [side if isinstance(side, tuple) else (side, side) for side in sides]
    before, after = ([n for pair in pairs for n in pair[k : k + 1] if isinstance(n, int)] for k in (0, 1))
    if len(pairs) != axes or len(before) != axes or len(after) != axes or any(len(pair) != 2 for pair in pairs):
        raise call.fail(
            f"wrong padding for {call.word}", f"expected a number, or {axes} numbers or pairs of numbers", "padding"
        )
    fixed: dict[str, Value] = {}
    for name, numbers in (("before", before), ("after", after)):
        fixed[name] = numbers[0] if len(set(numbers)) == 1 else tuple(numbers)
    return named(call, call.layer("zeropad", {}, fixed))


def nothing(call: Call) -> tuple[Layer, ...]:
    """No layer: an input."""
    return ()


def input_shape(call: Call) -> tuple[int | None, ...] | None:
    """The shape that ``Input(…)`` or an ``input_shape=`` gives, channels first; None for a size that is left open.

    Raises ChainError for a shape that no input of a chain has.
    """
    whole, shape = call.values.get("batch_shape"), call.values.get("shape")
    parameter = "batch_shape" if whole is not None else "shape"
    if call.values.get("input_shape") is not None:
        shape, parameter = call.values["input_shape"], "input_shape"
    batch = call.values.get("batch_size")
    if isinstance(whole, tuple) and whole:
        batch, shape = whole[0], whole[1:]
    shape = shape if isinstance(shape, tuple) or shape is None else (shape,)
    if shape is None:
        return None
    sizes = tuple(size for size in shape if size is None or isinstance(size, int))
    if not 1 <= len(sizes) <= 4 or len(sizes) != len(shape):
        raise call.fail(
            f"wrong {parameter} of {call.word}", "expected 1 to 4 sizes, the channels last, as in (32, 32, 3)", parameter
        )
    return (batch if isinstance(batch, int) else BATCH, sizes[-1], *sizes[:-1])
