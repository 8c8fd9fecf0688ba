"""Random networks: seed → a chain's text and a mode, made of few layers on few small shapes, interesting cases often.

Every shape has a menu: the layers of `_candidates` that fit there and lead to one of `_SHAPES`, found once with the package's
own shape rules. A network is a plan, such as bias → shift → norm, with every step drawn from the menu of the shape reached.
The shapes and menus are closed and small, so that the same operations on the same shapes return in network after network.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, product
from random import Random
from typing import TypeVar

from bnproof.chain.ops import Mode
from bnproof.chain.parse import parse
from bnproof.chain.shapes import place
from bnproof.chain.tree import Shape
from bnproof.errors import ChainError

T = TypeVar("T")

LARGEST = 7
"""No network has more layers than this; blocks themselves are not counted."""
DEEPEST = 2
"""How deep blocks are nested."""
PADDINGS = ("zeros", "valid", "circular", "reflect", "replicate")


@dataclass(frozen=True)
class Network:
    """A network: the text of its chain, input shape included, and the mode it runs in."""

    text: str
    mode: Mode


def generate(seed: int) -> Network:
    """The network of this seed. Always builds; the same on every Python version, as only `Random.random` is used."""
    draw = _Draw(Random(seed))
    mode: Mode = draw.weighted(_MODES)
    plan = draw.weighted(_PLANS)
    while True:
        inputs = draw.weighted(_INPUTS)
        text = _Writer(draw).network(inputs, plan)
        if text is not None:
            return Network(f"{text} @ {_sizes(inputs)}", mode)


_MODES: dict[Mode, int] = {"train": 6, "eval": 2, "frozen": 2}

_INPUTS: dict[Shape, int] = {
    (3, 2, 4, 5): 24,
    (3, 2, 2, 3): 14,
    (3, 4, 2, 3): 12,
    (3, 2, 1, 1): 4,
    (3, 2, 5): 14,
    (3, 2, 3): 7,
    (3, 4, 3): 6,
    (3, 2, 1): 1,
    (3, 2, 2, 3, 2): 7,
    (3, 6): 6,
    (3, 4): 3,
    (1, 2, 3): 3,
    (1, 4): 2,
    (1, 2, 1, 1): 2,
}
_FULL = frozenset({(3, 2, 4, 5), (3, 2, 2, 3), (3, 4, 2, 3), (3, 2, 5), (3, 2, 3)})
"""Shapes with every convolution."""
_CURVED = frozenset({(3, 4, 2, 3), (3, 2, 5), (3, 4)})
"""Shapes with every activation."""
_ATTENDING = frozenset({(3, 4, 2, 3), (3, 2, 5)})
"""Shapes with attention."""
_SMALL = frozenset({(3, 4, 3), (3, 2, 1, 1), (3, 2, 1), (3, 2, 2, 3, 2), (3, 2, 1, 1, 1), (3, 2), (3, 4), (3, 6)})
_LAST = frozenset({(3, 4, 4, 5), (3, 2, 4, 6), (3, 2, 3, 5), (3, 12), (1, 2, 3), (1, 2, 1, 1), (1, 2), (1, 4)})
"""Shapes with norms and little else: what concat, upsampling and transposed convolutions lead to, and a batch of 1."""
_UNPADDED = (_LAST | {(3, 2, 1, 1, 1)}) - {(3, 2, 4, 6)}
"""Shapes without circular, reflect and replicate paddings."""
_SHAPES = _FULL | _SMALL | _LAST

_PLANS: dict[tuple[str, ...], int] = {
    ("bias", "norm"): 8,
    ("bias", "conv", "norm"): 18,
    ("bias", "conv", "conv", "norm"): 3,
    ("bias", "block", "norm"): 12,
    ("bias", "pool", "norm"): 8,
    ("bias", "upsample", "norm"): 5,
    ("bias", "globalpool", "norm"): 5,
    ("bias", "shift", "shift", "norm"): 7,
    ("bias", "pool", "conv", "norm"): 3,
    ("bias", "block", "conv", "norm"): 3,
    ("bias", "softmax"): 4,
    ("bias", "shift", "softmax"): 2,
    ("bias", "act", "norm"): 6,
    ("bias", "norm", "norm"): 5,
    ("bias", "norm", "act", "bias", "norm"): 3,
    ("bias", "flatten", "norm"): 5,
    ("bias", "flatten", "bias", "norm"): 2,
    ("bias", "attention", "norm"): 4,
    ("attention", "norm"): 4,
    ("norm", "attention"): 2,
    ("block", "norm"): 5,
    ("bias", "any"): 3,
    ("any", "any", "any"): 5,
    ("bias", "any", "any", "any", "any"): 6,
}
_BEFORE: dict[tuple[str, ...], int] = {(): 12, ("any",): 3, ("bias",): 2, ("bias", "act"): 1, ("norm",): 1}
_AFTER: dict[tuple[str, ...], int] = {
    (): 10,
    ("act",): 3,
    ("any",): 3,
    ("bias",): 2,
    ("globalpool", "bias"): 2,
    ("act", "bias", "norm"): 1,
    ("dropout", "any"): 1,
}
_ANY: dict[str, int] = {
    "conv": 10,
    "norm": 8,
    "act": 5,
    "pool": 3,
    "block": 4,
    "upsample": 2,
    "dropout": 2,
    "identity": 1,
    "attention": 2,
    "softmax": 1,
    "globalpool": 1,
    "flatten": 1,
}
_SHIFT: dict[str, int] = {"block": 4, "pool": 3, "upsample": 2, "globalpool": 2, "dropout": 1, "identity": 1}
"""What often passes a shift on, so that a norm behind it still cancels a bias before it."""
_BRANCH: dict[tuple[str, ...], int] = {
    ("conv",): 8,
    ("conv", "norm"): 4,
    ("conv", "act"): 3,
    ("conv", "norm", "act"): 2,
    ("conv", "conv"): 2,
    ("norm", "conv"): 2,
    ("pool",): 2,
    ("act",): 2,
    ("norm",): 2,
    ("attention",): 1,
    ("dropout",): 1,
    ("block",): 3,
    ("block", "norm"): 1,
}
_BLOCKS: dict[str, int] = {"residual": 5, "add": 3, "concat": 4}


@dataclass(frozen=True)
class _Move:
    """A layer that fits at some shape, and the shape it leads to."""

    text: str
    output: Shape
    weight: int


def _sizes(shape: Shape) -> str:
    return "x".join(map(str, shape))


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
            yield "relu", 8
            if not last:
                yield from (("sigmoid", 2), ("lrelu", 2), ("lrelu(a=1)", 2), ("lrelu(a=0)", 1), ("lrelu(a=-0.5)", 2))
            if shape in _CURVED:
                yield from ((name, 4) for name in ("gelu", "silu", "tanh", "softplus"))
        case "pool":
            yield from _pools(shape)
        case "upsample":
            yield from (("upsample", 2), ("upsample(scale=3)", 1))
        case "dropout":
            if shape in _FULL or shape == (3, 4):
                yield from (("dropout", 3), ("dropout(p=0.25)", 1), ("dropout(p=0)", 1))
        case "attention":
            if shape in _ATTENDING:
                for heads, rope in product((1, 2), ("no", "yes")):
                    yield _layer("attention", heads=heads, rope=rope), 1
        case _:  # softmax, identity, globalpool, flatten
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


def _norms(shape: Shape) -> Iterator[tuple[str, int]]:
    yield from (("bn", 12), ("bn(eps=0.001)", 2), ("bn(momentum=0.3)", 2), ("bn(eps=0.1, momentum=1)", 1))
    yield from (("in", 5), ("in(eps=0.001)", 1), ("ln", 5), ("ln(eps=0.001)", 1), ("rms", 4), ("rms(eps=0.1)", 1))
    yield from (("gn(groups=1)", 5), ("gn(groups=1, eps=0.001)", 1))
    if shape[1] > 2 or shape in _FULL:
        yield from (("gn(groups=2)", 5), ("gn(groups=2, eps=0.1)", 1))
    if shape[1] == 4 and shape in _FULL:
        yield "gn(groups=4)", 2


def _pools(shape: Shape) -> Iterator[tuple[str, int]]:
    # (2, 2, 0) covers everything at 2 positions an axis, (4, 4, 1) and (5, 1, 2) at up to 3, and (3, 3, 0) at 3
    windows = [(2, 2, 0), (3, 1, 1), (3, 3, 0)]
    if shape in _FULL and shape[1] == 2:
        windows += [(3, 1, 0), (3, 2, 1), (2, 2, 1), *([] if shape[-1] > 3 else [(4, 4, 1), (5, 1, 2)])]
    for k, s, pad in windows if shape not in _LAST or shape[-1] == 6 else windows[:1]:
        size = {"k": k, "pad": pad} if s == k else {"k": k, "s": s, "pad": pad}  # a pool's stride is its k if not given
        yield _layer("maxpool", **size), 2
        for counted in ("yes", "no") if pad else ("yes",):
            yield _layer("avgpool", **size, count_include_pad=counted), 1 if pad else 2


@cache
def _menu(kind: str, shape: Shape, target: Shape | None = None) -> dict[_Move, int]:
    """The layers of a kind that fit at a shape, with weights; only those that lead to `target` if one is given."""
    if target is not None:
        return {move: weight for move, weight in _menu(kind, shape).items() if move.output == target}
    found: dict[_Move, int] = {}
    for text, weight in _candidates(kind, shape):
        chain = parse(f"{text} @ {_sizes(shape)}")
        try:
            output = place(chain)[0].plan.output
        except ChainError:
            continue
        if output in _SHAPES:
            move = _Move(str(chain.layers[0]), output, weight)
            found[move] = weight
    return found


@cache
def _joined(shape: Shape) -> dict[tuple[Shape, ...], int]:
    """The shapes that the branches of a concat at `shape` may return."""
    reached = {move.output for kind in ("conv", "pool", "identity") for move in _menu(kind, shape)}
    found: dict[tuple[Shape, ...], int] = {}
    for targets in (*product(sorted(reached), repeat=2), *product(sorted(reached), repeat=3)):
        one = targets[0]
        total = (one[0], sum(target[1] for target in targets), *one[2:])
        if total in _SHAPES and all(target[2:] == one[2:] and len(target) == len(one) for target in targets):
            found[targets] = 4 if one[2:] == shape[2:] else 1
    return found


class _Draw:
    """Choices from one stream of random numbers."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def weighted(self, choices: dict[T, int]) -> T:
        """One of the choices, which are not empty, with probabilities in proportion to their weights."""
        left = self.random.random() * sum(choices.values())
        for choice, reached in zip(choices, accumulate(choices.values()), strict=True):
            if left < reached:
                return choice
        raise AssertionError("a random number is below 1")


class _Writer:
    """Writes one network; `left` is how many layers may still be added."""

    def __init__(self, draw: _Draw) -> None:
        self.draw = draw
        self.left = LARGEST

    def network(self, shape: Shape, plan: Sequence[str]) -> str | None:
        """A chain that follows the plan, perhaps with layers before and after it; None where the plan does not fit."""
        parts: list[str] = []
        before, after = self.draw.weighted(_BEFORE), self.draw.weighted(_AFTER)
        for at, kind in enumerate((*before, *plan, *after)):
            step = self.step(kind, shape, 0)
            if step is not None:
                parts.append(step[0])
                shape = step[1]
            elif len(before) <= at < len(before) + len(plan):
                return None
        return " -> ".join(parts) if LARGEST - self.left >= 2 else None

    def step(self, kind: str, shape: Shape, depth: int, target: Shape | None = None) -> tuple[str, Shape] | None:
        """A layer or block of this kind, and the shape it leads to; None if none fits."""
        if self.left < 1:
            return None
        if kind in ("any", "shift"):
            kinds = dict(_ANY if kind == "any" else _SHIFT)
            while kinds:
                kind = self.draw.weighted(kinds)
                del kinds[kind]
                step = self.step(kind, shape, depth, target)
                if step is not None:
                    return step
            return None
        if kind == "block":
            return self.block(shape, depth + 1, target)
        menu = _menu(kind, shape, target)
        if not menu:
            return None
        move = self.draw.weighted(menu)
        self.left -= 1
        return move.text, move.output

    def block(self, shape: Shape, depth: int, target: Shape | None) -> tuple[str, Shape] | None:
        """A residual, add or concat."""
        if depth > DEEPEST or self.left < 2:
            return None
        token = self.draw.weighted(_BLOCKS)
        targets = [shape]
        if token == "add":
            to = target or (shape if self.draw.chance(0.7) else self.draw.weighted(_menu("conv", shape)).output)
            targets = [to] * (3 if self.left > 4 and self.draw.chance(0.15) else 2)
        elif token == "concat":
            options = {t: weight for t, weight in _joined(shape).items() if target in (None, _total(t)) and len(t) <= self.left}
            if not options:
                return None
            targets = list(self.draw.weighted(options))
        output = _total(targets) if token == "concat" else targets[0]
        if target not in (None, output) or self.left < len(targets):
            return None
        branches: list[str] = []
        for k, to in enumerate(targets):
            kept = len(targets) - k - 1  # a layer for each branch that follows
            self.left -= kept
            branches.append(self.branch(shape, to, depth, token != "residual"))
            self.left += kept
        return f"{token}({'; '.join(branches)})", output

    def branch(self, shape: Shape, target: Shape, depth: int, identity: bool) -> str:
        """One or more layers from a shape to the target, which is known to be reached by one."""
        if identity and shape == target and self.draw.chance(0.35):
            self.left -= 1
            return "identity"
        parts: list[str] = []
        for kind in self.draw.weighted(_BRANCH):
            step = self.step(kind, target if parts else shape, depth, target)
            if step is not None:
                parts.append(step[0])
        if not parts:
            for kind in ("conv", "pool", "identity"):
                step = self.step(kind, shape, depth, target)
                if step is not None:
                    return step[0]
        return " -> ".join(parts)


def _total(shapes: Sequence[Shape]) -> Shape:
    """The shape of the concatenation."""
    return (shapes[0][0], sum(shape[1] for shape in shapes), *shapes[0][2:])
