"""The founding paper's warning, carried out: a gradient step that takes the batch mean for a constant drives the bias away.

Source: Ioffe & Szegedy 2015, §2; theorem `bias_runs_away_of_mean_held_constant`.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from numpy.typing import NDArray

from ..roundoff.precision import UNIT_ROUNDOFF, computing
from .experiment import Experiment, Series, shown, spaced


def runaway(steps: int = 100_000, batch: int = 30, rate: float = 1.0, seed: int = 0) -> Experiment:
    """Half the mean square distance of z + b − mean(z + b) from random targets, descended in b alone, in float32."""
    held, held_loss, pull = descent(True, steps, batch, rate, seed)
    true, true_loss, _ = descent(False, steps, batch, rate, seed)
    t = np.arange(1.0, steps + 1)
    formula = t * rate * abs(pull)
    losses = np.abs(held_loss - held_loss[0])
    chosen = spaced(steps, log=True)
    u = UNIT_ROUNDOFF["float32"]

    def curve(label: str, y: NDArray[np.float64], kind: Any = "measured") -> tuple[Series, ...]:
        """The running maximum, without the zeros that a logarithmic axis cannot show; no curve if there is nothing else."""
        highest = np.maximum.accumulate(y)
        seen = [k for k in chosen if highest[k] > 0]
        return (Series(label, tuple(t[seen].tolist()), tuple(highest[seen].tolist()), kind=kind),) if seen else ()

    off = abs(held[-1] - -np.sign(pull) * formula[-1]) / formula[-1]
    return Experiment(
        "runaway",
        "What happens if the gradient ignores that the batch mean depends on the bias?",
        (
            *curve("|b|, mean held constant", np.abs(held)),
            *curve("formula t·η·|Σg|", formula, "reference"),
            *curve("|loss − first loss|, mean held constant", losses),
            *curve("|b|, true gradient", np.abs(true)),
        ),
        "step $t$",
        "absolute value, largest so far",
        True,
        True,
        f"With the mean held constant the bias runs to {shown(abs(held[-1]), 3)} in {steps} steps, as the formula says up to a "
        f"relative {shown(off)}, and the loss, {shown(held_loss[0], 3)}, never moves by more than {shown(losses.max())}: that is "
        f"{shown(losses.max() / (u * abs(held).max()))} of u·|b|, the rounding of z + b. With the true gradient the largest |b| is "
        f"{shown(np.abs(true).max())} and the largest change of the loss {shown(np.abs(true_loss - true_loss[0]).max())}.",
        {"dtype": "float32", "batch": batch, "learning rate η": rate, "steps": steps, "seed": seed, "b at the start": 0},
        ("bias_runs_away_of_mean_held_constant",),
    )


def descent(
    constant: bool, steps: int, batch: int, rate: float, seed: int, dtype: str = "float32"
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """b after each step from 0, the loss before each step, both of shape (steps,), and Σg, the gradient without the mean's part.

    constant: hold the batch mean constant while differentiating.
    """
    with computing(dtype):
        rng = np.random.default_rng(seed)
        z = jnp.asarray(rng.standard_normal(batch), dtype)
        # targets with the mean 1/2, so that Σg is −1/2
        drawn = rng.standard_normal(batch)
        targets = jnp.asarray(drawn - drawn.mean() + 0.5, dtype)

        def loss(b: jax.Array) -> jax.Array:
            mean = jnp.mean(z + b)
            centred = z + b - (lax.stop_gradient(mean) if constant else mean)
            return jnp.mean((centred - targets) ** 2) / 2

        def step(b: jax.Array, _: None) -> tuple[jax.Array, tuple[jax.Array, jax.Array]]:
            value, gradient = jax.value_and_grad(loss)(b)
            b = b - rate * gradient
            return b, (b, value)

        _, (biases, losses) = jax.jit(lambda: lax.scan(step, jnp.zeros((), dtype), length=steps))()
        pull = -float(np.asarray(targets, np.float64).mean())
        return np.asarray(biases, np.float64), np.asarray(losses, np.float64), pull
