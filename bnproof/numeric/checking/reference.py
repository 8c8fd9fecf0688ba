"""Values and gradients of a function as real numbers: what a program's own, made by automatic differentiation, are held against.

JAX differentiates a function by its rules, and by those that a user gave it (custom_jvp, custom_vjp); it lets nothing through a
stop_gradient. `over_the_reals` is the same function without any of these: its program run operation by operation in float64, bodies of
custom rules inlined, stop_gradient the identity. The derivative of that is the derivative of what the function computes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from ...errors import CheckError
from ...host import on_host
from ..replay.op import Evaluation, Op
from ..replay.operations import floating
from ..replay.replay import Replay
from .subject import Arrays

INPUT = "input"
"""How the input is called beside the parameters."""
Function = Callable[[Arrays, Any], Any]
"""(parameters by name, input) → output."""
Exact = Callable[[Arrays, Any, Any], list[Any]]
"""(parameters by name, input x, cotangent c of the output) → [output y, the gradient of Σ c·y for each of `differentiated`]."""


@dataclass
class Stopping(Evaluation):
    """An evaluation on tracers that lets no derivative through stop_gradient. `met`: whether there was one."""

    traced: bool = True
    met: bool = False

    def apply(self, op: Op, inputs: Any) -> list[Any]:
        """The outputs of one operation."""
        if op.name != "stop_gradient":
            return super().apply(op, inputs)
        self.met = True
        return [lax.stop_gradient(x) for x in inputs]


def differentiated(params: Any, x: Any) -> dict[int, str]:
    """The arrays by which is differentiated, floating ones: their place among the leaves of (params, x), and their names."""
    paths, _ = jax.tree_util.tree_flatten_with_path((params, x))
    return {k: _name(path) for k, (path, leaf) in enumerate(paths) if is_floating(leaf)}


def is_floating(leaf: Any) -> bool:
    """Whether a leaf is a floating array, not one of integers, Booleans or random keys."""
    return floating(leaf.dtype if hasattr(leaf, "dtype") else np.asarray(leaf).dtype)


def with_gradients(function: Function, called: str = "the function") -> Exact:
    """The function's output and its gradients, by automatic differentiation.

    Raises CheckError where its output has not the shape of the cotangent.
    """

    def program(params: Arrays, x: Any, cotangent: Any) -> list[Any]:
        leaves, tree = jax.tree.flatten((params, x))
        places = list(differentiated(params, x))

        def of(*some: Any) -> Any:
            given = dict(zip(places, some, strict=True))
            return function(*jax.tree.unflatten(tree, [given.get(k, leaf) for k, leaf in enumerate(leaves)]))

        y, pull = jax.vjp(of, *(leaves[k] for k in places))
        if y.shape != cotangent.shape:
            raise CheckError(f"an output of shape {cotangent.shape} is expected, and that of {called} has shape {y.shape}")
        return [y, *pull(cotangent.astype(y.dtype))]

    return program


def over_the_reals(traced: Any, stopped: bool = False) -> Function:
    """A traced function of (params, x) as one of float64 that JAX may differentiate, without anybody's rules for its derivative.

    stopped: whether stop_gradient counts, in bodies of custom rules as elsewhere.
    """
    schedule = Replay(traced).schedule

    def function(params: Arrays, x: Any) -> Any:
        given = schedule.arguments(jax.tree.leaves((params, x)))
        wide = [_as_traced(leaf, dtype) for leaf, dtype in given]
        return schedule.run(wide, Stopping() if stopped else Evaluation(traced=True))[0]

    return function


def stops(traced: Any, params: Any, x: Any) -> bool:
    """Whether a traced function of (params, x) has a stop_gradient that it depends on."""
    schedule, how = Replay(traced).schedule, Stopping()

    def run(*leaves: Any) -> list[Any]:
        return schedule.run([_as_traced(leaf, dtype) for leaf, dtype in schedule.arguments(leaves)], how)

    with on_host():
        jax.eval_shape(run, *jax.tree.leaves((params, x)))
    return how.met


def _as_traced(leaf: Any, dtype: Any) -> Any:
    """A leaf with the dtype that the program was traced with, float64 where that is floating."""
    if jnp.issubdtype(dtype, jax.dtypes.extended):
        return leaf
    return jnp.asarray(leaf).astype(jnp.float64 if floating(dtype) else dtype)


def _name(path: Any) -> str:
    """``gamma``, ``layer.kernel`` for a parameter; ``input`` for the input, with the place in it where it is no single array."""
    side, *rest = path
    parts = [str(getattr(key, "key", getattr(key, "idx", getattr(key, "name", key)))) for key in rest]
    return ".".join([*([INPUT] if side.idx else []), *parts])
