"""A program in float64 and how far that run itself may be from the real numbers: its round-off, and that of the program's constants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..replay.op import Record
from ..replay.operations import floating
from ..replay.replay import Replay
from ..roundoff.precision import UNIT_ROUNDOFF
from ..roundoff.rounding import Rounding
from ..roundoff.running_error import Bounds, entries_at_once, reverse, reverse_with_divisors
from .branches import undecided
from .trust import untrusted

Entry = tuple[int, tuple[int, ...]]
_U = UNIT_ROUNDOFF["float64"]
KINK = 1 / 256
"""Of the unit round-off of the constants: a kink that lies as far off as they may carry it, `derivatives.near`, counts as met."""


class Float64Run:
    """One run in float64 of a program whose first output is a value, the others its gradients.

    - replay: the program; arguments: its flat arguments, taken as exact;
    - unit: by how much, relatively, constants of the program that are no whole numbers may have been rounded before: those of a program
      traced in float32 are float32, and ε = 10⁻⁵ is another number there.
    """

    def __init__(self, replay: Replay, arguments: Sequence[Any], unit: float = _U) -> None:
        self.record: Record = []
        self.unit = unit
        self.outputs = replay.run(replay.prepare(arguments), self.record)
        self._constants = [
            (value, np.abs(value) * (unit / _U))
            for value in replay.schedule.constants.values()
            if isinstance(value, np.ndarray) and floating(value.dtype) and not _whole(value, unit)
        ]

    def value(self, output: int) -> np.ndarray:
        """An output, without the copy axis."""
        return np.asarray(self.outputs[output][0])

    def bounds(self, entries: Sequence[Entry]) -> tuple[np.ndarray, str, str]:
        """How far each entry may be from the real number, to first order; why that does not hold of values, and of gradients, if so."""
        rounding = Rounding()
        at_once = entries_at_once(self.record)
        parts = [
            reverse(self.record, self.outputs, entries[k : k + at_once], self._constants, rounding)
            for k in range(0, len(entries), at_once)
        ]
        divisor = reverse_with_divisors(self.record, [], self.outputs, entries[:1], rounding).divisor
        unknown = next((part.unknown for part in parts if part.unknown), "")
        found = Bounds(np.concatenate([part.bound for part in parts]), np.zeros(0), divisor, unknown)
        coarse = Rounding(max(_U, KINK * self.unit))
        of_value, of_gradients = undecided(self.record, self.outputs[0], self._constants, coarse)
        return found.bound, untrusted(found, of_value), untrusted(found, of_gradients)


def _whole(value: np.ndarray, unit: float) -> bool:
    """Whether constants are whole numbers, or infinite, so that no rounding is in them."""
    finite = value[np.isfinite(value)]
    return bool((np.abs(finite) * unit < 1).all() and (finite == np.round(finite)).all())
