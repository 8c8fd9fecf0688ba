"""An exact witness: rational numbers at which a parameter provably moves an output, every rounding enclosed.

The program runs at rational inputs in the interval arithmetic of `interval.py`, at once before and after one entry of
one input is shifted. If the enclosures of an output entry are disjoint, the entry differs, whatever the rounding.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from jax.extend.core import ClosedJaxpr

from ...host import on_host
from ..replay.op import Evaluation
from ..replay.schedule import Scheduler
from .digits import change
from .interval import Undecidable, Unread, exactly
from .program import Enclosures, Reader, affordable, objects, prepared, read_constants


@dataclass(frozen=True)
class Exact:
    """An output entry that provably changes.

    - index: number of the output (left out where there is but one), then index into it;
    - before, after: (lo, hi) that enclose its value, lo = hi if exact.
    """

    index: tuple[int, ...]
    before: tuple[Fraction, Fraction]
    after: tuple[Fraction, Fraction]

    @property
    def text(self) -> str:
        """One line: `output[0, 2]: 1/2 → 2/3, exactly`."""
        where = f"output[{', '.join(map(str, self.index))}]"
        return f"{where}: {change(self.before, self.after)}"


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
    dims = dict(dims or {})
    with on_host():
        schedule = Scheduler(Enclosures(dims), dims)(jaxpr)
    given = schedule.arguments(args)
    if not affordable(schedule, most) or not read_constants(schedule, read, most):
        return None
    arguments = prepared(given)
    if shift is not None:
        arguments[shift[0]] = _shifted(arguments[shift[0]], *shift[1:])
    try:
        with on_host():
            outputs = schedule.run(arguments, Evaluation())
    except Undecidable:
        return None
    if not all(isinstance(y, np.ndarray) for y in outputs):  # a random key
        return None
    rows = [objects(y) for y in outputs]
    return None if any(isinstance(y, Unread) for row in rows for y in row.reshape(-1)) else rows


def _shifted(x: Any, entry: int, amount: Fraction) -> Any:
    """(1, …) → (2, …): the argument before and after."""
    if not (isinstance(x, np.ndarray) and x.dtype == object):
        raise ValueError("only an entry of a floating argument can be shifted")
    both = np.repeat(x, 2, 0).reshape(2, -1)
    both[1, entry] += exactly(amount)
    return both.reshape(2, *x.shape[1:])
