"""Random networks: seed → a chain's text and a mode, made of few layers on few small shapes, interesting cases often.

A network is a plan, such as bias → shift → norm, with every step drawn from the menu (`menus`) of the shape reached. The
shapes and menus are closed and small, so that the same operations on the same shapes return in network after network.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import TypeVar

from bnproof.chain.tree import Shape
from bnproof.modes import Mode

from .menus import joined, menu, sizes, total_shape

T = TypeVar("T")

LARGEST = 7
"""No network has more layers than this; blocks themselves are not counted."""
DEEPEST = 2
"""How deep blocks are nested."""


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
            return Network(f"{text} @ {sizes(inputs)}", mode)


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
_PLANS: dict[tuple[str, ...], int] = {
    ("bias", "norm"): 8,
    ("bias", "conv", "norm"): 18,
    ("bias", "conv", "conv", "norm"): 3,
    ("bias", "block", "norm"): 12,
    ("bias", "pool", "norm"): 8,
    ("bias", "upsample", "norm"): 5,
    ("bias", "around", "norm"): 4,
    ("bias", "around", "conv", "norm"): 2,
    ("bias", "globalpool", "norm"): 5,
    ("bias", "shift", "shift", "norm"): 7,
    ("bias", "pool", "conv", "norm"): 3,
    ("bias", "block", "conv", "norm"): 3,
    ("bias", "softmax"): 4,
    ("bias", "shift", "softmax"): 2,
    ("bias", "logsoftmax"): 1,
    ("bias", "act", "norm"): 9,
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
    "around": 2,
    "dropout": 2,
    "logsoftmax": 1,
    "identity": 1,
    "attention": 2,
    "softmax": 1,
    "globalpool": 1,
    "flatten": 1,
}
_SHIFT: dict[str, int] = {"block": 4, "pool": 3, "upsample": 2, "around": 1, "globalpool": 2, "dropout": 1, "identity": 1}
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
        moves = menu(kind, shape, target)
        if not moves:
            return None
        move = self.draw.weighted(moves)
        self.left -= 1
        return move.text, move.output

    def block(self, shape: Shape, depth: int, target: Shape | None) -> tuple[str, Shape] | None:
        """A residual, add or concat."""
        if depth > DEEPEST or self.left < 2:
            return None
        token = self.draw.weighted(_BLOCKS)
        targets = [shape]
        if token == "add":
            to = target or (shape if self.draw.chance(0.7) else self.draw.weighted(menu("conv", shape)).output)
            targets = [to] * (3 if self.left > 4 and self.draw.chance(0.15) else 2)
        elif token == "concat":
            options = {
                t: weight for t, weight in joined(shape).items() if target in (None, total_shape(t)) and len(t) <= self.left
            }
            if not options:
                return None
            targets = list(self.draw.weighted(options))
        output = total_shape(targets) if token == "concat" else targets[0]
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
