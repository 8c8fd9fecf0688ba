"""What a layer does: from its place in a chain to a `Plan`, and the registry of these functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import jax

from ...errors import ChainError
from ...modes import Mode
from ..pointer import pointed
from ..tree import Layer, Shape, show

Values = Mapping[str, jax.Array]
"""Arrays by name: a layer's own parameters and statistics, ``kernel``, ``q.bias``, ``running_mean``."""


@dataclass(frozen=True)
class Parameter:
    """The shape of a parameter or statistic, and how it starts: uniform within `spread` of `centre`."""

    shape: Shape
    centre: float = 0.0
    spread: float = 0.0


@dataclass(frozen=True)
class Moment:
    """When a layer runs: the mode, and the random key of a layer that needs one."""

    mode: Mode
    key: jax.Array | None = None


Run = Callable[[Values, Sequence[jax.Array], Moment], tuple[jax.Array, Values]]
"""(parameters and statistics, [input, branch outputs …], moment) → (output, new statistics)."""


@dataclass(frozen=True)
class Plan:
    """A layer whose input shape is known: the shape it returns, what it holds, and how it runs.

    `bordered`: whether zeros that are padded around the input count like values.
    """

    output: Shape
    run: Run
    parameters: Mapping[str, Parameter] = field(default_factory=dict[str, Parameter])
    statistics: Mapping[str, Parameter] = field(default_factory=dict[str, Parameter])
    random: bool = False
    bordered: bool = False


@dataclass(frozen=True)
class Site:
    """Where a layer stands: its arguments, the shape that reaches it, the shapes its branches return, the chain's text."""

    layer: Layer
    shape: Shape
    branches: tuple[Shape, ...]
    text: str

    @property
    def channels(self) -> int:
        """The size of axis 1."""
        return self.shape[1]

    @property
    def positions(self) -> Shape:
        """The sizes of the axes after the channels."""
        return self.shape[2:]

    def sizes(self, name: str) -> Shape:
        """The argument `name` as one whole number for each axis of positions. Raises ChainError for a tuple of another length."""
        value = self.layer.arguments[name]
        if isinstance(value, tuple):
            if len(value) != len(self.positions):
                hint = f"expected one number for each of {len(self.positions)}, or a single number for all"
                message = f"{name} has {len(value)} numbers, and there are {len(self.positions)} axes of positions"
                raise self.error(message, hint, name)
            return value
        return (self.layer.integer(name),) * len(self.positions)

    def error(self, message: str, hint: str, argument: str = "") -> ChainError:
        """A shape error: points at `argument` where it was given, else at the layer, and shows the shape there."""
        span = self.layer.spans.get(argument, self.layer.span)
        return pointed(message, self.text, span, f"the shape here is {show(self.shape)}: {hint}")

    def needs_positions(self, count: int | None = None) -> None:
        """Raises ChainError unless the input has `count` axes after the channels, or at least one if that is None."""
        if (count is None and self.positions) or len(self.positions) == count:
            return
        axes = ("height", "width") if count == 2 else ("length",) if count == 1 else ("depth", "height", "width")
        wanted = " × ".join(("batch", "channels", *(axes if count else ("positions",))))
        example = {None: "4x3x8x8", 1: "4x3x8", 2: "4x3x8x8", 3: "4x3x8x8x8"}[count]
        raise self.error(f"{self.layer.token} needs {wanted}", f"expected an input such as @ {example}")


OPERATIONS: dict[str, Callable[[Site], Plan]] = {}
"""The function that plans a layer, by the layer's name; it raises ChainError where the shapes do not fit."""


def operation(*tokens: str) -> Callable[[Callable[[Site], Plan]], Callable[[Site], Plan]]:
    """Register the decorated function for these layers. Raises ValueError for a layer that already has one."""

    def register(function: Callable[[Site], Plan]) -> Callable[[Site], Plan]:
        for token in tokens:
            if token in OPERATIONS:
                raise ValueError(f"the layer `{token}` has two operations")
            OPERATIONS[token] = function
        return function

    return register


def stateless(function: Callable[[Values, jax.Array], jax.Array]) -> Run:
    """The `Run` of a layer without statistics or branches: (parameters, input) → output, the same in every mode."""
    return lambda values, inputs, _: (function(values, inputs[0]), {})


def affine(values: Values, y: jax.Array) -> jax.Array:
    """y · gamma + beta, each where it is held: over the channels, or over all of an entry's axes if it has as many."""
    for name in ("gamma", "beta"):
        if name in values:
            held = values[name]
            spread = along_channels(held, y) if held.ndim == 1 else held[None]
            y = y * spread if name == "gamma" else y + spread
    return y


def along_channels(vector: jax.Array, x: jax.Array) -> jax.Array:
    """A vector over the channels, shaped to broadcast against x along axis 1."""
    return vector.reshape((1, -1) + (1,) * (x.ndim - 2))
