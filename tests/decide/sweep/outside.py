"""Callbacks, printing, references, programs for several devices."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.experimental import io_callback

from . import MOVES, OPEN, PROVED, SHOWN, STILL, Case, F, Struct, centred


def dprint_(x: Any, bias: Any) -> Any:
    jax.debug.print("{}", bias)
    return x


def dcb_(x: Any, bias: Any) -> Any:
    jax.debug.callback(lambda b: None, bias)
    return x + bias


def iocb_(x: Any, bias: Any) -> Any:

    return io_callback(lambda b: np.asarray(b, np.float32) * 2, jax.ShapeDtypeStruct((3,), F), bias) + x


def shm_(x: Any, bias: Any) -> Any:
    from jax.sharding import Mesh
    from jax.sharding import PartitionSpec as P

    mesh = Mesh(np.array(jax.devices()[:1]), ("i",))
    return jax.shard_map(lambda z: z - jnp.mean(z, 0), mesh=mesh, in_specs=P(), out_specs=P())(x + bias)


def refs_(x: Any, bias: Any) -> Any:
    r = jax.new_ref(bias)
    r[...] = r[...] * 2
    return r[...] + x


def dprint_scan(x: Any, bias: Any) -> Any:

    def body(s: Any, r: Any) -> Any:
        jax.debug.print("{}", s)
        return (s, r - bias)

    _, y = lax.scan(body, bias, x)
    return centred(y)


def dprint_cond(x: Any, bias: Any) -> Any:
    return lax.cond(x[0, 0] > 0, lambda z: (jax.debug.print("{}", z), z)[1], lambda z: z, centred(x + bias))


def io2(x: Any, bias: Any) -> Any:

    return [io_callback(lambda b: np.asarray(b, np.float32) * 2, Struct((5, 3), F), x, ordered=True), x * bias]


def io3(x: Any, bias: Any) -> Any:

    io_callback(lambda b: None, None, bias, ordered=True)
    return io_callback(lambda b: np.asarray(b, np.float32) * 2, Struct((5, 3), F), x, ordered=True)


def cb_in_jit(x: Any, bias: Any) -> Any:

    @jax.jit
    def g(z: Any) -> Any:
        jax.debug.print("{z}", z=z)
        return z

    return centred(g(x + bias))


def cb_while(x: Any, bias: Any) -> Any:

    def body(s: Any) -> Any:
        jax.debug.print("{}", s[1])
        return (s[0] + 1, s[1])

    return centred(x + lax.while_loop(lambda s: s[0] < 3, body, (0, bias))[1])


def ref1(x: Any, bias: Any) -> Any:
    r = jax.new_ref(x)
    r[...] = r[...] + bias
    return centred(r[...])


def ref2(x: Any, bias: Any) -> Any:
    r = jax.new_ref(x)
    return [r[...], centred(x + bias)]


def ref3(x: Any, bias: Any) -> Any:
    r = jax.new_ref(x)
    r[...] = x + bias
    return jax.freeze(r)


def ref4(x: Any, bias: Any) -> Any:
    r = jax.new_ref(jnp.zeros(3))

    def body(i: Any, _: Any) -> Any:
        r[...] = r[...] + bias

    lax.fori_loop(0, 3, body, None)
    return x + r[...]


def ref5(x: Any, bias: Any) -> Any:
    r = jax.new_ref(bias)

    @jax.jit
    def g() -> Any:
        r[...] = r[...] * 2

    g()
    return r[...] + x


def sm(f: Any, outs: Any = None, ins: Any = None) -> Any:
    from jax.sharding import PartitionSpec as P

    mesh = jax.sharding.Mesh(np.array(jax.devices()[:1]), ("i",))
    return jax.shard_map(
        f, mesh=mesh, in_specs=P() if ins is None else ins, out_specs=P() if outs is None else outs, check_vma=False
    )


CASES: dict[str, Case] = {
    "dprint": Case(dprint_, PROVED),
    "dcb": Case(dcb_, SHOWN),
    "pcb": Case(
        lambda x, bias: jax.pure_callback(lambda b: np.asarray(b, np.float32) * 2, jax.ShapeDtypeStruct((3,), F), bias) + x,
        OPEN,
    ),
    "iocb": Case(iocb_, OPEN),
    "shm": Case(shm_, STILL),
    "refs": Case(refs_, MOVES),
    "dprint scan": Case(dprint_scan, STILL),
    "dprint cond": Case(dprint_cond, PROVED),
    "dcb c": Case(lambda x, bias: (jax.debug.callback(lambda b: None, bias), centred(x + bias))[1], PROVED),
    "pcb x": Case(
        lambda x, bias: jax.pure_callback(lambda b: np.asarray(b, np.float32) * 2, Struct((5, 3), F), x) + centred(x + bias),
        PROVED,
    ),
    "pcb c": Case(
        lambda x, bias: jax.pure_callback(lambda b: np.asarray(b, np.float32) * 2, Struct((5, 3), F), centred(x + bias)), STILL
    ),
    "pcb two": Case(
        lambda x, bias: [jax.pure_callback(lambda b: np.asarray(b, np.float32) * 2, Struct((5, 3), F), x), x * bias], SHOWN
    ),
    "io two": Case(io2, SHOWN),
    "io order": Case(io3, OPEN),
    "dprint jit": Case(cb_in_jit, PROVED),
    "dprint while": Case(cb_while, STILL),
    "checkify": Case(
        lambda x, bias: __import__("jax.experimental.checkify", fromlist=["x"]).checkify(
            lambda z: (__import__("jax.experimental.checkify", fromlist=["x"]).check(z.sum() > 0, "x"), z)[1]
        )(centred(x + bias))[1],
        PROVED,
    ),
    "ref c": Case(ref1, STILL),
    "ref un": Case(ref2, PROVED),
    "ref freeze": Case(ref3, MOVES),
    "ref loop": Case(ref4, MOVES),
    "ref jit": Case(ref5, MOVES),
    "sm1": Case(lambda x, bias: sm(lambda z: z - lax.pmean(jnp.mean(z, 0), "i"))(x + bias), STILL),
    "sm2": Case(lambda x, bias: sm(lambda z: z * 2)(centred(x + bias)), PROVED),
    "sm3": Case(lambda x, bias: sm(lambda z: z * 2)(x + bias), MOVES),
    "sm4": Case(lambda x, bias: [sm(lambda z: z * 2)(x), x * bias], SHOWN),
    "pmap": Case(lambda x, bias: jax.pmap(lambda z: z - z.mean(0))((x + bias)[None]), STILL),
    "vmap psum": Case(lambda x, bias: jax.vmap(lambda z: z - lax.pmean(z, "i"), axis_name="i")(x + bias), PROVED),
    "vmap psum acts": Case(lambda x, bias: jax.vmap(lambda z: z - lax.pmean(z, "i") + bias, axis_name="i")(x), SHOWN),
    "vmap pmax": Case(lambda x, bias: jax.vmap(lambda z: lax.pmax(z, "i"), axis_name="i")(x + bias), SHOWN),
    "vmap pmin": Case(lambda x, bias: jax.vmap(lambda z: z - lax.pmin(z, "i"), axis_name="i")(x + bias), STILL),
}
"""Functions of `x`, `bias` and maybe more."""
