"""What must not be called free: each moves an output."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.experimental import io_callback
from jax.extend.core import Primitive

from . import MOVED, PLACES, B, Trap, V, X, conv, less_mean, some, wide

PART = np.asarray([True, False, True])
OTHER = np.asarray([False, True, True])


def _hidden(flag: Any) -> Any:
    """0, or −∞ if the flag is not positive."""
    return jnp.where(flag > 0, 0.0, -jnp.inf)


def _types(function: Callable[[Any, Any], Any], first: Any, second: Any) -> Callable[..., Any]:
    """b · (f in one integer type − f in another)."""
    return lambda p, q, b: (
        b * (wide(function(p.astype(first), q.astype(first))) - wide(function(p.astype(second), q.astype(second))))
    )


def _held_scan(mask: Any, b: Any) -> Any:
    def body(carry: Any, one: Any) -> Any:
        number = wide(one) - 1
        return carry, number * number - number

    return b * lax.scan(body, 0.0, ~mask)[1]


def _held_rounds(b: Any) -> Any:
    cell = jax.new_ref(jnp.zeros(3))

    def body(k: Any) -> Any:
        cell[0] = cell[0] + 1
        return k + 1

    lax.while_loop(lambda k: k < b, body, 0.0)
    return jax.freeze(cell)


_seen = [0]


def _held_callback(b: Any) -> Any:
    def reset() -> Any:
        _seen[0] = 0
        return np.float64(0)

    def more() -> Any:
        _seen[0] += 1
        return np.float64(0)

    def ask() -> Any:
        return np.float64(_seen[0])

    kind = jax.ShapeDtypeStruct((), np.float64)

    def body(k: Any) -> Any:
        return k + 1 + 0 * io_callback(more, kind, ordered=True)

    io_callback(reset, kind, ordered=True)
    lax.while_loop(lambda k: k < b, body, 0.0)
    return io_callback(ask, kind, ordered=True)


def _named(factor: float) -> Primitive:
    primitive = Primitive("mine")
    primitive.def_impl(lambda value: value * factor)
    primitive.def_abstract_eval(lambda aval: aval)
    return primitive


_TWICE, _THRICE = _named(2.0), _named(3.0)
_HUGE = np.asarray([1, 70000], np.int32)


def _held_branch(x: Any, b: Any) -> Any:
    cell = jax.new_ref(x)

    def write() -> None:
        cell[0] = 7.0

    lax.cond(b > 0, write, lambda: None)
    return cell[...]


_SIGNS = np.asarray([1, -1], np.int32)
_COMPLEX = np.asarray([1 + 1j, 0, 2])


def _cast(value: Any, dtype: Any) -> Any:
    return lax.convert_element_type(value, dtype)


def _plain(value: Any, dtype: Any) -> Any:
    """A cast as the primitive itself does it, which drops an imaginary part without a warning."""
    return lax.convert_element_type_p.bind(value, new_dtype=np.dtype(dtype), weak_type=False, sharding=None)


def _cube(value: Any) -> Any:
    return value * value * value


HELD = [
    # whole numbers
    Trap("unsigned difference wraps", _types(lax.sub, np.uint8, np.int8), (PART, OTHER, B), MOVED),
    Trap("unsigned width", _types(lax.sub, np.uint8, np.uint32), (PART, OTHER, B), MOVED),
    Trap("sum in 8 bits", _types(lambda p, _: (p * 100) + (p * 100), np.int8, np.int16), (PART, OTHER, B), MOVED),
    Trap("product in 8 bits", _types(lambda p, _: (p * 100) * (p * 100), np.uint8, np.uint16), (PART, OTHER, B), MOVED),
    Trap("bitwise not", _types(lambda p, _: ~p, np.uint8, np.int8), (PART, OTHER, B), MOVED),
    Trap("product of all", _types(lambda p, _: lax.reduce_prod(p * 99 + 1, (0,)), np.int8, np.int32), (PART, OTHER, B), MOVED),
    Trap("shift left", _types(lambda p, _: lax.shift_left(p, p * 7) * 2, np.uint8, np.uint16), (PART, OTHER, B), MOVED),
    Trap("all of none", _types(lambda p, _: lax.reduce_and(p, (0,)), np.int8, np.uint8), (PART[:0], OTHER, B), MOVED),
    Trap("square of a constant overflows", lambda b: b * (wide(jnp.asarray(_HUGE) * _HUGE) - wide(_HUGE) ** 2), (B,), MOVED),
    Trap(
        "iota overflows when cubed",
        lambda b: b * (wide(_cube(lax.iota(np.int32, 2000))) - _cube(lax.iota(np.float64, 2000))),
        (B,),
        MOVED,
    ),
    Trap("iota wraps around", lambda b: b * (wide(lax.iota(np.uint8, 300)) - lax.iota(np.float64, 300)), (B,), MOVED),
    Trap(
        "sum overflows",
        lambda p, b: (
            b * (wide(lax.reduce_sum(p.astype(np.int32) * np.int32(1 << 23), (0,))) - lax.reduce_sum(wide(p) * 2.0**23, (0,)))
        ),
        (np.ones(1000, bool), B),
        MOVED,
    ),
    Trap(
        "a sum of constants wraps around",
        lambda b: b * (wide(lax.iota(np.int8, 3) + np.int8(126)) - (lax.iota(np.float64, 3) + 126)),
        (B,),
        MOVED,
    ),
    Trap(
        "equal sums of constants in two types",
        lambda b: b * (wide(~(lax.iota(np.uint8, 3) + np.uint8(1))) - wide(~np.asarray([1, 2, 3], np.int8))),
        (B,),
        MOVED,
    ),
    Trap(
        "a negative difference of constants as unsigned",
        lambda b: b * (wide(np.uint8(1) - lax.iota(np.uint8, 3)) - (1 - lax.iota(np.float64, 3))),
        (B,),
        MOVED,
    ),
    Trap(
        "a sum of constants that is another one",
        lambda b: b * ((lax.iota(np.float64, 3) / 10 + 0.1) - np.asarray([0.1, 0.2, 0.31])),
        (B,),
        MOVED,
    ),
    Trap("half of twice", lambda i, b: ((i + b) // 2) * 2 - b, (np.arange(4), np.int64(3)), np.int64(6)),
    Trap("comparison wraps", lambda i, b: (i + b) > b, (np.arange(4, dtype=np.int8), np.int8(3)), np.int8(126)),
    Trap(
        "bits of two half types",
        lambda x, b: (
            b
            * (
                wide(lax.bitcast_convert_type(x.astype(jnp.bfloat16), np.uint16))
                - wide(lax.bitcast_convert_type(x.astype(np.float16), np.uint16))
            )
        ),
        (V, B),
        MOVED,
    ),
    Trap("a negative constant as unsigned", lambda b: b * (wide(_cast(_SIGNS, np.uint8)) - wide(_SIGNS)), (B,), MOVED),
    Trap(
        "a negative difference as unsigned",
        lambda p, q, b: b * (wide(_cast(p.astype(np.int32) - q.astype(np.int32), np.uint8)) - (wide(p) - wide(q))),
        (PART, OTHER, B),
        MOVED,
    ),
    Trap(
        "4 bits",
        lambda p, b: b * (wide(_cast(p, jnp.int4) * jnp.int4(4) + _cast(p, jnp.int4) * jnp.int4(4)) - 8 * wide(p)),
        (PART, B),
        MOVED,
    ),
    Trap(
        "4 bits without a sign",
        lambda p, b: b * (wide(_cast(p, jnp.uint4) * jnp.uint4(5) * jnp.uint4(5)) - 25 * wide(p)),
        (PART, B),
        MOVED,
    ),
    Trap(
        "8 bits to 4",
        lambda p, b: b * (wide(_cast(_cast(p, np.int8) * np.int8(9), jnp.int4)) - 9 * wide(p)),
        (PART, B),
        MOVED,
    ),
    Trap(
        "a complex number as a real one and as a Boolean",
        lambda z, b: b * (_plain(z, np.float64) - wide(_plain(z, bool))),
        (_COMPLEX, B),
        MOVED,
    ),
    # −∞ and NaN
    Trap(
        "−∞ + 1 is not more",
        lambda x, m, b: jnp.where(jnp.where(m, x, -jnp.inf) + 1 > jnp.where(m, x, -jnp.inf), x, x + b),
        (V, PART, B),
        MOVED,
    ),
    Trap("−∞ on both sides", lambda u, w, b: (u + _hidden(b)) > (w + _hidden(b)), (V, V - 1, B), MOVED),
    Trap("all are −∞: argmax", lambda u, b: jnp.argmax(u + _hidden(b)), (V, B), MOVED),
    Trap("all are −∞: top k", lambda u, b: lax.top_k(u + _hidden(b), 2)[1], (V, B), MOVED),
    Trap("all are −∞: payload", lambda u, b: lax.sort((-u + _hidden(b), u), num_keys=1)[1], (V, B), MOVED),
    Trap("all are −∞: second key", lambda u, b: lax.sort((-u + _hidden(b), u), num_keys=2)[1], (V, B), MOVED),
    Trap(
        "all are −∞: gradient of a pool",
        lambda u, b: jax.grad(lambda z: jnp.sum(lax.reduce_window(z, -np.inf, lax.max, (3,), (1,), "VALID")))(u + _hidden(b)),
        (V, B),
        MOVED,
    ),
    Trap("maximum of none", lambda x, e, b: jnp.where(jnp.isfinite(lax.reduce_max(e, (0,))), x, x + b), (V, V[:0], B), MOVED),
    Trap(
        "maximum of none, compared",
        lambda x, e, b: jnp.where(lax.reduce_max(e, (0,)) > -jnp.inf, x, x + b),
        (V, V[:0], B),
        MOVED,
    ),
    Trap(
        "a kernel of −∞",
        lambda x, w, b: jnp.isfinite(conv(x[None, None], w[None, None] + _hidden(b))),
        (V, np.ones(2), B),
        MOVED,
    ),
    Trap("NaN in a constant", lambda x, b: jnp.where(jnp.isnan(np.asarray([1.0, np.nan, 2.0])), x + b, x), (V, B), MOVED),
    Trap("NaN as a mark", lambda x, b: jnp.where(jnp.isnan(jnp.where(x > 1.5, jnp.nan, x)), x + b, x), (V, B), MOVED),
    Trap(
        "∞ in a constant",
        lambda x, b: jnp.where(np.asarray([1.0, np.inf, 2.0]) > jnp.asarray([0.0, np.inf, 1.0]), x, x + b),
        (V, B),
        MOVED,
    ),
    # loops and effects
    Trap("parts of a Boolean in a scan", _held_scan, (PART, B), MOVED),
    Trap("rounds counted in a reference", _held_rounds, (np.float64(2),), np.float64(5)),
    Trap("rounds counted by a callback", _held_callback, (np.float64(3),), np.float64(6)),
    Trap("a branch that writes", _held_branch, (V, B), MOVED),
    Trap(
        "a stateful generator",
        lambda x, b: x + b * (lax.rng_uniform(0.0, 1.0, (3,)) - lax.rng_uniform(0.0, 1.0, (3,))),
        (V, B),
        MOVED,
    ),
    Trap("two primitives of one name", lambda x, b: b * (_TWICE.bind(x) - _THRICE.bind(x)), (V, B), MOVED),
    Trap(
        "how many rounds",
        lambda x, b: lax.while_loop(lambda s: s[0] < b, lambda s: (s[0] + 1, s[1] * 2), (0.0, x))[1],
        (V, B),
        np.float64(4),
    ),
    Trap(
        "how many rounds, entry by entry",
        lambda x, b: less_mean(
            jax.vmap(lambda r: lax.while_loop(lambda s: s[0] < r, lambda s: (s[0] + 1, s[1] + b), (-3.0, 0.0))[1])(x)
        ),
        (V, B),
        MOVED,
    ),
    Trap(
        "carries that start equal",
        lambda b: jnp.subtract(*lax.fori_loop(0, 3, lambda _, c: (c[0] + b, c[1] + 2 * b), (0.0, 0.0))),
        (B,),
        MOVED,
    ),
    Trap(
        "carries that change places",
        lambda x, b: lax.scan(lambda c, _: ((c[1], c[0]), c[0]), (x, x + b), None, length=3)[1],
        (V, B),
        MOVED,
    ),
    Trap("a scan of constants", lambda x, b: lax.scan(lambda c, _: (c + 1, x - x + b), 0.0, None, length=3)[1], (V, B), MOVED),
    Trap("a tainted branch", lambda x, b: lax.cond(b > 0, lambda: x, lambda: x + 1), (V, B), MOVED),
    # the field
    Trap("√(b²) is not b", lambda b: jnp.sqrt(b * b) - b, (B,), MOVED),
    Trap("2ᵛ / eᵛ", lambda x, b: jnp.exp2(x + b) / jnp.exp(b), (V, B), MOVED),
    Trap(
        "another key",
        lambda b: b * (jax.random.normal(jax.random.key(0), (3,)) - jax.random.normal(jax.random.key(1), (3,))),
        (B,),
        MOVED,
    ),
    Trap("another order of polygamma", lambda x, b: b * (lax.polygamma(1.0, x) - lax.polygamma(2.0, x)), (V, B), MOVED),
    # places
    Trap("a start that moves", lambda x, b: lax.dynamic_slice(x, (b.astype(np.int32), np.int32(0)), (2, 4)), (X, B), MOVED + 4),
    Trap(
        "a place to write that moves",
        lambda x, b: lax.dynamic_update_slice(x, x[:2], (b.astype(np.int32), np.int32(0))),
        (X, B),
        MOVED + 4,
    ),
    Trap(
        "filled outside",
        lambda i, b: less_mean(jnp.full((5, 1), b).at[i].get(mode="fill", fill_value=3.0)),
        (PLACES, B),
        MOVED,
    ),
    Trap(
        "zero padding",
        lambda x, b: less_mean(conv(x + b, np.ones((2, 3, 2)), [(1, 0)]), (0, 2)),
        (some(2, 3, 5), some(3, 1)),
        some(3, 1),
    ),
    Trap(
        "holes of a transposed convolution",
        lambda x, b: less_mean(conv(x + b, np.asarray([[[1.0, 2.0]]]), lhs_dilation=(2,)), (0, 2)),
        (some(2, 1, 5), B),
        MOVED,
    ),
    Trap(
        "groups of the batch",
        lambda x, b: less_mean(conv(x + b, np.arange(12.0).reshape(4, 3, 1), batch_group_count=2), 1),
        (some(2, 3, 5), some(3, 1)),
        some(3, 1),
    ),
    Trap("a mean over what is stacked", lambda x, b: less_mean(jnp.stack([x + b, x])), (X, some(4)), some(4)),
    Trap("an entry less the mean of others", lambda x, b: lax.unstack(x + b, 1)[1] - jnp.mean(x, 1), (X, some(4)), some(4)),
    Trap("tiles that do not fit the groups", lambda x, b: less_mean(jnp.tile(x + b, 3).reshape(4, 15)), (X, some(4)), some(4)),
    Trap("groups of odd size", lambda x, b: less_mean((x + b).reshape(3, 4)), (some(2, 6), some(6)), some(6)),
    Trap("entries that are not their own axis", lambda x, b: less_mean((x + b).reshape(8, 3)), (some(4, 6), some(6)), some(6)),
]
