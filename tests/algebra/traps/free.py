"""What must be called free."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from . import MOVED, PLACES, B, Trap, V, X, less_mean, mean, some


def _free_batchnorm(x: Any, b: Any) -> Any:
    y = x + b
    mean = jnp.mean(y, 0)
    return (y - mean) * lax.rsqrt(jnp.maximum(0.0, jnp.mean(y * y, 0) - mean**2) + 1e-5)


def _free_excluded(x: Any, b: Any) -> Any:
    def total(value: Any) -> Any:
        return lax.reduce_window(value, 0.0, lax.add, (1, 1, 3, 3), (1, 1, 2, 2), "SAME")

    return less_mean(total(x + b) / total(jnp.ones_like(x)), (0, 2, 3))


def _free_pool(x: Any, b: Any) -> Any:
    return less_mean(lax.reduce_window(x + b, -np.inf, lax.max, (1, 1, 3, 3), (1, 1, 2, 2), "SAME"), (0, 2, 3))


def _attention(**how: Any) -> Callable[..., Any]:
    query, value = some(2, 3, 2, 4), some(2, 5, 2, 4)
    return lambda k, b: jax.nn.dot_product_attention(query, k + b, value, **how)


ROWS = np.arange(5)[:, None] < 3
IMAGE, CHANNELS = some(2, 3, 6, 6), some(3, 1, 1)
KEYS, KEY_BIAS = some(2, 5, 2, 4), some(2, 4)
FEW = np.arange(4) < 3
MASK = np.asarray([True, True, True, False, False])[None, None, None]
COLUMN, ROW = some(5, 1), some(4)

FREE = [
    Trap("batch norm in one pass", _free_batchnorm, (X, ROW), some(4)),
    Trap("standardize", lambda x, b: jax.nn.standardize(x + b, axis=0), (X, ROW), some(4)),
    Trap("standardize where", lambda x, b: jax.nn.standardize(x + b, axis=0, where=ROWS), (X, ROW), some(4)),
    Trap(
        "gradient of standardize",
        lambda x, b: jax.grad(lambda z: jnp.sum(jax.nn.standardize(z + b, axis=0) ** 3))(x),
        (X, ROW),
        some(4),
    ),
    Trap("softmax", lambda x, b: jax.nn.softmax(x + b), (X, COLUMN), some(5, 1)),
    Trap("softmax where", lambda x, b: jax.nn.softmax(x + b, where=FEW), (X, COLUMN), some(5, 1)),
    Trap("softmax behind −∞", lambda x, b: jax.nn.softmax(jnp.where(FEW, x + b, -jnp.inf)), (X, COLUMN), some(5, 1)),
    Trap(
        "softmax behind the lowest",
        lambda x, b: jax.nn.softmax(jnp.where(FEW, x + b, jnp.finfo(x.dtype).min)),
        (X, COLUMN),
        some(5, 1),
    ),
    Trap("log softmax where", lambda x, b: jax.nn.log_softmax(x + b, where=x > -0.5), (X, COLUMN), some(5, 1)),
    Trap("attention", _attention(), (KEYS, KEY_BIAS), some(2, 4)),
    Trap("masked attention", _attention(mask=MASK), (KEYS, KEY_BIAS), some(2, 4)),
    Trap("causal attention", _attention(is_causal=True), (KEYS, KEY_BIAS), some(2, 4)),
    Trap("argmax", lambda x, b: jnp.argmax(x + b, 1), (X, COLUMN), some(5, 1)),
    Trap("top k", lambda x, b: lax.top_k(x + b, 2)[1], (X, COLUMN), some(5, 1)),
    Trap("more than the mean", lambda x, b: (x + b) > mean(x + b), (X, ROW), some(4)),
    Trap("median", lambda x, b: (x + b) - jnp.median(x + b, axis=0), (X, ROW), some(4)),
    Trap("a leak of 1", lambda x, b: less_mean(jax.nn.leaky_relu(x + b, 1.0)), (X, ROW), some(4)),
    Trap("psum under vmap", lambda x, b: jax.vmap(lambda y: y - lax.pmean(y, "i"), axis_name="i")(x + b), (X, ROW), some(4)),
    Trap("masked mean", lambda x, b: jnp.where(ROWS, (x + b) - jnp.mean(x + b, 0, where=ROWS), 0.0), (X, ROW), some(4)),
    Trap("average without the padding", _free_excluded, (IMAGE, CHANNELS), some(3, 1, 1)),
    Trap("padded maximum", _free_pool, (IMAGE, CHANNELS), some(3, 1, 1)),
    Trap(
        "reshaped and back",
        lambda x, b: less_mean((x.reshape(4, 6) + b).T.reshape(2, 12).reshape(6, 4).T),
        (some(24), some(6)),
        some(6),
    ),
    Trap(
        "rows of a scan",
        lambda x, b: lax.scan(lambda c, r: (c, r - jnp.mean(r)), 0.0, (x + b).T)[1],
        (X, some(1, 4)),
        some(1, 4),
    ),
    Trap("running mean", lambda x, b: lax.cumsum(x + b) / (lax.iota(np.float64, 5) + 1)[:, None] - b, (X, ROW), some(4)),
    Trap(
        "a constant written as a sum",
        lambda b: b * ((lax.iota(np.float64, 3) / 10 + 0.1) - np.asarray([0.1, 0.2, 0.3])),
        (B,),
        MOVED,
    ),
    Trap("stacked", lambda x, b: less_mean(jnp.stack([x + b, 2 * x + b]), (0, 1)), (X, ROW), some(4)),
    Trap("unstacked", lambda x, b: jnp.subtract(*lax.unstack((x + b)[:2])), (X, ROW), some(4)),
    Trap("tiled", lambda x, b: less_mean(jnp.tile(x + b, (3, 2))), (X, ROW), some(4)),
    Trap("equal branches", lambda x, b: lax.cond(b > 0, lambda: x + 1, lambda: 1 + x), (V, B), MOVED),
    Trap(
        "a constant key",
        lambda b: b * (jax.random.normal(jax.random.key(0), (3,)) - jax.random.normal(jax.random.key(0), (3,))),
        (B,),
        MOVED,
    ),
    Trap(
        "an index outside that is clipped",
        lambda i, b: less_mean(jnp.take(jnp.full((5, 1), b), i, axis=0, mode="clip")),
        (PLACES, B),
        MOVED,
    ),
]
