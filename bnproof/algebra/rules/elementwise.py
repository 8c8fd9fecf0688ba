"""Functions of one entry: exp with its law, roots so that their reciprocals cancel, and the opaque rest."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from ...jaxpr import Equation
from ..forms import Form, Ring
from ..monomials import ONE, Shape, Terms
from .ring import power
from .table import pointwise, result, rule, types

POINTWISE = (
    "abs",
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "bessel_i0e",
    "bessel_i1e",
    "cbrt",
    "ceil",
    "clz",
    "complex",
    "conj",
    "cos",
    "cosh",
    "digamma",
    "erf",
    "erf_inv",
    "erfc",
    "floor",
    "igamma",
    "igamma_grad_a",
    "igammac",
    "imag",
    "lgamma",
    "log",
    "log1p",
    "log2",
    "logistic",
    "nextafter",
    "polygamma",
    "population_count",
    "real",
    "regularized_incomplete_beta",
    "rem",
    "round",
    "shift_left",
    "shift_right_arithmetic",
    "shift_right_logical",
    "sign",
    "sin",
    "sinh",
    "tan",
    "tanh",
    "zeta",
)
"""Opaque functions of the entries at one place."""


@rule(*POINTWISE, law="congruence")
def entrywise(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """Equal entries give equal results; nothing else is known."""
    shape, kind = result(equation)
    extra = tuple(sorted((name, str(value)) for name, value in equation.params.items() if name != "accuracy"))
    name = equation.primitive.name
    form = pointwise(ring, name, operands, shape, kind, (*extra, *types(equation)))
    if name in ("log", "log1p", "log2"):  # scores + log(mask) is a mask: log 0 counts as −∞
        ring.atoms[next(iter(form.terms))[0][0]].infinite = True
    return [form]


@rule("exp", "exp2", law="exponential")
def exp(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """Of a sum, the product of the exponentials, term by term; 0 of −∞."""
    shape, kind = result(equation)
    name = equation.primitive.name
    if kind != "f":
        return [pointwise(ring, name, operands, shape, kind)]
    if ring.is_lowest(operands[0]):
        return [ring.number(0, shape, kind)]
    return [ring.form(exponential(ring, name, operands[0].terms, shape), shape, kind)]


def exponential(ring: Ring, name: str, terms: Terms, shape: Shape) -> Terms:
    """The product of one exponential a monomial: exp(p/q · m) is exp(m/q) to the p, so that exp(v)·exp(−v) = 1."""
    total = ONE
    for monomial, coefficient in terms.items():
        ratio = Fraction(coefficient)
        whole = ratio.numerator
        if abs(whole) > 64:  # no law is lost but the cancellation of different multiples
            whole = 1 if whole > 0 else -1
        atom, axes = ring.wrap(name, (), ({monomial: ratio / whole},), shape)
        total = ring.product(total, ((atom.number, axes, whole),))
    return {total: 1}


@rule("expm1", law="exponential")
def expm1(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """exp(v) − 1."""
    shape, kind = result(equation)
    if kind != "f" or ring.is_lowest(operands[0]):
        return [pointwise(ring, "expm1", operands, shape, kind)]
    terms = exponential(ring, "exp", operands[0].terms, shape)
    return [ring.form(ring.plus(terms, {ONE: 1}, -1), shape, kind)]


@rule("sqrt", law="congruence")
def sqrt(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """√v, opaque: √(v²) is |v|, not v. √0 is 0."""
    shape, kind = result(equation)
    if not operands[0].terms:
        return [ring.number(0, shape, kind)]
    return [pointwise(ring, "sqrt", operands, shape, kind)]


@rule("rsqrt", law="reciprocal")
def rsqrt(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """1/√v as the reciprocal of √v."""
    shape, kind = result(equation)
    if not operands[0].terms:
        return [pointwise(ring, "rsqrt", operands, shape, kind)]
    inverse = ring.reciprocal(pointwise(ring, "sqrt", operands, shape, kind))
    assert inverse is not None
    return [ring.form(dict([inverse]), shape, kind)]


@rule("pow", law="congruence")
def pow_(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """vʷ: a power if w is a known whole number, a root if it is ½, else opaque."""
    shape, kind = result(equation)
    exponent = operands[1].constant()
    if kind == "f" and isinstance(exponent, int) and abs(exponent) <= 16:
        return [power(ring, equation, operands[0], exponent)]
    if kind == "f" and isinstance(exponent, Fraction) and abs(exponent) == Fraction(1, 2):
        return (sqrt if exponent > 0 else rsqrt)(ring, equation, operands[:1])
    return [pointwise(ring, "pow", operands, shape, kind, types(equation))]
