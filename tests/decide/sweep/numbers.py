"""Masks and literals of narrow formats, NaN, overflow, statistics that must be positive."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import lax

from . import ANY, MOVES, PROVED, SHOWN, STILL, Case, F, centred

CASES: dict[str, Case] = {
    "half mask": Case(lambda x, bias: jnp.maximum(x + bias, jnp.float16(-40000.0)) - 0 * bias, SHOWN, dtype=jnp.float16),
    "half mask2": Case(lambda x, bias: jnp.maximum(bias * 1000.0, jnp.float16(-40000.0)) + 40000.0, SHOWN, dtype=jnp.float16),
    "nanother": Case(lambda x, bias: [jnp.sqrt(-1 - x**2) * 0, x + bias], SHOWN),
    "nan redundant": Case(lambda x, bias: [jnp.sqrt(-1 - x**2) * 0, centred(x + bias)], PROVED),
    "mask f32": Case(
        lambda x, bias: jax.nn.softmax(jnp.where(x > 0, x + bias[:, None].T[:, :1], jnp.finfo(F).min), axis=1), PROVED
    ),
    "mask 1e9": Case(lambda x, bias: jax.nn.softmax(jnp.where(x > 0, x + bias[:1], -1000000000.0), axis=1), MOVES),
    "mask inf": Case(lambda x, bias: jax.nn.softmax(jnp.where(x > 0, x + bias[:1], -jnp.inf), axis=1), PROVED),
    "mask f16": Case(
        lambda x, bias: jax.nn.softmax(jnp.where(x > 0, x + bias[:1], jnp.finfo(jnp.float16).min), axis=1),
        PROVED,
        dtype=jnp.float16,
    ),
    "lit f16": Case(lambda x, bias: jnp.maximum(x + 10000.0 * bias, jnp.float16(-40000.0)), SHOWN, dtype=jnp.float16),
    "lit f16b": Case(lambda x, bias: jnp.maximum(jnp.float16(-40000.0), bias * 0 + x), PROVED, dtype=jnp.float16),
    "lit bf16": Case(lambda x, bias: jnp.maximum(x + 10000.0 * bias, jnp.bfloat16(-40000.0)), SHOWN, dtype=jnp.bfloat16),
    "lit f16c": Case(lambda x, bias: jnp.maximum(bias * 0 - 50000.0, jnp.float16(-40000.0)) + x, PROVED, dtype=jnp.float16),
    "nan entry": Case(lambda x, bias: (x + bias).at[0, 0].set(jnp.nan), SHOWN),
    "nan all": Case(lambda x, bias: (x + bias) * jnp.nan, MOVES),
    "nan int": Case(lambda x, bias: [jnp.full((3,), jnp.nan), x + bias > 0], SHOWN),
    "nan first": Case(lambda x, bias: [jnp.sqrt(-1 - (x + bias) ** 2), bias], SHOWN),
    "mvar": Case(
        lambda x, bias, moving_variance: x / jnp.sqrt(moving_variance + 0.001) + bias,
        SHOWN,
        shapes={"x": (5, 3), "bias": (3,), "moving_variance": (3,)},
    ),
    "mvar g": Case(
        lambda x, bias, v, g: x / jnp.sqrt(v * g + 0.001) + bias,
        SHOWN,
        shapes={"x": (5, 3), "bias": (3,), "v": (3,), "g": (3,)},
    ),
    "mvar scan": Case(
        lambda x, bias, v: lax.scan(lambda s, r: (s, r / jnp.sqrt(v) + bias), 0.0, x)[1],
        SHOWN,
        shapes={"x": (5, 3), "bias": (3,), "v": (3,)},
    ),
    "mvar eval": Case(
        lambda x, bias, m, v: lax.cond(True, lambda: (x + bias - m) * lax.rsqrt(v), lambda: x),
        SHOWN,
        shapes={"x": (5, 3), "bias": (3,), "m": (3,), "v": (3,)},
    ),
    "mvar mixed": Case(
        lambda x, bias, m, q: (x + bias - m) / jnp.sqrt(q - m**2),
        SHOWN,
        shapes={"x": (5, 3), "bias": (3,), "m": (3,), "q": (3,)},
    ),
    "isnan sqrt": Case(lambda x, bias: jnp.isnan(jnp.sqrt(bias)), STILL),
    "isnan sqrt f": Case(lambda x, bias: jnp.where(jnp.isnan(jnp.sqrt(bias)), 1.0, 0.0) + x, STILL),
    "isfinite exp": Case(lambda x, bias: jnp.isfinite(jnp.exp(1000 * bias)), STILL),
    "isfinite exp f": Case(lambda x, bias: jnp.where(jnp.isfinite(jnp.exp(1000 * bias)), x, 0.0), STILL),
    "underflow": Case(lambda x, bias: jnp.power(jnp.exp(-1000 * bias), 0.001) - jnp.exp(-bias) + x, STILL),
    "overflow": Case(lambda x, bias: jnp.power(jnp.exp(1000 * bias), -0.001) - jnp.exp(-bias) + x, STILL),
    "overflow2": Case(lambda x, bias: 1 / jnp.exp(1000 * bias) > 0, STILL),
    "overflow3": Case(lambda x, bias: jnp.exp(1000 * bias) > 1e30 * jnp.exp(1000 * bias - 60), STILL),
    "overflow4": Case(lambda x, bias: jnp.exp(1000 * bias) * 0 + x, STILL),
    "overflow5": Case(lambda x, bias: jnp.tanh(jnp.exp(1000 * bias)) * 0 + x * bias, MOVES),
    "sigm": Case(lambda x, bias: 1 / (1 + jnp.exp(-100 * bias)) - jax.nn.sigmoid(100 * bias) + x, STILL),
    "minover": Case(lambda x, bias: jnp.minimum(jnp.exp(1000 * bias), 1e30) * jnp.exp(-1000 * bias) + x, MOVES),
    "nanprop": Case(lambda x, bias: jnp.nan_to_num(jnp.sqrt(bias)) + x, ANY),
    "nanmean": Case(lambda x, bias: jnp.nanmean(x + bias, 0) - bias, STILL),
    "guard": Case(lambda x, bias: jnp.where(x > 0, jnp.log(jnp.where(x > 0, x, 1.0)), 0.0) * bias, SHOWN),
    "guard bad": Case(lambda x, bias: jnp.where(x > 0, jnp.log(x), 0.0) * bias, MOVES),
    "elu": Case(lambda x, bias: jax.nn.elu(x + bias), SHOWN),
    "selu": Case(lambda x, bias: jax.nn.selu(x * bias), SHOWN),
    "softplus": Case(lambda x, bias: jax.nn.softplus(x * bias), SHOWN),
    "hard": Case(lambda x, bias: jax.nn.hard_swish(x * bias), SHOWN),
    "gelu": Case(lambda x, bias: jax.nn.gelu(x * bias), SHOWN),
    "lse": Case(lambda x, bias: jax.nn.logsumexp(x * bias), SHOWN),
    "attn mask": Case(lambda x, bias: jax.nn.softmax(jnp.where(x > 0, x * bias, -jnp.inf), axis=0), SHOWN),
    "attn maskd": Case(
        lambda x, bias: jax.nn.dot_product_attention(
            (x * bias)[None, :, None], x[None, :, None], x[None, :, None], is_causal=True
        ),
        SHOWN,
    ),
    "round id": Case(lambda x, bias: jnp.round(bias) - jnp.floor(bias + 0.5) + x, ANY),
    "f16over": Case(lambda x, bias: (bias * 100000.0).astype(jnp.float16) > 60000.0, SHOWN),
    "argmin": Case(lambda x, bias: jnp.argmin(jnp.abs(x - bias), 0), SHOWN),
    "onehot": Case(lambda x, bias: jax.nn.one_hot(jnp.argmax(x * bias, 1), 3), SHOWN),
    "searchsorted": Case(lambda x, bias: jnp.searchsorted(jnp.sort(x[:, 0]), bias), MOVES),
    "hist": Case(lambda x, bias: jnp.histogram(x * bias, bins=4, range=(-2, 2))[0], MOVES),
    "unique": Case(lambda x, bias: jnp.unique(bias, size=3) + x, MOVES),
    "quant": Case(lambda x, bias: jnp.clip(jnp.round((x + bias) * 8), -128, 127).astype(jnp.int8), SHOWN),
    "quant dq": Case(lambda x, bias: jnp.clip(jnp.round((x + bias) * 8), -128, 127).astype(jnp.int8).astype(F) / 8, SHOWN),
    "dot int8": Case(
        lambda x, bias: lax.dot(
            jnp.round(x * bias * 8).astype(jnp.int8), jnp.ones((3, 2), jnp.int8), preferred_element_type=jnp.int32
        ),
        SHOWN,
    ),
    "bf16out": Case(
        lambda x, bias: lax.dot_general(
            x + bias, jnp.ones((3, 2)), (((1,), (0,)), ((), ())), preferred_element_type=jnp.float32
        ).astype(jnp.bfloat16),
        SHOWN,
    ),
    "div0": Case(lambda x, bias: jnp.where(bias == 0, 0.0, x / bias), SHOWN),
    "mod": Case(lambda x, bias: jnp.mod(bias, 1.0) - bias + jnp.floor(bias) + x, STILL),
    "trunc": Case(lambda x, bias: bias - jnp.trunc(bias) - jnp.fmod(bias, 1) + x, STILL),
    "digitize": Case(lambda x, bias: jnp.digitize(bias, jnp.array([-1.0, 0.0, 1.0])), MOVES),
    "median": Case(lambda x, bias: jnp.median(x * bias, 0), SHOWN),
    "sort tied": Case(lambda x, bias: jnp.sort(jnp.concatenate([x, x]) * bias, 0), SHOWN),
    "lexsort": Case(lambda x, bias: lax.sort((x + bias, jnp.arange(15.0).reshape(5, 3)), dimension=0, num_keys=1)[1], PROVED),
    "int const": Case(lambda x, bias: jnp.sum(x + bias > -1e30), STILL),
    "int many": Case(lambda x, bias: jnp.sum(x + bias > 0), SHOWN),
    "cummaxint": Case(lambda x, bias: lax.cummax((x * bias * 4).astype(int)), SHOWN),
    "bool xor": Case(lambda x, bias: (x > 0) ^ (bias > 0), SHOWN),
    "bool red": Case(lambda x, bias: x + bias > jnp.mean(x + bias, 0), PROVED),
    "popcount": Case(lambda x, bias: lax.population_count((jnp.abs(bias) * 8).astype(jnp.uint32)), SHOWN),
}
"""Functions of `x`, `bias` and maybe more."""
