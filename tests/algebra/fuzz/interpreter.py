"""A program run in float64, by NumPy where it can."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax.extend.core import Literal

from .primitives import NUMPY, UndefinedRunError


def dtype_of(aval: Any) -> Any:
    """The dtype of an abstract value."""
    return aval.dtype


def run(jaxpr: Any, constants: Sequence[Any], arrays: Sequence[Any]) -> list[Any]:
    """The outputs, with every intermediate checked. Raises UndefinedRunError."""
    known: dict[Any, Any] = dict(zip(jaxpr.constvars, map(np.asarray, constants), strict=True))
    known.update(zip(jaxpr.invars, arrays, strict=True))

    def value(var: Any) -> Any:
        return np.asarray(var.val, dtype_of(var.aval)) if isinstance(var, Literal) else known[var]

    for equation in jaxpr.eqns:
        results = _equation(equation, [value(var) for var in equation.invars])
        for var, found in zip(equation.outvars, results, strict=True):
            found = np.asarray(found)
            assert found.shape == var.aval.shape, equation
            assert found.dtype == var.aval.dtype, equation
            if found.dtype.kind == "f" and not np.all((found == -np.inf) | (np.abs(found) < 1e6)):
                raise UndefinedRunError
            known[var] = found
    return [value(var) for var in jaxpr.outvars]


def _equation(equation: Any, values: list[Any]) -> Sequence[Any]:
    name, params = equation.primitive.name, equation.params
    if name in ("jit", "custom_jvp_call", "closed_call", "eval_jaxpr"):
        inner = params["jaxpr"] if "jaxpr" in params else params["call_jaxpr"]
        return run(inner.jaxpr, inner.consts, values)
    if name == "cond":
        branches = params["branches"]
        inner = branches[min(max(int(values[0]), 0), len(branches) - 1)]
        return run(inner.jaxpr, inner.consts, values[1:])
    if name == "scan":
        return _scan(params, equation, values)
    if name == "while":
        first, second = params["cond_nconsts"], params["body_nconsts"]
        test, body, carry = params["cond_jaxpr"], params["body_jaxpr"], values[first + second :]
        while run(test.jaxpr, test.consts, [*values[:first], *carry])[0]:
            carry = run(body.jaxpr, body.consts, [*values[first : first + second], *carry])
        return carry
    function = NUMPY.get(name)
    found = NotImplemented if function is None else function(params, *values)
    if found is not NotImplemented:
        return found if equation.primitive.multiple_results else [found]
    results = equation.primitive.bind(*map(jnp.asarray, values), **params)
    return list(results) if equation.primitive.multiple_results else [results]


def _scan(params: Any, equation: Any, values: list[Any]) -> Sequence[Any]:
    inner = params["jaxpr"]
    if "num_consts" in params:
        fixed, carried = params["num_consts"], params["num_carry"]
    else:  # JAX 0.12
        fixed, carried = (len([*one.vals]) for one in params["ft_in"].unpack()[:2])
    carry, length = values[fixed : fixed + carried], params["length"]
    rounds: list[list[Any]] = []
    order = range(length)[::-1] if params["reverse"] else range(length)
    for k in order:
        found = run(inner.jaxpr, inner.consts, [*values[:fixed], *carry, *(v[k] for v in values[fixed + carried :])])
        carry = found[:carried]
        rounds.append(found[carried:])
    if params["reverse"]:
        rounds.reverse()
    avals = [var.aval for var in equation.outvars[carried:]]
    stacked = [np.stack([one[k] for one in rounds]) if length else np.zeros(a.shape, a.dtype) for k, a in enumerate(avals)]
    return [*carry, *stacked]
