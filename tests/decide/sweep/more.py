"""Library functions, integers and complex numbers, loops under vmap, identities of floating-point arithmetic."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import lax

from . import ANY, MOVES, OPEN, PROVED, SHOWN, STILL, Case, F, Struct, centred

CASES: dict[str, Case] = {
    "approx max": Case(lambda x, bias: lax.approx_max_k(x + bias[:1], 2)[0] - bias[:1], STILL),
    "approx max i": Case(lambda x, bias: lax.approx_max_k(x + bias[:1], 2)[1], STILL),
    "approx max a": Case(lambda x, bias: lax.approx_max_k(x * bias, 2)[1], MOVES),
    "rng uniform": Case(lambda x, bias: lax.rng_uniform(0.0, 1.0, (3,)) + x + 0 * bias, STILL),
    "rng uniform b": Case(lambda x, bias: lax.rng_uniform(jnp.min(bias), jnp.max(bias) + 1, (3,)) + x, OPEN),
    "rng bit": Case(
        lambda x, bias: lax.rng_bit_generator(jnp.array([0, 1, 2, 3], jnp.uint32), (3,))[1] + 0 * bias.astype(int), STILL
    ),
    "interp": Case(lambda x, bias: jnp.interp(bias, jnp.array([-1.0, 0.0, 1.0]), jnp.array([0.0, 5.0, 2.0])) + x, MOVES),
    "piecewise": Case(lambda x, bias: jnp.piecewise(bias, [bias < 0, bias >= 0], [lambda v: -v, lambda v: v]) + x, SHOWN),
    "piece id": Case(lambda x, bias: jnp.where(bias < 0, -bias, bias) - jnp.abs(bias) + x, STILL),
    "resize": Case(lambda x, bias: jax.image.resize(centred(x + bias), (10, 3), "linear"), PROVED),
    "resize2": Case(lambda x, bias: jax.image.resize(x + bias, (10, 3), "linear") - bias, STILL),
    "percentile": Case(lambda x, bias: jnp.percentile(x + bias, 30, axis=0) - bias, STILL),
    "convolve": Case(lambda x, bias: jnp.convolve(bias, x[:, 0]), SHOWN),
    "polyfit": Case(lambda x, bias: jnp.linalg.lstsq(x, x[:, 0] + 0 * bias[0])[0], STILL),
    "solve": Case(lambda x, bias: jnp.linalg.solve(x.T @ x + jnp.eye(3), bias), MOVES),
    "det": Case(lambda x, bias: jnp.linalg.det(x.T @ x + jnp.diag(bias**2)), MOVES),
    "slogdet": Case(lambda x, bias: jnp.linalg.slogdet(x.T @ x + jnp.diag(jnp.exp(bias)))[1], MOVES),
    "expm": Case(lambda x, bias: jax.scipy.linalg.expm(jnp.diag(bias)), MOVES),
    "bessel": Case(lambda x, bias: jax.scipy.special.i0e(bias) + x, MOVES),
    "gammainc": Case(lambda x, bias: jax.scipy.special.gammainc(jnp.exp(bias), 1.0) + x, MOVES),
    "betainc": Case(lambda x, bias: jax.scipy.special.betainc(jnp.exp(bias), 1.0, 0.5) + x, MOVES),
    "ndtri": Case(lambda x, bias: jax.scipy.special.ndtri(jax.nn.sigmoid(bias)) + x, MOVES),
    "poisson": Case(lambda x, bias: jax.random.poisson(jax.random.key(0), jnp.exp(bias)), MOVES),
    "gamma": Case(lambda x, bias: jax.random.gamma(jax.random.key(0), jnp.exp(bias)), MOVES),
    "categorical": Case(lambda x, bias: jax.random.categorical(jax.random.key(0), x + bias[:1]), STILL),
    "categorical2": Case(lambda x, bias: jax.random.categorical(jax.random.key(0), x * bias), MOVES),
    "permutation": Case(lambda x, bias: centred(jax.random.permutation(jax.random.key(0), x + bias)), STILL),
    "choice": Case(lambda x, bias: jax.random.choice(jax.random.key(0), bias, (4,)), SHOWN),
    "top k grad": Case(lambda x, bias: jax.grad(lambda z: jnp.sum(lax.top_k(z, 2)[0]))(x + bias[:1]), STILL),
    "max grad": Case(lambda x, bias: jax.grad(lambda z: jnp.sum(jnp.max(z, 1)))(x + bias[:1]), STILL),
    "hessian": Case(lambda x, bias: jax.hessian(lambda b: jnp.sum(centred(x + b) ** 2))(bias), STILL),
    "grad wrt": Case(lambda x, bias: jax.grad(lambda b: jnp.sum(b**3))(bias), SHOWN),
    "vmap cond": Case(lambda x, bias: jax.vmap(lambda r: lax.cond(r[0] > 0, lambda: r + bias, lambda: r))(x), SHOWN),
    "vmap while": Case(
        lambda x, bias: jax.vmap(lambda r: lax.while_loop(lambda s: jnp.sum(s) < 3, lambda s: s + 1, r))(x + bias), MOVES
    ),
    "scan rev": Case(lambda x, bias: lax.scan(lambda s, r: (s * 0.5 + r, s), jnp.zeros(3), x + bias, reverse=True)[1], SHOWN),
    "swap": Case(lambda x, bias: lax.fori_loop(0, 4, lambda i, s: (s[1], s[0]), (x + bias, x))[0], MOVES),
    "swap2": Case(lambda x, bias: lax.fori_loop(0, 3, lambda i, s: (s[1], s[0]), (x + bias, x))[0], STILL),
    "nested scan": Case(
        lambda x, bias: lax.scan(lambda s, r: (lax.scan(lambda t, q: (t + q, t), s, r + bias)[0], s), 0.0, x)[1], SHOWN
    ),
    "seg softmax": Case(lambda x, bias: jax.ops.segment_max((x + bias)[:, 0], jnp.array([0, 0, 1, 1, 1]), 2) - bias[0], STILL),
    "one hot mm": Case(lambda x, bias: jax.nn.one_hot(jnp.array([0, 1, 2]), 3) @ bias, SHOWN),
    "triu": Case(lambda x, bias: jnp.triu(jnp.outer(bias, bias)), SHOWN),
    "einsum diag": Case(lambda x, bias: jnp.einsum("ii->i", jnp.outer(bias, bias)), SHOWN),
    "roll": Case(lambda x, bias: centred(jnp.roll(x + bias, 1, 0)), PROVED),
    "shift bits": Case(lambda x, bias: (bias * 8).astype(jnp.int32) << 2 >> 2, MOVES),
    "intdiv": Case(lambda x, bias: (bias * 8).astype(jnp.int32) // 2, MOVES),
    "int id": Case(lambda x, bias: (bias * 8).astype(jnp.int32) * 2 // 2 - (bias * 8).astype(jnp.int32), STILL),
    "bool id": Case(lambda x, bias: (bias > 0) | (bias <= 0), STILL),
    "bool and": Case(lambda x, bias: (bias > 0) & (bias < 0), STILL),
    "uint param": Case(lambda x, bias: x * bias, MOVES, shapes={"x": (5, 3), "bias": Struct((3,), jnp.uint8)}),
    "idx param": Case(lambda x, bias: x[bias], MOVES, shapes={"x": (5, 3), "bias": Struct((2,), jnp.int32)}),
    "bool param": Case(lambda x, bias: jnp.where(bias, x, 0.0), MOVES, shapes={"x": (5, 3), "bias": Struct((3,), jnp.bool_)}),
    "key param": Case(
        lambda x, bias: x + jax.random.normal(bias, (3,)),
        OPEN,
        shapes={"x": (5, 3), "bias": jax.eval_shape(lambda: jax.random.key(0))},
    ),
    "key param r": Case(
        lambda x, bias: x + 0 * jax.random.normal(bias, (3,)),
        STILL,
        shapes={"x": (5, 3), "bias": jax.eval_shape(lambda: jax.random.key(0))},
    ),
    "c128in": Case(lambda x, bias: jnp.fft.ifft(jnp.fft.fft(x + bias, axis=0), axis=0).real - bias, STILL),
    "c abs0": Case(lambda x, bias: jnp.abs(x + 1j * bias - (x + 1j * bias)) + x, STILL),
    "c cmp": Case(lambda x, bias: x + 1j * bias == x + 1j * bias, STILL),
    "c angle": Case(lambda x, bias: jnp.angle(jnp.exp(1j * bias)) - bias + x, ANY),
    "c int": Case(lambda x, bias: jnp.abs(jnp.exp(1j * bias)) > 1, STILL),
    "c sqrt": Case(lambda x, bias: jnp.real(jnp.sqrt((x + 1j * bias) ** 2)), ANY),
    "f8 sat": Case(lambda x, bias: (x + bias * 10000.0).astype(jnp.float8_e4m3fn), SHOWN),
    "int4": Case(lambda x, bias: (x + bias).astype(jnp.int4), MOVES),
    "cast chain": Case(lambda x, bias: (x + bias).astype(jnp.bfloat16).astype(F) - (x + bias), PROVED),
    "f16 add": Case(lambda x, bias: centred(x + bias), PROVED, dtype=jnp.float16),
    "bf16 ln": Case(lambda x, bias: centred((x + bias).astype(F)).astype(jnp.bfloat16), PROVED, dtype=jnp.bfloat16),
    "stop in scan": Case(lambda x, bias: lax.scan(lambda s, r: (s, r + bias - lax.stop_gradient(bias)), 0.0, x)[1], PROVED),
    "cust in jit": Case(
        lambda x, bias: jax.jit(jax.checkpoint(lambda z: z - lax.stop_gradient(jnp.mean(z, 0))))(x + bias), PROVED
    ),
    "platform": Case(lambda x, bias: lax.platform_dependent(x + bias, cpu=centred, default=centred), STILL),
    "platform2": Case(lambda x, bias: lax.platform_dependent(x + bias, cpu=lambda z: z, default=lambda z: 2 * z), MOVES),
    "ordered print": Case(lambda x, bias: (jax.debug.print("{}", bias, ordered=True), x + bias)[1], SHOWN),
    "batch norm1": Case(
        lambda x, bias: (x + bias - jnp.mean(x + bias, 0)) / jnp.std(x + bias, 0), OPEN, shapes={"x": (1, 3), "bias": (3,)}
    ),
    "tanh big": Case(lambda x, bias: jnp.tanh(1000.0 * (bias + 5) ** 2 + 1000.0) + x, MOVES),
    "div self": Case(lambda x, bias: (x + bias) / (x + bias), PROVED),
    "log exp": Case(lambda x, bias: jnp.log(jnp.exp(bias)) - bias + x, STILL),
    "exp log": Case(lambda x, bias: jnp.exp(jnp.log(jnp.abs(bias))) - jnp.abs(bias) + x, STILL),
    "hyp": Case(lambda x, bias: jnp.cosh(bias) ** 2 - jnp.sinh(bias) ** 2 + x, STILL),
    "big pow": Case(lambda x, bias: (bias**8) ** 0.125 - jnp.abs(bias) + x, STILL),
    "kahan": Case(lambda x, bias: x + bias - x - bias + x, PROVED),
    "twosum": Case(lambda x, bias: x - (x + bias - (x + bias - x)) + (bias - (x + bias - x)), PROVED),
    "twosum i": Case(lambda x, bias: x - (x + bias - (x + bias - x)) + (bias - (x + bias - x)) != 0, PROVED),
    "eps probe": Case(lambda x, bias: (1 + bias * 1e-30 - 1) * 1e30 + x, MOVES),
    "round trip i": Case(lambda x, bias: jnp.round(bias * 2**20) / 2**20 - bias + x, MOVES),
    "sat": Case(lambda x, bias: jnp.clip(x + bias * 0.001, 100, 101), ANY),
    "hard gate": Case(lambda x, bias: jnp.where(x + bias > 50, bias, 0.0) + x, MOVES),
    "vw uniform": Case(
        lambda x, bias: centred(
            jax.vmap(
                lambda r: lax.while_loop(lambda s: s[0] < r[0] * 3, lambda s: (s[0] + 1, s[1] + bias), (0.0, jnp.zeros(3)))[1]
            )(x)
        ),
        MOVES,
    ),
    "vw uniform2": Case(
        lambda x, bias: jax.vmap(
            lambda r: lax.while_loop(lambda s: s[0] < r[0] * 3, lambda s: (s[0] + 1, s[1] + bias), (0.0, jnp.zeros(3)))[1]
        )(x),
        MOVES,
    ),
    "vw const": Case(
        lambda x, bias: centred(
            jax.vmap(lambda r: lax.while_loop(lambda s: s[0] < r[0] * 3, lambda s: (s[0] + 1, s[1] + 1), (0.0, bias))[1])(x)
        ),
        STILL,
    ),
    "vw const2": Case(
        lambda x, bias: centred(
            jax.vmap(lambda r: lax.while_loop(lambda s: s[0] < r[0] * 3, lambda s: (s[0] + 1, s[1] * 2), (0.0, bias))[1])(x)
        ),
        MOVES,
    ),
    "vw nest": Case(
        lambda x, bias: centred(
            jax.vmap(
                jax.vmap(lambda r: lax.while_loop(lambda s: s[0] < r * 3, lambda s: (s[0] + 1, s[1] * 2), (0.0, bias[0]))[1])
            )(x)
        ),
        MOVES,
    ),
    "vw acts": Case(
        lambda x, bias: jax.vmap(lambda r: lax.while_loop(lambda s: jnp.sum(s) < 3, lambda s: s + 1, r))(x + bias), SHOWN
    ),
    "vw fori": Case(
        lambda x, bias: centred(
            jax.vmap(lambda r: lax.fori_loop(0, (jnp.abs(r[0]) * 3).astype(int), lambda i, s: s + bias, jnp.zeros(3)))(x)
        ),
        MOVES,
    ),
}
"""Functions of `x`, `bias` and maybe more."""
