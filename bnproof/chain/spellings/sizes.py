"""Sizes that a framework's layer says, or leaves to names: how many channels flow in, and how many come out."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ...errors import ChainError
from ..expressions import Expression, Number
from ..layers import LAYERS, Value
from ..pointer import Span, pointed
from ..tree import Layer, Note, Scope, Shape, show


def wrong(scope: Scope, message: str, span: Span, shape: Shape, hint: str) -> ChainError:
    """The error for a layer that the shape here does not fit."""
    return pointed(message, scope.text, span, f"the shape here is {show(shape)}: {hint}")


def own(token: str, layer: Layer, **arguments: Value) -> Layer:
    """Our layer `token` with these arguments, standing where `layer` stands."""
    defaults = {argument.name: argument.default for argument in LAYERS[token].arguments}
    return Layer(token, {**defaults, **arguments}, span=layer.span, constructor=layer.constructor, spelling=layer.spelling)


@dataclass(frozen=True)
class Takes:
    """The layer says how many channels flow in: `count`, or an expression with names, or nothing."""

    word: str
    parameter: str
    count: int | None
    written: Expression | None
    span: Span

    def fit(self, layer: Layer, shape: Shape, rest: Sequence[Layer], scope: Scope) -> tuple[Layer, ...]:
        """The layer as it is; a name is taken as what flows."""
        self.check(shape, shape[1], scope)
        return (layer,)

    def known(self, sizes: Mapping[str, Number]) -> int | None:
        """The number of channels, if it is known."""
        value = self.count if self.written is None or self.count is not None else self.written.number(sizes)
        return value if isinstance(value, int) else None

    def check(self, shape: Shape, flowing: int, scope: Scope) -> None:
        """Raises ChainError unless `flowing` is what the layer takes; names without a size get the one that fits."""
        value = self.known(scope.sizes)
        if value is None:
            if self.written is not None:
                solve(self.written, flowing, f"what flows into {self.word}", scope)
        elif value != flowing:
            named = f", and {self.written.text} is {value}" if self.written is not None and self.written.kind == "name" else ""
            message = f"{self.word} takes {value} {'feature' if len(shape) == 2 else 'channel'}{'s' * (value != 1)}{named}"
            hint = f"expected {self.parameter}={flowing}" + (", or another input behind @" if scope.guessed else "")
            raise wrong(scope, f"{message}; {flowing} flow into it", self.span, shape, hint)


def solve(written: Expression, value: int, why: str, scope: Scope) -> None:
    """Give the one unknown name in the expression the size that makes it `value`; else take the whole expression as `value`."""
    unknown = list(dict.fromkeys(name for name in written.names() if name not in scope.sizes))
    text = scope.text[written.span.start : written.span.stop]
    if len(unknown) == 1:
        (name,) = unknown
        for size in _candidates(written, value, name, scope):
            if written.number({**scope.sizes, name: size}) == value:
                scope.sizes[name] = size
                scope.notes.append(Note(f"{name} = {size}", why))
                return
    scope.notes.append(Note(f"{text} = {value}", why))


def _candidates(written: Expression, value: int, name: str, scope: Scope) -> Iterator[int]:
    """Sizes that may make the expression `value`: the one that does if it is a straight line in the name, then small ones."""
    first, second = (written.number({**scope.sizes, name: size}) for size in (1, 2))
    if first is not None and second is not None and second != first:
        size = 1 + (value - first) / (second - first)
        if size >= 1:
            yield round(size)
    yield from range(1, _TRIED)


_TRIED = 4096


@dataclass(frozen=True)
class Size:
    """The argument is a size that a name stands for, or that was not given: one that fits the layers behind is taken."""

    argument: str
    word: str
    written: Expression | None
    span: Span

    def fit(self, layer: Layer, shape: Shape, rest: Sequence[Layer], scope: Scope) -> tuple[Layer, ...]:
        """The layer with that size."""
        value = self.written.number(scope.sizes) if self.written is not None else None
        if self.written is not None and value is None:
            unknown = dict.fromkeys(name for name in self.written.names() if name not in scope.sizes)
            wanted = self.wanted(layer, rest, scope)
            if not unknown or (self.written.kind == "name" or len(unknown) == 1):
                solve(self.written, wanted, f"a size that fits; {self.word} does not give it", scope)
                value = self.written.number(scope.sizes)
            else:
                for name in unknown:
                    scope.sizes[name] = wanted
                    scope.notes.append(Note(f"{name} = {wanted}", f"a size that fits; {self.word} does not give it"))
                value = self.written.number(scope.sizes)
            value = wanted if value is None else value
        if value is None:
            value = self.wanted(layer, rest, scope)
        if not isinstance(value, int) or value < 1:
            assert self.written is not None
            shown = scope.text[self.written.span.start : self.written.span.stop]
            message = f"`{shown}` comes to {value}"
            raise wrong(scope, message, self.span, shape, f"expected a whole number, 1 or more, for {self.argument}")
        return (replace(layer, arguments={**layer.arguments, self.argument: value}),)

    def wanted(self, layer: Layer, rest: Sequence[Layer], scope: Scope) -> int:
        """What the layers behind take; our default, made a multiple of the groups there, if they do not say."""
        default = layer.arguments[self.argument]
        assert isinstance(default, int)
        if self.argument not in ("channels", "features"):
            return default
        groups = [groups_of(layer)]
        for behind in rest:
            known = inflow(behind, flat=self.argument == "features")
            if known is not None and (count := known.known(scope.sizes)) is not None:
                return count
            groups.append(groups_of(behind))
            if behind.branches or "channels" in behind.arguments or "features" in behind.arguments or behind.token == "flatten":
                break
        return _multiple(default, groups)


def inflow(layer: Layer, flat: bool) -> Takes | None:
    """What the layer says about the channels that flow in; about features only if the input is `flat`."""
    for need in layer.needs:
        if isinstance(need, Takes):
            return need
        if isinstance(need, Features) and flat:
            return need.takes
    return None


def groups_of(layer: Layer) -> int:
    """The groups of a layer that has some; else 1."""
    value = layer.arguments.get("groups", 1)
    return value if isinstance(value, int) else 1


def _multiple(default: int, groups: Sequence[int]) -> int:
    least = math.lcm(*groups)
    return least * -(-default // least)


@dataclass(frozen=True)
class Features:
    """PyTorch's Linear: behind positions it gets the flatten that a forward has, if its in_features are all of them.

    `fed` says that it stands behind another layer of the same Sequential: no forward can flatten between them.
    """

    takes: Takes
    fed: bool = False

    def fit(self, layer: Layer, shape: Shape, rest: Sequence[Layer], scope: Scope) -> tuple[Layer, ...]:
        """The layer, behind a flatten if there are positions."""
        if len(shape) == 2:
            self.takes.check(shape, shape[1], scope)
            return (layer,)
        features, known = math.prod(shape[1:]), self.takes.known(scope.sizes)
        if known is not None and known != features:
            if known == shape[-1]:
                message = (
                    f"{self.takes.word} on {show(shape)} acts along its last axis in PyTorch, which a chain has no layer for"
                )
            else:
                message = f"{self.takes.word} takes {known} features; {features} flow into it when flattened"
            hint = f"expected {self.takes.parameter}={features}, or pooling before it"
            raise wrong(scope, message, self.takes.span, shape, hint)
        if self.fed:
            message = f"{self.takes.word} on {show(shape)} in a Sequential acts along its last axis in PyTorch"
            raise wrong(scope, message, layer.span, shape, "a chain has no layer for that: expected Flatten() before it")
        scope.notes.append(Note(f"flatten before {self.takes.word}", f"{show(shape[1:])} become {features} features"))
        self.takes.check((shape[0], features), features, scope)
        return own("flatten", layer), layer
