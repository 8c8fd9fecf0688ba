"""What several seeds show: a curve in the band that they span, a number as a range."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .experiment import Series, shown

BAND = "median over seeds, from the smallest to the largest"
"""What a curve of `over_seeds` and its band are, for an experiment's settings."""


def over_seeds(label: str, x: Sequence[float], runs: NDArray[np.float64]) -> tuple[Series, ...]:
    """The curve of runs, shape (seeds, points): their median, in a band from the smallest to the largest.

    For a logarithmic axis: points whose median is 0 are left out, and an end of the band that is 0 is drawn at the smallest number
    of all. Nothing if there is no point left.
    """
    middle = np.median(runs, 0)
    seen = middle > 0
    if not seen.any():
        return ()
    least = runs[runs > 0].min()
    low, high = np.maximum(runs.min(0), least), runs.max(0)
    points = (tuple(values[seen].tolist()) for values in (np.asarray(x, np.float64), middle, low, high))
    along, y, *ends = points
    return (Series(label, along, y, "measured", *ends),)


def ranged(values: Iterable[Any], digits: int = 2) -> str:
    """The smallest to the largest of some numbers, for a table: ``0.1 to 0.15``; one number if they are shown alike."""
    numbers = [float(value) for value in values]
    low, high = shown(min(numbers), digits), shown(max(numbers), digits)
    return low if low == high else f"{low} to {high}"
