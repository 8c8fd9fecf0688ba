"""Linear → ReLU → BN → Linear with and without the first bias: does training profit from it? Paired over seeds, with a control.

Source: theorem `output_moves_of_relu_before_batchnorm`, claim S3.a.
"""

from __future__ import annotations

from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from ..roundoff.precision import computing
from .digits import batches, digits
from .experiment import Experiment, Series, shown, spaced
from .network import Order, Params, dense, dense_loss, descend
from .sign_flip import compared

IMAGES = 2000


def relu_bias_training(steps: int = 400, seeds: int = 16, width: int = 16, rate: float = 0.1) -> Experiment:
    """Differences of the training loss along the way; final losses on all training and on held-out images, seed by seed."""
    with_bias, without = (train("relu-bn", bias, steps, seeds, width, rate) for bias in (True, False))
    control = [train("bn-relu", bias, steps, seeds, width, rate) for bias in (True, False)]
    chosen = spaced(steps)
    x = tuple(k + 1.0 for k in chosen)

    def curve(label: str, differences: NDArray[np.float64], kind: Literal["measured", "reference"]) -> Series:
        """Mean over seeds and its standard error, of a mean over the last ten steps of each seed's differences."""
        smooth = np.stack([differences[:, max(0, k - 9) : k + 1].mean(1) for k in chosen])
        error = smooth.std(1, ddof=1) / seeds**0.5
        mean = smooth.mean(1)
        ends = (tuple((mean + side * error).tolist()) for side in (-1, 1))
        return Series(label, x, tuple(mean.tolist()), kind, *ends)

    table = tuple(
        {
            "final loss on": place,
            **{
                label: f"{shown(losses[k].mean(), 3)} ± {shown(losses[k].std(ddof=1))}"
                for label, losses in (("with the bias", with_bias), ("without", without))
            },
            "relative difference": f"{shown(100 * (with_bias[k].mean() / without[k].mean() - 1))} %",
            **compared(with_bias[k] - without[k], 2),
        }
        for k, place in ((1, "training images"), (2, "held-out images"))
    )
    other = np.abs(control[0][1] - control[1][1])
    return Experiment(
        "relu_bias_training",
        "Does training profit from a bias before ReLU before batch normalisation?",
        (
            curve("ReLU, then BN", with_bias[0] - without[0], "measured"),
            curve("control: BN, then ReLU", control[0][0] - control[1][0], "reference"),
        ),
        "training step",
        "loss with − loss without the bias",
        False,
        False,
        f"The table has the final loss, mean ± standard deviation over {seeds} seeds; a negative difference speaks for the bias. "
        "In the control, BN before ReLU, where the bias is redundant, the final training losses with and without it differ by at "
        f"most {shown(other.max())}.",
        {
            "network": f"Linear(64 → {width}) → ReLU → BN → Linear",
            "task": f"digits, 8×8, {IMAGES} training and {IMAGES} held-out images",
            "dtype": "float32",
            "batch": 64,
            "steps": steps,
            "seeds": seeds,
            "optimiser": f"SGD, learning rate {rate:g}",
            "bias at the start": "0",
            "test": "paired by seed, exact sign-flip test, two-sided; p corrected for the two comparisons (Bonferroni)",
            "curves": "mean over seeds ± its standard error",
        },
        ("output_moves_of_relu_before_batchnorm", "affine_cannot_replace_bias_of_relu_before_batchnorm"),
        table,
    )


def train(
    order: Order, bias: bool, steps: int, seeds: int, width: int, rate: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Losses of the batches, shape (seeds, steps), and final losses on all training and all held-out images, shape (seeds,).

    Final losses are taken with the statistics of the set they are measured on.
    """
    seen, unseen = digits(IMAGES, seed=0), digits(IMAGES, seed=1)
    with computing("float32"):
        sets = [(jnp.asarray(d.images, "float32"), jnp.asarray(d.labels)) for d in (seen, unseen)]
        starts = [dense(seed, width, "float32", 0.0 if bias else None) for seed in range(seeds)]
        stacked = {name: jnp.stack([start[name] for start in starts]) for name in starts[0]}
        chosen = jnp.asarray(np.stack([batches(IMAGES, steps, 64, seed) for seed in range(seeds)]))

        def loss(params: Params, images: jax.Array, labels: jax.Array) -> jax.Array:
            return dense_loss(params, images, labels, order)

        def run(start: Params, chosen: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
            params, losses, _ = descend(loss, start, *sets[0], chosen, rate)
            return losses, loss(params, *sets[0]), loss(params, *sets[1])

        losses, final, held_out = jax.jit(jax.vmap(run))(stacked, chosen)
        return np.asarray(losses, np.float64), np.asarray(final, np.float64), np.asarray(held_out, np.float64)
