"""The bias gradient under Conv → BatchNorm (a proved zero) and Conv → ReLU → BatchNorm (a control), by JAX autodiff.

Why it is not exactly zero, and how far from zero it may be. Reverse mode computes, for the cotangents dc_i of the centred
values, dz_i = fl(dc_i − m) with m = fl(mean dc), and the bias gradient fl(Σ dz_i), over N values. In exact arithmetic
Σ (dc_i − mean dc) = 0. In floating point, whatever dc is,

- N·m differs from Σ dc by at most γ_{N+1} Σ|dc| (a sum of N terms and one division, in any order of summation),
- each subtraction adds at most u·|dz_i|, and the last sum at most γ_{N−1} Σ|dz|,

so |fl(Σ dz)| ≤ γ_{N+1} Σ|dc| + (u + γ_{N−1}) Σ|dz|, up to terms of order u². The bound holds for any order of summation;
the order XLA uses makes the true error far smaller. Source: Higham, Accuracy and Stability of Numerical Algorithms (2002), §3.1
and §4.2; theorem `bias_gradient_vanishes_of_batch_statistics`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .measurement import Measurement
from .precision import UNIT_ROUNDOFF, gamma, wide

if TYPE_CHECKING:
    import jax

EPSILON = 1e-5
CONTROL_FACTOR = 100.0
"""A control's gradient must exceed its bound this many times."""


@dataclass(frozen=True)
class Problem:
    """One convolution: x of shape (batch, 3, size, size), a 3×3 kernel to `channels`, zero padding, stride 1."""

    batch: int = 4
    size: int = 8
    channels: int = 8
    seed: int = 0

    @property
    def count(self) -> int:
        """Values normalised together, per channel."""
        return self.batch * self.size * self.size


def measure(dtype: str, problem: Problem | None = None) -> list[Measurement]:
    """Both cases in one format: Conv → BN must stay below its bound, Conv → ReLU → BN far above it."""
    problem = problem or Problem()
    with wide(dtype):
        return [_measure(dtype, problem, relu=False), _measure(dtype, problem, relu=True)]


def bound(dc: jax.Array, dz: jax.Array, dtype: str) -> jax.Array:
    """The bound of this module's docstring, per channel; dc and dz have shape (batch, channels, height, width)."""
    import jax.numpy as jnp

    count = dc.size // dc.shape[1]
    axes = (0, 2, 3)
    absolute_dc, absolute_dz = jnp.sum(jnp.abs(dc), axes), jnp.sum(jnp.abs(dz), axes)
    return gamma(count + 1, dtype) * absolute_dc + (UNIT_ROUNDOFF[dtype] + gamma(count - 1, dtype)) * absolute_dz


def _measure(dtype: str, problem: Problem, relu: bool) -> Measurement:
    import jax
    import jax.numpy as jnp

    gradient, limits = jax.jit(_gradient_and_bound, static_argnums=(0, 1, 2))(dtype, problem, relu)
    ratios = jnp.abs(gradient) / limits
    worst = int(jnp.argmin(ratios) if relu else jnp.argmax(ratios))
    return Measurement(
        case="conv -> relu -> bn" if relu else "conv -> bn",
        quantity="bias gradient",
        dtype=dtype,
        device=str(jax.devices()[0].platform),
        count=problem.count,
        measured=float(jnp.abs(gradient[worst])),
        bound=float(limits[worst]),
        expected="above" if relu else "below",
        factor=CONTROL_FACTOR if relu else 1.0,
    )


def _gradient_and_bound(dtype: str, problem: Problem, relu: bool) -> tuple[jax.Array, jax.Array]:
    """The bias gradient by autodiff and its bound, each of shape (channels,)."""
    import jax
    import jax.numpy as jnp
    from jax import lax, random

    axes = (0, 2, 3)
    keys = random.split(random.key(problem.seed), 5)
    x = random.normal(keys[0], (problem.batch, 3, problem.size, problem.size), dtype)
    w = random.normal(keys[1], (problem.channels, 3, 3, 3), dtype)
    b = random.normal(keys[2], (problem.channels,), dtype)
    scale = random.uniform(keys[3], (problem.channels, 1, 1), dtype, 0.5, 1.5)

    def activations(bias: jax.Array) -> jax.Array:
        numbers = ("NCHW", "OIHW", "NCHW")
        z = lax.conv_general_dilated(x, w, (1, 1), "SAME", dimension_numbers=numbers) + bias[:, None, None]
        return jax.nn.relu(z) if relu else z

    def centre(a: jax.Array) -> jax.Array:
        return a - jnp.mean(a, axes, keepdims=True)

    def normalised(centred: jax.Array) -> jax.Array:
        return scale * centred / jnp.sqrt(jnp.mean(centred**2, axes, keepdims=True) + EPSILON)

    def output(bias: jax.Array) -> jax.Array:
        return normalised(centre(activations(bias)))

    y, pull = jax.vjp(output, b)
    cotangent = random.normal(keys[4], y.shape, dtype)
    if relu:
        # a random positive multiple of the control's own sensitivity, so that its signal cannot average out
        _, sensitivity = jax.jvp(output, (b,), (jnp.ones_like(b),))
        cotangent = jnp.abs(cotangent) * sensitivity
    (gradient,) = pull(cotangent)

    _, pull_centred = jax.vjp(normalised, centre(activations(b)))
    (dc,) = pull_centred(cotangent)
    return gradient, bound(dc, centre(dc), dtype)
