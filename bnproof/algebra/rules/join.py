"""Concatenation, padding and updates of slices: values side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...jaxpr import Equation, is_one
from ..atoms import Content
from ..forms import Form, Ring
from ..known import added, all_known, content_terms, evaluated
from ..monomials import ONE, Monomial, Shape, Terms, bits, common, mask, placed, relabelled
from ..rationals import Coefficient
from .table import along, opaque, result, rule, split


@dataclass(slots=True)
class SideBySide(Content):
    """Of an atom that is values one after the other along its own axis `axis`, each as long as `sizes` says.

    parts: (which of them, its terms on the atom's own axes); those that are not there are 0.
    """

    parts: tuple[tuple[int, tuple[tuple[Monomial, Coefficient], ...]], ...]
    sizes: Shape
    axis: int


@rule("concatenate", law="linear")
def concatenate(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """Values one after the other along an axis: linear in all of them together.

    Terms that use the same other axes are joined into one atom, so that a per-channel bias of each operand becomes one
    per-channel value of the result. What all operands have alike, without using the axis, stays as it is.
    """
    return [_concatenated(ring, operands, *result(equation), equation.params["dimension"])]


@rule("stack", law="linear")
def stack(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """Values one after the other along a new axis, along which each is of size 1 before."""
    shape, kind = result(equation)
    axis = equation.params["axis"]
    to = {a: a + (a >= axis) for a in range(len(shape) - 1)}
    widened = [
        Form(placed(form.terms, to), (*form.shape[:axis], 1, *form.shape[axis:]), kind, form.tainted) for form in operands
    ]
    return [_concatenated(ring, widened, shape, kind, axis)]


def _concatenated(ring: Ring, operands: Sequence[Form], shape: Shape, kind: str, axis: int) -> Form:
    operands = [form for form in operands if not (isinstance(form.shape[axis], int) and form.shape[axis] == 0)] or operands[:1]
    if len(operands) == 1:
        return Form(operands[0].terms, shape, kind, operands[0].tainted)
    if kind not in "fc" or any(ring.is_lowest(form) for form in operands):
        return _side_by_side(ring, operands, shape, kind, axis)
    full = 1 << axis
    shared = {
        m: c
        for m, c in common(operands[0].terms, *(form.terms for form in operands[1:])).items()
        if not ring.about(m)[1] & full
    }
    groups: dict[int, list[tuple[int, Terms]]] = {}
    for place, form in enumerate(operands):
        parts: dict[int, Terms] = {}
        for monomial, coefficient in form.terms.items():
            if monomial not in shared:
                tainted, used = ring.about(monomial)
                parts.setdefault(used & ~full if tainted else -1, {})[monomial] = coefficient
        for used, terms in parts.items():
            groups.setdefault(used, []).append((place, terms))
    sizes = tuple(form.shape[axis] for form in operands)
    total = dict(shared)
    for parts_of in groups.values():
        total = ring.plus(total, _joined(ring, parts_of, sizes, axis, shape))
    return ring.form(total, shape, kind)


def _joined(ring: Ring, parts: list[tuple[int, Terms]], sizes: Shape, axis: int, shape: Shape) -> Terms:
    """One atom: these terms at their operands' places, 0 at the others."""
    used = ring.used(monomial for _, terms in parts for monomial in terms) | 1 << axis
    axes = bits(used)
    known = _known(ring, parts, sizes, axis, axes, shape)
    if known is not None:
        return known
    inside = tuple((place, relabelled(terms, axes)) for place, terms in parts)
    own = tuple(shape[a] for a in axes)
    key = ("join", axes.index(axis), sizes, own, inside)
    atom = ring.atoms.find(key)
    if atom is None:
        children = ring.children(monomial for _, terms in parts for monomial in terms)
        atom = ring.atoms.make(key, "side by side", own, children)
        atom.infinite = any(ring.infinite(terms) for _, terms in parts)  # a sum with 0: −∞ + 0 = −∞
        atom.content = SideBySide(inside, sizes, axes.index(axis))
    return {((atom.number, axes, 1),): 1}


def _known(
    ring: Ring, parts: list[tuple[int, Terms]], sizes: Shape, axis: int, axes: tuple[int, ...], shape: Shape
) -> Terms | None:
    if not all(all_known(ring.atoms, terms) for _, terms in parts):
        return None
    pieces: list[np.ndarray] = []
    given = dict(parts)
    for place, size in enumerate(sizes):
        here = (*shape[:axis], size, *shape[axis + 1 :])
        entries = added(ring.atoms, given.get(place, {}), axes, here)
        if entries is None:
            return None
        pieces.append(entries)
    return content_terms(ring.atoms, np.concatenate(pieces, axes.index(axis)), axes)


def _side_by_side(ring: Ring, operands: Sequence[Form], shape: Shape, kind: str, axis: int) -> Form:
    """With the literal −∞ or without floating values, opaque; a finite part that all share, not using the axis, comes out."""
    shared: Terms = {}
    finite = [form.terms for form in operands if not ring.is_lowest(form)]
    if kind in "fc" and finite:
        alike = common(finite[0], *finite[1:])
        shared = {m: c for m, c in alike.items() if not ring.about(m)[1] >> axis & 1 and not ring.infinite([m])}
    rest = [
        form if ring.is_lowest(form) else ring.form(ring.plus(form.terms, shared, -1), form.shape, form.dtype)
        for form in operands
    ]
    used = ring.used(monomial for form in rest for monomial in form.terms) | 1 << axis
    joined = along(ring, "concatenate", (axis,), rest, shape, kind, bits(used))
    return ring.form(ring.plus(joined.terms, shared), shape, kind) if shared else joined


@rule("pad", law="linear")
def pad(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """Padding with 0 is linear; with c, it is pad₀(v − c) + c; with −∞ a shift that uses no padded axis comes out."""
    (shape, kind), (form, value) = result(equation), operands
    config = equation.params["padding_config"]
    padded = [axis for axis, (low, high, inside) in enumerate(config) if (low, high, inside) != (0, 0, 0)]
    if kind not in "fc":
        used = ring.used([*form.terms]) | mask(padded)
        return [along(ring, "pad", tuple(config), operands, shape, kind, bits(used))]
    if not padded:
        return [form]
    if ring.infinite(form.terms) or ring.infinite(value.terms):
        shared, inner = split(ring, form, mask(padded)) if ring.is_lowest(value) else ({}, form)
        used = ring.used([*inner.terms]) | mask(padded)
        whole = along(ring, "pad", tuple(config), [inner, value], shape, kind, bits(used))
        return [ring.form(ring.plus(whole.terms, shared), shape, kind)]
    terms = ring.plus(form.terms, value.terms, -1)
    here = list(form.shape)
    for axis in padded:
        size = shape[axis]
        terms = _padded(ring, terms, axis, config[axis], tuple(here), size)
        here[axis] = size
    return [ring.form(ring.plus(terms, value.terms), shape, kind)]


def _padded(ring: Ring, terms: Terms, axis: int, how: tuple[int, int, int], before: Shape, size: Any) -> Terms:
    """0-padding along one axis; a term that does not use it is multiplied by 1 inside, 0 outside."""
    total: Terms = {}
    for monomial, coefficient in terms.items():
        outside = tuple(factor for factor in monomial if axis not in factor[1])
        inside = tuple(factor for factor in monomial if axis in factor[1])
        total = ring.plus(total, ring.times({outside: coefficient}, _inside(ring, inside, axis, how, before, size)))
    return total


def _inside(ring: Ring, inside: Monomial, axis: int, how: tuple[int, int, int], before: Shape, size: Any) -> Terms:
    axes = bits(ring.about(inside)[1] | 1 << axis)
    known = evaluated(ring.atoms, inside, axes, before)
    if known is not None and isinstance(size, int):
        return content_terms(ring.atoms, _pad_array(known, axes.index(axis), how, size), axes)
    shape = (*before[:axis], size, *before[axis + 1 :])
    kept = tuple(a for a in axes if not is_one(shape[a]))
    key = ("pad", axes.index(axis), how, before[axis], tuple(shape[a] for a in axes), relabelled({inside: 1}, axes))
    atom = ring.atoms.find(key)
    if atom is None:
        atom = ring.atoms.make(key, "padded with 0", tuple(shape[a] for a in kept), ring.children([inside]))
        atom.idempotent = inside == ONE
        atom.most, atom.signed = ring.bound({inside: 1}), ring.signed({inside: 1})
    return {((atom.number, kept, 1),): 1}


def _pad_array(entries: np.ndarray, axis: int, how: tuple[int, int, int], size: int) -> np.ndarray:
    low, _, inside = how
    shape = list(entries.shape)
    shape[axis] = size
    padded = np.zeros(shape, object)
    for k in range(entries.shape[axis]):
        place = low + k * (inside + 1)
        if 0 <= place < size:
            padded[(slice(None),) * axis + (place,)] = entries[(slice(None),) * axis + (k,)]
    return padded


@rule("dynamic_update_slice", law="copy")
def dynamic_update_slice(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """Every entry is one of the value's or one of the update's: a common part that uses no axis comes out."""
    shape, kind = result(equation)
    value, update, *starts = operands
    if kind not in "fc" or any(ring.is_lowest(form) for form in (value, update)):
        return opaque(ring, equation, operands)
    changed = [axis for axis in range(len(shape)) if update.shape[axis] != shape[axis]]
    alike = common(value.terms, update.terms)
    shared = {m: c for m, c in alike.items() if not ring.about(m)[1] & mask(changed) and not ring.infinite([m])}
    rest = [ring.form(ring.plus(form.terms, shared, -1), form.shape, kind) for form in (value, update)]
    used = ring.used(monomial for form in rest for monomial in form.terms) | mask(changed)
    written = along(ring, "dynamic_update_slice", (), [*rest, *starts], shape, kind, bits(used))
    return [ring.form(ring.plus(written.terms, shared), shape, kind)]
