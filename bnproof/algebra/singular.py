"""Points at which an operation, or its derivative, has no value: met by a program whatever its inputs are, if a form says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..jaxpr import Equation
from .forms import Form

_VALUELESS = {"div": 1, "rsqrt": 0, "integer_pow": 0}
"""Operations without a value where one operand, of this number, is 0; powers with a negative exponent only."""
_KINKED = {"sqrt": 0, "cbrt": 0, "log": 0, "pow": 0, "atan2": 0}
"""Operations without a derivative there."""
_AT_ENDS = {"acos": (-1, 1), "asin": (-1, 1), "atanh": (-1, 1), "erf_inv": (-1, 1), "acosh": (1,), "log1p": (-1,)}
"""Operations without a derivative at the ends of where they have a value."""


@dataclass(frozen=True)
class Singular:
    """An operation met at a singular point whatever the inputs are.

    - place: where; valueless: it has no value there, not only no derivative; nought: it divides 0 by 0;
    - sure: it is run whenever the program is: it stands in no loop and no branch.
    """

    place: Any
    valueless: bool
    nought: bool
    sure: bool


def singular(place: Any, equation: Equation, operands: Sequence[Form], sure: bool) -> Singular | None:
    """The singular point that an equation is at, by the normal forms of its operands; None if none is known.

    A clamp between equal bounds has a value, but what JAX differentiates there is neither of its sides.
    """
    name = equation.primitive.name
    if name == "clamp":
        tied = operands[0].dtype == "f" and operands[0].terms == operands[2].terms
        return Singular(place, False, False, sure) if tied else None
    if name in _AT_ENDS:
        return Singular(place, False, False, sure) if operands[0].constant() in _AT_ENDS[name] else None
    which = _VALUELESS.get(name, _KINKED.get(name))
    if which is None or operands[which].dtype not in "fc" or operands[which].terms:
        return None
    valueless = name in _VALUELESS and (name != "integer_pow" or equation.params["y"] < 0)
    if name == "integer_pow" and not valueless:
        return None
    return Singular(place, valueless, name == "div" and not operands[0].terms, sure)


WATCHED = frozenset((*_VALUELESS, *_KINKED, *_AT_ENDS, "clamp"))
"""Names of the operations that `singular` knows."""
