"""Gradients where value and derivative part: custom derivatives, ties, points without a derivative."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from . import PROVED, SHOWN, STILL, Case, centred


def bn1_(x: Any, bias: Any) -> Any:
    z = x + bias
    m = jnp.mean(z, 0)
    v = jnp.mean((z - m) ** 2, 0)
    return (z - m) / (jnp.sqrt(v) + 0.001)


@jax.custom_vjp
def wrong(z: Any) -> Any:
    return z - jnp.mean(z, 0)


wrong.defvjp(lambda z: (wrong(z), None), lambda r, g: (g,))


@jax.custom_vjp
def right(z: Any) -> Any:
    return z - jnp.mean(z, 0)


right.defvjp(lambda z: (right(z), None), lambda r, g: (g - jnp.mean(g, 0),))


@jax.custom_jvp
def wj(z: Any) -> Any:
    return z - jnp.mean(z, 0)


wj.defjvp(lambda p, t: (wj(p[0]), t[0]))


@jax.custom_vjp
def ste(z: Any) -> Any:
    return jnp.round(z)


ste.defvjp(lambda z: (ste(z), None), lambda r, g: (g,))


@jax.custom_vjp
def nanb(z: Any) -> Any:
    return z * 0


nanb.defvjp(lambda z: (z * 0, None), lambda r, g: (g * jnp.nan,))


CASES: dict[str, Case] = {
    "clampb": Case(
        lambda x, bias: lax.clamp(jnp.broadcast_to(bias, x.shape), x, jnp.broadcast_to(bias, x.shape)) - bias + x, PROVED
    ),
    "std1": Case(lambda x, bias: jnp.std((x + bias)[:, None], 1), PROVED, shapes={"x": (5,), "bias": ()}),
    "bn1": Case(bn1_, PROVED, shapes={"x": (1, 3), "bias": (3,)}),
    "wheresqrt": Case(lambda x, bias: jnp.where(x > 9, jnp.sqrt(bias - bias), 0.0), PROVED),
    "maxbb": Case(lambda x, bias: jnp.maximum(bias, bias) - bias + x, PROVED),
    "relu0": Case(lambda x, bias: jax.nn.relu(bias - bias) * 1.0 + x, PROVED),
    "absb": Case(lambda x, bias: jnp.abs(x + bias - (x + bias)) + x, PROVED),
    "sorttie": Case(lambda x, bias: jnp.sort(jnp.stack([bias, bias]), 0)[0] - bias + x, PROVED),
    "cvjp wrong": Case(lambda x, bias: wrong(x + bias), PROVED),
    "cvjp right": Case(lambda x, bias: right(x + bias), PROVED),
    "cjvp wrong": Case(lambda x, bias: wj(x + bias), PROVED),
    "ste": Case(lambda x, bias: ste(x + bias) - lax.stop_gradient(ste(x + bias)), PROVED),
    "ste0": Case(lambda x, bias: ste(centred(x + bias)), PROVED),
    "sg": Case(lambda x, bias: x + bias - lax.stop_gradient(bias), PROVED),
    "sg zero": Case(lambda x, bias: lax.stop_gradient(x + bias), SHOWN),
    "sg2": Case(lambda x, bias: bias - lax.stop_gradient(bias) + x * 0, PROVED),
    "nanb": Case(lambda x, bias: nanb(bias) + x, PROVED),
    "g sqrt relu": Case(lambda x, bias: jnp.sqrt(jax.nn.relu(x + bias - bias)), PROVED),
    "g norm0": Case(lambda x, bias: jnp.linalg.norm(bias - bias) + x, PROVED),
    "g log": Case(lambda x, bias: jnp.log(jax.nn.relu(x + bias - bias) + 0.0), PROVED),
    "g pow": Case(lambda x, bias: jnp.power(bias - bias, 0.5) + x, PROVED),
    "g cbrt": Case(lambda x, bias: jnp.cbrt(bias - bias) + x, PROVED),
    "g abs": Case(lambda x, bias: jnp.abs(centred(x + bias)), PROVED),
    "g l2": Case(lambda x, bias: centred(x + bias) / jnp.linalg.norm(centred(x + bias), axis=0), PROVED),
    "g var eps": Case(lambda x, bias: centred(x + bias) / jnp.sqrt(jnp.var(x + bias, 0) + 1e-05), PROVED),
    "g std eps": Case(lambda x, bias: centred(x + bias) / (jnp.std(x + bias, 0) + 1e-05), PROVED),
    "g double where": Case(
        lambda x, bias: jnp.where(x > 0, jnp.sqrt(jnp.where(x > 0, centred(x + bias) ** 2 + 1, 1.0)), 0.0), PROVED
    ),
    "g scan sqrt": Case(lambda x, bias: lax.scan(lambda s, r: (s + jnp.sqrt(r - r), r), jnp.zeros(3), x + bias)[0] + x, STILL),
    "g clip": Case(lambda x, bias: jnp.clip(x, bias, bias) - bias + x, STILL),
    "g maxtie": Case(lambda x, bias: jnp.maximum(x + bias, x + bias) - bias, PROVED),
    "g maxred": Case(lambda x, bias: jnp.max(jnp.broadcast_to(bias, (4, 3)), 0) - bias + x, PROVED),
    "g sort": Case(lambda x, bias: jnp.sort(x + bias, 0) - bias, PROVED),
    "g topk": Case(lambda x, bias: lax.top_k(x + bias[:1], 2)[0] - bias[:1], PROVED),
    "g median": Case(lambda x, bias: jnp.median(x + bias, 0) - bias, STILL),
    "g logsumexp": Case(lambda x, bias: jax.nn.logsumexp(x + bias, 0) - bias, PROVED),
    "g argmax gather": Case(lambda x, bias: jnp.take_along_axis(x + bias, jnp.argmax(x + bias, 0)[None], 0) - bias, STILL),
    "g 0over0": Case(lambda x, bias: jnp.where(bias - bias == 0, 1.0, (bias - bias) / (bias - bias)) + x, STILL),
    "g xlogy": Case(lambda x, bias: jax.scipy.special.xlogy(bias - bias, bias - bias) + x, STILL),
    "g logaddexp": Case(lambda x, bias: jnp.logaddexp(x + bias, bias) - bias, STILL),
    "g hypot": Case(lambda x, bias: jnp.hypot(bias - bias, bias - bias) + x, STILL),
    "g arccos": Case(lambda x, bias: jnp.arccos(jnp.ones(3) + bias - bias) + x, PROVED),
    "g atan2": Case(lambda x, bias: jnp.arctan2(bias - bias, bias - bias) + x, PROVED),
}
"""Functions of `x`, `bias` and maybe more."""
