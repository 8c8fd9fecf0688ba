"""How much of a bound each operation is to blame for, and where it stands."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from bnproof.numeric.replay.op import Record
from bnproof.numeric.replay.replay import Replay
from bnproof.numeric.roundoff.bounds import Bounds
from bnproof.numeric.roundoff.operation_error import remembered
from bnproof.numeric.roundoff.probable import Share
from bnproof.numeric.roundoff.rounding import Rounding
from bnproof.numeric.roundoff.running_error import TOGETHER, reverse, reverse_all


def bounds_of(f: Any, *args: Any, entries: int = 1, parts: bool = True) -> Bounds:
    replay, record, rounding = Replay(jax.make_jaxpr(f)(*args)), Record(), Rounding(None)
    outputs = replay.run(replay.prepare(args), record)
    wanted = [(0, tuple(map(int, np.unravel_index(k, outputs[0].shape[1:])))) for k in range(entries)]
    if not parts:
        return reverse(record, outputs, wanted, (), rounding)
    return reverse_all(record, outputs, wanted, rounding, remembered(rounding, record))


def layered(x: Any) -> Any:
    with jax.named_scope("first"):
        total = jnp.sum(x)
    with jax.named_scope("second"):
        return jnp.tanh(total / 8) * 3


X = np.random.default_rng(0).normal(size=300).astype(np.float32)


def test_shares_are_of_one_whole_and_in_order() -> None:
    shares = bounds_of(layered, X).shares(0)
    assert sum(share.share for share in shares) == pytest.approx(1)
    assert [share.share for share in shares] == sorted((share.share for share in shares), reverse=True)
    assert all(share.share > 0 for share in shares)
    assert {share.operation for share in shares} == {"reduce_sum", "div", "tanh", "mul"}


def test_the_long_sum_is_to_blame_and_its_place_is_known() -> None:
    largest = bounds_of(layered, X).shares(0)[0]
    assert largest.operation == "reduce_sum"
    assert largest.where.startswith("first, test_shares.py:")
    assert largest.share > 0.9
    assert str(Share("mul", "", 0.1)) == "`mul`"
    assert str(Share("mul", "bn1", 0.1)) == "`mul` (bn1)"


def test_the_backward_pass_and_calls_are_known() -> None:
    @jax.jit
    def inner(x: Any) -> Any:
        with jax.named_scope("inside"):
            return jnp.sum(x * x)

    def outer(x: Any) -> Any:
        with jax.named_scope("outside"):
            return inner(x)

    of = {(s.operation, s.where) for s in bounds_of(outer, X).shares(0)}
    places = {operation: where.rsplit(", ", 1)[0] for operation, where in of}
    assert places == {"mul": "outside/inside", "reduce_sum": "outside/inside"}
    backward = bounds_of(jax.grad(lambda x: jnp.tanh(outer(x))), X).shares(0)
    assert any("outside/inside, backward" in share.where for share in backward)


def test_what_is_exact_or_not_known_blames_nothing() -> None:
    assert bounds_of(lambda x: x[::-1], X).shares(0) == []
    unknown = bounds_of(lambda x: jnp.linalg.cholesky(x.reshape(1, 1) ** 2 + 1), X[:1])
    assert np.isinf(unknown.bound).all()
    assert np.isinf(unknown.probable(1)).all()
    assert unknown.shares(0) == []


def test_without_parts_nothing_is_blamed() -> None:
    bounds = bounds_of(layered, X, parts=False)
    assert bounds.parts == ()
    assert bounds.shares(0) == []
    np.testing.assert_array_equal(bounds.probable(1), bounds.bound)


def test_many_passes_are_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    def program(x: Any) -> Any:
        return jnp.tanh(x[:6]) / jnp.sum(x * x)

    whole = bounds_of(program, X, entries=6)
    monkeypatch.setattr("bnproof.numeric.roundoff.running_error.TOGETHER", 2 * X.size)
    assert 2 * X.size < TOGETHER
    parted = bounds_of(program, X, entries=6)
    np.testing.assert_allclose(parted.bound, whole.bound)
    np.testing.assert_allclose(parted.probable(6), whole.probable(6))
    for entry in range(6):
        assert {s.operation: pytest.approx(s.share) for s in parted.shares(entry)} == {
            s.operation: s.share for s in whole.shares(entry)
        }
