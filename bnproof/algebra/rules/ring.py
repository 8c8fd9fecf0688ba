"""Sums, products, powers and quotients of floating values; counts (whole numbers that stay exact) likewise; other integers opaque."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..forms import ONE, Form, Ring, Shape, Terms
from .table import Equation, pointwise, result, rule

if TYPE_CHECKING:
    from ..walk import Walk

LARGEST_EXPANSION = 48
"""A product of forms with more pairs of monomials than this is taken with the larger form as one atom."""


def exact(ring: Ring, equation: Equation, operands: Sequence[Form], kind: str) -> bool:
    """Whether the ring laws hold: floating values, or counts in an integer type wide enough."""
    if kind in "fc":
        return True
    if kind not in "iu" or not all(ring.counts(form.terms) for form in operands):
        return False
    return np.dtype(equation.outvars[0].aval.dtype).itemsize >= 4


@rule("add", "add_any", law="ring")
def add(walk: Walk, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """v + w; −∞ + anything is −∞."""
    ring, (shape, kind) = walk.ring, result(equation)
    left, right = operands
    if not exact(ring, equation, operands, kind):
        return [pointwise(ring, "add", operands, shape, kind)]
    for form in operands:
        if ring.is_lowest(form):
            return [Form(form.terms, shape, kind, False)]
    return [ring.form(ring.plus(left.terms, right.terms), shape, kind)]


@rule("sub", law="ring")
def sub(walk: Walk, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """v − w. Unsigned differences may wrap around, so they are opaque."""
    ring, (shape, kind) = walk.ring, result(equation)
    left, right = operands
    if kind == "u" or not exact(ring, equation, operands, kind) or ring.is_lowest(right):
        return [pointwise(ring, "sub", operands, shape, kind)]
    if ring.is_lowest(left):
        return [Form(left.terms, shape, kind, False)]
    return [ring.form(ring.plus(left.terms, right.terms, -1), shape, kind)]


@rule("neg", law="ring")
def neg(walk: Walk, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """−v."""
    ring, (shape, kind) = walk.ring, result(equation)
    if kind == "u" or not exact(ring, equation, operands, kind) or ring.is_lowest(operands[0]):
        return [pointwise(ring, "neg", operands, shape, kind)]
    return [ring.form(ring.scale(operands[0].terms, -1), shape, kind)]


@rule("mul", law="ring")
def mul(walk: Walk, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """v · w."""
    ring, (shape, kind) = walk.ring, result(equation)
    if not exact(ring, equation, operands, kind) or any(ring.is_lowest(form) for form in operands):
        return [pointwise(ring, "mul", operands, shape, kind)]
    return [product(ring, operands[0], operands[1], shape, kind)]


def product(ring: Ring, left: Form, right: Form, shape: Shape, kind: str) -> Form:
    """v · w, multiplied out unless that would be too long."""
    return ring.form(ring.times(*bounded(ring, left.terms, right.terms, shape)), shape, kind)


def bounded(ring: Ring, left: Terms, right: Terms, shape: Shape) -> tuple[Terms, Terms]:
    """The same two values, short enough to be multiplied out."""
    if len(left) * len(right) > LARGEST_EXPANSION:
        if len(left) < len(right):
            return left, dict([ring.combine(right, shape)])
        return dict([ring.combine(left, shape)]), right
    return left, right


@rule("square", law="ring")
def square(walk: Walk, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """v²."""
    return mul(walk, equation, [operands[0], operands[0]])


@rule("integer_pow", law="ring")
def integer_pow(walk: Walk, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """vʸ for a whole number y."""
    return [power(walk.ring, equation, operands[0], int(equation.params["y"]))]


def power(ring: Ring, equation: Equation, base: Form, exponent: int) -> Form:
    """baseʸ: multiplied out up to the fourth power of a sum, and any power of a product."""
    shape, kind = result(equation)
    if exponent == 0:
        return ring.number(1, shape, kind)
    if kind not in "fc" or ring.is_lowest(base):
        return pointwise(ring, "integer_pow", [base], shape, kind, (exponent,))
    if exponent < 0:
        inverse = ring.reciprocal(base)
        if inverse is None:
            return pointwise(ring, "integer_pow", [base], shape, kind, (exponent,))
        base, exponent = ring.form(dict([inverse]), base.shape, kind), -exponent
    if exponent > 4 or (len(base.terms) > 2 and exponent > 2):
        base = ring.form(dict([ring.combine(base.terms, base.shape)]), base.shape, kind) if base.terms else base
    if exponent > 16:
        return pointwise(ring, "integer_pow", [base], shape, kind, (exponent,))
    total = base
    for _ in range(exponent - 1):
        total = product(ring, total, base, shape, kind)
    return total


@rule("div", law="reciprocal")
def div(walk: Walk, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """v / w = v · (1/w) for floating values; integer division truncates and is opaque."""
    ring, (shape, kind) = walk.ring, result(equation)
    left, right = operands
    if kind not in "fc" or ring.is_lowest(left) or ring.is_lowest(right):
        return [pointwise(ring, "div", operands, shape, kind)]
    inverse = ring.reciprocal(right)
    if inverse is None:
        return [pointwise(ring, "div", operands, shape, kind)]
    if len(left.terms) > 1 and len(right.terms) > 1:
        monomial, coefficient = ring.combine(left.terms, left.shape)
        if ring.product(monomial, inverse[0]) == ONE:
            return [ring.number(coefficient * inverse[1], shape, kind)]
    return [ring.form(ring.times(left.terms, dict([inverse])), shape, kind)]


@rule("convert_element_type", law="ring")
def convert(walk: Walk, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """A cast: the identity between floating types, from counts, and from Booleans read as 0 and 1; otherwise opaque."""
    ring, (shape, kind), (form,) = walk.ring, result(equation), operands
    wide = kind in "fc" or (kind in "iu" and np.dtype(equation.outvars[0].aval.dtype).itemsize >= 4)
    same = (
        (form.dtype in "fc" and kind in "fc" and (form.dtype, kind) != ("c", "f"))
        or (form.dtype == "b" and kind in "fciub")
        or (form.dtype in "iu" and wide and ring.counts(form.terms) and not (kind == "u" and form.dtype == "i"))
    )
    if not same:
        number = form.constant()
        if isinstance(number, int) and 0 <= number < 128 and kind in "fciu":
            return [ring.number(number, shape, kind)]
        return [pointwise(ring, "convert_element_type", operands, shape, kind, (str(equation.params.get("new_dtype")),))]
    return [Form(form.terms, shape, kind, form.tainted)]
