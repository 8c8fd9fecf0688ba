"""What both engines know of JAX's programs: which equations hold programs, how loops lay out their operands, symbolic sizes.

It holds for JAX 0.10 to 0.12; `tests/test_jaxpr.py` pins every layout read here, so that a JAX that changes one fails there.
Nothing is imported: programs, equations and sizes are read by their attributes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")
Equation = Any
"""An equation of a jaxpr: primitive, params, invars, outvars, effects, source_info."""
Dim = Any
"""A size: an int, or a symbolic size of JAX's shape polymorphism."""

# -- programs inside equations

NESTED = {
    "jit": "jaxpr",
    "closed_call": "call_jaxpr",
    "eval_jaxpr": "call_jaxpr",
    "custom_jvp_call": "call_jaxpr",
    "custom_vjp_call": "call_jaxpr",
    "remat2": "jaxpr",
}
"""Primitives whose program is simply run on their operands, and the parameter that holds it.

What JAX 0.10 calls closed_call is eval_jaxpr in 0.12.
"""

LOOPS = ("scan", "while", "cond")
"""Primitives whose programs run any number of times: see `Scan`, `While` and `branches`."""

STATEFUL = ("rng_uniform",)
"""Primitives without declared effects that nevertheless give another result each time."""


def called(equation: Equation) -> Any:
    """The program that the equation runs on its operands, its results being the equation's; None if it is no such equation."""
    parameter = NESTED.get(equation.primitive.name)
    return None if parameter is None else equation.params.get(parameter)


def opened(program: Any) -> tuple[Any, Sequence[Any]]:
    """A program as (the part with invars, eqns, outvars and constvars; the values of its constvars).

    Until JAX 0.11 a ClosedJaxpr holds both, since 0.12 a Jaxpr is both.
    """
    return getattr(program, "jaxpr", program), getattr(program, "consts", ())


def is_literal(atom: Any) -> bool:
    """Whether an operand is a literal with `val` and `aval`, not a variable."""
    return hasattr(atom, "val")


@dataclass(frozen=True)
class Scan:
    """A scan. Operands: `fixed` that every round reads, `carried`, then scanned ones, of which a round reads one slice.

    - body: program of (fixed, carries, slices) → (carries, collected), run `length` times, from the last slice if `reverse`;
    - results: the carries after the last round, then what was collected, with an axis of rounds in front.
    """

    body: Any
    length: Dim
    reverse: bool
    fixed: int
    carried: int

    @classmethod
    def of(cls, equation: Equation) -> Scan:
        """The layout of a `scan` equation."""
        params = equation.params
        if "num_consts" in params:  # until JAX 0.11
            fixed, carried = params["num_consts"], params["num_carry"]
        else:
            fixed, carried = (len([*part]) for part in params["ft_in"].unpack()[:2])
        return cls(params["jaxpr"], params["length"], bool(params["reverse"]), fixed, carried)

    def split(self, operands: Sequence[T]) -> tuple[Sequence[T], Sequence[T], Sequence[T]]:
        """(fixed, carries, scanned)."""
        start = self.fixed + self.carried
        return operands[: self.fixed], operands[self.fixed : start], operands[start:]


@dataclass(frozen=True)
class While:
    """A while loop. Operands: constants of the test, constants of the body, then the carries, which are its results too.

    - test: program of (its constants, carries) → one Boolean; body: program of (its constants, carries) → carries.
    """

    test: Any
    body: Any
    test_constants: int
    body_constants: int

    @classmethod
    def of(cls, equation: Equation) -> While:
        """The layout of a `while` equation."""
        params = equation.params
        return cls(params["cond_jaxpr"], params["body_jaxpr"], params["cond_nconsts"], params["body_nconsts"])

    def split(self, operands: Sequence[T]) -> tuple[Sequence[T], Sequence[T], Sequence[T]]:
        """(constants of the test, constants of the body, carries)."""
        start = self.test_constants + self.body_constants
        return operands[: self.test_constants], operands[self.test_constants : start], operands[start:]


def branches(equation: Equation) -> Sequence[Any]:
    """The programs of a `cond` equation: its first operand says which is run on the others, the nearest if there is none."""
    return equation.params["branches"]


# -- sizes


def is_one(size: Dim) -> bool:
    """Whether a size is the int 1; a symbolic size never is."""
    return isinstance(size, int) and size == 1


def may_be_empty(size: Dim) -> bool:
    """Whether a size may be 0: a symbol never is, n − 1 may be."""
    if isinstance(size, int):
        return size == 0
    try:
        return not size >= 1
    except Exception:  # JAX cannot decide it, and its error is private
        return True


def divides(part: Dim, size: Dim) -> bool:
    """Whether a size is a multiple of another for every value of their symbols."""
    try:
        remainder = size % part
    except Exception:  # JAX cannot decide it, or 0
        return False
    return isinstance(remainder, int) and remainder == 0


def symbols(avals: Iterable[Any]) -> tuple[Dim, ...]:
    """The symbolic sizes in these shapes that are single variables, each once, in order."""
    sizes = [size for aval in avals for size in getattr(aval, "shape", ())]
    return tuple(dict.fromkeys(size for size in sizes if str(size).isidentifier()))


def is_symbolic(value: Any) -> bool:
    """Whether a value is a symbolic size."""
    return hasattr(value, "_evaluate")


def evaluated(size: Dim, dims: Mapping[str, int]) -> int:
    """A size as an int, for these values of its symbols by name. Raises KeyError for a symbol without one."""
    if isinstance(size, int):
        return size
    try:
        return int(size._evaluate(dims))
    except Exception as error:  # JAX's own is private
        raise KeyError(f"no value for the symbolic dimension {size}; given: {dict(dims)}") from error
