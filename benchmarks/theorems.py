"""How long every theorem takes, checked in one process."""

from __future__ import annotations

from bnproof.theorems import registry
from bnproof.theorems.prove import Prover

from .timing import seconds

LIMIT_ALL, LIMIT_ONE = 20.0, 3.0


def run() -> dict[str, object]:
    total: dict[str, float] = {}
    for name in registry.names():
        theorem = registry.theorem(name)
        total[name] = seconds(lambda theorem=theorem: Prover().prove(theorem))
    slowest = max(total, key=total.__getitem__)
    print(f"all {len(total)} theorems: {sum(total.values()):.2f} s (wanted < {LIMIT_ALL:g})")
    print(f"slowest: {slowest} {total[slowest]:.2f} s (wanted < {LIMIT_ONE:g})")
    return {"all_s": sum(total.values()), "slowest": slowest, "slowest_s": total[slowest], "each_s": total}
