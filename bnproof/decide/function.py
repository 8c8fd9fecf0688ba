"""A Python function of named arrays as a program: what every front end comes down to."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .program import Program
from .route import Layers
from .sampling import draw, key

MOST = 10**9
"""Numbers in all values of a program up to which it is run, 8 GB in float64."""
Named = Mapping[str, Any]
Function = Callable[[Named], tuple[Sequence[Any], Mapping[str, Any]]]
"""Named arrays → (outputs, updated statistics by name)."""


def trace_function(
    function: Function,
    inputs: Named,
    mode: str,
    *,
    sizes: str = "the sizes as traced",
    given: str = "the sizes as traced",
    dims: Mapping[str, int] | None = None,
    layers: Layers | None = None,
    sample: Callable[[int], list[Any]] | None = None,
) -> Program:
    """The program of `function` for inputs of these shapes and dtypes (ShapeDtypeStructs, in order).

    Without `sample`, runs draw numbers by name (see `sampling.draw`), symbolic sizes being `dims`; a program of more than `MOST`
    numbers is not run. Raises what tracing raises.
    """
    names = tuple(inputs)
    counts: list[int] = []
    updated: list[str] = []

    def flat(*values: Any) -> list[Any]:
        outputs, statistics = function(dict(zip(names, values, strict=True)))
        counts.append(len(outputs))
        updated[:] = list(statistics)
        return [*outputs, *statistics.values()]

    jaxpr = jax.make_jaxpr(flat)(*inputs.values())

    def drawn(seed: int) -> list[Any]:
        generator = np.random.default_rng(seed)
        return [_draw(generator, seed, name, struct, dims or {}) for name, struct in inputs.items()]

    def gradient(wanted: Sequence[str]) -> Any:
        def pulled(*values: Any) -> Any:
            named, cotangents = dict(zip(names, values, strict=False)), values[len(names) :]
            _, pull = jax.vjp(
                lambda *chosen: list(function({**named, **dict(zip(wanted, chosen, strict=True))})[0]),
                *[named[name] for name in wanted],
            )
            return pull(list(cotangents))

        outputs = jaxpr.out_avals[: counts[0]]
        structs = [jax.ShapeDtypeStruct(aval.shape, aval.dtype) for aval in (*jaxpr.in_avals, *outputs)]
        return jax.make_jaxpr(pulled)(*structs)

    runnable = sample or (drawn if _numbers(jaxpr, dims or {}) <= MOST else None)
    return Program(jaxpr, names, counts[0], tuple(updated), mode, runnable, gradient, sizes, given, dims or {}, layers or {})


def _numbers(jaxpr: Any, dims: Mapping[str, int]) -> float:
    """How many numbers a run holds, nested programs left out."""
    values = (variable.aval for equation in jaxpr.jaxpr.eqns for variable in equation.outvars)
    return sum(math.prod(float(_size(n, dims)) for n in getattr(aval, "shape", ())) for aval in (*jaxpr.in_avals, *values))


def _size(length: Any, dims: Mapping[str, int]) -> int:
    return length if isinstance(length, int) else int(length._evaluate(dims))


def _draw(generator: np.random.Generator, seed: int, name: str, struct: Any, dims: Mapping[str, int]) -> Any:
    shape = tuple(size if isinstance(size, int) else dims[str(size)] for size in struct.shape)
    if jnp.issubdtype(struct.dtype, jax.dtypes.prng_key):
        return key(seed)
    values = draw(generator, name, shape)
    if np.issubdtype(struct.dtype, np.bool_):
        return values > 0
    if np.issubdtype(struct.dtype, np.integer):
        return np.abs(values * 4).astype(struct.dtype)
    return values
