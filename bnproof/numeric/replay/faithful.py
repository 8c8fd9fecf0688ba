"""What a run in float64 does not stand for: operations on the bits of a narrower number, on the world outside, on references.

A float64 run of a program says what its real numbers do. The bits of a float32, the number next to it, what Python code or another
device makes of it, are no matter of real numbers, and are not run. What does not depend on them is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...jaxpr import STATEFUL, Equation, called, is_literal, opened
from .operations import complexes, floating

_OUTSIDE = frozenset(
    (
        "custom_call",
        "custom_partitioning",
        "ffi_call",
        "pallas_call",
        "pure_callback",
        "shard_map",
        "tpu_custom_call",
        *STATEFUL,
    )
)
"""Operations that hand numbers to code that JAX does not see, or to other devices, and those that differ from run to run."""
Tainted = Mapping[Any, str]
"""Variables that depend on an operation that cannot be run in float64, and its name."""


def unfaithful(jaxpr: Any) -> list[str]:
    """For each output of a ClosedJaxpr the first operation on its way that a float64 run does not stand for; empty if there is none.

    Loops and branches are taken as a whole: one such operation in them is on the way of all of their results.
    """
    inner, _ = opened(jaxpr)
    return _outputs(inner, [""] * len(inner.invars))


def _outputs(inner: Any, inputs: Sequence[str]) -> list[str]:
    known = dict(zip(inner.invars, inputs, strict=True))

    def of(atom: Any) -> str:
        return "" if is_literal(atom) else known.get(atom, "")

    for equation in inner.eqns:
        operands = [of(atom) for atom in equation.invars]
        nested = called(equation)
        if nested is not None:
            results = _outputs(opened(nested)[0], operands)
        else:
            results = [next(filter(None, operands), "") or _within(equation)] * len(equation.outvars)
        known.update(zip(equation.outvars, results, strict=True))
    return [of(atom) for atom in inner.outvars]


def _within(equation: Equation) -> str:
    """The name of an operation without float64 counterpart: this one, or one in a program inside of it."""
    name = equation.primitive.name
    if name in _OUTSIDE or name == "nextafter" or _reads_bits(equation):
        return name
    parts = [part for value in equation.params.values() for part in (value if isinstance(value, tuple | list) else (value,))]
    programs = [opened(part)[0] for part in parts if hasattr(opened(part)[0], "eqns")]
    inside = [_within(one) for program in programs for one in program.eqns]
    if programs:
        return next(filter(None, inside), "")
    return name if equation.effects and equation.outvars else ""  # without results, as printing, it is on the way of nothing


def _reads_bits(equation: Equation) -> bool:
    """Whether it gives the bits of a float as another type; the other way about is how random numbers are made, and is exact."""
    if equation.primitive.name != "bitcast_convert_type":
        return False
    read, written = equation.invars[0].aval.dtype, equation.outvars[0].aval.dtype
    return (floating(read) or complexes(read)) and read != written
