"""What an experiment returns, and how it is written down; no array library is needed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Literal

POINTS = 60
"""At most so many points a series: enough for a figure, and the recorded file stays small."""


@dataclass(frozen=True)
class Series:
    """One curve.

    - label: for the legend; x, y: coordinates, finite, of one length from 1 to `POINTS`;
    - kind: ``measured``, or ``reference`` (a formula, a bound or a control) for the measured one before it;
    - low, high: empty, or the ends of a band around the curve, how far seeds differ for instance.

    Raises ValueError for lengths that differ, too many points, a band beside its curve, or a number that is not finite.
    """

    label: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    kind: Literal["measured", "reference"] = "measured"
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        lengths = {len(self.low), len(self.high)}
        if not 0 < len(self.x) == len(self.y) <= POINTS or lengths not in ({0}, {len(self.y)}):
            raise ValueError(
                f"series `{self.label}`: {len(self.x)} x, {len(self.y)} y, a band of {len(self.low)} and {len(self.high)} ends"
            )
        if not all(map(math.isfinite, (*self.x, *self.y, *self.low, *self.high))):
            raise ValueError(f"series `{self.label}` has a number that is not finite")
        if not all(low <= y <= high for low, y, high in zip(self.low, self.y, self.high, strict=False)):
            raise ValueError(f"series `{self.label}` leaves its band")


@dataclass(frozen=True)
class Experiment:
    """One question and what was measured.

    - name: as in the registry; question: one sentence; theorems: names of the theorems that it illustrates or goes beyond;
    - series, x_label, y_label, log_x, log_y: the figure; on a logarithmic axis, values ≤ 0 are left out;
    - sentence: what was found, filled from the measured numbers; settings: what a reader needs to repeat it;
    - table: numbers that would crowd the sentence, one row a case, each with the same columns in the same order.

    Raises ValueError for rows whose columns differ.
    """

    name: str
    question: str
    series: tuple[Series, ...]
    x_label: str
    y_label: str
    log_x: bool
    log_y: bool
    sentence: str
    settings: Mapping[str, str | int | float]
    theorems: tuple[str, ...] = field(default=())
    table: tuple[Mapping[str, str], ...] = field(default=())

    def __post_init__(self) -> None:
        if len({tuple(row) for row in self.table}) > 1:
            raise ValueError(f"experiment `{self.name}`: the rows of its table differ in their columns")

    def as_json(self) -> dict[str, object]:
        """The fields, with coordinates rounded to 6 significant digits."""
        fields = asdict(self)
        for series in fields["series"]:
            for key in ("x", "y", "low", "high"):
                series[key] = [float(f"{value:.6g}") for value in series[key]]
        return fields


def shown(value: float, digits: int = 2) -> str:
    """A number for a sentence: ``0.013``, ``1.2e-8``, ``4100``."""
    if value and not 1e-3 <= abs(value) < 1e5:
        mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
        return f"{mantissa}e{int(exponent)}"
    rounded = float(f"{value:.{digits}g}")
    return f"{rounded:.0f}" if rounded == int(rounded) else f"{rounded:.{digits}g}"


def plain(value: float) -> str:
    """A setting for a sentence, as short as it gets: ``0.1``, ``1e-8``."""
    return f"{value:g}".replace("e-0", "e-").replace("e+0", "e")


def spaced(count: int, log: bool = False) -> list[int]:
    """At most `POINTS` of the indices 0 … count − 1, in rising order, the first and the last among them.

    Evenly spaced, or with `log` evenly in the logarithm of index + 1. Raises ValueError for count < 1.
    """
    if count < 1:
        raise ValueError(f"{count} points to choose from")
    if count <= POINTS and not log:
        return list(range(count))
    parts = [k / (POINTS - 1) for k in range(POINTS)]
    return sorted({round(count**part) - 1 if log else round(part * (count - 1)) for part in parts})
