"""A run of those parts of a program alone that some entries of its outputs hang on.

The gradient of one channel's bias needs one channel of most values, an entry of the output one sample or one channel. What each value is
needed for is looked up from the outputs back to the arguments (`boxes`), and only that is evaluated: the record is that of the whole run
with everything left out that the entries do not depend on, so that bounds derived from it are those of the whole run.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ...host import on_host
from .boxes import Box, Cut, cut, hull, inside, part_of, sizes, taken, whole
from .op import Evaluation, Op, Record
from .operations import wide
from .replay import Replay
from .schedule import Control

Entry = tuple[int, tuple[int, ...]]
Place = tuple[int, Box | None]
"""A slot, and a box of it; None: all of it."""


@dataclass(frozen=True)
class Parts:
    """A recorded run of parts. outputs: what there is of each output, None where nothing is asked; entries: where the asked ones lie in it.

    partial: whether anything may have been left out; prepared: the arguments, of a run that left nothing out.
    """

    record: Record
    outputs: list[Any]
    entries: list[Entry]
    partial: bool = True
    prepared: Sequence[Any] = ()


@dataclass(frozen=True)
class Plan:
    """What is evaluated of a program for some entries of its outputs.

    - steps: of the schedule, the needed ones: (number, what each operand is needed for, the cut, None if whole);
    - held: the box of each slot that there is, None if it is all of it.
    """

    replay: Replay
    entries: Sequence[Entry]
    steps: list[tuple[int, list[Box | None], Cut | None]] = field(default_factory=list[Any])
    held: dict[int, Box | None] = field(default_factory=dict[int, Any])

    @classmethod
    def of(cls, replay: Replay, entries: Sequence[Entry]) -> Plan:
        """Looks from the entries back."""
        schedule, plan = replay.schedule, cls(replay, entries)
        needed: dict[int, Box | None] = {}

        def need(slot: int, box: Box | None) -> None:
            old = needed.get(slot, box)
            needed[slot] = None if old is None or box is None else hull(old, box)

        for output, index in entries:
            need(schedule.outputs[output], tuple((k, k + 1) for k in index))
        for number in reversed(range(len(schedule.steps))):
            op, reads, writes, _ = schedule.steps[number]
            if not needed.keys() & set(writes):
                continue
            of = None
            if isinstance(op, Op) and len(writes) == 1 and op.traced and (box := needed[writes[0]]) is not None:
                of = cut(op, op.traced, box)
            boxes: list[Box | None] = (
                [None] * len(reads) if of is None or not isinstance(op, Op) else [*map(_unless_all, of.reads, op.traced or ())]
            )
            plan.steps.append((number, boxes, of))
            for slot, box in zip(reads, boxes, strict=True):
                need(slot, box)
            plan.held.update((slot, None if of is None else of.box) for slot in writes)
        plan.steps.reverse()
        return plan

    @property
    def numbers(self) -> int:
        """How many numbers the run keeps, of results whose shape is known; moved ones, which NumPy shares, are counted."""
        total, steps = 0, self.replay.schedule.steps
        for number, _, of in self.steps:
            op, reads, _, _ = steps[number]
            total += _made(op, len(reads)) if of is None else math.prod(sizes(of.box))
        return total

    def run(self, arguments: Sequence[Any]) -> Parts:
        """The run on flat arguments, as `Replay` takes them. Raises ValueError for a wrong number of arguments."""
        with on_host(), np.errstate(all="ignore"):
            return _Run(self, arguments).parts()


def numbers_of(replay: Replay) -> int:
    """How many numbers the results of all operations of a program have, those in loops and branches left out."""
    return sum(_made(op, len(reads)) for op, reads, _, _ in replay.schedule.steps)


def _made(op: Op | Control, operands: int) -> int:
    return sum(math.prod(shape) for shape in op.traced[operands:]) if isinstance(op, Op) and op.traced else 0


def _unless_all(box: Box, shape: Sequence[int]) -> Box | None:
    return None if box == whole(shape) else box


class _Run:
    """One run of a plan. at: the arrays that there are, by slot and box; types: what each slot was traced to hold."""

    def __init__(self, plan: Plan, arguments: Sequence[Any]) -> None:
        self.plan, self.schedule = plan, plan.replay.schedule
        self.record = Record()
        self.how = Evaluation(record=self.record)
        self.given = dict(zip(self.schedule.inputs, self.schedule.arguments(arguments), strict=True))
        self.at: dict[int, dict[Box | None, Any]] = {}
        self.types: dict[int, tuple[Any, Any]] = {}

    def parts(self) -> Parts:
        """Evaluates the plan."""
        last = {slot: number for number, _, _ in self.plan.steps for slot in self.schedule.steps[number][1]}
        kept = {self.schedule.outputs[output] for output, _ in self.plan.entries}
        for number, boxes, of in self.plan.steps:
            op, reads, writes, _ = self.schedule.steps[number]
            inputs = [self.array(slot, box) for slot, box in zip(reads, boxes, strict=True)]
            outputs = self.evaluated(op, inputs, of)
            for slot, y in zip(writes, outputs, strict=True):
                self.at[slot] = {self.plan.held[slot]: y}
                if isinstance(op, Op) and op.dtypes is not None:
                    self.types[slot] = op.dtypes[1], op.dtypes[1]
            for slot in reads:
                if last[slot] == number and slot not in kept:
                    self.at.pop(slot, None)
        outputs: list[Any] = [None] * len(self.schedule.outputs)
        entries: list[Entry] = []
        for output, index in self.plan.entries:
            slot = self.schedule.outputs[output]
            outputs[output] = self.array(slot, box := self.plan.held.get(slot))
            entries.append((output, index if box is None else tuple(k - a for k, (a, _) in zip(index, box, strict=True))))
        return Parts(self.record, outputs, entries)

    def evaluated(self, op: Op | Control, inputs: list[Any], of: Cut | None) -> list[Any]:
        """The results of a step, or of a part of it."""
        if not isinstance(op, Op):
            return op(inputs, self.how)
        return self.how.apply(op if of is None else part_of(op, of), inputs)

    def array(self, slot: int, box: Box | None) -> Any:
        """A part of a slot; that of a result is taken by an operation of its own, which the record shows."""
        there = self.at.setdefault(slot, {})
        if box in there:
            return there[box]
        if slot in self.plan.held:
            held = self.plan.held[slot]
            y = there[held]
            if not isinstance(y, np.ndarray) or box is None:
                return y
            within = box if held is None else inside(box, held)
            there[box] = self.how.apply(taken(within, self.types.get(slot)), [y])[0]
        else:
            there[box] = self.argument(slot, box)
        return there[box]

    def argument(self, slot: int, box: Box | None) -> Any:
        """A part of an argument or constant, with a copy axis."""
        if slot in self.schedule.constants:
            value = self.schedule.constants[slot]
            return (
                value if box is None or not isinstance(value, np.ndarray) else value[(slice(None), *(slice(*s) for s in box))]
            )
        x, dtype = self.given[slot]
        if jnp.issubdtype(dtype, jax.dtypes.extended):
            return x
        part = np.asarray(x)
        if box is not None:
            part = part[tuple(slice(*side) for side in box)]
        return part.astype(wide(dtype))[None]
