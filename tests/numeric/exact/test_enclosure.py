"""Enclosures of programs contain what float64 computes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from bnproof.numeric.exact import rules
from bnproof.numeric.exact.enclosure import enclosures
from bnproof.numeric.exact.interval import exactly
from bnproof.numeric.replay.replay import Replay

from ..rational import F, as_float, chain, rationals, read


def assert_contained(jaxpr: Any, args: list[Any], dims: dict[str, int] | None = None) -> list[np.ndarray]:
    """Every enclosure is narrow and contains what float64 computes, up to its round-off; returns the enclosures."""
    rows = enclosures(jaxpr, args, read, dims)
    assert rows is not None
    floats = Replay(jaxpr, as_float, dims)([np.asarray(x).astype(np.float64) for x in args])
    for row, expected in zip(rows, floats, strict=True):
        assert row.shape == (1, *expected.shape)
        for found, value in zip(row.reshape(-1), np.asarray(expected).reshape(-1).tolist(), strict=True):
            slack = 1e-11 * (1 + abs(value))
            assert found.lo - F(slack) <= F(value) <= found.hi + F(slack)
            assert found.hi - found.lo <= F(1, 2**90) * (1 + abs(found.hi))
    return rows


CHAINS = [
    "conv(1, k=1) -> relu -> bn @ 3x1x1x1",
    "conv(2) -> gelu -> gn(2) @ 2x1x2x2",
    "conv(2, pad=reflect) -> lrelu -> in @ 1x1x3x3",
    "conv(2, pad=replicate) -> bn(eps=0) -> relu @ 2x1x2x2",
    "conv(2, pad=circular, s=2) -> bn -> silu @ 2x1x3x3",
    "conv(2, k=2, groups=2, pad=valid, dilation=2) -> maxpool(2, pad=1) @ 1x2x4x4",
    "convtranspose(2, s=2) -> avgpool(3, pad=1, count_include_pad=no) @ 1x2x2x2",
    "linear(3) -> tanh -> linear(2) -> softmax @ 2x3",
    "linear(3) -> softplus -> rms -> sigmoid @ 2x3",
    "attention(heads=1) @ 1x2x3",
    "attention(heads=1, rope=yes) @ 1x2x3",
    "residual(conv(1) -> ln) -> globalpool @ 2x1x2x2",
    "concat(conv(1); identity) -> upsample -> flatten -> linear(2) @ 1x1x2x2",
]


@pytest.mark.parametrize("text", CHAINS)
@pytest.mark.parametrize("mode", ["train", "eval"])
def test_enclosures_contain_float64(text: str, mode: str) -> None:
    jaxpr, args, dims, _ = chain(text, mode, symbolic="attention" not in text)
    assert_contained(jaxpr, args, dims)


PROGRAMS: dict[str, Callable[[Any, Any], Any]] = {
    "gather": lambda x, y: x[jnp.array([2, 0])] + y[1:, :1],
    "dynamic slice": lambda x, y: lax.dynamic_slice(x, (jnp.argmax(jnp.arange(3)), 1), (1, 2)) * y[0, 0],
    "elementary": lambda x, y: (
        jnp.expm1(x),
        jnp.log1p(jnp.abs(x)),
        lax.rsqrt(y * y + 1),
        lax.erfc(x),
        x**3,
        y**-2,
        jnp.sign(x),
    ),
    "order": lambda x, y: (jnp.clip(x, -1, 0.5), jnp.where(jnp.sqrt(jnp.abs(y)) > 5, x, y), (x == y) | ~(x < y), x.min(1)),
    "variance": lambda x, y: (jnp.var(x, 0), jax.nn.softmax(x * y), jax.nn.logsumexp(x), jnp.linalg.norm(y)),
    "moving": lambda x, y: (jnp.flip(x, 1), x.T @ y, jnp.concatenate([x, y]), lax.pad(x, 0.5, ((1, -1, 1), (0, 2, 0)))),
    "whole numbers": lambda x, y: (x * jnp.arange(4), jnp.sum(jnp.arange(6)), lax.iota(jnp.float32, 4) / 3 + y),
    "nested": jax.checkpoint(jax.jit(lambda x, y: jax.nn.relu(lax.stop_gradient(x)) + jax.nn.silu(y))),
    "gradient": jax.grad(lambda x, y: jnp.sum(jax.nn.relu(x) ** 2 * y / jnp.sqrt(jnp.sum(x * x) + 1))),
    "nhwc": lambda x, y: lax.conv_general_dilated(
        x.reshape(1, 3, 4, 1), y.reshape(2, 2, 1, 3), (1, 1), ((1, 2), (-1, 0)), (2, 1), (1, 2), ("NHWC", "HWIO", "NHWC")
    ),
    "half precision": lambda x, y: (x.astype(jnp.bfloat16) * 0.1).astype(jnp.float32) + y,
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_enclosures_of_other_programs(name: str) -> None:
    struct = jax.ShapeDtypeStruct((3, 4), jnp.float32)
    x, y = rationals(3, 4), rationals(3, 4, seed=5, positive=True)
    assert_contained(jax.make_jaxpr(PROGRAMS[name])(struct, struct), [x, y])


@pytest.mark.parametrize("text", ["conv(2) -> relu -> avgpool(2) @ 1x2x3x3", "linear(3) -> lrelu -> linear(2) @ 2x3"])
def test_without_roots_everything_is_exact(text: str) -> None:
    jaxpr, args, dims, _ = chain(text)
    assert all(value.exact for row in assert_contained(jaxpr, args, dims) for value in row.reshape(-1))


def test_a_wrong_root_in_a_program_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    jaxpr, args, _, _ = chain("conv(1, k=1) -> relu -> bn @ 3x1x1x1")
    assert_contained(jaxpr, args)
    wrong = rules.each(lambda x: exactly(F(math.isqrt(int(x.lo * 2**40)), 2**20)))
    monkeypatch.setitem(rules.RULES, "sqrt", wrong)
    with pytest.raises(AssertionError):
        assert_contained(jaxpr, args)
