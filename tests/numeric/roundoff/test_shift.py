"""Shifts that move the output, shifts that do not, and how both are measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from bnproof.numeric.replay.op import Op
from bnproof.numeric.replay.replay import Replay
from bnproof.numeric.roundoff import running_error, shift
from bnproof.numeric.roundoff.rounding import Rounding
from bnproof.numeric.roundoff.shift import SHARED, Change, Shift, Unshifted

RNG = np.random.default_rng(1)


def program(x: Any, w: Any, b: Any, beta: Any, key: Any) -> tuple[Any, Any]:
    z = lax.conv_general_dilated(x, w, (1, 1), "SAME", dimension_numbers=("NCHW", "OIHW", "NCHW")) + b[:, None, None]
    centred = z - jnp.mean(z, (0, 2, 3), keepdims=True)
    y = centred / jnp.sqrt(jnp.mean(centred**2, (0, 2, 3), keepdims=True) + 1e-5) + beta[:, None, None]
    return jax.nn.relu(y) * jax.random.bernoulli(key, 0.8, y.shape), jnp.argmax(y)


ARGS: list[Any] = [RNG.normal(size=s) for s in ((2, 3, 5, 5), (4, 3, 3, 3), (4,), (4,))] + [jax.random.key(0)]
REPLAY = Replay(jax.make_jaxpr(program)(*(jnp.asarray(a) if isinstance(a, np.ndarray) else a for a in ARGS)))
SHIFTS = [(2, 0.7), (3, 0.7), (2, np.array([1.0, -2.0, 0.1, 0.0])), (0, -1.5), (3, np.array([0.0, 0.0, 0.0, 1e-3]))]
MOVES = [False, True, False, True, True]


def moved(replay: Replay, args: list[Any], shifts: list[Shift]) -> list[Change]:
    return Unshifted(replay, args).moved(shifts)


def agree(replay: Replay, args: list[Any], shifts: list[Shift]) -> Change:
    """Of all outputs the one that disagrees most."""
    return max(Unshifted(replay, args).agree(shifts), key=lambda change: change.factor)


@pytest.fixture(autouse=True, scope="module")
def quick_compilation() -> Iterator[None]:
    """XLA without optimisations: the programs are tiny, and compiling them takes nearly all the time."""
    before = jax.config.read("jax_disable_most_optimizations")
    jax.config.update("jax_disable_most_optimizations", True)
    yield
    jax.config.update("jax_disable_most_optimizations", before)


def test_what_moves_and_what_does_not() -> None:
    for change, moves in zip(moved(REPLAY, ARGS, SHIFTS), MOVES, strict=True):
        assert change.finite
        assert 0 < change.bound < 1e-10
        assert change.factor > 1e6 if moves else change.factor <= 1
        assert change.output == 0


def test_copies_at_once_and_one_by_one_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    together = moved(REPLAY, ARGS, SHIFTS)
    monkeypatch.setattr(shift, "LARGEST", 0)
    for a, b, moves in zip(together, moved(REPLAY, ARGS, SHIFTS), MOVES, strict=True):
        assert a.change == pytest.approx(b.change, rel=1e-9, abs=1e-13)
        if moves:
            assert (a.output, a.index) == (b.output, b.index)
            assert a.bound == pytest.approx(b.bound, rel=1e-9)


def test_changes_are_those_of_two_runs() -> None:
    before, after = REPLAY(ARGS)[0], REPLAY([ARGS[0] - 1.5, *ARGS[1:]])[0]
    differences = np.abs(after - before)
    (alone,) = moved(REPLAY, ARGS, [(0, -1.5)])
    assert alone.change == pytest.approx(differences.max(), rel=1e-12)
    beside = moved(REPLAY, ARGS, SHIFTS)[3]
    assert beside.change >= SHARED * differences.max()
    for change in (alone, beside):
        assert differences[change.index] == pytest.approx(change.change, rel=1e-12)


def test_a_bound_is_that_of_two_separate_reverse_passes() -> None:
    """What is taken over from the unshifted run, and shared with other shifts, changes no bound."""
    prepared = REPLAY.prepare(ARGS)
    for (position, amount), change in zip(SHIFTS, moved(REPLAY, ARGS, SHIFTS), strict=True):
        by = np.broadcast_to(amount, np.shape(ARGS[position]))
        shifted = [x + by if k == position else x for k, x in enumerate(prepared)]
        inexact = [(shifted[position], np.abs(by) + np.abs(shifted[position]))]
        total = 0.0
        for arguments, rounded in ((prepared, []), (shifted, inexact)):
            record: Any = []
            outputs = REPLAY.run(arguments, record)
            total += running_error.reverse(record, outputs, [(change.output, change.index)], rounded, Rounding()).bound[0]
        assert change.bound == pytest.approx(total, rel=1e-9)


def test_the_unshifted_run_is_bounded_once_and_not_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    passes: list[int] = []
    evaluated: list[str] = []
    reverse, numbers = shift.reverse, Op.numbers

    def counted(*args: Any) -> Any:
        passes.append(len(args[2]))
        return reverse(*args)

    def noted(self: Op, inputs: Any) -> list[Any]:
        evaluated.append(self.name)
        return numbers(self, inputs)

    monkeypatch.setattr(shift, "reverse", counted)
    monkeypatch.setattr(shift, "LARGEST", 0)
    run = Unshifted(REPLAY, ARGS)
    monkeypatch.setattr(Op, "numbers", noted)
    every = run.moved([(3, np.eye(4)[0] * amount) for amount in (0.1, 0.2, 0.3, 0.4)])  # one channel's β: it moves alike
    assert len({(change.output, change.index) for change in every}) == 1
    assert len(passes) == 1 + 4
    assert evaluated.count("conv_general_dilated") == 1  # its terms' magnitude, for the bound; no β reaches it


def test_joint_shifts() -> None:
    assert agree(REPLAY, ARGS, [(2, 0.7), (2, np.arange(4.0))]).factor <= 1
    assert agree(REPLAY, ARGS, [(2, 0.7), (3, 0.7)]).factor > 1e6
    both = Replay(jax.make_jaxpr(lambda a, b: ((a + b) * 3, a * 0.1 + 1e6))(1.0, 1.0))
    assert agree(both, [1.0, 2.0], [(0, 0.25), (1, -0.25)]).output == 1
    assert agree(Replay(jax.make_jaxpr(lambda a, b: (a + b) * 3)(1.0, 1.0)), [1.0, 2.0], [(0, 0.3), (1, -0.3)]).factor <= 1


def test_branches_that_differ_run_one_by_one() -> None:
    def branching(x: Any) -> Any:
        return lax.while_loop(lambda v: jnp.sum(v) < 50, lambda v: v * 2, lax.cond(x[0] > 0, lambda v: v * 3, jnp.exp, x))

    replay = Replay(jax.make_jaxpr(branching)(jnp.ones(3)))
    x = np.array([-0.5, 1.0, 2.0])
    changes = moved(replay, [x], [(0, 1.0), (0, 0.25), (0, 30.0)])
    for change, amount in zip(changes, (1.0, 0.25, 30.0), strict=True):
        assert change.change == np.abs(replay([x + amount])[0] - replay([x])[0]).max()


def test_not_finite_is_said() -> None:
    replay = Replay(jax.make_jaxpr(lambda a: (jnp.log(a), a * 2))(1.0))
    below, above = moved(replay, [1.0], [(0, -2.0), (0, 2.0)])
    assert (below.output, above.output) == (1, 1)  # a NaN in one output does not blind the other
    assert below.finite
    assert above.finite
    assert [change.entire for change in Unshifted(replay, [1.0]).agree([(0, -2.0)])] == [False, True]
    (nowhere,) = moved(Replay(jax.make_jaxpr(jnp.log)(1.0)), [-1.0], [(0, 0.5)])
    assert not nowhere.finite
    assert nowhere.change == 0


def test_nan_in_one_entry_does_not_blind_the_others() -> None:
    replay = Replay(jax.make_jaxpr(lambda a: a / a)(jnp.ones(3)))
    run = Unshifted(Replay(jax.make_jaxpr(lambda a, b: b * (a / a))(jnp.ones(3), 1.0)), [np.array([0.0, 1.0, 2.0]), 1.0])
    (change,) = run.moved([(1, 0.5)])
    assert change.finite
    assert change.index != (0,)
    assert not run.valueless
    assert Unshifted(replay, [np.zeros(3)]).valueless


def test_an_infinite_bound_names_the_operation() -> None:
    replay = Replay(jax.make_jaxpr(lambda a: jnp.linalg.cholesky(a) * 2)(jnp.eye(2)))
    (change,) = moved(replay, [np.eye(2) + 0.5], [(0, 1.0)])
    assert change.change > 0
    assert change.bound == np.inf
    assert change.unknown == "cholesky"


def test_nothing_to_shift_and_nothing_to_see() -> None:
    assert moved(REPLAY, ARGS, []) == []
    whole = Unshifted(Replay(jax.make_jaxpr(lambda a: a > 0)(1.0)), [1.0])
    assert whole.floating == []
    assert whole.moved([(0, 1.0)]) == []
    assert [change.change for change in whole.agree([(0, 1.0)])] == [0.0]
    assert [change.change for change in whole.agree([(0, -3.0)])] == [1.0]
    assert replace(Change(0.0, 0, (), 0.0, True)).factor == 0
