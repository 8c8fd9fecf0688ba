"""One SGD run with and without biases before batch normalisation: how far round-off drives the two apart.

The slope of ReLU jumps at 0: a normalised value that round-off alone carries across 0 changes the gradient by a finite amount.
Source: theorem `sgd_trajectory_ignores_bias_of_batch_statistics`, claim S2.b.
"""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from ..roundoff.precision import UNIT_ROUNDOFF, computing, storage
from .digits import CLASSES, SIDE, batches, digits
from .experiment import Experiment, Series, shown, spaced
from .network import Params, batch_norm, convolve, cross_entropy, descend
from .seeds import BAND, over_seeds

CASES = (("float32", "ReLU"), ("float32", "softplus"), ("float64", "ReLU"))
BATCH = 32
JUMP = 1e4
"""Runs this many unit round-offs apart no longer differ by accumulated rounding alone."""


@dataclass(frozen=True)
class Apart:
    """Against the run without biases, |differences| of shape (seeds, steps).

    parameters: the largest over all shared parameters after each step, in the run with biases; losses: of each step's batch;
    control: as parameters, in a run without biases whose weights start one spacing of numbers away from 1, relative.
    """

    parameters: NDArray[np.float64]
    losses: NDArray[np.float64]
    control: NDArray[np.float64]


def sgd_trajectory(steps: int = 200, channels: int = 4, rate: float = 0.05, seeds: int = 8) -> Experiment:
    """Differences of all parameters but the biases, and of the loss, in two formats and two activations."""
    curves: list[Series] = []
    table: list[dict[str, str]] = []
    chosen = spaced(steps)
    x = tuple(k + 1.0 for k in chosen)
    for dtype, activation in CASES:
        u = UNIT_ROUNDOFF[dtype]
        found = apart(dtype, activation, steps, channels, rate, seeds)
        curves += over_seeds(f"{dtype}, {activation}: other parameters", x, found.parameters[:, chosen])
        if activation == "ReLU":
            control = np.median(found.control, 0)
            losses = np.maximum.accumulate(found.losses, 1)
            curves += [
                Series(f"{dtype}: no biases, start moved by 2u", x, tuple(control[chosen].tolist()), kind="reference"),
                *over_seeds(f"{dtype}, {activation}: loss, so far", x, losses[:, chosen]),
            ]
        ends, moved = found.parameters[:, -1] / u, found.control[:, -1] / u
        table.append(
            {
                "run": f"{dtype}, {activation}",
                "after one step, at most": shown(found.parameters[:, 0].max() / u),
                f"after {steps}: median": shown(np.median(ends)),
                "largest": shown(ends.max()),
                f"seeds above {JUMP:g}": f"{(ends > JUMP).sum()} of {seeds}",
                "control: median": shown(np.median(moved)),
                f"control: seeds above {JUMP:g}": f"{(moved > JUMP).sum()} of {seeds}",
                "loss, at most": shown(found.losses.max() / u),
            }
        )
    return Experiment(
        "sgd_trajectory",
        "Does a training run notice biases before batch normalisation?",
        tuple(curves),
        "training step",
        "largest |difference|",
        False,
        True,
        "Only round-off differs, as between any two runs without biases that start a round-off apart (control); but the slope of "
        "ReLU jumps at 0, and once round-off carries a value across, two runs part visibly, with or without biases; softplus has "
        "no such jump. The table has the difference of the other parameters, and of the loss, in units of the unit round-off u.",
        {
            "network": f"Conv({channels}) → BN → ReLU → Conv({channels}) → BN → ReLU → Linear",
            "biases at the start": "normal, deviation 1",
            "task": "digits, 8×8",
            "batch": BATCH,
            "steps": steps,
            "optimiser": f"SGD, learning rate {rate:g}, momentum 0.9",
            "seeds": seeds,
            "curves": BAND,
        },
        ("sgd_trajectory_ignores_bias_of_batch_statistics",),
        tuple(table),
    )


def apart(dtype: str, activation: str, steps: int, channels: int, rate: float, seeds: int) -> Apart:
    """Train three times for each seed; activation: ``ReLU`` or ``softplus``."""
    data = digits(1000, seed=0)
    with computing(dtype):
        images, labels = jnp.asarray(data.images, dtype), jnp.asarray(data.labels)
        smooth = activation == "softplus"

        @jax.jit
        def run(start: Params, chosen: jax.Array) -> tuple[Params, jax.Array]:
            def loss(params: Params, images: jax.Array, labels: jax.Array) -> jax.Array:
                return _loss(params, images, labels, smooth)

            _, losses, seen = descend(loss, start, images, labels, chosen, rate, 0.9, observe=lambda p, _: p)
            return seen, losses

        found: list[list[NDArray[np.float64]]] = []
        for seed in range(seeds):
            chosen = jnp.asarray(batches(1000, steps, BATCH, seed))
            (plain, losses), *others = (run(start, chosen) for start in _starts(seed, channels, dtype))
            away = [
                np.max([np.abs(np.asarray(plain[k] - other[k], np.float64)).reshape(steps, -1).max(1) for k in plain], 0)
                for other, _ in others
            ]
            found.append([away[0], np.abs(np.asarray(losses - others[0][1], np.float64)), away[1]])
    return Apart(*np.stack(found, 1))


def _starts(seed: int, channels: int, dtype: str) -> tuple[Params, Params, Params]:
    """Without biases, with biases, and without biases but moved."""
    rng = np.random.default_rng(seed)
    drawn = {
        "w1": rng.standard_normal((3, 3, 1, channels)) * (2 / 9) ** 0.5,
        "w2": rng.standard_normal((3, 3, channels, channels)) * (2 / (9 * channels)) ** 0.5,
        "w3": rng.standard_normal((SIDE * SIDE * channels, CLASSES)) * (SIDE * SIDE * channels) ** -0.5,
        "b3": np.zeros(CLASSES),
        "gamma1": np.ones(channels),
        "gamma2": np.ones(channels),
        "beta1": np.zeros(channels),
        "beta2": np.zeros(channels),
    }
    plain = {name: value.astype(storage(dtype)) for name, value in drawn.items()}
    biases = {name: rng.standard_normal(channels).astype(storage(dtype)) for name in ("b1", "b2")}
    factor = {name: 1 + 2 * UNIT_ROUNDOFF[dtype] * rng.choice([-1, 1], value.shape) for name, value in plain.items()}
    moved = {name: value * factor[name].astype(value.dtype) for name, value in plain.items()}
    first, second, third = (
        {name: jnp.asarray(value) for name, value in start.items()} for start in (plain, {**plain, **biases}, moved)
    )
    return first, second, third


def _loss(params: Params, images: jax.Array, labels: jax.Array, smooth: bool) -> jax.Array:
    """Cross-entropy; a bias that is not there is not added."""
    x = images[..., None]
    for k in "12":
        z = convolve(x, params[f"w{k}"])
        z = z + params[f"b{k}"] if f"b{k}" in params else z
        normalised = batch_norm(z, params[f"gamma{k}"], params[f"beta{k}"])
        x = jax.nn.softplus(normalised) if smooth else jax.nn.relu(normalised)
    return cross_entropy(x.reshape(len(x), -1) @ params["w3"] + params["b3"], labels)
