"""The sums of a reverse pass: what the errors of each operation add to the bounds of each entry."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..replay.op import Op
from .operation_error import Among, Error
from .probable import Part, divided
from .repeats import Repeats
from .rounding import Rounding
from .uses import Uses

BLOCK = 1 << 16
"""Numbers added up at once: they stay in the processor's cache."""
_SMALL = 1e-250
"""Sums of squares below may have lost some to underflow."""


class Tally:
    """Adds up, for each entry, what the operations add to its bounds; their parts one by one if `repeats` is there."""

    def __init__(self, entries: int, rounding: Rounding, repeats: Repeats | None) -> None:
        self.total, self.worst = np.zeros(entries), np.zeros(entries)
        self.rounding, self.repeats = rounding, repeats
        self.parts: dict[int, Part] = {}
        """By the identity of the value whose rounding it is."""

    def add(self, op: Op, y: Any, errors: Sequence[Error] | None, uses: Uses) -> None:
        """Σ |sensitivity|·error in each copy; unknown errors are infinite where anything depends on them."""
        sizes = uses.absolute
        sizes = sizes.reshape(len(sizes), -1)
        if errors is None:
            self.lose(op, y, (sizes != 0).any(1))
            return
        bound, worst, fixed, norm = np.zeros((4, len(self.total)))
        for error in errors:
            if error.whole:
                reach = sizes if error.among is None else _among(error.among, uses)
                added = error.unit * _total(reach, np.abs(error.magnitude.reshape(len(error.magnitude), -1)))
                worst = worst + error.worst * added
                bound, fixed = bound + error.times * added, fixed + error.times * added
                continue
            added, flushed, root = self._added(y, sizes, error)
            worst = worst + error.worst * (error.unit * added + flushed)
            bound = bound + error.times * (error.unit * added + flushed)
            if self.repeats is not None and error.times:
                random, full = divided(op, error.times, error.unit, self.rounding)
                fixed, norm = fixed + full * added + error.times * flushed, np.hypot(norm, random * root)
        self.total, self.worst = self.total + bound, self.worst + worst
        if self.repeats is not None:
            self.parts[id(y)] = Part(op.name, op.source, bound, np.minimum(fixed, bound), norm)

    def lose(self, op: Op, y: Any, reached: Any) -> None:
        """Nothing is known of the entries `reached`."""
        lost = np.broadcast_to(np.where(reached, np.inf, 0.0), self.total.shape)
        self.total, self.worst = self.total + lost, self.worst + lost
        if self.repeats is not None:
            self.parts[id(y)] = Part(op.name, op.source, lost, lost, lost)

    def _added(self, y: Any, sizes: np.ndarray, error: Error) -> tuple[Any, Any, Any]:
        """Σ size·|magnitude|, tiny·Σ size and √(Σ m (size·|magnitude|)²), m as often as each number is repeated, in each copy."""
        magnitudes = error.magnitude.reshape(len(error.magnitude), -1)
        weights: Any = 1.0 if self.repeats is None else self.repeats(y)
        added, flushed, square = np.zeros(1), np.zeros(1), np.zeros(1)
        for start in range(0, sizes.shape[1], BLOCK):
            here = slice(start, start + BLOCK)
            size, magnitude = sizes[:, here], np.abs(magnitudes[:, here])
            if error.tiny:
                flushed = flushed + error.tiny * size.sum(1)
            if self.repeats is None:
                added = added + _total(size, magnitude)
                continue
            product = size * magnitude
            whole = product.sum(1)
            if not np.isfinite(whole).all():
                product = np.where(size == 0, 0.0, product)
                whole = product.sum(1)
            added = added + whole
            if isinstance(weights, float):
                square = square + weights * np.einsum("ki,ki->k", product, product)
            else:
                square = square + np.einsum("ki,ki,i->k", product, product, weights[here])
        kept = (square > _SMALL) & (square < 1 / _SMALL)  # where squares leave the range of float64, √(Σ p²) ≤ Σ p
        return added, flushed, np.where(kept, np.sqrt(square), added * float(np.sqrt(np.max(weights))))


def _among(among: Among, uses: Uses) -> np.ndarray:
    """How far apart the sensitivities are among which a number may go: of each use; of those taken together their sizes."""
    parts = [np.abs(among.apart(use)) for use in uses.apart]
    if uses.sizes is not None:
        parts.append(among.total(uses.sizes))
    found = functools.reduce(np.add, parts)
    return found.reshape(len(found), -1)


def _total(size: np.ndarray, magnitude: np.ndarray) -> np.ndarray:
    """Σ size·magnitude in each copy; where size is 0, and nothing depends on an entry, its magnitude does not count, infinite or not."""
    total = np.einsum("ki,ki->k", *np.broadcast_arrays(size, magnitude))
    return total if np.isfinite(total).all() else np.where(size == 0, 0.0, size * magnitude).sum(1)
