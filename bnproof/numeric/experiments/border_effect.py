"""Conv → Conv → BN: how much the first bias moves the output through a zero-padded border, against the size of the image.

Source: theorems `first_bias_survives_of_zero_padded_second_convolution` and
`first_bias_cancels_of_borderless_second_convolution`, claim S4.f.
"""

from __future__ import annotations

from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from ..roundoff.precision import UNIT_ROUNDOFF, computing
from .experiment import Experiment, Series, shown
from .network import batch_norm, convolve
from .seeds import BAND, over_seeds


def border_effect(sizes: Sequence[int] = (4, 8, 16, 32, 64), seeds: int = 10) -> Experiment:
    """Root mean square and largest change of the normalised output as the first bias goes from 0 to random."""
    zero = np.array([moves(size, False, seeds) for size in sizes])
    ring = {dtype: np.array([moves(size, True, seeds, dtype) for size in sizes]) for dtype in ("float32", "float64")}
    x = tuple(map(float, sizes))
    rms, most = (np.median(zero[:, :, k], 1) for k in (0, 1))
    share = np.array([(4 * size - 4) / size**2 for size in sizes]) ** 0.5
    fit = share * rms[-1] / share[-1]
    largest = {dtype: values[:, :, 1].max() for dtype, values in ring.items()}
    return Experiment(
        "border_effect",
        "How much of the first bias gets through Conv → Conv → BN, and does the image size matter?",
        (
            *over_seeds("zero padding: root mean square", x, zero[:, :, 0].T),
            Series("√(share of border positions), scaled at the right end", x, tuple(fit.tolist()), kind="reference"),
            *over_seeds("zero padding: largest entry", x, zero[:, :, 1].T),
            *(
                curve
                for dtype, values in ring.items()
                for curve in over_seeds(f"circular padding: largest entry, {dtype}", x, values[:, :, 1].T)
            ),
        ),
        "height and width of the image",
        "change of the normalised output",
        True,
        True,
        f"With zero padding a first bias of deviation 1 moves the outputs by {shown(rms[0])} in root mean square at {sizes[0]}×"
        f"{sizes[0]} and by {shown(rms[-1])} at {sizes[-1]}×{sizes[-1]}: it fades like the root of the share of border positions "
        f"(within {shown(100 * np.abs(rms / fit - 1).max())} %). At the border itself it does not fade: the largest change is "
        f"{shown(most[0])} in the smallest image and {shown(most[-1])} in the largest. With circular padding nothing but round-off "
        "moves: at most "
        f"{shown(largest['float32'] / UNIT_ROUNDOFF['float32'])} u in float32, {shown(largest['float64'] / UNIT_ROUNDOFF['float64'])} u "
        "in float64.",
        {
            "network": "Conv(3 → 8) → Conv(8 → 8) → BN, 3×3 kernels, batch statistics",
            "inputs": "normal, deviation 1",
            "first bias": "normal, deviation 1, against 0",
            "dtype": "float32 unless stated",
            "batch": 4,
            "seeds": seeds,
            "curves": BAND,
        },
        ("first_bias_survives_of_zero_padded_second_convolution", "first_bias_cancels_of_borderless_second_convolution"),
    )


def moves(size: int, circular: bool, seeds: int, dtype: str = "float32") -> NDArray[np.float64]:
    """For each seed the root mean square and the largest |change| of the output, shape (seeds, 2).

    circular: how the second convolution is padded; the first one is padded with zeros.
    """

    @jax.jit
    def change(first: jax.Array, second: jax.Array, bias: jax.Array, x: jax.Array) -> jax.Array:
        z = convolve(x, first)
        after, before = (batch_norm(convolve(a, second, circular), 1, 0) for a in (z + bias, z))
        moved = jnp.abs(after - before)
        return jnp.stack([jnp.sqrt(jnp.mean(moved**2)), jnp.max(moved)])

    with computing(dtype):
        found: list[jax.Array] = []
        for rng in map(np.random.default_rng, range(seeds)):
            # fan-in scaling keeps every layer's values near 1; the images come last, so that all sizes have the same weights
            shapes = ((3, 3, 3, 8), 27**-0.5), ((3, 3, 8, 8), 72**-0.5), ((8,), 1.0), ((4, size, size, 3), 1.0)
            found.append(change(*(jnp.asarray(scale * rng.standard_normal(shape), dtype) for shape, scale in shapes)))
        return np.asarray(found, np.float64)
