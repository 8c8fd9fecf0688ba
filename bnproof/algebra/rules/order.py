"""Maxima, minima, sorting and places of maxima: a shift that is the same for all values compared comes out, or does not count."""

from __future__ import annotations

from collections.abc import Sequence

from ...jaxpr import Equation, may_be_empty
from ..forms import Form, Ring
from ..monomials import Terms, bits, common, mask, placed, remaining
from .table import along, opaque, pointwise, result, rule, split


@rule("max", "min", law="order")
def extreme(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """max(v + s, w + s) = max(v, w) + s, entry by entry; −∞ never is the larger, always the smaller."""
    shape, kind = result(equation)
    name = equation.primitive.name
    left, right = operands
    if kind != "f":
        a, b = left.constant(), right.constant()
        if a is not None and b is not None and kind in "iu":
            return [ring.number(max(a, b) if name == "max" else min(a, b), shape, kind)]
        return [pointwise(ring, name, operands, shape, kind)]
    for one, other in ((left, right), (right, left)):
        if ring.is_lowest(one):
            chosen = other if name == "max" else one
            return [Form(chosen.terms, shape, kind, chosen.tainted)]
    if left.terms == right.terms:
        return [Form(left.terms, shape, kind, left.tainted)]
    a, b = left.constant(), right.constant()
    if a is not None and b is not None:
        return [ring.number(max(a, b) if name == "max" else min(a, b), shape, kind)]
    shared = {m: c for m, c in common(left.terms, right.terms).items() if not ring.infinite([m])}
    rest = [ring.form(ring.plus(form.terms, shared, -1), form.shape, kind) for form in operands]
    rest.sort(key=Form.key)  # max(v, w) = max(w, v)
    chosen = pointwise(ring, name, rest, shape, kind)
    return [ring.form(ring.plus(chosen.terms, shared), shape, kind)]


@rule("clamp", law="order")
def clamp(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """min(max(v, low), high)."""
    low, value, high = operands
    shape, kind = result(equation)
    if kind != "f":
        return [pointwise(ring, "clamp", operands, shape, kind)]
    if low.terms == high.terms:
        return [Form(low.terms, shape, kind, low.tainted)]
    return [pointwise(ring, "clamp", [low, value, high], shape, kind)]


@rule("reduce_max", "reduce_min", law="order")
def reduce_extreme(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """max(v + s) = max(v) + s for s that uses none of the axes; over no values at all it is −∞, and no shift comes out."""
    (shape, kind), (form,) = result(equation), operands
    axes = tuple(equation.params["axes"])
    if kind != "f" or any(may_be_empty(form.shape[axis]) for axis in axes):
        found = opaque(ring, equation, operands)
        for number, _, _ in next(iter(found[0].terms), ()):
            ring.atoms[number].infinite = True
        return found
    move = remaining(len(form.shape), axes)
    uniform, inner = split(ring, form, mask(axes))
    if not inner.terms:
        return [ring.form(placed(uniform, move), shape, kind)]
    left = [move[axis] for axis in bits(ring.used([*inner.terms])) if axis in move]
    largest = along(ring, equation.primitive.name, axes, [inner], shape, kind, left)
    return [ring.form(ring.plus(largest.terms, placed(uniform, move)), shape, kind)]


@rule("argmax", "argmin", law="comparison")
def arg_extreme(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """The place of the maximum does not depend on a shift that does not use the axis."""
    (shape, kind), (form,) = result(equation), operands
    axes = tuple(equation.params["axes"])
    if form.dtype != "f":
        return opaque(ring, equation, operands)
    _, rest = split(ring, form, mask(axes))
    move = remaining(len(form.shape), axes)
    left = [move[axis] for axis in bits(ring.used([*rest.terms])) if axis in move]
    return [along(ring, equation.primitive.name, axes, [rest], shape, kind, left)]


@rule("cummax", "cummin", "cumlogsumexp", law="order")
def running_extreme(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """Running maxima (and log Σ exp, since exp(v + s) = exp(v)·exp(s)) move with a shift that does not use the axis."""
    (shape, kind), (form,) = result(equation), operands
    axis, reverse = equation.params["axis"], bool(equation.params["reverse"])
    if kind != "f":
        return opaque(ring, equation, operands)
    uniform, inner = split(ring, form, 1 << axis)
    used = ring.used([*inner.terms]) | 1 << axis
    running = along(ring, equation.primitive.name, (axis, reverse), [inner], shape, kind, bits(used))
    return [ring.form(ring.plus(running.terms, uniform), shape, kind)]


@rule("sort", law="order")
def sort(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """The order of the keys does not depend on a shift along no part of the axis; what is sorted by them carries all keys."""
    axis, keys = equation.params["dimension"], equation.params["num_keys"]
    how = (axis, keys, bool(equation.params["is_stable"]))
    if any(form.dtype not in "fiub" for form in operands):
        return opaque(ring, equation, operands)
    parts: list[Terms] = []
    rests: list[Form] = []
    for form in operands:
        uniform, rest = split(ring, form, 1 << axis) if form.dtype == "f" else ({}, form)
        parts.append(uniform)
        rests.append(rest)
    sorted_by = rests[:keys]
    forms: list[Form] = []
    for k, form in enumerate(operands):
        shape, kind = result(equation, k)
        inside = sorted_by if k < keys else [*sorted_by, rests[k]]
        used = ring.used(monomial for one in inside for monomial in one.terms) | 1 << axis
        place = (*how, k if k < keys else "payload")
        moved = along(ring, "sort", place, inside, shape, kind, bits(used)) if rests[k].terms or not parts[k] else None
        terms = parts[k] if moved is None else ring.plus(moved.terms, parts[k])
        forms.append(ring.form(terms, shape, form.dtype))
    return forms


@rule("top_k", law="order")
def top_k(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """The k largest along an axis move with a shift that does not use it; their places do not change."""
    form = operands[0]
    if form.dtype != "f" or len(operands) != 1:
        return opaque(ring, equation, operands)
    axis = equation.params.get("axis", len(form.shape) - 1) % len(form.shape)
    uniform, inner = split(ring, form, 1 << axis)
    axes = bits(ring.used([*inner.terms]) | 1 << axis)
    how = tuple(sorted((name, str(value)) for name, value in equation.params.items()))
    (shape, kind), (places, integer) = result(equation, 0), result(equation, 1)
    values = along(ring, "top_k", how, [inner], shape, kind, axes)
    return [
        ring.form(ring.plus(values.terms, uniform), shape, kind),
        along(ring, "top_k places", how, [inner], places, integer, axes),
    ]
