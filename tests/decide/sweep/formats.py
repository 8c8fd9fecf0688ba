"""Casts, complex numbers, bits of numbers, random numbers."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import lax

from . import ANY, MOVES, OPEN, PROVED, SHOWN, STILL, Case, F, Struct, centred

CASES: dict[str, Case] = {
    "expj": Case(lambda x, bias: abs(jnp.exp(1j * bias)) * x, STILL),
    "absc64": Case(lambda x, bias: abs(bias.astype(jnp.complex64)) - abs(bias) + x, PROVED),
    "bits back": Case(lambda x, bias: lax.bitcast_convert_type(lax.bitcast_convert_type(bias, jnp.int32), F) - bias + x, OPEN),
    "bits int": Case(lambda x, bias: lax.bitcast_convert_type(bias, jnp.int32) * 0 + x, OPEN),
    "sm bf16": Case(lambda x, bias: jax.nn.softmax((x.T + bias[:, None]).astype(jnp.bfloat16), 1), PROVED),
    "bf256": Case(lambda x, bias: (x + bias).astype(jnp.bfloat16) + 256 - 256, SHOWN),
    "cplx": Case(lambda x, bias: (x + bias) * (1 + 1j), MOVES),
    "rp": Case(lambda x, bias: lax.reduce_precision(centred(x + bias), 5, 10), PROVED),
    "fp8": Case(lambda x, bias: centred((x + bias).astype(jnp.float8_e4m3fn).astype(F)), PROVED),
    "f16cast": Case(lambda x, bias: centred((x + bias).astype(jnp.float16)), PROVED),
    "f64cast": Case(lambda x, bias: centred((x + bias).astype(jnp.float16).astype(F)), PROVED),
    "rp path": Case(lambda x, bias: centred(lax.reduce_precision(x + bias, 8, 7)), PROVED),
    "c64": Case(lambda x, bias: jnp.real(centred(x + bias + 0j)), STILL),
    "c64b": Case(lambda x, bias: jnp.abs(jnp.fft.fft(x + bias, axis=0)[1:]), STILL),
    "fftout": Case(lambda x, bias: jnp.fft.fft(x + bias, axis=0), MOVES),
    "complex exp": Case(lambda x, bias: jnp.real(jnp.exp(1j * bias) * jnp.exp(-1j * bias)) + x, STILL),
    "complex mul": Case(lambda x, bias: jnp.imag(1j * bias * (1j * bias)) + x, STILL),
    "complex conj": Case(lambda x, bias: jnp.imag((x + 1j * bias) * jnp.conj(x + 1j * bias)), STILL),
    "complex acts": Case(lambda x, bias: jnp.real((x + 1j * bias) ** 2), MOVES),
    "complex in": Case(
        lambda x, bias: x - jnp.mean(x, 0) + 0 * bias, PROVED, shapes={"x": Struct((5, 3), jnp.complex64), "bias": (3,)}
    ),
    "complex red": Case(lambda x, bias: centred(x + bias), STILL, shapes={"x": Struct((5, 3), jnp.complex64), "bias": (3,)}),
    "complex bias": Case(
        lambda x, bias: centred(x + bias),
        STILL,
        shapes={"x": Struct((5, 3), jnp.complex64), "bias": Struct((3,), jnp.complex64)},
    ),
    "int bias": Case(lambda x, bias: x + bias, MOVES, shapes={"x": (5, 3), "bias": Struct((3,), jnp.int32)}),
    "int bias only": Case(
        lambda x, bias: x + bias, MOVES, shapes={"x": Struct((5, 3), jnp.int32), "bias": Struct((3,), jnp.int32)}
    ),
    "bool in": Case(lambda x, bias: jnp.where(x, bias, 0.0), SHOWN, shapes={"x": Struct((5, 3), jnp.bool_), "bias": (3,)}),
    "int8": Case(lambda x, bias: (x * 10).astype(jnp.int8), PROVED),
    "bits1": Case(lambda x, bias: lax.bitcast_convert_type(bias, jnp.uint32) & 1, OPEN),
    "bits abs": Case(
        lambda x, bias: (
            lax.bitcast_convert_type(lax.bitcast_convert_type(bias, jnp.uint32) & jnp.uint32(2147483647), F) - jnp.abs(bias) + x
        ),
        OPEN,
    ),
    "bits partial": Case(lambda x, bias: [lax.bitcast_convert_type(bias, jnp.uint32), centred(x + bias)], OPEN),
    "bits partial2": Case(lambda x, bias: [lax.bitcast_convert_type(x, jnp.uint32), x + bias], SHOWN),
    "bits partial3": Case(lambda x, bias: [lax.bitcast_convert_type(x, jnp.uint32), centred(x + bias)], PROVED),
    "nextafter": Case(lambda x, bias: jnp.nextafter(bias, bias + 1) - bias + x, OPEN),
    "nextafter2": Case(lambda x, bias: jnp.nextafter(bias, bias + 1) > bias, OPEN),
    "frexp": Case(lambda x, bias: jnp.ldexp(*jnp.frexp(bias)) - bias + x, STILL),
    "signbit": Case(lambda x, bias: jnp.signbit(bias), MOVES),
    "isclose": Case(lambda x, bias: jnp.isclose(bias, bias + 1e-09), ANY),
    "random": Case(lambda x, bias: centred(x + bias) * jax.random.bernoulli(jax.random.key(0), 0.5, (5, 3)), PROVED),
    "dropout": Case(lambda x, bias: (x + bias) * jax.random.bernoulli(jax.random.key(0), 0.5, (5, 3)), SHOWN),
    "normal": Case(lambda x, bias: centred(x + bias + jax.random.normal(jax.random.key(0), (3,))), PROVED),
    "seed from bias": Case(lambda x, bias: x + jax.random.normal(jax.random.key(bias[0].astype(jnp.int32)), (3,)), MOVES),
}
"""Functions of `x`, `bias` and maybe more."""
