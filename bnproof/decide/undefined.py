"""Whether a program has no value at all, because it divides by something that is 0 for every input."""

from __future__ import annotations

from ..algebra.analysis import analyse
from .program import Program


def undefined(program: Program) -> str:
    """A clause that names the operation that divides by 0 whatever the inputs are at the given sizes; empty if none is found.

    The normal form of a divisor proves it. Ask this only of programs without a value in any run: a division that a `select` leaves
    out would be found as well. Programs that are called are entered; divisions inside of loops and branches, which need not be run,
    prove nothing.
    """
    if program.as_given is not None:
        program = program.as_given()
    for point in analyse(program.jaxpr, {}).walk.singular:
        if point.valueless and point.sure:
            where = program.layer(point.place) or f"`{point.place.equation.primitive.name}`"
            what = "0 by 0" if point.nought else "by 0"
            return f"{where} divides {what} whatever the values are ({program.given}), so the program has no value"
    return ""
