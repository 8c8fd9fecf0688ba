"""Upsampling by a whole factor: each entry repeated, or straight lines between the entries."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from .operation import Plan, Site, operation, stateless


@operation("upsample")
def upsample(site: Site) -> Plan:
    """N × C × P → N × C × scale·P; scale is a number for all axes or one for each.

    nearest repeats each entry; bilinear (linear along any number of axes) draws straight lines between the entries' middles, and
    repeats the outermost beyond them, as PyTorch and Keras do; with align_corners the outermost entries keep their places, as in
    PyTorch. Raises ChainError for an input without positions, and align_corners without bilinear.
    """
    site.needs_positions()
    scales, aligned = site.sizes("scale"), site.layer.flag("align_corners")
    linear = site.layer.word("mode") == "bilinear"
    if aligned and not linear:
        raise site.error("align_corners is for bilinear alone", "expected mode=bilinear", "align_corners")

    def run(x: jax.Array) -> jax.Array:
        for axis, scale in enumerate(scales, start=2):
            if scale > 1:
                x = _between(x, axis, _places(x.shape[axis], scale, aligned)) if linear else _repeated(x, axis, scale)
        return x

    sizes = (size * scale for size, scale in zip(site.positions, scales, strict=True))
    return Plan((*site.shape[:2], *sizes), stateless(lambda _, x: run(x)))


def _repeated(x: jax.Array, axis: int, scale: int) -> jax.Array:
    apart = jnp.expand_dims(x, axis + 1)
    copies = jnp.broadcast_to(apart, (*x.shape[: axis + 1], scale, *x.shape[axis + 1 :]))
    return copies.reshape((*x.shape[:axis], x.shape[axis] * scale, *x.shape[axis + 1 :]))


def _places(size: int, scale: int, aligned: bool) -> np.ndarray:
    """Where the outputs lie between the inputs 0 … size − 1."""
    outputs = np.arange(size * scale)
    if aligned:
        return outputs * (size - 1) / (size * scale - 1)
    return np.clip((outputs + 0.5) / scale - 0.5, 0, size - 1)


def _between(x: jax.Array, axis: int, places: np.ndarray) -> jax.Array:
    first = np.clip(np.floor(places).astype(np.int64), 0, x.shape[axis] - 1)
    second = np.minimum(first + 1, x.shape[axis] - 1)
    weight = jnp.asarray((places - first).reshape([-1 if k == axis else 1 for k in range(x.ndim)]), x.dtype)
    low, high = (jnp.take(x, at, axis=axis, mode="clip") for at in (first, second))
    return low + weight * (high - low)
