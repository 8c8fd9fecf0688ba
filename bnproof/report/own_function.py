"""What a check says of a user's own function, before the numbers: a sentence for each bias, and what was measured of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..numeric.checking.measurement import Measurement
from ..numeric.checking.quantities import GRADIENT
from .obstacles import advice
from .writers.layout import Paint, plain, wrapped

FIRST = ("float32", "float64")
"""The dtype whose numbers are quoted where there are several: the one that most programs run in."""


def answers(measurements: Sequence[Measurement], width: int = 80, paint: Paint = plain) -> str:
    """A sentence for each bias, redundant ones first, by what the engine proved, with its gradient beside what round-off explains."""
    lines: list[str] = []
    acting = {m.bias for m in measurements if m.expected == "above"}
    for bias in sorted(dict.fromkeys(m.bias for m in measurements if m.bias), key=acting.__contains__):
        for words, rows in _by_side([m for m in measurements if m.bias == bias], paint):
            lines.append(wrapped(f"{bias} {words}", width, indent="  "))
            lines.append(wrapped(_measured(rows), width, "  ", "  "))
    if whole := [m for m in measurements if not m.bias]:
        lines.append(wrapped(_of_all(whole), width, indent="  "))
    return "\n".join(lines)


def _of_all(rows: Sequence[Measurement]) -> str:
    """What is said of the function's values and gradients taken together."""
    if failed := [m for m in rows if m.outcome == "FAILED"]:
        off = (f"{m.quantity} is off by {m.measured:.2g} in {m.dtype}, where round-off explains {m.bound:.2g}" for m in failed)
        return f"Not as {rows[0].reference or 'the reference'} has it: {'; '.join(off)}."
    told = dict.fromkeys(m.dtype for m in rows if m.outcome == "as proved" and m.quantity.startswith("gradient"))
    if not told:
        return f"Whether the gradients are {rows[0].reference or 'the reference'} cannot be told."
    return f"In {' and '.join(told)} the gradients are {rows[0].reference or 'the reference'}, within round-off."


def _by_side(rows: Sequence[Measurement], paint: Paint) -> Iterator[tuple[str, list[Measurement]]]:
    """What is proved of one bias, with the measurements of the dtypes in which that is; seldom is it not the same in all."""
    dtypes = dict.fromkeys(m.dtype for m in rows)
    acting = {m.dtype for m in rows if m.expected == "above"}
    for side in (False, True):
        of = [dtype for dtype in dtypes if (dtype in acting) is side]
        if of:
            where = f" in {' and '.join(of)}" if len(of) < len(dtypes) else ""
            said = (
                f"{paint('acts', 'acts')}{where}: a shift of it moves the output."
                if side
                else f"is {paint('redundant', 'redundant')}{where}: no value of it changes the output."
            )
            yield said, [m for m in rows if m.dtype in of]


def _measured(rows: Sequence[Measurement]) -> str:
    """What failed, each by itself; otherwise the gradient in the first dtype."""
    if failed := [m for m in rows if m.outcome == "FAILED"]:
        return f"Not so in floating point: {'; '.join(f'{_quantity(m)} is {m.measured:.2g} in {m.dtype}, {_bound(m)}' for m in failed)}."
    dtypes = [m.dtype for m in rows]
    dtype = next((one for one in FIRST if one in dtypes), dtypes[0])
    m = next((m for m in rows if m.dtype == dtype and m.quantity == GRADIENT), rows[0])
    if m.outcome == "cannot tell":
        todo = advice(m.obstacle)
        return f"{dtype} cannot tell: {m.obstacle}{f' ({todo})' if todo else ''}."
    return f"In {dtype} {_quantity(m)} is {m.measured:.2g}, {_bound(m)}."


def _quantity(m: Measurement) -> str:
    return "its gradient" if m.quantity == GRADIENT else f"its {m.quantity}"


def _bound(m: Measurement) -> str:
    if m.outcome == "FAILED":
        return f"where round-off explains {m.bound:.2g}"
    return f"at most {m.bound:.2g} by round-off" if m.expected == "below" else f"{m.ratio:.2g} times what round-off explains"
