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

from bnproof.numeric.replay.replay import Replay
from bnproof.numeric.roundoff import shift
from bnproof.numeric.roundoff.shift import Change, agree, moved

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
    change = moved(REPLAY, ARGS, SHIFTS)[3]
    after = REPLAY([ARGS[0] - 1.5, *ARGS[1:]])[0]
    differences = np.abs(after - REPLAY(ARGS)[0])
    assert change.change == pytest.approx(differences.max(), rel=1e-12)
    assert differences[change.index] == pytest.approx(change.change, rel=1e-12)


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
    assert (below.finite, above.finite) == (False, True)
    assert not agree(replay, [1.0], [(0, -2.0)]).finite


def test_nothing_to_shift_and_nothing_to_see() -> None:
    assert moved(REPLAY, ARGS, []) == []
    with pytest.raises(ValueError, match="no floating output"):
        moved(Replay(jax.make_jaxpr(lambda a: a > 0)(1.0)), [1.0], [(0, 1.0)])
    assert replace(Change(0.0, 0, (), 0.0, True)).factor == 0
