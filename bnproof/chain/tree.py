"""The tree that a chain's text means, and its text again: ``parse(str(tree)) == tree``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ..verdict import Spelling
from .layers import LAYERS, Value
from .pointer import Span

Shape = tuple[int, ...]
"""Batch × channels × positions, or batch × features."""
DECIDING = frozenset({"channels", "features", "k", "pad", "size"})
"""Arguments that `Chain.filled` names even where they are the defaults, unless that is nothing: sizes, and the padding."""


@dataclass(frozen=True)
class Note:
    """Something that was read into the text: what was taken, and why. ``f_in = 3``, ``what flows into Conv2d``."""

    what: str
    why: str

    def __str__(self) -> str:
        return f"{self.what}: {self.why}"


@dataclass
class Scope:
    """What is known where the shapes are worked out: the text, names that stand for sizes, and what was read into the text."""

    text: str
    sizes: dict[str, int | float] = field(default_factory=dict[str, "int | float"])
    notes: list[Note] = field(default_factory=list[Note])
    flattened: bool = False
    """Whether Keras would have the features here in another order: they were flattened with the channels last."""
    guessed: bool = False
    """Whether the number of features here comes of an input that was not given: its positions were flattened."""


class Need(Protocol):
    """What a layer written in a framework's words asks of the shape that reaches it."""

    def fit(self, layer: Layer, shape: Shape, rest: Sequence[Layer], scope: Scope) -> tuple[Layer, ...]:
        """The layer for that shape, last, and before it what has to be put in; `rest` are the layers behind it in its block.

        Raises ChainError where the shape is not what the layer's words say.
        """
        ...


@dataclass(frozen=True)
class Layer:
    """A layer with all its arguments, defaults filled in, and its branches if it is a block.

    `name` is the asker's, empty where the layer has its automatic name. Trees are equal whatever follows: `span` is where
    its word stands in the text, `spans` where the arguments given there stand, and its name; `whole` where all of it
    stands, brackets included, empty for a layer that nobody wrote; `constructor` is that word as
    it is written, one of `spelling`'s; `needs` are what has to be settled once the shapes are known.
    """

    token: str
    arguments: Mapping[str, Value]
    branches: tuple[tuple[Layer, ...], ...] = ()
    span: Span = field(default=Span(0, 0), compare=False)
    spans: Mapping[str, Span] = field(default_factory=dict[str, Span], compare=False)
    name: str = ""
    whole: Span = field(default=Span(0, 0), compare=False)
    constructor: str = field(default="", compare=False)
    spelling: Spelling = field(default="own", compare=False)
    needs: tuple[Need, ...] = field(default=(), compare=False)

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

    def written(self, filled: bool = False) -> str:
        """Its text in our own words; with `filled`, defaults that decide are named too."""
        label = f"{self.name}: " if self.name else ""
        if self.branches:
            return f"{label}{self.token}({'; '.join(_block(branch, filled) for branch in self.branches)})"
        signature = LAYERS[self.token]
        given: list[str] = []
        leading = True
        for k, argument in enumerate(signature.arguments):
            value = self.arguments[argument.name]
            if value == argument.default and not (filled and argument.name in DECIDING and value not in (None, 0)):
                leading = False  # a value after one left out needs its name
            else:
                text = _value(value)
                bare = leading and k < signature.positional and not (filled and signature.positional > 1)
                given.append(text if bare else f"{argument.name}={text}")
        return f"{label}{self.token}({', '.join(given)})" if given else f"{label}{self.token}"

    def __str__(self) -> str:
        return self.written()


@dataclass(frozen=True)
class Chain:
    """A whole chain: its layers, the sizes of its input if they were given, and the text it was read from.

    `shape` is as it was given, perhaps without the batch; of a settled chain, `Built.chain`, it is the input's full shape. `notes`
    say what was read into the text.
    """

    layers: tuple[Layer, ...]
    shape: Shape | None = None
    text: str = field(default="", compare=False)
    notes: tuple[Note, ...] = field(default=(), compare=False)
    sizes: Mapping[str, int | float] = field(default_factory=dict[str, "int | float"], compare=False)
    """Names that reading the text has given a size."""

    def filled(self) -> str:
        """The chain in our own words, with the defaults that decide: sizes, kernels, padding. It reads as the same chain."""
        return self._written(True)

    def __str__(self) -> str:
        return self._written(False)

    def _written(self, filled: bool) -> str:
        size = f" @ {'x'.join(map(str, self.shape))}" if self.shape else ""
        return _block(self.layers, filled) + size


def show(shape: Shape) -> str:
    """A shape for people: ``4×3×8×8``."""
    return "×".join(map(str, shape))


def _block(layers: tuple[Layer, ...], filled: bool) -> str:
    return " -> ".join(layer.written(filled) for layer in layers)


def _value(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
