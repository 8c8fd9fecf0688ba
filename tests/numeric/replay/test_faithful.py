"""What a float64 run does not stand for, and what it runs in full width."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from bnproof.numeric.replay import control
from bnproof.numeric.replay.faithful import unfaithful
from bnproof.numeric.replay.op import Op, UnreplayableError
from bnproof.numeric.replay.replay import Replay

ONES = jnp.ones(3)
Struct = jax.ShapeDtypeStruct((3,), jnp.float32)


def outputs(x: Any, y: Any) -> dict[str, Any]:
    jax.debug.print("{}", x)
    ref = jax.new_ref(x)
    ref[...] = y

    def rounds(k: Any, z: Any) -> Any:
        return lax.bitcast_convert_type(z, jnp.int32).astype(jnp.float32)

    def printing(z: Any, row: Any) -> Any:
        jax.debug.print("{}", z)
        return z + row, z

    return {
        "callback": jax.pure_callback(lambda z: z, Struct, x) + 1,
        "frozen": jax.freeze(ref),
        "in a called program": jax.jit(lambda z: jnp.nextafter(z, y))(x),
        "in a loop": lax.fori_loop(0, 3, rounds, x),
        "plain": x + y,
        "printing": lax.scan(printing, 0.0, x)[0],
        "random": jax.random.normal(jax.random.key(0), (3,)) + x,
        "reduce": lax.reduce(x, 1.0, lambda a, b: a * b, (0,)),
    }


def test_only_what_depends_on_bits_or_on_the_outside_is_left_out() -> None:
    jaxpr, shape = jax.make_jaxpr(outputs, return_shape=True)(ONES, ONES)
    found = dict(zip(shape, unfaithful(jaxpr), strict=True))
    assert found == {
        "callback": "pure_callback",
        "frozen": "new_ref",
        "in a called program": "nextafter",
        "in a loop": "bitcast_convert_type",
        "plain": "",
        "printing": "",
        "random": "",
        "reduce": "",
    }


def test_complex_numbers_are_run_in_full_width() -> None:
    def turned(angle: Any) -> Any:
        return jnp.abs(jnp.exp(1j * angle)), angle.astype(jnp.complex64)

    angle = np.array([0.1, 2.0, -3.0])
    size, value = Replay(jax.make_jaxpr(turned)(ONES))([angle])
    assert np.abs(size - 1).max() < 1e-15  # in complex64 it is off by 1e-8
    assert value.dtype == np.complex128
    assert (value == angle).all()
    (same,) = Replay(jax.make_jaxpr(lambda z: z * 2)(ONES + 1j))([angle + 1j / 3])
    assert (same == 2 * (angle + 1j / 3)).all()


def test_reductions_of_nothing_and_windows_that_do_not_fit() -> None:
    def empty(x: Any) -> Any:
        window = lax.reduce_window(x, -jnp.inf, lax.max, (4,), (1,), "VALID")
        return jnp.max(x[:0], initial=-1.0), jnp.min(x[:0], initial=2.0), window, jnp.sum(x[:0])

    most, least, window, total = Replay(jax.make_jaxpr(empty)(ONES))([np.ones(3)])
    assert (most, least, total) == (-1, 2, 0)
    assert window.shape == (0,)


def test_sums_over_named_axes_under_vmap_are_reductions() -> None:
    centred = jax.vmap(lambda row: (row - lax.pmean(row, "n"), lax.pmax(row, "n")), axis_name="n")
    x = np.arange(6.0).reshape(3, 2) ** 2
    replay = Replay(jax.make_jaxpr(centred)(jnp.ones((3, 2))))
    assert {op.name for op, *_ in replay.schedule.steps if isinstance(op, Op)} >= {"reduce_sum", "reduce_max"}
    difference, most = replay([x])
    assert np.allclose(difference, x - x.mean(0))
    assert (most == x.max(0)).all()


def test_what_jax_refuses_is_named() -> None:
    replay = Replay(jax.make_jaxpr(lambda x: jax.pure_callback(lambda z: z, Struct, x))(ONES))
    with pytest.raises(UnreplayableError, match="`pure_callback` cannot be run in float64"):
        replay([np.ones(3)])


def test_a_loop_that_does_not_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "ROUNDS", 50)
    halved = Replay(jax.make_jaxpr(lambda x: lax.while_loop(lambda s: s > 1e-3, lambda s: s / 2, x))(1.0))
    assert halved([1.0])[0] < 1e-3
    endless = Replay(jax.make_jaxpr(lambda x: lax.while_loop(lambda s: s > -1, lambda s: s / 2, x))(1.0))
    with pytest.raises(UnreplayableError, match="`while` does not end within 50 rounds"):
        endless([1.0])
