"""A redundant bias under gradient descent with weight decay shrinks geometrically, in a real training run.

Source: theorem `redundant_bias_decays_of_weight_decay`, claim S4.a.
"""

from __future__ import annotations

from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from ..roundoff.precision import computing
from .digits import batches, digits
from .experiment import Experiment, Series, shown, spaced
from .network import dense, dense_loss, descend
from .seeds import BAND, over_seeds, ranged


def weight_decay(
    decays: Sequence[float] = (5e-4, 1e-2, 1e-1), rate: float = 0.1, steps: int = 1000, width: int = 16, seeds: int = 5
) -> Experiment:
    """b_t/b₀, its mean over channels, against (1 − ηλ)^t, for a few weight decays λ (all parameters decay)."""
    chosen = spaced(steps)
    x = tuple(k + 1.0 for k in chosen)
    curves: list[Series] = []
    table: list[dict[str, str]] = []
    for decay in decays:
        formula = (1 - rate * decay) ** np.arange(1.0, steps + 1)
        shares = {
            dtype: np.stack([remaining(dtype, decay, rate, steps, width, seed) for seed in range(seeds)])
            for dtype in ("float32", "float64")
        }
        off = {dtype: np.abs(share / formula[:, None] - 1).max((1, 2)) for dtype, share in shares.items()}
        table.append(
            {
                "λ": f"{decay:g}",
                f"left after {steps} steps": shown(formula[-1]),
                **{f"largest relative deviation, {dtype}": ranged(worst) for dtype, worst in off.items()},
            }
        )
        curves += [
            *over_seeds(f"measured, λ = {decay:g}", x, shares["float32"].mean(2)[:, chosen]),
            Series(f"$(1-ηλ)^t$, λ = {decay:g}", x, tuple(float(formula[k]) for k in chosen), kind="reference"),
        ]
    return Experiment(
        "weight_decay",
        "What does weight decay do to a bias before batch normalisation?",
        tuple(curves),
        "training step $t$",
        "$b_t / b_0$",
        False,
        True,
        f"It drains as (1 − ηλ)^t, here with η = {rate:g}, whatever else is learnt. The round-off in the gradient does not shrink "
        "with the bias, so that the relative deviation from the formula (the largest over all channels and steps, of each seed) grows "
        "as the bias fades.",
        {
            "network": f"Linear(64 → {width}) → BN → ReLU → Linear",
            "task": "digits, 8×8",
            "dtype": "float32 (drawn)",
            "batch": 64,
            "steps": steps,
            "optimiser": f"SGD, learning rate η = {rate:g}, weight decay λ on every parameter",
            "seeds": seeds,
            "curves": f"{BAND}; of each the mean over channels",
        },
        ("redundant_bias_decays_of_weight_decay",),
        tuple(table),
    )


def remaining(dtype: str, decay: float, rate: float, steps: int, width: int, seed: int) -> NDArray[np.float64]:
    """b_t/b₀ after each step in each channel, shape (steps, width); |b₀| is at least 1/2 so that the quotient is well defined."""
    data, chosen = digits(1000, seed=0), batches(1000, steps, 64, seed)
    with computing(dtype):
        images, labels = jnp.asarray(data.images, dtype), jnp.asarray(data.labels)
        start = dense(seed, width, dtype, 1.0)
        start["b1"] = start["b1"] + jnp.where(start["b1"] < 0, -0.5, 0.5).astype(dtype)

        @jax.jit
        def run() -> jax.Array:
            _, _, seen = descend(dense_loss, start, images, labels, chosen, rate, decay=decay, observe=lambda p, _: p["b1"])
            return seen

        seen = run()
        return np.asarray(seen, np.float64) / np.asarray(start["b1"], np.float64)
