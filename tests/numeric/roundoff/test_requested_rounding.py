"""Rounding that a program asks for itself: to fewer bits, and of the operands of a product."""

from __future__ import annotations

import math

import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import bnproof
from bnproof.numeric.checking.measurement import Measurement

X = np.random.default_rng(0).normal(size=(4, 6)).astype(np.float32)
BIAS = np.random.default_rng(1).normal(size=6).astype(np.float32)
DTYPES = ("float64", "float32", "float16")


def fewer_bits(x: jnp.ndarray, bias: jnp.ndarray) -> jnp.ndarray:
    return lax.reduce_precision(x * bias, 8, 7)


def in_bfloat16(x: jnp.ndarray, bias: jnp.ndarray) -> jnp.ndarray:
    y = x + bias
    return lax.dot_general(y, y.T, (((1,), (0,)), ((), ())), precision=lax.DotAlgorithmPreset.BF16_BF16_F32)


def outside(x: jnp.ndarray, bias: jnp.ndarray) -> jnp.ndarray:
    return lax.reduce_precision(100 * x * bias, 3, 7)


def outputs(rows: list[Measurement]) -> list[Measurement]:
    found = [row for row in rows if row.quantity == "output"]
    assert len(found) == len(DTYPES)
    return found


def test_fewer_bits_are_in_the_bound() -> None:
    """They are what the program is, and no failure; and the bound is no wider than they are."""
    rows = bnproof.check(fewer_bits, X, BIAS, dtypes=DTYPES)
    assert {row.outcome for row in rows if row.quantity != "accuracy"} == {"as proved"}
    assert all(2.0**-11 < row.measured <= row.bound < 2.0**-4 for row in outputs(rows) if row.dtype != "float16")


@pytest.mark.parametrize("function", [in_bfloat16, outside])
@pytest.mark.filterwarnings("error")
def test_what_no_bound_is_known_of(function: object) -> None:
    """A product by an algorithm of narrower operands, and fewer bits than hold the values, are told neither right nor wrong."""
    rows = bnproof.check(function, X, BIAS, dtypes=DTYPES)  # pyright: ignore[reportArgumentType]
    assert {row.outcome for row in outputs(rows)} == {"cannot tell"}
    assert not any(math.isfinite(row.measured) and row.outcome == "FAILED" for row in rows)
