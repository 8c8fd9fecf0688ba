"""How far a running mean lags behind a constant shift of the batch mean, in float32, and where rounding stops it.

Source: theorem `running_mean_tracks_bias`, claim S0.f.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from numpy.typing import NDArray

from ..roundoff.precision import UNIT_ROUNDOFF, computing
from .experiment import Experiment, Series, shown, spaced


def running_mean_lag(
    momenta: Sequence[float] = (0.3, 0.1, 0.01), steps: int = 3000, batch: int = 64, channels: int = 16, bias: float = 1.0
) -> Experiment:
    """1 − (running mean with bias − without)/bias, the mean over channels of its size, against (1 − α)^t.

    momenta: shares α of the new batch, as in PyTorch, each in (0, 1).
    """
    u = UNIT_ROUNDOFF["float32"]
    chosen = [k + 1 for k in spaced(steps, log=True)]
    curves: list[Series] = []
    early, floors = 0.0, list[dict[str, str]]()
    for alpha in momenta:
        lag = np.abs(lags(alpha, steps, batch, channels, bias)).mean(1)
        formula = (1 - alpha) ** np.arange(1.0, steps + 1)
        upper = formula > 0.01
        early = max(early, float(np.abs(lag[upper] / formula[upper] - 1).max()))
        floors.append(
            {
                "α": f"{alpha:g}",
                "the lag ends at": f"{shown(lag[-steps // 10 :].mean() / u)} u",
                "were only the weights rounded": f"{shown(abs(limit(alpha)) / u)} u",
            }
        )
        # below u/100 the formula leaves the figure
        kept = [t for t in chosen if formula[t - 1] > u / 100]
        curves += [
            Series(f"measured, α = {alpha:g}", tuple(map(float, chosen)), tuple(float(lag[t - 1]) for t in chosen)),
            Series(
                f"$(1-α)^t$, α = {alpha:g}",
                tuple(map(float, kept)),
                tuple(float(formula[t - 1]) for t in kept),
                kind="reference",
            ),
        ]
    return Experiment(
        "running_mean_lag",
        "How fast does the running mean follow a constant bias?",
        tuple(curves),
        "updates $t$",
        "lag / bias",
        True,
        True,
        f"As long as the lag is above 1 % of the bias it equals (1 − α)^t up to a relative {shown(early)}. It never reaches 0 in "
        "float32: the rounded α and 1 − α need not add up to 1, so that the running mean tends to another multiple of the bias, and "
        f"every update rounds. The lag is a share of the bias, in units of u = {shown(u)}.",
        {"dtype": "float32", "bias": bias, "batch": batch, "channels": channels, "updates": steps, "seed": 0},
        ("running_mean_tracks_bias",),
        tuple(floors),
    )


def lags(momentum: float, steps: int, batch: int, channels: int, bias: float, dtype: str = "float32") -> NDArray[np.float64]:
    """The lag as a share of the bias, with its sign, after each update of two layers on the same batches; (steps, channels)."""

    def update(means: jax.Array, z: jax.Array) -> tuple[jax.Array, Any]:
        present = jnp.stack([jnp.mean(z + bias, 0), jnp.mean(z, 0)])
        means = (1 - momentum) * means + momentum * present
        return means, means

    with computing(dtype):
        batches = jnp.asarray(np.random.default_rng(0).standard_normal((steps, batch, channels)), dtype)
        _, means = jax.jit(lambda z: lax.scan(update, jnp.zeros((2, channels), dtype), z))(batches)
    followed = np.asarray(means, np.float64)
    return 1 - (followed[:, 0] - followed[:, 1]) / bias


def limit(momentum: float, dtype: str = "float32") -> float:
    """The lag of M ← fl(1−α)·M + fl(α)·b after infinitely many updates, as a share of b, if nothing but the weights is rounded."""
    old, new = (float(np.asarray(weight, dtype)) for weight in (1 - momentum, momentum))
    return 1 - new / (1 - old)
