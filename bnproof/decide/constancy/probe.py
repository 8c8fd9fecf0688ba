"""Where data drop out of a program: the last values that they still move on the way to a constant output.

A loss of the constant tests nothing, whatever it is: every gradient by the data is 0. A random cotangent of one of these values does.
Programs that are called are written out first, so that what is found is an operation of the caller's and no function as a whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import jax
from jax.extend import source_info_util
from jax.extend.core import jaxpr_as_fun

from ...algebra.analysis import analyse
from ...algebra.constants import kind_of
from ...algebra.walk import Place
from ...jaxpr import called, is_literal, opened
from ..function import trace_function
from ..gradient import gradients_zero
from ..program import Program, asked, only
from ..reasons import source_line
from .answer import Probe

MOST = 3
"""Values that are named at most."""
LONGEST = 5000
"""Equations of a program up to which its values are looked at."""


def probes(program: Program, output: int, data: Sequence[str], seed: int) -> tuple[Probe, ...]:
    """The values from which the data drop out on the way to this output, the last ones; empty where they do not lead to it at all."""
    try:
        flat = written_out(program.jaxpr)
    except Exception:  # JAX's, of many kinds: for an equation that cannot be bound again
        flat = program.jaxpr
    inner, _ = opened(flat)
    if len(inner.eqns) > LONGEST:
        return ()
    live = _live(inner, inner.outvars[output])
    variables = list(
        dict.fromkeys(v for k in live for v in (*inner.eqns[k].invars, *inner.eqns[k].outvars) if not is_literal(v))
    )
    positions = {program.inputs.index(name): name for name in data}
    analysis = analyse(asked(flat, variables), positions)
    moved = {v for k, v in enumerate(variables) if analysis.reached([k]).intersection(analysis.inputs.values())}
    found: list[tuple[Any, Any]] = []
    for k in reversed(live):
        equation = inner.eqns[k]
        if any(v in moved for v in equation.outvars):
            continue
        found += [
            (equation, v)
            for v in equation.invars
            if not is_literal(v) and v in moved and kind_of(v.aval.dtype) in "fc" and v not in [known for _, known in found]
        ]
    return tuple(dict.fromkeys(_probe(program, flat, equation, v, data, seed) for equation, v in found[:MOST]))


def written_out(jaxpr: Any) -> Any:
    """The ClosedJaxpr with every program that is simply called in the place of the call, custom derivatives left out."""

    def run(*values: Any) -> list[Any]:
        inner, constants = opened(jaxpr)
        return _run(inner, constants, values)

    return jax.make_jaxpr(run)(*(jax.ShapeDtypeStruct(aval.shape, aval.dtype) for aval in jaxpr.in_avals))


def _run(inner: Any, constants: Sequence[Any], values: Sequence[Any]) -> list[Any]:
    known: dict[Any, Any] = dict(zip((*inner.constvars, *inner.invars), (*constants, *values), strict=True))

    def of(atom: Any) -> Any:
        return atom.val if is_literal(atom) else known[atom]

    for equation in inner.eqns:
        operands = [of(atom) for atom in equation.invars]
        nested = called(equation)
        info: Any = equation.source_info
        stack = source_info_util.current_name_stack() + info.name_stack
        with source_info_util.user_context(info.traceback, name_stack=stack):
            if nested is not None:
                body, fixed = opened(nested)
                results = _run(body, fixed, operands)
            else:
                bound = equation.primitive.get_bind_params(equation.params)
                results = _bind(equation.primitive, bound, operands)
        known.update(zip(equation.outvars, results, strict=True))
    return [of(atom) for atom in inner.outvars]


def _bind(primitive: Any, bound: Any, operands: Sequence[Any]) -> Sequence[Any]:
    """The results; until JAX 0.10 the parameters come as (functions, the others)."""
    functions, params = bound if isinstance(bound, tuple) else ((), bound)
    results = primitive.bind(*functions, *operands, **params)
    return results if primitive.multiple_results else [results]


def leading_to(jaxpr: Any, output: int) -> Any:
    """The ClosedJaxpr with only this output, and without equations that do not lead to it."""
    one = only(jaxpr, [output])
    inner, _ = opened(one)
    kept = [inner.eqns[k] for k in _live(inner, inner.outvars[0])]
    return one.replace(jaxpr=inner.replace(eqns=kept))


def where(program: Program, place: Place | None) -> str:
    """`` of LAYER``, `` at file:line`` of the caller's code or `` of the backward pass``; empty where none is known."""
    if place is None:
        return ""
    layer, source = program.layer(place), source_line(place.equation)
    if layer in program.layers:
        return f" of {layer}"
    if source:
        return f" at {source}"
    return " of the backward pass" if "transpose(" in place.scope else ""


def _live(inner: Any, output: Any) -> list[int]:
    """Numbers of the equations that lead to a variable."""
    wanted, found = {output} if not is_literal(output) else set[Any](), list[int]()
    for k in range(len(inner.eqns) - 1, -1, -1):
        equation = inner.eqns[k]
        if any(v in wanted for v in equation.outvars):
            found.append(k)
            wanted.update(v for v in equation.invars if not is_literal(v))
    return found[::-1]


def _probe(program: Program, flat: Any, equation: Any, variable: Any, data: Sequence[str], seed: int) -> Probe:
    place = Place(equation, ())
    name = equation.primitive.name
    axes = tuple(equation.params["axes"]) if name == "reduce_sum" else ()
    acts = False
    if program.sample is not None:
        one = ending_in(program, asked(flat, [variable]))
        acts = False in gradients_zero(one, data, seed).values()
    return Probe(name, where(program, place), tuple(map(str, variable.aval.shape)), axes, acts)


def ending_in(program: Program, jaxpr: Any) -> Program:
    """The program that ends in one of its values."""
    structs = (jax.ShapeDtypeStruct(aval.shape, aval.dtype) for aval in jaxpr.in_avals)
    traced = trace_function(
        lambda named: jaxpr_as_fun(jaxpr)(*named.values()),
        dict(zip(program.inputs, structs, strict=True)),
        program.mode,
        dims=program.dims,
        sample=program.sample,
        statistics=False,
    )
    return replace(traced, sizes=program.sizes, given=program.given)
