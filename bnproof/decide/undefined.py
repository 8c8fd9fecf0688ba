"""Whether a program has no value at all, because it divides by something that is 0 for every input."""

from __future__ import annotations

from typing import Any

from ..algebra.analysis import analyse
from ..algebra.walk import Place
from ..jaxpr import is_literal
from .program import Program, asked

_DIVISORS = {"div": 1, "rsqrt": 0}
"""Operations without a value where one operand, of this number, is 0."""
_ZERO_OF_ZERO = ("sqrt", "cbrt", "broadcast_in_dim", "reshape", "squeeze", "transpose", "convert_element_type", "copy")
"""Operations that give 0 for 0, so that what they are applied to may be asked instead."""


def undefined(program: Program) -> str:
    """A clause that names the operation that divides by 0 whatever the inputs are at the given sizes; empty if none is found.

    The normal form of a divisor proves it. Ask this only of programs without a value in any run: a division that a `select` leaves
    out would be found as well. Divisions inside of nested programs are not looked at.
    """
    if program.as_given is not None:
        program = program.as_given()
    inner = program.jaxpr.jaxpr
    made = {variable: equation for equation in inner.eqns for variable in equation.outvars}
    divisions = [equation for equation in inner.eqns if equation.primitive.name in _DIVISORS]
    divided: list[Any] = []
    for equation in divisions:
        at = _DIVISORS[equation.primitive.name]
        divided += [_source(equation.invars[at], made), _source(equation.invars[0], made)]
    forms = analyse(asked(program.jaxpr, divided), {}).outputs
    for equation, below, above in zip(divisions, forms[::2], forms[1::2], strict=True):
        if not below.terms:
            what = "0 by 0" if equation.primitive.name == "div" and not above.terms else "by 0"
            where = program.layer(Place(equation, ())) or f"`{equation.primitive.name}`"
            return f"{where} divides {what} whatever the values are ({program.given}), so the program has no value"
    return ""


def _source(variable: Any, made: Any) -> Any:
    """The value that is 0 exactly where this one is, as far back as that is plain to see."""
    while not is_literal(variable) and variable in made and made[variable].primitive.name in _ZERO_OF_ZERO:
        variable = made[variable].invars[0]
    return variable
