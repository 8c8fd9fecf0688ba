"""Compiled programs with a sum inside, and the depth of its tree as it is seen from outside: by what is planted in the input.

An identity convolution passes the numbers on exactly, so the sum behind it adds up what was planted: a huge number, its negative, and
small ones everywhere else, of which those added before the two meet are lost (`reduction_tree`).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from bnproof.numeric.roundoff.precision import computing, storage
from bnproof.numeric.roundoff.reduction_tree import tree_depth
from bnproof.numeric.roundoff.sum_depth import SumDepth

PLANTED = {"float64": (2.0**600, 1.0), "float32": (2.0**100, 1.0), "bfloat16": (2.0**100, 1.0), "float16": (2.0**15, 2.0**-24)}
"""A huge number and a small one: thousands of small ones are lost beside the huge one, in float32 accumulators too."""
SIZES = (1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 16, 17, 32, 33, 40)


@dataclass(frozen=True)
class Program:
    """Centring behind an identity convolution, over some axes; what is fused into the sums and returned besides is a matter of `parts`."""

    dtype: str
    channels: int
    shape: tuple[int, ...]
    axes: tuple[int, ...]
    parts: frozenset[str]

    @property
    def count(self) -> int:
        """Terms of one sum."""
        return math.prod(self.shape[axis] for axis in self.axes)

    def __call__(self, x: Any, ones: Any, zeros: Any) -> dict[str, Any]:
        """The sum, the centred numbers, and what else may be made from them."""

        def total(z: Any) -> Any:
            return jnp.expand_dims(lax.reduce_sum_p.bind(z, axes=self.axes, out_sharding=None), self.axes)

        z = identity_convolution(x, self.channels) if "convolution" in self.parts else x
        if "product" in self.parts:
            z = z * ones
        if "addition" in self.parts:
            z = z + zeros
        if "conversion" in self.parts:
            z = z * ones.astype(jnp.bfloat16).astype(z.dtype)
        if "choice" in self.parts:
            z = jnp.where(ones > 0.5, z, jnp.exp(zeros) * ones)
        added = total(z)
        centred = z - added / self.count
        found = {"centred": centred}
        if "sum" in self.parts:
            found["sum"] = added
        if "variance" in self.parts:
            found["normalised"] = centred / jnp.sqrt(total(centred * centred) / self.count + 1e-5)
        if "gradient" in self.parts:
            found["gradient"] = total(z * zeros)
        return found


PARTS = ("convolution", "product", "addition", "conversion", "choice", "sum", "variance", "gradient")


def identity_convolution(x: Any, channels: int) -> Any:
    """A convolution with kernels of size 1 that copies its input; `channels` is the axis of channels, 1 or the last."""
    size, places = x.shape[channels], x.ndim - 2
    letters = "HW"[:places]
    data, kernel = ("NC" + letters, "OI" + letters) if channels == 1 else ("N" + letters + "C", letters + "IO")
    eye = jnp.eye(size, dtype=x.dtype).reshape((size, size) + (1,) * places if channels == 1 else (1,) * places + (size, size))
    return lax.conv_general_dilated(x, eye, (1,) * places, "VALID", dimension_numbers=(data, kernel, data))


def random_program(random: np.random.Generator) -> Program:
    """Of rank 3 or 4, in any dtype, the axes those of batch normalisation or any."""
    dtype = str(random.choice([*PLANTED]))
    rank = int(random.integers(3, 5))
    channels = int(random.choice([1, rank - 1]))
    while True:
        shape = tuple(int(size) for size in random.choice(SIZES, rank))
        some = sorted(int(axis) for axis in random.choice(rank, int(random.integers(1, rank)), replace=False))
        axes = tuple(axis for axis in range(rank) if axis != channels) if random.random() < 0.6 else tuple(some)
        parts = frozenset(part for part in PARTS if random.random() < 0.4)
        program = Program(dtype, channels, shape, axes, parts)
        if 3 <= program.count <= (200 if dtype == "bfloat16" else 700) and math.prod(shape) < 40_000:
            return program


@dataclass(frozen=True)
class Compiled:
    """A compiled program: `run` for an input, what is found in its text."""

    program: Program
    run: Callable[[np.ndarray], dict[str, Any]]
    text: str
    depth: SumDepth

    @property
    def bound(self) -> float:
        """The depth that the text gives for the sum over the numbers."""
        return self.depth(self.program.shape, self.program.axes, storage(self.program.dtype))

    def depth_seen(self, output: str) -> int:
        """The depth of the tree behind `sum`, or behind the mean in `centred`, as it runs in this very program."""
        program = self.program
        huge, small = PLANTED[program.dtype]
        first = tuple(slice(None) if axis in program.axes else 0 for axis in range(len(program.shape)))
        given = np.full(program.shape, small).astype(storage(program.dtype))

        def total(flat: np.ndarray) -> float:
            planted = np.where(np.abs(flat) > 1, np.sign(flat) * huge, small)
            given[first] = planted.reshape([program.shape[axis] for axis in program.axes])
            found = np.asarray(self.run(given)[output]).astype(np.float64)[first].reshape(-1) / small
            if output == "sum":
                return float(found[0])
            return (
                1 - float(found[np.flatnonzero(np.abs(flat) == 1)[0]])
            ) * program.count  # one that is 1 itself, less the mean

        return tree_depth([total], program.count, "float64" if program.dtype == "float64" else "float32")


@functools.cache
def compiled(program: Program) -> Compiled:
    """The program compiled for constants that change nothing."""
    kind = storage(program.dtype)
    with computing(program.dtype):
        ones, zeros = np.ones(program.shape, kind), np.zeros(program.shape, kind)
        traced = jax.jit(program).trace(ones, ones, zeros)
        built = traced.lower().compile()
        text = built.as_text() or ""

        def run(x: np.ndarray) -> dict[str, Any]:
            with computing(program.dtype):
                return built(x, ones, zeros)

        return Compiled(program, run, text, SumDepth(text, traced.jaxpr))
