"""A run of the numeric checks at a glance: the answer in a sentence, and a line for each parameter of many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from ..numeric.checking.measurement import Measurement
from .writers.layout import Paint, columns, plain, wrapped

_ROOM = 25
"""Columns for the dtype, the ratio, and what is not as proved."""


def first(measurements: Sequence[Measurement], paint: Paint = plain) -> str:
    """What the run found, in one sentence."""
    outcomes = Counter(m.outcome for m in measurements)
    good, vague, bad = outcomes["as proved"], outcomes["cannot tell"], outcomes["FAILED"]
    if bad:
        verb = "contradicts" if bad == 1 else "contradict"
        return f"{paint('FAILED', 'redundant')}: {bad} of {_many(len(measurements))} {verb} what is proved, named below."
    if not good:
        return f"{paint('Cannot tell', 'undecided')}: the round-off of {_many(vague)} hides what is proved; why is said below."
    agreed = f"{good:,} of {_many(len(measurements))}" if vague else f"{'all ' if good > 1 else ''}{_many(good)}"
    rest = f", and {vague:,} cannot tell" if vague else ""
    return f"Floating point {paint('agrees', 'acts')} with what is proved: {agreed} {'does' if good == 1 else 'do'}{rest}."


def overview(measurements: Sequence[Measurement], width: int = 80, paint: Paint = plain) -> str:
    """One line for each parameter, zeros before those that act: of all dtypes the measurement closest to failing.

    What is held against exact values and agrees is left to the summary.
    """
    blocks: list[str] = []
    for expected, title in (
        ("below", "Proved zero (measured / bound of its round-off: must be at most 1)"),
        ("above", "Acts (measured / bound of its round-off: at least 1,000, in half types 3)"),
    ):
        rows = [m for m in measurements if m.expected == expected and not m.reference]
        if lines := [_line(m, width, paint) for m in closest(rows)]:
            blocks.append("\n".join((wrapped(title, width), *lines)))
    return "\n\n".join(blocks)


def closest(rows: Sequence[Measurement]) -> Iterator[Measurement]:
    """Of each parameter the measurement closest to failing."""
    for about in dict.fromkeys((m.case, m.bias) for m in rows):
        of = [m for m in rows if (m.case, m.bias) == about]
        if failed := [m for m in of if m.outcome == "FAILED"]:
            yield failed[0]
            continue
        told = [m for m in of if m.outcome == "as proved"] or of
        yield max(told, key=lambda m: m.ratio if m.expected == "below" else -m.ratio / m.factor)


def _line(m: Measurement, width: int, paint: Paint) -> str:
    match m.outcome:
        case "as proved":
            numbers = f"{m.dtype:<9}{m.ratio:>8.2g}{' *' if m.by == 'probable' else ''}"
        case "cannot tell":
            numbers = f"{m.dtype:<9}{paint('cannot tell', 'undecided')}"
        case "FAILED":
            numbers = f"{m.dtype:<9}{m.ratio:>8.2g}  {paint('FAILED', 'redundant')}"
    title = f"  {m.case}, {m.bias}"
    gap = width - _ROOM - columns(title)
    if gap > 0:
        return f"{title}{' ' * gap}{numbers}"
    return f"{wrapped(title.strip(), width, '  ', '    ')}\n{' ' * (width - _ROOM)}{numbers}"


def _many(count: int) -> str:
    return f"{count:,} measurement{'' if count == 1 else 's'}"
