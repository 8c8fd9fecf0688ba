"""The menu of every shape: the layers that fit there and lead to one of `_SHAPES`, found once with the package's own rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product

from bnproof.chain.parse import parse
from bnproof.chain.shapes import settle
from bnproof.chain.tree import Shape
from bnproof.errors import ChainError

PADDINGS = ("zeros", "valid", "circular", "reflect", "replicate")

_FULL = frozenset({(3, 2, 4, 5), (3, 2, 2, 3), (3, 4, 2, 3), (3, 2, 5), (3, 2, 3)})
"""Shapes with every convolution."""
_CURVED = frozenset({(3, 4, 2, 3), (3, 2, 5), (3, 4)})
"""Shapes with every activation."""
_ATTENDING = frozenset({(3, 4, 2, 3), (3, 2, 5)})
"""Shapes with attention."""
_SMALL = frozenset({(3, 4, 3), (3, 2, 1, 1), (3, 2, 1), (3, 2, 2, 3, 2), (3, 2, 1, 1, 1), (3, 2), (3, 4), (3, 6)})
_ASYMMETRIC = frozenset({(3, 2, 2, 3), (3, 2, 4, 5), (3, 2, 5)})
"""Shapes with paddings in numbers, kernels that differ by axis, and arguments that are rarer."""
_POOLS = ("k=2, s=1, pad=same", "k=3, s=2, pad=same", "k=2, ceil=yes", "k=3, s=2, pad=1, ceil=yes", "k=(1,2)", "k=(2,1), s=1")
"""What is rarer in pools."""
_RARER = (
    *("elu", "elu(a=-0.5)", "celu(a=0.5)", "selu", "gelu(approximate=tanh)", "mish", "hardswish", "hardsigmoid", "hardtanh"),
    *(
        "logsigmoid",
        "softplus(sharpness=2)",
        "softsign",
        "prelu",
        "prelu(over=channels)",
        "prelu(over=all)",
        "elu(a=1)",
        "celu",
    ),
)
"""Activations at the curved shapes."""
_LAST = frozenset({(3, 4, 4, 5), (3, 2, 4, 6), (3, 2, 3, 5), (3, 12), (1, 2, 3), (1, 2, 1, 1), (1, 2), (1, 4)})
"""Shapes with norms and little else: what concat, upsampling and transposed convolutions lead to, and a batch of 1."""
_UNPADDED = (_LAST | {(3, 2, 1, 1, 1)}) - {(3, 2, 4, 6)}
"""Shapes without circular, reflect and replicate paddings."""
_SHAPES = _FULL | _SMALL | _LAST


@dataclass(frozen=True)
class Move:
    """A layer that fits at some shape, and the shape it leads to."""

    text: str
    output: Shape
    weight: int


def sizes(shape: Shape) -> str:
    return "x".join(map(str, shape))


def total_shape(shapes: Sequence[Shape]) -> Shape:
    """The shape of the concatenation."""
    return (shapes[0][0], sum(shape[1] for shape in shapes), *shapes[0][2:])


def _layer(token: str, **arguments: object) -> str:
    return f"{token}({', '.join(f'{name}={value}' for name, value in arguments.items())})"


def _candidates(kind: str, shape: Shape) -> Iterator[tuple[str, int]]:
    """Layers of a kind to try at a shape, and how often each is drawn; many do not fit."""
    last = shape in _LAST
    match kind:
        case "bias" | "conv":
            for biased, weight in (("yes", 4), ("no", 1)):
                if biased == "yes" or kind == "conv":
                    yield from ((text, many * weight) for text, many in _convolutions(shape, biased))
        case "norm":
            yield from _norms(shape)
        case "act":
            yield "relu", 12
            if not last:
                yield from (
                    ("sigmoid", 3),
                    ("lrelu", 3),
                    ("lrelu(a=1)", 3),
                    ("lrelu(a=0)", 1),
                    ("lrelu(a=-0.5)", 3),
                    ("relu6", 2),
                )
            if shape in _CURVED:
                yield from ((name, 18) for name in ("gelu", "silu", "tanh", "softplus"))
                yield from ((name, 8 if "(" in name else 18) for name in _RARER)
        case "logsoftmax":
            if shape in _CURVED:
                yield kind, 1
        case "pool":
            yield from _pools(shape)
        case "upsample":
            yield from (("upsample", 4), ("upsample(scale=3)", 2))
            if shape in _FULL:
                yield from (("upsample(mode=bilinear)", 2), ("upsample(mode=bilinear, align_corners=yes)", 2))
            if shape == (3, 2, 2, 3):
                yield from (("upsample(scale=(1,2))", 1), ("upsample(scale=(2,1), mode=bilinear)", 1))
        case "around":
            for token in ("zeropad", "circularpad", "reflectpad", "replicatepad"):
                for before, after in product((0, 1), (0, 1, 2)):
                    yield f"{token}(before={before}, after={after})", 2
                yield from ((f"{token}(before=({b},{1 - b}), after=({a},{1 - a}))", 2) for b, a in product((0, 1), (0, 1)))
        case "dropout":
            if shape in _FULL or shape == (3, 4):
                yield from (("dropout", 6), ("dropout(p=0.25)", 2), ("dropout(p=0)", 2), ("channeldropout", 4))
        case "attention":
            if shape in _ATTENDING:
                for heads, rope in product((1, 2), ("no", "yes")):
                    yield _layer("attention", heads=heads, rope=rope), 1
        case "globalpool":
            for token, weight in (("globalpool", 3), ("globalmaxpool", 2), ("adaptiveavgpool", 1), ("adaptivemaxpool", 1)):
                yield token, weight
            yield from (("globalpool(keepdims=yes)", 1), ("globalmaxpool(keepdims=yes)", 1))
        case _:  # softmax, identity, flatten
            if kind != "softmax" or not last:
                yield kind, 1


def _convolutions(shape: Shape, bias: str) -> Iterator[tuple[str, int]]:
    if len(shape) == 2:
        yield from ((_layer("linear", features=features, bias=bias), 1) for features in (2, 4))
        return
    channels, full = shape[1], shape in _FULL
    token = ("conv1d", "conv", "conv3d")[len(shape) - 3]
    strides = [(3, 1, 1, 8), (1, 1, 1, 3)]  # k, s, dilation, weight
    if full or shape == (3, 2, 2, 3, 2):
        strides += [(3, 2, 1, 3), (3, 1, 2, 2), (2, 1, 2, 2), (2, 2, 1, 3), (1, 2, 1, 2)]
    for (k, s, dilation, weight), pad in product(strides, PADDINGS):
        if (k - 1) * dilation < 2 and pad not in PADDINGS[:3]:
            continue  # no position is padded: all paddings are one
        if pad in PADDINGS[2:] and shape in _UNPADDED:
            continue
        for to, groups in ((channels, 1), (channels, 2), (6 - channels, 1)):
            if (to, groups) != (channels, 1) and (shape in _LAST or s * dilation > 1):
                continue
            if (k, dilation) == (3, 2) and shape not in ((3, 2, 4, 5), (3, 2, 5)):
                continue
            many = weight * (3 if pad == "valid" and k > 1 else 1) * (2 if to == channels and groups == 1 else 1)
            yield _layer(token, channels=to, k=k, s=s, pad=pad, bias=bias, groups=groups, dilation=dilation), many
        if full and s * dilation < 4:
            yield _layer("depthwise", k=k, s=s, pad=pad, bias=bias, dilation=dilation), max(1, weight // 2)
    if shape in _ASYMMETRIC:
        yield from _new_paddings(token, shape, bias)
    if (len(shape) == 3 and full) or shape == (3, 2, 2, 3, 2):
        kind = "convtranspose1d" if len(shape) == 3 else "convtranspose3d"
        for k, s, pad in ((3, 1, "zeros"), (1, 1, "zeros"), (2, 1, "same"), (2, 2, "same"), (3, 1, "1")):
            yield _layer(kind, channels=channels, k=k, s=s, pad=pad, bias=bias), 7
    if shape in ((3, 2, 2, 3), (3, 2, 4, 5), (3, 2, 1, 1)):
        for k, s, dilation, pad in ((3, 1, 1, "zeros"), (3, 1, 1, "valid"), (1, 1, 1, "zeros"), (2, 2, 1, "zeros")):
            yield _layer("convtranspose", channels=channels, k=k, s=s, pad=pad, bias=bias, dilation=dilation), 3
        for k, s, dilation, pad in ((3, 2, 1, "zeros"), (1, 2, 1, "valid"), (3, 1, 2, "zeros"), (2, 1, 2, "zeros")):
            yield (
                _layer("convtranspose", channels=channels, k=k, s=s, pad=pad, bias=bias, dilation=dilation),
                12 if s > 1 else 2,
            )
        yield _layer("convtranspose", channels=channels, groups=2, bias=bias), 2
        yield _layer("convtranspose", channels=6 - channels, bias=bias), 2


def _new_paddings(token: str, shape: Shape, bias: str) -> Iterator[tuple[str, int]]:
    """Paddings in numbers, one for each axis, same, causal and what is padded then; kernels that differ by axis."""
    channels, flat = shape[1], len(shape) == 4
    base: dict[str, object] = {"channels": channels, "bias": bias}
    for mode in ("zeros", "circular", "reflect", "replicate"):
        yield _layer(token, **base, k=3, pad=1, padding_mode=mode), 3
        yield _layer(token, **base, k=2, pad="same", padding_mode=mode), 3
        if flat:
            yield _layer(token, **base, k="(3,1)", pad="(1,0)", padding_mode=mode), 2
            yield _layer(token, **base, k="(2,1)", pad="same", padding_mode=mode), 2
            yield _layer(token, **base, k="(1,3)", dilation="(1,2)", pad="(0,2)", padding_mode=mode), 2
        else:
            yield _layer(token, **base, k=2, pad="causal", padding_mode=mode), 3
            yield _layer(token, **base, k=2, dilation=2, pad="causal", padding_mode=mode), 2
    yield _layer(token, **base, k=3, s=2, pad="same"), 3
    if channels == 2:
        yield _layer("depthwise", k=3, pad="same", bias=bias, multiplier=2), 3
        yield _layer("depthwise", k=2, pad="same", bias=bias, padding_mode="circular"), 2


def _norms(shape: Shape) -> Iterator[tuple[str, int]]:
    yield from (("bn", 12), ("bn(eps=0.001)", 2), ("bn(momentum=0.3)", 2), ("bn(eps=0.1, momentum=1)", 1))
    yield from (("brn", 3), ("brn(rmax=1.5, dmax=0.5)", 1))
    yield from (("in", 5), ("in(eps=0.001)", 1), ("ln", 5), ("ln(eps=0.001)", 1), ("rms", 4), ("rms(eps=0.1)", 1))
    yield from (("gn(groups=1)", 5), ("gn(groups=1, eps=0.001)", 1))
    if shape in _ASYMMETRIC or shape == (3, 4):
        yield from (("bn(track=no)", 3), ("bn(gamma=no)", 1), ("bn(beta=no)", 1), ("bn(beta=no, track=no)", 1))
        yield from (("bn(variance=onepass)", 1), ("ln(over=all)", 3), ("ln(over=all, beta=no)", 1), ("ln(gamma=no)", 1))
        yield from (("in(track=yes)", 3), ("in(gamma=no, beta=no)", 1), ("rms(gamma=no)", 1), ("gn(groups=1, gamma=no)", 1))
    if shape[1] > 2 or shape in _FULL:
        yield from (("gn(groups=2)", 5), ("gn(groups=2, eps=0.1)", 1))
    if shape[1] == 4 and shape in _FULL:
        yield "gn(groups=4)", 2


def _pools(shape: Shape) -> Iterator[tuple[str, int]]:
    # (2, 2, 0) covers everything at 2 positions an axis, (4, 4, 1) and (5, 1, 2) at up to 3, and (3, 3, 0) at 3
    windows = [(2, 2, 0), (3, 1, 1), (3, 3, 0)]
    if shape in _FULL and shape[1] == 2:
        windows += [(3, 1, 0), (3, 2, 1), (2, 2, 1), *([] if shape[-1] > 3 else [(4, 4, 1), (5, 1, 2)])]
    if shape in _ASYMMETRIC:
        for token in ("maxpool", "avgpool"):
            yield from ((f"{token}({form})", 1) for form in _POOLS)
        yield "maxpool(k=2, s=1, dilation=2)", 2
        yield "avgpool(k=2, s=1, pad=same, count_include_pad=no)", 2
        yield "avgpool(k=3, s=2, pad=1, ceil=yes, count_include_pad=no)", 1
    for k, s, pad in windows if shape not in _LAST or shape[-1] == 6 else windows[:1]:
        size = {"k": k, "pad": pad} if s == k else {"k": k, "s": s, "pad": pad}  # a pool's stride is its k if not given
        yield _layer("maxpool", **size), 2
        for counted in ("yes", "no") if pad else ("yes",):
            yield _layer("avgpool", **size, count_include_pad=counted), 1 if pad else 2


@cache
def menu(kind: str, shape: Shape, target: Shape | None = None) -> dict[Move, int]:
    """The layers of a kind that fit at a shape, with weights; only those that lead to `target` if one is given."""
    if target is not None:
        return {move: weight for move, weight in menu(kind, shape).items() if move.output == target}
    found: dict[Move, int] = {}
    for text, weight in _candidates(kind, shape):
        chain = parse(f"{text} @ {sizes(shape)}")
        try:
            output = settle(chain).places[0].plan.output
        except ChainError:
            continue
        if output in _SHAPES:
            move = Move(str(chain.layers[0]), output, weight)
            found[move] = weight
    return found


@cache
def joined(shape: Shape) -> dict[tuple[Shape, ...], int]:
    """The shapes that the branches of a concat at `shape` may return."""
    reached = {move.output for kind in ("conv", "pool", "identity") for move in menu(kind, shape)}
    found: dict[tuple[Shape, ...], int] = {}
    for targets in (*product(sorted(reached), repeat=2), *product(sorted(reached), repeat=3)):
        one = targets[0]
        if total_shape(targets) in _SHAPES and all(target[2:] == one[2:] and len(target) == len(one) for target in targets):
            found[targets] = 4 if one[2:] == shape[2:] else 1
    return found
