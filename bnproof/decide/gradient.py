"""Whether a gradient is zero where that does not follow from the value: behind stop_gradient and custom derivatives.

The traced gradient is a program like any other: its normal form is the zero form, or a float64 run shows that it is not zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..algebra.analysis import analyse
from ..numeric.replay.replay import Replay
from ..numeric.roundoff.running_error import bound
from .program import Program, as_read


def gradients_zero(program: Program, names: Sequence[str], seed: int) -> dict[str, bool | None]:
    """For each parameter whether the gradient of every loss is zero: proved, refuted by a run, or None."""
    if program.gradient is None:
        return dict.fromkeys(names)
    jaxpr = program.gradient(names)
    cotangents = range(len(program.inputs), len(jaxpr.in_avals))
    # tracking the cotangents keeps every term that is linear in them apart, so that their sums cancel
    analysis = analyse(jaxpr, {k: f"cotangent {k}" for k in cotangents})
    found: dict[str, bool | None] = {}
    for k, name in enumerate(names):
        found[name] = True if not analysis.outputs[k].terms else None
    open_ = [name for name in names if found[name] is None]
    if open_ and program.sample is not None:
        found.update(_refuted(program, jaxpr, names, open_, seed))
    return found


def _refuted(program: Program, jaxpr: Any, names: Sequence[str], open_: Sequence[str], seed: int) -> dict[str, bool | None]:
    assert program.sample is not None
    replay = Replay(jaxpr, as_read, program.dims)
    args = program.sample(seed)
    random = np.random.default_rng(seed)
    shapes = [np.shape(value) for value in Replay(program.first_outputs(), as_read, program.dims)(args)]
    args = [*args, *(random.normal(size=shape) for shape in shapes)]
    values = replay(args)
    found: dict[str, bool | None] = {}
    for name in open_:
        k = list(names).index(name)
        value = np.abs(np.asarray(values[k]))
        index = tuple(int(i) for i in np.unravel_index(int(np.argmax(value)), value.shape))
        limit = bound(replay, args, k, index)
        found[name] = False if np.isfinite(value).all() and value[index] > 1e3 * limit else None
    return found
