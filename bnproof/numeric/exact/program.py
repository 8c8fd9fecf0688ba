"""Enclosures as what a schedule computes with: each equation with its rule for enclosures, and what that costs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ...jaxpr import LOOPS, Equation
from ..replay.floats import operation, shapes
from ..replay.op import IDENTITY, Op
from ..replay.operations import MOVING, floating
from ..replay.schedule import Control, Schedule
from .interval import LOWEST, UNREAD, Enclosure, Undecidable, exactly
from .rules import RULES

PLACING = frozenset(("gather", "dynamic_slice", "split"))
"""Operations that only move entries of their first input, by integers in the others: JAX moves the entries' numbers."""
RANDOM = ("random_", "rng_", "threefry")
"""How names of operations that draw random numbers begin."""
SERIES = frozenset(("exp", "expm1", "log", "log1p", "logistic", "tanh", "erf", "erfc"))
"""Functions that take as long as ten products or more."""

Reader = Callable[[np.ndarray], np.ndarray]
"""A constant array of the program → an object array of Fractions of the same shape (None where there is no number to read)."""


class Enclosing(Op):
    """An operation with its rule for enclosures (inputs → outputs, or None if it has none) and its number of scalar operations."""

    def __init__(self, op: Op, cost: int, enclosing: Callable[[Sequence[Any]], list[Any]] | None) -> None:
        super().__init__(op.name, op.params, op.bind, op.rule)
        self.cost, self.enclosing = cost, enclosing

    def numbers(self, inputs: Sequence[Any]) -> list[Any]:
        """The outputs, each with a copy axis, for inputs with one."""
        if self.enclosing is None:
            raise Undecidable
        sums = self.name.startswith(("reduce_", "dot_", "conv_"))
        if sums and any(isinstance(x, np.ndarray) and not x.size for x in inputs):  # a sum of nothing is no enclosure
            raise Undecidable
        return self.enclosing(inputs)


@dataclass(frozen=True)
class Enclosures:
    """Enclosures; loops and branches have no rule. dims: symbolic sizes by name.

    Constants are held in their own dtype, on which their reading depends, until it is known which are needed: see `read_constants`.
    """

    dims: Mapping[str, int]

    def constant(self, value: np.ndarray) -> np.ndarray:
        """A constant as it is."""
        return value

    def step(self, equation: Equation, scheduled: Callable[[Any], Schedule]) -> Op | Control:
        """The equation's operation. Programs in parameters are left alone: what has some has no rule."""
        del scheduled
        if equation.primitive.name in LOOPS:
            return Enclosing(Op(equation.primitive.name, {}, list), 0, None)
        op = operation(equation, self.dims, lambda program: program)
        read, written = ([v.aval.dtype for v in side] for side in (equation.invars, equation.outvars))
        return Enclosing(op, _cost(op, shapes(equation, self.dims)), _rule(op, read, written))


def affordable(schedule: Schedule, most: int) -> bool:
    """Whether every operation has a rule, and all together take at most this number of scalar operations."""
    steps = [op for op, *_ in schedule.steps]
    known = [op.cost for op in steps if isinstance(op, Enclosing) and op.enclosing is not None]
    return len(known) == len(steps) and sum(known) <= most


def read_constants(schedule: Schedule, read: Reader, most: int) -> bool:
    """Reads all floating constants, unless they have more numbers than this: then it returns False."""
    real = {k: x for k, x in schedule.constants.items() if isinstance(x, np.ndarray) and floating(x.dtype)}
    if sum(x.size for x in real.values()) > most:
        return False
    for k, x in real.items():
        values = np.asarray(read(x.reshape(x.shape[1:])), object).reshape(-1)
        others = [LOWEST if value == -math.inf else UNREAD for value in x.reshape(-1)]
        numbers = [other if value is None else exactly(value) for value, other in zip(values, others, strict=True)]
        schedule.constants[k] = np.empty(x.shape, object)
        schedule.constants[k].reshape(-1)[:] = numbers
    return True


def prepared(arguments: Iterable[tuple[Any, Any]]) -> list[Any]:
    """Arguments, given with their dtypes, with a copy axis of length 1, floating ones as enclosures."""
    return [
        x if _extended(dtype) else objects(np.asarray(x)[None]) if floating(dtype) else np.asarray(x, dtype)[None]
        for x, dtype in arguments
    ]


def objects(x: Any) -> np.ndarray:
    """An array of numbers (or of enclosures already) as enclosures."""
    out = np.empty(x.shape, object)
    out.reshape(-1)[:] = [value if isinstance(value, Enclosure) else exactly(value) for value in x.reshape(-1)]
    return out


def _cost(op: Op, shapes: Sequence[Sequence[int]]) -> int:
    """Scalar operations: entries of the outputs times the numbers that each is made of, for shapes of inputs, then outputs."""
    entries, p = math.prod(shapes[-1]), op.params
    if op.name == "conv_general_dilated":
        return entries * math.prod(shapes[1]) // max(1, shapes[1][p["dimension_numbers"].rhs_spec[0]])
    if op.name == "dot_general":
        return entries * math.prod(shapes[0][a] for a in p["dimension_numbers"][0][0])
    if op.name.startswith("reduce_window"):
        return entries * math.prod(p["window_dimensions"])
    if op.name in SERIES:
        return 10 * entries
    return max(math.prod(shapes[0]), entries) if op.name.startswith("reduce_") else entries


def _rule(op: Op, read: Sequence[Any], written: Sequence[Any]) -> Callable[[Sequence[Any]], list[Any]] | None:
    """What the operation does to arrays with a copy axis, for dtypes of inputs and outputs; None if that is unknown."""
    name, p, native = op.name, op.params, op.numbers
    if name.startswith(RANDOM) or any(_extended(d) or np.issubdtype(d, np.complexfloating) for d in (*read, *written)):
        return None
    real = [floating(d) for d in (*read, *written)]
    if not any(real):
        return native
    if name in IDENTITY:
        return list
    if name == "convert_element_type":  # integers are read exactly, and nothing is rounded from one float to another
        return None if not real[-1] else list if real[0] else lambda xs: [objects(xs[0])]
    if name == "iota":
        return lambda xs: [objects(native(xs)[0])]
    if name in PLACING:
        return None if p.get("fill_value") is not None else lambda xs: _placed(op, xs)
    if name == "select_n" and (len(read) != 3 or read[0].kind != "b"):
        return None
    if (name == "reshape" and p["dimensions"] is not None) or p.get("batch_group_count", 1) != 1:
        return None
    rule = MOVING.get(name) or RULES.get(name)
    return None if rule is None else lambda xs: [rule(p, *xs)]


def _placed(op: Op, inputs: Sequence[Any]) -> list[Any]:
    """The outputs of an operation that moves entries: it moves their numbers in row-major order instead."""
    x = inputs[0]
    numbers = np.arange(math.prod(x.shape[1:])).reshape(1, *x.shape[1:])
    outputs: list[Any] = []
    for moved in Op(op.name, op.params, op.bind).numbers([numbers, *inputs[1:]]):
        if (moved < 0).any():  # filled in from outside of the array
            raise Undecidable
        copies, flat = max(len(x), len(moved)), x.reshape(len(x), -1)
        every, places = (np.broadcast_to(v, (copies, v.shape[1])) for v in (flat, moved.reshape(len(moved), -1)))
        outputs.append(np.take_along_axis(every, places, 1).reshape(copies, *moved.shape[1:]))
    return outputs


def _extended(dtype: Any) -> bool:
    return bool(jnp.issubdtype(dtype, jax.dtypes.extended))
