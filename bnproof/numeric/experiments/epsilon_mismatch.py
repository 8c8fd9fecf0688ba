"""Folding batch normalisation into a linear layer with another ε than the network's: by how much the outputs are off.

Source: theorem `wrong_epsilon_scales_of_folding`, claim S1.d.
"""

from __future__ import annotations

from collections.abc import Sequence

import jax.numpy as jnp
import numpy as np

from ..roundoff.precision import computing
from .experiment import Experiment, Series, plain, shown

PAIRS = ((1e-3, 1e-7), (1e-3, 1e-5), (1e-5, 1e-7))
"""(ε of the network, ε used for folding): Keras' default is 1e-3, PyTorch's 1e-5."""


def epsilon_mismatch(exponents: Sequence[float] = tuple(np.arange(-8, 2.01, 0.5)), seed: int = 0) -> Experiment:
    """‖folded − right output‖/‖right output − β‖ in float32 against the running variance 10^exponent, and κ − 1."""
    variances = [10.0**e for e in exponents]
    curves: list[Series] = []
    table: list[dict[str, str]] = []
    worst = 0.0
    for network, folded in PAIRS:
        found = np.array([relative_error(v, network, folded, seed) for v in variances])
        formula = np.array([((v + network) / (v + folded)) ** 0.5 - 1 for v in variances])
        worst = max(worst, float(np.abs(found / formula - 1)[formula > 1e-4].max()))
        at_one = int(np.argmin(np.abs(np.array(variances) - 1)))
        table.append(
            {
                "network's ε": plain(network),
                "folded with": plain(folded),
                f"error at variance {shown(variances[at_one])}": f"{shown(100 * found[at_one])} %",
                f"factor at variance {shown(variances[0])}": shown(1 + found[0], 3),
                "bound on the factor": shown((network / folded) ** 0.5, 3),
            }
        )
        x = tuple(variances)
        curves += [
            Series(f"ε = {plain(network)} folded with {plain(folded)}", x, tuple(found.tolist())),
            Series(f"κ − 1 for {plain(network)} and {plain(folded)}", x, tuple(formula.tolist()), kind="reference"),
        ]
    return Experiment(
        "epsilon_mismatch",
        "How wrong are the outputs if batch normalisation is folded with the wrong ε?",
        tuple(curves),
        "running variance",
        "relative error of the distance from β",
        True,
        True,
        "The error depends on the running variance alone: it is tiny where that is 1, and where it is near 0 the distance from β is "
        "multiplied by up to the root of the two constants' ratio. "
        f"Where κ − 1 is above 1e-4, the measured error equals it up to a relative {shown(worst)}.",
        {"network": "Linear(32 → 16) → BN with stored statistics", "dtype": "float32", "batch": 64, "seed": seed},
        ("wrong_epsilon_scales_of_folding", "batchnorm_folds_of_stored_statistics"),
        tuple(table),
    )


def relative_error(variance: float, network: float, folded: float, seed: int, dtype: str = "float32") -> float:
    """‖y′ − y‖/‖y − β‖ for one layer whose pre-activations have that variance; y′ folded with ε = `folded`, y with `network`."""
    with computing(dtype):
        rng = np.random.default_rng(seed)
        scale = variance**0.5
        drawn = (
            rng.standard_normal((64, 32)),
            scale * 32**-0.5 * rng.standard_normal((32, 16)),
            scale * rng.standard_normal(16),
            rng.uniform(0.5, 1.5, 16),
            rng.standard_normal(16),
        )
        x, w, mean, gamma, beta = (jnp.asarray(values, dtype) for values in drawn)
        distance = gamma * (x @ w - mean) / jnp.sqrt(jnp.asarray(variance + network, dtype))
        factor = gamma / jnp.sqrt(jnp.asarray(variance + folded, dtype))
        wrong = x @ (w * factor) + (beta - mean * factor)
        return float(jnp.linalg.norm(wrong - (distance + beta)) / jnp.linalg.norm(distance))
