"""What a framework's layer asks of the shape that reaches it beside its channels: axes, and what it acts along.

A need makes the layer fit, puts a layer before it, or raises ChainError: nothing is read in a way that the words do not say.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..expressions import Expression
from ..layers import Value
from ..pointer import Span
from ..tree import Layer, Note, Scope, Shape, show
from .sizes import Takes, groups_of, own, wrong

_AXES = {
    0: "batch × features",
    1: "batch × channels × length",
    2: "batch × channels × height × width",
    3: "batch × channels × depth × height × width",
}


@dataclass(frozen=True)
class Axes:
    """The layer takes inputs with one of these numbers of axes of positions."""

    word: str
    allowed: tuple[int, ...]

    def fit(self, layer: Layer, shape: Shape, rest: Sequence[Layer], scope: Scope) -> tuple[Layer, ...]:
        """The layer as it is."""
        if len(shape) - 2 not in self.allowed:
            expected = " or ".join(_AXES[count] for count in self.allowed)
            raise wrong(scope, f"{self.word} takes {expected}", layer.span, shape, "expected such an input")
        return (layer,)


@dataclass(frozen=True)
class Pointwise:
    """Keras' Dense: behind positions it acts on the channels at each of them, as a convolution of kernel 1 does."""

    word: str

    def fit(self, layer: Layer, shape: Shape, rest: Sequence[Layer], scope: Scope) -> tuple[Layer, ...]:
        """The layer, or that convolution."""
        scope.flattened = False  # whatever their order was, every output sees all features
        if len(shape) == 2:
            return (layer,)
        token = {3: "conv1d", 4: "conv", 5: "conv3d"}[len(shape)]
        scope.notes.append(Note(f"{token} of kernel 1 for {self.word}", "behind positions Dense acts on the channels at each"))
        made = own(token, layer, channels=layer.arguments["features"], k=1, pad="valid", bias=layer.arguments["bias"])
        return (replace(made, name=layer.name, spans=layer.spans, whole=layer.whole),)


@dataclass(frozen=True)
class Along:
    """The layer acts along one axis, which has to be the channels: axis 1 in PyTorch, the last one in Keras."""

    word: str
    parameter: str
    axis: int | None
    span: Span
    last: bool = False

    def fit(self, layer: Layer, shape: Shape, rest: Sequence[Layer], scope: Scope) -> tuple[Layer, ...]:
        """The layer as it is."""
        count = len(shape)
        axis = self.axis
        if axis is None:  # PyTorch's old rule for a softmax without dim
            axis = 0 if count == 3 else 1
        if axis % count != (count - 1 if self.last else 1) or not -count <= axis < count:
            channels = "-1, the channels" if self.last else "1, the channels"
            message = f"{self.word} acts along axis {axis} here, and not along the channels"
            raise wrong(scope, message, self.span, shape, f"expected {self.parameter}={channels}")
        return (layer,)


@dataclass(frozen=True)
class Normalised:
    """A layer norm over the last axes, of these sizes, in PyTorch's order of axes; None for a size that is free."""

    word: str
    sizes: tuple[int | None, ...]
    written: Expression | None
    span: Span

    def fit(self, layer: Layer, shape: Shape, rest: Sequence[Layer], scope: Scope) -> tuple[Layer, ...]:
        """The layer, over the channels or over all but the batch."""
        found = shape[1:]
        if self.sizes == (None,) and len(found) == 1:
            if self.written is not None:
                Takes(self.word, "normalized_shape", None, self.written, self.span).check(shape, found[0], scope)
            return (layer,)
        if self.sizes != found and self.written is not None:
            said = scope.text[self.written.span.start : self.written.span.stop]
            message = f"{self.word} normalises over the last axes, of sizes {said}"
            hint = f"expected {found[0] if len(found) == 1 else found}"
            raise wrong(scope, message, self.span, shape, hint)
        if len(found) == 1:
            return (layer,)
        if "over" not in layer.arguments:
            message = f"{self.word} over channels and positions is not one of the layers here"
            raise wrong(scope, message, self.span, shape, "expected an input of batch × features")
        return (replace(layer, arguments={**layer.arguments, "over": "all"}),)


@dataclass(frozen=True)
class Everything:
    """Keras' LayerNormalization over several axes: they have to be all but the batch."""

    word: str
    axes: tuple[int, ...]
    span: Span

    def fit(self, layer: Layer, shape: Shape, rest: Sequence[Layer], scope: Scope) -> tuple[Layer, ...]:
        """The layer, over the channels or over all but the batch."""
        count = len(shape)
        if any(not -count <= axis < count for axis in self.axes):
            raise wrong(
                scope, f"{self.word} names an axis that is not there", self.span, shape, f"expected axes from 1 to {count - 1}"
            )
        axes = {axis % count for axis in self.axes}
        if len(axes) < len(self.axes):
            hint = "expected each axis once"
            raise wrong(scope, f"{self.word} names an axis twice", self.span, shape, hint)
        if axes == {count - 1}:
            return (layer,)
        if axes == set(range(1, count)):
            return (replace(layer, arguments={**layer.arguments, "over": "all"}),)
        hint = "expected axis=-1, the channels, or all axes but the batch"
        raise wrong(scope, f"{self.word} over these axes is not one of the layers here", self.span, shape, hint)


@dataclass(frozen=True)
class Flattens:
    """A flatten of the axes start … end: it has to be all but the batch. `last`: the channels come last there, as in Keras."""

    word: str
    start: int
    end: int
    span: Span
    last: bool = False

    def fit(self, layer: Layer, shape: Shape, rest: Sequence[Layer], scope: Scope) -> tuple[Layer, ...]:
        """The layer as it is."""
        count = len(shape)
        for axis in (self.start, self.end):
            if not -count <= axis < count:
                hint = f"expected axes from 0 to {count - 1}"
                raise wrong(scope, f"{self.word} names axis {axis}, which is not there", self.span, shape, hint)
        start, end = self.start % count, self.end % count
        if start == end and count > 2:  # one axis alone stays as it is
            return (replace(own("identity", layer), name=layer.name, spans=layer.spans, whole=layer.whole),)
        if start != 1 or end != count - 1:
            hint = "expected start_dim=1, end_dim=-1: all but the batch"
            raise wrong(scope, f"{self.word} of some axes is not one of the layers here", self.span, shape, hint)
        scope.flattened = scope.flattened or (self.last and count > 2 and math.prod(shape[2:]) > 1)
        return (layer,)


@dataclass(frozen=True)
class Ordered:
    """The layer depends on the order of its channels, which Keras' flatten and ours leave in different orders."""

    word: str

    def fit(self, layer: Layer, shape: Shape, rest: Sequence[Layer], scope: Scope) -> tuple[Layer, ...]:
        """The layer as it is."""
        if scope.flattened and len(shape) == 2 and groups_of(layer) not in (1, shape[1]):
            message = f"{self.word} behind Flatten groups features that Keras orders by position first"
            raise wrong(scope, message, layer.span, shape, "expected groups=1 or a Dense between them")
        return (layer,)


@dataclass(frozen=True)
class Ungrouped:
    """Keras' GroupNormalization with groups=-1: each channel by itself."""

    def fit(self, layer: Layer, shape: Shape, rest: Sequence[Layer], scope: Scope) -> tuple[Layer, ...]:
        """The layer with as many groups as there are channels."""
        return (replace(layer, arguments={**layer.arguments, "groups": shape[1]}),)


@dataclass(frozen=True)
class Slopes:
    """A PReLU with this many slopes: one, or one a channel."""

    takes: Takes

    def fit(self, layer: Layer, shape: Shape, rest: Sequence[Layer], scope: Scope) -> tuple[Layer, ...]:
        """The layer, with that many."""
        if self.takes.known(scope.sizes) == 1:
            return (layer,)
        self.takes.check(shape, shape[1], scope)
        return (replace(layer, arguments={**layer.arguments, "over": "channels"}),)


@dataclass(frozen=True)
class Grows:
    """An upsampling to these sizes: they have to be multiples of what is there."""

    word: str
    sizes: tuple[int, ...]
    span: Span

    def fit(self, layer: Layer, shape: Shape, rest: Sequence[Layer], scope: Scope) -> tuple[Layer, ...]:
        """The layer with the factor for each axis."""
        positions = shape[2:]
        sizes = self.sizes * len(positions) if len(self.sizes) == 1 else self.sizes
        if len(sizes) != len(positions) or any(size % here for size, here in zip(sizes, positions, strict=True)):
            hint = f"expected multiples of {show(positions)}"
            raise wrong(scope, f"{self.word} to {show(sizes)} is not by whole factors", self.span, shape, hint)
        factors = tuple(size // here for size, here in zip(sizes, positions, strict=True))
        scale: Value = factors if len(set(factors)) > 1 else factors[0]
        return (replace(layer, arguments={**layer.arguments, "scale": scale}),)


@dataclass(frozen=True)
class Keeps:
    """An adaptive pooling to these sizes; None keeps what is there."""

    sizes: tuple[int | None, ...]

    def fit(self, layer: Layer, shape: Shape, rest: Sequence[Layer], scope: Scope) -> tuple[Layer, ...]:
        """The layer with a size for each axis."""
        sizes = tuple(here if size is None else size for size, here in zip(self.sizes, shape[2:], strict=True))
        size: Value = sizes if len(set(sizes)) > 1 else sizes[0]
        return (replace(layer, arguments={**layer.arguments, "size": size}),)


@dataclass(frozen=True)
class Shared:
    """Keras' PReLU: one slope an entry, shared along these axes, the channels being the last."""

    word: str
    axes: tuple[int, ...]
    span: Span

    def fit(self, layer: Layer, shape: Shape, rest: Sequence[Layer], scope: Scope) -> tuple[Layer, ...]:
        """The layer with one slope, one a channel, or one an entry."""
        count = len(shape)
        shared = set(self.axes)
        positions = set(range(1, count - 1))
        over = {(): "all", tuple(positions): "channels", tuple(range(1, count)): "one"}.get(tuple(sorted(shared)))
        if over is None:
            hint = f"expected shared_axes={sorted(positions)}, the axes of positions"
            raise wrong(scope, f"{self.word} shared along these axes is not one of the layers here", self.span, shape, hint)
        return (replace(layer, arguments={**layer.arguments, "over": over}),)
