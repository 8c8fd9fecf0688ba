"""An exact witness: rational numbers at which a parameter provably moves an output, every rounding enclosed.

The program runs at rational inputs in the interval arithmetic of `rules.py`, at once before and after one entry of
one input is shifted. If the enclosures of an output entry are disjoint, the entry differs, whatever the rounding.
"""

from __future__ import annotations

import decimal
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import ClosedJaxpr

from ..replay.op import IDENTITY, Evaluation, Op
from ..replay.operations import MOVING, floating
from ..replay.replay import Replay, Schedule
from .rules import LOWEST, RULES, UNREAD, Enclosure, Undecidable, Unread, exactly

PLACING = frozenset(("gather", "dynamic_slice", "split"))
"""Operations that only move entries of their first input, by integers in the others: JAX moves the entries' numbers."""
RANDOM = ("random_", "rng_", "threefry")
"""How names of operations that draw random numbers begin."""
SERIES = frozenset(("exp", "expm1", "log", "log1p", "logistic", "tanh", "erf", "erfc"))
"""Functions that take as long as ten products or more."""
SHOWN = 8
"""Significant digits shown of a number that is not exact, unless both numbers agree in them."""

Reader = Callable[[np.ndarray], np.ndarray]
"""A constant array of the program → an object array of Fractions of the same shape (None where there is no number to read)."""


@dataclass(frozen=True)
class Exact:
    """An output entry that provably changes.

    index: (number of the output, then index into it); before, after: (lo, hi) that enclose its value, lo = hi if exact.
    """

    index: tuple[int, ...]
    before: tuple[Fraction, Fraction]
    after: tuple[Fraction, Fraction]

    @property
    def text(self) -> str:
        """One line: `output[0, 2]: 1/2 → 2/3, exactly`."""
        where = f"output[{', '.join(map(str, self.index))}]"
        exact = all(lo == hi for lo, hi in (self.before, self.after))
        short = [str(lo) for lo, hi in (self.before, self.after) if lo == hi and len(str(lo)) <= 24]
        if len(short) == 2:
            return f"{where}: {short[0]} → {short[1]}, exactly"
        digits = SHOWN
        while len({_number(_decimal(*pair, digits)) for pair in (self.before, self.after)}) == 1:
            digits *= 2
        shown = [_decimal(*pair, digits) for pair in (self.before, self.after)]
        how = "both exact rationals" if exact else f"enclosed to {_agreeing(self.before, self.after)} digits"
        return f"{where}: {shown[0]} → {shown[1]} ({how})"


def exact_witness(
    jaxpr: ClosedJaxpr,
    args: Sequence[Any],
    position: int,
    amount: Fraction,
    entry: int,
    read: Reader,
    dims: Mapping[str, int] | None = None,
    most: int = 20_000,
) -> Exact | None:
    """The output entry that provably changes most when `amount` is added to flat entry `entry` of argument `position`.

    - args: object arrays of Fractions (or of integers, or float arrays, taken for exactly what they are); as traced if not floating;
    - read: the numbers that the program's floating constants stand for; dims: a value for each symbolic dimension by name.

    None if the program takes more than `most` scalar operations (exp, erf and the like count as ten), draws random numbers, has
    an operation without a rule for enclosures, compares numbers whose enclosures overlap, or if all outputs overlap.
    """
    rows = enclosures(jaxpr, args, read, dims, most, (position, entry, amount))
    found: tuple[Fraction, Exact] | None = None
    for number, row in enumerate(rows or ()):
        for index in np.ndindex(row.shape[1:]):
            before, after = (row[(k, *index)] for k in (0, -1))
            gap = max(after.lo - before.hi, before.lo - after.hi)
            if gap > 0 and (found is None or gap > found[0]):
                found = gap, Exact((number, *index), (before.lo, before.hi), (after.lo, after.hi))
    return found[1] if found else None


def enclosures(
    jaxpr: ClosedJaxpr,
    args: Sequence[Any],
    read: Reader,
    dims: Mapping[str, int] | None = None,
    most: int = 20_000,
    shift: tuple[int, int, Fraction] | None = None,
) -> list[np.ndarray] | None:
    """Enclosures of all outputs, object arrays with a copy axis: one run, or one before and one after the shift if it matters.

    shift: (position of the argument, flat entry, amount). None as `exact_witness` says. Raises ValueError for a wrong number
    of arguments and a shift of something that is no floating number, KeyError for a missing dimension.
    """
    program = _Program(jaxpr, dims=dims)
    arguments = program.prepare(args)
    steps = [op for op, *_ in program.schedule.steps]
    if not all(isinstance(op, _Enclosing) and op.enclosing is not None for op in steps):
        return None
    if sum(op.cost for op in steps) > most or not program.read_constants(read, most):
        return None
    if shift is not None:
        arguments[shift[0]] = _shifted(arguments[shift[0]], *shift[1:])
    try:
        with jax.enable_x64(True):
            outputs = program.schedule.run([_objects(x) if _real(x) else x for x in arguments], Evaluation())
    except Undecidable:
        return None
    if not all(isinstance(y, np.ndarray) for y in outputs):  # a random key
        return None
    rows = [_objects(y) for y in outputs]
    return None if any(isinstance(y, Unread) for row in rows for y in row.reshape(-1)) else rows


def _shifted(x: Any, entry: int, amount: Fraction) -> Any:
    """(1, …) → (2, …): the argument before and after."""
    if not _real(x):
        raise ValueError("only an entry of a floating argument can be shifted")
    both = np.repeat(_objects(x), 2, 0).reshape(2, -1)
    both[1, entry] += exactly(amount)
    return both.reshape(2, *x.shape[1:])


# -- the program, each operation with its rule for enclosures


class _Enclosing(Op):
    """An operation with its rule for enclosures (inputs → outputs, or None if it has none) and its number of scalar operations."""

    def __init__(self, op: Op, cost: int, enclosing: Callable[[Sequence[Any]], list[Any]] | None) -> None:
        super().__init__(op.name, op.params, op.bind, op.rule)
        self.cost, self.enclosing = cost, enclosing

    def numbers(self, inputs: Sequence[Any]) -> list[Any]:
        """The outputs, each with a copy axis, for inputs with one."""
        assert self.enclosing is not None
        sums = self.name.startswith(("reduce_", "dot_", "conv_"))
        if sums and any(isinstance(x, np.ndarray) and not x.size for x in inputs):  # a sum of nothing is no enclosure
            raise Undecidable
        return self.enclosing(inputs)


class _Program(Replay):
    """A schedule of `_Enclosing` operations; constants are read once it is known which are needed."""

    def prepare(self, arguments: Sequence[Any]) -> list[Any]:
        """The arguments with a copy axis of length 1, floating ones as arrays of objects."""
        if len(arguments) != len(self.dtypes):
            raise ValueError(f"the program takes {len(self.dtypes)} arguments, not {len(arguments)}")
        return [
            x if _extended(d) else np.asarray(x).astype(object if floating(d) else d, copy=False)[None]
            for x, d in zip(arguments, self.dtypes, strict=True)
        ]

    def read_constants(self, read: Reader, most: int) -> bool:
        """Reads all constants that are needed, unless they are too many: then it returns False."""
        needed = {*self.schedule.outputs, *(k for _, reads, _, _ in self.schedule.steps for k in reads)}
        self.schedule.constants = {k: value for k, value in self.schedule.constants.items() if k in needed}
        real = {k: x for k, x in self.schedule.constants.items() if isinstance(x, np.ndarray) and floating(x.dtype)}
        if sum(x.size for x in real.values()) > most:
            return False
        for k, x in real.items():
            values = np.asarray(read(x.reshape(x.shape[1:])), object).reshape(-1)
            others = [LOWEST if value == -math.inf else UNREAD for value in x.reshape(-1)]
            numbers = [other if value is None else exactly(value) for value, other in zip(values, others, strict=True)]
            self.schedule.constants[k] = np.empty(x.shape, object)
            self.schedule.constants[k].reshape(-1)[:] = numbers
        return True

    def _constant(self, schedule: Schedule, value: Any, dtype: Any) -> int:
        slot = super()._constant(schedule, value, dtype)
        if floating(dtype):
            schedule.constants[slot] = np.asarray(value, dtype)[None]  # in its own dtype: reading depends on it
        return slot

    def _op(self, equation: Any) -> Op:
        read, written = ([v.aval.dtype for v in side] for side in (equation.invars, equation.outvars))
        shapes = [self._value(getattr(v.aval, "shape", ())) for v in (*equation.invars, *equation.outvars)]
        op = super()._op(equation)
        return _Enclosing(op, _cost(op, shapes), _rule(op, read, written))

    def _control(self, equation: Any) -> Callable[[list[Any], Evaluation], list[Any]]:
        def unsupported(inputs: list[Any], how: Evaluation) -> list[Any]:
            raise Undecidable

        return unsupported

    def _retyped(self, jaxpr: Any) -> Any:
        return jaxpr


def _cost(op: Op, shapes: Sequence[Sequence[int]]) -> int:
    """Scalar operations: entries of the outputs times the numbers that each is made of, for shapes of inputs, then outputs."""
    entries, p = math.prod(shapes[-1]), op.params
    if op.name == "conv_general_dilated":
        return entries * math.prod(shapes[1]) // max(1, shapes[1][p["dimension_numbers"].rhs_spec[0]])
    if op.name == "dot_general":
        return entries * math.prod(shapes[0][a] for a in p["dimension_numbers"][0][0])
    if op.name.startswith("reduce_window"):
        return entries * math.prod(p["window_dimensions"])
    if op.name in SERIES:
        return 10 * entries
    return max(math.prod(shapes[0]), entries) if op.name.startswith("reduce_") else entries


def _rule(op: Op, read: Sequence[Any], written: Sequence[Any]) -> Callable[[Sequence[Any]], list[Any]] | None:
    """What the operation does to arrays with a copy axis, for dtypes of inputs and outputs; None if that is unknown."""
    name, p, native = op.name, op.params, op.numbers
    if name.startswith(RANDOM) or any(_extended(d) or np.issubdtype(d, np.complexfloating) for d in (*read, *written)):
        return None
    real = [floating(d) for d in (*read, *written)]
    if not any(real):
        return native
    if name in IDENTITY:
        return list
    if name == "convert_element_type":  # integers are read exactly, and nothing is rounded from one float to another
        return None if not real[-1] else list if real[0] else lambda xs: [_objects(xs[0])]
    if name == "iota":
        return lambda xs: [_objects(native(xs)[0])]
    if name in PLACING:
        return None if p.get("fill_value") is not None else lambda xs: _placed(op, xs)
    if name == "select_n" and (len(read) != 3 or read[0].kind != "b"):
        return None
    if (name == "reshape" and p["dimensions"] is not None) or p.get("batch_group_count", 1) != 1:
        return None
    rule = MOVING.get(name) or RULES.get(name)
    return None if rule is None else lambda xs: [rule(p, *xs)]


def _placed(op: Op, inputs: Sequence[Any]) -> list[Any]:
    """The outputs of an operation that moves entries: it moves their numbers in row-major order instead."""
    x = inputs[0]
    numbers = np.arange(math.prod(x.shape[1:])).reshape(1, *x.shape[1:])
    outputs: list[Any] = []
    for moved in Op(op.name, op.params, op.bind).numbers([numbers, *inputs[1:]]):
        if (moved < 0).any():  # filled in from outside of the array
            raise Undecidable
        copies, flat = max(len(x), len(moved)), x.reshape(len(x), -1)
        every, places = (np.broadcast_to(v, (copies, v.shape[1])) for v in (flat, moved.reshape(len(moved), -1)))
        outputs.append(np.take_along_axis(every, places, 1).reshape(copies, *moved.shape[1:]))
    return outputs


def _extended(dtype: Any) -> bool:
    return bool(jnp.issubdtype(dtype, jax.dtypes.extended))


def _real(x: Any) -> bool:
    return isinstance(x, np.ndarray) and x.dtype == object


def _objects(x: Any) -> np.ndarray:
    """An array of numbers (or of enclosures already) as enclosures."""
    out = np.empty(x.shape, object)
    out.reshape(-1)[:] = [value if isinstance(value, Enclosure) else exactly(value) for value in x.reshape(-1)]
    return out


# -- the sentence


def _decimal(lo: Fraction, hi: Fraction, digits: int) -> str:
    """The leading digits of all numbers between lo and hi, with an ellipsis if others follow; rounded where these differ."""
    if lo < 0 < hi:
        return "≈ 0"
    low, high = (_rounded(x, digits, decimal.ROUND_DOWN) for x in (lo, hi))
    if Fraction(low) != Fraction(high):
        return f"≈ {_rounded((lo + hi) / 2, digits, decimal.ROUND_HALF_EVEN)}"
    return low if lo == hi == Fraction(low) else f"{low if len(low) > len(high) else high}…"


def _number(shown: str) -> Fraction:
    return Fraction(shown.strip("≈ …"))


def _rounded(x: Fraction, digits: int, rounding: str) -> str:
    context = decimal.Context(prec=digits, rounding=rounding, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN)
    value = context.divide(decimal.Decimal(x.numerator), decimal.Decimal(x.denominator))
    return f"{value:f}" if -5 <= value.adjusted() <= 12 else f"{value:e}"


def _agreeing(*pairs: tuple[Fraction, Fraction]) -> int:
    """Decimal digits to which the widest enclosure is known, relative to the largest number."""
    size, width = max(abs(x) for pair in pairs for x in pair), max(hi - lo for lo, hi in pairs)
    return max(d for d in range(200) if d == 0 or width * 10**d <= size)
