"""The shape of a chain's input: as it was given, or what the first layers ask for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .kinds import IMAGES, KINDS
from .spellings.needs import Axes
from .spellings.sizes import inflow
from .tree import Chain, Layer, Shape

BATCH = 4
"""The batch where none is given."""
_FIXED = {token: len(kind.input) for token, kind in KINDS.items() if kind.role == "affine" and token != "depthwise"}
"""Layers that take inputs of one number of axes alone, and that number."""
_RESHAPING = ("flatten", "globalpool", "globalmaxpool")
POSITION = 8
"""Positions along each axis where no shape is given."""
MORE_POSITIONS = (16, 32, 64, 128, 256, 512, 28, 96, 112, 160, 192, 224, 227, 299, 384, 448)
"""What else is tried where the network does not fit on 8 positions: powers of two first, then sizes that data sets have."""


def input_shapes(chain: Chain) -> Iterator[Shape]:
    """The shapes that the input can have, in the order in which they are tried; one alone where it was given.

    A shape without its batch is one of as many sizes as the first layers ask for without it, or a single size: features.
    """
    if chain.shape is not None:
        axes = _axes(chain.layers)
        without = len(chain.shape) == 1 or (axes is not None and len(chain.shape) == axes - 1)
        yield (BATCH, *chain.shape) if without else chain.shape
        return
    default = _default(chain)
    yield default
    positions = default[2:]
    if positions and set(positions) == {POSITION}:
        for size in MORE_POSITIONS:
            yield (*default[:2], *(size for _ in positions))


def _firsts(layers: Sequence[Layer]) -> Iterator[Layer]:
    """The layers that the input reaches first, those inside the first branches included, in reading order."""
    for layer in layers:
        yield from _firsts(layer.branches[0]) if layer.branches else (layer,)


def _axes(layers: Sequence[Layer]) -> int | None:
    """How many axes the input has to have, if the first layer that is particular about it says so."""
    for layer in _firsts(layers):
        asked = next((need.allowed for need in layer.needs if isinstance(need, Axes)), None)
        if asked is not None:
            if len(asked) == 1:
                return asked[0] + 2
        elif layer.token in _FIXED:
            return _FIXED[layer.token]
        if layer.token in _RESHAPING or layer.token in _FIXED:
            return None
    return None


def _default(chain: Chain) -> Shape:
    """The input where no shape is given: as many axes and channels as the first layers ask for."""
    first = next(_firsts(chain.layers))
    default = KINDS[first.token].input
    asked = next((need.allowed[0] for need in first.needs if isinstance(need, Axes)), None)
    axes = _axes(chain.layers) or (asked + 2 if asked is not None else len(default))
    if axes != len(default):
        default = (*IMAGES[:2], *(POSITION for _ in range(axes - 2)))
    channels = _channels(chain, default)
    return (default[0], channels, *default[2:])


def _channels(chain: Chain, default: Shape) -> int:
    """The channels that the first layer that says so takes; the default, made a multiple of its groups, if none does."""
    flat = len(default) == 2
    for layer in _firsts(chain.layers):
        takes = inflow(layer, flat)
        known = takes.known(chain.sizes) if takes is not None else None
        if known is not None:
            return known
        groups = layer.arguments.get("groups", 1)
        if takes is not None and isinstance(groups, int):
            return groups * -(-default[1] // groups)
        if "channels" in layer.arguments or "features" in layer.arguments or layer.token in (*_RESHAPING, "depthwise"):
            break
    return default[1]
