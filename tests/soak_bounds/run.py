"""Runs random cases and sums up: how often each outcome, how close the measured came to the bounds, how far controls exceeded them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from bnproof.decide.checking.cases import subject
from bnproof.numeric.checking.check import DELTAS, Check
from bnproof.numeric.checking.measurement import Measurement
from bnproof.numeric.devices import Device

from .generate import case


@dataclass
class Summary:
    """Of one dtype. closest: the largest measured / bound of each quantity of proved zeros; weakest: the smallest of controls."""

    cases: int = 0
    outcomes: Counter[str] = field(default_factory=Counter[str])
    closest: dict[str, float] = field(default_factory=dict[str, float])
    weakest: dict[str, float] = field(default_factory=dict[str, float])
    failures: list[str] = field(default_factory=list[str])
    untold: Counter[str] = field(default_factory=Counter[str])

    def add(self, m: Measurement) -> None:
        quantity = m.quantity.split(" by ")[0]
        self.outcomes[f"{'zero' if m.expected == 'below' else 'control'}: {m.outcome}"] += 1
        if m.outcome == "FAILED":
            self.failures.append(f"{m.case}, {m.bias}, {m.quantity}: {m.measured:.3g} against {m.bound:.3g}")
        elif m.outcome == "cannot tell":
            self.untold[f"{m.quantity}: {m.obstacle.split(':')[0]}"] += 1
        elif m.expected == "below":
            self.closest[quantity] = max(self.closest.get(quantity, 0.0), m.ratio)
        else:
            self.weakest[quantity] = min(self.weakest.get(quantity, float("inf")), m.ratio)

    def join(self, other: Summary) -> None:
        self.cases += other.cases
        self.outcomes += other.outcomes
        self.untold += other.untold
        self.failures += other.failures
        for quantity, ratio in other.closest.items():
            self.closest[quantity] = max(self.closest.get(quantity, 0.0), ratio)
        for quantity, ratio in other.weakest.items():
            self.weakest[quantity] = min(self.weakest.get(quantity, float("inf")), ratio)

    def as_json(self) -> dict[str, object]:
        return {
            "cases": self.cases,
            "outcomes": dict(sorted(self.outcomes.items())),
            "closest": {name: float(f"{ratio:.3g}") for name, ratio in sorted(self.closest.items())},
            "weakest_control": {name: float(f"{ratio:.3g}") for name, ratio in sorted(self.weakest.items())},
            "cannot_tell": dict(self.untold.most_common()),
            "failures": self.failures,
        }


def measured(dtype: str, structure: int, draws: int, device: Device | None = None) -> Iterator[list[Measurement]]:
    """One random chain, compiled once (for `device`; default: JAX's own), and the measurements of so many random draws, each a case."""
    check = Check(subject(case(structure, dtype)), dtype, device)
    for draw in range(draws):
        yield check.run(1_000_000 * structure + draw, DELTAS[draw % len(DELTAS) :][:1])


def run(dtype: str, structure: int, draws: int) -> Summary:
    """One random chain with so many draws, summed up."""
    found = Summary()
    for rows in measured(dtype, structure, draws):
        found.cases += 1
        for m in rows:
            found.add(m)
    return found
