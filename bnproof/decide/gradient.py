"""Whether a gradient is zero where that does not follow from the value: behind stop_gradient and custom derivatives, and where an
operation that the program meets has no derivative.

The traced gradient is a program like any other, so what is decided is what autodiff computes: its normal form is the zero form and
divides nothing by 0, or a float64 run shows that it is not zero, or not a number where the outputs are.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..algebra.analysis import analyse
from ..jaxpr import evaluated
from ..numeric.replay.faithful import unfaithful
from ..numeric.replay.op import UnreplayableError
from ..numeric.replay.replay import Replay
from ..numeric.roundoff.running_error import bound
from .program import Program, as_read

FAR = 1e3
"""A gradient of at least this many times its round-off bound is not zero."""


def gradients_zero(program: Program, names: Sequence[str], seed: int) -> dict[str, bool | None]:
    """For each floating parameter whether the gradient of every loss is zero: proved, refuted by a run, or None, also where JAX has
    none.
    """
    names = [name for name in names if program.kind(name) in "fc"]
    try:
        jaxpr = program.gradient(names) if program.gradient is not None and names else None
    except Exception:  # JAX's, of many kinds: for a loop or a callback without a derivative
        jaxpr = None
    if jaxpr is None:
        return dict.fromkeys(names)
    cotangents = range(len(program.inputs), len(jaxpr.in_avals))
    # tracking the cotangents keeps every term that is linear in them apart, so that their sums cancel
    analysis = analyse(jaxpr, {k: f"cotangent {k}" for k in cotangents})
    sound = not analysis.walk.singular
    found: dict[str, bool | None] = {
        name: True if sound and not analysis.outputs[k].terms else None for k, name in enumerate(names)
    }
    if program.sample is not None and not program.runnable()[1] and not any(unfaithful(jaxpr)):
        with contextlib.suppress(UnreplayableError):
            found.update(dict.fromkeys(_not_zero(program, jaxpr, names, seed), False))
    return found


def _not_zero(program: Program, jaxpr: Any, names: Sequence[str], seed: int) -> list[str]:
    """The parameters whose gradient is clearly not 0 in a run, or is no number where every output is one."""
    assert program.sample is not None
    args = program.sample(seed)
    outputs = Replay(program.first_outputs(), as_read, program.dims)(args)
    has_value = all(np.isfinite(y).all() for y in outputs if isinstance(y, np.ndarray))
    random = np.random.default_rng((seed, 1))  # not the seed of the inputs: a cotangent equal to them may be in a null space
    shapes = [tuple(evaluated(n, program.dims) for n in aval.shape) for aval in jaxpr.in_avals[len(args) :]]
    replay = Replay(jaxpr, as_read, program.dims)
    args = [*args, *(random.normal(size=shape) for shape in shapes)]
    found: list[str] = []
    for k, (name, gradient) in enumerate(zip(names, replay(args), strict=True)):
        value = np.abs(np.asarray(gradient))
        if not np.isfinite(value).all():
            if has_value:
                found.append(name)
        elif value.size:
            index = tuple(int(i) for i in np.unravel_index(int(np.argmax(value)), value.shape))
            if value[index] > FAR * bound(replay, args, k, index):
                found.append(name)
    return found
