"""Disturbed runs, and round-off that one use of a value has and another has not."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from bnproof.decide.checking.cases import Case, subject
from bnproof.numeric.checking.check import Check
from bnproof.numeric.replay.op import Record
from bnproof.numeric.replay.replay import Replay
from bnproof.numeric.roundoff.operation_error import disturbance, own_errors
from bnproof.numeric.roundoff.precision import UNIT_ROUNDOFF
from bnproof.numeric.roundoff.rounding import Rounding, one_by_one
from bnproof.numeric.roundoff.running_error import Bounds, reverse

UNIT = UNIT_ROUNDOFF["float32"]
Program = Callable[..., Any]


def batchnorm(x: Any) -> Any:
    centred = x - jnp.mean(x, 0)
    return centred / jnp.sqrt(jnp.mean(centred**2, 0) + 1e-5)


PROGRAMS: dict[str, tuple[Program, tuple[tuple[int, ...], ...]]] = {
    "products": (lambda a, b: jnp.tanh(a @ b.T) @ a, ((5, 8), (5, 8))),
    "batch norm": (batchnorm, ((9, 4),)),
    "its gradient": (lambda x, c: jax.grad(lambda s: jnp.sum(c * batchnorm(x + s)))(jnp.zeros(4, x.dtype)), ((9, 4), (9, 4))),
    "softmax": (lambda a: jax.nn.softmax(3 * a @ a.T), ((5, 8),)),
    "long sum": (lambda a: jnp.sum(a * a, 0) - jnp.sum(jnp.exp(a), 0), ((50, 3),)),
}


def drawn(name: str, seed: int = 0) -> list[np.ndarray]:
    random = np.random.default_rng(seed)
    return [random.normal(size=shape).astype(np.float32) for shape in PROGRAMS[name][1]]


@functools.cache
def replayed(name: str) -> Replay:
    return Replay(jax.make_jaxpr(PROGRAMS[name][0])(*drawn(name)))


def recorded(replay: Replay, args: list[np.ndarray], disturb: Any = None) -> tuple[Record, list[Any]]:
    record: Record = []
    return record, replay.run(replay.prepare(args), record, disturb)


@pytest.mark.parametrize("rounding", [Rounding(UNIT), Rounding(None, one_by_one)], ids=["one unit", "by type"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_disturbed_runs_stay_within_the_bound(name: str, rounding: Rounding) -> None:
    """Each is a run with rounding errors as large as allowed; a thousandth of the bound would be exceeded."""
    replay, args = replayed(name), drawn(name)
    record, calm = recorded(replay, args)
    worst = 0.0
    for k, y in enumerate(calm):
        places = [tuple(int(i) for i in np.unravel_index(n, y.shape[1:])) for n in range(min(y.size, 8))]
        bounds = [reverse(record, calm, [(k, place)], [], rounding).bound[0] for place in places]
        for seed in range(20):
            _, moved = recorded(replay, args, disturbance(rounding, seed))
            for place, bound in zip(places, bounds, strict=True):
                worst = max(worst, abs(moved[k][(0, *place)] - y[(0, *place)]) / bound)
    assert 1e-2 < worst <= 1 + 1e-3


def test_disturbances_are_reproducible_and_differ_by_seed() -> None:
    replay, args = replayed("batch norm"), drawn("batch norm")
    runs = [recorded(replay, args, disturbance(Rounding(UNIT), seed))[1][0] for seed in (0, 0, 1)]
    assert np.array_equal(runs[0], runs[1])
    assert not np.array_equal(runs[0], runs[2])


def test_no_disturbance_where_nothing_is_rounded() -> None:
    replay = Replay(jax.make_jaxpr(lambda a: jnp.maximum(-a.T, 0.0)[1:])(jnp.ones((3, 2))))
    args = [np.random.default_rng(0).normal(size=(3, 2)).astype(np.float32)]
    assert np.array_equal(recorded(replay, args)[1][0], recorded(replay, args, disturbance(Rounding(None)))[1][0])


def test_a_zero_of_equal_numbers_is_one_in_no_disturbed_run() -> None:
    replay = Replay(jax.make_jaxpr(lambda a: (a * 3) - jnp.mean(a * 3))(jnp.ones(4)))
    args = [np.full(4, 0.7, np.float32)]
    _, calm = recorded(replay, args)
    _, moved = recorded(replay, args, disturbance(Rounding(None)))
    assert np.abs(calm[0]).max() < 1e-15
    assert 1e-9 < np.abs(moved[0]).max() < 1e-5


# --- one value, several uses


def used_twice(x: Any, y: Any, q: Any, r: Any) -> Any:
    """Zero in exact arithmetic; the product's error cancels only if both uses have the same."""
    product = x * y
    return ((product - q) - (product - r)) + (q - r)


def bounds(program: Program, args: list[np.ndarray], rounding: Rounding) -> Bounds:
    replay = Replay(jax.make_jaxpr(program)(*args))
    record, outputs = recorded(replay, args)
    return reverse(record, outputs, [(0, ())], [], rounding)


def test_uses_may_be_rounded_apart() -> None:
    x, y = np.float32(1.2345678), np.float32(0.87654321)
    near = np.float32(x * y)
    args = [np.asarray(v) for v in (x, y, near, np.float32(near * (1 + 2**-20)))]
    together, apart = (bounds(used_twice, args, rounding).bound[0] for rounding in (Rounding(UNIT), Rounding(None)))
    assert together < UNIT * 1e-4
    assert apart >= 2 * UNIT * float(x * y)
    assert apart < 4 * UNIT * float(x * y)


def test_matrix_products_are_computed_once() -> None:
    def program(x: Any, y: Any, q: Any) -> Any:
        product = x @ y
        return ((product - q) - (product - 2 * q)) - q

    random = np.random.default_rng(0)
    args = [random.normal(size=6).astype(np.float32), random.normal(size=6).astype(np.float32), np.float32(1e-6)]
    once = bounds(program, [np.asarray(a) for a in args], Rounding(None)).bound[0]
    alone = bounds(lambda x, y: x @ y, [np.asarray(a) for a in args[:2]], Rounding(None)).bound[0]
    assert 0 < once < alone


def test_operations_with_several_results_have_a_bound() -> None:
    def program(x: Any) -> Any:
        left, right = jnp.split(x * 3, [2])
        return jnp.sum(left) + jnp.sum(right * right)

    x = [np.random.default_rng(0).normal(size=5).astype(np.float32)]
    apart, together = (bounds(program, x, rounding).bound[0] for rounding in (Rounding(None), Rounding(UNIT)))
    assert 0 < together <= apart < 10 * together


CORNER = Case("conv(8) -> gn(2) @ 2x4x2x5", along="groups")


@functools.cache
def corner() -> Check:
    return Check(subject(CORNER), "float32")


def test_a_hessian_that_only_the_compiled_program_has() -> None:
    """Group normalisation along groups: exactly 0 operation by operation, and round-off of round-off once compiled."""
    found = [m for seed in range(4) for m in corner().run(seed, (1.0,)) if m.quantity == "Hessian row"]
    assert any(m.measured > 0 for m in found)
    assert all(m.measured <= m.bound < 1e-2 for m in found)


def test_with_one_rounding_for_all_uses_that_hessian_would_fail() -> None:
    import copy

    other = copy.copy(corner())
    other.judge = replace(other.judge, rounding=Rounding(UNIT))
    found = [m for seed in range(4) for m in other.run(seed, (1.0,)) if m.quantity == "Hessian row"]
    assert any(m.outcome == "FAILED" for m in found)


# --- what products round


def dot_error(rounding: Rounding) -> np.ndarray:
    replay = Replay(jax.make_jaxpr(lambda a, b: a @ b)(jnp.ones((2, 5)), jnp.ones((5, 3))))
    random = np.random.default_rng(0)
    record, _ = recorded(replay, [random.normal(size=(2, 5)), random.normal(size=(5, 3))])
    ((op, xs, ys),) = (step for step in record if step[0].name == "dot_general")
    errors = own_errors(op, xs, ys[0], rounding)
    assert errors is not None
    return np.asarray(sum(error.largest for error in errors))


def test_rounded_operands_of_products_count_twice() -> None:
    random = np.random.default_rng(0)
    magnitude = np.abs(random.normal(size=(2, 5))) @ np.abs(random.normal(size=(5, 3)))
    plain, operand = dot_error(Rounding(UNIT)), UNIT_ROUNDOFF["tf32"]
    np.testing.assert_allclose(plain[0], 6 * UNIT * magnitude, rtol=1e-6)
    np.testing.assert_allclose(dot_error(Rounding(UNIT, operand=operand))[0] - plain[0], 2 * operand * magnitude, rtol=1e-6)


def test_half_products_summed_in_float32_round_once_more() -> None:
    half = UNIT_ROUNDOFF["bfloat16"]
    narrow, wide = dot_error(Rounding(half)), dot_error(Rounding(half, accumulator=UNIT))
    assert (wide < narrow).all()
    assert (wide > 0).all()
    random = np.random.default_rng(0)
    result = np.abs(random.normal(size=(2, 5)) @ random.normal(size=(5, 3)))
    assert (wide[0] >= half * result).all()
