"""Which literals are read as −∞, what a proof takes for granted on a parameter's way, and points without a derivative."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np
import pytest
from jax import lax

from bnproof.algebra.analysis import Analysis, analyse
from bnproof.algebra.assumptions import Assumed
from bnproof.algebra.rationals import is_lowest

X, B = jnp.ones((5, 3)), jnp.ones(3)


def analysed(function: Callable[[Any, Any], Any]) -> Analysis:
    return analyse(jax.make_jaxpr(function)(X, B), {1: "b"})


@pytest.mark.parametrize(
    ("value", "dtype", "mask"),
    [
        (-np.inf, np.float16, True),
        (-65504.0, np.float16, True),
        (-4e4, np.float16, False),
        (-65472.0, np.float16, False),
        (-4e4, ml_dtypes.bfloat16, False),
        (-1e30, ml_dtypes.bfloat16, False),
        (float(jnp.finfo(jnp.bfloat16).min), ml_dtypes.bfloat16, True),
        (-1e9, np.float32, False),
        (-1e30, np.float32, False),
        (-0.7 * float(np.finfo(np.float32).max), np.float32, True),
        (float(np.finfo(np.float32).min), np.float32, True),
        (float(np.finfo(np.float64).min), np.float64, True),
        (float(np.finfo(np.float32).max), np.float32, False),
        (-448.0, ml_dtypes.float8_e4m3fn, False),
    ],
)
def test_masks(value: float, dtype: Any, mask: bool) -> None:
    assert is_lowest(value, np.dtype(dtype)) is mask


@pytest.mark.parametrize(
    ("function", "assumed"),
    [
        (lambda x, b: x + b, []),
        (lambda x, b: (x + b).astype(jnp.bfloat16), [Assumed("narrowed", "convert_element_type", "bfloat16")]),
        (lambda x, b: (x + b).astype(jnp.float8_e5m2), [Assumed("narrowed", "convert_element_type", "float8_e5m2")]),
        (lambda x, b: lax.reduce_precision(x + b, 8, 7), [Assumed("narrowed", "reduce_precision", "7 bits after the point")]),
        (lambda x, b: lax.reduce_precision(x + b, 8, 23), []),
        (lambda x, b: x.astype(jnp.bfloat16) + b, []),  # not on its way
        (
            lambda x, b: jax.jit(lambda z: z.astype(jnp.float16))(x + b),
            [Assumed("narrowed", "convert_element_type", "float16")],
        ),
        (
            lambda x, b: lax.scan(lambda s, r: (s, r.astype(jnp.float16) + s.astype(jnp.float16)), b, x)[1],
            [Assumed("narrowed", "convert_element_type", "float16")],
        ),
        (lambda x, b: jnp.argmax(x + b, 0), [Assumed("ties", "argmax")]),
        (lambda x, b: jnp.argsort(x + b, 0), [Assumed("ties", "sort")]),
        (lambda x, b: jnp.sort(x + b, 0), []),
        (lambda x, b: x + b > 0, [Assumed("ties", "gt")]),
        (lambda x, b: jnp.where(x > 0, x + b, jnp.finfo(jnp.float32).min), [Assumed("mask", "select_n", "-3.4e+38")]),
        (lambda x, b: jnp.where(x > 0, x + b, -jnp.inf), []),  # −∞ itself is no assumption
        (lambda x, b: jnp.where(x > 0, x, jnp.finfo(jnp.float32).min).sum(0) + b, [Assumed("mask", "add", "-3.4e+38")]),
    ],
)
def test_what_is_assumed_on_the_way(function: Callable[..., Any], assumed: list[Assumed]) -> None:
    (found,) = analysed(function).findings()
    assert list(found.assumed) == assumed


@pytest.mark.parametrize(
    ("function", "operation"),
    [
        (lambda x, b: jnp.sqrt(b - b), "sqrt"),
        (lambda x, b: x / (b - b), "div"),
        (lambda x, b: lax.rsqrt((x - x) * b), "rsqrt"),
        (lambda x, b: (b - b) ** -2, "integer_pow"),
        (lambda x, b: jnp.log1p(b - b - 1), "log1p"),
        (lambda x, b: lax.acos(1 + b - b), "acos"),
        (lambda x, b: lax.clamp(b, x[0], b), "clamp"),
        (lambda x, b: jax.jit(lambda z: lax.sqrt(z - z))(x), "sqrt"),
        (lambda x, b: jnp.sqrt(jnp.var(x[:1] + b, 0)), "sqrt"),
        (lambda x, b: jnp.sqrt(jnp.var(x + b, 0)), ""),
        (lambda x, b: (b - b) ** 2, ""),
        (lambda x, b: lax.clamp(0.0, x, 1.0), ""),
        (lambda x, b: lax.acos(0 * b), ""),
        (lambda x, b: x / (b - b + 1), ""),
    ],
)
def test_points_without_a_derivative_for_every_input(function: Callable[..., Any], operation: str) -> None:
    found = analysed(function).walk.singular
    assert [point.place.equation.primitive.name for point in found[:1]] == [operation] * bool(operation)


def test_a_singular_point_in_a_branch_is_not_sure() -> None:
    walk = analysed(lambda x, b: lax.cond(x[0, 0] > 0, lambda: x / (b - b), lambda: x)).walk
    assert [(point.valueless, point.sure) for point in walk.singular] == [(True, False)]
    (point,) = analysed(lambda x, b: jax.jit(lambda z: (z - z) / (z - z))(b)).walk.singular
    assert (point.valueless, point.nought, point.sure) == (True, True, True)


def test_outputs_and_parameters_without_entries_depend_on_nothing() -> None:
    assert analysed(lambda x, b: (x + b)[:0]).findings()[0].free
    assert not analysed(lambda x, b: [(x + b)[:0], b]).findings()[0].free
    empty = analyse(jax.make_jaxpr(lambda x, b: x + jnp.sum(b))(X, jnp.ones((0, 3))), {1: "b"})
    assert empty.findings()[0].free


def test_the_root_of_0_is_0() -> None:
    found = analysed(lambda x, b: jnp.sqrt(b - b) + x - x)
    assert found.outputs[0].terms == {}
