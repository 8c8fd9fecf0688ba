"""Changes that hang on round-off or on what is no number, and changes that do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from bnproof.numeric.replay.op import Record
from bnproof.numeric.replay.replay import Replay
from bnproof.numeric.roundoff.beyond import beyond
from bnproof.numeric.roundoff.jumps import near_jump
from bnproof.numeric.roundoff.rounding import Rounding
from bnproof.numeric.roundoff.shift import Change, Unshifted

U = 2.0**-53


def recorded(function: Callable[..., Any], *args: Any) -> Record:
    record: Record = []
    replay = Replay(jax.make_jaxpr(function)(*args))
    replay.run(replay.prepare(args), record)
    return record


def run_of(function: Callable[..., Any], b: float) -> Unshifted:
    return Unshifted(Replay(jax.make_jaxpr(function)(1.0)), [b])


def largest(run: Unshifted, by: float) -> Change:
    """The entry that moves most; integers among them."""
    return max(run.moved_elsewhere((0, by)), key=lambda change: change.change)


def one(b: Any) -> Any:
    """1, but for round-off."""
    return jnp.sin(b) ** 2 + jnp.cos(b) ** 2


@pytest.mark.parametrize(
    "function",
    [
        lambda b: one(b) > 1,
        lambda b: jnp.where(one(b) >= 1, 1.0, 0.0),
        lambda b: jnp.floor(one(b)),
        lambda b: one(b).astype(jnp.int32),
        lambda b: jnp.argmax(jnp.stack([one(b), 1.0])),
        lambda b: jnp.argsort(jnp.stack([one(b), 1.0])),
        lambda b: jax.lax.cond(one(b) > 1, lambda: 1.0, lambda: 2.0),
        lambda b: jnp.sign(one(b) - 1),
        lambda b: jax.lax.top_k(jnp.stack([one(b), 1.0]), 1)[1],
    ],
)
def test_what_round_off_decides_is_not_settled(function: Callable[..., Any]) -> None:
    seen = 0
    for b in np.linspace(0, 3, 60):
        run = run_of(function, float(b))
        for change in run.moved_elsewhere((0, 0.3)):
            seen += 1
            assert not run.settled([(0, 0.3)], change)
    assert seen > 0  # round-off does decide otherwise somewhere


@pytest.mark.parametrize(
    "function",
    [
        lambda b: b > 1,
        jnp.floor,
        lambda b: (8 * b).astype(jnp.int32),
        lambda b: jnp.argmax(jnp.stack([b * b, 1.0])),
        lambda b: jnp.where(jnp.maximum(b, 0) > 0, b, 2 * b),
        lambda b: jnp.where(one(b) > 1, 3 * b, 3 * b),  # either branch says the same
    ],
)
def test_what_is_decided_clearly_is_settled(function: Callable[..., Any]) -> None:
    run = run_of(function, 0.6)
    assert run.settled([(0, 0.7)], largest(run, 0.7))


def test_a_jump_is_near_only_where_something_was_rounded() -> None:
    rounding = Rounding(U)
    assert near_jump(recorded(lambda b: one(b) > 1, 0.5), [], rounding) == "gt"
    assert near_jump(recorded(lambda b: one(b) > 0.9, 0.5), [], rounding) == ""
    assert near_jump(recorded(lambda b: b * 0.0 + b > 2, 0.5), [], rounding) == ""
    assert near_jump(recorded(lambda b: b > 0.5, 0.5), [], rounding) == ""  # a tie of what is exact
    assert near_jump(recorded(lambda b: jnp.round(one(b) / 2), 0.5), [], rounding) == "round"
    assert near_jump(recorded(lambda b: jnp.sort(jnp.stack([one(b), 1.0])), 0.5), [], rounding) == ""  # values are continuous


def test_overflow_and_decisions_on_no_number_are_seen() -> None:
    assert beyond(recorded(lambda b: jnp.exp(1000 * b) ** -0.001, 1.0)) == "exp"
    assert beyond(recorded(lambda b: jnp.isnan(jnp.sqrt(b)), -1.0)) == "ne"
    assert beyond(recorded(lambda b: jnp.isfinite(1 / b), 0.0)) == "is_finite"
    assert beyond(recorded(lambda b: jnp.where(b > 0, jnp.log(b), 0.0), -1.0)) == ""  # left out by a select
    assert beyond(recorded(lambda b: jnp.maximum(b, -jnp.inf) > -jnp.inf, 1.0)) == ""  # a mask
    assert beyond(recorded(lambda b: jnp.exp(b) > 2, 1.0)) == ""


def test_what_underflows_has_no_finite_bound() -> None:
    """exp(−1000 b) is 0 in float64 and not over the reals; a root of it is far from 0."""
    run = run_of(lambda b: jnp.exp(-1000 * b) ** 0.001 - jnp.exp(-b), 1.0)
    (change,) = run.moved([(0, 0.5)])
    assert change.bound == np.inf


def test_other_entries_are_looked_at_where_the_bound_of_one_is_infinite() -> None:
    def joined(b: Any) -> Any:
        return jnp.concatenate([jnp.linalg.cholesky(jnp.eye(2) * jnp.exp(9 * b)).reshape(-1), jnp.stack([b])]), b > 1

    run = run_of(joined, 0.5)
    (most,) = run.moved([(0, 1.0)])
    assert most.unknown == "cholesky"
    found = run.moved_elsewhere((0, 1.0))
    assert {change.output for change in found} == {0, 1}
    assert any(np.isfinite(change.bound) and change.factor > 1e6 for change in found if change.output == 0)


def test_integers_behind_an_unknown_rounding_have_an_infinite_bound() -> None:
    run = run_of(lambda b: (jnp.linalg.cholesky(jnp.eye(2) * b)[0, 0] > 1, b > 1), 0.5)
    behind, plain = run.moved_elsewhere((0, 1.0))
    assert (behind.unknown, behind.bound) == ("cholesky", np.inf)
    assert (plain.unknown, plain.bound) == ("", 0)


def test_complex_arithmetic_has_no_known_rounding() -> None:
    run = run_of(lambda b: jnp.real(jnp.exp(1j * b) * jnp.exp(-1j * b)), 0.5)
    (change,) = run.moved([(0, 1.0)])
    assert change.bound == np.inf
