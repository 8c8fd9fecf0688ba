"""What every layer computes, written out a second time: plain loops over numpy float64, no JAX, nothing shared with ops/."""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np

from bnproof.chain.shapes import Place
from bnproof.chain.tree import Layer

Array = np.ndarray[Any, np.dtype[np.float64]]
Values = Mapping[str, Array]
Reference = Callable[[Layer, Values, Sequence[Array], str], Array]


def run(places: Sequence[Place], values: Values, x: Array, mode: str) -> Array:
    """The output of a chain, by these references; without dropout."""
    for here in places:
        inputs = [x, *(run(branch, values, x, mode) for branch in here.branches)]
        prefix = f"{here.name}."
        local = {name.removeprefix(prefix): value for name, value in values.items() if name.startswith(prefix)}
        x = REFERENCES[here.layer.token](here.layer, local, inputs, mode)
    return x


def positions(sizes: Sequence[int]) -> list[tuple[int, ...]]:
    return list(product(*(range(size) for size in sizes)))


def entry(x: Array, n: int, c: int, at: Sequence[int], pad: str) -> float:
    """x[n, c, at], where `at` may lie outside."""
    found: list[int] = []
    for k, size in zip(at, x.shape[2:], strict=True):
        if pad == "circular":
            k = k % size
        elif pad == "replicate":
            k = min(max(k, 0), size - 1)
        elif pad == "reflect":
            k = -k if k < 0 else 2 * (size - 1) - k if k >= size else k
        if not 0 <= k < size:
            return 0.0
        found.append(k)
    return float(x[(n, c, *found)])


def standardised(kernel: Array) -> Array:
    result = np.zeros(kernel.shape)
    for o, weights in enumerate(kernel):
        mean, variance = mean_and_variance(list(map(float, weights.ravel())))
        result[o] = np.reshape([(w - mean) / math.sqrt(variance + 1e-5) for w in weights.ravel()], weights.shape)
    return result


def convolution(layer: Layer, values: Values, inputs: Sequence[Array], _: str) -> Array:
    (x,) = inputs
    kernel = standardised(values["kernel"]) if layer.flag("standardised") else values["kernel"]
    k, s, dilation, pad = layer.integer("k"), layer.integer("s"), layer.integer("dilation"), layer.word("pad")
    outputs, each = kernel.shape[:2]
    groups = x.shape[1] // each
    width = 0 if pad == "valid" else (k - 1) * dilation // 2
    sizes = [(size + 2 * width - (k - 1) * dilation - 1) // s + 1 for size in x.shape[2:]]
    y = np.zeros((x.shape[0], outputs, *sizes))
    for n, o, at in product(range(x.shape[0]), range(outputs), positions(sizes)):
        group = o // (outputs // groups)
        total = float(values["bias"][o]) if "bias" in values else 0.0
        for c, tap in product(range(each), positions(kernel.shape[2:])):
            place = [p * s + t * dilation - width for p, t in zip(at, tap, strict=True)]
            total += kernel[(o, c, *tap)] * entry(x, n, group * each + c, place, pad)
        y[(n, o, *at)] = total
    return y


def transposed(layer: Layer, values: Values, inputs: Sequence[Array], _: str) -> Array:
    """Every input entry adds its copy of the kernel to the output: the definition, by scattering."""
    (x,) = inputs
    kernel = values["kernel"]
    k, s, dilation, groups = (layer.integer(name) for name in ("k", "s", "dilation", "groups"))
    width = 0 if layer.word("pad") == "valid" else (k - 1) * dilation // 2
    sizes = [(size - 1) * s - 2 * width + (k - 1) * dilation + 1 for size in x.shape[2:]]
    each = kernel.shape[1]
    y = np.zeros((x.shape[0], each * groups, *sizes))
    if "bias" in values:
        y += values["bias"][:, None, None]
    for n, i, o, at, tap in product(
        range(x.shape[0]), range(x.shape[1]), range(each), positions(x.shape[2:]), positions(kernel.shape[2:])
    ):
        place = [p * s + t * dilation - width for p, t in zip(at, tap, strict=True)]
        if all(0 <= p < size for p, size in zip(place, sizes, strict=True)):
            group = i // (x.shape[1] // groups)
            y[(n, group * each + o, *place)] += kernel[(i, o, *tap)] * x[(n, i, *at)]
    return y


def linear(_: Layer, values: Values, inputs: Sequence[Array], __: str) -> Array:
    kernel = values["kernel"]
    y = np.zeros((inputs[0].shape[0], kernel.shape[0]))
    for n, o in np.ndindex(*y.shape):
        y[n, o] = sum(w * v for w, v in zip(kernel[o], inputs[0][n], strict=True))
        y[n, o] += values["bias"][o] if "bias" in values else 0.0
    return y


def mean_and_variance(numbers: Sequence[float]) -> tuple[float, float]:
    mean = math.fsum(numbers) / len(numbers)
    return mean, math.fsum((z - mean) ** 2 for z in numbers) / len(numbers)


def normalised(x: Array, values: Values, eps: float, group: Callable[[tuple[int, ...]], object]) -> Array:
    """Normalise the entries whose indices `group` maps to the same thing."""
    together: dict[object, list[tuple[int, ...]]] = {}
    for at in np.ndindex(*x.shape):
        together.setdefault(group(at), []).append(at)
    y = np.zeros(x.shape)
    for members in together.values():
        mean, variance = mean_and_variance([float(x[at]) for at in members])
        for at in members:
            y[at] = (x[at] - mean) / math.sqrt(variance + eps) * values["gamma"][at[1]] + values["beta"][at[1]]
    return y


def batchnorm(layer: Layer, values: Values, inputs: Sequence[Array], mode: str) -> Array:
    (x,) = inputs
    if mode == "train":
        return normalised(x, values, layer.number("eps"), lambda at: at[1])
    y = np.zeros(x.shape)
    for at in np.ndindex(*x.shape):
        c = at[1]
        scale = values["gamma"][c] / math.sqrt(values["running_var"][c] + layer.number("eps"))
        y[at] = (x[at] - values["running_mean"][c]) * scale + values["beta"][c]
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
        y[:, c] = ((x[:, c] - mean) / sigma * r + d) * values["gamma"][c] + values["beta"][c]
    return y


def layernorm(layer: Layer, values: Values, inputs: Sequence[Array], _: str) -> Array:
    return normalised(inputs[0], values, layer.number("eps"), lambda at: (at[0], at[2:]))


def groupnorm(layer: Layer, values: Values, inputs: Sequence[Array], _: str) -> Array:
    each = inputs[0].shape[1] // layer.integer("groups")
    return normalised(inputs[0], values, layer.number("eps"), lambda at: (at[0], at[1] // each))


def instancenorm(layer: Layer, values: Values, inputs: Sequence[Array], _: str) -> Array:
    return normalised(inputs[0], values, layer.number("eps"), lambda at: at[:2])


def rmsnorm(layer: Layer, values: Values, inputs: Sequence[Array], _: str) -> Array:
    x = inputs[0]
    y = np.zeros(x.shape)
    for at in np.ndindex(*x.shape):
        squares = [float(x[(at[0], c, *at[2:])]) ** 2 for c in range(x.shape[1])]
        y[at] = x[at] / math.sqrt(math.fsum(squares) / len(squares) + layer.number("eps")) * values["gamma"][at[1]]
    return y


def softmax(_: Layer, __: Values, inputs: Sequence[Array], ___: str) -> Array:
    x = inputs[0]
    y = np.zeros(x.shape)
    for at in np.ndindex(*x.shape):
        y[at] = 1 / math.fsum(math.exp(x[(at[0], c, *at[2:])] - x[at]) for c in range(x.shape[1]))
    return y


def entrywise(function: Callable[[float], float]) -> Reference:
    return lambda _, __, inputs, ___: np.array([function(float(v)) for v in inputs[0].ravel()]).reshape(inputs[0].shape)


def leaky(layer: Layer, values: Values, inputs: Sequence[Array], mode: str) -> Array:
    slope = layer.number("a")
    return entrywise(lambda v: v if v >= 0 else slope * v)(layer, values, inputs, mode)


def pool(layer: Layer, _: Values, inputs: Sequence[Array], __: str) -> Array:
    x = inputs[0]
    k, pad = layer.integer("k"), layer.integer("pad")
    s = k if layer.arguments["s"] is None else layer.integer("s")
    sizes = [(size + 2 * pad - k) // s + 1 for size in x.shape[2:]]
    y = np.zeros((*x.shape[:2], *sizes))
    for at in np.ndindex(*y.shape):
        taps = positions([k] * len(sizes))
        places = [[p * s + t - pad for p, t in zip(at[2:], tap, strict=True)] for tap in taps]
        inside = [p for p in places if all(0 <= q < size for q, size in zip(p, x.shape[2:], strict=True))]
        found = [float(x[(*at[:2], *p)]) for p in inside]
        if layer.token == "maxpool":
            y[at] = max(found)
        else:
            y[at] = math.fsum(found) / (len(taps) if layer.flag("count_include_pad") else len(found))
    return y


def globalpool(_: Layer, __: Values, inputs: Sequence[Array], ___: str) -> Array:
    x = inputs[0]
    return np.array([[math.fsum(x[n, c].ravel()) / x[n, c].size for c in range(x.shape[1])] for n in range(x.shape[0])])


def flatten(_: Layer, __: Values, inputs: Sequence[Array], ___: str) -> Array:
    return np.array([[v for channel in sample for v in channel.ravel()] for sample in inputs[0]])


def upsample(layer: Layer, _: Values, inputs: Sequence[Array], __: str) -> Array:
    x, scale = inputs[0], layer.integer("scale")
    y = np.zeros((*x.shape[:2], *(size * scale for size in x.shape[2:])))
    for at in np.ndindex(*y.shape):
        y[at] = x[(*at[:2], *(p // scale for p in at[2:]))]
    return y


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
    "convtranspose": transposed,
    "linear": linear,
    "bn": batchnorm,
    "brn": batch_renormalisation,
    "ln": layernorm,
    "gn": groupnorm,
    "in": instancenorm,
    "rms": rmsnorm,
    "relu": entrywise(lambda v: v if v > 0 else 0.0),
    "lrelu": leaky,
    "gelu": entrywise(lambda v: v * 0.5 * math.erfc(-v / math.sqrt(2))),
    "silu": entrywise(lambda v: v / (1 + math.exp(-v))),
    "sigmoid": entrywise(lambda v: 1 / (1 + math.exp(-v))),
    "tanh": entrywise(math.tanh),
    "softplus": entrywise(lambda v: math.log(1 + math.exp(v))),
    "softmax": softmax,
    **dict.fromkeys(("maxpool", "avgpool"), pool),
    "globalpool": globalpool,
    "dropout": lambda _, __, inputs, ___: inputs[0],
    "upsample": upsample,
    "flatten": flatten,
    "identity": lambda _, __, inputs, ___: inputs[0],
    "attention": attention,
    "residual": lambda _, __, inputs, ___: inputs[0] + inputs[1],
    "add": lambda _, __, inputs, ___: np.asarray(sum(inputs[1:])),
    "concat": concatenated,
}
