"""A Python function of named arrays as a program: what every front end comes down to."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..jaxpr import evaluated
from ..modes import Mode
from .positive import positive_inputs
from .program import Program
from .route import Layers
from .sampling import draw, key

EASY = 10**8
"""Numbers in all values of a program up to which it is run at the sizes asked for, 0.8 GB in float64; beyond, at fewer if it may be."""
MOST = 10**9
"""Numbers in all values of a program up to which it is run at all."""
Named = Mapping[str, Any]
Function = Callable[[Named], Any]
"""Named arrays → (outputs, updated statistics by name), or the outputs alone; outputs are arrays in any pytree."""


def trace_function(
    function: Function,
    inputs: Named,
    mode: Mode,
    *,
    sizes: str = "the sizes as traced",
    given: str | Callable[[Mapping[str, int]], str] = "the sizes as traced",
    dims: Mapping[str, int] | None = None,
    fewer: Mapping[str, int] | None = None,
    layers: Layers | None = None,
    sample: Callable[[int], list[Any]] | None = None,
    statistics: bool = True,
) -> Program:
    """The program of `function` for inputs of these shapes and dtypes (ShapeDtypeStructs by name, in order).

    The function takes one mapping of arrays by name. It returns a pair (outputs, statistics): the outputs are arrays in any pytree (a
    single one, a list, nested dicts), which verdicts are about, in the order of `jax.tree.leaves`; the statistics are a mapping
    from name to updated array, reported apart. With `statistics=False` it returns the outputs alone.

    Without `sample`, runs draw numbers by name (see `sampling.draw`), symbolic sizes being `dims`, or `fewer` where these make more
    than `EASY` numbers; a program of more than `MOST` is not run. `sizes` says for which sizes it was traced, `given` at which it is
    run, in words or as a function of the symbolic ones. Raises what tracing raises.
    """
    names = tuple(inputs)
    counts: list[int] = []
    updated: list[str] = []

    def split(named: Named) -> tuple[list[Any], Mapping[str, Any]]:
        returned = function(named)
        outputs, new = returned if statistics else (returned, dict[str, Any]())
        return jax.tree.leaves(outputs), new

    def flat(*values: Any) -> list[Any]:
        outputs, new = split(dict(zip(names, values, strict=True)))
        counts.append(len(outputs))
        updated[:] = list(new)
        return [*outputs, *new.values()]

    jaxpr = jax.make_jaxpr(flat)(*inputs.values())

    at = dict(dims or {})
    if fewer and numbers_in(jaxpr, at) > EASY:
        at |= {name: min(size, at[name]) for name, size in fewer.items()}
    count, positive = numbers_in(jaxpr, at), positive_inputs(jaxpr)

    def drawn(seed: int) -> list[Any]:
        generator = np.random.default_rng(seed)
        return [_draw(generator, seed, name, struct, at, k in positive) for k, (name, struct) in enumerate(inputs.items())]

    def gradient(wanted: Sequence[str]) -> Any:
        def pulled(*values: Any) -> Any:
            named, cotangents = dict(zip(names, values, strict=False)), values[len(names) :]
            _, pull = jax.vjp(
                lambda *chosen: _inexact(split({**named, **dict(zip(wanted, chosen, strict=True))})[0]),
                *[named[name] for name in wanted],
            )
            return pull(list(cotangents))

        outputs = _inexact(jaxpr.out_avals[: counts[0]])
        structs = [jax.ShapeDtypeStruct(aval.shape, aval.dtype) for aval in (*jaxpr.in_avals, *outputs)]
        return jax.make_jaxpr(pulled)(*structs)

    few = sample is not None or count <= MOST
    return Program(
        jaxpr,
        names,
        counts[0],
        tuple(updated),
        mode,
        (sample or drawn) if few else None,
        gradient,
        sizes,
        given if isinstance(given, str) else given(at),
        at,
        layers or {},
        ""
        if few
        else f"about {count / 1e9:.0f} billion numbers are too many (limit {MOST // 10**9} billion): ask about smaller sizes",
    )


def _inexact(values: Sequence[Any]) -> list[Any]:
    """Those that have derivatives: floating and complex ones."""
    return [value for value in values if jnp.issubdtype(value.dtype, jnp.inexact)]


def numbers_in(jaxpr: Any, dims: Mapping[str, int]) -> float:
    """How many numbers a run of a program holds, nested programs left out."""
    values = (variable.aval for equation in jaxpr.jaxpr.eqns for variable in equation.outvars)
    return sum(math.prod(float(evaluated(n, dims)) for n in getattr(aval, "shape", ())) for aval in (*jaxpr.in_avals, *values))


def _draw(generator: np.random.Generator, seed: int, name: str, struct: Any, dims: Mapping[str, int], positive: bool) -> Any:
    shape = tuple(evaluated(size, dims) for size in struct.shape)
    if jnp.issubdtype(struct.dtype, jax.dtypes.prng_key):
        return key(seed)
    values = draw(generator, name, shape, positive)
    if np.issubdtype(struct.dtype, np.bool_):
        return values > 0
    if np.issubdtype(struct.dtype, np.integer):
        return np.abs(values * 4).astype(struct.dtype)
    return values
