"""A user's function traced once in one dtype: the program that is decided is the program that is measured.

It is traced once since a function may be another one the next time, by state of its own; what it captures and what it draws without a
key are constants of the trace.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jax.extend.core import ClosedJaxpr, jaxpr_as_fun

from ...errors import CheckError
from ...foreign import quoted
from ...jaxpr import opened
from ...numeric.roundoff.precision import computing, storage
from ..reasons import source_line
from .arguments import Arguments

_VALUES = (
    jax.errors.ConcretizationTypeError,
    jax.errors.TracerArrayConversionError,
    jax.errors.TracerIntegerConversionError,
    jax.errors.NonConcreteBooleanIndexError,
)
_HINT = (
    "A function is traced, without numbers: choose by jnp.where or jax.lax.cond, use jax.numpy in NumPy's place, "
    "and capture what sizes and branches hang on"
)


@dataclass(frozen=True)
class Traced:
    """A function's program in one dtype.

    - jaxpr: a ClosedJaxpr of the argument arrays, in order; its one output holds all floating outputs, raveled and joined if they are
      several;
    - notes: what a reader should know of it: outputs left out, other dtypes inside.
    """

    jaxpr: Any
    dtype: str
    notes: tuple[str, ...]

    def __call__(self, *values: Any) -> Any:
        """The floating outputs for these arrays."""
        (output,) = jaxpr_as_fun(self.jaxpr)(*values)
        return output


def traced(arguments: Arguments, dtype: str, title: str, has_aux: bool = False) -> Traced:
    """Traces the function with its floating arguments in that dtype; of (outputs, aux), if `has_aux`, the outputs.

    Raises CheckError, quoting the error and its place, where it cannot be traced, and where it has no floating output.
    """
    kind = storage(dtype)
    structs = [
        jax.ShapeDtypeStruct(leaf.shape, kind if leaf.kind == "floating" else leaf.value.dtype) for leaf in arguments.arrays
    ]
    left_out: list[bool] = []

    def flat(*values: Any) -> Any:
        outputs = _outputs(arguments.call(values), has_aux, title)
        leaves = [
            leaf for leaf in jax.tree.leaves(outputs) if hasattr(leaf, "dtype") or type(leaf) in (bool, int, float, complex)
        ]
        floats = [part for leaf in map(jnp.asarray, leaves) for part in _real_parts(leaf) if part.size]
        left_out[:] = [True for leaf in map(jnp.asarray, leaves) if not jnp.issubdtype(leaf.dtype, np.inexact)]
        if not floats:
            returned = ", ".join(f"{leaf.dtype}{list(leaf.shape)}" for leaf in map(jnp.asarray, leaves)) or "no array"
            raise CheckError(f"`{title}` has no floating output to measure: it returns {returned}")
        return floats[0] if len(floats) == 1 else jnp.concatenate([jnp.ravel(part) for part in floats])

    try:
        with computing(dtype):
            jaxpr = _own_constants(jax.make_jaxpr(flat)(*structs))
    except CheckError:
        raise
    except SystemExit as end:
        raise CheckError(f"`{title}` ends the program when it is called, with exit code {end.code}") from end
    except Exception as error:
        hint = f"\n{_HINT}" if isinstance(error, _VALUES) else ""
        shapes = ", ".join(f"{leaf.name} {list(leaf.shape)}" for leaf in arguments.arrays[:6])
        raise CheckError(f"`{title}` cannot be traced with {shapes or 'no arguments'}: {quoted(error)}{hint}") from error
    if stale := _stale(jaxpr, dtype):
        raise CheckError(
            f"a derivative rule (custom_vjp) in `{title}` uses an array, {stale}, that `{title}` makes while it is traced, so that its "
            "gradient is lost, in jax.grad(jax.jit(…)) too: make that array outside, or pass it on with the rule's residuals"
        )
    notes = [f"nothing is said about the outputs of `{title}` that are no floating numbers"] if left_out else []
    return Traced(jaxpr, dtype, (*notes, *_elsewhere(jaxpr, kind, title)))


def _outputs(returned: Any, has_aux: bool, title: str) -> Any:
    if not has_aux:
        return returned
    if not (isinstance(returned, tuple) and len(returned) == 2):
        one = "an array" if isinstance(returned, jax.Array) else f"a {type(returned).__name__}"
        got = f"{len(returned)} values" if isinstance(returned, tuple) else one
        raise CheckError(f"has_aux=True says that `{title}` returns (outputs, aux), but it returns {got}")
    return returned[0]


def _real_parts(leaf: Any) -> list[Any]:
    if jnp.issubdtype(leaf.dtype, np.complexfloating):
        return [jnp.real(leaf), jnp.imag(leaf)]
    return [leaf] if jnp.issubdtype(leaf.dtype, np.floating) else []


def _own_constants(jaxpr: Any) -> Any:
    """The same with NumPy's constants copied, in the dtype that the trace reads them in.

    JAX remembers by an array's identity what it made of it, in another dtype after a change to or from 64-bit mode.
    """
    constants = [
        np.array(value, variable.aval.dtype) if isinstance(value, np.ndarray) else value
        for value, variable in zip(jaxpr.consts, jaxpr.jaxpr.constvars, strict=True)
    ]
    return ClosedJaxpr(jaxpr.jaxpr, constants)


def _stale(jaxpr: Any, dtype: str) -> str:
    """An array of the trace that a derivative rule holds on to, in words; empty if none does, or there is no gradient at all."""
    if not any(equation.primitive.name.startswith("custom_vjp") for equation in equations(jaxpr)):
        return ""
    chosen = [k for k, aval in enumerate(jaxpr.in_avals) if jnp.issubdtype(aval.dtype, np.floating)]

    def pulled(values: Any, ct: Any) -> Any:
        def of(*some: Any) -> Any:
            return jaxpr_as_fun(jaxpr)(*(dict(zip(chosen, some, strict=True)).get(k, value) for k, value in enumerate(values)))[
                0
            ]

        return jax.vjp(of, *(values[k] for k in chosen))[1](ct)

    try:
        with computing(dtype):
            made = jax.make_jaxpr(pulled)(*(jax.tree.map(_struct, of) for of in (list(jaxpr.in_avals), jaxpr.out_avals[0])))
    except Exception:  # JAX's, of many kinds, and the rule's own: a gradient that is missing is found where one is asked for
        return ""
    held = (value for one in _programs(made) for value in opened(one)[1] if isinstance(value, Tracer))
    return next((f"{value.dtype}{list(value.shape)}" for value in held), "")


def _struct(aval: Any) -> Any:
    return jax.ShapeDtypeStruct(aval.shape, aval.dtype)


def _elsewhere(jaxpr: Any, kind: np.dtype[Any], title: str) -> list[str]:
    """Where floating numbers leave the dtype asked for, a sentence for each other dtype, with the first line that does it."""
    met: dict[str, str] = {}
    for equation in equations(jaxpr):
        for variable in equation.outvars:
            dtype = getattr(variable.aval, "dtype", kind)
            if jnp.issubdtype(dtype, np.floating) and dtype != kind and not getattr(variable.aval, "weak_type", False):
                met.setdefault(str(dtype), source_line(equation))
    return [
        f"in {kind.name}, `{title}` computes in {dtype} as well{f', from {where} on' if where else ''}"
        for dtype, where in met.items()
    ]


def equations(program: Any) -> Iterator[Any]:
    """Every equation of a program, those of programs inside of it included."""
    for one in _programs(program):
        yield from opened(one)[0].eqns


def _programs(program: Any) -> Iterator[Any]:
    """A program and all programs inside of it."""
    yield program
    for equation in opened(program)[0].eqns:
        for value in equation.params.values():
            for part in value if isinstance(value, tuple | list) else (value,):
                if hasattr(opened(part)[0], "eqns"):
                    yield from _programs(part)


def largest(jaxpr: Any) -> int:
    """Numbers in the largest value of a program."""
    sizes: Sequence[int] = [
        variable.aval.size for one in equations(jaxpr) for variable in one.outvars if hasattr(variable.aval, "size")
    ]
    return max([1, *sizes, *(aval.size for aval in jaxpr.in_avals if hasattr(aval, "size"))])
