"""Comparisons, which depend on the difference of their sides, and what follows from them."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ..forms import Form, Ring, Terms
from .table import Equation, pointwise, result, rule

if TYPE_CHECKING:
    from ..walk import Walk

COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}


@rule(*COMPARE, law="comparison")
def compare(walk: Walk, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """v < w depends on v − w only, in the reals. Integers may wrap around, so theirs depend on both sides."""
    ring, (shape, kind) = walk.ring, result(equation)
    left, right = operands
    name = equation.primitive.name
    if left.dtype != "f":
        a, b = left.constant(), right.constant()
        if a is not None and b is not None and left.dtype in "iub":
            return [ring.number(int(COMPARE[name](a, b)), shape, kind)]
        return [pointwise(ring, name, operands, shape, kind, (left.dtype,))]
    lowest = [ring.is_lowest(form) for form in operands]
    if any(lowest):
        return [_with_lowest(ring, name, operands, lowest, equation)]
    difference = ring.form(ring.plus(left.terms, right.terms, -1), shape, "f")
    number = difference.constant()
    if number is not None:
        return [ring.number(int(COMPARE[name](number, 0)), shape, kind)]
    return [pointwise(ring, name, [difference], shape, kind)]


def _with_lowest(ring: Ring, name: str, operands: Sequence[Form], lowest: Sequence[bool], equation: Equation) -> Form:
    """A comparison with the literal −∞: a finite part of the other side changes nothing."""
    shape, kind = result(equation)
    if all(lowest):
        return ring.number(int(COMPARE[name](0, 0)), shape, kind)
    other = operands[0] if lowest[1] else operands[1]
    masked = infinite_part(ring, other.terms)
    if not masked:
        sides = (0, -1) if lowest[1] else (-1, 0)
        return ring.number(int(COMPARE[name](*sides)), shape, kind)
    form = Form(masked, other.shape, "f", any(ring.about(monomial)[0] for monomial in masked))
    return pointwise(ring, name, [form], shape, kind, ("-inf", *lowest))


def infinite_part(ring: Ring, terms: Terms) -> Terms:
    """The terms in which an entry may be −∞."""
    return {monomial: coefficient for monomial, coefficient in terms.items() if ring.infinite([monomial])}


@rule("is_finite", law="comparison")
def is_finite(walk: Walk, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """True for reals; where masks may have put −∞, a finite part changes nothing."""
    ring, (shape, kind) = walk.ring, result(equation)
    masked = infinite_part(ring, operands[0].terms)
    if not masked:
        return [ring.number(1, shape, kind)]
    tainted = any(ring.about(monomial)[0] for monomial in masked)
    return [pointwise(ring, "is_finite", [Form(masked, shape, "f", tainted)], shape, kind)]
