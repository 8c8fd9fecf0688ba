"""What every layer computes, written out a second time: plain loops over numpy float64, no JAX, nothing shared with ops/."""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable, Sequence
from itertools import product

import numpy as np

from bnproof.chain.shapes import Place
from bnproof.chain.tree import Layer

from .reference_activations import ACTIVATIONS
from .reference_windows import (
    Array,
    Reference,
    Values,
    adaptive,
    convolution,
    globalpool,
    mean_and_variance,
    padding,
    pool,
    transposed,
    upsample,
)


def run(places: Sequence[Place], values: Values, x: Array, mode: str) -> Array:
    """The output of a chain, by these references; without dropout."""
    for here in places:
        inputs = [x, *(run(branch, values, x, mode) for branch in here.branches)]
        prefix = f"{here.name}."
        local = {name.removeprefix(prefix): value for name, value in values.items() if name.startswith(prefix)}
        x = REFERENCES[here.layer.token](here.layer, local, inputs, mode)
    return x


def linear(_: Layer, values: Values, inputs: Sequence[Array], __: str) -> Array:
    kernel = values["kernel"]
    y = np.zeros((inputs[0].shape[0], kernel.shape[0]))
    for n, o in np.ndindex(*y.shape):
        y[n, o] = sum(w * v for w, v in zip(kernel[o], inputs[0][n], strict=True))
        y[n, o] += values["bias"][o] if "bias" in values else 0.0
    return y


def normalised(x: Array, values: Values, eps: float, group: Callable[[tuple[int, ...]], object]) -> Array:
    """Normalise the entries whose indices `group` maps to the same thing."""
    together: dict[object, list[tuple[int, ...]]] = {}
    for at in np.ndindex(*x.shape):
        together.setdefault(group(at), []).append(at)
    y = np.zeros(x.shape)
    for members in together.values():
        mean, variance = mean_and_variance([float(x[at]) for at in members])
        for at in members:
            y[at] = scaled(values, at, (x[at] - mean) / math.sqrt(variance + eps))
    return y


def scaled(values: Values, at: tuple[int, ...], normal: float) -> float:
    """Times gamma plus beta, where the layer has them: one a channel, or one an entry."""
    own = {name: float(held[at[1]] if held.ndim == 1 else held[at[1:]]) for name, held in values.items()}
    return normal * own.get("gamma", 1.0) + own.get("beta", 0.0)


def batchnorm(layer: Layer, values: Values, inputs: Sequence[Array], mode: str) -> Array:
    (x,) = inputs
    if mode == "train" or "running_mean" not in values:
        return normalised(x, values, layer.number("eps"), lambda at: at[1])
    return stored(layer, values, x)


def stored(layer: Layer, values: Values, x: Array) -> Array:
    y = np.zeros(x.shape)
    for at in np.ndindex(*x.shape):
        c = at[1]
        deviation = math.sqrt(values["running_var"][c] + layer.number("eps"))
        y[at] = scaled(values, at, float(x[at] - values["running_mean"][c]) / deviation)
    return y


def batch_renormalisation(layer: Layer, values: Values, inputs: Sequence[Array], mode: str) -> Array:
    if mode != "train":
        return batchnorm(layer, values, inputs, mode)
    (x,) = inputs
    eps, rmax, dmax = layer.number("eps"), layer.number("rmax"), layer.number("dmax")
    y = np.zeros(x.shape)
    for c in range(x.shape[1]):
        mean, variance = mean_and_variance(list(map(float, x[:, c].ravel())))
        sigma, stored = math.sqrt(variance + eps), math.sqrt(values["running_var"][c] + eps)
        r = min(max(sigma / stored, 1 / rmax), rmax)
        d = min(max((mean - values["running_mean"][c]) / stored, -dmax), dmax)
        for at in np.ndindex(*x.shape):
            if at[1] == c:
                y[at] = scaled(values, at, float((x[at] - mean) / sigma * r + d))
    return y


def layernorm(layer: Layer, values: Values, inputs: Sequence[Array], _: str) -> Array:
    whole = layer.word("over") == "all"
    return normalised(inputs[0], values, layer.number("eps"), lambda at: at[0] if whole else (at[0], at[2:]))


def groupnorm(layer: Layer, values: Values, inputs: Sequence[Array], _: str) -> Array:
    each = inputs[0].shape[1] // layer.integer("groups")
    return normalised(inputs[0], values, layer.number("eps"), lambda at: (at[0], at[1] // each))


def instancenorm(layer: Layer, values: Values, inputs: Sequence[Array], mode: str) -> Array:
    if mode != "train" and "running_mean" in values:
        return stored(layer, values, inputs[0])
    return normalised(inputs[0], values, layer.number("eps"), lambda at: at[:2])


def rmsnorm(layer: Layer, values: Values, inputs: Sequence[Array], _: str) -> Array:
    x = inputs[0]
    y = np.zeros(x.shape)
    for at in np.ndindex(*x.shape):
        squares = [float(x[(at[0], c, *at[2:])]) ** 2 for c in range(x.shape[1])]
        root = math.sqrt(math.fsum(squares) / len(squares) + layer.number("eps"))
        y[at] = scaled(values, at, float(x[at]) / root)
    return y


def flatten(_: Layer, __: Values, inputs: Sequence[Array], ___: str) -> Array:
    return np.array([[v for channel in sample for v in channel.ravel()] for sample in inputs[0]])


def attention(layer: Layer, values: Values, inputs: Sequence[Array], _: str) -> Array:
    x = inputs[0]
    heads, channels = layer.integer("heads"), x.shape[1]
    width = channels // heads
    y = np.zeros(x.shape)
    for n in range(x.shape[0]):
        flat = np.array([c.ravel() for c in x[n]])
        count = flat.shape[1]
        parts = {part: values[f"{part}.kernel"] @ flat + values[f"{part}.bias"][:, None] for part in ("q", "k", "v")}
        mixed = np.zeros_like(flat)
        for h, p in product(range(heads), range(count)):
            own = slice(h * width, (h + 1) * width)
            query = turned(parts["q"][own, p], p if layer.flag("rope") else 0)
            keys = [turned(parts["k"][own, r], r if layer.flag("rope") else 0) for r in range(count)]
            weights = [math.exp(float(query @ key) / math.sqrt(width)) for key in keys]
            for r in range(count):
                mixed[own, p] += parts["v"][own, r] * weights[r] / math.fsum(weights)
        y[n] = (values["out.kernel"] @ mixed + values["out.bias"][:, None]).reshape(x.shape[1:])
    return y


def turned(vector: Array, position: int) -> Array:
    """Rotary embedding by complex numbers: entry c and entry c + C/2 are one number, turned by position / 10000^(2c/C)."""
    if position == 0:
        return vector
    half = len(vector) // 2
    whole = [complex(vector[c], vector[c + half]) * cmath.exp(1j * position / 10_000 ** (c / half)) for c in range(half)]
    return np.array([z.real for z in whole] + [z.imag for z in whole])


def concatenated(_: Layer, __: Values, inputs: Sequence[Array], ___: str) -> Array:
    return np.array([[channel for branch in inputs[1:] for channel in branch[n]] for n in range(len(inputs[0]))])


REFERENCES: dict[str, Reference] = {
    **dict.fromkeys(("conv", "conv1d", "conv3d", "depthwise"), convolution),
    **dict.fromkeys(("convtranspose", "convtranspose1d", "convtranspose3d"), transposed),
    "linear": linear,
    "bn": batchnorm,
    "brn": batch_renormalisation,
    "ln": layernorm,
    "gn": groupnorm,
    "in": instancenorm,
    "rms": rmsnorm,
    **ACTIVATIONS,
    **dict.fromkeys(("maxpool", "avgpool"), pool),
    **dict.fromkeys(("globalpool", "globalmaxpool"), globalpool),
    **dict.fromkeys(("adaptiveavgpool", "adaptivemaxpool"), adaptive),
    **dict.fromkeys(("dropout", "channeldropout", "identity"), lambda _, __, inputs, ___: inputs[0]),
    **dict.fromkeys(("zeropad", "circularpad", "reflectpad", "replicatepad"), padding),
    "upsample": upsample,
    "flatten": flatten,
    "attention": attention,
    "residual": lambda _, __, inputs, ___: inputs[0] + inputs[1],
    "add": lambda _, __, inputs, ___: np.asarray(sum(inputs[1:])),
    "concat": concatenated,
}
