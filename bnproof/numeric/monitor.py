"""A check inside the training step: batch normalisation whose backward pass also returns the bias gradient and its bound.

The gradient of any bias added to z before batch normalisation is S = Σ dz_i over the n values of a channel, and that is zero
(theorem `bias_gradient_vanishes_of_batch_statistics`). How far round-off may carry it, from numbers that the backward pass has
anyway and one sum more, Σ|dy_i|. All quantities are the computed ones; u is the unit round-off of the format of the sums,
γ_k = k u/(1 − k u), θ_k any number with |θ_k| ≤ γ_k; D is the depth of the tree behind each sum, n − 1 for the worst order.

    mean m, v = mean (z_i − m)², r = (v + ε)^(−1/2), x_i = (z_i − m) r, s = gamma·r,
    m₁ = mean dy_i, m₂ = mean dy_i x_i, dz_i = s (dy_i − m₁ − x_i m₂).

1. Rounding of each dz_i, and of the last sum. Two subtractions and the product with s round dy_i − m₁; product, subtraction and
   product with s round x_i m₂; one more is left to the compiler, which may multiply by gamma and r one by one. The sum adds D:
   S = s Σ [(dy_i − m₁)(1 + θ_{D+4}) − x_i m₂ (1 + θ_{D+4})], so
   |S| ≤ |s| |Σdy_i − n m₁| + |s| |m₂| |Σx_i| + γ_{D+4} |s| (Σ|dy_i| + n|m₁| + |m₂| Σ|x_i|).
2. Rounding of the mean m₁: a sum and a division, which may be a product with fl(1/n): |Σdy_i − n m₁| ≤ γ_{D+2} Σ|dy_i|.
   The rounding of m₂ does not matter: s, r and m₂ are common factors of terms that vanish, whatever their values.
3. Rounding of the centring. Σx_i is itself zero only up to round-off: x_i = (z_i − m) r (1 + θ_2), and m is a rounded mean,
   |Σz_i − n m| ≤ γ_{D+2} Σ|z_i| ≤ γ_{D+2} (Σ|z_i − m| + n|m|). This term carries the offset |m| r, which is about |μ|/σ:
   |Σx_i| ≤ γ_2 r Σ|z_i − m| + γ_{D+2} (r Σ|z_i − m| + n|m| r).
4. By Cauchy and Schwarz (r Σ|z_i − m|)² ≤ n r² Σ(z_i − m)² ≤ n² up to the rounding of v and r, so this needs no sum.

With g = γ_{D+4}, and h = g in place of the g of step 1, or h = g + u′(1 + g) where dz is stored in a half type (round-off u′):

    |S| ≤ |s| [ h (Σ|dy_i| + n|m₁| + n|m₂|) + g (Σ|dy_i| + n|m₂| (2 + |m| r)) ] / (1 − γ_{D+32}).

The divisor pays for the rounding of v, r, Σ|dy_i| and of the bound itself, so that nothing of second order is dropped: the bound
holds for any order of summation with D = n − 1, and for a tree of depth D with that (`reduction_tree.depth` measures it; for
more than 1,024 values it is estimated).
Underflow adds at most the smallest normal number t for each operation: n t (3 + |s| (5 + |m₂| (1 + 3r))), and n t′ for storing.
It is assumed that + − × ÷ round correctly, r is within 8u of its value, and nothing overflows. What an error must exceed to be
seen is the bound: relative to Σ|dy_i| about 3 (D + 4) u, for 100,000 values in float32 2 % for the worst order and 10⁻⁵ for a
depth of 50.
Source: Higham, Accuracy and Stability of Numerical Algorithms (2002), §3.1 (γ and θ), §3.4 (rules for them), §4.2 (sums).
"""

from __future__ import annotations

import functools
import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from ..errors import CheckError
from .roundoff import precision
from .roundoff.precision import HALF, UNIT_ROUNDOFF

SMALLEST_EPS = 1e-30
"""Below it the underflow of squares in float32 would spoil step 4."""
_Residuals = tuple[jax.Array, jax.Array, jax.Array, jax.Array, jax.Array]


def monitored_batchnorm(
    z: jax.Array, gamma: jax.Array, beta: jax.Array, probe: jax.Array, eps: float = 1e-5, depth: int | None = None
) -> jax.Array:
    """Batch normalisation with batch statistics, (z − mean)/√(variance + eps)·gamma + beta, over all axes but the second.

    - z: shape (N, C) or (N, C, positions …), float64, float32, bfloat16 or float16; the result has the same shape and type;
    - gamma, beta: shape (C,); half types are computed in float32;
    - probe: zeros of shape (2, C), of z's type, but float32 for half types. It does not enter the result. Its *gradient* is
      (Σ dz over all axes but the second, the bound on it that round-off explains): what `within_bound` takes. Gradients of one
      probe used in several places, or summed over devices, add up to a sum and a bound that is still one;
    - eps: at least 1e-30; depth: of the tree behind the sums, from ⌈log₂ n⌉ to n − 1 for n = N·positions values (the default).

    For reverse mode (jax.grad, jax.vjp) with jit and vmap; forward mode is not defined. Raises CheckError for shapes, types,
    eps or depth other than these, and where a sum of the depth leaves no correct digit. Source: the theorem
    `bias_gradient_vanishes_of_batch_statistics` for the zero, this module's docstring for the bound.
    """
    _expect(z, gamma, beta, probe, eps)
    count = math.prod(_reduced(z.shape))
    if depth is not None and not math.ceil(math.log2(count)) <= depth <= count - 1:
        limits = f"{math.ceil(math.log2(count))} to {count - 1}"
        raise CheckError(f"depth {depth}: a sum of {count} numbers, z having shape {z.shape}, has a depth of {limits}")
    depth = count - 1 if depth is None else depth
    if (depth + 32) * UNIT_ROUNDOFF[_wide(z).name] >= 1 / 2:
        raise CheckError(
            f"z of shape {z.shape}: a sum of depth {depth} leaves no correct digit in {_wide(z).name}; "
            "give the depth of the tree (bnproof.numeric.roundoff.reduction_tree.depth) or use float64"
        )
    return _monitored(z, gamma, beta, probe, float(eps), depth)


def without_check(z: jax.Array, gamma: jax.Array, beta: jax.Array, probe: jax.Array, eps: float = 1e-5) -> jax.Array:
    """`monitored_batchnorm` without the check: the same result and gradients, but the probe is ignored and its gradient is 0."""
    _expect(z, gamma, beta, probe, eps)
    return _unmonitored(z, gamma, beta, float(eps))


def within_bound(gradient: jax.Array | np.ndarray[Any, Any]) -> jax.Array:
    """Whether |sum| ≤ bound < ∞, per channel: shape (…, C) for a probe's gradient of shape (…, 2, C). NaN is never within.

    Raises CheckError for another shape.
    """
    if gradient.ndim < 2 or gradient.shape[-2] != 2:
        raise CheckError(f"gradient of a probe of shape {gradient.shape}: expected (…, 2, C)")
    total, bound = gradient[..., 0, :], gradient[..., 1, :]
    return (jnp.abs(total) <= bound) & jnp.isfinite(bound)


def _expect(z: jax.Array, gamma: jax.Array, beta: jax.Array, probe: jax.Array, eps: float) -> None:
    """Raises CheckError unless the arguments are as `monitored_batchnorm` says."""
    if z.ndim < 2 or 0 in z.shape:
        raise CheckError(f"z of shape {z.shape}: expected (N, C) or (N, C, positions …), each at least 1")
    if z.dtype.name not in UNIT_ROUNDOFF:
        raise CheckError(f"z of type {z.dtype.name}: expected float64, float32, bfloat16 or float16")
    channels = z.shape[1]
    for name, value, shape in (("gamma", gamma, (channels,)), ("beta", beta, (channels,)), ("probe", probe, (2, channels))):
        if value.shape != shape:
            raise CheckError(f"{name} of shape {value.shape}: expected {shape} for z of shape {z.shape}")
    if probe.dtype != _wide(z):
        raise CheckError(f"probe of type {probe.dtype.name}: expected {_wide(z).name} for z of type {z.dtype.name}")
    if not SMALLEST_EPS <= eps < math.inf:
        raise CheckError(f"eps = {eps}: expected a number of at least {SMALLEST_EPS:g}")


def _wide(z: jax.Array) -> np.dtype[Any]:
    """The format in which sums run."""
    return np.dtype(np.float32) if z.dtype.name in HALF else np.dtype(z.dtype)


def _axes(z: jax.Array) -> tuple[int, ...]:
    return (0, *range(2, z.ndim))


def _reduced(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The lengths summed over."""
    return (shape[0], *shape[2:])


def _column(values: jax.Array, z: jax.Array) -> jax.Array:
    """One value a channel, to be broadcast against z."""
    return values.reshape(-1, *(1,) * (z.ndim - 2))


def _forward(z: jax.Array, gamma: jax.Array, beta: jax.Array, eps: float) -> tuple[jax.Array, _Residuals]:
    wide, axes = _wide(z), _axes(z)
    values = z.astype(wide)
    mean = jnp.mean(values, axes)
    centred = values - _column(mean, z)
    inverse = lax.rsqrt(jnp.mean(jnp.square(centred), axes) + eps)
    y = centred * _column(gamma.astype(wide) * inverse, z) + _column(beta.astype(wide), z)
    return y.astype(z.dtype), (z, gamma, beta, mean, inverse)


def _input_gradient(dy: jax.Array, x: jax.Array, slope: jax.Array, means: tuple[jax.Array, jax.Array]) -> jax.Array:
    """s (dy − m₁ − x m₂)."""
    first, second = (_column(m, dy) for m in means)
    return _column(slope, dy) * (dy - first - x * second)


def _backward(residuals: _Residuals, dy: jax.Array, depth: int | None) -> tuple[Any, ...]:
    """The gradients of z, gamma and beta, and of the probe unless depth is None."""
    z, gamma, beta, mean, inverse = residuals
    wide, axes, count = _wide(z), _axes(z), math.prod(_reduced(z.shape))
    dy = dy.astype(wide)
    x = (z.astype(wide) - _column(mean, z)) * _column(inverse, z)
    total, product = jnp.sum(dy, axes), jnp.sum(dy * x, axes)
    slope, means = gamma.astype(wide) * inverse, (total / count, product / count)
    dz = _input_gradient(dy, x, slope, means).astype(z.dtype)
    gradients = dz, product.astype(gamma.dtype), total.astype(beta.dtype)
    if depth is None:
        return gradients
    absolute = jnp.sum(jnp.abs(dy), axes)
    bound = _bound(absolute, slope, means, mean, inverse, count, depth, z.dtype.name)
    return *gradients, jnp.stack([jnp.sum(dz.astype(wide), axes), bound])


def _bound(
    absolute: jax.Array,
    slope: jax.Array,
    means: tuple[jax.Array, jax.Array],
    mean: jax.Array,
    inverse: jax.Array,
    count: int,
    depth: int,
    stored: str,
) -> jax.Array:
    """The bound of this module's docstring, per channel; absolute: Σ|dy|; stored: the type of dz."""
    wide = absolute.dtype.name
    each = every = precision.gamma(depth + 4, wide)
    smallest = 0.0
    if stored != wide:
        every = each + UNIT_ROUNDOFF[stored] * (1 + each)
        info = jnp.finfo(stored)  # float16 keeps subnormal numbers, bfloat16 may be flushed to zero
        smallest = float(info.smallest_subnormal if stored == "float16" else info.tiny)
    size, (first, second) = jnp.abs(slope), (count * jnp.abs(m) for m in means)
    offset = jnp.abs(mean) * inverse
    rounding = every * (absolute + first + second) + each * (absolute + second * (2 + offset))
    tiny = float(jnp.finfo(wide).tiny)
    underflow = count * (tiny * 3 + smallest) + size * (5 * count * tiny + second * tiny * (1 + 3 * inverse))
    return size * rounding / (1 - precision.gamma(depth + 32, wide)) + underflow


@functools.partial(jax.custom_vjp, nondiff_argnums=(4, 5))
def _monitored(z: jax.Array, gamma: jax.Array, beta: jax.Array, probe: jax.Array, eps: float, depth: int) -> jax.Array:
    return _forward(z, gamma, beta, eps)[0]


_monitored.defvjp(
    lambda z, gamma, beta, probe, eps, depth: _forward(z, gamma, beta, eps),
    lambda eps, depth, residuals, dy: _backward(residuals, dy, depth),
)


@functools.partial(jax.custom_vjp, nondiff_argnums=(3,))
def _unmonitored(z: jax.Array, gamma: jax.Array, beta: jax.Array, eps: float) -> jax.Array:
    return _forward(z, gamma, beta, eps)[0]


_unmonitored.defvjp(_forward, lambda eps, residuals, dy: _backward(residuals, dy, None))
