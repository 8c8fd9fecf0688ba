"""The bound holds for float32 runs against float64, is not absurdly loose, and a bound a million times smaller fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from bnproof.numeric.replay.op import Record
from bnproof.numeric.replay.replay import Replay
from bnproof.numeric.roundoff.running_error import bound, terms_of

UNIT32 = 2.0**-24


def conv(x: Any, w: Any, **options: Any) -> Any:
    settings: dict[str, Any] = {
        "window_strides": (1, 1),
        "padding": "SAME",
        "dimension_numbers": ("NCHW", "OIHW", "NCHW"),
        **options,
    }
    return lax.conv_general_dilated(x, w, **settings)


def batchnorm(x: Any) -> Any:
    centred = x - jnp.mean(x, (0, 2, 3), keepdims=True)
    return centred / jnp.sqrt(jnp.mean(centred**2, (0, 2, 3), keepdims=True) + 1e-5)


def pool(x: Any, how: Any, start: float) -> Any:
    return lax.reduce_window(x, np.asarray(start, x.dtype), how, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")


IMAGE, KERNEL, ROWS = (2, 4, 6, 5), (4, 4, 3, 3), (5, 8)
PROGRAMS: dict[str, tuple[Callable[..., Any], tuple[tuple[int, ...], ...]]] = {
    "products": (lambda a, b: jnp.tanh(a @ b.T) @ a, (ROWS, ROWS)),
    "sums": (lambda a: jnp.sum(a[:, None] * a, -1) / jnp.sum(jnp.abs(a)), (ROWS,)),
    "softmax": (lambda a: jax.nn.softmax(3 * a @ a.T), (ROWS,)),
    "attention": (lambda q, k: jax.nn.softmax(q @ k.T) @ jnp.exp(k), (ROWS, ROWS)),
    "layer norm": (lambda a: (a - jnp.mean(a, 1, keepdims=True)) * lax.rsqrt(jnp.var(a, 1, keepdims=True) + 1e-5), (ROWS,)),
    "batch norm": (batchnorm, (IMAGE,)),
    "conv chain": (lambda x, w, v: conv(jax.nn.relu(batchnorm(conv(x, w))), v), (IMAGE, KERNEL, KERNEL)),
    "conv variants": (
        lambda x, w, v: conv(
            conv(x, w, lhs_dilation=(2, 2), padding=((2, 1), (0, 1))), v[:, :2], feature_group_count=2, window_strides=(2, 1)
        ),
        (IMAGE, KERNEL, KERNEL),
    ),
    "pooling": (lambda x, w: pool(conv(x, w), lax.max, -np.inf) + pool(conv(x, w), lax.add, 0.0), (IMAGE, KERNEL)),
    "scan": (lambda a: lax.scan(lambda c, v: (jnp.sin(c + v), c * v), jnp.zeros(8, a.dtype), a), (ROWS,)),
    "elementary": (lambda a: jnp.log1p(jnp.exp(a)) + jax.nn.sigmoid(a) ** 3 - lax.erf(a) / (2 + jnp.cos(a)), (ROWS,)),
    "moving": (lambda a: jnp.concatenate([a, a[:, ::-1] * 0.5], 1).T[2:9].sum(0) + jnp.pad(a * a, 1)[0].max(), (ROWS,)),
    "gathered": (lambda a: jnp.cumsum(a * a, 1)[:, jnp.array([1, 5])] + jnp.sort(jnp.exp(a))[:, :2], (ROWS,)),
}


@pytest.fixture
def quick_compilation() -> Iterator[None]:
    """XLA without optimisations, where only JAX's rules matter: compiling takes nearly all the time."""
    before = jax.config.read("jax_disable_most_optimizations")
    jax.config.update("jax_disable_most_optimizations", True)
    yield
    jax.config.update("jax_disable_most_optimizations", before)


def arguments(name: str, seed: int) -> list[Any]:
    generator = np.random.default_rng(seed)
    return [generator.normal(size=shape).astype(np.float32) for shape in PROGRAMS[name][1]]


def replayed(name: str) -> Replay:
    return Replay(jax.make_jaxpr(PROGRAMS[name][0])(*arguments(name, 0)))


@cache
def in_float32(name: str) -> Callable[..., Any]:
    return jax.jit(PROGRAMS[name][0])


def ratios(name: str, replay: Replay, seed: int) -> list[float]:
    """True error of a float32 run / bound, at the worst and at some other entry of each output."""
    args = arguments(name, seed)
    narrow = [np.asarray(y, np.float64) for y in jax.tree.leaves(in_float32(name)(*args))]
    found: list[float] = []
    for k, (right, wrong) in enumerate(zip(replay(args), narrow, strict=True)):
        error = np.abs(wrong - right)
        for place in (int(error.argmax()), error.size // 2):
            index = tuple(int(i) for i in np.unravel_index(place, error.shape))
            found.append(float(error[index]) / bound(replay, args, k, index, UNIT32))
    return found


@pytest.mark.parametrize("name", PROGRAMS)
def test_bounds_hold_and_a_millionth_of_them_does_not(name: str) -> None:
    replay = replayed(name)
    worst = max(ratio for seed in range(3) for ratio in ratios(name, replay, seed))
    print(f"{name}: error / bound up to {worst:.3f}")
    assert 1e-3 < worst <= 1
    assert worst > 1e-6  # so that a bound a million times smaller would be violated


@pytest.mark.usefixtures("quick_compilation")
@pytest.mark.parametrize("name", PROGRAMS)
def test_numpy_and_jax_derivatives_give_one_bound(name: str) -> None:
    replay, args = replayed(name), arguments(name, 0)
    indices = [tuple(n // 2 for n in y.shape) for y in replay(args)]
    fast = [bound(replay, args, k, index) for k, index in enumerate(indices)]
    for op, *_ in replay.schedule.steps:
        if not callable(op):
            op.rule = None
    slow = [bound(replay, args, k, index) for k, index in enumerate(indices)]
    np.testing.assert_allclose(fast, slow, rtol=1e-6)


def test_bound_of_a_sum_is_the_one_of_the_book() -> None:
    x = np.arange(1.0, 9.0)
    value = bound(Replay(jax.make_jaxpr(jnp.sum)(jnp.ones(8))), [x], 0, ())
    assert value == 2.0**-53 * 7 * x.sum()


@pytest.mark.usefixtures("quick_compilation")
def test_unknown_operations_and_infinite_slopes() -> None:
    matrix = np.eye(2) + 0.5
    assert bound(Replay(jax.make_jaxpr(lambda a: jnp.linalg.cholesky(a) * 2)(jnp.eye(2))), [matrix], 0, (0, 0)) == np.inf
    guarded = Replay(jax.make_jaxpr(lambda a: jnp.where(a > 0, jnp.sqrt(a * 1.5), 1.0) * 3)(jnp.ones(2)))
    assert bound(guarded, [np.array([0.0, 4.0])], 0, (0,)) < 1e-15
    assert bound(Replay(jax.make_jaxpr(lambda a: jnp.sqrt(a * 1.5))(1.0)), [0.0], 0, ()) == np.inf


def test_a_kink_counts_on_both_sides() -> None:
    def program(a: Any) -> Any:
        return jax.nn.relu((a + 1) - (a + 1)) * 7, jnp.abs((a + 1) - (a + 1)) * 7

    replay = Replay(jax.make_jaxpr(program)(1.0))
    assert all(bound(replay, [3.0], k, ()) >= 7 * 2 * 4 * 2.0**-53 for k in range(2))


def test_exact_programs_have_no_round_off() -> None:
    replay = Replay(jax.make_jaxpr(lambda a: jnp.max(-a.T.reshape(-1)[1:]))(jnp.ones((2, 3))))
    assert bound(replay, [np.arange(6.0).reshape(2, 3)], 0, ()) == 0


def terms(program: Callable[..., Any], *args: Any) -> float:
    """Of the only entry, by its last argument."""
    given = [np.asarray(a, np.float64) for a in args]
    replay, record = Replay(jax.make_jaxpr(program)(*given)), Record()
    prepared = replay.prepare(given)
    return float(terms_of(record, replay.run(prepared, record), [(0, ())], prepared[-1])[0])


def test_terms_that_cancel_are_found_wherever_they_are_added_up() -> None:
    c, w = np.array([1.0, -2.0, 4.0]), np.array([2.0, 1.0, 0.0])
    assert terms(lambda w, c: jnp.sum(w * c), w, c) == pytest.approx(4)
    assert terms(lambda w, c: jnp.sum(3 * c) - jnp.sum(c) * 3, w, c) >= 2 * 9  # nothing is left, and both sides are 3·Σc
    assert terms(lambda w, c: jnp.sum((c - jnp.mean(c)) * 1e3), w, c) > 1e3  # a sum whose own terms are not small
    shifted = terms(lambda w, c: jnp.sum((w - jnp.mean(w)) * (c - jnp.mean(c))), w, np.ones(3))
    assert shifted == pytest.approx(2)  # the terms of the last sum are 0, and those of c itself are not
    assert terms(lambda w, c: jnp.sum(w * 0) * jnp.sum(c), w, c) == 0  # nothing is there, whatever c is
