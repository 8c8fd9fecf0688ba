"""Loops, branches, scatters, running sums and more of JAX."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import lax

from . import ANY, MOVES, PROVED, SHOWN, STILL, Case, centred

CASES: dict[str, Case] = {
    "scatter": Case(lambda x, bias: centred(x.at[0].add(bias)), SHOWN),
    "scatter all": Case(lambda x, bias: centred(jnp.zeros_like(x).at[jnp.arange(5)].add(x + bias)), STILL),
    "scatter set": Case(lambda x, bias: x.at[0].set(bias).at[0].set(x[0]), STILL),
    "cumsum": Case(lambda x, bias: jnp.cumsum(centred(x + bias), 0), PROVED),
    "cumsum2": Case(lambda x, bias: jnp.cumsum(x + bias, 0) - bias * jnp.arange(1, 6)[:, None], STILL),
    "cumsum3": Case(lambda x, bias: jnp.diff(jnp.cumsum(x + bias, 0), axis=0), SHOWN),
    "cummax": Case(lambda x, bias: lax.cummax(x + bias) - bias, PROVED),
    "cumlogsumexp": Case(lambda x, bias: lax.cumlogsumexp(x + bias) - bias, PROVED),
    "segsum": Case(lambda x, bias: jax.ops.segment_sum(x + bias, jnp.array([0, 0, 1, 1, 1]), 2), SHOWN),
    "gather oob": Case(lambda x, bias: jnp.take(x + bias, jnp.array([0, 9]), axis=0, mode="fill", fill_value=0.0), SHOWN),
    "dus": Case(lambda x, bias: lax.dynamic_update_slice(x, bias[None], (0, 0)), SHOWN),
    "while1": Case(
        lambda x, bias: centred(lax.while_loop(lambda s: s[0] < 3, lambda s: (s[0] + 1, s[1] * 2), (0, x + bias))[1]), STILL
    ),
    "while dyn": Case(lambda x, bias: lax.while_loop(lambda s: jnp.sum(s) < 50, lambda s: s * 2, jnp.exp(x + bias)), SHOWN),
    "while eps": Case(
        lambda x, bias: lax.while_loop(lambda s: 1 + s != 1.0, lambda s: s / 2, jnp.float32(1.0)) * 0 + x + bias, SHOWN
    ),
    "while inf": Case(lambda x, bias: lax.while_loop(lambda s: s < 1.0, lambda s: s * 1.0, bias[0] * 0) + x, STILL),
    "fori": Case(lambda x, bias: lax.fori_loop(0, 3, lambda i, z: centred(z), x + bias), STILL),
    "scan sum": Case(lambda x, bias: lax.scan(lambda s, r: (s + r, s), jnp.zeros(3), centred(x + bias))[1], PROVED),
    "scan sub": Case(lambda x, bias: lax.scan(lambda s, r: (r, r - s), bias, x + bias)[1], ANY),
    "cond both": Case(lambda x, bias: lax.cond(x[0, 0] > 0, centred, lambda z: 2 * centred(z), x + bias), PROVED),
    "cond one": Case(lambda x, bias: lax.cond(x[0, 0] > 0, centred, lambda z: z, x + bias), SHOWN),
    "remat": Case(lambda x, bias: jax.checkpoint(centred)(x + bias), PROVED),
    "assoc": Case(lambda x, bias: lax.associative_scan(jnp.add, centred(x + bias)), PROVED),
    "matmul": Case(lambda x, bias: centred((x + bias) @ jnp.ones((3, 3))), PROVED),
    "einsum": Case(lambda x, bias: jnp.einsum("ij,kj->ik", centred(x + bias), x), PROVED),
    "custom call like": Case(lambda x, bias: jnp.linalg.svd(centred(x + bias))[1], PROVED),
    "conv": Case(
        lambda x, bias: (
            lax.conv(x[None, None] + bias[:1], jnp.ones((2, 1, 2, 2)), (1, 1), "VALID")
            - jnp.mean(lax.conv(x[None, None] + bias[:1], jnp.ones((2, 1, 2, 2)), (1, 1), "VALID"))
        ),
        PROVED,
    ),
    "opt barrier": Case(lambda x, bias: lax.optimization_barrier(centred(x + bias)), PROVED),
    "linear transpose": Case(lambda x, bias: jax.grad(lambda z: jnp.sum(centred(z) ** 2))(x + bias), PROVED),
    "jvp inside": Case(lambda x, bias: jax.jvp(jax.nn.relu, (x + bias,), (x,))[1], MOVES),
    "custom root": Case(
        lambda x, bias: lax.custom_root(lambda y: y - x - bias, x, lambda f, y0: x + bias, lambda g, y: y) - bias, STILL
    ),
    "linsolve": Case(
        lambda x, bias: lax.custom_linear_solve(
            lambda v: 2 * v, centred(x + bias), lambda mv, b: b / 2, transpose_solve=lambda mv, b: b / 2
        ),
        PROVED,
    ),
    "reduce custom": Case(lambda x, bias: lax.reduce(x + bias, 0.0, lambda a, b: a + b, (0,)), MOVES),
    "map": Case(lambda x, bias: lax.map(lambda r: r - jnp.mean(r + bias[:1]) + bias[:1], x), STILL),
    "named call": Case(lambda x, bias: jax.named_call(centred, name="q")(x + bias), PROVED),
}
"""Functions of `x`, `bias` and maybe more."""
