"""The probable bound: what it is of simple programs, that runs keep to it, that it is tighter as √n is, and what it assumes."""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from bnproof.numeric.replay.op import Op, Record
from bnproof.numeric.replay.replay import Replay
from bnproof.numeric.roundoff.bounds import Bounds
from bnproof.numeric.roundoff.operation_error import EXACT, ROUNDED, remembered
from bnproof.numeric.roundoff.precision import UNIT_ROUNDOFF, storage
from bnproof.numeric.roundoff.probable import FAILURE, Part, deviations, divided, likely
from bnproof.numeric.roundoff.repeats import Repeats
from bnproof.numeric.roundoff.rounding import Rounding
from bnproof.numeric.roundoff.running_error import reverse_all

TRACED = Rounding(None)
"""Every operation rounds in the type it was traced in, every sum runs one by one."""


def bounded(f: Callable[..., Any], args: Sequence[Any], rounding: Rounding = TRACED) -> tuple[Bounds, list[np.ndarray]]:
    """The bounds of every entry of all outputs, and the outputs in float64."""
    replay, record = Replay(jax.make_jaxpr(f)(*args)), Record()
    outputs = replay.run(replay.prepare(args), record)
    entries = [(k, index) for k, y in enumerate(outputs) for index in np.ndindex(*y.shape[1:])]
    return reverse_all(record, outputs, entries, rounding, remembered(rounding, record)), [y[0] for y in outputs]


# --- the inequality


def test_deviations_hold_the_failure_for_all_entries_together() -> None:
    for entries in (1, 7, 10_000):
        assert entries * 2 * math.exp(-(deviations(entries) ** 2) / 2) == pytest.approx(FAILURE)
    assert deviations(100) > deviations(10) > deviations(10, 1e-3)


def test_hoeffding_on_the_worst_distribution() -> None:
    """Errors of ± their largest size: a bound that may fail once in a hundred runs fails so often at most, and not never."""
    random = np.random.default_rng(0)
    sizes = random.uniform(0.1, 1, 40)
    sums = np.abs(random.choice([-1.0, 1.0], (200_000, 40)) @ sizes)
    for failure in (0.3, 0.1, 0.01):
        exceeded = float((sums > deviations(1, failure) * np.linalg.norm(sizes)).mean())
        assert 0 < exceeded <= failure


def test_counting_some_in_full_is_the_best_choice_of_all() -> None:
    random = np.random.default_rng(1)
    for _ in range(50):
        count = int(random.integers(1, 8))
        fixed, norm = 10 ** random.uniform(-3, 0, (count, 1)), 10 ** random.uniform(-3, 1, (count, 1))
        bound = fixed + norm * 10 ** random.uniform(-1, 2, (count, 1))
        parts = [Part("op", None, b, f, n) for b, f, n in zip(bound, fixed, norm, strict=True)]
        best = min(
            sum(bound[k, 0] if k in full else fixed[k, 0] for k in range(count))
            + 7 * math.sqrt(sum(norm[k, 0] ** 2 for k in range(count) if k not in full))
            for size in range(count + 1)
            for full in itertools.combinations(range(count), size)
        )
        assert float(likely(parts, 7.0)[0]) == pytest.approx(best)


def test_what_is_not_finite_is_not_likely() -> None:
    parts = [Part("op", None, *(np.array(row) for row in ([1.0, np.inf, 1.0], [0.0, np.inf, np.nan], [1.0, np.inf, 1.0])))]
    found = likely(parts, 0.1)
    assert found[0] == pytest.approx(0.1)
    assert np.isinf(found[1:]).all()


def test_every_operation_that_rounds_is_one_error_or_counts_in_full() -> None:
    """In full: what follows the argument. Nothing is less than its square root, nor more than all."""
    chance = {"add", "add_any", "sub", "mul", "sqrt", "square", "rem"}
    for name, times in ROUNDED.items():
        random, full = divided(Op(name, {}, list), times, 1.0, TRACED)
        assert random + full == times
        assert (random > 0) == (name in chance or name == "div"), name
    assert divided(Op("div", {}, list), 2, 1.0, TRACED) == (1.0, 1.0)
    assert divided(Op("integer_pow", {}, list), 3, 1.0, TRACED) == (3.0, 0.0)
    for name in ("reduce_sum", "dot_general", "conv_general_dilated", "scatter-add"):
        assert divided(Op(name, {}, list), 16, 1.0, TRACED) == (4.0, 0.0)
    for name in ("cumsum", "cumprod", "reduce_window_sum", "something new"):
        assert divided(Op(name, {}, list), 16, 1.0, TRACED) == (0.0, 16.0)
    assert divided(Op("reduce_sum", {}, list), 0.25, 1.0, TRACED) == (0.25, 0.0)
    assert "convert_element_type" in EXACT  # which rounds nothing unless it narrows


def test_operands_rounded_beforehand_count_in_full() -> None:
    u, operand, terms = 2.0**-24, 2.0**-11, 17
    random, full = divided(
        Op("dot_general", {}, list), terms + 1, u + 2 * operand / (terms + 1), Rounding(None, operand=operand)
    )
    assert full == 2 * operand
    assert random == pytest.approx(math.sqrt(terms + 1) * u)


# --- simple programs


def test_the_sum_of_the_book() -> None:
    x = np.arange(1.0, 1025.0, dtype=np.float32)
    bounds, (total,) = bounded(jnp.sum, [x])
    assert bounds.bound[0] == pytest.approx(2.0**-24 * 1023 * total + 1023 * np.finfo(np.float32).tiny)
    assert bounds.probable(1)[0] == pytest.approx(deviations(1) * 2.0**-24 * math.sqrt(1023) * total)
    assert bounds.probable(1)[0] < bounds.bound[0] / 4


def test_a_few_roundings_gain_nothing() -> None:
    bounds, _ = bounded(lambda a, b: (a + b) * b, [np.float32(1.1), np.float32(0.7)])
    assert bounds.probable(1)[0] == pytest.approx(bounds.bound[0])


def test_parts_make_up_the_bound() -> None:
    random = np.random.default_rng(2)
    x = random.normal(size=(6, 40)).astype(np.float32)
    bounds, _ = bounded(lambda a: jnp.tanh(a @ a.T) / (1 + jnp.sum(a * a)), [x])
    np.testing.assert_allclose(sum(part.bound for part in bounds.parts), bounds.bound)
    assert all((part.fixed <= part.bound).all() for part in bounds.parts)
    assert (bounds.probable(36) <= bounds.bound).all()
    assert (bounds.probable(36, 1e-3) <= bounds.probable(36, 1e-12)).all()


def test_small_and_large_numbers_leave_no_square_behind() -> None:
    """Squares of 1e-200 are 0 and of 1e200 infinite: the bound must notice neither."""
    for size in (1e-200, 1.0, 1e200):
        x = size * np.arange(1.0, 101.0)
        with jax.enable_x64(True):
            bounds, (total,) = bounded(jnp.sum, [x])
        assert bounds.probable(1)[0] >= deviations(1) * 2.0**-53 * math.sqrt(99) * float(total) * 0.999
        assert bounds.probable(1)[0] <= bounds.bound[0]


# --- numbers that are rounded alike


def part_of(bounds: Bounds, operation: str) -> Part:
    return next(part for part in bounds.parts if part.operation == operation)


def test_repeated_numbers_are_one_error() -> None:
    def repeated(a: Any, b: Any) -> Any:
        return jnp.sum(jnp.broadcast_to(a, (256,)) * jnp.broadcast_to(b, (256,)))

    alike = part_of(bounded(repeated, [np.float32(1.1), np.float32(0.7)])[0], "mul")
    random = np.random.default_rng(3)
    x, y = random.normal(size=(2, 256)).astype(np.float32)
    unlike = part_of(bounded(lambda a, b: jnp.sum(a * b), [x, y])[0], "mul")
    assert alike.norm[0] == pytest.approx(alike.bound[0] - alike.fixed[0])
    assert unlike.norm[0] < (unlike.bound[0] - unlike.fixed[0]) / 8


def test_repeated_numbers_exceed_a_bound_that_takes_them_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """256 equal products are rounded alike: the total is off by 256 times what one is."""

    def total(a: Any, b: Any) -> Any:
        return jnp.sum(jnp.broadcast_to(a, (4096,)) * jnp.broadcast_to(b, (4096,)))

    random = np.random.default_rng(4)
    pairs = random.uniform(1, 1.4, (400, 2)).astype(np.float32)
    exact = pairs[:, 0].astype(np.float64) * pairs[:, 1]
    a, b = pairs[np.abs((pairs[:, 0] * pairs[:, 1]).astype(np.float64) - exact).argmax()]

    error = abs(float(np.float32(a) * np.float32(b)) - float(a) * float(b)) * 4096
    bounds, _ = bounded(total, [a, b], Rounding(None, depth=lambda *_: 0))  # the sum itself, as in float64
    assert error <= bounds.probable(1)[0]
    monkeypatch.setattr(Repeats, "__call__", lambda self, y: 1.0)
    apart, _ = bounded(total, [a, b], Rounding(None, depth=lambda *_: 0))
    assert error > apart.probable(1)[0]


def test_an_operation_traced_twice_is_one_error() -> None:
    random = np.random.default_rng(5)
    x, y = random.normal(size=(2, 1)).astype(np.float32)
    twice = bounded(lambda a, b: (a * b) - (3 * (b * a)), [x, y])[0]
    products = [part for part in twice.parts if part.operation == "mul"]
    repeats = [p.norm[0] / (p.bound[0] - p.fixed[0]) for p in products]
    assert sorted(round(r, 6) for r in repeats) == [1.0, round(math.sqrt(2), 6), round(math.sqrt(2), 6)]


def test_half_types_have_few_numbers() -> None:
    random = np.random.default_rng(6)
    x = random.normal(size=5000).astype(storage("bfloat16"))
    bounds, _ = bounded(lambda a: jnp.sum((a * a).astype(jnp.float32)), [x])
    few = part_of(bounds, "mul").norm[0]
    many = part_of(bounded(lambda a: jnp.sum(a * a), [random.normal(size=5000).astype(np.float32)])[0], "mul").norm[0]
    assert few / UNIT_ROUNDOFF["bfloat16"] > 2 * many / UNIT_ROUNDOFF["float32"]


def test_uses_that_may_be_rounded_apart_add_up_before_they_are_squared() -> None:
    def used_twice(a: Any) -> Any:
        square = a * a
        return square * 1.5 - (square + 1)

    bounds, _ = bounded(used_twice, [np.array([1.3], np.float32)])
    products = [part for part in bounds.parts if part.operation == "mul"]
    assert any(part.norm[0] >= 2.5 * 2.0**-24 * 1.69 * (1 - 1e-6) for part in products)  # 1.5 + 1, and not 1.5 − 1


# --- runs keep to it


def added_one_by_one(x: Any) -> Any:
    return lax.scan(lambda total, v: (total + v, None), jnp.zeros((), x.dtype), x)[0]


def norm(x: Any) -> Any:
    centred = x - added_one_by_one(x) / x.size
    return centred / jnp.sqrt(added_one_by_one(centred * centred) / x.size + 1e-3)


def gradient(x: Any, c: Any) -> Any:
    """Of the loss Σ c·norm(x + b) with respect to b: 0 over the reals."""
    return jax.grad(lambda b: jnp.sum(c * norm(x + b)))(jnp.zeros((), x.dtype))


PROGRAMS: dict[str, tuple[Callable[..., Any], Sequence[tuple[int, ...]]]] = {
    "sum": (added_one_by_one, [(300,)]),
    "mean of squares": (lambda x: added_one_by_one(x * x) / x.size, [(300,)]),
    "dot": (lambda x, y: x @ y, [(400,), (400,)]),
    "products": (lambda x, y: jnp.tanh(x @ y.T / 8) @ y, [(12, 40), (12, 40)]),
    "norm": (lambda x: norm(x)[:3], [(120,)]),
    "gradient": (gradient, [(120,), (120,)]),
    "softmax": (lambda x: jax.nn.softmax(x)[0], [(4, 200)]),
    "conv": (
        lambda x, w: lax.conv_general_dilated(x, w, (1, 1), "SAME")[0, 0, :3, :3],
        [(1, 6, 8, 8), (2, 6, 3, 3)],
    ),
}


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_runs_keep_to_it_and_it_is_tighter(name: str, dtype: str) -> None:
    f, shapes = PROGRAMS[name]
    run = jax.jit(f)
    ratios: list[float] = []
    tighter: list[float] = []
    for seed in range(12):
        random = np.random.default_rng(seed)
        args = [random.normal(size=shape).astype(storage(dtype)) for shape in shapes]
        bounds, exact = bounded(f, args)
        probable = bounds.probable(exact[0].size)
        error = np.abs(np.asarray(run(*args)).astype(np.float64) - exact[0]).reshape(-1)
        ratios += list(error / probable)
        tighter += list(bounds.bound / probable)
    print(f"{name}, {dtype}: error / probable up to {max(ratios):.2f}, worst case / probable {statistics.median(tighter):.1f}")
    assert max(ratios) <= 1
    assert max(ratios) > 1e-4
    assert min(tighter) >= 1 - 1e-12
    if name in ("sum", "dot", "mean of squares") and dtype == "float32":
        n = shapes[0][0]
        assert statistics.median(tighter) > 0.7 * math.sqrt(n) / deviations(1)


def test_tightening_grows_as_the_root_of_n() -> None:
    random = np.random.default_rng(7)
    found = []
    for n in (400, 1600, 6400):
        bounds, _ = bounded(jnp.sum, [random.normal(size=n).astype(np.float32)])
        found.append(bounds.bound[0] / bounds.probable(1)[0])
    np.testing.assert_allclose(found, [math.sqrt(n - 1) / deviations(1) for n in (400, 1600, 6400)], rtol=1e-3)


def test_errors_that_all_go_one_way_exceed_it_and_not_the_worst_case() -> None:
    """Ones added up in bfloat16 stop at 256: every later error is −1. The assumption is false there, and the bound that needs it fails."""
    ones = np.ones(1024, storage("bfloat16"))
    bounds, (exact,) = bounded(added_one_by_one, [ones])
    error = abs(float(np.asarray(jax.jit(added_one_by_one)(ones)).astype(np.float64)) - float(exact))
    assert error == 1024 - 256
    assert bounds.probable(1)[0] < error <= bounds.bound[0]
