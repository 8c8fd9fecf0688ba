"""Gathering at places that operands give: a copy, unless places outside are filled."""

from __future__ import annotations

from collections.abc import Sequence

from ...jaxpr import Equation, is_one
from ..forms import Form, Ring
from ..monomials import Factor, Terms, moved
from .copy import with_factors
from .table import opaque, result, rule


@rule("gather", law="copy")
def gather(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """Slices of the operand, at places from `indices`. A factor that uses no gathered axis is kept.

    Mode fill puts NaN or another number where a place is outside, so it is opaque; clip and promise_in_bounds cannot.
    """
    shape, kind = result(equation)
    form, indices = operands
    params, mode = equation.params, str(equation.params["mode"]).lower()
    if not ("clip" in mode or "promise" in mode):
        return opaque(ring, equation, operands)
    numbers, sizes = params["dimension_numbers"], params["slice_sizes"]
    batching = tuple(getattr(numbers, "operand_batching_dims", ()))
    gone = {*numbers.collapsed_slice_dims, *batching}
    window = [axis for axis in range(len(form.shape)) if axis not in gone]
    whole: dict[int, int] = {}
    for axis, place in zip(window, numbers.offset_dims, strict=True):
        if sizes[axis] == form.shape[axis]:  # such a slice can only start at 0, whatever the indices say
            whole[axis] = place
    other = [axis for axis in range(len(shape)) if axis not in whole.values() and not is_one(shape[axis])]

    def change(factor: Factor) -> Terms:
        number, placement, exponent = factor
        if all(axis in whole for axis in placement):
            return {moved((factor,), whole): 1}
        stay = [axis for axis in placement if axis in whole]
        axes = (*(whole[axis] for axis in stay), *other)
        key = ("gather", str(numbers), tuple(sizes), form.shape, shape, number, placement, indices.key(), indices.shape)
        atom = ring.atoms.find(key)
        if atom is None:
            inner = ring.atoms[number]
            children = (*((number,) if inner.tainted else ()), *ring.children(indices.terms))
            atom = ring.atoms.make(key, "entries", tuple(shape[axis] for axis in axes), children)
            atom.like(inner)
        return {((atom.number, axes, exponent),): 1}

    found = with_factors(ring, form, shape, change)
    return [Form(found.terms, shape, kind, found.tainted)]
