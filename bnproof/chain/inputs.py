"""The shape of a chain's input: as it was given, or what the first layers ask for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .kinds import IMAGES, KINDS
from .spellings.needs import Axes, Normalised
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
        asked = _asked(chain.layers)
        without = len(chain.shape) == 1 or (len(asked) == 1 and len(chain.shape) == asked[0] + 1)
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


def _asked(layers: Sequence[Layer]) -> tuple[int, ...]:
    """The numbers of axes of positions that the input may have, the likeliest first; empty if no layer is particular about it.

    The first layer that takes one number alone decides; else the first that takes only some.
    """
    preferred: tuple[int, ...] = ()
    for layer in _firsts(layers):
        allowed = next((need.allowed for need in layer.needs if isinstance(need, Axes)), ())
        if (normalised := _normalised(layer)) is not None:
            allowed = (len(normalised) - 1,)
        if not allowed and layer.token in _FIXED:
            allowed = (_FIXED[layer.token] - 2,)
        if len(allowed) == 1:
            return allowed
        preferred = preferred or allowed
        if layer.token in _RESHAPING or layer.token in _FIXED:
            break
    return preferred


def _normalised(layer: Layer) -> tuple[int | None, ...] | None:
    """The sizes of all axes but the batch, of a layer that says over which it normalises."""
    return next((need.sizes for need in layer.needs if isinstance(need, Normalised) and need.written is not None), None)


def _default(chain: Chain) -> Shape:
    """The input where no shape is given: as many axes and channels as the first layers ask for."""
    default, asked = KINDS[next(_firsts(chain.layers)).token].input, _asked(chain.layers)
    if asked and asked[0] + 2 != len(default):
        default = (*IMAGES[:2], *(POSITION for _ in range(asked[0]))) if asked[0] else KINDS["linear"].input
    for layer in _firsts(chain.layers):
        sizes = tuple(size for size in _normalised(layer) or () if size is not None)
        if len(sizes) == len(default) - 1:
            return (BATCH, *sizes)
        if layer.token in _RESHAPING or KINDS[layer.token].role in ("affine", "pooling"):
            break
    return (default[0], _channels(chain, default), *default[2:])


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
