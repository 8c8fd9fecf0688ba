"""The depth of a sum in the compiled program is at least that of the tree which runs there, whatever the compiler made of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from bnproof.numeric.replay.op import Record
from bnproof.numeric.replay.replay import Replay
from bnproof.numeric.roundoff.precision import HALF, computing
from bnproof.numeric.roundoff.reduction_tree import depth
from bnproof.numeric.roundoff.rounding import Rounding, rounding_of
from bnproof.numeric.roundoff.running_error import reverse
from bnproof.numeric.roundoff.sum_depth import SumDepth

from .programs import PARTS, Program, compiled, identity_convolution, random_program

ALL = frozenset(PARTS)


def looked_up(program: Callable[..., Any], *shapes: tuple[int, ...], dtype: str = "float32") -> tuple[SumDepth, str]:
    """The depths of a program of arrays of these shapes, and its compiled text."""
    with computing(dtype):
        traced = jax.jit(program).trace(*(np.ones(shape, dtype) for shape in shapes))
        text = traced.lower().compile().as_text() or ""
        return SumDepth(text, traced.jaxpr), text


# -- what runs


def test_one_large_number_among_halves() -> None:
    """Just below and just above ½, beside 2²³: each addition one after the other rounds down, or up, and the mean moves by almost 1.

    The compiled program adds them up in the order of NHWC, deeper than the same sum by itself, whose depth gives too small a bound.
    """
    shape = (4, 4, 8, 8)

    def centred(x: Any, shift: Any) -> Any:
        z = identity_convolution(x, 1) + shift
        return z - z.mean((0, 2, 3), keepdims=True)

    x = np.full(shape, 0.4995, np.float32)
    x[0, :, 0, 0] = 2.0**23
    shifts = np.float32(0), np.float32(1e-3)
    traced = jax.jit(centred).trace(x, shifts[0])
    run = traced.lower().compile()
    before, after = (np.asarray(run(x, shift)).astype(np.float64) for shift in shifts)
    replay = Replay(jax.make_jaxpr(lambda x, s, t: centred(x, t) - centred(x, s))(x, *shifts))
    record: Record = []
    outputs = replay.run(replay.prepare([x, *shifts]), record)
    exact, at = outputs[0], (0, 0, 1, 1)
    moved = abs(float((after - before - exact[0])[at]))
    measured = rounding_of("float32", "cpu", run.as_text(), traced.jaxpr)

    def bound(rounding: Rounding) -> float:
        return float(reverse(record, outputs, [(0, at)], [], rounding).bound[0])

    assert moved > 0.9
    assert moved <= bound(measured)
    assert moved > bound(Rounding(None, depth))  # the sum alone: NCHW, another tree


@pytest.mark.parametrize("seed", range(40))
def test_random_programs(seed: int) -> None:
    """Planted numbers show how deep the tree is that runs, in every dtype and layout, with whatever is fused into it.

    In half types it is the sum itself that is looked at: a difference from the mean would be too coarse to count.
    """
    program = random_program(np.random.default_rng(seed))
    made = compiled(program)
    outputs = [*(["sum"] if "sum" in program.parts else []), *([] if program.dtype in HALF else ["centred"])]
    assert not made.depth.unreadable
    assert all(made.depth_seen(output) <= made.bound for output in outputs)


def test_planted_numbers_tell_depths() -> None:
    """What is measured is no constant: layouts and whatever is fused change it, and the text follows closely."""
    seen = {
        program: (compiled(program).depth_seen("centred"), compiled(program).bound)
        for channels, shape, axes in ((1, (4, 4, 8, 8), (0, 2, 3)), (3, (4, 8, 8, 4), (0, 1, 2)), (1, (8, 4, 20, 3), (0, 2, 3)))
        for program in (
            Program("float32", channels, shape, axes, frozenset(("convolution",))),
            Program("float32", channels, shape, axes, ALL),
            Program("float32", channels, shape, axes, frozenset()),
        )
    }
    assert len({depth for depth, _ in seen.values()}) >= 3
    assert all(depth <= bound for depth, bound in seen.values())
    assert sum(bound <= 4 * depth for depth, bound in seen.values()) >= len(seen) // 2


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_library_is_measured(dtype: str) -> None:
    """A large sum that a library carries out: far from one by one, and not less than what runs."""
    program = Program(dtype, 1, (16, 4, 8, 5), (0, 2, 3), frozenset(("convolution", "sum")))
    large = Program(dtype, 1, (16, 64, 8, 5), (0, 2, 3), frozenset(("convolution", "sum")))
    assert compiled(program).depth_seen("sum") <= compiled(program).bound
    assert "__ynn_fusion" in compiled(large).text, "another version of XLA: choose a sum that its library takes"
    assert compiled(large).depth_seen("sum") <= compiled(large).bound < large.count / 4


def test_half_types_that_round_each_addition() -> None:
    """If the compiled sum rounds to bfloat16 after each addition, each counts; 1 + u/2 + u/2 … shows whether it does."""
    program = Program("bfloat16", 1, (4, 4, 4, 4), (0, 2, 3), frozenset(("sum",)))
    made = compiled(program)
    x = np.full(program.shape, 2.0**-9)
    x[0, :, 0, 0] = 1
    added = float(np.asarray(made.run(x.astype(jnp.bfloat16))["sum"]).reshape(-1)[0])
    rounds_each = added < 1 + 20 * 2.0**-9
    assert made.bound >= (made.depth_seen("sum") if rounds_each else 1)


# -- what compilers make of sums


def test_two_sums_in_a_row_are_charged_as_one() -> None:
    """Merged: 9·11 numbers one after the other take part in more additions than in two sums."""
    found, text = looked_up(lambda x: x.sum(0).sum(0), (9, 11, 5))
    assert len(re.findall(r" reduce\(", text)) == 1
    assert found((9, 11, 5), (0,), "float32") == found((11, 5), (0,), "float32") == 98
    through, text = looked_up(lambda x: jax.jit(jnp.transpose)(x.sum(1)).sum(1), (9, 11, 5))
    assert len(re.findall(r" reduce\(", text)) == 1
    assert through((9, 11, 5), (1,), "float32") == 98
    apart, _ = looked_up(lambda x: jnp.exp(x.sum(1)).sum(0), (9, 11, 5))
    assert apart((9, 11, 5), (1,), "float32") == 10


def test_a_sum_of_parts_counts_one_by_one() -> None:
    found, text = looked_up(lambda x: jnp.concatenate([x, 2 * x]).sum(0), (50, 11, 5))
    assert " concatenate(" not in text
    assert found((100, 11, 5), (0,), "float32") == 99


def test_a_long_sum_is_a_chain() -> None:
    """Windows of 32, windows again, what is left: at most 31 + 31 + 31 additions, whatever the compiler does with each."""
    found, text = looked_up(lambda x: x.sum(0), (1000,))
    assert "reduce-window(" in text
    assert found((1000,), (0,), "float32") == 31 + 31
    assert found((1024,), (0,), "float32") == 62  # padding cannot be told from terms
    assert found((500,), (0,), "float32") == 499  # no sum of 500 is there


def test_a_cumulative_sum_is_no_sum_of_its_windows() -> None:
    found, _ = looked_up(lambda x: (jnp.cumsum(x), x.sum()), (300,))
    assert found((300,), (0,), "float32") == 299  # blocks of 16 that no traced sum has: they might be part of any
    assert found((16,), (0,), "float32") == 15


def test_a_sum_in_a_loop_is_found() -> None:
    def program(x: Any) -> Any:
        return jax.lax.fori_loop(0, 3, lambda _, y: y - y.mean(0), x)

    found, text = looked_up(program, (600, 40))
    assert " while(" in text
    assert found((600, 40), (0,), "float32") < 599


def test_a_product_that_is_not_understood() -> None:
    """A matrix product over 12 · 50 terms where the program has one over 50 and a sum of 12: the sum may be inside, so no bound."""
    found, text = looked_up(lambda a, b: (a @ b).sum(0), (12, 50), (50, 7))
    assert found((12, 7), (0,), "float32") == 11
    other = text.replace("f32[12,50]", "f32[12,600]").replace("f32[50,7]", "f32[600,7]")
    strange = SumDepth(other, jax.make_jaxpr(lambda a, b: (a @ b).sum(0))(np.ones((12, 50)), np.ones((50, 7))))
    assert strange((12, 7), (0,), "float32") == np.inf
    assert strange((13, 7), (0,), "float32") == 12


def test_nothing_to_add() -> None:
    found, _ = looked_up(lambda x: x.sum(0), (5, 4))
    assert [found((n, 4), (0,), "float32") for n in (0, 1, 2)] == [0, 0, 1]


def test_an_unreadable_text_leaves_the_worst_tree() -> None:
    program = jax.make_jaxpr(lambda x: x.sum(0).sum(0))(np.ones((9, 11, 5), np.float32))
    found = SumDepth("not a program", program)
    assert found.unreadable
    assert found((40, 5), (0,), "float32") == 39
    assert found((9, 11, 5), (0,), "float32") == 98


def test_no_line_can_be_left_out_to_make_a_sum_shallower() -> None:
    program = Program("float32", 1, (16, 64, 8, 5), (0, 2, 3), frozenset(("convolution", "sum")))
    made = compiled(program)
    traced = jax.make_jaxpr(program)(*(np.ones(program.shape, np.float32),) * 3)
    lines = made.text.splitlines()
    left = [SumDepth("\n".join([*lines[:k], *lines[k + 1 :]]), traced) for k in range(len(lines)) if " = " in lines[k]]
    assert any(found.unreadable for found in left)
    assert all(found(program.shape, program.axes, "float32") >= made.bound for found in left)
