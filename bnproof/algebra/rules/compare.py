"""Comparisons, which depend on the difference of their sides, and what follows from them."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

from ...jaxpr import Equation
from ..forms import Form, Ring
from ..monomials import Terms
from .table import pointwise, result, rule

COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}


@rule(*COMPARE, law="comparison")
def compare(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """v < w depends on v − w only, in the reals. Integers may wrap around, so theirs depend on both sides."""
    shape, kind = result(equation)
    left, right = operands
    name = equation.primitive.name
    if left.dtype != "f":
        a, b = left.constant(), right.constant()
        if a is not None and b is not None and left.dtype in "iub":
            return [ring.number(int(COMPARE[name](a, b)), shape, kind)]
        return [pointwise(ring, name, operands, shape, kind, (left.dtype,))]
    infinite = [infinite_part(ring, form.terms) for form in operands]
    if any(infinite):
        return [_masked(ring, name, operands, infinite, equation)]
    difference = ring.form(ring.plus(left.terms, right.terms, -1), shape, "f")
    number = difference.constant()
    if number is not None:
        return [ring.number(int(COMPARE[name](number, 0)), shape, kind)]
    return [pointwise(ring, name, [difference], shape, kind)]


def _masked(ring: Ring, name: str, operands: Sequence[Form], infinite: Sequence[Terms], equation: Equation) -> Form:
    """A comparison in which a side may be −∞ (or NaN): finite parts move to one side, the others stay where they are.

    Against the literal −∞ a finite part changes nothing: −∞ = −∞ + s, and no real is −∞.
    """
    shape, kind = result(equation)
    left, right = operands
    lowest = [ring.is_lowest(form) for form in operands]
    if all(lowest):
        return ring.number(int(COMPARE[name](0, 0)), shape, kind)
    if any(lowest):
        other = infinite[1] if lowest[0] else infinite[0]
        if not other:
            sides = (-1, 0) if lowest[0] else (0, -1)
            return ring.number(int(COMPARE[name](*sides)), shape, kind)
        form = ring.form(other, shape, "f")
        return pointwise(ring, name, [left, form] if lowest[0] else [form, right], shape, kind)
    finite = [ring.plus(form.terms, part, -1) for form, part in zip(operands, infinite, strict=True)]
    moved = ring.form(ring.plus(infinite[0], ring.plus(finite[0], finite[1], -1)), shape, "f")
    return pointwise(ring, name, [moved, ring.form(dict(infinite[1]), shape, "f")], shape, kind, ("masked",))


def infinite_part(ring: Ring, terms: Terms) -> Terms:
    """The terms in which an entry may be −∞."""
    return {monomial: coefficient for monomial, coefficient in terms.items() if ring.infinite([monomial])}


@rule("is_finite", law="comparison")
def is_finite(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """True for reals; where masks may have put −∞, a finite part changes nothing. Who asks may divide by 0: quotients stay."""
    shape, kind = result(equation)
    terms = operands[0].terms
    masked = infinite_part(ring, terms)
    masked |= {m: c for m, c in terms.items() if any(exponent < 0 for _, _, exponent in m)}
    if not masked:
        return [ring.number(1, shape, kind)]
    tainted = any(ring.about(monomial)[0] for monomial in masked)
    return [pointwise(ring, "is_finite", [Form(masked, shape, "f", tainted)], shape, kind)]
