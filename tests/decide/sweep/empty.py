"""Arrays without entries, and functions without outputs."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import lax

from . import MOVES, PROVED, SHOWN, STILL, Case

CASES: dict[str, Case] = {
    "noout": Case(lambda x, bias: [], PROVED),
    "maxempty": Case(lambda x, bias: jnp.max((x + bias)[:0], initial=-1.0) + x, STILL),
    "emptyout": Case(lambda x, bias: (x + bias)[:0], PROVED),
    "e max0": Case(lambda x, bias: jnp.max((x + bias)[:, :0], axis=1, initial=0.0), STILL),
    "e concat": Case(lambda x, bias: jnp.concatenate([x, (x + bias)[:0]]), PROVED),
    "e mean": Case(lambda x, bias: jnp.mean((x + bias)[:0]) + x, STILL),
    "e prod": Case(lambda x, bias: jnp.prod((x + bias)[:0]) * x, STILL),
    "e any": Case(lambda x, bias: jnp.any((x + bias)[:0] > 0), STILL),
    "e argmax": Case(lambda x, bias: x[jnp.sum((x + bias)[:0]).astype(int)], PROVED),
    "e scan": Case(lambda x, bias: lax.scan(lambda s, r: (s + r, r), bias * 0, (x + bias)[:0])[0], STILL),
    "e scan2": Case(lambda x, bias: lax.scan(lambda s, r: (s + r, r), bias, x[:0])[0], MOVES),
    "e sort": Case(lambda x, bias: jnp.sort((x + bias)[:0]), PROVED),
    "e dot": Case(lambda x, bias: (x + bias)[:, :0] @ x.T[:0], STILL),
    "e bias": Case(lambda x, bias: x, PROVED, shapes={"x": (5, 3), "bias": (0,)}),
    "e bias2": Case(lambda x, bias: jnp.sum(bias) + x, PROVED, shapes={"x": (5, 3), "bias": (0,)}),
    "e x": Case(lambda x, bias: x + bias, PROVED, shapes={"x": (0, 3), "bias": (3,)}),
    "e x2": Case(lambda x, bias: [x + bias, bias], SHOWN, shapes={"x": (0, 3), "bias": (3,)}),
    "e min": Case(lambda x, bias: jnp.min((x + bias)[:0], initial=jnp.inf, axis=0), STILL),
    "e window": Case(lambda x, bias: lax.reduce_window(x + bias, -jnp.inf, lax.max, (6, 1), (1, 1), "VALID"), PROVED),
    "scalar out": Case(lambda x, bias: jnp.float32(1.0), PROVED),
    "key out": Case(lambda x, bias: jax.random.key(0), STILL),
    "key out2": Case(lambda x, bias: jax.random.fold_in(jax.random.key(0), bias[0].astype(int)), MOVES),
    "none out": Case(lambda x, bias: [None, {}], PROVED),
}
"""Functions of `x`, `bias` and maybe more."""
