"""A traced JAX program evaluated again in float64, operation by operation.

Compiling a whole program takes longer than checking it, so each operation is evaluated by itself: the common ones by NumPy
(nothing to compile, microseconds each), all others by JAX, compiled once per operation and shape and reused from one
program to the next. Nested programs are inlined, loops and branches run in Python, and what no output needs is dropped.

Every array in here carries one leading axis more than in the program: the *copy*. Copies are the same program on different
arguments; what is the same in all of them has a leading axis of length 1, and NumPy's broadcasting does the rest. Typed
random keys are never copied and stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jax.extend.core import ClosedJaxpr, Primitive

from .op import IDENTITY, Disturbance, Evaluation, Known, Op, Record
from .operations import Params, floating, joined, rule

NESTED = frozenset(("jit", "closed_call", "eval_jaxpr", "remat2", "custom_jvp_call", "custom_vjp_call"))
"""Primitives that only call the program in their params, under the names of all supported JAX versions."""


@dataclass
class Schedule:
    """What to evaluate, in order: (operation or loop, slots read, slots written, slots no longer needed), the slots numbered."""

    inputs: list[int] = field(default_factory=list[int])
    outputs: list[int] = field(default_factory=list[int])
    constants: dict[int, Any] = field(default_factory=dict[int, Any])
    steps: list[tuple[Any, list[int], list[int], list[int]]] = field(default_factory=list[Any])
    size: int = 0
    known: dict[Any, list[int]] = field(default_factory=dict[Any, list[int]])
    """The slots in which a constant, or the result of an operation on slots, already lies."""

    def run(self, arguments: Sequence[Any], how: Evaluation) -> list[Any]:
        """The outputs for arguments in the order of `inputs`."""
        slots: list[Any] = [None] * self.size
        held = ((k, value[0] if how.traced and isinstance(value, np.ndarray) else value) for k, value in self.constants.items())
        for slot, value in (*held, *zip(self.inputs, arguments, strict=True)):
            slots[slot] = value
        for op, reads, writes, frees in self.steps:
            inputs = [slots[k] for k in reads]
            outputs = how.apply(op, inputs) if isinstance(op, Op) else op(inputs, how)
            for k, value in zip(writes, outputs, strict=True):
                slots[k] = value
            for k in frees:
                slots[k] = None
        return [slots[k] for k in self.outputs]

    def prune(self) -> None:
        """Drops steps that no output needs, and notes after which step a slot is free."""
        needed, kept = set(self.outputs), list[Any]()
        for op, reads, writes, _ in reversed(self.steps):
            if needed.intersection(writes):
                last = [k for k in {*reads, *writes} if k not in needed]
                needed.update(reads)
                kept.append((op, reads, writes, last))
        self.steps, self.known = kept[::-1], {}


class Replay:
    """A traced program that can be called in float64, whatever floating dtype it was traced in.

    - jaxpr: the program; read: what a floating literal or constant stands for, float64 of the same shape (default: a cast);
    - dims: a value for each symbolic dimension (`jax.export.symbolic_shape`) by name;
    - shared: which operations, by name, are one where they are equal and have equal operands, in the run as in its round-off.

    Called with the flat arguments (any float dtype; integers and typed keys as traced) it returns the flat outputs: NumPy
    arrays, or tracers if an argument is one (then, inside `jax.enable_x64(True)`, JAX may differentiate or batch it).
    `bitcast_convert_type` works on the bits of the traced dtype, since random numbers are made from them. Raises ValueError for
    a wrong number of arguments and KeyError for a missing dimension.
    """

    def __init__(
        self,
        jaxpr: ClosedJaxpr,
        read: Callable[[np.ndarray], np.ndarray] | None = None,
        dims: Mapping[str, int] | None = None,
        shared: Callable[[str], bool] = lambda name: False,
    ) -> None:
        self._shared = shared
        self._read = read or (lambda value: value)
        self._dims = dict(dims or {})
        self.dtypes: list[Any] = [variable.aval.dtype for variable in _open(jaxpr).invars]
        with jax.enable_x64(True):
            self.schedule = self._scheduled(jaxpr)

    def __call__(self, arguments: Sequence[Any]) -> list[Any]:
        """The flat outputs for the flat arguments."""
        with jax.enable_x64(True):
            if any(isinstance(x, Tracer) for x in arguments):
                cast = [jnp.asarray(x, np.float64) if floating(d) else x for x, d in zip(arguments, self.dtypes, strict=True)]
                return self.schedule.run(cast, Evaluation(traced=True))
            return [y[0] if isinstance(y, np.ndarray) else y for y in self.run(self.prepare(arguments))]

    def prepare(self, arguments: Sequence[Any]) -> list[Any]:
        """The arguments with a copy axis of length 1, floats in float64."""
        if len(arguments) != len(self.dtypes):
            raise ValueError(f"the program takes {len(self.dtypes)} arguments, not {len(arguments)}")
        return [
            x if jnp.issubdtype(d, jax.dtypes.extended) else np.asarray(x).astype(_wide(d))[None]
            for x, d in zip(arguments, self.dtypes, strict=True)
        ]

    def run(
        self,
        prepared: Sequence[Any],
        record: Record | None = None,
        disturb: Disturbance | None = None,
        known: Known | None = None,
    ) -> list[Any]:
        """The outputs with a copy axis, for arguments with one; `record` receives (op, inputs, outputs) of every operation.

        `disturb` changes the outputs of every operation before others read them; what is `known` from a run on some of the same
        arrays (`op.known` of its record) is not worked out again.
        """
        with jax.enable_x64(True), np.errstate(all="ignore"):
            return self.schedule.run(prepared, Evaluation(record=record, disturb=disturb, known=known))

    def _scheduled(self, jaxpr: Any) -> Schedule:
        schedule = Schedule()
        schedule.inputs = [self._slot(schedule) for _ in _open(jaxpr).invars]
        schedule.outputs = self._inline(schedule, jaxpr, schedule.inputs)
        schedule.prune()
        return schedule

    def _slot(self, schedule: Schedule) -> int:
        schedule.size += 1
        return schedule.size - 1

    def _constant(self, schedule: Schedule, value: Any, dtype: Any) -> int:
        content: Any = None
        if not jnp.issubdtype(dtype, jax.dtypes.extended):
            value = np.asarray(value, dtype)
            value = (np.asarray(self._read(value), np.float64) if floating(dtype) else value)[None]
            if self._shared("constant"):
                content = ("constant", value.dtype, value.shape, value.tobytes())
                if content in schedule.known:
                    return schedule.known[content][0]
        slot = self._slot(schedule)
        schedule.constants[slot] = value
        if content is not None:
            schedule.known[content] = [slot]
        return slot

    def _inline(self, schedule: Schedule, jaxpr: Any, arguments: Sequence[int]) -> list[int]:
        """Appends the steps of a program whose inputs are in the slots `arguments`; returns the slots of its outputs."""
        inner = _open(jaxpr)
        at: dict[Any, int] = dict(zip(inner.invars, arguments, strict=True))
        for variable, value in zip(inner.constvars, getattr(jaxpr, "consts", ()), strict=True):
            at[variable] = self._constant(schedule, value, variable.aval.dtype)

        def slot(atom: Any) -> int:
            return self._constant(schedule, atom.val, atom.aval.dtype) if hasattr(atom, "val") else at[atom]

        for equation in inner.eqns:
            name, reads = equation.primitive.name, [slot(atom) for atom in equation.invars]
            if name in NESTED:
                called = next(v for v in map(equation.params.get, ("jaxpr", "call_jaxpr")) if v is not None)
                writes = self._inline(schedule, called, reads)
            elif name == "dim_as_value":
                writes = [self._constant(schedule, self._value(equation.params["dim"]), np.dtype(np.int64))]
            else:
                op = self._control(equation) if name in ("scan", "while", "cond") else self._op(equation)
                done = (op, op.dtypes if isinstance(op, Op) else None, *reads)
                writes = schedule.known.get(done) if self._shared(name) else None
                if writes is None:
                    writes = [self._slot(schedule) for _ in equation.outvars]
                    schedule.steps.append((op, reads, writes, []))
                    schedule.known[done] = writes
            at.update(zip(equation.outvars, writes, strict=True))
        return [slot(atom) for atom in inner.outvars]

    def _op(self, equation: Any) -> Op:
        primitive: Primitive = equation.primitive
        read, written = ([v.aval.dtype for v in side] for side in (equation.invars, equation.outvars))
        shapes = [self._value(getattr(v.aval, "shape", ())) for v in (*equation.invars, *equation.outvars)]
        params = {name: self._value(value) for name, value in equation.params.items()}
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

        dtypes = (read[0] if read else written[0], written[0])
        return Op(primitive.name, params, bind, rule(primitive.name, params, read, written[0], shapes), dtypes)

    def _control(self, equation: Any) -> Callable[[list[Any], Evaluation], list[Any]]:
        name, params = equation.primitive.name, equation.params
        if name == "cond":
            branches = [self._scheduled(branch) for branch in params["branches"]]

            def branch(inputs: list[Any], how: Evaluation) -> list[Any]:
                which = min(max(how.integer(inputs[0]), 0), len(branches) - 1)
                return branches[which].run(inputs[1:], how)

            return branch
        if name == "while":
            test, body = self._scheduled(params["cond_jaxpr"]), self._scheduled(params["body_jaxpr"])
            first, second = params["cond_nconsts"], params["cond_nconsts"] + params["body_nconsts"]

            def loop(inputs: list[Any], how: Evaluation) -> list[Any]:
                state = inputs[second:]
                while how.integer(test.run([*inputs[:first], *state], how)[0]):
                    state = body.run([*inputs[first:second], *state], how)
                return state

            return loop
        body, length = self._scheduled(params["jaxpr"]), self._value(params["length"])
        if "ft_in" in params:  # JAX 0.12
            held, carried = (len(list(part)) for part in params["ft_in"].unpack()[:2])
        else:
            held, carried = params["num_consts"], params["num_carry"]
        split, empty = held + carried, [v.aval for v in equation.outvars[carried:]]

        def scan(inputs: list[Any], how: Evaluation) -> list[Any]:
            carry, rows = inputs[held:split], dict[int, list[Any]]()
            for k in reversed(range(length)) if params["reverse"] else range(length):
                parts = [how.apply(_index(k), [x])[0] for x in inputs[split:]]
                result = body.run([*inputs[:held], *carry, *parts], how)
                carry, rows[k] = result[:carried], result[carried:]
            if not length:
                shapes = [(1, *self._value(a.shape)) for a in empty]
                return [*carry, *(np.zeros(s, _wide(a.dtype)) for s, a in zip(shapes, empty, strict=True))]
            columns = zip(*(rows[k] for k in range(length)), strict=True)
            return [*carry, *(how.apply(_STACK, column)[0] for column in columns)]

        return scan

    def _value(self, value: Any) -> Any:
        """A parameter with symbolic dimensions as integers, narrow floating dtypes as float64 and programs retyped."""
        if hasattr(value, "_evaluate"):  # a symbolic dimension
            try:
                return int(value._evaluate(self._dims))
            except Exception as error:  # JAX's own is private
                raise KeyError(f"no value for the symbolic dimension {value}; given: {self._dims}") from error
        if isinstance(value, tuple):
            parts = [self._value(part) for part in value]
            return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
        if isinstance(value, np.dtype | type) and floating(value):
            return np.dtype(np.float64)
        narrow = type(value).__name__.startswith("DotAlgorithm")  # made for narrower formats
        return None if narrow else self._retyped(value) if hasattr(value, "eqns") else value

    def _retyped(self, jaxpr: Any) -> Any:
        """The program inside a parameter (how `reduce` or `scatter-add` combine two numbers), traced again in float64."""
        schedule, avals = self._scheduled(jaxpr), [v.aval for v in _open(jaxpr).invars]
        structs = [jax.ShapeDtypeStruct(a.shape, _wide(a.dtype)) for a in avals]
        traced = jax.make_jaxpr(lambda *xs: schedule.run(xs, Evaluation(traced=True)))(*structs)
        return _RETYPED.setdefault(f"{type(jaxpr)} {traced}", traced if isinstance(jaxpr, type(traced)) else _open(traced))


_RETYPED: dict[str, Any] = {}
"""One object for equal programs, so that JAX finds what it compiled for them."""


def _stack(_: Params, *xs: Any) -> Any:
    return np.stack(joined(xs), 1) if isinstance(xs[0], np.ndarray) else jnp.stack(xs)


def _wide(dtype: Any) -> Any:
    return np.float64 if floating(dtype) else dtype


def _index(at: int) -> Op:
    return Op("index", {"at": at}, lambda x: [x[at]], lambda p, x: x[:, at] if isinstance(x, np.ndarray) else x[at])


_STACK = Op("stack", {}, lambda *xs: [jnp.stack(xs)], _stack)


def _open(jaxpr: Any) -> Any:
    """The program without its constants; from JAX 0.12 on both are one class."""
    return getattr(jaxpr, "jaxpr", jaxpr)
