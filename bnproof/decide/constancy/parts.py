"""What is constant in an output that is not: sums over some of its axes, and single entries along one.

A loss that weighs the entries of a constant sum alike, such as y.sum(), has no gradient, though the output moves. Sums are tried
over every set of axes; entries are proposed by runs that do not move them, and proved like everything else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import jaxpr_as_fun

from ...algebra.analysis import Analysis, analyse
from ...algebra.constants import kind_of
from ...jaxpr import is_one
from ...numeric.replay.op import UnreplayableError
from ...numeric.replay.replay import Replay
from ..function import EASY, numbers_in
from ..program import Program, as_read
from .answer import Part
from .formula import formula

AXES = 5
"""Axes of an output up to which every set of them is summed over."""
WIDEST = 256
"""Entries along an axis that are looked at one by one."""
RUNS = 3
"""Runs that have to leave an entry alone for it to be proposed."""
STILL = 1e-9
"""Relative change up to which an entry counts as left alone; a wrong guess only proposes what the engine then refuses."""


def parts(program: Program, data: Sequence[str], seed: int) -> tuple[Part, ...]:
    """The constant sums, over the smallest sets of axes, and constant entries of a program's only output."""
    aval = program.jaxpr.out_avals[0]
    if kind_of(aval.dtype) not in "fc" or any(isinstance(size, int) and size == 0 for size in aval.shape):
        return ()
    return (*_entries(program, data, seed), *_sums(program, data))


def _sums(program: Program, data: Sequence[str]) -> list[Part]:
    shape = program.jaxpr.out_avals[0].shape
    wide = [axis for axis, size in enumerate(shape) if not is_one(size)]
    if not 0 < len(wide) <= AXES:
        return []
    sets = [axes for count in range(1, len(wide) + 1) for axes in combinations(wide, count)]
    values = _proved(program, data, [lambda y, axes=axes: jnp.sum(y, axes) for axes in sets])
    found: list[Part] = []
    for axes, (proved, value) in zip(sets, values, strict=True):
        if proved and not any(set(known.axes) <= set(axes) for known in found):
            found.append(Part("sum", axes, (), value))
    return found


def _entries(program: Program, data: Sequence[str], seed: int) -> list[Part]:
    found: list[Part] = []
    for axis, entries in _still(program, data, seed):
        takes = [lambda y, k=k, axis=axis: jax.lax.index_in_dim(y, k, axis, keepdims=False) for k in entries]
        rows = list(zip(entries, _proved(program, data, takes), strict=True))
        for row in dict.fromkeys(row for _, row in rows):
            found.append(Part("entries", (axis,), tuple(k for k, one in rows if one == row), row[1], row[0]))
    return found


def _still(program: Program, data: Sequence[str], seed: int) -> list[tuple[int, list[int]]]:
    """For each axis the numbers of the slices that new data do not move."""
    if program.sample is None or numbers_in(program.jaxpr, program.dims) > EASY or program.runnable()[1]:
        return []
    args, runs = program.sample(seed), list[np.ndarray]()
    try:
        replay = Replay(program.jaxpr, as_read, program.dims)
        for k in range(RUNS):
            other = program.sample(seed + 101 + k)
            fresh = [new if name in data else old for name, old, new in zip(program.inputs, args, other, strict=True)]
            runs.append(np.asarray(replay(fresh)[0]))
    except UnreplayableError:
        return []
    first = runs[0]
    if not all(np.isfinite(run).all() for run in runs):
        return []
    still = np.all([np.abs(run - first) <= STILL * (1 + np.abs(first)) for run in runs[1:]], 0)
    found: list[tuple[int, list[int]]] = []
    for axis in range(first.ndim):
        along = np.flatnonzero(still.all(tuple(a for a in range(first.ndim) if a != axis)))
        fixed = isinstance(program.jaxpr.out_avals[0].shape[axis], int)
        if fixed and 0 < len(along) < first.shape[axis] <= WIDEST:
            found.append((axis, along.tolist()))
    return found


def _proved(program: Program, data: Sequence[str], of: Sequence[Callable[[Any], Any]]) -> list[tuple[bool, str | None]]:
    """Of each function of the output: whether no data input is in it, and then its value."""
    structs = [jax.ShapeDtypeStruct(aval.shape, aval.dtype) for aval in program.jaxpr.in_avals]

    def run(*values: Any) -> list[Any]:
        (y,) = jaxpr_as_fun(program.jaxpr)(*values)
        return [function(y) for function in of]

    jaxpr = jax.make_jaxpr(run)(*structs)
    analysis = analyse(jaxpr, {program.inputs.index(name): name for name in data})
    whole = analyse(jaxpr, dict(enumerate(program.inputs)))
    return [(True, value(whole, k)) if free(analysis, k) else (False, None) for k in range(len(of))]


def free(analysis: Analysis, output: int) -> bool:
    """Whether no tracked input is in an output."""
    return not analysis.reached([output]).intersection(analysis.inputs.values())


def value(analysis: Analysis, output: int) -> str | None:
    """An output's formula, where every input is tracked."""
    names = {number: name for name, number in analysis.inputs.items()}
    return formula(analysis.ring, analysis.outputs[output], names)
