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
from .sign_flip import compared

MODES = {
    "batch": "batch statistics",
    "frozen": "frozen statistics, γ and β trained",
    "all frozen": "statistics, γ and β frozen",
}


def frozen_batchnorm(steps: int = 300, seeds: int = 8, width: int = 16, rate: float = 0.1) -> Experiment:
    """|loss with − loss without the bias| along the same batches, mean over seeds, in three modes of the normalisation."""
    runs = {mode: [paired(mode, seed, steps, width, rate) for seed in range(seeds)] for mode in MODES}
    chosen = spaced(steps)
    curves: list[Series] = []
    found: dict[str, float] = {}
    table: list[dict[str, str]] = []
    last = slice(-max(steps // 10, 1), None)
    for mode, label in MODES.items():
        losses, norms = (np.stack(kind) for kind in zip(*runs[mode], strict=True))
        apart = np.abs(losses[:, 0] - losses[:, 1]).mean(0)
        # a difference of exactly 0 in all seeds has no place on a logarithmic axis
        seen = [k for k in chosen if apart[k] > 0]
        if seen:
            curves.append(Series(label, tuple(k + 1.0 for k in seen), tuple(apart[seen].tolist())))
        end = losses[:, :, last].mean(2)
        paid = end[:, 0] - end[:, 1]
        found[mode] = float(np.median(norms))
        table.append(
            {
                "trained with": label,
                "bias gradient": shown(found[mode]),
                "loss without the bias": shown(end[:, 1].mean(), 3),
                "with it, at most away by": shown(np.abs(paid).max()),
                **compared(paid),
            }
        )
    return Experiment(
        "frozen_batchnorm",
        "Does a bias before batch normalisation matter if the statistics are frozen while training?",
        tuple(curves),
        "training step",
        "|difference of losses|, mean over seeds",
        False,
        True,
        f"With frozen statistics the bias has a gradient, of norm {shown(found['frozen'])} (median over steps and seeds), and the "
        f"training runs with and without it part; with batch statistics its gradient is round-off, {shown(found['batch'])}, and so is "
        f"the difference of the runs. The table has the training loss over the last tenth of the steps, {seeds} seeds.",
        {
            "network": f"Linear(64 → {width}) → BN → ReLU → Linear",
            "task": "digits, 8×8",
            "dtype": "float32",
            "batch": 64,
            "steps": steps,
            "seeds": seeds,
            "optimiser": f"SGD, learning rate {rate:g}",
            "frozen statistics": "those of the first network on all training images",
        },
        ("eval_output_moves_of_stored_statistics", "bias_gradient_vanishes_of_batch_statistics"),
        tuple(table),
    )


def paired(mode: str, seed: int, steps: int, width: int, rate: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Losses with and without the bias, shape (2, steps), and the norm of the bias gradient at each step, shape (steps,)."""
    data = digits(1000, seed=0)
    chosen = batches(1000, steps, 64, seed)
    losses: list[jax.Array] = []
    norm = jnp.zeros(0)
    with computing("float32"):
        images, labels = jnp.asarray(data.images, "float32"), jnp.asarray(data.labels)
        for bias in (0.1, None):
            start = dense(seed, width, "float32", bias)
            z = pre_activations(start, images)
            statistics = None if mode == "batch" else (jnp.mean(z, 0), jnp.var(z, 0))
            _, run, norms = _train(start, images, labels, jnp.asarray(chosen), rate, statistics, mode == "all frozen")
            losses.append(run)
            norm = norms if bias else norm
    return np.asarray(losses, np.float64), np.asarray(norm, np.float64)


@partial(jax.jit, static_argnames="fixed")
def _train(
    start: Params,
    images: jax.Array,
    labels: jax.Array,
    chosen: jax.Array,
    rate: float,
    stored: tuple[jax.Array, jax.Array] | None,
    fixed: bool,
) -> tuple[Params, jax.Array, jax.Array]:
    def loss(params: Params, images: jax.Array, labels: jax.Array) -> jax.Array:
        held = {name: start[name] for name in ("gamma", "beta")} if fixed else {}
        return dense_loss({**params, **held}, images, labels, "bn-relu", stored)

    def norm(params: Params, gradients: Params) -> jax.Array:
        return jnp.linalg.norm(gradients["b1"]) if "b1" in gradients else jnp.zeros(())

    return descend(loss, start, images, labels, chosen, rate, observe=norm)
