"""Traps: programs that look as if an input were redundant where it is not, and the reverse. Every verdict is run in float64."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import export, lax
from jax.experimental import io_callback
from jax.extend.core import Primitive

from bnproof.algebra.analysis import Analysis, analyse


class Trap(NamedTuple):
    """A function of arrays; the last is tracked. `moved`: another value of it."""

    name: str
    function: Callable[..., Any]
    arrays: Sequence[Any]
    moved: Any


_rng = np.random.default_rng(7)


def _some(*shape: int) -> Any:
    return _rng.normal(size=shape)


X = _some(5, 4)
V = np.asarray([1.0, 2.0, 3.0])
B, MOVED = np.float64(1.5), np.float64(-2.0)
PART = np.asarray([True, False, True])
OTHER = np.asarray([False, True, True])
PLACES = np.asarray([0, 9, 2], np.int32)


def _wide(value: Any) -> Any:
    return lax.convert_element_type(value, np.float64)


def _mean(value: Any, axes: Any = 0) -> Any:
    return jnp.mean(value, axes, keepdims=True)


def _less_mean(value: Any, axes: Any = 0) -> Any:
    return value - _mean(value, axes)


def _hidden(flag: Any) -> Any:
    """0, or −∞ if the flag is not positive."""
    return jnp.where(flag > 0, 0.0, -jnp.inf)


def _conv(value: Any, kernel: Any, padding: Any = ((0, 0),), steps: Sequence[int] = (1,), **how: Any) -> Any:
    return lax.conv_general_dilated(value, kernel, steps, padding, **how)


# -- must not be called free: each moves an output


def _types(function: Callable[[Any, Any], Any], first: Any, second: Any) -> Callable[..., Any]:
    """b · (f in one integer type − f in another)."""
    return lambda p, q, b: (
        b * (_wide(function(p.astype(first), q.astype(first))) - _wide(function(p.astype(second), q.astype(second))))
    )


def _held_scan(mask: Any, b: Any) -> Any:
    def body(carry: Any, one: Any) -> Any:
        number = _wide(one) - 1
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
    Trap("square of a constant overflows", lambda b: b * (_wide(jnp.asarray(_HUGE) * _HUGE) - _wide(_HUGE) ** 2), (B,), MOVED),
    Trap(
        "iota overflows when cubed",
        lambda b: b * (_wide(_cube(lax.iota(np.int32, 2000))) - _cube(lax.iota(np.float64, 2000))),
        (B,),
        MOVED,
    ),
    Trap("iota wraps around", lambda b: b * (_wide(lax.iota(np.uint8, 300)) - lax.iota(np.float64, 300)), (B,), MOVED),
    Trap(
        "sum overflows",
        lambda p, b: (
            b * (_wide(lax.reduce_sum(p.astype(np.int32) * np.int32(1 << 23), (0,))) - lax.reduce_sum(_wide(p) * 2.0**23, (0,)))
        ),
        (np.ones(1000, bool), B),
        MOVED,
    ),
    Trap("half of twice", lambda i, b: ((i + b) // 2) * 2 - b, (np.arange(4), np.int64(3)), np.int64(6)),
    Trap("comparison wraps", lambda i, b: (i + b) > b, (np.arange(4, dtype=np.int8), np.int8(3)), np.int8(126)),
    Trap(
        "bits of two half types",
        lambda x, b: (
            b
            * (
                _wide(lax.bitcast_convert_type(x.astype(jnp.bfloat16), np.uint16))
                - _wide(lax.bitcast_convert_type(x.astype(np.float16), np.uint16))
            )
        ),
        (V, B),
        MOVED,
    ),
    Trap("a negative constant as unsigned", lambda b: b * (_wide(_cast(_SIGNS, np.uint8)) - _wide(_SIGNS)), (B,), MOVED),
    Trap(
        "a negative difference as unsigned",
        lambda p, q, b: b * (_wide(_cast(p.astype(np.int32) - q.astype(np.int32), np.uint8)) - (_wide(p) - _wide(q))),
        (PART, OTHER, B),
        MOVED,
    ),
    Trap(
        "4 bits",
        lambda p, b: b * (_wide(_cast(p, jnp.int4) * jnp.int4(4) + _cast(p, jnp.int4) * jnp.int4(4)) - 8 * _wide(p)),
        (PART, B),
        MOVED,
    ),
    Trap(
        "4 bits without a sign",
        lambda p, b: b * (_wide(_cast(p, jnp.uint4) * jnp.uint4(5) * jnp.uint4(5)) - 25 * _wide(p)),
        (PART, B),
        MOVED,
    ),
    Trap(
        "8 bits to 4",
        lambda p, b: b * (_wide(_cast(_cast(p, np.int8) * np.int8(9), jnp.int4)) - 9 * _wide(p)),
        (PART, B),
        MOVED,
    ),
    Trap(
        "a complex number as a real one and as a Boolean",
        lambda z, b: b * (_plain(z, np.float64) - _wide(_plain(z, bool))),
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
        lambda x, w, b: jnp.isfinite(_conv(x[None, None], w[None, None] + _hidden(b))),
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
        lambda i, b: _less_mean(jnp.full((5, 1), b).at[i].get(mode="fill", fill_value=3.0)),
        (PLACES, B),
        MOVED,
    ),
    Trap(
        "zero padding",
        lambda x, b: _less_mean(_conv(x + b, np.ones((2, 3, 2)), [(1, 0)]), (0, 2)),
        (_some(2, 3, 5), _some(3, 1)),
        _some(3, 1),
    ),
    Trap(
        "holes of a transposed convolution",
        lambda x, b: _less_mean(_conv(x + b, np.asarray([[[1.0, 2.0]]]), lhs_dilation=(2,)), (0, 2)),
        (_some(2, 1, 5), B),
        MOVED,
    ),
    Trap(
        "groups of the batch",
        lambda x, b: _less_mean(_conv(x + b, np.arange(12.0).reshape(4, 3, 1), batch_group_count=2), 1),
        (_some(2, 3, 5), _some(3, 1)),
        _some(3, 1),
    ),
    Trap("groups of odd size", lambda x, b: _less_mean((x + b).reshape(3, 4)), (_some(2, 6), _some(6)), _some(6)),
    Trap(
        "entries that are not their own axis", lambda x, b: _less_mean((x + b).reshape(8, 3)), (_some(4, 6), _some(6)), _some(6)
    ),
]


def _cube(value: Any) -> Any:
    return value * value * value


# -- must be called free


def _free_batchnorm(x: Any, b: Any) -> Any:
    y = x + b
    mean = jnp.mean(y, 0)
    return (y - mean) * lax.rsqrt(jnp.maximum(0.0, jnp.mean(y * y, 0) - mean**2) + 1e-5)


def _free_excluded(x: Any, b: Any) -> Any:
    def total(value: Any) -> Any:
        return lax.reduce_window(value, 0.0, lax.add, (1, 1, 3, 3), (1, 1, 2, 2), "SAME")

    return _less_mean(total(x + b) / total(jnp.ones_like(x)), (0, 2, 3))


def _free_pool(x: Any, b: Any) -> Any:
    return _less_mean(lax.reduce_window(x + b, -np.inf, lax.max, (1, 1, 3, 3), (1, 1, 2, 2), "SAME"), (0, 2, 3))


def _attention(**how: Any) -> Callable[..., Any]:
    query, value = _some(2, 3, 2, 4), _some(2, 5, 2, 4)
    return lambda k, b: jax.nn.dot_product_attention(query, k + b, value, **how)


ROWS = np.arange(5)[:, None] < 3
IMAGE, CHANNELS = _some(2, 3, 6, 6), _some(3, 1, 1)
KEYS, KEY_BIAS = _some(2, 5, 2, 4), _some(2, 4)
FEW = np.arange(4) < 3
MASK = np.asarray([True, True, True, False, False])[None, None, None]
COLUMN, ROW = _some(5, 1), _some(4)

FREE = [
    Trap("batch norm in one pass", _free_batchnorm, (X, ROW), _some(4)),
    Trap("standardize", lambda x, b: jax.nn.standardize(x + b, axis=0), (X, ROW), _some(4)),
    Trap("standardize where", lambda x, b: jax.nn.standardize(x + b, axis=0, where=ROWS), (X, ROW), _some(4)),
    Trap(
        "gradient of standardize",
        lambda x, b: jax.grad(lambda z: jnp.sum(jax.nn.standardize(z + b, axis=0) ** 3))(x),
        (X, ROW),
        _some(4),
    ),
    Trap("softmax", lambda x, b: jax.nn.softmax(x + b), (X, COLUMN), _some(5, 1)),
    Trap("softmax where", lambda x, b: jax.nn.softmax(x + b, where=FEW), (X, COLUMN), _some(5, 1)),
    Trap("softmax behind −∞", lambda x, b: jax.nn.softmax(jnp.where(FEW, x + b, -jnp.inf)), (X, COLUMN), _some(5, 1)),
    Trap(
        "softmax behind the lowest",
        lambda x, b: jax.nn.softmax(jnp.where(FEW, x + b, jnp.finfo(x.dtype).min)),
        (X, COLUMN),
        _some(5, 1),
    ),
    Trap("log softmax where", lambda x, b: jax.nn.log_softmax(x + b, where=x > -0.5), (X, COLUMN), _some(5, 1)),
    Trap("attention", _attention(), (KEYS, KEY_BIAS), _some(2, 4)),
    Trap("masked attention", _attention(mask=MASK), (KEYS, KEY_BIAS), _some(2, 4)),
    Trap("causal attention", _attention(is_causal=True), (KEYS, KEY_BIAS), _some(2, 4)),
    Trap("argmax", lambda x, b: jnp.argmax(x + b, 1), (X, COLUMN), _some(5, 1)),
    Trap("top k", lambda x, b: lax.top_k(x + b, 2)[1], (X, COLUMN), _some(5, 1)),
    Trap("more than the mean", lambda x, b: (x + b) > _mean(x + b), (X, ROW), _some(4)),
    Trap("median", lambda x, b: (x + b) - jnp.median(x + b, axis=0), (X, ROW), _some(4)),
    Trap("a leak of 1", lambda x, b: _less_mean(jax.nn.leaky_relu(x + b, 1.0)), (X, ROW), _some(4)),
    Trap("psum under vmap", lambda x, b: jax.vmap(lambda y: y - lax.pmean(y, "i"), axis_name="i")(x + b), (X, ROW), _some(4)),
    Trap("masked mean", lambda x, b: jnp.where(ROWS, (x + b) - jnp.mean(x + b, 0, where=ROWS), 0.0), (X, ROW), _some(4)),
    Trap("average without the padding", _free_excluded, (IMAGE, CHANNELS), _some(3, 1, 1)),
    Trap("padded maximum", _free_pool, (IMAGE, CHANNELS), _some(3, 1, 1)),
    Trap(
        "reshaped and back",
        lambda x, b: _less_mean((x.reshape(4, 6) + b).T.reshape(2, 12).reshape(6, 4).T),
        (_some(24), _some(6)),
        _some(6),
    ),
    Trap(
        "rows of a scan",
        lambda x, b: lax.scan(lambda c, r: (c, r - jnp.mean(r)), 0.0, (x + b).T)[1],
        (X, _some(1, 4)),
        _some(1, 4),
    ),
    Trap("equal branches", lambda x, b: lax.cond(b > 0, lambda: x + 1, lambda: 1 + x), (V, B), MOVED),
    Trap(
        "a constant key",
        lambda b: b * (jax.random.normal(jax.random.key(0), (3,)) - jax.random.normal(jax.random.key(0), (3,))),
        (B,),
        MOVED,
    ),
    Trap(
        "an index outside that is clipped",
        lambda i, b: _less_mean(jnp.take(jnp.full((5, 1), b), i, axis=0, mode="clip")),
        (PLACES, B),
        MOVED,
    ),
]


def _findings(trap: Trap) -> tuple[Analysis, bool]:
    with jax.enable_x64(True):
        program = jax.make_jaxpr(trap.function)(*trap.arrays)
    analysis = analyse(program, {len(trap.arrays) - 1: "b"})
    return analysis, analysis.findings()[0].free


def _gap(trap: Trap) -> float:
    """By how much the outputs move."""
    with jax.enable_x64(True):
        before = jax.tree.leaves(trap.function(*map(jnp.asarray, trap.arrays)))
        after = jax.tree.leaves(trap.function(*map(jnp.asarray, (*trap.arrays[:-1], trap.moved))))
    gaps: list[float] = []
    for one, other in zip(before, after, strict=True):
        left, right = np.asarray(one, float), np.asarray(other, float)
        differ = left != right  # −∞ where a mask says so is a value like any other
        gaps.append(float(np.max(np.abs(left[differ] - right[differ]), initial=0)))
    assert all(map(np.isfinite, gaps))
    return max(gaps)


@pytest.mark.parametrize("trap", HELD, ids=lambda trap: trap.name)
def test_held(trap: Trap) -> None:
    assert _gap(trap) > 1e-3, "the trap is no trap"
    assert not _findings(trap)[1]


@pytest.mark.parametrize("trap", FREE, ids=lambda trap: trap.name)
def test_free(trap: Trap) -> None:
    assert _findings(trap)[1]
    assert _gap(trap) < 1e-6  # attention is computed in float32 inside


# -- sizes that are symbols; programs that must not crash


def _symbolic(function: Callable[..., Any], *shapes: str) -> bool:
    scope = export.SymbolicScope()
    with jax.enable_x64(True):
        arguments = [jax.ShapeDtypeStruct(export.symbolic_shape(shape, scope=scope), np.float64) for shape in shapes]
        program = jax.make_jaxpr(function)(*arguments)
    return analyse(program, {len(shapes) - 1: "b"}).findings()[0].free


@pytest.mark.parametrize(
    ("function", "shapes", "free"),
    [
        (lambda x, b: _less_mean(x + b), ("n, 4", "1, 4"), True),
        (lambda x, b: (x + b - jnp.mean(x + b, 0)) / jnp.std(x + b, 0, ddof=1), ("n, 4", "1, 4"), True),
        (lambda x, b: jax.nn.softmax(x + b), ("n, m", "n, 1"), True),
        (lambda x, b: _less_mean((x + b).reshape(-1, x.shape[-1])), ("n, h, w, 4", "1, 1, 1, 4"), True),
        (lambda x, b: _less_mean((x + b)[1:]), ("n, 4", "1, 4"), True),
        (lambda x, b: (x + b) * jnp.arange(x.shape[0])[:, None], ("n, 4", "1, 4"), False),
        (lambda x, b: (x + b) - jnp.sum(x + b, 0) / (x.shape[0] + 1), ("n, 4", "1, 4"), False),
    ],
)
def test_symbolic_sizes(function: Callable[..., Any], shapes: Sequence[str], free: bool) -> None:
    assert _symbolic(function, *shapes) is free


def _pool(value: Any, sizes: Sequence[Any], steps: Sequence[int], padding: str) -> Any:
    return lax.reduce_window(value, -np.inf, lax.max, sizes, steps, padding)


@pytest.mark.parametrize(
    ("function", "shapes"),
    [
        (lambda x, k, b: lax.conv_general_dilated(x, k, (2, 2), "SAME") + b, ("n, 3, h, w", "4, 3, 3, 3", "1, 4, 1, 1")),
        (lambda x, b: _pool(x + b, (1, 1, 2, 2), (1, 1, 2, 2), "SAME"), ("n, 3, h, w", "1, 3, 1, 1")),
        (lambda x, b: _pool(x + b, (1, 1, *x.shape[2:]), (1, 1, 1, 1), "VALID"), ("n, 3, h, w", "1, 3, 1, 1")),
    ],
)
def test_symbolic_windows_do_not_crash(function: Callable[..., Any], shapes: Sequence[str]) -> None:
    assert not _symbolic(function, *shapes)


@pytest.mark.parametrize(
    "function",
    [
        lambda x, b: lax.reduce_sum(lax.reduce(x + b, np.float64(0), lambda u, v: u + 2 * v, (0,)), (0,)),
        lambda x, b: _wide(x.astype(jnp.float8_e4m3fn) * jnp.float8_e4m3fn(0.1)) + b,
        lambda x, b: _wide(x.astype(jnp.int4) * jnp.int4(3)) + b,
        lambda x, b: x + b + _wide(lax.iota(jnp.int4, 4)),
    ],
)
def test_rare_operations_do_not_crash(function: Callable[..., Any]) -> None:
    trap = Trap("", function, (X, ROW), _some(4))
    assert not _findings(trap)[1]
