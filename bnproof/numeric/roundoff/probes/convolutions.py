"""Whether a convolution is computed by transforms: Winograd's, or Fourier's, whose round-off no bound over its own products covers.

A direct convolution rounds what it adds up, so an output's error is at most a multiple of u Σ|x w| over the terms that it sees. By
transforms a whole tile, or the whole image, is mixed and unmixed: round-off of one large pixel reaches outputs that do not see it,
relative to the large one. So: small whole numbers everywhere, one pixel so large beside them that the accumulator cannot hold both;
an output that does not see it must be exact. That is asked of both operands, since of the two convolutions of a backward pass one
slides over the cotangent and one takes it as its kernel.

Source: Lavin & Gray (2016), Fast algorithms for convolutional neural networks, CVPR; Higham (2002), ch. 23-24.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ....host import on_host
from ..precision import storage

BIG = {"float64": 2.0**70, "float16": 2.0**15}
"""The large pixel; 2^40 in all other types. With `SMALL` beyond what any accumulator of theirs holds at once."""
SMALL = {"float16": 2.0**-14}
"""The unit of the small numbers; 1 in all other types."""
PLACES = 6
"""Of the large number, in turn: the first, the middle, and random ones."""
TERMS = 64
"""Terms of an output that are not 0, on average: so few that their sum is exact in every type."""
LARGE = 1e8
"""Terms in all from which on only two places are tried."""
Convolve = Callable[[np.ndarray, np.ndarray], Any]
"""(left operand, right operand) → their convolution, in their dtype."""


def by_transforms(convolve: Convolve, exactly: Convolve, shapes: Sequence[Sequence[int]], dtype: str, seed: int = 0) -> bool:
    """Whether an output that does not see the large number is not exact.

    convolve: in the dtype, as it runs; exactly: the same in float64, or by whole numbers; shapes: of the two operands. False also
    where every output sees every pixel, as in a 1 × 1 convolution of one pixel. Raises CheckError for an unknown dtype.
    """
    kind, random = storage(dtype), np.random.default_rng(seed)
    small, big = SMALL.get(kind.name, 1.0), BIG.get(kind.name, 2.0**40)
    ones = [np.ones(shape) for shape in shapes]
    if not all(one.size for one in ones):
        return False
    terms = float(np.max(exactly(*ones), initial=1.0))
    share = min(1.0, TERMS / terms) / 2
    for side in (0, 1):
        size = ones[side].size
        places = (0, size // 2, *random.integers(0, size, PLACES - 2))
        for place in places[: 2 if size * terms > LARGE else None]:
            numbers = [random.choice([-1.0, 1.0], shape) for shape in shapes]
            numbers[side] = small * random.choice([-1.0, 0.0, 1.0], shapes[side], p=[share, 1 - 2 * share, share])
            flags = [*ones]
            flags[side] = np.zeros(shapes[side])
            flags[side].flat[place], numbers[side].flat[place] = 1.0, 0.0
            sees, expected = (np.asarray(exactly(*values)) for values in (flags, numbers))
            numbers[side].flat[place] = big
            found = np.asarray(convolve(*(values.astype(kind) for values in numbers))).astype(np.float64)
            if (found != np.round(expected / small) * small)[sees < 0.5].any():
                return True
    return False


def convolution(params: dict[str, Any], where: Any = None) -> Convolve:
    """A convolution with the parameters of a traced one, compiled for a device; where None: in float64 on the CPU."""
    import jax
    from jax import lax

    named = ("window_strides", "padding", "lhs_dilation", "rhs_dilation", "dimension_numbers")
    kept = {name: params[name] for name in (*named, "feature_group_count", "batch_group_count", "precision")}
    run = jax.jit(lambda x, w: lax.conv_general_dilated(x, w, **kept))

    def convolve(x: np.ndarray, w: np.ndarray) -> np.ndarray:
        if where is None:
            with on_host():
                return np.asarray(run(x, w))
        with jax.default_device(where):
            return np.asarray(run(x, w))

    return convolve
