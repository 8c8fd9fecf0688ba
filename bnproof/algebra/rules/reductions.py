"""Products over axes, and all, any and parity of Booleans: opaque, but for the axes that they cannot use."""

from __future__ import annotations

from collections.abc import Sequence

from ...jaxpr import Equation, may_be_empty
from ..forms import Form, Ring
from ..monomials import bits, remaining
from .table import along, result, rule, types


@rule("reduce_prod", "reduce_and", "reduce_or", "reduce_xor", law="congruence")
def reduced(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """An opaque reduction: it uses those of the remaining axes that its operand uses. All or any of equal Booleans is that one."""
    (shape, kind), (form,) = result(equation), operands
    axes = tuple(equation.params["axes"])
    if kind == "b" and equation.primitive.name != "reduce_xor" and not any(may_be_empty(form.shape[axis]) for axis in axes):
        number = form.constant()
        if number is not None:
            return [ring.number(number, shape, kind)]
    move = remaining(len(form.shape), axes)
    left = [move[axis] for axis in bits(ring.used([*form.terms])) if axis in move]
    return [along(ring, equation.primitive.name, (*axes, *types(equation)), [form], shape, kind, left)]
