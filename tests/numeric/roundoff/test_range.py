"""Numbers that a format does not hold are found and named, whatever becomes of them; what it does hold is left alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from bnproof.numeric.replay.op import Record
from bnproof.numeric.replay.replay import Replay
from bnproof.numeric.roundoff.forward import forward
from bnproof.numeric.roundoff.operation_error import own_errors, remembered
from bnproof.numeric.roundoff.precision import computing, storage
from bnproof.numeric.roundoff.range import Range, flushes
from bnproof.numeric.roundoff.rounding import Rounding, rounding_of

Program = Callable[..., Any]
FLUSHED = ["float64", "float32", "bfloat16"]


def looked_at(program: Program, dtype: str, *args: Any) -> Range:
    given = [np.asarray(a).astype(storage(dtype)) for a in args]
    with computing(dtype):
        replay = Replay(jax.make_jaxpr(program)(*given))
    record: Record = []
    outputs = replay.run(replay.prepare(given), record)
    rounding = rounding_of(dtype, "cpu")
    own = remembered(rounding, record)
    found = Range(rounding, own, "cpu")
    found.inputs(record)
    forward(record, own, outputs, found.seen)
    return found


def outside(program: Program, dtype: str, *args: Any) -> str:
    return looked_at(program, dtype, *args).outside


def run(program: Program, dtype: str, *args: Any) -> Any:
    with computing(dtype):
        return np.asarray(jax.jit(program)(*(np.asarray(a).astype(storage(dtype)) for a in args))).astype(np.float64)


def largest(dtype: str) -> float:
    return float(jnp.finfo(dtype).max)


def least(dtype: str) -> float:
    return float(jnp.finfo(dtype).tiny)


def test_which_types_flush_what_is_too_small() -> None:
    """As the compiled programs show; no constant of ours."""
    for dtype in (*FLUSHED, "float16"):
        made = run(lambda x, y: (x * y) * 4, dtype, np.full(8, least(dtype)), np.full(8, 0.5))
        assert flushes(dtype, "cpu") == (made[0] == 0)
    assert [flushes(dtype, "cpu") for dtype in (*FLUSHED, "float16")] == [True, True, True, False]


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_an_overflow_that_is_absorbed_is_named(dtype: str) -> None:
    """1 / (1 + x²) is 0 where x² overflows: finite, and wrong by everything that it is multiplied by."""
    x = np.full(4, 4.0 * largest(dtype) ** 0.5)
    program: Program = lambda x: 1 / (1 + x * x)  # noqa: E731
    if dtype != "bfloat16":
        assert (run(program, dtype, x) == 0).all()
    assert "`mul` makes a value of" in outside(program, dtype, x)
    assert f"beyond the largest {dtype}" in outside(program, dtype, x)
    assert outside(program, dtype, x / 8) == ""


def test_float64_overflows_as_well() -> None:
    assert outside(lambda x: 1 / (1 + x * x), "float64", np.full(3, 1e200)) == (
        "`mul` makes a value without bound on the way, beyond the largest float64"
    )


def test_a_sum_whose_parts_overflow() -> None:
    x = np.array([3e38, 3e38, -3e38, -3e38])
    assert "a part of `reduce_sum`" in outside(jnp.sum, "float32", x)
    assert outside(jnp.sum, "float32", x / 4) == ""
    assert "a part of `dot_general`" in outside(lambda x: x @ x[::-1], "float32", np.array([3e19, 3e19, -3e19, 3e19]) * 0.5)
    assert "a part of `reduce_prod`" in outside(jnp.prod, "float32", np.array([1e30, 1e30, 1e-30, 1e-30]))


def test_half_products_add_up_in_float32() -> None:
    """So that parts of the sum may be larger than the half type holds; the sum itself may not."""
    x, w = np.full(64, 100.0), np.tile([1.0, -1.0], 32)
    assert outside(lambda x, w: jnp.dot(x, 100 * w), "float16", x, w) == ""
    assert "`dot_general` makes a value of 6.4e+05" in outside(lambda x, w: jnp.dot(x, 100 * w), "float16", x, np.abs(w))


@pytest.mark.parametrize("dtype", FLUSHED)
def test_what_is_flushed_is_named(dtype: str) -> None:
    x = np.full(4, least(dtype) ** 0.5 / 8)
    assert (run(lambda x: (x * x) * 64, dtype, x) == 0).all()
    assert f"below the normal range of {dtype}" in outside(lambda x: (x * x) * 64, dtype, x)
    assert outside(lambda x: (x * x) * 64, dtype, x * 16) == ""


@pytest.mark.parametrize("dtype", FLUSHED)
def test_arguments_and_constants_are_flushed_as_they_are_read(dtype: str) -> None:
    small = least(dtype) / 4
    assert "an operand of `add`" in outside(lambda x: x + 1, dtype, np.array([1.0, small]))
    assert "an operand of `mul`" in outside(lambda x: x * jnp.asarray(small, x.dtype), dtype, np.ones(2))
    assert outside(lambda x: x + 1, dtype, np.array([1.0, 0.0])) == ""


def test_float16_keeps_what_is_small() -> None:
    assert outside(lambda x: (x * x) * 64, "float16", np.full(4, 1e-3)) == ""
    assert outside(lambda x: x + 1, "float16", np.full(4, 1e-6)) == ""


def test_round_off_of_an_exact_zero_is_not_told_from_it() -> None:
    """(x − mean)² of equal numbers is 0, or the square of round-off: in float64 far below bfloat16's normal range."""
    assert outside(lambda x: (x * 3 - jnp.mean(x * 3)) ** 5, "float32", np.full(6, 0.7)) == ""


def test_masks_do_no_harm() -> None:
    mask = np.array([True, False, True, True])
    for low in (-np.inf, float(jnp.finfo("float32").min)):
        masked: Program = lambda x, low=low: jax.nn.softmax(jnp.where(mask, x * 3, low))  # noqa: E731
        added: Program = lambda x, low=low: jax.nn.softmax(x * 3 + jnp.where(mask, 0.0, low))  # noqa: E731
        for program in (masked, added):
            assert outside(program, "float32", np.array([0.3, 1.0, -2.0, 4.0])) == ""


def test_poles_that_a_select_leaves_out_are_no_overflow() -> None:
    found = looked_at(lambda x: jnp.where(x > 0, jnp.log(x), 0) + jnp.where(x > 0, 1 / x, 0), "float32", np.array([0.0, 1.0]))
    assert found.outside == ""
    assert "divides by 0" in found.pole


def test_a_reciprocal_that_overflows() -> None:
    """A compiler may take x/y as x·(1/y)."""
    assert "a reciprocal that stands for `div`" in outside(lambda x: x / x[::-1], "float16", np.array([5e-6, 1e-5]))
    assert outside(lambda x: x / x[::-1], "float16", np.array([5e-4, 1e-4])) == ""


def test_a_reciprocal_that_is_flushed_is_off_by_all_of_the_quotient() -> None:
    """x/y of a y of 1.7e38 is 1/2 and, as XLA compiles it for one y and many x, 0."""
    x, y = np.full(16, largest("float32") / 4), np.asarray(largest("float32") / 2)
    error = abs(run(lambda x, y: x / y, "float32", x, y)[0] - 0.5)
    assert error == 0.5
    record: Record = []
    replay = Replay(jax.make_jaxpr(lambda x, y: x / y)(x.astype(np.float32), y.astype(np.float32)))
    replay.run(replay.prepare([x, y]), record)
    ((op, xs, ys),) = (step for step in record if step[0].name == "div")
    errors = own_errors(op, xs, ys[0], Rounding(None))
    assert errors is not None
    assert np.sum([part.largest[0, 0] for part in errors]) >= error


def test_quotients_of_quotients() -> None:
    """A compiler may take (a/b)/c as a/(b·c)."""
    x = np.full(3, 1e25)
    assert "two of `div`" in outside(lambda a: (a / a) / (a * 2), "float32", x)
    assert outside(lambda a: (a / a) / (a * 2), "float32", np.full(3, 1e15)) == ""


def test_a_loop_is_looked_into() -> None:
    grown: Program = lambda x: 1 / lax.fori_loop(0, 5, lambda _, v: v * v, x)  # noqa: E731
    assert "`mul` makes" in outside(grown, "float32", np.full(2, 1e3))
    assert outside(grown, "float32", np.full(2, 2.0)) == ""


def test_numbers_that_a_compiler_may_multiply_first() -> None:
    """(x·c₁)·c₂ as x·(c₁c₂): each product of x is held, and that of the numbers is not."""
    few = np.full(3, 1e-20, np.float32)
    assert "a product of two numbers" in outside(lambda x: (x * 1e30) * 1e20, "float32", few)
    assert "below the normal range" in outside(lambda x: (x * 1e-30) * 1e-20, "float32", np.full(3, 1e20, np.float32))
    assert "a product of two numbers" in outside(lambda x, c: (x * c) * 1e20, "float32", few, np.float32(1e30))
    assert outside(lambda x: (x * 1e20) * 1e10, "float32", few) == ""
    assert outside(lambda x: jnp.sum(x * 1e30) * 1e10, "float32", few) == ""  # a sum is between them
