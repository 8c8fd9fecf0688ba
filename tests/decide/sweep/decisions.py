"""Comparisons, places of maxima and conversions to integers, some of which round-off decides."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import lax

from . import MOVES, PROVED, SHOWN, STILL, Case, F, centred

CASES: dict[str, Case] = {
    "argm": Case(lambda x, bias: jnp.argmax(x + bias[:, None].T[0][0], 1), PROVED),
    "argm2": Case(lambda x, bias: jnp.argmax(centred(x + bias), 0), PROVED),
    "intonly": Case(lambda x, bias: (x + bias).astype(jnp.int32), MOVES),
    "argmaxtie": Case(lambda x, bias: jnp.argmax(jnp.stack([bias[0] + x[0, 0], bias[0] + x[0, 0]])), PROVED),
    "cmp roundoff": Case(lambda x, bias: jnp.where(x + bias - x > bias, 1.0, 0.0), PROVED),
    "cmp roundoff eq": Case(lambda x, bias: (x + bias - x == bias).astype(F), PROVED),
    "cmp roundoff int": Case(lambda x, bias: x + bias - x == bias, PROVED),
    "cmp rounded undec": Case(lambda x, bias: (jnp.sqrt(bias**2) - jnp.abs(bias) > 0).astype(F) + x, STILL),
    "cmp rounded undec int": Case(lambda x, bias: jnp.exp(bias) * jnp.exp(bias * 2) > jnp.exp(3 * bias), STILL),
    "cmp trig": Case(lambda x, bias: jnp.sin(bias) ** 2 + jnp.cos(bias) ** 2 > 1, STILL),
    "cmp trig f": Case(lambda x, bias: jnp.where(jnp.sin(bias) ** 2 + jnp.cos(bias) ** 2 > 1, 1.0, 0.0) + x, STILL),
    "trig": Case(lambda x, bias: x * (jnp.sin(bias) ** 2 + jnp.cos(bias) ** 2), STILL),
    "floor trig": Case(lambda x, bias: jnp.floor(jnp.sin(bias) ** 2 + jnp.cos(bias) ** 2) + x, STILL),
    "round ok": Case(lambda x, bias: jnp.round(bias * 3) + x, SHOWN),
    "sign tie": Case(lambda x, bias: jnp.sign(x + bias - x - bias) + x, PROVED),
    "sign tie2": Case(lambda x, bias: jnp.sign(jnp.tan(bias) * jnp.cos(bias) - jnp.sin(bias)) + x, STILL),
    "argmax tie2": Case(lambda x, bias: jnp.argmax(jnp.stack([jnp.tan(bias) * jnp.cos(bias), jnp.sin(bias)]), 0), STILL),
    "argsort tie": Case(lambda x, bias: jnp.argsort(jnp.stack([jnp.tan(bias) * jnp.cos(bias), jnp.sin(bias)]), 0), STILL),
    "topk tie": Case(lambda x, bias: lax.top_k(jnp.stack([jnp.tan(bias) * jnp.cos(bias), jnp.sin(bias)], 1), 1)[1], STILL),
    "argsort ok": Case(lambda x, bias: jnp.argsort(x * bias, 1), SHOWN),
    "topk ok": Case(lambda x, bias: lax.top_k(x * bias, 1)[1], SHOWN),
    "argsort red": Case(lambda x, bias: jnp.argsort(x + bias, 0), PROVED),
    "cond tie": Case(
        lambda x, bias: lax.cond(jnp.sin(bias[0]) ** 2 + jnp.cos(bias[0]) ** 2 > 1, lambda: x, lambda: 2 * x), STILL
    ),
    "cond ok": Case(lambda x, bias: lax.cond(bias[0] > 0, lambda: x, lambda: 2 * x), SHOWN),
    "switch": Case(
        lambda x, bias: lax.switch(jnp.int32(jnp.abs(bias[0]) * 3), [lambda: x, lambda: 2 * x, lambda: 3 * x]), SHOWN
    ),
    "leaky1": Case(lambda x, bias: jnp.where(x + bias > 0, x + bias, x + bias) - bias, PROVED),
    "leaky": Case(lambda x, bias: jax.nn.leaky_relu(centred(x + bias)), PROVED),
    "relu then": Case(lambda x, bias: centred(jax.nn.relu(x + bias)), SHOWN),
    "relu mask0": Case(lambda x, bias: jnp.where(jax.nn.relu(x) > 0, bias, 2 * bias) + x, SHOWN),
    "rem": Case(lambda x, bias: lax.rem(bias, jnp.float32(0.5)) + x, SHOWN),
    "int cast": Case(lambda x, bias: (bias * 8).astype(jnp.int32).astype(F) + x, SHOWN),
    "int cast tie": Case(lambda x, bias: (jnp.sin(bias) ** 2 + jnp.cos(bias) ** 2).astype(jnp.int32), STILL),
    "isfinite": Case(lambda x, bias: jnp.isfinite(x + bias), PROVED),
    "isnan": Case(lambda x, bias: jnp.isnan(x + bias), PROVED),
}
"""Functions of `x`, `bias` and maybe more."""
