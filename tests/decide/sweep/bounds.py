"""Operations whose rounding is not known, and identities that the engine does not know."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import lax

from . import ANY, MOVES, PROVED, SHOWN, STILL, Case

CASES: dict[str, Case] = {
    "cholmoves": Case(lambda x, bias: jnp.linalg.cholesky(x.T @ x + 10 * jnp.eye(3) + jnp.eye(3) * bias[0] ** 2), MOVES),
    "chol other": Case(lambda x, bias: [jnp.linalg.cholesky(x.T @ x + jnp.eye(3) * jnp.exp(bias)), bias * 0.001], SHOWN),
    "chol concat": Case(
        lambda x, bias: jnp.concatenate([jnp.linalg.cholesky(x.T @ x + jnp.eye(3) * jnp.exp(bias)).ravel(), bias]), SHOWN
    ),
    "chol zero": Case(lambda x, bias: jnp.linalg.cholesky(x.T @ x + jnp.eye(3)) * 0 + bias, SHOWN),
    "eigh": Case(lambda x, bias: jnp.linalg.eigh(x.T @ x + bias[0] * jnp.eye(3))[0], MOVES),
    "eigh c": Case(lambda x, bias: jnp.linalg.eigh(x.T @ x + bias[0] * jnp.eye(3))[0] - bias[0], STILL),
    "inv": Case(lambda x, bias: jnp.linalg.inv(x.T @ x + jnp.eye(3) * jnp.exp(bias)), MOVES),
    "lgamma": Case(lambda x, bias: lax.lgamma(jnp.exp(bias)) + x, MOVES),
    "lgamma id": Case(lambda x, bias: lax.lgamma(jnp.exp(bias) + 1) - lax.lgamma(jnp.exp(bias)) - bias + x, STILL),
    "sort chol int": Case(lambda x, bias: jnp.argmax(jnp.linalg.cholesky(x.T @ x + jnp.eye(3) * jnp.exp(bias))), ANY),
    "id tanh": Case(lambda x, bias: jnp.tanh(bias) - (jnp.exp(2 * bias) - 1) / (jnp.exp(2 * bias) + 1) + x, STILL),
    "id sig": Case(lambda x, bias: jax.nn.sigmoid(bias) + jax.nn.sigmoid(-bias) + x, STILL),
    "id sqrt": Case(lambda x, bias: jnp.sqrt(bias**2) - jnp.abs(bias) + x, STILL),
    "id minmax": Case(lambda x, bias: jnp.minimum(x, bias) + jnp.maximum(x, bias) - bias, STILL),
    "id sortsum": Case(lambda x, bias: jnp.sum(jnp.sort(jnp.concatenate([x, bias[None]]), 0), 0) - bias - jnp.sum(x, 0), STILL),
    "id softmaxsum": Case(lambda x, bias: jnp.sum(jax.nn.softmax(x * bias, 1), 1), STILL),
    "id fft": Case(lambda x, bias: jnp.fft.irfft(jnp.fft.rfft(bias, n=4), n=4)[:3] - bias + x, STILL),
    "id floor": Case(lambda x, bias: jnp.floor(bias) + jnp.ceil(-bias) + x, STILL),
    "id relu": Case(lambda x, bias: jax.nn.relu(bias) - jax.nn.relu(-bias) - bias + x, STILL),
    "id erf": Case(lambda x, bias: lax.erf(bias) + lax.erfc(bias) + x, STILL),
    "id bigcancel": Case(lambda x, bias: x + 10000000.0 * bias - 10000000.0 * bias, PROVED),
    "id bigcancel2": Case(
        lambda x, bias: jnp.tanh(10000000.0 * jnp.sin(bias) ** 2 + 10000000.0 * jnp.cos(bias) ** 2) + x, STILL
    ),
    "id while": Case(
        lambda x, bias: lax.while_loop(lambda s: s[0] < 2, lambda s: (s[0] + 1, s[1] + bias - bias), (0, x))[1], STILL
    ),
}
"""Functions of `x`, `bias` and maybe more."""
