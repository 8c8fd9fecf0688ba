"""Batch normalisation trained with frozen statistics: there a bias before it has a gradient and changes the training run.

Source: theorems `eval_output_moves_of_stored_statistics` and `bias_gradient_vanishes_of_batch_statistics`, claim S4.a.
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from ..roundoff.precision import computing
from .digits import batches, digits
from .experiment import Experiment, Series, shown, spaced
from .network import Params, dense, dense_loss, descend, pre_activations
from .seeds import BAND, over_seeds, ranged
from .sign_flip import compared

MODES = {
    "batch": "batch statistics",
    "frozen": "frozen statistics, γ and β trained",
    "all frozen": "statistics, γ and β frozen",
}


def frozen_batchnorm(steps: int = 300, seeds: int = 16, width: int = 16, rate: float = 0.1) -> Experiment:
    """|loss with − loss without training the bias| along the same batches, in three modes of the normalisation."""
    runs = {mode: [paired(mode, seed, steps, width, rate) for seed in range(seeds)] for mode in MODES}
    chosen = spaced(steps)
    curves: list[Series] = []
    found: dict[str, float] = {}
    table: list[dict[str, str]] = []
    last = slice(-max(steps // 10, 1), None)
    for mode, label in MODES.items():
        losses, norms = (np.stack(kind) for kind in zip(*runs[mode], strict=True))
        curves += over_seeds(label, [k + 1.0 for k in chosen], np.abs(losses[:, 0] - losses[:, 1])[:, chosen])
        end = losses[:, :, last].mean(2)
        paid = end[:, 0] - end[:, 1]
        found[mode] = float(np.median(norms))
        table.append(
            {
                "trained with": label,
                "bias gradient": ranged(np.median(norms, 1)),
                "loss, bias held": shown(end[:, 1].mean(), 3),
                "trained, at most away by": shown(np.abs(paid).max()),
                **compared(paid, len(MODES)),
            }
        )
    return Experiment(
        "frozen_batchnorm",
        "Does a bias before batch normalisation matter if the statistics are frozen while training?",
        tuple(curves),
        "training step",
        "|difference of losses|",
        False,
        True,
        f"With frozen statistics the bias has a gradient, of norm {shown(found['frozen'])} (median over steps and seeds), and a run "
        "that trains it parts from one that holds it at the same start; with batch statistics its gradient is round-off, "
        f"{shown(found['batch'])}, and so is the difference of the runs. The table has the median norm of the bias gradient in each of "
        f"{seeds} seeds, and the training loss over the last tenth of the steps.",
        {
            "network": f"Linear(64 → {width}) → BN → ReLU → Linear",
            "task": "digits, 8×8",
            "dtype": "float32",
            "batch": 64,
            "steps": steps,
            "seeds": seeds,
            "optimiser": f"SGD, learning rate {rate:g}",
            "bias at the start": "normal, deviation 0.1, the same whether it is trained or held",
            "frozen statistics": "those of the first network on all training images",
            "curves": f"{BAND}; left out where the median is 0",
            "test": f"paired by seed, exact sign-flip test, two-sided; p corrected for the {len(MODES)} rows (Bonferroni)",
        },
        ("eval_output_moves_of_stored_statistics", "bias_gradient_vanishes_of_batch_statistics"),
        tuple(table),
    )


def paired(mode: str, seed: int, steps: int, width: int, rate: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Losses with the bias trained and held, shape (2, steps), and the norm of its gradient at each step of the first, (steps,)."""
    data = digits(1000, seed=0)
    chosen = batches(1000, steps, 64, seed)
    losses: list[jax.Array] = []
    norm = jnp.zeros(0)
    with computing("float32"):
        images, labels = jnp.asarray(data.images, "float32"), jnp.asarray(data.labels)
        start = dense(seed, width, "float32", 0.1)
        z = pre_activations(start, images)
        statistics = None if mode == "batch" else (jnp.mean(z, 0), jnp.var(z, 0))
        scale = ("gamma", "beta") if mode == "all frozen" else ()
        for held in (scale, (*scale, "b1")):
            _, run, norms = _train(start, images, labels, jnp.asarray(chosen), rate, statistics, held)
            losses.append(run)
            norm = norms if "b1" not in held else norm
    return np.asarray(losses, np.float64), np.asarray(norm, np.float64)


@partial(jax.jit, static_argnames="held")
def _train(
    start: Params,
    images: jax.Array,
    labels: jax.Array,
    chosen: jax.Array,
    rate: float,
    stored: tuple[jax.Array, jax.Array] | None,
    held: tuple[str, ...],
) -> tuple[Params, jax.Array, jax.Array]:
    def loss(params: Params, images: jax.Array, labels: jax.Array) -> jax.Array:
        return dense_loss({**params, **{name: start[name] for name in held}}, images, labels, "bn-relu", stored)

    def norm(params: Params, gradients: Params) -> jax.Array:
        return jnp.linalg.norm(gradients["b1"])

    return descend(loss, start, images, labels, chosen, rate, observe=norm)
