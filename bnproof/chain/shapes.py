"""Where every layer stands: its name, the shape that reaches it and the shape it returns; the chain as it was settled."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ..errors import ChainError
from .inputs import input_shapes
from .limits import check
from .ops import OPERATIONS, Plan, Site
from .pointer import Span, pointed
from .tree import Chain, Layer, Note, Scope, Shape, show


@dataclass(frozen=True)
class Place:
    """A layer in its place: its name (``bn2``), input shape, plan, branches, and its number among all layers."""

    name: str
    number: int
    layer: Layer
    shape: Shape
    plan: Plan
    branches: tuple[tuple[Place, ...], ...] = ()


@dataclass(frozen=True)
class Settled:
    """A chain whose shapes are worked out: in our own words throughout, with its input's shape, and every layer in its place."""

    chain: Chain
    places: tuple[Place, ...]


def settle(chain: Chain) -> Settled:
    """The chain on the first input on which it fits.

    Raises ChainError at the first layer, in reading order, that does not fit; of several inputs, the one that gets furthest.
    """
    shapes = list(input_shapes(chain))
    furthest, error = -1, ChainError("a chain without layers")
    for shape in shapes:
        try:
            return _Placing(chain).settled(shape, shapes[0])
        except _Misfit as misfit:
            if misfit.number > furthest:
                furthest, error = misfit.number, misfit.error
                if shape != shapes[0]:
                    tried = f"on an input of {show(shape)}; no other that was tried fits either, so give yours behind @"
                    error = ChainError(f"{error} ({tried})")
    raise error


def walk(places: tuple[Place, ...]) -> Iterator[Place]:
    """All places in reading order: a block before the layers in its branches."""
    for here in places:
        yield here
        for branch in here.branches:
            yield from walk(branch)


class _Misfit(Exception):
    """A layer that does not fit, and its number among all layers."""

    def __init__(self, number: int, error: ChainError) -> None:
        self.number, self.error = number, error


class _Placing:
    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.scope = Scope(chain.text, dict(chain.sizes), list(chain.notes))
        self.counts: Counter[str] = Counter()
        self.number = 0

    def settled(self, shape: Shape, default: Shape) -> Settled:
        try:
            places, _ = self.block(self.chain.layers, shape)
        except ChainError as error:
            raise _Misfit(self.number, error) from error
        _distinct(places, self.chain.text)
        if shape != default:
            note = Note(f"an input of {show(shape)}", f"the layers do not fit on {show(default)}")
            self.scope.notes.append(note)
        layers = tuple(here.layer for here in places)
        chain = replace(self.chain, layers=layers, shape=shape, notes=tuple(self.scope.notes), sizes={})
        return Settled(chain, places)

    def block(self, layers: tuple[Layer, ...], shape: Shape) -> tuple[tuple[Place, ...], Shape]:
        found: list[Place] = []
        for k, layer in enumerate(layers):
            for here in self.fitted(layer, shape, layers[k + 1 :] if layer.needs else ()):
                found.append(here)
                shape = here.plan.output
        return tuple(found), shape

    def fitted(self, layer: Layer, shape: Shape, rest: tuple[Layer, ...]) -> Iterator[Place]:
        """The layer with its needs met, and before it what they put in."""
        needs, layer = layer.needs, replace(layer, needs=()) if layer.needs else layer
        for need in needs:
            *before, layer = need.fit(layer, shape, rest, self.scope)
            for put in before:
                here = self.one(put, shape)
                shape = here.plan.output
                yield here
        yield self.one(layer, shape)

    def branches(self, layer: Layer, shape: Shape) -> list[tuple[tuple[Place, ...], Shape]]:
        """The branches of a block, each from what reaches the block; an order that one of them keeps is kept by their sum."""
        flattened = self.scope.flattened
        kept = flattened and (not layer.branches or layer.token == "residual")
        found: list[tuple[tuple[Place, ...], Shape]] = []
        for branch in layer.branches:
            self.scope.flattened = flattened
            found.append(self.block(branch, shape))
            kept = kept or self.scope.flattened
        self.scope.flattened = kept
        return found

    def one(self, layer: Layer, shape: Shape) -> Place:
        self.counts[layer.token] += 1
        self.number += 1
        name, number = layer.name or f"{layer.token}{self.counts[layer.token]}", self.number
        branches = self.branches(layer, shape)
        inside = tuple(places for places, _ in branches)
        if branches:
            layer = replace(layer, branches=tuple(tuple(here.layer for here in places) for places in inside))
        site = Site(layer, shape, tuple(output for _, output in branches), self.chain.text)
        plan = OPERATIONS[layer.token](site)
        check(layer, shape, plan, self.chain.text)
        if layer.token == "flatten" and len(shape) > 2 and self.chain.shape is None:
            self.scope.guessed = True
        return Place(name, number, layer, shape, plan, inside)


def _distinct(places: tuple[Place, ...], text: str) -> None:
    """Raises ChainError for a name that two layers have, one of them perhaps automatically, and for parameters of one name."""
    seen: dict[str, Place] = {}
    for here in walk(places):
        other = seen.setdefault(here.name, here)
        if other is not here:
            given = here if here.layer.name else other
            both = bool(here.layer.name and other.layer.name)
            said = "is given twice" if both else "is the automatic name of another layer"
            hint = "expected another name" + _elsewhere(here.name)
            raise pointed(f"the name `{here.name}` {said}", text, _place_of(given), hint)
    held: dict[str, Place] = {}
    for here in walk(places):
        for local in (*here.plan.parameters, *here.plan.statistics):
            if held.setdefault(f"{here.name}.{local}", here) is not here:
                message = f"two parameters are named `{here.name}.{local}`"
                raise pointed(message, text, _place_of(here), "expected another name of the layer")


def _place_of(here: Place) -> Span:
    return here.layer.spans.get("name", here.layer.span)


def _elsewhere(name: str) -> str:
    """A hint for names that are numbers: those of containers without a name of their own."""
    return "; name the containers, as in features: Sequential(…)" if re.fullmatch(r"[0-9]+", name) else ""
