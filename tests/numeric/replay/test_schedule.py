"""A schedule runs in any arithmetic: here its numbers are words, so that what is computed from what can be read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from bnproof.jaxpr import LOOPS
from bnproof.numeric.replay.control import control
from bnproof.numeric.replay.op import Evaluation, Op
from bnproof.numeric.replay.schedule import Control, Schedule, Scheduler

HELD = np.array([2.5, 3.5], np.float32)


def words(*texts: str) -> np.ndarray:
    return np.array(texts, object)


class Words:
    """A constant is its digits and its dtype, an operation its name and its operands in brackets."""

    def constant(self, value: np.ndarray) -> np.ndarray:
        return np.asarray(f"{value.tolist()}:{value.dtype}", object)

    def step(self, equation: Any, scheduled: Callable[[Any], Schedule]) -> Op | Control:
        name = equation.primitive.name
        if name in LOOPS:
            return control(equation, scheduled, {})
        return Op(name, {}, list, lambda _, *xs: words(f"{name}({', '.join(str(x[0]) for x in xs)})"))


def run(f: Callable[..., Any], *shapes: tuple[int, ...], shared: Callable[[str], bool] = lambda name: False) -> Any:
    """(the schedule of f for float32 arguments of these shapes, its outputs in words for arguments a, b, …)."""
    jaxpr = jax.make_jaxpr(f)(*(jax.ShapeDtypeStruct(shape, "float32") for shape in shapes))
    schedule = Scheduler(Words(), {}, shared)(jaxpr)
    given = [words(letter) for letter in "abc"[: len(shapes)]]
    return schedule, [str(y[0]) for y in schedule.run(given, Evaluation())]


def test_nested_programs_are_inlined_and_literals_are_read_in_their_dtype() -> None:
    _, outputs = run(lambda a, b: jax.jit(lambda v: jnp.sin(v) * 2.0)(a) + b, (), ())
    assert outputs == ["add(mul(sin(a), 2.0:float32), b)"]


def test_what_no_output_needs_is_dropped() -> None:
    def f(a: Any) -> Any:
        _ = jnp.cos(a) * HELD
        return jnp.sin(a)

    schedule, outputs = run(f, (2,))
    assert outputs == ["sin(a)"]
    assert [op.name for op, *_ in schedule.steps] == ["sin"]
    assert schedule.constants == {}


def test_operations_are_shared_only_where_asked() -> None:
    def f(a: Any) -> Any:
        return (lax.sin(a) - lax.cos(a)) + (lax.sin(a) - lax.cos(a))

    for shared, count in ((lambda name: False, 7), (lambda name: name == "sin", 6), (lambda name: True, 4)):
        schedule, outputs = run(f, (), shared=shared)
        assert outputs == ["add(sub(sin(a), cos(a)), sub(sin(a), cos(a)))"]
        assert len(schedule.steps) == count


def test_slots_are_freed_after_their_last_use() -> None:
    schedule, _ = run(lambda a: lax.sin(lax.cos(a)) + a, ())
    freed = [len(frees) for *_, frees in schedule.steps]
    assert freed == [0, 1, 2]


def test_a_scan_runs_in_any_arithmetic() -> None:
    class Rows(Words):
        def step(self, equation: Any, scheduled: Callable[[Any], Schedule]) -> Op | Control:
            if equation.primitive.name in LOOPS:
                return control(equation, scheduled, {})
            return Op("sum", {}, list, lambda _, *xs: xs[0] + xs[1])

    def f(step: Any, start: Any, rows: Any) -> Any:
        return lax.scan(lambda c, x: (c + x, c + step), start, rows, reverse=True)

    structs = [jax.ShapeDtypeStruct(shape, "float32") for shape in ((), (), (3,))]
    schedule = Scheduler(Rows(), {})(jax.make_jaxpr(f)(*structs))
    rows = np.array([["x", "y", "z"]], object)
    end, collected = schedule.run([words("s"), words("c"), rows], Evaluation())
    assert end.tolist() == ["czyx"]
    assert collected.tolist() == [["czys", "czs", "cs"]]


def test_arguments_come_with_their_dtypes_and_their_number_is_checked() -> None:
    schedule, _ = run(lambda a, b: a + b, (2,), (2,))
    assert [(x, np.dtype(dtype).name) for x, dtype in schedule.arguments(["p", "q"])] == [("p", "float32"), ("q", "float32")]
    with pytest.raises(ValueError, match="the program takes 2 arguments, not 3"):
        schedule.arguments(["p", "q", "r"])
