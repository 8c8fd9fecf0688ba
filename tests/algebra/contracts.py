"""The layout of JAX's equations that the rules rely on, primitive by primitive.

They hold for JAX 0.10 and 0.12. Where the two differ, a comment says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.ad_checkpoint import checkpoint_name
from jax.sharding import SingleDeviceSharding

from . import operations as op


@dataclass(frozen=True)
class Contract:
    """How a function of these operands is traced: the primitive, its parameters and its operands.

    - reads: parameters that a rule reads, and what they must be; other: parameters whose meaning does not matter to the rule.
    - Further parameters are an error: the rule may have to read them. operands: which input each operand is (−1: none).
    """

    primitive: str
    function: Callable[..., Any]
    inputs: str
    reads: Mapping[str, Any] = field(default_factory=dict[str, Any])
    other: str = ""
    operands: tuple[int, ...] | None = None


def traced(function: Callable[..., Any], inputs: str) -> Any:
    """The program of a function, from operands written as in `operations.Sample`."""
    avals = [
        jax.ShapeDtypeStruct(tuple(int(size) for size in text[1:].split("x")) if text[1:] else (), op.DTYPES[text[0]])
        for text in inputs.split()
    ]
    return jax.make_jaxpr(function)(*avals).jaxpr


def first(primitive: str, jaxpr: Any) -> Any:
    """The program's first equation of that primitive, which must be there."""
    found = [equation for equation in jaxpr.eqns if equation.primitive.name == primitive]
    assert found, f"JAX {jax.__version__} has no equation called {primitive!r} here, but\n{jaxpr}"
    return found[0]


def window(size: Any, strides: Any, padding: Any, base: Any = None, dilation: Any = None) -> dict[str, Any]:
    named = {"window_dimensions": size, "window_strides": strides, "padding": padding}
    return named if base is None else {**named, "base_dilation": base, "window_dilation": dilation}


WINDOW = window((1, 2), (1, 3), ((0, 0), (1, 2)), (1, 2), (1, 3))
GATHERED = {"offset_dims": (1, 2), "collapsed_slice_dims": (0,), "start_index_map": (0,), "operand_batching_dims": ()}
KERNEL = {"lhs_spec": (0, 2, 1), "rhs_spec": (2, 1, 0), "out_spec": (0, 2, 1)}
CONVOLUTION = {"window_strides": (2,), "padding": ((1, 0),), "lhs_dilation": (1,), "rhs_dilation": (2,)}
ACCURATE = op.words("exp exp2 expm1 log log1p log2 sqrt rsqrt cbrt sin cos tan tanh logistic")
PLAIN = op.words("abs ceil floor sign erf lgamma digamma is_finite acosh bessel_i0e erf_inv neg square one_minus_square")
PAIRS = op.words("add sub div rem max min pow eq ne lt le gt ge atan2 nextafter complex igamma igammac igamma_grad_a")
SHIFTS = op.words("shift_left shift_right_logical shift_right_arithmetic")
NUMBERS = lax.GatherDimensionNumbers((1, 2), (0,), (0,))
BATCHED = lax.GatherDimensionNumbers((1,), (1,), (1,), (0,), (0,))

CONTRACTS = [
    *(Contract(name, op.named(name), "f3", other="accuracy") for name in ACCURATE),
    *(Contract(name, op.named(name), "f3") for name in PLAIN),
    *(Contract(name, getattr(lax, name), "f3 f3", operands=(0, 1)) for name in PAIRS),
    *(Contract(name, getattr(lax, name), "i3 i3", operands=(0, 1)) for name in SHIFTS),
    Contract("mul", lax.mul, "f3 f3", other="out_dtype"),  # 0.10 and 0.12; None unless it differs from the operands'
    Contract("erfc", lax.erfc, "f3", other="accuracy"),  # since 0.12
    Contract("conj", lax.conj, "c3", other="input_dtype"),
    Contract(
        "round",
        partial(lax.round, rounding_method=lax.RoundingMethod.TO_NEAREST_EVEN),
        "f3",
        {"rounding_method": lax.RoundingMethod.TO_NEAREST_EVEN},
    ),
    Contract("integer_pow", partial(lax.integer_pow, y=3), "f3", {"y": 3}),
    Contract("convert_element_type", op.cast("i"), "f3", {"new_dtype": np.dtype("int32")}, "weak_type sharding"),
    Contract("add_any", lambda v, w: jax.vjp(lambda x: (x, x), v)[1]((v, w)), "f3 f3"),
    *(
        Contract(
            f"reduce_{name}",
            partial(getattr(lax, f"reduce_{name}"), axes=(2, 0)),
            f"{kind}3x2x4",
            {"axes": {(0, 2), (2, 0)}},
            "out_sharding",
        )
        for name, kind in (("sum", "f"), ("max", "f"), ("min", "f"), ("prod", "f"), ("and", "b"), ("or", "b"), ("xor", "b"))
    ),
    *(
        Contract(name, partial(getattr(lax, name), axis=1, index_dtype=np.int32), "f3x2", {"axes": (1,)}, "index_dtype")
        for name in ("argmax", "argmin")
    ),
    *(
        Contract(name, partial(getattr(lax, name), axis=1, reverse=True), "f3x2", {"axis": 1, "reverse": True})
        for name in ("cumsum", "cummax", "cummin", "cumlogsumexp")
    ),
    Contract(
        "sort", op.sorting(0, 2, False), "f3 f3 i3", {"dimension": 0, "num_keys": 2, "is_stable": False}, operands=(0, 1, 2)
    ),
    Contract("top_k", op.best(2, 0), "f3x2", {"k": 2, "axis": 0}, "is_stable"),  # is_stable since 0.12
    Contract(
        "psum", jax.vmap(lambda v: lax.psum(v, "here"), axis_name="here"), "f3x2", {"axes": (0,), "axis_index_groups": None}
    ),
    Contract(
        "dot_general",
        op.dot(((2,), (1,)), ((0,), (0,))),
        "f3x2x4 f3x4x5",
        {"dimension_numbers": (((2,), (1,)), ((0,), (0,)))},
        "precision preferred_element_type out_sharding",
        (0, 1),
    ),
    Contract(
        "conv_general_dilated",
        lambda v, w: lax.conv_general_dilated(v, w, (2,), [(1, 0)], None, (2,), ("NHC", "HIO", "NHC"), 2),
        "f2x5x4 f2x2x6",
        {**CONVOLUTION, "dimension_numbers": KERNEL, "feature_group_count": 2, "batch_group_count": 1},
        "precision preferred_element_type out_sharding",
        (0, 1),
    ),
    *(Contract(f"reduce_window_{kind}", op.pool(kind, *WINDOW.values()), "f3x5", WINDOW) for kind in ("sum", "max", "min")),
    Contract(
        "select_and_scatter_add",
        op.pool_gradient((1, 2), (1, 2), "VALID"),
        "f3x2 f3x5",
        window((1, 2), (1, 2), ((0, 0), (0, 0))),
        "select_prim",
        (0, 1),
    ),
    Contract(
        "select_and_gather_add",
        op.pool_tangent((1, 2), (1, 2), "VALID"),
        "f3x5 f3x5",
        window((1, 2), (1, 2), ((0, 0), (0, 0)), (1, 1), (1, 1)),
        "select_prim",
        (0, 1),
    ),
    Contract(
        "broadcast_in_dim",
        lambda v: lax.broadcast_in_dim(v, (4, 3, 2), (1, 2)),
        "f3x2",
        {"broadcast_dimensions": (1, 2)},
        "shape sharding",
    ),
    Contract("transpose", partial(lax.transpose, permutation=(1, 2, 0)), "f3x2x4", {"permutation": (1, 2, 0)}),
    Contract("squeeze", partial(lax.squeeze, dimensions=(-1, 0)), "f1x3x1", {"dimensions": {(0, 2), (2, 0)}}),
    Contract(
        "broadcast_in_dim", partial(lax.expand_dims, dimensions=(0,)), "f3", {"broadcast_dimensions": (1,)}, "shape sharding"
    ),
    Contract("iota", lambda: lax.broadcasted_iota("int32", (3, 2), 1), "", {"dimension": 1}, "dtype shape sharding"),
    Contract("rev", partial(lax.rev, dimensions=(1,)), "f3x2", {"dimensions": (1,)}),
    Contract(
        "slice", op.cut((1, 0), (3, 2), (2, 1)), "f3x2", {"start_indices": (1, 0), "limit_indices": (3, 2), "strides": (2, 1)}
    ),
    Contract(
        "slice", op.cut((1, 0), (3, 2), None), "f3x2", {"start_indices": (1, 0), "limit_indices": (3, 2), "strides": None}
    ),
    Contract("split", op.splitting((1, 3), 0), "f4x2", {"sizes": (1, 3), "axis": 0}),
    Contract("unstack", partial(lax.unstack, axis=1), "f4x2", {"axis": 1}),
    Contract("tile", partial(lax.tile, reps=(1, 3)), "f4x2", {"reps": (1, 3)}),
    Contract("dynamic_slice", lambda v, i, k: lax.dynamic_slice(v, (i, k), (2, 1)), "f3x2 i i", {}, "slice_sizes"),
    Contract(
        "dynamic_update_slice",
        lax.dynamic_update_slice_p.bind,
        "f3x2 f1x2 i i",
        operands=(0, 1, 2, 3),
    ),
    Contract(
        "gather",
        lambda v, i: lax.gather(v, i, NUMBERS, (1, 2, 4), mode="clip"),
        "f3x2x4 i5x1",
        {"dimension_numbers": GATHERED, "slice_sizes": (1, 2, 4)},
        "mode fill_value unique_indices indices_are_sorted",
        (0, 1),
    ),
    Contract(
        "gather",
        lambda v, i: lax.gather(v, i, BATCHED, (1, 1, 4), mode="clip"),
        "f3x2x4 i3x1",
        {"dimension_numbers": {"operand_batching_dims": (0,), "start_indices_batching_dims": (0,)}},
        "mode fill_value unique_indices indices_are_sorted slice_sizes",
        (0, 1),
    ),
    Contract("concatenate", op.joined(1), "f3x2 f3x4", {"dimension": 1}, operands=(0, 1)),
    Contract("stack", op.stacked(1), "f3x2 f3x2", {"axis": 1}, operands=(0, 1)),
    Contract("pad", op.padding((1, 2, 0), (-1, 0, 1)), "f3x2 f", {"padding_config": ((1, 2, 0), (-1, 0, 1))}, operands=(0, 1)),
    Contract("reshape", partial(lax.reshape, new_sizes=(6,)), "f3x2", {"dimensions": None}, "new_sizes sharding"),
    Contract("select_n", lax.select_n, "b3 f3 f3", operands=(0, 1, 2)),
    Contract("clamp", lax.clamp, "f f3 f", operands=(0, 1, 2)),
    *(Contract(name, getattr(lax, f"bitwise_{name}"), "b3 b3") for name in ("and", "or", "xor")),
    Contract("not", lax.bitwise_not, "b3"),
    Contract("population_count", lax.population_count, "i3"),
    Contract("clz", lax.clz, "i3"),
    Contract("copy", jnp.copy, "f3"),
    Contract("stop_gradient", lax.stop_gradient, "f3"),
    Contract(
        "reduce_precision",
        partial(lax.reduce_precision, exponent_bits=5, mantissa_bits=10),
        "f3",
        {},
        "exponent_bits mantissa_bits",
    ),
    Contract("optimization_barrier", lambda v, w: lax.optimization_barrier((v, w)), "f3 i2", operands=(0, 1)),
    Contract("device_put", jax.device_put, "f3", {}, "devices srcs copy_semantics"),
    Contract("name", partial(checkpoint_name, name="here"), "f3", {"name": "here"}),
    Contract(
        "sharding_constraint",
        lambda v: lax.with_sharding_constraint(v, SingleDeviceSharding(jax.devices()[0])),
        "f3",
        {},
        "sharding layout context_mesh unconstrained_dims",
    ),
]
"""Of the rules."""
