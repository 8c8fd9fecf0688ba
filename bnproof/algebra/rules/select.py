"""where(p, v, w) and the logic of Booleans, as polynomials in 0/1 values."""

from __future__ import annotations

from collections.abc import Sequence

from ...jaxpr import Equation
from ..forms import Form, Ring
from ..monomials import ONE, Terms, common
from .ring import bounded
from .table import pointwise, result, rule, types


@rule("select_n", law="select")
def select_n(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """Equal cases: that case. Two cases and an untainted predicate: p·v + (1 − p)·w. Else the part common to all comes out.

    The case −∞ lets any finite common part of the others through. A case that may hold −∞ is never multiplied by p: 0·∞.
    """
    shape, kind = result(equation)
    predicate, *cases = operands
    known = predicate.constant()
    if len(cases) == 1 or (isinstance(known, int) and 0 <= known < len(cases)):
        chosen = cases[known if isinstance(known, int) and len(cases) > 1 else 0]
        return [Form(chosen.terms, shape, kind, chosen.tainted)]
    if all(case.terms == cases[0].terms for case in cases[1:]):
        return [Form(cases[0].terms, shape, kind, cases[0].tainted)]
    infinite = any(ring.infinite(case.terms) for case in cases)
    tainted = any(case.tainted for case in cases)
    if len(cases) == 2 and tainted and not predicate.tainted and not infinite and predicate.dtype == "b" and kind in "fc":
        return [ring.form(_mixed(ring, predicate.terms, cases[1], cases[0], shape), shape, kind)]
    if kind not in "fc":
        return [pointwise(ring, "select_n", operands, shape, kind, (predicate.dtype,))]
    finite = [case.terms for case in cases if not ring.is_lowest(case)]
    shared = {m: c for m, c in common(finite[0], *finite[1:]).items() if not ring.infinite([m])}
    rest = [case if ring.is_lowest(case) else _without(ring, case, shared) for case in cases]
    chosen = pointwise(ring, "select_n", [predicate, *rest], shape, kind, (predicate.dtype,))
    return [ring.form(ring.plus(chosen.terms, shared), shape, kind)]


def _mixed(ring: Ring, predicate: Terms, true: Form, false: Form, shape: tuple[object, ...]) -> Terms:
    """p·v + (1 − p)·w = w + p·(v − w)."""
    p, difference = bounded(ring, predicate, ring.plus(true.terms, false.terms, -1), shape)
    return ring.plus(false.terms, ring.times(p, difference))


def _without(ring: Ring, form: Form, shared: Terms) -> Form:
    return ring.form(ring.plus(form.terms, shared, -1), form.shape, form.dtype)


@rule("and", "or", "xor", "not", law="select")
def logic(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """Booleans are 0 and 1: not p = 1 − p, p and q = p·q, p or q = p + q − p·q, p xor q = p + q − 2·p·q. Integers are opaque."""
    shape, kind = result(equation)
    name = equation.primitive.name
    if kind != "b":
        return [pointwise(ring, name, operands, shape, kind, types(equation))]
    if name == "not":
        return [_boolean(ring, ring.plus({ONE: 1}, operands[0].terms, -1), shape)]
    left, right = operands[0].terms, operands[1].terms
    both = ring.times(*bounded(ring, left, right, shape))
    if name == "and":
        return [_boolean(ring, both, shape)]
    return [_boolean(ring, ring.plus(ring.plus(left, right), ring.scale(both, 2 if name == "xor" else 1), -1), shape)]


def _boolean(ring: Ring, terms: Terms, shape: tuple[object, ...]) -> Form:
    """The form, as one 0/1 atom where it has several terms other than 1 − p: powers of 0/1 values stay small."""
    if len(terms) > 2 or (len(terms) == 2 and ONE not in terms):
        atom, axes = ring.wrap("logic", (), (terms,), shape)
        atom.boolean()
        return ring.of(atom, axes, shape, "b")
    return ring.form(terms, shape, "b")
