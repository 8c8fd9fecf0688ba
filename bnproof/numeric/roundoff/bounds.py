"""What a reverse pass says of each entry of a run: the bounds of its round-off, and which operation is to blame for how much."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from .probable import FAILURE, Part, Share, deviations, likely


@dataclass(frozen=True)
class Bounds:
    """What one reverse pass says of each entry, arrays of shape (entries,).

    - bound: the largest |fl(y) − y|, as far as the errors that were counted tell: all orders where `forward` found them, else to first
      order; sequential: the same if every sum ran one number after the other;
    - unknown: the operation whose rounding or derivative is not known, so that the bounds are infinite; empty if there is none;
    - parts: what each operation adds to the bounds, where that was asked for.
    """

    bound: np.ndarray
    sequential: np.ndarray
    unknown: str = ""
    parts: tuple[Part, ...] = ()

    def times(self, factor: float) -> Bounds:
        """All bounds multiplied."""
        parts = (replace(p, bound=factor * p.bound, fixed=factor * p.fixed, norm=factor * p.norm) for p in self.parts)
        return replace(self, bound=factor * self.bound, sequential=factor * self.sequential, parts=tuple(parts))

    def probable(self, among: int, failure: float = FAILURE) -> np.ndarray:
        """How far |fl(y) − y| goes but with this probability, under the assumption of `probable`, where the largest of `among`
        entries is looked at. Never above `bound`, which it is where no parts are known.
        """
        if not self.parts:
            return self.bound
        return likely(self.parts, deviations(among, failure))

    def shares(self, entry: int) -> list[Share]:
        """The part of the bound that each operation is to blame for, the largest first; none of a bound that is 0 or infinite."""
        total = float(self.bound[entry])
        if not (0 < total < np.inf):
            return []
        found: dict[tuple[str, str], float] = {}
        for part in self.parts:
            if (added := float(part.bound[entry])) > 0:
                name = (part.operation, str(part.source or ""))
                found[name] = found.get(name, 0.0) + added
        ordered = sorted(found.items(), key=lambda item: -item[1])
        return [Share(operation, where, min(added / total, 1.0)) for (operation, where), added in ordered]


def joined(passes: Sequence[tuple[Bounds, Mapping[int, Part]]]) -> Bounds:
    """The bounds of all entries, those of one pass after those of another."""
    lengths = [len(bounds.bound) for bounds, _ in passes]
    parts: list[Part] = []
    for key in dict.fromkeys(key for _, some in passes for key in some):
        of = [some.get(key) for _, some in passes]
        first = next(part for part in of if part is not None)
        columns = zip(
            *((p.bound, p.fixed, p.norm) if p else (np.zeros(n),) * 3 for p, n in zip(of, lengths, strict=True)), strict=True
        )
        parts.append(Part(first.operation, first.source, *(np.concatenate(column) for column in columns)))
    return Bounds(
        np.concatenate([np.zeros(0), *(bounds.bound for bounds, _ in passes)]),
        np.concatenate([np.zeros(0), *(bounds.sequential for bounds, _ in passes)]),
        unknown=next((bounds.unknown for bounds, _ in passes if bounds.unknown), ""),
        parts=tuple(parts),
    )
