"""A replay computes what JAX computes in float64, whatever dtype the program was traced in, by NumPy and by JAX alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from bnproof.numeric.replay.op import Op
from bnproof.numeric.replay.replay import Replay

RNG = np.random.default_rng(0)
IMAGE, SEQUENCE, SQUARE = RNG.normal(size=(2, 4, 7, 6)), RNG.normal(size=(6,)), RNG.normal(size=(3, 6))


def conv(x: Any, w: Any, **options: Any) -> Any:
    settings: dict[str, Any] = {
        "window_strides": (1, 1),
        "padding": "SAME",
        "dimension_numbers": ("NCHW", "OIHW", "NCHW"),
        **options,
    }
    return lax.conv_general_dilated(x, w, **settings)


def kernel(*shape: int) -> Any:
    return RNG.normal(size=shape)


def window(x: Any, how: Any, start: Any) -> Any:
    return lax.reduce_window(x, np.asarray(start, x.dtype), how, (1, 1, 3, 2), (1, 1, 2, 1), ((0, 0), (0, 0), (1, 1), (0, 1)))


def looped(x: Any) -> Any:
    total, rows = lax.scan(lambda c, v: (c + v, (c * v, v > 0)), jnp.zeros((), x.dtype), x, reverse=True)
    count, halved = lax.while_loop(lambda s: jnp.sum(s[1] ** 2) > 0.1, lambda s: (s[0] + 1, s[1] / 2), (0, x))
    return total, rows, count, halved, lax.cond(x[0] > 0, jnp.sin, jnp.cos, x), lax.fori_loop(0, 3, lambda i, v: v * (i + 1), x)


PROGRAMS: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "conv": (conv, (IMAGE, kernel(5, 4, 3, 3))),
    "conv strided dilated": (lambda x, w: conv(x, w, window_strides=(2, 1), rhs_dilation=(1, 2)), (IMAGE, kernel(5, 4, 3, 2))),
    "conv grouped": (lambda x, w: conv(x, w, feature_group_count=2), (IMAGE, kernel(6, 2, 3, 3))),
    "conv transposed": (lambda x, w: conv(x, w, lhs_dilation=(2, 3), padding=((2, -1), (-1, 0))), (IMAGE, kernel(3, 4, 3, 3))),
    "conv nhwc": (
        lambda x, w: conv(x, w, dimension_numbers=("NHWC", "HWIO", "NHWC")),
        (IMAGE, kernel(3, 2, 6, 5)),
    ),
    "conv grouped by batch": (lambda x, w: conv(x, w, batch_group_count=2), (IMAGE, kernel(6, 4, 3, 3))),
    "products": (lambda a, b: (a @ b.T, jnp.einsum("ij,kj->ik", a, b), jnp.einsum("ij,ij->i", a, b)), (SQUARE, SQUARE + 1)),
    "windows": (lambda x: (window(x, lax.max, -np.inf), window(x, lax.add, 0)), (IMAGE,)),
    "pads": (lambda x: lax.pad(x, jnp.ones((), x.dtype), ((1, -1, 1), (0, 2, 0), (-2, 0, 0), (0, 0, 2))), (IMAGE,)),
    "moving": (lambda x: (x[:, 1:3, ::2], jnp.flip(x, 1), jnp.concatenate([x, x * 2], 1), x.transpose(3, 1, 0, 2)), (IMAGE,)),
    "elementary": (
        lambda x: (jnp.exp(x), jnp.tanh(x), lax.rsqrt(x * x + 1), lax.erf(x), jax.nn.sigmoid(x), x**3, jnp.abs(x) ** 1.5, -x),
        (IMAGE,),
    ),
    "activations": (
        lambda x: (jax.nn.relu(x), jax.nn.gelu(x), jax.nn.softplus(x), jax.nn.silu(x), jax.nn.leaky_relu(x), jax.nn.elu(x)),
        (IMAGE,),
    ),
    "reductions": (
        lambda x: (x.sum(1), x.max((1, 2)), x.min(), jnp.var(x, 0), jax.nn.softmax(x), jax.nn.logsumexp(x), jnp.linalg.norm(x)),
        (IMAGE,),
    ),
    "order": (
        lambda x: (jnp.cumsum(x, 1), jnp.sort(x), jnp.argmax(x, 1), x[:, jnp.array([2, 0])], jnp.clip(x, -1, 0.5)),
        (SQUARE,),
    ),
    "scatter": (lambda x: (jnp.zeros(5, x.dtype).at[jnp.array([1, 1, 3])].add(x[:3]), x.at[2].set(7)), (SEQUENCE,)),
    "own reduction": (lambda x: lax.reduce(x, np.zeros((), x.dtype), lambda a, b: a + b + a * b, (1,)), (SQUARE,)),
    "loops": (looped, (SEQUENCE,)),
    "loops that end entry by entry": (
        jax.vmap(lambda r: lax.while_loop(lambda s: jnp.sum(s) < 9, lambda s: 2 * s + 1, jnp.exp(r))),
        (SQUARE,),
    ),
    "nested": (jax.checkpoint(jax.jit(lambda x: lax.stop_gradient(jnp.sin(x)) * 2)), (SEQUENCE,)),
    "gradient": (lambda x, w: jax.grad(lambda v: jnp.sum(jax.nn.relu(conv(v, w)) ** 2))(x), (IMAGE, kernel(5, 4, 3, 3))),
    "integers": (lambda x: (jnp.arange(6) * 3 - jnp.argmax(x), x > 0, jnp.where(x > 0, 1, 2), jnp.sum(x > 0)), (SEQUENCE,)),
}


def traced(f: Callable[..., Any], *args: Any) -> Any:
    return jax.make_jaxpr(f)(*(jax.ShapeDtypeStruct(a.shape, np.float32) for a in args))


@pytest.fixture(autouse=True, scope="module")
def quick_compilation() -> Iterator[None]:
    """XLA without optimisations: the programs are tiny, and compiling them takes nearly all the time."""
    before = jax.config.read("jax_disable_most_optimizations")
    jax.config.update("jax_disable_most_optimizations", True)
    yield
    jax.config.update("jax_disable_most_optimizations", before)


@cache
def in_float64(name: str) -> list[Any]:
    """What JAX computes for one of the programs in float64, compiled as a whole."""
    f, args = PROGRAMS[name]
    with jax.enable_x64(True):
        return [np.asarray(y) for y in jax.tree.leaves(jax.jit(f)(*(jnp.asarray(a) for a in args)))]


@pytest.mark.parametrize("numpy", [True, False], ids=["numpy", "jax"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_same_numbers_as_jax_in_float64(name: str, numpy: bool) -> None:
    f, args = PROGRAMS[name]
    jaxpr = traced(f, *args)
    replay = Replay(jaxpr)
    if not numpy:
        for op, *_ in replay.schedule.steps:
            if isinstance(op, Op):
                op.rule = None
    dtypes = [aval.dtype for aval in jaxpr.out_avals]
    for _ in range(2):
        for ours, theirs, dtype in zip(replay(args), in_float64(name), dtypes, strict=True):
            tolerance = 1e-6 if name == "activations" else 1e-12  # constants of gelu and leaky_relu were rounded to float32
            np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance)
            assert ours.dtype == (np.float64 if dtype == np.float32 else dtype)


def test_random_bits_stay_those_of_the_traced_dtype() -> None:
    key = jax.random.key(3)

    def f(key: Any) -> Any:
        return (
            jax.random.uniform(key, (50,)),
            jax.random.bernoulli(key, 0.3, (50,)),
            jax.random.normal(jax.random.fold_in(key, 1)),
        )

    ours, theirs = Replay(jax.make_jaxpr(f)(key))([key]), jax.jit(f)(key)
    np.testing.assert_array_equal(ours[0], np.asarray(theirs[0], np.float64))
    np.testing.assert_array_equal(ours[1], theirs[1])
    np.testing.assert_allclose(ours[2], theirs[2], rtol=1e-6)


def test_symbolic_dimensions_get_values() -> None:
    (n,) = jax.export.symbolic_shape("n")
    jaxpr = jax.make_jaxpr(lambda x: (jnp.mean(x, 0), jnp.zeros((2 * n, 3)) + 1, x.reshape(-1), jnp.arange(n)))(
        jax.ShapeDtypeStruct((n, 4), np.float32)
    )
    x = RNG.normal(size=(5, 4))
    mean, ones, flat, counted = Replay(jaxpr, dims={"n": 5})([x])
    np.testing.assert_allclose(mean, x.mean(0), rtol=1e-14)
    assert ones.shape == (10, 3)
    np.testing.assert_array_equal(flat, x.reshape(-1))
    np.testing.assert_array_equal(counted, np.arange(5))
    with pytest.raises(KeyError):
        Replay(jaxpr)


def test_literals_and_constants_are_read() -> None:
    held = np.full(3, 0.1, np.float32)
    jaxpr = jax.make_jaxpr(lambda x: jax.jit(lambda v: v * 0.1)(x) + held)(jnp.zeros(3))
    (decimal,) = Replay(jaxpr, lambda value: np.round(value.astype(np.float64), 6))([np.ones(3)])
    (cast,) = Replay(jaxpr)([np.ones(3)])
    np.testing.assert_array_equal(decimal, np.full(3, 0.1 + 0.1))
    np.testing.assert_array_equal(cast, np.full(3, 2 * np.float64(np.float32(0.1))))


def test_narrow_floats_are_widened_and_the_mode_is_restored() -> None:
    jaxpr = jax.make_jaxpr(lambda x, k: lax.reduce_precision(x.astype(jnp.bfloat16), 8, 7).astype(jnp.float32) + k)(
        jnp.ones(2), jnp.int32(3)
    )
    (y,) = Replay(jaxpr)([np.full(2, 1 / 3), np.int32(3)])
    np.testing.assert_array_equal(y, np.full(2, 1 / 3 + 3))
    assert jnp.ones(1).dtype == jnp.float32


def test_tracers_pass_through() -> None:
    f, (x,) = PROGRAMS["reductions"]
    replay = Replay(traced(f, x))
    with jax.enable_x64(True):
        ours = jax.jit(jax.grad(lambda v: replay([v])[3].sum()))(jnp.asarray(x))
        theirs = jax.jit(jax.grad(lambda v: f(v)[3].sum()))(jnp.asarray(x))
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def test_a_wrong_number_of_arguments_is_refused() -> None:
    with pytest.raises(ValueError, match="takes 1 arguments, not 2"):
        Replay(traced(jnp.sin, SEQUENCE))([SEQUENCE, SEQUENCE])
