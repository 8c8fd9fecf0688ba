"""A measured number with the bound it is compared with."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Literal

Outcome = Literal["as proved", "cannot tell", "FAILED"]


@dataclass(frozen=True)
class Measurement:
    """One comparison.

    - case: the layers, ``conv -> bn``; bias: the parameter's name; quantity: what was measured;
    - dtype, device: where; count: how many values were normalised together (0 where the question makes no sense);
    - measured, bound: absolute values, of the entry closest to failing; sequential: the bound if sums ran one by one; infinite
      where round-off is not known to first order (then there is an obstacle);
    - expected: ``below`` the bound (a proved zero) or ``above`` `factor` times the bound (a control, proved to be needed);
    - obstacle: why this dtype cannot tell, in words; empty if it can; undefined: whether the program has no value there in float64
      either, whatever it is given: then there is nothing to measure;
    - reference: what the measured number is the distance from, where that is no zero: ``its definition``;
    - note: what the comparison says, in words: ``as accurate as float32 allows: yes``.
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
    bias: str = ""
    sequential: float | None = None
    obstacle: str = ""
    undefined: bool = False
    reference: str = ""
    note: str = ""

    @property
    def ratio(self) -> float:
        """Measured / bound; infinite for a bound of 0 that is exceeded, 0 for 0 / 0."""
        if self.bound:
            return self.measured / self.bound
        return math.inf if self.measured else 0.0

    @property
    def outcome(self) -> Outcome:
        """Whether the expectation holds. A number that is not finite fails, whatever the obstacle, unless there is none to measure."""
        if self.undefined and self.obstacle:
            return "cannot tell"
        if not (math.isfinite(self.measured) and (math.isfinite(self.bound) or self.obstacle)):
            return "FAILED"
        if self.obstacle:
            return "cannot tell"
        if self.expected == "below":
            return "as proved" if self.measured <= self.bound else "FAILED"
        return "as proved" if self.measured >= self.factor * self.bound and self.measured > 0 else "FAILED"

    @property
    def passed(self) -> bool:
        """Whether nothing speaks against the proof."""
        return self.outcome != "FAILED"

    def as_json(self) -> dict[str, object]:
        """The fields but `undefined`, with ratio and outcome; numbers that JSON cannot hold as words (``inf``, ``nan``)."""
        fields = {**asdict(self), "ratio": self.ratio, "outcome": self.outcome, "passed": self.passed}
        del fields["undefined"]
        return {k: v if not isinstance(v, float) or math.isfinite(v) else str(v) for k, v in fields.items()}
