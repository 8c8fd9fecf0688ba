"""Normalisations: centre, divide by √(variance + ε), scale by gamma, shift by beta; rms only divides and scales.

The variance is the mean of the squared centred values (two passes): E[x²] − E[x]², which bn computes if asked for one pass,
loses everything under a large offset.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import jax
import jax.numpy as jnp
from jax import export

from ..tree import Shape
from .operation import Moment, Parameter, Plan, Site, Values, affine, along_channels, operation, stateless


@operation("bn")
def batchnorm(site: Site) -> Plan:
    """Per channel over batch and positions; the output has the input's shape.

    train normalises with the batch's mean and variance (divided by n) and returns
    running ← (1 − momentum)·running + momentum·batch, PyTorch's meaning of momentum, where the batch's variance is
    divided by n − 1 (by 1 for a single value, which has variance 0); eval and frozen normalise with the running statistics.
    variance=onepass takes max(0, E[x²] − E[x]²), as Flax does. track=no keeps no statistics: every mode takes the batch's.
    """
    eps, momentum, one_pass = site.layer.number("eps"), site.layer.number("momentum"), site.layer.word("variance") == "onepass"
    axes, tracked = (0, *range(2, len(site.shape))), site.layer.flag("track")

    def run(values: Values, inputs: Sequence[jax.Array], moment: Moment) -> tuple[jax.Array, Values]:
        x = inputs[0]
        if moment.mode != "train" and tracked:
            return _by_running_statistics(values, x, eps), {}
        mean, variance = (_one_pass_moments if one_pass else _moments)(x, axes)
        y = affine(values, (x - mean) / jnp.sqrt(variance + eps))
        return y, _updated(values, mean, variance * _bessel(x, axes), momentum) if tracked else {}

    return Plan(site.shape, run, _gamma_beta(site), _running(site) if tracked else {})


@operation("brn")
def batch_renormalisation(site: Site) -> Plan:
    """Batch renormalisation (Ioffe 2017), per channel over batch and positions; the output has the input's shape.

    train: (x − μ_B)/σ_B·r + d with r = clip(σ_B/σ, 1/rmax, rmax) and d = clip((μ_B − μ)/σ, −dmax, dmax), both without gradient, where
    μ and σ² − ε are the running statistics before the update; they are updated as in bn. eval and frozen: as in bn.
    """
    eps, momentum = site.layer.number("eps"), site.layer.number("momentum")
    rmax, dmax = site.layer.number("rmax"), site.layer.number("dmax")
    axes = (0, *range(2, len(site.shape)))

    def run(values: Values, inputs: Sequence[jax.Array], moment: Moment) -> tuple[jax.Array, Values]:
        x = inputs[0]
        if moment.mode != "train":
            return _by_running_statistics(values, x, eps), {}
        mean, variance = _moments(x, axes)
        sigma, stored = jnp.sqrt(variance + eps), jnp.sqrt(along_channels(values["running_var"], x) + eps)
        r = jax.lax.stop_gradient(jnp.clip(sigma / stored, 1 / rmax, rmax))
        d = jax.lax.stop_gradient(jnp.clip((mean - along_channels(values["running_mean"], x)) / stored, -dmax, dmax))
        y = affine(values, (x - mean) / sigma * r + d)
        return y, _updated(values, mean, variance * _bessel(x, axes), momentum)

    return Plan(site.shape, run, _gamma_beta(site), _running(site))


@operation("ln")
def layernorm(site: Site) -> Plan:
    """Over the channels at each position, with gamma and beta a channel; over=all: over everything in a sample, with one an entry.

    The output has the input's shape.
    """
    eps, whole = site.layer.number("eps"), site.layer.word("over") == "all"
    axes = tuple(range(1, len(site.shape))) if whole else (1,)
    held = _gamma_beta(site, site.shape[1:] if whole else None)
    return Plan(site.shape, stateless(lambda values, x: affine(values, _normalised(x, axes, eps))), held)


@operation("gn")
def groupnorm(site: Site) -> Plan:
    """Per sample over each group of neighbouring channels and all positions. Raises ChainError unless groups divides C."""
    eps, groups = site.layer.number("eps"), site.layer.integer("groups")
    if site.channels % groups:
        hint = f"expected groups that divide the {site.channels} channels"
        raise site.error(f"{groups} groups do not divide {site.channels} channels", hint, "groups")

    def run(values: Values, x: jax.Array) -> jax.Array:
        grouped = x.reshape((x.shape[0], groups, site.channels // groups, *x.shape[2:]))
        return affine(values, _normalised(grouped, tuple(range(2, grouped.ndim)), eps).reshape(x.shape))

    return Plan(site.shape, stateless(run), _gamma_beta(site))


@operation("in")
def instancenorm(site: Site) -> Plan:
    """Per sample and channel over the positions, with gamma and beta.

    track=yes keeps running statistics, the mean over the batch of each sample's, updated as in bn; eval and frozen then
    normalise with them. Raises ChainError for an input without positions.
    """
    site.needs_positions()
    eps, momentum, tracked = site.layer.number("eps"), site.layer.number("momentum"), site.layer.flag("track")
    axes = tuple(range(2, len(site.shape)))
    if not tracked:
        return Plan(site.shape, stateless(lambda values, x: affine(values, _normalised(x, axes, eps))), _gamma_beta(site))

    def run(values: Values, inputs: Sequence[jax.Array], moment: Moment) -> tuple[jax.Array, Values]:
        x = inputs[0]
        if moment.mode != "train":
            return _by_running_statistics(values, x, eps), {}
        mean, variance = _moments(x, axes)
        y = affine(values, (x - mean) / jnp.sqrt(variance + eps))
        return y, _updated(values, jnp.mean(mean, axis=0), jnp.mean(variance, axis=0) * _bessel(x, axes), momentum)

    return Plan(site.shape, run, _gamma_beta(site), _running(site))


@operation("rms")
def rmsnorm(site: Site) -> Plan:
    """Root mean square: x / √(mean of x² over the channels + ε) at each position, times gamma."""
    eps = site.layer.number("eps")

    def run(values: Values, x: jax.Array) -> jax.Array:
        y = x / jnp.sqrt(jnp.mean(jnp.square(x), axis=1, keepdims=True) + eps)
        return affine(values, y)

    return Plan(site.shape, stateless(run), _gamma_beta(site))


def _gamma_beta(site: Site, shape: Shape | None = None) -> dict[str, Parameter]:
    """Scale and shift, those that the layer has: one a channel, or of the shape given."""
    wanted = {"gamma": Parameter(shape or site.shape[1:2], centre=1.0), "beta": Parameter(shape or site.shape[1:2])}
    return {name: held for name, held in wanted.items() if site.layer.arguments.get(name) is True}


def _running(site: Site) -> dict[str, Parameter]:
    return {"running_mean": Parameter((site.channels,)), "running_var": Parameter((site.channels,), centre=1.0)}


def _updated(values: Values, mean: jax.Array, variance: jax.Array, momentum: float) -> Values:
    return {
        "running_mean": (1 - momentum) * values["running_mean"] + momentum * mean.reshape(-1),
        "running_var": (1 - momentum) * values["running_var"] + momentum * variance.reshape(-1),
    }


def _by_running_statistics(values: Values, x: jax.Array, eps: float) -> jax.Array:
    centred = x - along_channels(values["running_mean"], x)
    return affine(values, centred / jnp.sqrt(along_channels(values["running_var"], x) + eps))


def _moments(x: jax.Array, axes: tuple[int, ...]) -> tuple[jax.Array, jax.Array]:
    mean = jnp.mean(x, axis=axes, keepdims=True)
    return mean, jnp.mean(jnp.square(x - mean), axis=axes, keepdims=True)


def _one_pass_moments(x: jax.Array, axes: tuple[int, ...]) -> tuple[jax.Array, jax.Array]:
    mean = jnp.mean(x, axis=axes, keepdims=True)
    return mean, jnp.maximum(jnp.mean(jnp.square(x), axis=axes, keepdims=True) - jnp.square(mean), 0)


def _normalised(x: jax.Array, axes: tuple[int, ...], eps: float) -> jax.Array:
    mean, variance = _moments(x, axes)
    return (x - mean) / jnp.sqrt(variance + eps)


def _bessel(x: jax.Array, axes: tuple[int, ...]) -> jax.Array | float:
    """The factor n / max(n − 1, 1) for n values a channel."""
    size = math.prod(x.shape[axis] for axis in axes)
    if export.is_symbolic_dim(size):  # a symbolic batch while tracing: the size is a value of the program
        count = jnp.asarray(size, x.dtype)
        return count / jnp.maximum(count - 1, 1)
    return size / max(size - 1, 1)
