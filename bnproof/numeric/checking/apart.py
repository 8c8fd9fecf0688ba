"""Recorded runs for the entries that are judged: one of the whole program, or, of a large one, runs of what each entry hangs on alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..replay.op import Op, Record
from ..replay.parts import Entry, Parts, Plan, numbers_of
from ..replay.replay import Replay

WHOLE = 1 << 22
"""Numbers in all values of a run up to which entries are looked at together."""
WORTH = 1 / 2
"""A run for one entry alone is made if it keeps at most this part of the numbers that one for all entries keeps."""


def plans(replay: Replay, entries: Sequence[Entry]) -> list[tuple[Plan, list[int]]]:
    """What is run of a large program, each for the entries of these numbers; nothing of a small one, which is run as it is."""
    if numbers_of(replay) <= WHOLE:
        return []
    everything, numbers = Plan.of(replay, entries), list(range(len(entries)))
    if everything.numbers <= WHOLE:
        return [(everything, numbers)]
    single = [Plan.of(replay, [entry]) for entry in entries]
    alone = [n for n in numbers if single[n].numbers <= WORTH * everything.numbers]
    together = [n for n in numbers if n not in alone]
    rest = [(Plan.of(replay, [entries[n] for n in together]), together)] if together else []
    return [*((single[n], [n]) for n in alone), *rest]


def kept(replay: Replay) -> int:
    """How many numbers a run for one entry of the first output keeps, which stands for any entry; 0 of a small program."""
    if numbers_of(replay) <= WHOLE:
        return 0
    first = replay.schedule.outputs[0]
    shape = next(
        (op.traced[-1] for op, _, writes, _ in replay.schedule.steps if isinstance(op, Op) and op.traced and first in writes),
        (),
    )
    return Plan.of(replay, [(0, (0,) * len(shape))]).numbers if 0 not in shape else 0


def runs(replay: Replay, arguments: Sequence[Any], entries: Sequence[Entry]) -> Iterator[tuple[Parts, list[int]]]:
    """The recorded runs on flat arguments, one after the other, each for the entries of these numbers.

    Small programs are run as they are, with what no judged entry hangs on, so that nothing on the way goes unseen.
    """
    chosen = plans(replay, entries)
    if not chosen:
        record, prepared = Record(), replay.prepare(arguments)
        outputs = replay.run(prepared, record)
        yield Parts(record, outputs, [*entries], False, prepared), [*range(len(entries))]
    for plan, numbers in chosen:
        yield plan.run(arguments), numbers
