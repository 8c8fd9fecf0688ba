"""A measured number with the bound it is compared with."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Literal


@dataclass(frozen=True)
class Measurement:
    """One comparison.

    - case: the layers, ``conv -> bn``; quantity: what was measured;
    - dtype, device: where; count: how many values were normalised together;
    - measured, bound: absolute values, of the channel closest to failing;
    - expected: ``below`` the bound (a proved zero) or ``above`` `factor` times the bound (a control).
    """

    case: str
    quantity: str
    dtype: str
    device: str
    count: int
    measured: float
    bound: float
    expected: Literal["below", "above"]
    factor: float = 1.0

    @property
    def ratio(self) -> float:
        """Measured / bound."""
        return self.measured / self.bound if self.bound else math.inf

    @property
    def passed(self) -> bool:
        """Whether the expectation holds. NaN on either side never passes."""
        if self.expected == "below":
            return self.measured <= self.bound
        return self.measured >= self.factor * self.bound

    def as_json(self) -> dict[str, object]:
        """The fields, with ratio and outcome."""
        return {**asdict(self), "ratio": self.ratio, "passed": self.passed}
