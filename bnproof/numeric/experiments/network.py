"""Small networks for the digits, channels last, and plain gradient descent as one scanned loop.

Parameters are a dictionary; a bias is used if it is there: the two runs of a comparison differ in that key alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from ..roundoff.precision import storage
from .digits import CLASSES, SIDE

Params = dict[str, jax.Array]
Order = Literal["bn-relu", "relu-bn"]
EPSILON = 1e-5


def batch_norm(z: jax.Array, gamma: Any, beta: Any, stored: tuple[jax.Array, jax.Array] | None = None) -> jax.Array:
    """γ(z − mean)/√(variance + ε) + β over all axes but the last; statistics of the batch unless `stored` (mean, variance)."""
    axes = tuple(range(z.ndim - 1))
    mean, variance = stored or (jnp.mean(z, axes), jnp.var(z, axes))
    return gamma * (z - mean) * lax.rsqrt(variance + EPSILON) + beta


def convolve(x: jax.Array, kernel: jax.Array, circular: bool = False) -> jax.Array:
    """x: (batch, height, width, in), kernel: (3, 3, in, out); stride 1, same size, padded with zeros or on a ring."""
    height, width = x.shape[1:3]
    padded = jnp.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="wrap" if circular else "constant")
    # one product of matrices: on a processor, XLA's own float64 convolution is many times slower
    patches = jnp.concatenate([padded[:, i : i + height, j : j + width] for i in range(3) for j in range(3)], -1)
    return patches @ kernel.reshape(-1, kernel.shape[-1])


def cross_entropy(logits: jax.Array, labels: jax.Array) -> jax.Array:
    """Mean of −log softmax at the labels; logits: (batch, classes), labels: (batch,)."""
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(logits), labels[:, None], axis=1))


def dense(seed: int, width: int, dtype: str, bias: float | None = None) -> Params:
    """Parameters of `dense_loss`; `bias`: standard deviation of ``b1`` at the start, None for a network without it.

    The same seed draws the same numbers for every dtype, with and without the bias.
    """
    rng = np.random.default_rng(seed)
    drawn = {
        "w1": rng.standard_normal((SIDE * SIDE, width)) * (2 / SIDE**2) ** 0.5,
        "gamma": np.ones(width),
        "beta": np.zeros(width),
        "w2": rng.standard_normal((width, CLASSES)) * width**-0.5,
        "b2": np.zeros(CLASSES),
    }
    if bias is not None:
        drawn["b1"] = bias * rng.standard_normal(width)
    return {name: jnp.asarray(value, storage(dtype)) for name, value in drawn.items()}


def dense_loss(
    params: Params,
    images: jax.Array,
    labels: jax.Array,
    order: Order = "bn-relu",
    stored: tuple[jax.Array, jax.Array] | None = None,
) -> jax.Array:
    """Cross-entropy of Linear → BN → ReLU → Linear, or of Linear → ReLU → BN → Linear; images: (batch, 8, 8)."""
    z = pre_activations(params, images)
    if order == "relu-bn":
        hidden = batch_norm(jax.nn.relu(z), params["gamma"], params["beta"], stored)
    else:
        hidden = jax.nn.relu(batch_norm(z, params["gamma"], params["beta"], stored))
    return cross_entropy(hidden @ params["w2"] + params["b2"], labels)


def pre_activations(params: Params, images: jax.Array) -> jax.Array:
    """What the first layer of `dense_loss` computes, with its bias if there is one; shape (batch, width)."""
    z = images.reshape(len(images), -1) @ params["w1"]
    return z + params["b1"] if "b1" in params else z


def descend(
    loss: Callable[[Params, jax.Array, jax.Array], jax.Array],
    params: Params,
    images: jax.Array,
    labels: jax.Array,
    chosen: Any,
    rate: float,
    momentum: float = 0.0,
    decay: float = 0.0,
    observe: Callable[[Params, Params], Any] = lambda params, gradients: (),
) -> tuple[Params, jax.Array, Any]:
    """Gradient descent with heavy-ball momentum and weight decay on every parameter, one step for each row of `chosen`.

    chosen: (steps, batch) indices into images and labels. Returns the final parameters, the loss of each step's batch before that
    step, shape (steps,), and what `observe` made of the parameters after each step and of the traced gradients, stacked.
    """

    def step(state: tuple[Params, Params], index: jax.Array) -> tuple[tuple[Params, Params], Any]:
        params, velocity = state
        value, gradients = jax.value_and_grad(loss)(params, images[index], labels[index])
        velocity = {name: momentum * velocity[name] + gradients[name] + decay * params[name] for name in params}
        params = {name: params[name] - rate * velocity[name] for name in params}
        return (params, velocity), (value, observe(params, gradients))

    zero = {name: jnp.zeros_like(value) for name, value in params.items()}
    (params, _), (losses, observed) = lax.scan(step, (params, zero), jnp.asarray(chosen))
    return params, losses, observed
