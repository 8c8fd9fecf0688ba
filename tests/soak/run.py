"""Every verdict about a random network against its execution in float64."""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from bnproof.decide.chain import decide
from bnproof.errors import ContradictionError

from .generate import generate


@dataclass
class Tally:
    """Counts of verdicts and networks; what went wrong, with the seed that shows it."""

    networks: int = 0
    counts: Counter[str] = field(default_factory=Counter[str])
    undecided: Counter[str] = field(default_factory=Counter[str])
    wrong: list[str] = field(default_factory=list[str])


def chunk(seeds: range) -> dict[str, Any]:
    """`check` as plain values, for another process."""
    tally = check(seeds)
    return {"networks": tally.networks, "counts": tally.counts, "undecided": tally.undecided, "wrong": tally.wrong}


def check(seeds: Iterable[int]) -> Tally:
    """Decide the networks of these seeds. A proof that a run contradicts counts as unsound, a crash as failed."""
    tally = Tally()
    for seed in seeds:
        network = generate(seed)
        tally.networks += 1
        try:
            answer = decide(network.text, network.mode, seed=seed)
        except ContradictionError as error:
            tally.counts["unsound"] += 1
            tally.wrong.append(f"seed {seed}: {network.text} [{network.mode}]: {error}")
            continue
        except Exception:
            tally.counts["failed"] += 1
            tally.wrong.append(f"seed {seed}: {network.text} [{network.mode}]: {traceback.format_exc(limit=-3)}")
            continue
        for verdict in answer.verdicts:
            tally.counts[verdict.verdict] += 1
            if verdict.verdict == "redundant" and not verdict.confirmed:
                tally.counts["unconfirmed"] += 1
            if verdict.verdict == "undecided":
                tally.undecided[f"{verdict.operation} of {verdict.layer}"] += 1
                if len(tally.wrong) < 200:
                    tally.wrong.append(
                        f"undecided: seed {seed}: {network.text} [{network.mode}]: {verdict.bias}: {verdict.reason}"
                    )
    return tally
