"""Adam on a bias whose true gradient is 0: it divides round-off by its own size and walks at random, in steps of full size.

Source: theorem `sgd_trajectory_ignores_bias_of_batch_statistics` (its last remark), claim S4.a; Kingma & Ba 2015, algorithm 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from numpy.typing import NDArray

from ..roundoff.precision import computing
from .digits import batches, digits
from .experiment import Experiment, Series, plain, shown
from .network import Params, dense, dense_loss
from .seeds import BAND, over_seeds, ranged

EPSILONS = tuple(10.0**k for k in range(-20, -1, 2))
DEFAULT = 1e-8
CASES = (("bfloat16", 1e-3), ("float32", 1e-3), ("float32", 1e-2), ("float64", 1e-3))
"""Format of the forward and backward pass, and learning rate."""


@dataclass(frozen=True)
class Drift:
    """moved: |b after − b before|, shape (constants, seeds, width); gradient: largest |gradient of b| in each of these runs."""

    moved: NDArray[np.float64]
    gradient: NDArray[np.float64]


def adam_on_dead_bias(
    steps: int = 300, seeds: int = 8, width: int = 12, cases: Sequence[tuple[str, float]] = CASES
) -> Experiment:
    """Drift of the bias after so many steps, its median over channels, against the constant in Adam's denominator."""
    curves: list[Series] = []
    table: list[dict[str, str]] = []
    for dtype, rate in cases:
        drift = drifts(dtype, rate, EPSILONS, steps, seeds, width)
        middle = np.median(drift.moved, 2)
        for curve in over_seeds(f"{dtype}, learning rate {rate:g}", EPSILONS, middle.T):
            walk = (rate * steps**0.5,) * len(curve.x)
            known = any(series.y[0] == walk[0] for series in curves)
            curves += [
                curve,
                *([] if known else [Series(f"learning rate × √steps, {rate:g}", curve.x, walk, kind="reference")]),
            ]
        default = EPSILONS.index(DEFAULT)
        table.append(
            {
                "format": dtype,
                "learning rate": f"{rate:g}",
                "largest bias gradient": ranged(drift.gradient[default]),
                f"drift with ε = {plain(DEFAULT)}": ranged(middle[default]),
                f"drift with ε = {plain(EPSILONS[0])}": ranged(middle[0]),
                "learning rate × √steps": shown(rate * steps**0.5),
            }
        )
    return Experiment(
        "adam_on_dead_bias",
        "What does Adam do to a bias whose gradient is nothing but round-off?",
        tuple(curves),
        "Adam's ε",
        f"drift of the bias after {steps} steps",
        True,
        True,
        "Where ε is small against the round-off in the gradient, the bias walks at random with steps of the size of the learning "
        "rate, which takes it about as far as the learning rate times √steps. Where ε is large, it stays. Adam's default ε, "
        f"{plain(DEFAULT)}, lies between, depending on the format. The table has the smallest to the largest of {seeds} seeds.",
        {
            "network": f"Linear(64 → {width}) → BN → ReLU → Linear",
            "task": "digits, 8×8",
            "batch": 64,
            "steps": steps,
            "seeds": seeds,
            "optimiser": "Adam, β₁ = 0.9, β₂ = 0.999",
            "drift": "its median over channels",
            "curves": BAND,
            "left out": "drifts of exactly 0",
            "bfloat16": "forward and backward pass; parameters and Adam's averages in float32",
        },
        ("sgd_trajectory_ignores_bias_of_batch_statistics", "bias_gradient_vanishes_of_batch_statistics"),
        tuple(table),
    )


def drifts(dtype: str, rate: float, epsilons: Sequence[float], steps: int, seeds: int, width: int) -> Drift:
    """Train with each constant and seed. The bias starts at random (deviation 0.1) so that z + b is rounded."""
    data = digits(1000, seed=0)
    master = "float32" if dtype == "bfloat16" else dtype
    with computing(master):
        images, labels = jnp.asarray(data.images, dtype), jnp.asarray(data.labels)
        starts = [dense(seed, width, master, 0.1) for seed in range(seeds)]
        stacked = {name: jnp.stack([start[name] for start in starts]) for name in starts[0]}
        chosen = jnp.asarray(np.stack([batches(1000, steps, 64, seed) for seed in range(seeds)]))

        def train(epsilon: jax.Array, start: Params, chosen: jax.Array) -> tuple[jax.Array, jax.Array]:
            return _adam(start, images, labels, chosen, rate, epsilon)

        each = jax.vmap(jax.vmap(train, (None, 0, 0)), (0, None, None))
        moved, gradient = jax.jit(each)(jnp.asarray(epsilons, master), stacked, chosen)
    return Drift(np.asarray(moved, np.float64), np.asarray(gradient, np.float64))


def _adam(
    start: Params, images: jax.Array, labels: jax.Array, chosen: jax.Array, rate: float, epsilon: jax.Array
) -> tuple[jax.Array, jax.Array]:
    def step(state: tuple[Params, Params, Params], scanned: tuple[jax.Array, jax.Array]) -> tuple[Any, jax.Array]:
        params, first, second = state
        t, index = scanned

        def loss(params: Params) -> jax.Array:
            return dense_loss({k: p.astype(images.dtype) for k, p in params.items()}, images[index], labels[index])

        gradients = jax.grad(loss)(params)
        first = {k: 0.9 * first[k] + 0.1 * g for k, g in gradients.items()}
        second = {k: 0.999 * second[k] + 0.001 * g * g for k, g in gradients.items()}
        params = {
            k: p - rate * (first[k] / (1 - 0.9**t)) / (jnp.sqrt(second[k] / (1 - 0.999**t)) + epsilon)
            for k, p in params.items()
        }
        return (params, first, second), jnp.max(jnp.abs(gradients["b1"]))

    zero = {name: jnp.zeros_like(value) for name, value in start.items()}
    times = jnp.arange(1, len(chosen) + 1).astype(start["b1"].dtype)
    (params, _, _), largest = lax.scan(step, (start, zero, zero), (times, chosen))
    return jnp.abs(params["b1"] - start["b1"]), jnp.max(largest)
