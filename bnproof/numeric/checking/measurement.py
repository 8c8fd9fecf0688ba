"""A measured number with the bound it is compared with."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from ..roundoff.probable import Share

Outcome = Literal["as proved", "cannot tell", "FAILED"]
Basis = Literal["all orders", "first order", "probable"]
"""Which bound an outcome rests on: a worst case, with all that round-off makes of round-off or to first order in the unit round-off
(`roundoff.coverage`), or one that may fail (`roundoff.probable`)."""


@dataclass(frozen=True)
class Measurement:
    """One comparison.

    - case: the layers, ``conv -> bn``; bias: the parameter's name; quantity: what was measured;
    - dtype, device: where; count: how many values were normalised together (0 where the question makes no sense);
    - measured, bound: absolute values, of the entry closest to failing, and the worst case of it; sequential: the bound if sums ran
      one by one; infinite where nothing bounds round-off (then there is an obstacle);
    - expected: ``below`` the bound (a proved zero) or ``above`` `factor` times the bound (a control, proved to be needed);
    - obstacle: why this dtype cannot tell, in words; empty if it can; undefined: whether it says why the measured number is not finite: the
      program has no value, in float64 either, or what the run shows made it so;
    - probable: the bound that round-off exceeds with at most the probability `failure` where rounding errors have mean zero
      (`roundoff.probable`), never above `bound`; None where it was not worked out;
    - by: the bound that the comparison rests on: the worst case wherever that tells zero from not zero, of all orders if that does;
    - shares: the operations to blame for `bound`, the largest part first; empty where that is not known;
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
    probable: float | None = None
    failure: float | None = None
    by: Basis = "first order"
    shares: tuple[Share, ...] = ()
    reference: str = ""
    note: str = ""

    @property
    def limit(self) -> float:
        """The bound that the comparison rests on."""
        return self.bound if self.by != "probable" or self.probable is None else self.probable

    @property
    def ratio(self) -> float:
        """Measured / the bound it rests on; infinite for a bound of 0 that is exceeded, 0 for 0 / 0."""
        if self.limit:
            return self.measured / self.limit
        return math.inf if self.measured else 0.0

    @property
    def blame(self) -> Share | None:
        """The operation to blame for most of the bound."""
        return self.shares[0] if self.shares else None

    @property
    def outcome(self) -> Outcome:
        """Whether the expectation holds. A number that is not finite fails, whatever the obstacle, unless there is none to measure.

        What holds by the probable bound alone is as proved with `by` saying so; what does not hold by it is no failure: it may fail.
        """
        if self.undefined and self.obstacle:
            return "cannot tell"
        if not (math.isfinite(self.measured) and (math.isfinite(self.limit) or self.obstacle)):
            return "FAILED"
        if self.obstacle:
            return "cannot tell"
        exceeds = self.measured >= self.factor * self.limit and self.measured > 0
        if exceeds if self.expected == "above" else self.measured <= self.limit:
            return "as proved"
        likely = self.by == "probable" and (self.expected == "above" or self.measured <= self.bound)
        return "cannot tell" if likely else "FAILED"

    @property
    def passed(self) -> bool:
        """Whether nothing speaks against the proof."""
        return self.outcome != "FAILED"

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> Measurement:
        """The measurement that `dataclasses.asdict` made these fields of."""
        given: dict[str, Any] = {**fields, "shares": tuple(Share(**share) for share in fields.get("shares", ()))}
        return cls(**given)

    def as_json(self) -> dict[str, object]:
        """The fields but `undefined` and `shares`, with ratio, outcome and the largest share: the operation to `blame`, `where` it
        stands and its `share`. Numbers that JSON cannot hold as words (``inf``, ``nan``).
        """
        fields: dict[str, Any] = {**asdict(self), "ratio": self.ratio, "outcome": self.outcome, "passed": self.passed}
        del fields["undefined"], fields["shares"]
        blame = self.blame
        fields |= {
            "blame": blame.operation if blame else "",
            "where": blame.where if blame else "",
            "share": blame.share if blame else None,
        }
        return {k: v if not isinstance(v, float) or math.isfinite(v) else str(v) for k, v in fields.items()}
