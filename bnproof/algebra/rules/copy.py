"""Operations whose every output entry is one input entry, at a place that does not depend on values."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeGuard

import numpy as np

from ...jaxpr import Equation, is_one
from ..atoms import Content
from ..constants import iota as counting
from ..forms import Form, Ring
from ..known import SMALL, content_terms, evaluated
from ..monomials import Factor, Shape, Terms, placed, remaining
from .join import SideBySide
from .table import opaque, result, rule

POWERS = 4
"""Powers of values side by side up to which they are taken apart."""


@rule(
    "copy",
    "stop_gradient",
    "reduce_precision",
    "optimization_barrier",
    "device_put",
    "name",
    "sharding_constraint",
    law="copy",
)
def same(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """The operands themselves. Rounding to fewer digits is read as the identity, like casts between floating types."""
    del ring
    return [Form(form.terms, *result(equation, k), form.tainted) for k, form in enumerate(operands[: len(equation.outvars)])]


AXES: dict[str, Callable[[Any, int], dict[int, int]]] = {
    "broadcast_in_dim": lambda params, rank: dict(enumerate(params["broadcast_dimensions"])),
    "squeeze": lambda params, rank: remaining(rank, params["dimensions"]),
    "transpose": lambda params, rank: {axis: k for k, axis in enumerate(params["permutation"])},
}
"""(parameters, rank) → where each axis goes. New axes are not used; those that go, of size 1, never were.

Further operands of broadcast_in_dim are symbolic sizes, which the result's type has too.
"""


@rule(*AXES, law="copy")
def axes_move(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """Axes come, go and change places."""
    del ring
    form = operands[0]
    to = AXES[equation.primitive.name](equation.params, len(form.shape))
    return [Form(placed(form.terms, to), *result(equation), form.tainted)]


@rule("iota", law="copy")
def iota(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """0, 1, 2, … along an axis."""
    del operands
    shape, kind = result(equation)
    return [counting(ring, shape, equation.params["dimension"], kind, equation.outvars[0].aval.dtype)]


# -- along one axis


@rule("rev", law="copy")
def rev(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """Axes run backwards."""
    form = operands[0]
    for axis in equation.params["dimensions"]:
        form = along_axis(ring, form, axis, ("rev",), form.shape[axis], np.flip)
    return [form]


@rule("slice", law="copy")
def slice_(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """A range of each axis, in steps."""
    form = operands[0]
    starts, limits = equation.params["start_indices"], equation.params["limit_indices"]
    strides = equation.params["strides"] or (1,) * len(starts)
    shape, _ = result(equation)
    atoms = ring.atoms
    joined = {
        axis
        for axis in range(len(shape))
        if any(_stands_along(atoms[number].content, at, axis) for monomial in form.terms for number, at, _ in monomial)
    }
    for axis in sorted(range(len(shape)), key=lambda axis: axis not in joined):  # what stands side by side is taken apart first
        form = cut(ring, form, axis, starts[axis], limits[axis], strides[axis], shape[axis])
    return [form]


def cut(ring: Ring, form: Form, axis: int, start: Any, limit: Any, stride: Any, size: Any) -> Form:
    """start : limit : stride along one axis."""
    if size == form.shape[axis] and isinstance(stride, int) and stride == 1:
        return form

    def taken(entries: np.ndarray, k: int) -> np.ndarray:
        return entries[(slice(None),) * k + (slice(start, limit, stride),)]

    return along_axis(ring, form, axis, ("slice", start, limit, stride), size, taken)


@rule("split", law="copy")
def split(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """One axis in pieces."""
    axis, start = equation.params["axis"], 0
    pieces: list[Form] = []
    for size in equation.params["sizes"]:
        pieces.append(cut(ring, operands[0], axis, start, start + size, 1, size))
        start = start + size
    return pieces


@rule("unstack", law="copy")
def unstack(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """One axis in its entries, without that axis."""
    axis, form = equation.params["axis"], operands[0]
    to = remaining(len(form.shape), (axis,))
    pieces: list[Form] = []
    for k in range(len(equation.outvars)):
        piece = cut(ring, form, axis, k, k + 1, 1, 1)  # of size 1 along the axis, so that no term uses it
        pieces.append(Form(placed(piece.terms, to), *result(equation, k), piece.tainted))
    return pieces


@rule("tile", law="copy")
def tile(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """The whole value again and again along each axis."""
    form = operands[0]
    shape, _ = result(equation)
    for axis, times in enumerate(equation.params["reps"]):
        if isinstance(times, int) and times == 1:
            continue
        small = all(isinstance(size, int) for size in shape) and math.prod(shape) <= SMALL
        form = along_axis(ring, form, axis, ("tile", times), shape[axis], partial(_tiled, times) if small else None)
    return [form]


def _tiled(times: int, entries: np.ndarray, k: int) -> np.ndarray:
    return np.tile(entries, [times if axis == k else 1 for axis in range(entries.ndim)])


@rule("dynamic_slice", law="copy")
def dynamic_slice(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """A range of each axis that starts where an operand says; JAX moves it inside, so every entry is one of the operand's."""
    shape, _ = result(equation)
    form, *starts = operands
    if len(starts) != len(form.shape):  # sizes given as operands too
        return opaque(ring, equation, operands)
    for axis, start in enumerate(starts):
        if shape[axis] == form.shape[axis]:
            continue
        known, size = start.constant(), form.shape[axis]
        if isinstance(known, int) and isinstance(size, int) and isinstance(shape[axis], int) and known >= 0:
            begin = min(known, size - shape[axis])
            form = cut(ring, form, axis, begin, begin + shape[axis], 1, shape[axis])
        else:
            form = along_axis(ring, form, axis, ("dynamic_slice",), shape[axis], None, start)
    return [form]


def along_axis(
    ring: Ring,
    form: Form,
    axis: int,
    what: tuple[Any, ...],
    size: Any,
    known: Callable[[np.ndarray, int], np.ndarray] | None,
    index: Form | None = None,
) -> Form:
    """Each factor that uses `axis` becomes an atom of its own; the rest is unchanged. `index` is a scalar operand it depends on."""
    shape = (*form.shape[:axis], size, *form.shape[axis + 1 :])
    total: Terms = {}
    for monomial, coefficient in form.terms.items():
        moved: Terms = {tuple(factor for factor in monomial if axis not in factor[1]): coefficient}
        for factor in monomial:
            if axis in factor[1]:
                moved = ring.times(moved, _taken(ring, factor, axis, what, shape, known, index, form.shape))
        total = ring.plus(total, moved)
    return ring.form(total, shape, form.dtype)


def _stands_along(content: Content | None, placement: Sequence[int], axis: int) -> TypeGuard[SideBySide]:
    """Whether an atom is values side by side along this axis of the value."""
    return isinstance(content, SideBySide) and placement[content.axis] == axis


def _of_one_piece(ring: Ring, factor: Factor, axis: int, cuts: tuple[Any, ...], shape: Shape) -> Terms | None:
    """A range of values that stand side by side, if it lies in one of them; None if it does not, or that is not known."""
    number, placement, exponent = factor
    content = ring.atoms[number].content
    if not _stands_along(content, placement, axis) or not 0 < exponent <= POWERS:
        return None
    if not all(isinstance(value, int | np.integer) for value in (*cuts, *content.sizes)) or not shape[axis]:
        return None
    start, _, stride = cuts
    last, first = start + (shape[axis] - 1) * stride, 0
    for place, size in enumerate(content.sizes):
        if first <= start and last < first + size:
            terms = dict(dict(content.parts).get(place, ()))
            here = (*shape[:axis], size, *shape[axis + 1 :])
            form = ring.form(placed(terms, dict(enumerate(placement))), here, "f")
            piece = cut(ring, form, axis, start - first, last + 1 - first, stride, shape[axis]).terms
            return functools.reduce(ring.times, [piece] * exponent)
        first += size
    return None


def _taken(
    ring: Ring,
    factor: Factor,
    axis: int,
    what: tuple[Any, ...],
    shape: Shape,
    known: Callable[[np.ndarray, int], np.ndarray] | None,
    index: Form | None,
    before: Shape,
) -> Terms:
    number, placement, exponent = factor
    if what[0] == "slice" and (piece := _of_one_piece(ring, factor, axis, what[1:], shape)) is not None:
        return piece
    axes = tuple(sorted(placement))
    entries = evaluated(ring.atoms, (factor,), axes, before) if known is not None else None
    if entries is not None and known is not None:
        return content_terms(ring.atoms, known(entries, axes.index(axis)), axes)
    k = placement.index(axis)
    kept = tuple(a for a in placement if a != axis or not is_one(shape[axis]))
    key = ("copy", what, number, k, shape[axis], None if index is None else index.key())
    atom = ring.atoms.find(key)
    if atom is None:
        inner = ring.atoms[number]
        children = (number,) if inner.tainted else ()
        if index is not None:
            children += ring.children(index.terms)
        atom = ring.atoms.make(key, "entries", tuple(shape[a] for a in kept), children)
        atom.like(inner)
    return {((atom.number, kept, exponent),): 1}


def with_factors(ring: Ring, form: Form, shape: Shape, change: Callable[[Factor], Terms]) -> Form:
    """Every factor replaced: right for every copy, since copying commutes with products and powers."""
    total: Terms = {}
    for monomial, coefficient in form.terms.items():
        moved: Terms = {(): coefficient}
        for factor in monomial:
            moved = ring.times(moved, change(factor))
        total = ring.plus(total, moved)
    return ring.form(total, shape, form.dtype)
