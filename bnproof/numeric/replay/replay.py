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
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jax.extend.core import ClosedJaxpr

from ...host import on_host
from .floats import Floats
from .op import Disturbance, Evaluation, Known, Record
from .operations import complexes, floating, wide
from .schedule import Scheduler


class Replay:
    """A traced program that can be called in float64, whatever floating dtype it was traced in.

    - jaxpr: the program; read: what a floating literal or constant stands for, float64 of the same shape (default: a cast);
    - dims: a value for each symbolic dimension (`jax.export.symbolic_shape`) by name;
    - shared: which operations, by name, are one where they are equal and have equal operands, in the run as in its round-off.

    Called with the flat arguments (any float dtype; integers and typed keys as traced) it returns the flat outputs: NumPy
    arrays, or tracers if an argument is one (then, inside `on_host()`, JAX may differentiate or batch it).
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
        dims = dict(dims or {})
        with on_host():
            self.schedule = Scheduler(Floats(read or (lambda value: value), dims), dims, shared)(jaxpr)

    def __call__(self, arguments: Sequence[Any]) -> list[Any]:
        """The flat outputs for the flat arguments."""
        with on_host():
            if any(isinstance(x, Tracer) for x in arguments):
                given = self.schedule.arguments(arguments)
                cast = [jnp.asarray(x, wide(dtype)) if floating(dtype) or complexes(dtype) else x for x, dtype in given]
                return self.schedule.run(cast, Evaluation(traced=True))
            return [y[0] if isinstance(y, np.ndarray) else y for y in self.run(self.prepare(arguments))]

    def prepare(self, arguments: Sequence[Any]) -> list[Any]:
        """The arguments with a copy axis of length 1, floats in float64."""
        return [
            x if jnp.issubdtype(dtype, jax.dtypes.extended) else np.asarray(x).astype(wide(dtype))[None]
            for x, dtype in self.schedule.arguments(arguments)
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
        with on_host(), np.errstate(all="ignore"):
            return self.schedule.run(prepared, Evaluation(record=record, disturb=disturb, known=known))
