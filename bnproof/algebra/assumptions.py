"""What a proof over the reals takes for granted at single operations, where floats on a parameter's way do something else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import jax.numpy as jnp

from ..jaxpr import LOOPS, Equation
from .constants import kind_of
from .forms import Form, Ring

_DECIDING = frozenset(("argmax", "argmin", "top_k", "eq", "ne", "lt", "le", "gt", "ge", "sign", "floor", "ceil", "round"))


@dataclass(frozen=True)
class Assumed:
    """One assumption.

    - narrowed: the operation rounds to a narrower format, `detail`, and that is read as the identity;
    - ties: the operation decides by the size of numbers, so that round-off decides where they are equal;
    - mask: a number, `detail`, is read as −∞.
    """

    kind: Literal["narrowed", "ties", "mask"]
    operation: str
    detail: str = ""


def assumed(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Assumed]:
    """What is assumed at an equation that a tracked parameter reaches."""
    found: list[Assumed] = []
    name = equation.primitive.name
    narrower = _narrower(equation)
    if narrower:
        found.append(Assumed("narrowed", name, narrower))
    floating = operands and operands[0].dtype == "f"
    if floating and (name in _DECIDING or (name == "sort" and len(operands) > 1)):
        found.append(Assumed("ties", name))
    if ring.masks and any(ring.infinite(form.terms) for form in operands):
        found.append(Assumed("mask", name, ", ".join(sorted(ring.masks))))
    return found


def _narrower(equation: Equation) -> str:
    """The format, if results of an equation have fewer digits than what it reads; empty if not."""
    if equation.primitive.name == "reduce_precision":
        bits, own = equation.params["mantissa_bits"], _digits(equation.invars[0].aval)
        return f"{bits} bits after the point" if bits < own else ""
    if equation.primitive.name in LOOPS:  # the equations inside say it
        return ""
    most = max((_digits(var.aval) for var in equation.invars), default=0)
    return next((str(var.aval.dtype) for var in equation.outvars if 0 < _digits(var.aval) < most), "")


def _digits(aval: Any) -> int:
    """Bits after the point of a floating type; 0 for any other."""
    dtype = getattr(aval, "dtype", None)
    return int(jnp.finfo(dtype).nmant) if dtype is not None and kind_of(dtype) == "f" else 0
