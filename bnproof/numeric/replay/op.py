"""One operation of a traced program, evaluated in float64 on arrays with a copy axis: by NumPy where it has a rule, else by JAX."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ...host import on_host
from .operations import Params, Rule
from .where import Source

IDENTITY = frozenset(("stop_gradient", "reduce_precision", "copy", "optimization_barrier"))


class UnbatchableError(Exception):
    """A branch or a loop whose course differs from copy to copy: run the copies one after the other."""


class UnreplayableError(Exception):
    """An operation that JAX does not evaluate in float64, or a loop that does not come to its end. `operation` is its name."""

    def __init__(self, operation: str, why: str = "cannot be run in float64") -> None:
        super().__init__(f"`{operation}` {why}")
        self.operation = operation


class Op:
    """One operation on arrays in float64: `numbers` on NumPy arrays with a copy axis, `bind` on JAX arrays without one.

    dtypes: what it was traced to read first and to write first; None for operations that no program was traced with. source: where
    in the program it stands, if it stands in one; of operations taken for one, where the first does. algorithm: how a program asks that
    a product be computed, such as ``BF16_BF16_F32``; empty where it asks for none. A run in float64 does not follow it. traced: the
    shapes of its operands, then of its results, in that program, also where it is run on parts of them.
    """

    source: Source | None = None
    algorithm: str = ""
    traced: Sequence[tuple[int, ...]] | None = None

    def __init__(
        self,
        name: str,
        params: Params,
        bind: Callable[..., Sequence[Any]],
        rule: Rule | None = None,
        dtypes: tuple[Any, Any] | None = None,
    ) -> None:
        self.name, self.params, self.bind, self.rule, self.dtypes = name, params, bind, rule, dtypes
        self.key: tuple[Any, ...] = (name, tuple(params.items()))
        try:
            self.hash = hash(self.key)
        except TypeError:  # a parameter that cannot be hashed: compiled for this operation alone
            self.key = (name, id(self))
            self.hash = hash(self.key)

    def __hash__(self) -> int:
        return self.hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Op) and self.key == other.key

    def numbers(self, inputs: Sequence[Any]) -> list[Any]:
        """The outputs, each with a copy axis, for inputs with one. Raises UnreplayableError where JAX refuses."""
        if self.name in IDENTITY:
            return list(inputs)
        if self.rule is not None:
            return [self.rule(self.params, *inputs)]
        flags = tuple(isinstance(x, np.ndarray) and x.shape[0] != 1 for x in inputs)
        copies = max((len(x) for x, flag in zip(inputs, flags, strict=True) if flag), default=1)
        given = [plain(x, flag) for x, flag in zip(inputs, flags, strict=True)]
        try:
            with on_host():
                outputs = _compiled(self, flags)(*given)
        except Exception as error:  # whatever JAX raises: each primitive has errors of its own
            raise UnreplayableError(self.name) from error
        keys = [jnp.issubdtype(y.dtype, jax.dtypes.extended) for y in outputs]
        return [
            y if key else np.asarray(y)[(slice(copies) if any(flags) else None)] for y, key in zip(outputs, keys, strict=True)
        ]


Record = list[tuple[Op, Sequence[Any], list[Any]]]
"""Every operation evaluated, in order, with its inputs and outputs."""
Known = Mapping[tuple[int, ...], list[Any]]
"""Outputs by the identities of an operation and of its inputs; see `known`."""
Disturbance = Callable[[Op, Sequence[Any], list[Any]], list[Any]]
"""(operation, inputs, outputs) → outputs as a run with round-off might have had them."""


def known(record: Record) -> Known:
    """What a run has worked out. The record must outlive it: identities are those of the objects in there."""
    return {(id(op), *map(id, inputs)): outputs for op, inputs, outputs in record}


@functools.lru_cache(maxsize=8192)
def _compiled(op: Op, flags: tuple[bool, ...]) -> Callable[..., Sequence[Any]]:
    if not any(flags):
        return jax.jit(op.bind)
    return jax.jit(jax.vmap(op.bind, tuple(0 if flag else None for flag in flags)))


def plain(x: Any, copied: bool) -> Any:
    """What JAX gets of an array with a copy axis: eight copies (or a multiple), so that compiled shapes recur; or the only one."""
    if not isinstance(x, np.ndarray) or not copied:
        return x[0] if isinstance(x, np.ndarray) else x
    missing = -len(x) % 8
    return np.concatenate((x, np.repeat(x[-1:], missing, 0))) if missing else x


@dataclass
class Evaluation:
    """How operations are evaluated: by NumPy or, `traced`, by JAX on tracers; and the record of (op, inputs, outputs).

    known: what an earlier run, whose record is kept, has worked out already; the same arrays give it again.
    """

    traced: bool = False
    record: Record | None = None
    disturb: Disturbance | None = None
    known: Known | None = None

    def apply(self, op: Op, inputs: Sequence[Any]) -> list[Any]:
        """The outputs of one operation, recorded."""
        outputs = None if self.known is None else self.known.get((id(op), *map(id, inputs)))
        if outputs is None:
            outputs = list(op.bind(*inputs)) if self.traced else op.numbers(inputs)
        if self.disturb is not None:
            outputs = self.disturb(op, inputs, outputs)
        if self.record is not None:
            self.record.append((op, inputs, outputs))
        return outputs

    def integer(self, x: Any) -> int:
        """The value that decides a branch or a loop. Raises UnbatchableError if copies differ in it."""
        if (values := np.unique(np.asarray(x))).size != 1:
            raise UnbatchableError
        return int(values[0])
