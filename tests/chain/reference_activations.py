"""The references of activations: functions of one number by `math`, and softmax over the channels."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from bnproof.chain.tree import Layer

from .reference_windows import Array, Reference, Values


def entrywise(function: Callable[[float], float]) -> Reference:
    return lambda _, __, inputs, ___: np.array([function(float(v)) for v in inputs[0].ravel()]).reshape(inputs[0].shape)


def of_arguments(function: Callable[[float, Layer], float]) -> Reference:
    """An activation whose arguments matter."""

    def reference(layer: Layer, values: Values, inputs: Sequence[Array], mode: str) -> Array:
        return entrywise(lambda v: function(v, layer))(layer, values, inputs, mode)

    return reference


def gelu(v: float, layer: Layer) -> float:
    if layer.word("approximate") == "tanh":
        return 0.5 * v * (1 + math.tanh(math.sqrt(2 / math.pi) * (v + 0.044715 * v * v * v)))
    return v * 0.5 * math.erfc(-v / math.sqrt(2))


def hard(v: float) -> float:
    """PyTorch's hard sigmoid: 0 up to −3, 1 from 3 on, x/6 + 1/2 between."""
    return 0.0 if v <= -3 else 1.0 if v >= 3 else v / 6 + 0.5


def selu(v: float) -> float:
    scale, alpha = 1.05070098735548049342, 1.67326324235437728482
    return scale * v if v > 0 else scale * alpha * math.expm1(v)


def prelu(layer: Layer, values: Values, inputs: Sequence[Array], _: str) -> Array:
    (x,) = inputs
    slope, y = values["slope"], np.zeros(inputs[0].shape)
    for at in np.ndindex(*x.shape):
        a = {"one": lambda at: slope[0], "channels": lambda at: slope[at[1]], "all": lambda at: slope[at[1:]]}
        y[at] = x[at] if x[at] >= 0 else a[layer.word("over")](at) * x[at]
    return y


def softmax(layer: Layer, __: Values, inputs: Sequence[Array], ___: str) -> Array:
    (x,) = inputs
    y = np.zeros(x.shape)
    for at in np.ndindex(*x.shape):
        total = math.fsum(math.exp(x[(at[0], c, *at[2:])] - x[at]) for c in range(x.shape[1]))
        y[at] = -math.log(total) if layer.token == "logsoftmax" else 1 / total
    return y


ACTIVATIONS: dict[str, Reference] = {
    "relu": entrywise(lambda v: v if v > 0 else 0.0),
    "relu6": entrywise(lambda v: min(max(0.0, v), 6.0)),
    "lrelu": of_arguments(lambda v, layer: v if v >= 0 else layer.number("a") * v),
    "prelu": prelu,
    "elu": of_arguments(lambda v, layer: v if v > 0 else layer.number("a") * math.expm1(v)),
    "celu": of_arguments(lambda v, layer: v if v > 0 else layer.number("a") * math.expm1(v / layer.number("a"))),
    "selu": entrywise(selu),
    "gelu": of_arguments(gelu),
    "silu": entrywise(lambda v: v / (1 + math.exp(-v))),
    "mish": entrywise(lambda v: v * math.tanh(math.log1p(math.exp(v)))),
    "hardswish": entrywise(lambda v: v * hard(v)),
    "hardsigmoid": entrywise(hard),
    "hardtanh": of_arguments(lambda v, layer: min(max(v, layer.number("low")), layer.number("high"))),
    "sigmoid": entrywise(lambda v: 1 / (1 + math.exp(-v))),
    "logsigmoid": entrywise(lambda v: -math.log1p(math.exp(-v))),
    "tanh": entrywise(math.tanh),
    "softplus": of_arguments(lambda v, layer: math.log1p(math.exp(layer.number("sharpness") * v)) / layer.number("sharpness")),
    "softsign": entrywise(lambda v: v / (1 + abs(v))),
    **dict.fromkeys(("softmax", "logsoftmax"), softmax),
}
