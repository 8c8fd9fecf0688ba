"""Whether paired runs differ by more than chance: Fisher's randomisation test on their differences, exact."""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

from .experiment import shown

LEVEL = 0.05


def compared(differences: NDArray[np.float64], comparisons: int) -> dict[str, str]:
    """The mean paired difference with its standard error, and whether it is significant at the 5 % level: columns.

    comparisons: how many are made of which any might come out by chance; the p-value is multiplied by their number (Bonferroni).
    """
    p = min(1.0, comparisons * sign_flip(differences))
    mean, error = differences.mean(), differences.std(ddof=1) / len(differences) ** 0.5
    return {
        "paired difference": f"{shown(float(mean))} ± {shown(float(error))}",
        "p, corrected": shown(p),
        "significant": "yes" if p < LEVEL else "no",
    }


def sign_flip(differences: NDArray[np.float64]) -> float:
    """Exact two-sided p-value of the mean of paired differences: the share of all sign patterns with a mean at least as large.

    Fisher's randomisation test; all 2^n patterns are formed, so n must be at most 16. Raises ValueError otherwise.
    """
    if not 0 < len(differences) <= 16:
        raise ValueError(f"{len(differences)} differences: from 1 to 16 can be tested exactly")
    signs = np.array(list(product((-1.0, 1.0), repeat=len(differences))))
    sums = np.abs(signs @ differences)
    return float(np.mean(sums >= abs(differences.sum()) * (1 - 1e-12)))
