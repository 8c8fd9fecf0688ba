"""Places of maxima and orders of values on the way from a parameter to an output: in floats, round-off decides their ties.

A parameter may be out of a value over the reals before its maxima are looked for, and in floats leave round-off in there all the same.
So this follows the program itself, not its normal form.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from ..algebra.constants import kind_of
from ..jaxpr import LOOPS, Equation, called, is_literal, opened

_PLACING = frozenset(("argmax", "argmin", "top_k", "approx_top_k"))
Reached = str | None
"""Of a value: None if it does not depend on the parameter; else the operation that decides on the way, empty if there is none."""


@functools.lru_cache(maxsize=256)
def _placing(jaxpr: Any) -> bool:
    """Whether a program finds places of maxima or sorts one value by another, at any depth."""
    return any(_places(equation) or any(map(_placing, _inside(equation))) for equation in opened(jaxpr)[0].eqns)


def decided(jaxpr: Any, position: int, outputs: int) -> str:
    """The first operation that decides by size between the input of that number and the first `outputs` outputs; empty if none does."""
    if not _placing(jaxpr):
        return ""
    inner, _ = opened(jaxpr)
    reached = _follow(inner, [("" if k == position else None) for k in range(len(inner.invars))])
    return next((name for name in reached[:outputs] if name), "")


def _follow(inner: Any, inputs: Sequence[Reached]) -> list[Reached]:
    known: dict[Any, Reached] = dict(zip(inner.invars, inputs, strict=True))

    def of(atom: Any) -> Reached:
        return None if is_literal(atom) else known.get(atom)

    for equation in inner.eqns:
        operands = [of(atom) for atom in equation.invars]
        if (nested := called(equation)) is not None:
            known.update(zip(equation.outvars, _follow(opened(nested)[0], operands), strict=True))
        else:
            known.update(dict.fromkeys(equation.outvars, _passed(equation, operands)))
    return [of(atom) for atom in inner.outvars]


def _passed(equation: Equation, operands: Sequence[Reached]) -> Reached:
    if all(operand is None for operand in operands):
        return None
    before = next(filter(None, operands), "")
    if before or equation.primitive.name not in LOOPS:
        return before or (equation.primitive.name if _places(equation) else "")
    return next((one.primitive.name for program in _inside(equation) for one in opened(program)[0].eqns if _places(one)), "")


def _places(equation: Equation) -> bool:
    name = equation.primitive.name
    if not (name in _PLACING or (name == "sort" and len(equation.invars) > 1)):
        return False
    return kind_of(equation.invars[0].aval.dtype) == "f"


def _inside(equation: Equation) -> list[Any]:
    parts = [part for value in equation.params.values() for part in (value if isinstance(value, tuple | list) else (value,))]
    return [part for part in parts if hasattr(opened(part)[0], "eqns")]
