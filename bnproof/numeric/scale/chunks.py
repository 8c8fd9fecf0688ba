"""The bias gradient under batch normalisation of batches larger than memory: chunk by chunk, with sums that are not rounded.

A batch is a function from k to its k-th chunk, made anew for each of three passes, so that one chunk is in memory at a time:

1. Σz and Σz² give the mean μ and the variance v, each rounded once;
2. with s = √(v + ε) and x̂ = (z − μ)/s: Σg and Σg·x̂ give the means m₁ and m₂, each rounded once;
3. dz = κ((g − m₁) − x̂·m₂), with κ = scale/s, is added up to the bias gradient (Ioffe and Szegedy 2015, §3).

The values z, x̂ and dz are computed in the dtype, by operations that round correctly; their sums are exact (`exact_sum`). So every
result is the same to the last bit however the batch is cut.

How far from zero the gradient may be. Write t = fl(g − m₁), p = fl(x̂·m₂), r = fl(t − p), over N values; first order in u:

- Σdz differs from κΣr by at most u|κ|Σ|r|, Σr from Σt − Σp by uΣ|r|;
- |Σt| ≤ uN|m₁| + uΣ|t|, since m₁ is Σg/N rounded once; |Σp| ≤ |m₂||Σx̂| + uΣ|p|;
- |Σx̂| ≤ u(N|μ|/s + 2Σ|x̂|), since μ is Σz/N rounded once and z − μ and its quotient by s are rounded.

So |Σdz| ≤ u|κ|(2Σ|r| + Σ|t| + N|m₁| + Σ|p| + |m₂|(N|μ|/s + 2Σ|x̂|)) + Nη(1 + |κ|(2 + |m₂|)), where η is the smallest positive
number: products, quotients and means may underflow. No term grows faster than the sums themselves: a batch of any size is judged
as sharply as a small one. Errors in v, s and κ do not matter. Source: Higham, Accuracy and Stability of Numerical Algorithms (2002),
§2.1; theorem `bias_gradient_vanishes_of_batch_statistics`. Behind a ReLU, dz is added up where z > 0: the control, which is not 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...errors import CheckError
from ..roundoff.precision import unit
from .exact_sum import ExactSum

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Batch:
    """A batch cut into chunks, and the batch normalisation it goes through.

    - chunks: their number; chunk(k) → values z before the normalisation and cotangents g of its output, both of shape
      (channels, values) and of one floating dtype; called in every pass, and must return the same every time;
    - scale: the factor γ, of shape (channels,); epsilon: added to the variance;
    - relu: whether a ReLU stands between z and the normalisation.
    """

    chunks: int
    chunk: Callable[[int], tuple[Array, Array]]
    scale: Array
    relu: bool = False
    epsilon: float = 1e-5


@dataclass(frozen=True)
class Statistics:
    """Of each channel over the whole batch, (channels,) in float64; each rounded once from its exact value. count: of values."""

    count: int
    mean: Array
    variance: Array


@dataclass(frozen=True)
class Gradient:
    """The bias gradient, its exact sum rounded once to float64, and the bound of this module's docstring; (channels,)."""

    gradient: Array
    bound: Array
    statistics: Statistics


def statistics(batch: Batch) -> Statistics:
    """Mean and variance of what is normalised, in one pass. Raises CheckError for an empty batch and for unusable chunks."""
    return _statistics(_Passes(batch))


def bias_gradient(batch: Batch) -> Gradient:
    """The gradient of Σ g·y with respect to a bias added to z, y being the output of the normalisation, in three passes.

    Raises CheckError for an empty batch, for chunks whose shapes or dtypes do not fit, that change from pass to pass, or that hold
    values that are not finite or too large or small to be added up exactly.
    """
    passes = _Passes(batch)
    found = _statistics(passes)
    kind, n = passes.kind, found.count
    mean = found.mean.astype(kind)[:, None]
    root = np.sqrt(found.variance + batch.epsilon).astype(kind)[:, None]
    factor = batch.scale.astype(kind)[:, None] / root

    sum_g, sum_gx = ExactSum(passes.rows), ExactSum(passes.rows)
    for z, g in passes:
        sum_g.add(g)
        sum_gx.add_products(g, (_input(batch, z) - mean) / root)
    m1, m2 = (np.array([float(f / n) for f in s.fractions()]).astype(kind)[:, None] for s in (sum_g, sum_gx))

    total = ExactSum(passes.rows)
    terms, of_x = np.zeros(passes.rows), np.zeros(passes.rows)
    for z, g in passes:
        x = (_input(batch, z) - mean) / root
        t, p = g - m1, x * m2
        r = t - p
        dz = factor * r
        total.add(np.where(z > 0, dz, 0) if batch.relu else dz)
        terms += 2 * _absolute(r) + _absolute(t) + _absolute(p)
        of_x += 2 * _absolute(x)

    size_m1, size_m2, size_mean, divisor, size_factor = (
        np.abs(y.astype(np.float64))[:, 0] for y in (m1, m2, mean, root, factor)
    )
    first = unit(kind) * size_factor * (terms + n * size_m1 + size_m2 * (n * size_mean / divisor + of_x))
    underflow = n * _smallest(kind) * (1 + size_factor * (2 + size_m2))
    return Gradient(total.floats(), first + underflow, found)


def unrounded_gradient(batch: Batch) -> Array:
    """The same gradient in one piece, in float64 and by plain sums, (channels,): what the values themselves make it, for small batches."""
    z, g = (np.concatenate(some, 1).astype(np.float64) for some in zip(*map(batch.chunk, range(batch.chunks)), strict=True))
    values = _input(batch, z)
    centred = values - values.mean(1, keepdims=True)
    root = np.sqrt(np.square(centred).mean(1, keepdims=True) + batch.epsilon)
    x = centred / root
    dz = batch.scale[:, None] / root * (g - g.mean(1, keepdims=True) - x * (g * x).mean(1, keepdims=True))
    return (np.where(z > 0, dz, 0) if batch.relu else dz).sum(1)


def _statistics(passes: _Passes) -> Statistics:
    batch, n = passes.batch, 0
    sums, squares = ExactSum(passes.rows), ExactSum(passes.rows)
    for z, _ in passes:
        values = _input(batch, z)
        n += values.shape[1]
        sums.add(values)
        squares.add_products(values, values)
    if not n:
        raise CheckError(f"a batch of {batch.chunks} chunks without any value: expected one or more")
    means = [s / n for s in sums.fractions()]
    variances = [q / n - m**2 for q, m in zip(squares.fractions(), means, strict=True)]
    return Statistics(n, np.array([float(m) for m in means]), np.array([float(v) for v in variances]))


@dataclass
class _Passes:
    """Goes over a batch any number of times, and checks that it finds the same."""

    batch: Batch
    kind: np.dtype[Any] = field(init=False)
    _sums: dict[int, tuple[bytes, ...]] = field(default_factory=dict[int, "tuple[bytes, ...]"])

    def __post_init__(self) -> None:
        if self.batch.chunks < 1:
            raise CheckError(f"a batch of {self.batch.chunks} chunks: expected one or more")
        self.kind = self.batch.chunk(0)[0].dtype
        if not unit(self.kind):
            raise CheckError(f"chunk 0 is of dtype {self.kind}: expected float64, float32, bfloat16 or float16")

    @property
    def rows(self) -> int:
        return len(self.batch.scale)

    def __iter__(self) -> Iterator[tuple[Array, Array]]:
        for k in range(self.batch.chunks):
            z, g = self.batch.chunk(k)
            for name, y in (("values", z), ("cotangents", g)):
                if y.dtype != self.kind or y.shape != (self.rows, z.shape[-1]):
                    raise CheckError(
                        f"chunk {k}: {name} of shape {y.shape} and dtype {y.dtype}, "
                        f"expected ({self.rows}, {z.shape[-1]}) and {self.kind}"
                    )
            # one chunk summed twice in the same way gives the same bits, whatever the rounding
            seen = tuple(y.astype(np.float64).sum(1).tobytes() for y in (z, g))
            if self._sums.setdefault(k, seen) != seen:
                raise CheckError(f"chunk {k} changed between two passes: make it from a seed of its own")
            yield z, g


def _input(batch: Batch, z: Array) -> Array:
    return np.maximum(z, 0) if batch.relu else z


def _absolute(values: Array) -> Array:
    return np.abs(values).sum(1, dtype=np.float64)


def _smallest(kind: np.dtype[Any]) -> float:
    import ml_dtypes

    return float(ml_dtypes.finfo(kind).smallest_subnormal)
