"""Linear → BatchNorm and Conv → BatchNorm over batches of any size, in chunks; with a ReLU in between, the controls.

The data are made in blocks, each from a seed of its own and by operations that round correctly: the values do not depend on how
many blocks a chunk has. What is computed from them, and how far from zero it may be: `chunks`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from ...errors import CheckError
from ..checking.measurement import Measurement
from ..devices import choose, enough_memory
from ..roundoff.precision import HALF, storage
from .chunks import Array, Batch, Gradient, bias_gradient, unrounded_gradient
from .limits import check_values

BLOCK = 4096
"""Values of a channel that are made together."""
CHANNELS, INPUTS, SIZE = 2, 3, 8
"""Output and input channels; height and width of an image."""
FACTOR, HALF_FACTOR = 1e3, 3.0
"""How many times a control's gradient must exceed its bound; in a half type."""
DRAWS = 20
"""Draws of a control of few values, until its gradient is one that the dtype can tell from 0."""
FEW = BLOCK
"""Values a channel up to which a control may be one by chance whose gradient is 0: behind a ReLU all of them on, or all off."""
Layer = Callable[[np.random.Generator, np.random.Generator, Any], Array]
_COPIES = 16
"""Arrays in float64 of the size of a chunk that are alive at once, at most."""


def run_chunked(dtype: str = "float64", count: int = 10**6, chunk: int = 2**18, seed: int = 0) -> list[Measurement]:
    """The bias gradient over `count` values a channel, at most about `chunk` of them in memory: two zeros and two controls.

    Raises CheckError for an unknown dtype, for a count or chunk below 1, for a count that would take days, and if a chunk does not
    fit into memory.
    """
    storage(dtype)
    check_values(count)
    if chunk < 1:
        raise CheckError(f"chunk {chunk}: expected 1 or more")
    found: list[Measurement] = []
    with enough_memory(choose("cpu")[0], 8 * _COPIES * CHANNELS, min(chunk, count), "values a channel in a chunk"):
        for case in LAYERS:
            for relu in (False, True):
                drawn = _telling if relu and count <= FEW else batch
                found.append(judge(drawn(case, dtype, count, chunk, seed, relu), f"{case}{' -> relu' * relu} -> bn", dtype))
    return found


def _telling(layer: str, dtype: str, count: int, chunk: int, seed: int, relu: bool) -> Batch:
    """The first of `DRAWS` batches whose gradient, without rounding, the dtype can tell from 0; the first of all if there is none."""
    drawn = (batch(layer, dtype, count, chunk, seed + DRAWS**2 * k, relu) for k in range(DRAWS))
    first = next(drawn)
    return next((data for data in (first, *drawn) if _tells(bias_gradient(data), data, dtype).all()), first)


def _tells(run: Gradient, data: Batch, dtype: str) -> Array:
    """For each channel, whether its gradient without rounding is so far above the bound that the dtype must see it."""
    return np.abs(unrounded_gradient(data)) >= _factor(dtype) * run.bound


def _factor(dtype: str) -> float:
    return HALF_FACTOR if dtype in HALF else FACTOR


def batch(layer: str, dtype: str, count: int, chunk: int, seed: int, relu: bool) -> Batch:
    """`count` values a channel behind a layer, ``linear`` or ``conv``, in chunks of whole blocks, about `chunk` values each.

    The cotangents are normal; behind a ReLU they are positive, and 0 where it stops the value: the gradient is then far from 0.
    """
    kind, blocks = storage(dtype), max(1, chunk // BLOCK)
    made = functools.partial(_block, LAYERS[layer], dtype, seed, relu)

    def part(k: int) -> tuple[Array, Array]:
        first, last = k * blocks, min((k + 1) * blocks, -(-count // BLOCK))
        pieces = [made(block) for block in range(first, last)]
        z, g = (np.concatenate(some, 1)[:, : count - first * BLOCK].astype(kind) for some in zip(*pieces, strict=True))
        return z, g

    scale = np.random.default_rng([seed, 2]).uniform(0.5, 1.5, CHANNELS)
    return Batch(-(-count // (blocks * BLOCK)), part, scale, relu)


def judge(data: Batch, case: str, dtype: str) -> Measurement:
    """The channel closest to failing: the gradient is 0, or with a ReLU far from it.

    Of few values a control's gradient may be 0 by chance; a channel where it is, without rounding, cannot be told.
    """
    run = bias_gradient(data)
    few = data.relu and run.statistics.count <= FEW
    return judged(run, case, dtype, data.relu, _tells(run, data, dtype) if few else None)


def judged(run: Gradient, case: str, dtype: str, control: bool, tells: Array | None = None) -> Measurement:
    """The comparison of a gradient that has been computed; `tells`: the channels of a control that can be told (all by default)."""
    measured = np.abs(run.gradient)
    ratios = measured / run.bound
    told = (
        np.ones(len(ratios), bool) if tells is None or not tells.any() else tells | ~np.isfinite(ratios)
    )  # NaN is never excused
    worst = int(np.argmin(np.where(told, ratios, np.inf)) if control else np.argmax(ratios))
    factor = _factor(dtype) if control else 1.0
    obstacle = ""
    if control and ratios[worst] < factor:
        if dtype in HALF:
            obstacle = f"{dtype} cannot tell a gradient of this size from round-off"
        elif tells is not None and not tells.any():
            obstacle = f"with so few values the ReLU is on for all, or off for all, or ε alone moves the output: {DRAWS} draws"
    return Measurement(
        case=f"{case}, in chunks",
        bias="b",
        quantity="bias gradient",
        dtype=dtype,
        device="cpu",
        count=run.statistics.count,
        measured=float(measured[worst]),
        bound=float(run.bound[worst]),
        expected="above" if control else "below",
        factor=factor,
        obstacle=obstacle,
    )


def _block(layer: Layer, dtype: str, seed: int, relu: bool, block: int) -> tuple[Array, Array]:
    """Values and cotangents of one block, (channels, BLOCK), in the dtype or, for half types, float32."""
    wide = np.float64 if dtype == "float64" else np.float32
    weights, data = np.random.default_rng([seed, 0]), np.random.default_rng([seed, 1, block])  # the same weights in every block
    z = layer(weights, data, wide)
    g: Any = data.standard_normal(z.shape, wide)
    return z, np.abs(g) * (z > 0) if relu else g


def _linear(weights: np.random.Generator, data: np.random.Generator, kind: Any) -> Array:
    return _weighted(weights, data.standard_normal((INPUTS, BLOCK), kind))


def _conv(weights: np.random.Generator, data: np.random.Generator, kind: Any) -> Array:
    images = BLOCK // SIZE**2
    x = np.pad(data.standard_normal((INPUTS, images, SIZE, SIZE), kind), ((0, 0), (0, 0), (1, 1), (1, 1)))
    taps = [x[:, :, i : i + SIZE, j : j + SIZE] for i in range(3) for j in range(3)]
    return _weighted(weights, np.concatenate(taps).reshape(9 * INPUTS, BLOCK))


def _weighted(weights: np.random.Generator, x: Array) -> Array:
    """Random sums of the rows of x plus a bias; row by row, since a matrix product's rounding may depend on its size."""
    w = weights.standard_normal((CHANNELS, len(x), 1), x.dtype)
    z = np.repeat(weights.standard_normal((CHANNELS, 1), x.dtype), x.shape[1], 1)
    for f in range(len(x)):
        z += w[:, f] * x[f]
    return z


LAYERS: dict[str, Layer] = {"linear": _linear, "conv": _conv}
"""(generator of weights, generator of data, dtype) → values, (CHANNELS, BLOCK)."""
