"""Runs of parts: what a judged entry hangs on, and nothing else; values and bounds are those of the whole run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from bnproof.numeric.replay.op import Record
from bnproof.numeric.replay.parts import Plan, numbers_of
from bnproof.numeric.replay.replay import Replay
from bnproof.numeric.roundoff.rounding import Rounding
from bnproof.numeric.roundoff.running_error import reverse

Program = Callable[[Any, Any], Any]


def normalised(x: Any, w: Any) -> Any:
    """Convolution, then batch statistics."""
    z = lax.conv(x, w, (1, 1), "SAME")
    centred = z - z.mean((0, 2, 3), keepdims=True)
    return centred * lax.rsqrt((centred**2).mean((0, 2, 3), keepdims=True) + 1e-5)


def grouped(x: Any, w: Any) -> Any:
    """Groups of channels, by two reshapes."""
    z = lax.conv(x, w, (1, 1), "SAME")
    g = z.reshape(z.shape[0], 2, 2, *z.shape[2:])
    return (g / jnp.sqrt((g**2).mean((2, 3, 4), keepdims=True) + 1)).reshape(z.shape)


def moved(x: Any, w: Any) -> Any:
    """Transposed, turned, padded, sliced and joined."""
    y = jnp.pad(jnp.flip(x.transpose(1, 0, 2, 3), 2), ((0, 0), (0, 0), (1, 0), (0, 0)))[:, :, ::2, 1:]
    return jnp.concatenate((y * 2, y + 1), 1) * w.sum()


def added(x: Any, w: Any) -> Any:
    """Sums from one end on, the largest of windows, and products of matrices."""
    y = lax.reduce_window(jnp.cumsum(x, 2), -jnp.inf, lax.max, (1, 1, 2, 2), (1, 1, 1, 1), "VALID")
    return jnp.einsum("nchw,chv->nwv", y, jnp.exp(w[:3, :3, :2, :2].reshape(3, 2, 6).repeat(2, 1)[:, :3]))


def looped(x: Any, w: Any) -> Any:
    """A loop is run whole."""
    return lax.fori_loop(0, 3, lambda _, z: z * 0.5 + 1, x) - x.mean()


@pytest.mark.parametrize("program", [normalised, grouped, moved, added, looped], ids=lambda f: f.__name__)
def test_every_entry_has_the_value_and_bound_of_the_whole_run(program: Program) -> None:
    random = np.random.default_rng(0)
    x, w = (random.normal(size=shape).astype(np.float32) for shape in ((2, 3, 4, 4), (4, 3, 3, 3)))
    replay, record = Replay(jax.make_jaxpr(program)(x, w)), Record()
    outputs = replay.run(replay.prepare((x, w)), record)
    for flat in random.choice(outputs[0].size, 6, replace=False):
        index = tuple(map(int, np.unravel_index(flat, outputs[0].shape[1:])))
        part = Plan.of(replay, [(0, index)]).run((x, w))
        ((_, at),) = part.entries
        assert part.outputs[0][(0, *at)] == pytest.approx(outputs[0][(0, *index)], rel=1e-12, abs=1e-14)
        mine, all_of_it = (
            reverse(of, ys, [(0, where)], [], Rounding(2.0**-24)).bound[0]
            for of, ys, where in ((part.record, part.outputs, at), (record, outputs, index))
        )
        assert mine == pytest.approx(all_of_it, rel=1e-12)


def test_one_channel_of_many_is_run() -> None:
    x, w = np.ones((2, 3, 4, 4), np.float32), np.ones((64, 3, 3, 3), np.float32)
    replay = Replay(jax.make_jaxpr(normalised)(x, w))
    assert Plan.of(replay, [(0, (0, 5, 0, 0))]).numbers < numbers_of(replay) / 30


def test_where_everything_is_needed_everything_is_run() -> None:
    x, w = np.ones((2, 3, 4, 4), np.float32), np.ones((4, 3, 3, 3), np.float32)
    replay = Replay(jax.make_jaxpr(lambda x, w: (normalised(x, w) ** 2).sum())(x, w))
    assert Plan.of(replay, [(0, ())]).numbers == numbers_of(replay)


def test_several_entries_share_a_run_of_all_that_they_need() -> None:
    x, w = (np.random.default_rng(1).normal(size=s).astype(np.float32) for s in ((2, 3, 4, 4), (4, 3, 3, 3)))
    replay = Replay(jax.make_jaxpr(lambda x, w: (normalised(x, w), jnp.sum(x, 0)))(x, w))
    whole = replay((x, w))
    part = Plan.of(replay, [(0, (0, 1, 0, 0)), (1, (2, 3, 3)), (0, (1, 2, 3, 3))]).run((x, w))
    for (output, at), (_, index) in zip(part.entries, [(0, (0, 1, 0, 0)), (1, (2, 3, 3)), (0, (1, 2, 3, 3))], strict=True):
        assert part.outputs[output][(0, *at)] == pytest.approx(whole[output][index], rel=1e-12)


def test_integers_pass() -> None:
    x = np.arange(12, dtype=np.float32).reshape(3, 4)
    n = np.array([[1, 2, 3, 4]] * 3, np.int32)
    replay = Replay(jax.make_jaxpr(lambda x, n: jnp.where(n > 2, x * n, x))(x, n))
    part = Plan.of(replay, [(0, (1, 3))]).run((x, n))
    assert part.outputs[0].ravel() == [28.0]
