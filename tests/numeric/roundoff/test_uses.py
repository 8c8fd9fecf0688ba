"""Values that each use may have rounded for itself, when they have more uses than are followed one by one."""

from __future__ import annotations

import itertools
from typing import Any
from unittest import mock

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from bnproof.numeric.replay.op import Record
from bnproof.numeric.replay.replay import Replay
from bnproof.numeric.roundoff import uses as following
from bnproof.numeric.roundoff.rounding import Rounding, one_by_one
from bnproof.numeric.roundoff.running_error import reverse
from bnproof.numeric.roundoff.uses import Uses

BY_USE = Rounding(None, one_by_one)


def cancelling(x: Any) -> Any:
    """Twelve uses of x·x, whose sum does not depend on it: only a value rounded for all of them alike cancels."""
    y, total = x * x, jnp.zeros_like(x)
    for k in range(6):
        total = total + (y * (k + 1) - y * (k + 1.0))
    return total.sum()


def bound_with(monkeypatch: pytest.MonkeyPatch, most: int, program: Any = cancelling) -> float:
    x = np.linspace(0.3, 2, 5, dtype=np.float32)
    replay, record = Replay(jax.make_jaxpr(program)(x)), Record()
    outputs = replay.run(replay.prepare([x]), record)
    monkeypatch.setattr(following.Uses.few, "__defaults__", (most,))
    return float(reverse(record, outputs, [(0, ())], [], BY_USE).bound[0])


def test_uses_taken_together_still_count_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    every = bound_with(monkeypatch, 100)
    alike = float(reverse(*_alike(), [(0, ())], [], Rounding(2.0**-24)).bound[0])
    assert every > 1.5 * alike
    for most in (1, 2, 5, 11):
        assert bound_with(monkeypatch, most) == pytest.approx(every)


def _alike() -> tuple[Record, list[Any]]:
    x = np.linspace(0.3, 2, 5, dtype=np.float32)
    replay, record = Replay(jax.make_jaxpr(cancelling)(x)), Record()
    return record, replay.run(replay.prepare([x]), record)


def test_fewer_followed_never_lessen_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    def program(x: Any) -> Any:
        centred = x - jnp.mean(x)
        return jnp.sum(jax.nn.gelu(jax.nn.silu(centred * jax.lax.rsqrt(jnp.mean(centred**2) + 1e-3))))

    bounds = [bound_with(monkeypatch, most, jax.grad(program)) for most in (1000, 64, 16, 4, 1)]
    assert all(more >= fewer * (1 - 1e-12) for fewer, more in itertools.pairwise(bounds))
    assert np.isfinite(bounds).all()


def test_what_matters_least_is_taken_together() -> None:
    values = [np.full((1, 3), v) for v in (1.0, -5.0, 0.1, 2.0)]
    few = Uses(*values).few(2)
    assert [float(use[0, 0]) for use in few.apart] == [-5.0, 2.0]
    np.testing.assert_allclose(few.rest, 1.1)
    np.testing.assert_allclose(few.sizes, 1.1)
    np.testing.assert_allclose(few.total, -1.9)
    np.testing.assert_allclose(few.absolute, 8.1)
    again = Uses(np.ones((1, 3)))
    again.join(few)
    np.testing.assert_allclose(again.few(1).absolute, 9.1)


@pytest.mark.parametrize("stack", [True, False])
def test_sizes_pass_by_the_size_of_the_slope(stack: bool) -> None:
    uses = Uses(*(np.array([[s]]) for s in (3.0, -1.0, 2.0, -2.0))).few(1)
    with mock.patch.object(following, "STACKED", 100):
        ((_, back),) = uses.pulled(lambda ct: [-2 * ct], stack)
    np.testing.assert_allclose(back.absolute, 16)
    np.testing.assert_allclose(back.total, -4)


def test_a_value_computed_once_has_one_use() -> None:
    once = Uses(np.ones((1, 2)), -np.ones((1, 2))).together
    np.testing.assert_array_equal(once.absolute, 0)
