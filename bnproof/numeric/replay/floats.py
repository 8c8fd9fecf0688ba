"""Float64 as what a schedule computes with: each equation as an operation in float64, whatever floating dtype it was traced in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import Primitive

from ...jaxpr import LOOPS, Equation, evaluated, is_symbolic, opened
from .control import control
from .op import IDENTITY, Evaluation, Op
from .operations import complexes, floating, rule, wide
from .schedule import Control, Schedule


@dataclass(frozen=True)
class Floats:
    """Float64. read: what a floating literal or constant stands for, float64 of the same shape; dims: symbolic sizes by name."""

    read: Callable[[np.ndarray], np.ndarray]
    dims: Mapping[str, int]

    def constant(self, value: np.ndarray) -> np.ndarray:
        """A floating one as it is read, a complex one wider, any other as it is."""
        if complexes(value.dtype):
            return np.asarray(value, np.complex128)
        return np.asarray(self.read(value), np.float64) if floating(value.dtype) else value

    def step(self, equation: Equation, scheduled: Callable[[Any], Schedule]) -> Op | Control:
        """The equation's operation; loops and branches run in Python."""
        if equation.primitive.name in LOOPS:
            return control(equation, scheduled, self.dims)
        made = operation(equation, self.dims, lambda program: _retyped(program, scheduled))
        made.traced = shapes(equation, self.dims)
        return made


_POSITIONAL = {"psum": "reduce_sum", "pmax": "reduce_max", "pmin": "reduce_min"}
"""Reductions over named axes, and the operations that they are over numbered ones."""


def operation(equation: Equation, dims: Mapping[str, int], retyped: Callable[[Any], Any]) -> Op:
    """The equation as an operation in float64. `retyped`: the program in one of its parameters, made for float64.

    `bitcast_convert_type` works on the bits of the traced dtype, since random numbers are made from them.
    """
    primitive: Primitive = equation.primitive
    read, written = ([v.aval.dtype for v in side] for side in (equation.invars, equation.outvars))
    if primitive.name in _POSITIONAL and len(read) == 1 and equation.params["axis_index_groups"] is None:
        name, axes = _POSITIONAL[primitive.name], equation.params["axes"]
        if all(isinstance(axis, int) for axis in axes):  # under vmap it is a reduction like any other
            reduced = {"axes": axes}
            by = rule(name, reduced, read, written[0], shapes(equation, dims))
            return Op(name, reduced, lambda x: [getattr(jnp, name.removeprefix("reduce_"))(x, axes)], by, (read[0], written[0]))
    params = {name: _value(value, dims, retyped) for name, value in equation.params.items()}
    if primitive.name == "bitcast_convert_type":
        params = {**equation.params, "from": read[0]}

    def bind(*inputs: Any) -> Sequence[Any]:
        if primitive.name in IDENTITY:
            return inputs
        if primitive.name == "bitcast_convert_type":
            y: Any = jax.lax.bitcast_convert_type(inputs[0].astype(read[0]), written[0])
            return [y.astype(np.float64) if floating(written[0]) else y]
        outputs: Any = primitive.bind(*inputs, **params)
        return outputs if primitive.multiple_results else [outputs]

    if not written:  # it is run for its effect alone
        return Op(primitive.name, params, bind)
    dtypes = (read[0] if read else written[0], written[0])
    op = Op(primitive.name, params, bind, rule(primitive.name, params, read, written[0], shapes(equation, dims)), dtypes)
    if _is_algorithm(equation.params.get("precision")):
        op.algorithm = str(equation.params["precision"])
    return op


def shapes(equation: Equation, dims: Mapping[str, int]) -> list[tuple[int, ...]]:
    """The shapes of an equation's operands, then of its results, in ints."""
    avals = [v.aval for v in (*equation.invars, *equation.outvars)]
    return [tuple([evaluated(size, dims) for size in getattr(aval, "shape", ())]) for aval in avals]


def _value(value: Any, dims: Mapping[str, int], retyped: Callable[[Any], Any]) -> Any:
    """A parameter with symbolic dimensions as integers, floating and complex dtypes made wide, and programs retyped."""
    if is_symbolic(value):
        return evaluated(value, dims)
    if isinstance(value, tuple):
        parts = [_value(part, dims, retyped) for part in value]
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    if isinstance(value, np.dtype | type) and (floating(value) or complexes(value)):
        return np.dtype(wide(value))
    if _is_algorithm(value):  # made for narrower formats
        return None
    return retyped(value) if hasattr(value, "eqns") else value


def _is_algorithm(precision: Any) -> bool:
    return type(precision).__name__.startswith("DotAlgorithm")


def _retyped(program: Any, scheduled: Callable[[Any], Schedule]) -> Any:
    """The program inside a parameter (how `reduce` or `scatter-add` combine two numbers), traced again in float64."""
    schedule, avals = scheduled(program), [v.aval for v in opened(program)[0].invars]
    structs = [jax.ShapeDtypeStruct(a.shape, wide(a.dtype)) for a in avals]
    traced = jax.make_jaxpr(lambda *xs: schedule.run(xs, Evaluation(traced=True)))(*structs)
    return _RETYPED.setdefault(f"{type(program)} {traced}", traced if isinstance(program, type(traced)) else opened(traced)[0])


_RETYPED: dict[str, Any] = {}
"""One object for equal programs, so that JAX finds what it compiled for them."""
