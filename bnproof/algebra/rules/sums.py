"""Sums over axes, matrix products and running sums: linear; factors that do not use the summed axes come out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...jaxpr import Equation, divides, is_one
from ..atoms import Content
from ..forms import Form, Ring, SumOfTerms
from ..known import content_terms, evaluated
from ..monomials import ONE, Factor, Monomial, Shape, Terms, bits, mask, moved, placed, relabelled, remaining
from ..rationals import tidy
from .ring import bounded, exact, fits
from .table import opaque, result, rule

DEPTH = 4
"""How many levels of sums inside sums are taken apart."""


@dataclass(slots=True)
class SumOverAxes(Content):
    """Of an atom that is Σ over the axes `over` of a monomial on axes of these sizes."""

    monomial: Monomial
    sizes: Shape
    over: tuple[int, ...]


@rule("reduce_sum", law="linear")
def reduce_sum(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """Σ over axes; over an axis that a term does not use, times its size."""
    (shape, kind), (form,) = result(equation), operands
    if not exact(ring, operands, kind) or ring.is_lowest(form):
        return opaque(ring, equation, operands)
    terms = summed(ring, form.terms, form.shape, tuple(equation.params["axes"]))
    return [ring.form(terms, shape, kind)] if fits(ring, terms, equation) else opaque(ring, equation, operands)


@rule("psum", law="linear")
def psum(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """Σ over a mapped axis that vmap has made an axis of the value; over devices, it is opaque."""
    axes = equation.params["axes"]
    if not all(isinstance(axis, int | np.integer) for axis in axes) or equation.params.get("axis_index_groups") is not None:
        return opaque(ring, equation, operands)
    forms: list[Form] = []
    for k, form in enumerate(operands):
        shape, kind = result(equation, k)
        if kind not in "fc" or ring.is_lowest(form):
            return opaque(ring, equation, operands)
        forms.append(ring.form(summed(ring, form.terms, form.shape, axes), shape, kind))
    return forms


def summed(ring: Ring, terms: Terms, shape: Shape, axes: Sequence[int], depth: int = 0) -> Terms:
    """Σ of the terms over these axes of `shape`; the other axes move up."""
    axes = tuple(sorted(axes))
    reduced = mask(axes)
    move = remaining(len(shape), axes)
    total: Terms = {}
    for monomial, coefficient in terms.items():
        outside = [factor for factor in monomial if not any(reduced >> axis & 1 for axis in factor[1])]
        sums: Terms = {moved(outside, move): coefficient}
        unused = reduced & ~ring.about(monomial)[1]
        for axis in bits(unused):
            sums = ring.times(sums, size_terms(ring, shape[axis]))
        for component in components([factor for factor in monomial if factor not in outside], reduced):
            sums = ring.times(sums, _component(ring, component, shape, reduced, move, depth))
            if len(sums) > 1:
                sums = ring.form(sums, tuple(shape[axis] for axis in move), "f").terms
        total = ring.plus(total, sums)
    return total


def size_terms(ring: Ring, size: Any) -> Terms:
    """A size as a factor: a product of the program's symbolic sizes and a number where it is one, else an atom of its own.

    So a mean over 64·n values divides out however the program wrote 64·n.
    """
    if isinstance(size, int):
        return {ONE: size} if size else {}
    found = ring.memo.get(("size", size))
    if found is None:
        found = ring.memo["size", size] = _size_terms(ring, size)
    return found


def _size_terms(ring: Ring, size: Any) -> Terms:
    terms: Terms = {ONE: 1}
    for symbol in ring.symbols:
        while not isinstance(size, int) and divides(symbol, size):
            terms, size = ring.times(terms, _size_atom(ring, symbol)), size // symbol
    return ring.times(terms, {ONE: size} if isinstance(size, int) else _size_atom(ring, size))


def _size_atom(ring: Ring, size: Any) -> Terms:
    atom = ring.atoms.find(("size", size))
    if atom is None:
        atom = ring.atoms.make(("size", size), "size", ())
        atom.most, atom.signed = 1, False
    return {((atom.number, (), 1),): 1}


def components(factors: Sequence[Factor], axes: int) -> list[Monomial]:
    """The factors in groups that share none of these axes: Σ aᵢ·bⱼ over i and j is Σa · Σb."""
    groups: list[tuple[int, list[Factor]]] = []
    for factor in factors:
        touched = mask(factor[1]) & axes
        joined = [factor]
        rest: list[tuple[int, list[Factor]]] = []
        for used, members in groups:
            if used & touched:
                touched |= used
                joined = members + joined
            else:
                rest.append((used, members))
        groups = [*rest, (touched, joined)]
    return [tuple(sorted(members)) for _, members in groups]


def _component(ring: Ring, component: Monomial, shape: Shape, reduced: int, move: dict[int, int], depth: int) -> Terms:
    axes = bits(ring.about(component)[1])
    known = evaluated(ring.atoms, component, axes, shape)
    over = [k for k, axis in enumerate(axes) if reduced >> axis & 1]
    left = tuple(move[axis] for axis in axes if not reduced >> axis & 1)
    if known is not None:
        return content_terms(
            ring.atoms, np.sum(known, axis=tuple(over), keepdims=False) if len(axes) > len(over) else _all(known), left
        )
    if len(component) == 1 and component[0][2] == 1:
        number, placement, _ = component[0]
        atom = ring.atoms[number]
        own = [k for k, axis in enumerate(placement) if reduced >> axis & 1]
        rest = tuple(move[axis] for axis in placement if not reduced >> axis & 1)
        content = atom.content
        if isinstance(content, SumOverAxes):
            free = [k for k in range(len(content.sizes)) if k not in content.over]
            over = tuple(sorted({*content.over, *(free[k] for k in own)}))
            return _reduced(ring, content.monomial, content.sizes, over, rest, depth)
        if isinstance(content, SumOfTerms) and len(content.terms) <= 4 and depth < DEPTH:
            return placed(_expanded(ring, number, content, tuple(own), depth), dict(enumerate(rest)))
    labelled = relabelled({component: 1}, axes)[0][0]
    return _reduced(ring, labelled, tuple(shape[axis] for axis in axes), tuple(over), left, depth)


def _all(known: np.ndarray) -> np.ndarray:
    total = np.empty((), object)
    total[()] = tidy(sum(known.reshape(-1).tolist()))
    return total


def _expanded(ring: Ring, number: int, content: SumOfTerms, axes: tuple[int, ...], depth: int) -> Terms:
    """Σ over own axes of an atom that is a sum: the sum of the sums."""
    key = ("expanded", number, axes)
    found = ring.memo.get(key)
    if found is None:
        atom = ring.atoms[number]
        terms = summed(ring, dict(content.terms), atom.sizes, axes, depth + 1)
        shape = tuple(size for k, size in enumerate(atom.sizes) if k not in axes)
        found = ring.memo[key] = ring.form(terms, shape, "f").terms
    return found


def _reduced(ring: Ring, monomial: Monomial, sizes: Shape, over: tuple[int, ...], axes: tuple[int, ...], depth: int) -> Terms:
    """Σ over the axes `over` of a monomial on axes of these sizes, as an atom; its own axes lie along `axes`.

    Axes that one factor has for itself are summed over first, so that Σᵢⱼ aᵢ·vᵢⱼ is Σᵢ aᵢ·(Σⱼ vᵢⱼ) however it was written, and what
    cancels in the inner sum does.
    """
    for factor in monomial if len(monomial) > 1 else ():
        others = mask(axis for other in monomial if other is not factor for axis in other[1])
        private = [axis for axis in over if axis in factor[1] and not others >> axis & 1]
        if private:
            return placed(_inside_out(ring, monomial, factor, private, sizes, over, depth), dict(enumerate(axes)))
    key = ("reduce", monomial, sizes, over)
    atom = ring.atoms.find(key)
    if atom is None:
        own = tuple(size for k, size in enumerate(sizes) if k not in over)
        atom = ring.atoms.make(key, "sum over axes", own, ring.children([monomial]))
        atom.content = SumOverAxes(monomial, sizes, over)
        atom.infinite = ring.infinite([monomial])
        largest = ring.bound({monomial: 1})
        if largest is not None:
            atom.signed = ring.signed({monomial: 1})
            atom.most = largest * math.prod(sizes[k] for k in over if isinstance(sizes[k], int))
    return {((atom.number, axes, 1),): 1}


def _inside_out(
    ring: Ring, monomial: Monomial, factor: Factor, private: Sequence[int], sizes: Shape, over: Sequence[int], depth: int
) -> Terms:
    """Σ over the axes `over`, first over those that are private to one factor; the other axes move up."""
    move = remaining(len(sizes), private)
    inner = _component(ring, (factor,), sizes, mask(private), move, depth)
    rest = moved([other for other in monomial if other is not factor], move)
    left = tuple(size for axis, size in enumerate(sizes) if axis not in private)
    terms = ring.form(ring.times({rest: 1}, inner), left, "f").terms
    return summed(ring, terms, left, [move[axis] for axis in over if axis not in private], depth)


@rule("dot_general", law="linear")
def dot_general(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """Σ over the contracted axes of the product: linear in each operand."""
    (shape, kind), (left, right) = result(equation), operands
    if not exact(ring, operands, kind) or any(ring.is_lowest(form) for form in operands):
        return opaque(ring, equation, operands)
    (left_sum, right_sum), (left_batch, right_batch) = equation.params["dimension_numbers"]
    left_free = [axis for axis in range(len(left.shape)) if axis not in left_sum and axis not in left_batch]
    right_free = [axis for axis in range(len(right.shape)) if axis not in right_sum and axis not in right_batch]
    order = [*left_batch, *left_free]
    to_left = {axis: k for k, axis in enumerate(order)}
    to_right = {axis: k for k, axis in enumerate(right_batch)} | {axis: len(order) + k for k, axis in enumerate(right_free)}
    to_left |= {axis: len(shape) + k for k, axis in enumerate(left_sum)}
    to_right |= {axis: len(shape) + k for k, axis in enumerate(right_sum)}
    whole = (*shape, *(left.shape[axis] for axis in left_sum))
    a, b = bounded(ring, placed(left.terms, to_left), placed(right.terms, to_right), whole)
    terms = summed(ring, ring.times(a, b), whole, range(len(shape), len(whole)))
    return [ring.form(terms, shape, kind)] if fits(ring, terms, equation) else opaque(ring, equation, operands)


@rule("cumsum", law="linear")
def cumsum(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """Running sums along one axis; of a term that does not use it, k times the term at the k-th place."""
    (shape, kind), (form,) = result(equation), operands
    if not exact(ring, operands, kind) or ring.is_lowest(form):
        return opaque(ring, equation, operands)
    axis, reverse = equation.params["axis"], bool(equation.params["reverse"])
    total: Terms = {}
    for monomial, coefficient in form.terms.items():
        outside = tuple(factor for factor in monomial if axis not in factor[1])
        inside = tuple(factor for factor in monomial if axis in factor[1])
        running = _running(ring, inside, shape, axis, reverse)
        total = ring.plus(total, ring.times({outside: coefficient}, running))
    return [ring.form(total, shape, kind)] if fits(ring, total, equation) else opaque(ring, equation, operands)


def _running(ring: Ring, inside: Monomial, shape: Shape, axis: int, reverse: bool) -> Terms:
    axes = bits(ring.about(inside)[1] | 1 << axis)
    known = evaluated(ring.atoms, inside, axes, shape)
    along = axes.index(axis)
    if known is not None:
        if reverse:
            known = np.flip(known, along)
        known = np.cumsum(known, axis=along, dtype=object)
        return content_terms(ring.atoms, np.flip(known, along) if reverse else known, axes)
    if is_one(shape[axis]):
        return {inside: 1}
    sizes = tuple(shape[a] for a in axes)
    key = ("cumsum", along, reverse, sizes, relabelled({inside: 1}, axes))
    atom = ring.atoms.find(key)
    if atom is None:
        atom = ring.atoms.make(key, "running sums", sizes, ring.children([inside]))
        atom.infinite = ring.infinite([inside])
        largest = ring.bound({inside: 1})
        if largest is not None:
            atom.signed = ring.signed({inside: 1})
            atom.most = largest * (shape[axis] if isinstance(shape[axis], int) else 1)
    return {((atom.number, axes, 1),): 1}


@rule("dim_as_value", law="ring")
def dim_as_value(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """A symbolic size as a number of the program: exact, whatever its integer type."""
    del operands
    shape, kind = result(equation)
    return [ring.form(size_terms(ring, equation.params["dim"]), shape, kind)]
