"""The tree that a chain's text means, and its text again: ``parse(str(tree)) == tree``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .layers import LAYERS, Value
from .pointer import Span

Shape = tuple[int, ...]
"""Batch × channels × positions, or batch × features."""


@dataclass(frozen=True)
class Layer:
    """A layer with all its arguments, defaults filled in, and its branches if it is a block.

    `span` is where its name stands in the text, `spans` where the arguments given there stand; trees are equal without them.
    """

    token: str
    arguments: Mapping[str, Value]
    branches: tuple[tuple[Layer, ...], ...] = ()
    span: Span = field(default=Span(0, 0), compare=False)
    spans: Mapping[str, Span] = field(default_factory=dict[str, Span], compare=False)

    def integer(self, name: str) -> int:
        """The whole number that is the argument `name`."""
        value = self.arguments[name]
        assert isinstance(value, int)
        return value

    def number(self, name: str) -> float:
        """The number that is the argument `name`."""
        value = self.arguments[name]
        assert isinstance(value, (int, float))
        return float(value)

    def word(self, name: str) -> str:
        """The word that is the argument `name`."""
        value = self.arguments[name]
        assert isinstance(value, str)
        return value

    def flag(self, name: str) -> bool:
        """Whether the argument `name` is yes."""
        return self.arguments[name] is True

    def __str__(self) -> str:
        if self.branches:
            return f"{self.token}({'; '.join(_block(branch) for branch in self.branches)})"
        signature = LAYERS[self.token]
        given: list[str] = []
        leading = True
        for k, argument in enumerate(signature.arguments):
            value = self.arguments[argument.name]
            if value == argument.default:
                leading = False  # a value after one left out needs its name
            else:
                text = _value(value)
                given.append(text if leading and k < signature.positional else f"{argument.name}={text}")
        return f"{self.token}({', '.join(given)})" if given else self.token


@dataclass(frozen=True)
class Chain:
    """A whole chain: its layers, the input shape if one was given, and the text it was read from."""

    layers: tuple[Layer, ...]
    shape: Shape | None = None
    text: str = field(default="", compare=False)
    shape_span: Span = field(default=Span(0, 0), compare=False)

    def __str__(self) -> str:
        size = f" @ {'x'.join(map(str, self.shape))}" if self.shape else ""
        return _block(self.layers) + size


def show(shape: Shape) -> str:
    """A shape for people: ``4×3×8×8``."""
    return "×".join(map(str, shape))


def _block(layers: tuple[Layer, ...]) -> str:
    return " -> ".join(map(str, layers))


def _value(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
