"""Sums, products, powers and quotients of floating values; counts (whole numbers that stay exact) likewise; other integers opaque."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...jaxpr import Equation
from ..constants import kind_of, limit
from ..forms import Form, Ring
from ..monomials import ONE, Shape, Terms
from .table import pointwise, result, rule, types

LARGEST_EXPANSION = 48
"""A product of forms with more pairs of monomials than this is taken with the larger form as one atom."""


def exact(ring: Ring, operands: Sequence[Form], kind: str) -> bool:
    """Whether the ring laws hold for these operands: floating values, or whole numbers of known size (see `fits`)."""
    return kind in "fc" or (kind in "iu" and all(ring.bound(form.terms) is not None for form in operands))


def fits(ring: Ring, terms: Terms, equation: Equation) -> bool:
    """Whether a result is floating, or a whole number that cannot leave its integer type, so that nothing wrapped around."""
    dtype = equation.outvars[0].aval.dtype
    kind = kind_of(dtype)
    if kind in "fc":
        return True
    largest = ring.bound(terms)
    if largest is None or (kind == "u" and ring.signed(terms)):
        return False
    return largest <= limit(dtype)


def _ring(ring: Ring, equation: Equation, operands: Sequence[Form], terms: Callable[[], Terms]) -> list[Form]:
    """The form of these terms, if the ring laws hold; else an opaque operation of the same name."""
    shape, kind = result(equation)
    if exact(ring, operands, kind):
        found = terms()
        if kind in "fc" or fits(ring, found, equation):
            return [ring.form(found, shape, kind)]
    return [pointwise(ring, equation.primitive.name, operands, shape, kind, types(equation))]


@rule("add", "add_any", law="ring")
def add(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """v + w; −∞ + anything is −∞."""
    (shape, kind), (left, right) = result(equation), operands
    for form in operands:
        if ring.is_lowest(form):
            return [Form(form.terms, shape, kind, False)]
    return _ring(ring, equation, operands, lambda: ring.plus(left.terms, right.terms))


@rule("sub", law="ring")
def sub(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """v − w."""
    (shape, kind), (left, right) = result(equation), operands
    if ring.is_lowest(right):
        return [pointwise(ring, "sub", operands, shape, kind)]
    if ring.is_lowest(left):
        return [Form(left.terms, shape, kind, False)]
    return _ring(ring, equation, operands, lambda: ring.plus(left.terms, right.terms, -1))


@rule("neg", law="ring")
def neg(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """−v."""
    shape, kind = result(equation)
    if ring.is_lowest(operands[0]):
        return [pointwise(ring, "neg", operands, shape, kind)]
    return _ring(ring, equation, operands, lambda: ring.scale(operands[0].terms, -1))


@rule("mul", law="ring")
def mul(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """v · w."""
    (shape, kind), (left, right) = result(equation), operands
    if any(ring.is_lowest(form) for form in operands):
        return [pointwise(ring, "mul", operands, shape, kind)]
    return _ring(ring, equation, operands, lambda: ring.times(*bounded(ring, left.terms, right.terms, shape)))


def product(ring: Ring, left: Form, right: Form, shape: Shape, kind: str) -> Form:
    """v · w of floating values, multiplied out unless that would be too long."""
    return ring.form(ring.times(*bounded(ring, left.terms, right.terms, shape)), shape, kind)


def bounded(ring: Ring, left: Terms, right: Terms, shape: Shape) -> tuple[Terms, Terms]:
    """The same two values, short enough to be multiplied out."""
    if len(left) * len(right) > LARGEST_EXPANSION:
        if len(left) < len(right):
            return left, dict([ring.combine(right, shape)])
        return dict([ring.combine(left, shape)]), right
    return left, right


@rule("square", law="ring")
def square(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """v²."""
    (form,) = operands
    if ring.is_lowest(form):
        return [pointwise(ring, "square", operands, *result(equation))]
    terms = form.terms
    return _ring(ring, equation, operands, lambda: ring.times(*bounded(ring, terms, terms, form.shape)))


@rule("one_minus_square", law="ring")
def one_minus_square(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """1 − v², which JAX 0.12 writes in derivatives."""
    (form,) = operands
    if ring.is_lowest(form):
        return [pointwise(ring, "one_minus_square", operands, *result(equation))]

    def terms() -> Terms:
        return ring.plus({ONE: 1}, ring.times(*bounded(ring, form.terms, form.terms, form.shape)), -1)

    return _ring(ring, equation, operands, terms)


@rule("integer_pow", law="ring")
def integer_pow(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """vʸ for a whole number y."""
    return [power(ring, equation, operands[0], int(equation.params["y"]))]


def power(ring: Ring, equation: Equation, base: Form, exponent: int) -> Form:
    """baseʸ: multiplied out up to the fourth power of a sum, and any power of a product."""
    shape, kind = result(equation)
    if exponent == 0:
        return ring.number(1, shape, kind)
    if kind not in "fc" or ring.is_lowest(base):
        return pointwise(ring, "integer_pow", [base], shape, kind, (exponent, *types(equation)))
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
def div(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """v / w = v · (1/w) for floating values; integer division truncates and is opaque."""
    shape, kind = result(equation)
    left, right = operands
    if kind not in "fc" or ring.is_lowest(left) or ring.is_lowest(right):
        return [pointwise(ring, "div", operands, shape, kind, types(equation))]
    inverse = ring.reciprocal(right)
    if inverse is None:
        return [pointwise(ring, "div", operands, shape, kind)]
    if len(left.terms) > 1 and len(right.terms) > 1:
        monomial, coefficient = ring.combine(left.terms, left.shape)
        if ring.product(monomial, inverse[0]) == ONE:
            return [ring.number(coefficient * inverse[1], shape, kind)]
    return [ring.form(ring.times(left.terms, dict([inverse])), shape, kind)]


@rule("convert_element_type", law="ring")
def convert(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """A cast: the identity between floating types, from counts, and from Booleans read as 0 and 1; otherwise opaque."""
    (shape, kind), (form,) = result(equation), operands
    same = (
        (form.dtype in "fc" and kind in "fc" and (form.dtype, kind) != ("c", "f"))
        or (form.dtype == "b" and kind in "fciub")
        or (form.dtype in "iu" and kind in "fciu" and ring.bound(form.terms) is not None and fits(ring, form.terms, equation))
    )
    if not same:
        number = form.constant()
        most = limit(equation.outvars[0].aval.dtype) if kind in "iu" else 127
        if isinstance(number, int) and 0 <= number <= min(most, 127) and form.dtype in "fiub" and kind in "fciu":
            return [ring.number(number, shape, kind)]
        return [
            pointwise(
                ring,
                "convert_element_type",
                operands,
                shape,
                kind,
                ("to", str(equation.outvars[0].aval.dtype), *types(equation)),
            )
        ]
    return [Form(form.terms, shape, kind, form.tainted)]
