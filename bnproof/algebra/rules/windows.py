"""Sums and maxima over windows (pooling)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...jaxpr import Equation, is_one
from ..forms import Form, Ring
from ..known import content_terms, evaluated
from ..monomials import ONE, Monomial, Shape, Terms, bits, mask, relabelled
from .sums import components, size_terms
from .table import along, opaque, result, rule, split

Window = tuple[Any, Any, tuple[Any, Any], Any, Any]
"""Along one axis (ints, or symbolic sizes): size, stride, padding before and after, dilation of the value, dilation of the window."""
PLAIN: Window = (1, 1, (0, 0), 1, 1)


def windows(equation: Equation) -> list[Window]:
    """The window along each axis."""
    params = equation.params
    size = params["window_dimensions"]
    ones = (1,) * len(size)
    return [
        (w, s, (p[0], p[1]), b, d)
        for w, s, p, b, d in zip(
            size,
            params["window_strides"],
            params["padding"],
            params.get("base_dilation") or ones,
            params.get("window_dilation") or ones,
            strict=True,
        )
    ]


def concrete(window: Window, *sizes: Any) -> bool:
    """Whether none of these sizes is a symbol."""
    size, stride, (low, high), base, dilation = window
    return all(isinstance(number, int) for number in (size, stride, low, high, base, dilation, *sizes))


def taps(window: Window, before: int, after: int) -> list[list[tuple[int, int]]]:
    """For each output place: (which tap of the window, which entry of the value it meets) for the taps that meet one."""
    size, stride, (low, _), base, dilation = window
    found: list[list[tuple[int, int]]] = []
    for place in range(after):
        met: list[tuple[int, int]] = []
        for tap in range(size):
            at = place * stride - low + tap * dilation
            if 0 <= at <= (before - 1) * base and at % base == 0:
                met.append((tap, at // base))
        found.append(met)
    return found


@rule("reduce_window_sum", law="linear")
def reduce_window_sum(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """Sums over windows; along an axis that a term does not use, times the number of entries each window meets."""
    (shape, kind), (form,) = result(equation), operands
    if kind != "f" or ring.is_lowest(form):
        return opaque(ring, equation, operands)
    along_axes = windows(equation)
    active = mask([axis for axis, window in enumerate(along_axes) if window != PLAIN])
    total: Terms = {}
    for monomial, coefficient in form.terms.items():
        outside = tuple(f for f in monomial if not any(active >> axis & 1 for axis in f[1]))
        inside = [f for f in monomial if any(active >> axis & 1 for axis in f[1])]
        sums: Terms = {outside: coefficient}
        for axis in bits(active & ~ring.about(monomial)[1]):
            sums = ring.times(sums, _window(ring, ONE, (axis,), along_axes, form.shape, shape))
        for component in components(inside, active):
            axes = tuple(axis for axis in bits(ring.about(component)[1]) if active >> axis & 1)
            sums = ring.times(sums, _window(ring, component, axes, along_axes, form.shape, shape))
        total = ring.plus(total, sums)
    return [ring.form(total, shape, kind)]


def _window(
    ring: Ring, inside: Monomial, over: tuple[int, ...], along_axes: Sequence[Window], before: Shape, after: Shape
) -> Terms:
    """Σ over the windows along the axes `over` of a product that uses them (or of 1)."""
    axes = bits(ring.about(inside)[1] | mask(over))
    known = evaluated(ring.atoms, inside, axes, before)
    if known is not None and all(concrete(along_axes[a], after[a]) for a in axes):
        for axis in over:
            known = _window_array(known, axes.index(axis), along_axes[axis], after[axis])
        return content_terms(ring.atoms, known, axes)
    plain = all(along_axes[axis][2] == (0, 0) and along_axes[axis][3] == 1 for axis in over)
    if inside == ONE and plain:
        total: Terms = {ONE: 1}
        for axis in over:
            total = ring.times(total, size_terms(ring, along_axes[axis][0]))
        return total
    kept = tuple(a for a in axes if not is_one(after[a]))
    how = tuple((axes.index(axis), along_axes[axis]) for axis in over)
    sizes = tuple((before[a], after[a]) for a in axes)
    key = ("window", how, sizes, relabelled({inside: 1}, axes))
    atom = ring.atoms.find(key)
    if atom is None:
        atom = ring.atoms.make(key, "sums over windows", tuple(after[a] for a in kept), ring.children([inside]))
        atom.infinite = ring.infinite([inside])
    return {((atom.number, kept, 1),): 1}


def _window_array(entries: np.ndarray, axis: int, window: Window, after: int) -> np.ndarray:
    moved = np.moveaxis(entries, axis, 0)
    sums = np.zeros((after, *moved.shape[1:]), object)
    for place, met in enumerate(taps(window, moved.shape[0], after)):
        for _, entry in met:
            sums[place] = sums[place] + moved[entry]
    return np.moveaxis(sums, 0, axis)


@rule("reduce_window_max", "reduce_window_min", law="order")
def reduce_window_extreme(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """Maxima over windows move with a shift that uses none of their axes; padding counts as −∞, also for an empty window."""
    (shape, kind), (form,) = result(equation), operands
    along_axes = windows(equation)
    active = [axis for axis, window in enumerate(along_axes) if window != PLAIN]
    if kind != "f" or not active:
        return [form] if not active else opaque(ring, equation, operands)
    uniform, inner = split(ring, form, mask(active))
    edges = [axis for axis in active if along_axes[axis][2] != (0, 0) or along_axes[axis][3] != 1]
    if not inner.terms and not edges:
        return [ring.form(uniform, shape, kind)]
    used = ring.used([*inner.terms]) | mask(edges)
    largest = along(ring, equation.primitive.name, tuple(along_axes), [inner], shape, kind, bits(used))
    if any(_may_be_empty(along_axes[axis], form.shape[axis], shape[axis]) for axis in edges):
        ring.atoms[next(iter(largest.terms))[0][0]].infinite = True
    return [ring.form(ring.plus(largest.terms, uniform), shape, kind)]


def _may_be_empty(window: Window, before: Any, after: Any) -> bool:
    """Whether some window meets no entry: its maximum is then −∞."""
    if not concrete(window, before, after):
        return True
    return not all(taps(window, before, after))


def shift_free(name: str, scanned: int) -> None:
    """Register a gradient of pooling: the operand `scanned` is only compared within windows, so shifts along none of them drop."""

    @rule(name, law="comparison")
    def select(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
        along_axes = _partial(equation)
        active = mask([axis for axis, window in enumerate(along_axes) if window != PLAIN])
        changed = list(operands)
        form = operands[scanned]
        if form.dtype == "f":
            changed[scanned] = split(ring, form, active)[1]
        return opaque(ring, equation, changed)


def _partial(equation: Equation) -> list[Window]:
    params: dict[str, Any] = equation.params
    return [
        (w, s, (p[0], p[1]), 1, 1)
        for w, s, p in zip(params["window_dimensions"], params["window_strides"], params["padding"], strict=True)
    ]


shift_free("select_and_scatter_add", 1)
shift_free("select_and_gather_add", 1)
