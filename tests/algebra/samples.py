"""One program or more for every rule, every loop and every nested program, on shapes that are not square, empty or of size 1.

Samples of one primitive share their operands' values: operations that differ only in a parameter or a dtype meet on equal
operands, so an atom that stands for both of them by mistake is wrong for one.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.ad_checkpoint import checkpoint_name
from jax.sharding import SingleDeviceSharding

from . import operations as op
from .operations import Sample, each, given, made, named, nested, words

DOMAINS = {
    **dict.fromkeys(("log", "log2", "lgamma", "digamma", "rsqrt"), (0.1, 3.0)),
    **dict.fromkeys(("acos", "asin", "atanh", "erf_inv", "log1p"), (-0.9, 0.9)),
    "acosh": (1.1, 3.0),
    "sqrt": (0.0, 3.0),
}
"""Where functions are defined, if not everywhere."""
OPAQUE = words(
    "abs acos acosh asin asinh atan atanh bessel_i0e bessel_i1e cbrt ceil cos cosh digamma erf erf_inv erfc floor lgamma log "
    "log1p log2 logistic sign sin sinh sqrt tan tanh"
)
POOLS: tuple[Any, ...] = (
    ((1, 2, 2), (1, 2, 2), "VALID"),
    ((1, 3, 2), (1, 1, 2), "SAME"),
    ((1, 2, 1), (1, 1, 1), ((0, 0), (1, 2), (0, 0)), (1, 2, 1), (1, 2, 1)),
    ((2, 1, 1), (1, 1, 1), "VALID"),
    ((1, 1, 2), (1, 2, 1), ((0, 0), (0, 0), (3, 0))),
)
CONVOLUTIONS = [
    *(op.conv("f2x3x5 f4x3x2", *how) for how in (((1,), "VALID"), ((2,), [(1, 0)]), ((1,), [(-1, 1)]))),
    op.conv("f2x3x5 f4x3x2", (1,), [(0, 0)], (2,), (1,)),
    op.conv("f2x5x3 f2x3x4", (1,), "VALID", (1,), (2,), names=("NHC", "HIO", "NHC")),
    op.conv("f2x4x5 f6x2x3", (1,), "VALID", feature_group_count=2),
    op.conv("f4x3x5 f6x3x2", (1,), "VALID", batch_group_count=2),
    op.conv("f1x2x1x3 f3x2x1x1", (1, 1), [(0, 1), (0, 0)], names=("NCHW", "OIHW", "NCHW")),
]
ROWS = ((1, 2), (0,), (0,), (1, 2, 4))
PADS = (
    ((1, 2, 0), (0, 0, 0)),
    ((0, 0, 1), (1, 0, 0)),
    ((-1, 2, 0), (0, 0, 0)),
    ((0, 0, 0), (0, 0, 0)),
    ((-1, -1, 0), (0, -2, 0)),
)
SLICES = (((1, 0), (4, 3), (1, 1)), ((0, 1), (5, 2), (2, 1)), ((2, 0), (2, 3), None), ((1, 0), (4, 3), (2, 1)))
RESHAPES = (
    *(("3x2x4", (6, 4)), ("3x2x4", (3, 8)), ("3x2x4", (24,)), ("6x4", (3, 2, 4)), ("3x4", (4, 3)), ("3x1x2", (3, 2))),
    *(("0x3", (3, 0, 2)), ("6x4", (2, 12))),
)
AXES = ((0, 2), (1, 3), (0, 1, 2, 3), ())

SAMPLES: dict[str, list[Sample]] = {
    # entries by themselves
    **{name: each(named(name), "f3x1x2", low=low, high=high) for name, (low, high) in DOMAINS.items() if name != "rsqrt"},
    **{name: each(getattr(lax, name), "f3x1x2") for name in OPAQUE if name not in DOMAINS},
    **{name: each(getattr(lax, name), "f3x1x2 f3x1x2", low=0.3, high=3.0) for name in ("atan2", "nextafter")},
    **{name: each(getattr(lax, name), "f2 f2", low=0.3, high=3.0) for name in ("igamma", "igammac", "igamma_grad_a")},
    "polygamma": each(lambda v: lax.polygamma(jnp.float64(1), v), "f2", low=0.3, high=3.0),
    "zeta": each(lambda v, q: lax.zeta(v + 1.0, q), "f2 f2", low=0.3, high=3.0),
    "regularized_incomplete_beta": each(lambda a, b, v: lax.betainc(a, b, v / 4), "f2 f2 f2", low=0.3, high=3.0),
    "round": given(lax.round, "rounding_method", tuple(lax.RoundingMethod), "f3x2", masked=(0,)),
    "complex": each(lax.complex, "f3x1x2 f3x1x2"),
    "conj": each(lax.conj, "c3x2", "f3x2"),
    "real": each(lax.real, "c3x2"),
    "imag": each(lax.imag, "c3x2"),
    "exp": each(lax.exp, "f3x1x2", "f0x2", "c3x2", masked=(0,)),
    "exp2": each(lax.exp2, "f3x1x2", masked=(0,)),
    "expm1": each(lax.expm1, "f3x1x2", masked=(0,)),
    "rsqrt": each(lax.rsqrt, "f3x1x2", low=0.1, high=3.0),
    "is_finite": each(lax.is_finite, "f3x1x2", "f0x2", masked=(0,)),
    # the ring, and what becomes of integers
    "add": each(lax.add, "f3x1x2 f3x1x2", "f0x3 f0x3", *(f"{k}3x2 {k}3x2" for k in "iuhg"), masked=(0, 1)),
    "sub": each(lax.sub, "f3x1x2 f3x1x2", *(f"{k}3x2 {k}3x2" for k in "iuhg"), masked=(0,)),
    "mul": each(lax.mul, "f3x1x2 f3x1x2", "c2 c2", *(f"{k}3x2 {k}3x2" for k in "iuhg")),
    "add_any": each(lambda v, w: jax.vjp(lambda x: (x, x), v)[1]((v, w))[0], "f3x2 f3x2", "c2 c2"),
    "neg": each(lax.neg, "f3x1x2", "c2", *(f"{k}3x2" for k in "iuhg")),
    "square": each(lax.square, "f3x1x2", "c2", "i3x2", "h3x2", "g3x2", ints=(0, 20)),
    "one_minus_square": each(named("one_minus_square"), "f3x1x2", "c2", "i3x2", "h3x2", "g3x2", ints=(0, 20)),
    "integer_pow": [
        *given(lax.integer_pow, "y", (0, 1, 3, 5, 20), "f3x2"),
        *given(lax.integer_pow, "y", (3, 20), "i3x2", "h3x2"),
        *given(lax.integer_pow, "y", (-1, -2, -18), "f3x2", low=0.5, high=2.0),
    ],
    "pow": [
        *made(op.to_the, [(y,) for y in (0.0, 2.0, -3.0, 0.5, -0.5, 0.3, 17.0)], "f3x2", low=0.3, high=3.0),
        *each(lax.pow, "f3x2 f3x2", "f3x2 i3x2", "c2 c2", low=0.3, high=3.0),
    ],
    "div": each(lax.div, "f3x1x2 f3x1x2", "c2 c2", *(f"{k}3x2 {k}3x2" for k in "iug"), low=0.3, high=3.0, ints=(1, 4)),
    "rem": each(lax.rem, "f3x1x2 f3x1x2", *(f"{k}3x2 {k}3x2" for k in "ihg"), low=0.3, high=3.0, ints=(1, 4)),
    "clz": each(lax.clz, "i3x2", "h3x2", "g3x2"),
    "population_count": each(lax.population_count, "i3x2", "h3x2", "u3x2"),
    **{name: each(getattr(lax, name), *(f"{k}3x2 {k}3x2" for k in "ihug"), ints=(0, 9)) for name in ("shift_left",)},
    **{
        f"shift_right_{how}": each(getattr(lax, f"shift_right_{how}"), "i2 i2", "h2 h2", "u2 u2")
        for how in ("logical", "arithmetic")
    },
    "convert_element_type": made(op.cast, "fihc", "b3x2", "u3x2")
    + made(op.cast, "ihb", "f3x2")
    + made(op.cast, "fubc", "i3x2", ints=(-2, 3))
    + made(op.cast, "f", "u3x2", "h3x2", "g3x2"),
    "dim_as_value": [
        Sample(lambda v: v * jnp.array(v.shape[0]), "fnx3", sizes={"n": 2}),
        Sample(lambda v: v * jnp.array(v.shape[0] * v.shape[1]) / v.shape[0], "fnxm", sizes={"n": 2, "m": 3}),
        Sample(lambda v: v - jnp.array(v.shape[0] // 2 + 1), "fn", sizes={"n": 5}),
    ],
    # order, comparison, selection
    **{name: each(getattr(lax, name), "f3x1x2 f3x1x2", "i3x2 i3x2", "h3x2 h3x2", masked=(0, 1)) for name in ("max", "min")},
    **{
        name: each(getattr(lax, name), "f3x1x2 f3x1x2", "i3x2 i3x2", masked=(0, 1))
        for name in ("eq", "ne", "lt", "le", "gt", "ge")
    },
    "clamp": each(lax.clamp, "f3x2 f3x2 f3x2", "f f3x2 f", "i3x2 i3x2 i3x2", masked=(1,)),
    "select_n": [
        *each(lax.select_n, "b3x2 f3x2 f3x2", "b f3x2 f3x2", "i3x2 f3x2 f3x2 f3x2", masked=(1, 2)),
        *each(lax.select_n, "b3x2 c3x2 c3x2", "b3x2 i3x2 i3x2", "b3x2 b3x2 b3x2"),
    ],
    **{name: each(getattr(lax, f"bitwise_{name}"), *(f"{k}3x2 {k}3x2" for k in "bihu")) for name in ("and", "or", "xor")},
    "not": each(lax.bitwise_not, *(f"{k}3x2" for k in "biuhg")),
    **{
        f"reduce_{name}": given(getattr(lax, f"reduce_{name}"), "axes", AXES, "f3x1x2x4", masked=(0,))
        for name in ("max", "min")
    },
    **{
        f"arg{name}": [
            Sample(partial(getattr(lax, f"arg{name}"), axis=axis, index_dtype=jnp.int32), text, masked=(0,))
            for text, axis in (("f3x2x4", 0), ("f3x2x4", 1), ("f3x1x2", 1), ("i3x2", 0))
        ]
        for name in ("max", "min")
    },
    **{
        name: [
            Sample(partial(getattr(lax, name), axis=axis, reverse=back), text, masked=(0,))
            for text, axis, back in (("f3x2", 0, False), ("f3x2", 1, True), ("f1x2", 0, False), ("i3x2", 0, False))
            if name != "cumlogsumexp" or text[0] == "f"
        ]
        for name in ("cummax", "cummin", "cumlogsumexp")
    },
    "sort": [
        *made(op.sorting, ((0, 1), (1, 1)), "f3x4 f3x4", masked=(0,)),
        *made(op.sorting, ((1, 1),), "f3x4", masked=(0,)),
        *made(op.sorting, ((1, 2, False),), "f3x4 f3x4 f3x4", masked=(0, 1)),
        *made(op.sorting, ((0, 1),), "i3x4 f3x4", "f3x4 i3x4", "f0x2 f0x2", "f1x2 f1x2"),
    ],
    "top_k": made(op.best, ((1, 0), (2, 1), (2, 0)), "f3x4", masked=(0,)) + made(op.best, ((1, 0),), "i3x4", "f1x2"),
    # sums
    "reduce_sum": [
        *given(lax.reduce_sum, "axes", AXES, "f3x1x2x4"),
        *given(lax.reduce_sum, "axes", ((0,),), "i3x2", "h3x2", "c3x2", "f0x2", "f3x0"),
        Sample(partial(lax.reduce_sum, axes=(0,)), "fnx3", sizes={"n": 2}),
    ],
    "psum": each(jax.vmap(lambda v: lax.psum(v, "here"), axis_name="here", in_axes=1), "f3x2", "f1x0", "i3x2"),
    "reduce_prod": given(lax.reduce_prod, "axes", ((0,), (0, 1)), "f3x2", "h3x2", "i3x2", ints=(2, 9)),
    **{
        f"reduce_{name}": given(getattr(lax, f"reduce_{name}"), "axes", ((0,), (1,)), "b3x2", "i3x2")
        for name in ("and", "or", "xor")
    },
    "cumsum": [
        Sample(partial(lax.cumsum, axis=axis, reverse=back), text)
        for text, axis, back in (
            ("f3x2", 0, False),
            ("f3x2", 1, True),
            ("f1x2", 0, False),
            ("i3x2", 0, False),
            ("h3x2", 0, True),
        )
    ],
    "dot_general": [
        *made(op.dot, [(((1,), (0,)),)], "f3x2 f2x4", "f3x0 f0x4", "f3x1 f1x4", "i3x2 i2x4", "h3x2 h2x4", "c3x2 c2x1"),
        *made(op.dot, [(((2,), (1,)), ((0,), (0,)))], "f3x2x4 f3x4x5"),
        *made(op.dot, [(((0, 2), (2, 0)),)], "f3x2x4 f4x5x3"),
        *made(op.dot, [(((), ()), ((1,), (0,)))], "f3x2 f2x4"),
    ],
    "conv_general_dilated": CONVOLUTIONS,
    **{
        f"reduce_window_{kind}": [
            *(Sample(op.pool(kind, *how), "f3x5x4", masked=masked) for how in POOLS),
            Sample(op.pool(kind, (1, 3, 3), (1, 1, 1), "SAME"), "f1x5x1", masked=masked),
            Sample(op.pool(kind, (2, 2), (1, 1), "SAME"), "f0x5", masked=masked),
            Sample(op.pool(kind, (1, 2), (1, 2), "SAME"), "fnx4", sizes={"n": 3}, masked=masked),
        ]
        for kind, masked in (("sum", ()), ("max", (0,)), ("min", (0,)))
    },
    "select_and_scatter_add": [
        Sample(op.pool_gradient((1, 3, 1), (1, 1, 1), "VALID"), "f2x3x4 f2x5x4", masked=(1,)),
        Sample(op.pool_gradient((1, 3, 2), (1, 2, 2), "SAME"), "f2x3x2 f2x5x4", masked=(1,)),
    ],
    "select_and_gather_add": [
        Sample(op.pool_tangent((1, 3, 1), (1, 1, 1), "VALID"), "f2x5x4 f2x5x4", masked=(1,)),
        Sample(op.pool_tangent((1, 3, 2), (1, 2, 2), "SAME"), "f2x5x4 f2x5x4", masked=(1,)),
    ],
    # copies
    "copy": each(jnp.copy, "f3x2", "i1x0"),
    "stop_gradient": each(lax.stop_gradient, "f3x2"),
    "reduce_precision": each(partial(lax.reduce_precision, exponent_bits=11, mantissa_bits=52), "f3x2"),
    "optimization_barrier": each(lambda *values: lax.optimization_barrier(values), "f3x2 i2 f"),
    "device_put": each(jax.device_put, "f3x2"),
    "name": each(partial(checkpoint_name, name="here"), "f3x2"),
    "sharding_constraint": each(lambda v: lax.with_sharding_constraint(v, SingleDeviceSharding(jax.devices()[0])), "f3x2"),
    "broadcast_in_dim": [
        *each(lambda v: lax.broadcast_in_dim(v, (4, 3, 5, 2), (1, 3)), "f3x2", "f1x2", "i3x1"),
        *each(lambda v: lax.broadcast_in_dim(v, (0, 3), (1,)), "f3"),
    ],
    "transpose": given(lax.transpose, "permutation", ((1, 2, 0), (2, 1, 0)), "f3x2x4", "b1x0x4"),
    "squeeze": given(lax.squeeze, "dimensions", ((0, 2),), "f1x3x1x2", "i1x0x1x1"),
    "iota": [
        *made(op.counting, (("float64", 0), ("int32", 1)), "f3x2", "f1x0"),
        *made(op.counting, (("uint8", 0),), "f300"),
        *made(op.counting, (("int32", 0),), "f5000"),
    ],
    "rev": given(lax.rev, "dimensions", ((0,), (1, 2), ()), "f3x2x4", "i1x0x4"),
    "slice": made(op.cut, SLICES, "f5x3", "b5x3"),
    "split": made(op.splitting, (((1, 3), 0), ((2, 1), 1), ((0, 4), 0), ((4,), 0)), "f4x3")
    + made(op.splitting, (((1, 3), 0),), "i4x3"),
    "unstack": given(lax.unstack, "axis", (0, 1, 2), "f3x2x1", masked=(0,))
    + given(lax.unstack, "axis", (1,), "i4x3", "b2x1", "f0x3")
    + [Sample(partial(lax.unstack, axis=1), "fnx3", sizes={"n": 2})],
    "tile": given(lax.tile, "reps", ((2, 3, 1), (1, 1, 2), (2, 1, 0)), "f3x1x2", masked=(0,))
    + given(lax.tile, "reps", ((2, 3),), "i4x3", "b3x1", "f0x2", "f70x40")
    + [Sample(lambda v: lax.tile(v, (2, 3)), "fnx2", sizes={"n": 3})]
    + [Sample(lambda v: lax.tile(v, (v.shape[0], 2)), "fnx2", sizes={"n": 3})],
    "dynamic_slice": given(lax.dynamic_slice_p.bind, "slice_sizes", ((2, 3), (4, 1), (1, 2)), "f4x3 i i", ints=(-2, 5))
    + given(lax.dynamic_slice_p.bind, "slice_sizes", ((2, 3),), "i4x3 u u", ints=(0, 5)),
    "dynamic_update_slice": each(
        lax.dynamic_update_slice_p.bind,
        *(f"f4x3 f{small} i i" for small in ("2x3", "1x1", "4x3", "0x3", "4x2")),
        "i4x3 i2x3 i i",
        ints=(-2, 5),
        masked=(0, 1),
    ),
    "gather": [
        *made(op.take, [(*ROWS, mode) for mode in ("clip", "promise_in_bounds", "fill")], "f3x2x4 i5x1"),
        *made(op.take, [((0, 2), *ROWS[1:], "clip")], "f3x2x4 i5x1", ints=(-2, 6)),
        *made(op.take, [((1, 2), (1,), (1, 2), (2, 1, 3), "clip")], "f3x2x4 i5x2"),
        *made(op.take, [((0, 1, 2), (), (0, 2), (2, 1, 4), "clip")], "f3x2x4 i2"),
        *made(op.take, [((1,), (1,), (1,), (1, 1, 4), "clip", (0,))], "f3x2x4 i3x1"),
        *made(op.take, [((), (0,), (0,), (1,), "clip")], "f4 i0x1"),
        *made(op.take, [((0,), (0,), (0,), (1, 2), "clip")], "i3x2 i1", "b3x2 i1"),
    ],
    "concatenate": [
        *made(op.joined, ((0,),), "f2x3 f4x3", "f0x3 f2x3", "f1x2 f1x2", "c3x2 c1x2", masked=(0, 1)),
        *made(op.joined, ((1,),), "f3x2 f3x4 f3x1", "i3x2 i3x4", "b3x2 b3x4", masked=(0, 2)),
    ],
    "stack": [
        *made(op.stacked, ((0,), (1,), (2,)), "f3x2 f3x2", masked=(0, 1)),
        *made(op.stacked, ((1,),), "f2 f2 f2", "f3", "f0x2 f0x2", "c3x2 c3x2", "i3x2 i3x2", "b3x2 b3x2"),
        Sample(op.stacked(0), "f f"),
        Sample(op.stacked(1), "fnx2 fnx2", sizes={"n": 3}),
    ],
    "pad": made(op.padding, PADS, "f4x3 f", masked=(0, 1))
    + made(op.padding, PADS[:2], "i4x3 i")
    + made(op.padding, PADS[:1], "c4x3 c"),
    "reshape": [Sample(partial(lax.reshape, new_sizes=new), f"f{old}") for old, new in RESHAPES]
    + [
        Sample(partial(lax.reshape, new_sizes=(6,)), "b3x2"),
        Sample(partial(lax.reshape, new_sizes=(2, 3), dimensions=(1, 0)), "f3x2"),
    ],
}
"""For every rule, by primitive."""

LOOPS: dict[str, list[Sample]] = {
    "scan": [
        Sample(op.turns(lambda _, c, x: ((c[0] + x[0],), c[0] - x[0]), 1), "f2 f3x2"),
        Sample(op.turns(lambda k, c, x: ((c[0], c[1] * k[0]), (k[0] * 2.0, c[0] + x[0])), 2, 1, reverse=True), "f3 f3 f3 f4x3"),
        Sample(op.turns(lambda _, c, x: ((c[1], c[0]), jnp.max(x[0] - c[0])), 2), "f3 f3 f4x3"),
        Sample(op.turns(lambda _, c, x: ((c[0] + jnp.sum(x[0]),), x[0] - jnp.max(x[0])), 1), "f f4x3"),
        Sample(
            op.turns(lambda k, c, x: ((c[0],), k[0] * (jnp.float64(x[0] & x[0]) - 1 - 3 * (jnp.float64(x[0]) - 1))), 1, 1),
            "f f b4",
        ),
        Sample(op.turns(lambda _, c, x: ((c[0] + 1,), jnp.float64(c[0] + x[0])), 1), "i i4"),
        Sample(op.turns(lambda _, c, x: ((c[0] * 0.5,), (c[0], x)), 1, length=3), "f2"),
        Sample(op.turns(lambda _, c, x: ((c[0] + x[0],), x[0]), 1), "f2 f0x2"),
    ],
    "while": [
        Sample(op.until(lambda v, w: (v + w, w), 3.0), "f f2 f2"),
        Sample(op.until(lambda v, w: (w, v), 3.0), "f f2 f2"),
        Sample(op.until(lambda v, w: (v - jnp.max(v), w * 2.0), 1.0), "f f2 f"),
    ],
    "cond": [
        Sample(op.branches(lambda v, w: v + w, lambda v, w: v - w, lambda v, w: v), "i f3x2 f3x2", ints=(-1, 4)),
        Sample(op.branches(lambda v, w: (v, w), lambda v, w: (v, v)), "i f3x2 f3x2"),
        Sample(op.branches(lambda v: (v > 1, jnp.int32(v)), lambda v: (v < 0, jnp.int32(-v))), "i f3x2"),
        Sample(lambda v, w: lax.cond(v[0] < w[0], lambda: v + w, lambda: w), "f3 f3"),
    ],
}
"""For every loop."""

NESTED: dict[str, list[Sample]] = {
    **{name: nested(op.called) for name in ("closed_call", "eval_jaxpr")},
    "jit": nested(jax.jit),
    "remat2": nested(jax.checkpoint),
    "custom_jvp_call": nested(op.custom_jvp),
    "custom_vjp_call": nested(op.custom_vjp),
}
"""For every nested program."""
