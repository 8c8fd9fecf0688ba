"""What NumPy evaluates by itself: a rule for each common operation, in float64 and on arrays with a copy axis.

A rule takes the parameters of the JAX operation and its inputs, each with one leading axis more than in the program (of length
1 where all copies are the same), and gives the output, with such an axis too. `rule` says which operations have one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

Params = dict[str, Any]
Rule = Callable[..., Any]
"""(params, arrays with a copy axis) → the output, with a copy axis."""
PATCHES = 16_000_000
"""Numbers in the patches of a convolution up to which NumPy evaluates it; JAX needs no patches, but seconds to compile."""


def floating(dtype: Any) -> bool:
    """Whether a dtype is real floating point, of any width."""
    return bool(jnp.issubdtype(dtype, jnp.floating))


def complexes(dtype: Any) -> bool:
    """Whether a dtype is complex, of any width."""
    return bool(jnp.issubdtype(dtype, np.complexfloating))


def wide(dtype: Any) -> Any:
    """float64 for a floating dtype, complex128 for a complex one, any other as it is."""
    return np.float64 if floating(dtype) else np.complex128 if complexes(dtype) else dtype


def joined(xs: Sequence[Any]) -> list[Any]:
    """Arrays with copy axes of one length."""
    copies = max(map(len, xs))
    return [np.broadcast_to(x, (copies, *x.shape[1:])) for x in xs]


def aligned(xs: Sequence[Any]) -> list[Any]:
    """Arrays with a copy axis, their other axes filled up with ones to one rank (in programs only scalars lack axes)."""
    rank = max(x.ndim for x in xs)
    return [x if x.ndim == rank else x.reshape(len(x), *(1,) * (rank - x.ndim), *x.shape[1:]) for x in xs]


def _each(f: Callable[..., Any]) -> Rule:
    return lambda _, *xs: f(*aligned(xs))


def _broadcast(p: Params, x: Any) -> Any:
    sizes = dict(zip(p["broadcast_dimensions"], x.shape[1:], strict=True))
    return np.broadcast_to(x.reshape(len(x), *(sizes.get(a, 1) for a in range(len(p["shape"])))), (len(x), *p["shape"]))


def _slice(p: Params, x: Any) -> Any:
    strides = p["strides"] or (1,) * len(p["start_indices"])
    return x[(slice(None), *map(slice, p["start_indices"], p["limit_indices"], strides))]


def padded(x: Any, fill: Any, config: Sequence[tuple[int, int, int]]) -> Any:
    """XLA's pad: (low, high, interior) for each axis after the first; negative numbers crop."""
    if not any(map(any, config)):
        return x
    sizes = [n + max(n - 1, 0) * i for n, (_, _, i) in zip(x.shape[1:], config, strict=True)]
    room = [max(lo, 0) + n + max(hi, 0) for n, (lo, hi, _) in zip(sizes, config, strict=True)]
    out = np.empty((max(len(x), len(fill)), *room), x.dtype)
    out[...] = fill.reshape(-1, *(1,) * len(room))
    inside = [slice(max(lo, 0), max(lo, 0) + n, i + 1) for n, (lo, _, i) in zip(sizes, config, strict=True)]
    out[(slice(None), *inside)] = x
    return out[(slice(None), *(slice(max(-lo, 0), n + min(hi, 0)) for n, (lo, hi, _) in zip(room, config, strict=True)))]


def window_config(p: Params) -> list[tuple[int, int, int]]:
    """The padding of a windowed operation, as `padded` takes it."""
    return [(lo, hi, d - 1) for (lo, hi), d in zip(p["padding"], p["base_dilation"], strict=True)]


def windows(p: Params, x: Any, fill: float) -> Any:
    """The windows of x, shape (copy, *positions, *window), for the params of reduce_window_sum."""
    x = padded(x, np.full(1, fill), window_config(p))
    sizes = tuple((k - 1) * d + 1 for k, d in zip(p["window_dimensions"], p["window_dilation"], strict=True))
    room = [(n - k) // by + 1 if n >= k else 0 for n, k, by in zip(x.shape[1:], sizes, p["window_strides"], strict=True)]
    if 0 in room:  # a window that does not fit has no place
        return np.zeros((len(x), *room, *p["window_dimensions"]))
    view = np.lib.stride_tricks.sliding_window_view(x, sizes, tuple(range(1, x.ndim)))
    return view[(slice(None), *(slice(None, None, k) for k in (*p["window_strides"], *p["window_dilation"])))]


def grouped(x: Any, batch: Sequence[int], contract: Sequence[int]) -> tuple[Any, list[int], tuple[int, ...]]:
    """An array as (copy, batch, free, contracted), with the order its axes were brought into and their sizes in it."""
    free = [a for a in range(x.ndim - 1) if a not in batch and a not in contract]
    order = [0, *(1 + a for a in (*batch, *free, *contract))]
    moved = x.transpose(order)
    sizes = [math.prod(x.shape[1 + a] for a in axes) for axes in (batch, free, contract)]
    return moved.reshape(len(x), *sizes), order, moved.shape


def _dot(p: Params, a: Any, b: Any) -> Any:
    (left, right), (batch, other) = p["dimension_numbers"]
    (x, _, rows), (y, _, columns) = grouped(a, batch, left), grouped(b, other, right)
    z = x @ y.swapaxes(-1, -2)
    return z.reshape(len(z), *rows[1 : len(rows) - len(left)], *columns[1 + len(other) : len(columns) - len(right)])


def unfolded(p: Params, x: Any, w: Any) -> tuple[Params, Any, Any, tuple[int, ...]]:
    """A convolution as matrices: how windows were taken, patches (copy, N, groups, inputs, *taps, *positions), a view that
    `matrices` makes (copy, N, groups, inputs·taps, positions), the kernel (copy, 1, groups, outputs, inputs·taps) and the output's
    spatial shape.
    """
    spec, groups = p["dimension_numbers"], p["feature_group_count"]
    x, w = (v.transpose(0, *(1 + a for a in s)) for v, s in ((x, spec.lhs_spec), (w, spec.rhs_spec)))
    taps, d = w.shape[3:], x.ndim - 3
    how = {"window_dimensions": (1, 1, *taps), "padding": ((0, 0), (0, 0), *p["padding"]), "shape": x.shape[1:]}
    how |= {to: (1, 1, *p[of]) for to, of in (("window_strides",) * 2, ("base_dilation", "lhs_dilation"))}
    how["window_dilation"] = (1, 1, *p["rhs_dilation"])
    view = windows(how, x, 0.0)
    space = view.shape[3 : 3 + d]
    view = view.transpose(0, 1, 2, *range(5 + d, 5 + 2 * d), *range(3, 3 + d), 3 + d, 4 + d)
    return how, view, w.reshape(len(w), 1, groups, w.shape[1] // groups, w.shape[2] * math.prod(taps)), space


def matrices(patches: Any, kernel: Any, space: tuple[int, ...]) -> Any:
    """Patches as matrices that fit the kernel: a copy, as large as all windows together."""
    return patches.reshape(*patches.shape[:2], kernel.shape[2], kernel.shape[4], math.prod(space))


def _conv(p: Params, x: Any, w: Any) -> Any:
    _, patches, kernel, space = unfolded(p, x, w)
    y = kernel @ matrices(patches, kernel, space)
    y = y.reshape(*y.shape[:2], y.shape[2] * y.shape[3], *space)
    return y.transpose(0, *(1 + a for a in np.argsort(p["dimension_numbers"].out_spec)))


_erf = np.frompyfunc(math.erf, 1, 1)
_PAIRS = "sub subtract mul multiply max maximum min minimum neg negative eq equal ne not_equal lt less le less_equal gt greater"
_WHOLE = f"add add add_any add {_PAIRS} ge greater_equal and bitwise_and or bitwise_or not invert".split()
_REAL = ("exp", "exp2", "expm1", "log", "log1p", "sin", "cos", "tanh", "sqrt", "square", "sign", "floor", "ceil", "abs")
MOVING: dict[str, Rule] = {
    "broadcast_in_dim": _broadcast,
    "slice": _slice,
    "rev": lambda p, x: np.flip(x, tuple(1 + a for a in p["dimensions"])),
    "reshape": lambda p, x: x.reshape(len(x), *p["new_sizes"]),
    "squeeze": lambda p, x: x.squeeze(tuple(1 + a for a in p["dimensions"])),
    "transpose": lambda p, x: x.transpose(0, *(1 + a for a in p["permutation"])),
    "pad": lambda p, x, value: padded(x, value, p["padding_config"]),
    "concatenate": lambda p, *xs: np.concatenate(joined(xs), 1 + p["dimension"]),
    "select_n": _each(lambda c, f, t: np.where(c, t, f)),
}
"""What NumPy evaluates for numbers of any dtype: only places change."""
WHOLE: dict[str, Rule] = {name: _each(getattr(np, f)) for name, f in zip(_WHOLE[::2], _WHOLE[1::2], strict=True)}
"""What NumPy evaluates for floats, integers and booleans, with the same wrap-around as XLA."""
REAL: dict[str, Rule] = {
    **{name: _each(getattr(np, name)) for name in _REAL},
    "div": _each(np.divide),
    "pow": _each(np.power),
    "is_finite": _each(np.isfinite),
    "one_minus_square": _each(lambda x: (1 + x) * (1 - x)),  # from JAX 0.11 on, in derivatives
    "logistic": _each(lambda x: 1 / (1 + np.exp(-x))),
    "rsqrt": _each(lambda x: 1 / np.sqrt(x)),
    "erf": _each(lambda x: np.asarray(_erf(x), np.float64)),
    "integer_pow": lambda p, x: x ** p["y"],
    "clamp": _each(lambda low, x, high: np.minimum(np.maximum(x, low), high)),
    "reduce_sum": lambda p, x: x.sum(tuple(1 + a for a in p["axes"])),
    "reduce_max": lambda p, x: x.max(tuple(1 + a for a in p["axes"]), initial=-np.inf),
    "reduce_min": lambda p, x: x.min(tuple(1 + a for a in p["axes"]), initial=np.inf),
    "reduce_window_sum": lambda p, x: windows(p, x, 0.0).sum(tuple(range(x.ndim, 2 * x.ndim - 1))),
    "reduce_window_max": lambda p, x: windows(p, x, -np.inf).max(tuple(range(x.ndim, 2 * x.ndim - 1))),
    "dot_general": _dot,
    "conv_general_dilated": _conv,
}
"""What NumPy evaluates for floats only."""


def rule(name: str, params: Params, read: Sequence[Any], written: Any, shapes: Sequence[Sequence[int]]) -> Rule | None:
    """NumPy's rule for an operation on these dtypes and shapes (of inputs and output), if it has one."""
    if name == "conv_general_dilated":
        outputs = shapes[1][params["dimension_numbers"].rhs_spec[0]]
        if math.prod(shapes[2]) * math.prod(shapes[1]) * params["feature_group_count"] > PATCHES * outputs**2:
            return None
    dtypes = (*read, written)
    if any(jnp.issubdtype(d, jax.dtypes.extended) or complexes(d) for d in dtypes):
        return None
    if name == "convert_element_type" and (floating(written) or read[0].kind == "b"):
        return lambda _, x: x.astype(params["new_dtype"], copy=False)
    if name == "bitcast_convert_type" and written == np.float32 and read[0] == np.uint32:
        return lambda _, x: x.view(np.float32).astype(np.float64)
    if name == "shift_right_logical" and jnp.issubdtype(written, np.unsignedinteger):
        return lambda _, x, by: np.right_shift(*aligned([x, by]))
    if params.get("batch_group_count", 1) != 1 or (name == "reshape" and params["dimensions"] is not None):
        return None
    if name in MOVING and not (name == "select_n" and (len(read) != 3 or read[0].kind != "b")):
        return MOVING[name]
    return WHOLE.get(name) or (REAL.get(name) if all(floating(d) or d.kind == "b" for d in dtypes) else None)
