"""A traced program as a list of operations on numbered slots: nested programs inlined, what no output needs dropped.

What the numbers are, float64 or others, is the business of an `Arithmetic`: it says how a constant is held and what is done at an
equation. Every array has one leading axis more than in the program: the *copy*, of length 1 where all copies are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import Literal

from ...jaxpr import Equation, called, evaluated, opened
from .op import Evaluation, Op
from .where import Source

Control = Callable[[list[Any], Evaluation], list[Any]]
"""A branch or a loop: (values of its operands, how operations are evaluated) → its results."""


@dataclass
class Schedule:
    """What to evaluate, in order: (operation or loop, slots read, slots written, slots no longer needed), the slots numbered.

    dtypes: of the inputs, as traced; constants: the value in each slot that holds one, with a copy axis.
    """

    inputs: list[int] = field(default_factory=list[int])
    dtypes: list[Any] = field(default_factory=list[Any])
    outputs: list[int] = field(default_factory=list[int])
    constants: dict[int, Any] = field(default_factory=dict[int, Any])
    steps: list[tuple[Op | Control, list[int], list[int], list[int]]] = field(default_factory=list[Any])
    size: int = 0

    def arguments(self, given: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
        """Each argument with the dtype it was traced with. Raises ValueError for a wrong number of them."""
        if len(given) != len(self.inputs):
            raise ValueError(f"the program takes {len(self.inputs)} arguments, not {len(given)}")
        return zip(given, self.dtypes, strict=True)

    def run(self, prepared: Sequence[Any], how: Evaluation) -> list[Any]:
        """The outputs for arguments in the order of `inputs`, with a copy axis unless `how` is traced."""
        slots: list[Any] = [None] * self.size
        held = ((k, value[0] if how.traced and isinstance(value, np.ndarray) else value) for k, value in self.constants.items())
        for slot, value in (*held, *zip(self.inputs, prepared, strict=True)):
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
        """Drops steps and constants that no output needs, and notes after which step a slot is free."""
        needed, kept = set(self.outputs), list[Any]()
        for op, reads, writes, _ in reversed(self.steps):
            if needed.intersection(writes):
                last = [k for k in {*reads, *writes} if k not in needed]
                needed.update(reads)
                kept.append((op, reads, writes, last))
        self.steps = kept[::-1]
        self.constants = {k: value for k, value in self.constants.items() if k in needed}


class Arithmetic(Protocol):
    """What a schedule computes with."""

    def constant(self, value: np.ndarray) -> np.ndarray:
        """How a literal or constant of the program, in the dtype it was traced with, is held."""
        ...

    def step(self, equation: Equation, scheduled: Callable[[Any], Schedule]) -> Op | Control:
        """What is done at an equation that is no call; `scheduled` makes the schedule of a program inside it."""
        ...


@dataclass(frozen=True)
class Scheduler:
    """From programs to schedules.

    - dims: a value for each symbolic dimension by name;
    - shared: which operations (and `constant`), by name, are one where they are equal and have equal operands.
    """

    arithmetic: Arithmetic
    dims: Mapping[str, int]
    shared: Callable[[str], bool] = lambda name: False

    def __call__(self, program: Any) -> Schedule:
        """The schedule of a program. Raises KeyError for a missing dimension."""
        return _Making(self, program).schedule


class _Making:
    """One schedule in the making. `known`: the slots in which a constant, or the result of an operation on slots, already lies."""

    def __init__(self, by: Scheduler, program: Any) -> None:
        self.by = by
        self.known: dict[Any, list[int]] = {}
        self.around: tuple[str, ...] = ()
        self.schedule = schedule = Schedule()
        schedule.dtypes = [variable.aval.dtype for variable in opened(program)[0].invars]
        schedule.inputs = [self.slot() for _ in schedule.dtypes]
        schedule.outputs = self.inline(program, schedule.inputs)
        schedule.prune()

    def slot(self) -> int:
        """A new slot."""
        self.schedule.size += 1
        return self.schedule.size - 1

    def constant(self, value: Any, dtype: Any) -> int:
        """The slot of a literal or constant of the program."""
        content: Any = None
        if not jnp.issubdtype(dtype, jax.dtypes.extended):
            value = self.by.arithmetic.constant(np.asarray(value, dtype))[None]
            if self.by.shared("constant"):
                content = ("constant", value.dtype, value.shape, value.tobytes())
                if content in self.known:
                    return self.known[content][0]
        slot = self.slot()
        self.schedule.constants[slot] = value
        if content is not None:
            self.known[content] = [slot]
        return slot

    def inline(self, program: Any, arguments: Sequence[int]) -> list[int]:
        """Appends the steps of a program whose inputs are in the slots `arguments`; returns the slots of its outputs."""
        inner, constants = opened(program)
        at: dict[Any, int] = dict(zip(inner.invars, arguments, strict=True))
        for variable, value in zip(inner.constvars, constants, strict=True):
            at[variable] = self.constant(value, variable.aval.dtype)

        def slot(atom: Any) -> int:
            if isinstance(atom, Literal):
                aval: Any = atom.aval
                return self.constant(atom.val, aval.dtype)
            return at[atom]

        for equation in inner.eqns:
            name, reads = equation.primitive.name, [slot(atom) for atom in equation.invars]
            if (nested := called(equation)) is not None:
                outside = self.around
                self.around = (*outside, str(equation.source_info.name_stack))
                writes = self.inline(nested, reads)
                self.around = outside
            elif name == "dim_as_value":
                writes = [self.constant(evaluated(equation.params["dim"], self.by.dims), np.dtype(np.int64))]
            else:
                writes = self.step(equation, reads)
            at.update(zip(equation.outvars, writes, strict=True))
        return [slot(atom) for atom in inner.outvars]

    def step(self, equation: Equation, reads: list[int]) -> list[int]:
        """Appends an operation or loop, unless an equal one may stand for it; returns the slots of its results."""
        op = self.by.arithmetic.step(equation, self.by)
        if isinstance(op, Op):
            op.source = Source(equation.source_info, self.around)
        done = (op, op.dtypes if isinstance(op, Op) else None, *reads)
        shared = self.by.shared(equation.primitive.name)
        if shared and done in self.known:
            return self.known[done]
        writes = [self.slot() for _ in equation.outvars]
        self.schedule.steps.append((op, reads, writes, []))
        if shared:
            self.known[done] = writes
        return writes
