"""The sums of a traced program: how many terms each has, and which of them a compiler may take together or apart."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ...jaxpr import LOOPS, Equation, While, branches, called, is_literal, opened

_MOVED = ("reshape", "squeeze", "expand_dims", "transpose", "convert_element_type", "broadcast_in_dim", "copy", "neg", "rev")
_SCALED = ("mul", "div")
_JOINED = ("concatenate", "pad")


@dataclass
class TracedSums:
    """What a traced program adds up.

    - counts: numbers of terms of its sums; products: of sums of products, windows and cumulative sums;
    - merged: number of terms of a sum → those of sums that it makes up together with another one right before or after it;
    - joined: numbers of terms of sums over what was concatenated or padded, which a compiler may add up part by part.
    """

    counts: set[int] = field(default_factory=set[int])
    products: set[int] = field(default_factory=set[int])
    merged: dict[int, set[int]] = field(default_factory=dict[int, set[int]])
    joined: set[int] = field(default_factory=set[int])


Origin = tuple[tuple[int, ...], bool]
"""What a value was made by, but for moves: the numbers of terms of sums in a row, the last one last; whether parts were joined before."""
_NOTHING: Origin = ((), False)


def traced_sums(program: Any) -> TracedSums:
    """The sums of a program and of all programs in it."""
    found = TracedSums()
    jaxpr, _ = opened(program)
    _walk(found, jaxpr, [_NOTHING] * len(jaxpr.invars))
    return found


def _walk(found: TracedSums, jaxpr: Any, given: list[Origin]) -> list[Origin]:
    origins: dict[Any, Origin] = dict(zip(jaxpr.invars, given, strict=True))

    def origin(atom: Any) -> Origin:
        return _NOTHING if is_literal(atom) else origins.get(atom, _NOTHING)

    for equation in jaxpr.eqns:
        name, inputs = equation.primitive.name, [origin(atom) for atom in equation.invars]
        inner = called(equation)
        results = [_NOTHING] * len(equation.outvars)
        if inner is not None:
            results = _walk(found, opened(inner)[0], inputs)
        elif name == "reduce_sum":
            results = [_summed(found, equation, inputs[0])]
        elif name in _MOVED:
            results = [inputs[0]]
        elif name in _SCALED:  # by a single number, which may be taken out of a sum
            scaled = [of for atom, of in zip(equation.invars, inputs, strict=True) if atom.aval.shape]
            results = [scaled[0] if len(scaled) == 1 else _NOTHING]
        elif name in _JOINED:
            results = [(tuple(n for counts, _ in inputs for n in counts), True)]
        else:
            for program in _programs(equation):
                part, _ = opened(program)
                _walk(found, part, [_NOTHING] * len(part.invars))
            if (terms := _terms(equation)) is not None:
                found.products.add(terms)
        origins.update(zip(equation.outvars, results, strict=True))
    return [origin(atom) for atom in jaxpr.outvars]


def _summed(found: TracedSums, equation: Equation, source: Origin) -> Origin:
    count = math.prod(equation.invars[0].aval.shape[axis] for axis in equation.params["axes"])
    before, joined = source
    found.counts.add(count)
    if joined:
        found.joined.add(count)
    if count == 1:
        return source
    row = (*before, count)
    for first in range(len(before)):  # every run of sums that ends here
        together = math.prod(row[first:])
        for part in row[first:]:
            found.merged.setdefault(part, set()).add(together)
    return row, joined


def _terms(equation: Equation) -> int | None:
    """How many terms one result of a sum of another kind has."""
    name, params = equation.primitive.name, equation.params
    shapes = [atom.aval.shape for atom in equation.invars]
    if name == "dot_general":
        return math.prod(shapes[0][axis] for axis in params["dimension_numbers"][0][0])
    if name == "conv_general_dilated":
        return math.prod(shapes[1]) // max(shapes[1][params["dimension_numbers"].rhs_spec[0]], 1)
    if name == "cumsum":
        return shapes[0][params["axis"]]
    if name in ("reduce_window_sum", "select_and_scatter_add"):
        return math.prod(params["window_dimensions"])
    return None


def _programs(equation: Equation) -> Iterator[Any]:
    """The programs of a loop or branch, and of whatever else holds some."""
    name = equation.primitive.name
    if name == "while":
        layout = While.of(equation)
        yield from (layout.test, layout.body)
    elif name == "cond":
        yield from branches(equation)
    elif name in LOOPS:
        yield equation.params["jaxpr"]
