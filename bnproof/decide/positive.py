"""Inputs that a program takes a root or a logarithm of, such as a stored variance: they are drawn positive, whatever their name."""

from __future__ import annotations

from typing import Any

from ..jaxpr import called, is_literal, opened

_MOVING = ("broadcast_in_dim", "reshape", "squeeze", "transpose", "convert_element_type", "copy", "slice", "stop_gradient")
_WITH_A_CONSTANT = ("add", "add_any", "sub", "mul", "div", "max", "pow")
_NOT_BELOW_0 = ("sqrt", "rsqrt", "log", "pow")


def positive_inputs(jaxpr: Any) -> set[int]:
    """Numbers of the inputs of which, moved and shifted or scaled by constants, a root, logarithm or power is taken.

    Programs inside of others are entered where they are simply called; loops and branches are not.
    """
    found: set[int] = set()
    inner, _ = opened(jaxpr)
    _follow(inner, {variable: {k} for k, variable in enumerate(inner.invars)}, found)
    return found


def _follow(inner: Any, sources: dict[Any, set[int] | None], found: set[int]) -> list[set[int] | None]:
    """Where each value comes from: the one input it is, up to constants; the empty set for a constant; None for anything else.

    Returns the same of the program's outputs.
    """
    known: dict[Any, set[int] | None] = {**{variable: set[int]() for variable in inner.constvars}, **sources}

    def of(atom: Any) -> set[int] | None:
        return set() if is_literal(atom) else known.get(atom)

    for equation in inner.eqns:
        name, operands = equation.primitive.name, [of(atom) for atom in equation.invars]
        if name in _NOT_BELOW_0 and operands[0]:
            found |= operands[0]
        program = called(equation)
        if program is not None:
            body, _ = opened(program)
            results = _follow(body, dict(zip(body.invars, operands, strict=True)), found)
        else:
            results = [_passed_on(name, operands)] * len(equation.outvars)
        known.update(zip(equation.outvars, results, strict=True))
    return [of(atom) for atom in inner.outvars]


def _passed_on(name: str, operands: list[set[int] | None]) -> set[int] | None:
    if all(operand == set() for operand in operands):
        return set()
    if name in _MOVING:
        return operands[0]
    if name in _WITH_A_CONSTANT and None not in operands and sum(bool(operand) for operand in operands) == 1:
        return next(operand for operand in operands if operand)
    return None
