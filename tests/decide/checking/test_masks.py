"""Masks of −∞, rows that are masked whole, and derivative rules that hold on to what a trace made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import bnproof
from bnproof.errors import CheckError

X = np.random.default_rng(0).normal(size=(5, 6))
B = np.zeros(())


def attention(allowed: Any) -> Callable[..., Any]:
    """(b, x) → softmax over the entries allowed of xxᵀ + b, which the bias moves all alike."""

    def run(b: Any, x: Any) -> Any:
        return jax.nn.softmax(jnp.where(allowed, x @ x.T + b, -jnp.inf), -1)

    return run


def shifts(found: Any) -> list[Any]:
    return [m for m in found if m.quantity.startswith("output shift")]


def test_a_mask_of_minus_infinity_hinders_no_bound() -> None:
    found = shifts(bnproof.check(attention(np.tri(5)), B, X, bias="b", dtypes=["float64", "float32"]))
    assert found
    assert {m.outcome for m in found} == {"as proved"}
    assert all(np.isfinite(m.bound) and not m.note for m in found)


def test_a_row_that_is_masked_whole_is_left_out_and_said_to_be() -> None:
    found = shifts(bnproof.check(attention(np.tri(5, k=-1)), B, X, bias="b", dtypes=["float64", "float32"]))
    assert "FAILED" not in {m.outcome for m in found}
    assert {m.dtype for m in found if m.outcome == "as proved"} == {"float64", "float32"}
    assert {m.note for m in found} == {"5 of its 25 entries have no value, in float64 either"}
    assert all(np.isfinite(m.measured) for m in found)


def test_of_nothing_but_such_rows_nothing_is_told() -> None:
    def run(b: Any, x: Any) -> Any:
        return jax.nn.softmax(jnp.where(x.sum() > 1e9, x @ x.T + b, -jnp.inf), -1)

    found = shifts(bnproof.check(run, B, X, bias="b", dtypes=["float32"]))
    assert all(m.outcome == "cannot tell" and "no value, in float64 either" in m.obstacle for m in found)


def test_a_row_without_value_in_one_type_only_fails_or_is_explained() -> None:
    """−∞ here is made by overflow, in float32 alone."""

    def run(b: Any, x: Any) -> Any:
        z = x @ x.T + b
        huge = jnp.where(np.tri(5, k=-1) > 0, jnp.zeros_like(z), -jnp.full_like(z, 1e30) * 1e30)
        return jax.nn.softmax(z - z.max(-1, keepdims=True) + huge, -1)

    found = shifts(bnproof.check(run, B, X, bias="b", dtypes=["float32"]))
    assert all(m.outcome == "cannot tell" and "beyond the largest" in m.obstacle for m in found)


def test_a_rule_that_holds_on_to_an_array_of_the_trace_is_named() -> None:
    def run(b: Any, x: Any) -> Any:
        w = jnp.arange(6.0) + 1

        @jax.custom_vjp
        def scaled(z: Any) -> Any:
            return z * w

        scaled.defvjp(lambda z: (z * w, None), lambda _, ct: (ct * w,))
        z = scaled(x + b)
        return z - z.mean(0)

    with pytest.raises(CheckError, match=r"custom_vjp.*float32\[6\].*jax\.grad\(jax\.jit"):
        bnproof.check(run, np.zeros(6), X, bias="b", dtypes=["float32"])


@pytest.mark.parametrize("bias", [0, [0], ["b", 1.5]])
def test_a_bias_is_named_by_a_string(bias: Any) -> None:
    with pytest.raises(CheckError, match="is no name"):
        bnproof.check(attention(np.tri(5)), B, X, bias=bias)
