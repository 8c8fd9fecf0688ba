"""Where every layer stands: its name, the shape that reaches it and the shape it returns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from .kinds import KINDS
from .ops import OPERATIONS, Plan, Site
from .tree import Chain, Layer, Shape


@dataclass(frozen=True)
class Place:
    """A layer in its place: its name (``bn2``), input shape, plan, branches, and its number among all layers."""

    name: str
    number: int
    layer: Layer
    shape: Shape
    plan: Plan
    branches: tuple[tuple[Place, ...], ...] = ()


def input_shape(chain: Chain) -> Shape:
    """The shape after ``@``, else the default for the chain's first layer."""
    if chain.shape is not None:
        return chain.shape
    first = chain.layers[0]
    while first.branches:
        first = first.branches[0][0]
    return KINDS[first.token].input


def place(chain: Chain) -> tuple[Place, ...]:
    """Every layer of the chain in its place. Raises ChainError at the first layer, in reading order, that does not fit."""
    return _Placing(chain.text).block(chain.layers, input_shape(chain))[0]


def walk(places: tuple[Place, ...]) -> Iterator[Place]:
    """All places in reading order: a block before the layers in its branches."""
    for here in places:
        yield here
        for branch in here.branches:
            yield from walk(branch)


class _Placing:
    def __init__(self, text: str) -> None:
        self.text = text
        self.counts: Counter[str] = Counter()
        self.number = 0

    def block(self, layers: tuple[Layer, ...], shape: Shape) -> tuple[tuple[Place, ...], Shape]:
        found: list[Place] = []
        for layer in layers:
            found.append(self.one(layer, shape))
            shape = found[-1].plan.output
        return tuple(found), shape

    def one(self, layer: Layer, shape: Shape) -> Place:
        self.counts[layer.token] += 1
        self.number += 1
        name, number = f"{layer.token}{self.counts[layer.token]}", self.number
        branches = [self.block(branch, shape) for branch in layer.branches]
        site = Site(layer, shape, tuple(output for _, output in branches), self.text)
        plan = OPERATIONS[layer.token](site)
        return Place(name, number, layer, shape, plan, tuple(inside for inside, _ in branches))
