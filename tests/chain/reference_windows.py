"""The references of convolutions, pools, paddings and upsampling: plain loops over numpy float64."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np

from bnproof.chain.tree import Layer

Array = np.ndarray[Any, np.dtype[np.float64]]
Values = Mapping[str, Array]
Reference = Callable[[Layer, Values, Sequence[Array], str], Array]


def positions(sizes: Sequence[int]) -> list[tuple[int, ...]]:
    return list(product(*(range(size) for size in sizes)))


def per_axis(layer: Layer, name: str, axes: int) -> list[int]:
    value = layer.arguments[name]
    if isinstance(value, tuple):
        assert len(value) == axes
        return list(value)
    assert isinstance(value, int)
    return [value] * axes


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


def borders(layer: Layer, sizes: Sequence[int], extents: Sequence[int], strides: Sequence[int]) -> list[tuple[int, int]]:
    """What is padded before and after each axis."""
    pad = layer.arguments["pad"]
    if not isinstance(pad, str):
        return [(width, width) for width in per_axis(layer, "pad", len(sizes))]
    found: list[tuple[int, int]] = []
    for size, extent, s in zip(sizes, extents, strides, strict=True):
        if pad == "valid":
            found.append((0, 0))
        elif pad == "causal":
            found.append((extent - 1, 0))
        elif pad == "same":
            outputs = math.ceil(size / s)
            total = max(0, (outputs - 1) * s + extent - size)
            found.append((math.floor(total / 2), math.ceil(total / 2)))
        else:
            found.append(((extent - 1) // 2, (extent - 1) // 2))
    return found


def mean_and_variance(numbers: Sequence[float]) -> tuple[float, float]:
    mean = math.fsum(numbers) / len(numbers)
    return mean, math.fsum((z - mean) ** 2 for z in numbers) / len(numbers)


def standardised(kernel: Array) -> Array:
    result = np.zeros(kernel.shape)
    for o, weights in enumerate(kernel):
        mean, variance = mean_and_variance(list(map(float, weights.ravel())))
        result[o] = np.reshape([(w - mean) / math.sqrt(variance + 1e-5) for w in weights.ravel()], weights.shape)
    return result


def convolution(layer: Layer, values: Values, inputs: Sequence[Array], _: str) -> Array:
    (x,) = inputs
    axes = x.ndim - 2
    kernel = standardised(values["kernel"]) if layer.flag("standardised") else values["kernel"]
    ks, strides, dilations = (per_axis(layer, name, axes) for name in ("k", "s", "dilation"))
    extents = [(k - 1) * dilation + 1 for k, dilation in zip(ks, dilations, strict=True)]
    padded = borders(layer, x.shape[2:], extents, strides)
    pad = layer.arguments["pad"]
    mode = pad if pad in ("circular", "reflect", "replicate") else layer.word("padding_mode")
    outputs, each = kernel.shape[:2]
    groups = x.shape[1] // each
    sizes = [
        (size + sum(around) - extent) // s + 1
        for size, around, extent, s in zip(x.shape[2:], padded, extents, strides, strict=True)
    ]
    y = np.zeros((x.shape[0], outputs, *sizes))
    for n, o, at in product(range(x.shape[0]), range(outputs), positions(sizes)):
        group = o // (outputs // groups)
        total = float(values["bias"][o]) if "bias" in values else 0.0
        for c, tap in product(range(each), positions(kernel.shape[2:])):
            place = [
                p * s + t * dilation - before
                for p, s, t, dilation, (before, _) in zip(at, strides, tap, dilations, padded, strict=True)
            ]
            total += kernel[(o, c, *tap)] * entry(x, n, group * each + c, place, str(mode))
        y[(n, o, *at)] = total
    return y


def transposed(layer: Layer, values: Values, inputs: Sequence[Array], _: str) -> Array:
    """Every input entry adds its copy of the kernel to the output: the definition, by scattering, then cutting at both ends."""
    (x,) = inputs
    kernel = values["kernel"]
    axes, groups = x.ndim - 2, layer.integer("groups")
    ks, strides, dilations = (per_axis(layer, name, axes) for name in ("k", "s", "dilation"))
    cuts: list[int] = []
    sizes: list[int] = []
    for axis, (size, k, s, dilation) in enumerate(zip(x.shape[2:], ks, strides, dilations, strict=True)):
        whole, pad = (size - 1) * s + (k - 1) * dilation + 1, layer.arguments["pad"]
        extra = None if layer.arguments["output_padding"] is None else per_axis(layer, "output_padding", axes)[axis]
        if pad == "same":
            extent = (k - 1) * dilation + 1
            wanted = size * s if extra is None else (size - 1) * s + extent % 2 + extra
            # what TensorFlow's backward convolution keeps: ⌈/2⌉ of the wanted rest before, where there is room
            margin = wanted - ((size - 1) * s + 1) + extent - 1
            cuts.append(extent - 1 - min(math.ceil(margin / 2), extent - 1))
            sizes.append(wanted)
        else:
            width = per_axis(layer, "pad", axes)[axis] if not isinstance(pad, str) else 0
            width = (k - 1) * dilation // 2 if pad == "zeros" else width
            cuts.append(width)
            sizes.append(whole - 2 * width + (extra or 0))
    each = kernel.shape[1]
    y = np.zeros((x.shape[0], each * groups, *sizes))
    if "bias" in values:
        y += values["bias"].reshape((-1,) + (1,) * axes)
    for n, i, o, at, tap in product(
        range(x.shape[0]), range(x.shape[1]), range(each), positions(x.shape[2:]), positions(kernel.shape[2:])
    ):
        place = [p * s + t * d - cut for p, s, t, d, cut in zip(at, strides, tap, dilations, cuts, strict=True)]
        if all(0 <= p < size for p, size in zip(place, sizes, strict=True)):
            group = i // (x.shape[1] // groups)
            y[(n, group * each + o, *place)] += kernel[(i, o, *tap)] * x[(n, i, *at)]
    return y


def pool(layer: Layer, _: Values, inputs: Sequence[Array], __: str) -> Array:
    (x,) = inputs
    axes, largest = x.ndim - 2, layer.token == "maxpool"
    ks = per_axis(layer, "k", axes)
    strides = ks if layer.arguments["s"] is None else per_axis(layer, "s", axes)
    dilations = per_axis(layer, "dilation", axes) if largest else [1] * axes
    extents = [(k - 1) * dilation + 1 for k, dilation in zip(ks, dilations, strict=True)]
    padded = borders(layer, x.shape[2:], extents, strides)
    sizes: list[int] = []
    for size, (before, after), extent, s in zip(x.shape[2:], padded, extents, strides, strict=True):
        steps = (size + before + after - extent) / s
        count = (math.ceil(steps) if layer.flag("ceil") else math.floor(steps)) + 1
        while (count - 1) * s - before >= size:
            count -= 1
        sizes.append(count)
    y = np.zeros((*x.shape[:2], *sizes))
    for at in np.ndindex(*y.shape):
        places = [
            [p * s + t * d - before for p, s, t, d, (before, _) in zip(at[2:], strides, tap, dilations, padded, strict=True)]
            for tap in positions(ks)
        ]
        inside = [p for p in places if all(0 <= q < size for q, size in zip(p, x.shape[2:], strict=True))]
        counted = [p for p in places if all(-b <= q < size + a for q, size, (b, a) in zip(p, x.shape[2:], padded, strict=True))]
        found = [float(x[(*at[:2], *p)]) for p in inside]
        if largest:
            y[at] = max(found)
        else:
            y[at] = math.fsum(found) / (len(counted) if layer.flag("count_include_pad") else len(found))
    return y


def globalpool(layer: Layer, _: Values, inputs: Sequence[Array], __: str) -> Array:
    (x,) = inputs
    whole = max if layer.token == "globalmaxpool" else lambda numbers: math.fsum(numbers) / len(numbers)
    y = np.array([[whole(list(map(float, channel.ravel()))) for channel in sample] for sample in x])
    return y.reshape(y.shape + (1,) * (x.ndim - 2)) if layer.flag("keepdims") else y


def adaptive(layer: Layer, _: Values, inputs: Sequence[Array], __: str) -> Array:
    """As PyTorch defines it: block i of m reaches from ⌊i·n/m⌋ to ⌈(i + 1)·n/m⌉."""
    (x,) = inputs
    sizes = per_axis(layer, "size", x.ndim - 2)
    y = np.zeros((*x.shape[:2], *sizes))
    for at in np.ndindex(*y.shape):
        block = tuple(
            slice(math.floor(i * n / m), math.ceil((i + 1) * n / m)) for i, n, m in zip(at[2:], x.shape[2:], sizes, strict=True)
        )
        numbers = list(map(float, x[(at[0], at[1], *block)].ravel()))
        y[at] = max(numbers) if layer.token == "adaptivemaxpool" else math.fsum(numbers) / len(numbers)
    return y


def padding(layer: Layer, _: Values, inputs: Sequence[Array], __: str) -> Array:
    (x,) = inputs
    before = per_axis(layer, "before", x.ndim - 2)
    after = before if layer.arguments["after"] is None else per_axis(layer, "after", x.ndim - 2)
    sizes = [b + size + a for b, size, a in zip(before, x.shape[2:], after, strict=True)]
    y = np.zeros((*x.shape[:2], *sizes))
    for at in np.ndindex(*y.shape):
        place = [p - b for p, b in zip(at[2:], before, strict=True)]
        y[at] = entry(x, at[0], at[1], place, layer.token.removesuffix("pad"))
    return y


def upsample(layer: Layer, _: Values, inputs: Sequence[Array], __: str) -> Array:
    (x,) = inputs
    scales = per_axis(layer, "scale", x.ndim - 2)
    y = np.zeros((*x.shape[:2], *(size * scale for size, scale in zip(x.shape[2:], scales, strict=True))))
    for at in np.ndindex(*y.shape):
        total = 0.0
        for corner in product((0, 1), repeat=len(scales)):
            weight, place = 1.0, []
            for p, size, scale, side in zip(at[2:], x.shape[2:], scales, corner, strict=True):
                source = float(p // scale)
                if layer.word("mode") == "bilinear":
                    source = (2 * p + 1 - scale) / (2 * scale)
                    source = min(max(source, 0.0), size - 1.0)
                    if layer.flag("align_corners"):
                        source = p * (size - 1) / (size * scale - 1) if size * scale > 1 else 0.0
                part = source - math.floor(source)
                weight *= part if side else 1 - part
                place.append(min(math.floor(source) + side, size - 1))
            total += weight * x[(*at[:2], *place)]
        y[at] = total
    return y
