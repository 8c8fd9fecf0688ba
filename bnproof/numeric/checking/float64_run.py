"""A program in float64 and how far that run itself may be from the real numbers: its round-off, and that of the program's constants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..replay.op import Record
from ..replay.operations import floating
from ..replay.replay import Replay
from ..roundoff.precision import UNIT_ROUNDOFF
from .trust import Entry, Trust

_U = UNIT_ROUNDOFF["float64"]


class Float64Run:
    """One run in float64 of a program whose first output is a value, the others its gradients.

    - replay: the program; arguments: its flat arguments, taken as exact;
    - unit: by how much, relatively, constants of the program that are no whole numbers may have been rounded before: those of a program
      traced in float32 are float32, and ε = 10⁻⁵ is another number there.
    """

    def __init__(self, replay: Replay, arguments: Sequence[Any], unit: float = _U) -> None:
        self.record: Record = []
        self.outputs = replay.run(replay.prepare(arguments), self.record)
        self._constants = [
            (value, np.abs(value) * (unit / _U))
            for value in replay.schedule.constants.values()
            if isinstance(value, np.ndarray) and floating(value.dtype) and not _whole(value, unit)
        ]

    def value(self, output: int) -> np.ndarray:
        """An output, without the copy axis."""
        return np.asarray(self.outputs[output][0])

    def trust(self, entries: Sequence[Entry]) -> Trust:
        """How far each entry may be from the real number."""
        return Trust.of_float64(self.record, self.outputs, entries, self._constants)


def _whole(value: np.ndarray, unit: float) -> bool:
    """Whether constants are whole numbers, or infinite, so that no rounding is in them."""
    finite = value[np.isfinite(value)]
    return bool((np.abs(finite) * unit < 1).all() and (finite == np.round(finite)).all())
