"""Random programs, by seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

import jax
import numpy as np

from .builder import Builder
from .shapes import F64, SIZES, thinned

INTS = tuple(np.dtype(d) for d in (np.int32, np.int32, np.int8, np.uint8))


@dataclass(frozen=True)
class Program:
    """A function of arrays, their shapes and dtypes, and which of them are tracked."""

    seed: int
    function: Callable[..., tuple[Any, ...]]
    inputs: tuple[tuple[tuple[int, ...], np.dtype[Any]], ...]
    tracked: tuple[int, ...]

    def trace(self) -> Any:
        """The program as a ClosedJaxpr, in 64 bits."""
        with jax.enable_x64(True):
            return jax.make_jaxpr(self.function)(*(jax.ShapeDtypeStruct(*one) for one in self.inputs))


def program(seed: int) -> Program:
    """The program of this seed."""
    rng = Random(seed)
    shape = tuple(rng.choice(SIZES) for _ in range(rng.choice((1, 2, 2, 3, 3, 4))))
    if rng.random() < 0.04:
        axis = rng.randrange(len(shape))
        shape = (*shape[:axis], 0, *shape[axis + 1 :])
    inputs: list[tuple[tuple[int, ...], np.dtype[Any]]] = [(shape, F64)]
    if rng.random() < 0.5:
        inputs.append((shape if rng.random() < 0.6 else thinned(rng, shape), F64))
    if rng.random() < 0.4:
        inputs.append((shape if rng.random() < 0.5 else thinned(rng, shape), np.dtype(bool)))
    if rng.random() < 0.25:
        inputs.append((thinned(rng, shape), rng.choice(INTS)))
    first = len(inputs)
    inputs += [(thinned(rng, shape), F64) for _ in range(rng.choice((1, 1, 2)))]
    order = rng.randrange(1 << 30)

    def function(*arrays: Any) -> tuple[Any, ...]:
        return _outputs(Builder(Random(order), arrays, first))

    return Program(seed, function, tuple(inputs), tuple(range(first, len(inputs))))


def _outputs(builder: Builder) -> tuple[Any, ...]:
    """All operations; the last few floating values are the outputs."""
    rng = builder.rng
    start = builder.values[0]
    if rng.random() < 0.25:
        start = builder.matrix(start) if rng.random() < 0.6 else builder.convolution(start)
    shifted = start
    for shift in builder.shifts:
        shifted = builder.shifted(shifted, shift)
        if rng.random() < 0.3:
            shifted = builder.values[-1] if builder.step(shifted) else shifted
    builder.values.append(shifted)
    outputs: list[Any] = []
    for _ in range(rng.randrange(1, 9)):
        builder.step()
    for _ in range(rng.randrange(1, 4)):
        value = builder.floating()
        outputs.append(builder.normalised(value) if rng.random() < 0.75 else value)
        for _ in range(rng.choice((0, 0, 1))):
            builder.values.append(outputs[-1])
            if builder.step(outputs[-1]):
                outputs.append(builder.values[-1])
    return tuple(outputs)
