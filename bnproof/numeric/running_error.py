"""How far round-off may have carried one output entry: first-order running error analysis of any traced program.

Every operation gives v_i = f_i(earlier values)·(1 + δ) with |δ| ≤ k_i u instead of f_i(…): a perturbation e_i of its exact
value on the computed inputs, |e_i| ≤ k_i u |v_i|. To first order the output y, a function of all these perturbations, is off by
Σ (∂y/∂v_i) e_i, so |fl(y) − y| ≤ u Σ_i |∂y/∂v_i| k_i |v_i|. One reverse pass from y gives every ∂y/∂v_i, at the computed values
themselves: the bound follows the numbers as they are, not their worst case. Source: Higham (2002), §3.3 (running error
analysis), with the sensitivities of all later operations in the place of his recurrence; §3.1 for sums and products.

- k = 0 where nothing is rounded (moving, negating, comparing, maxima), 1 for + − × ÷ √, |n| for an integer power;
- k = 8 for transcendental functions: glibc documents at most 4 ulp for the common ones, NumPy and XLA aim at as much, and one
  ulp is at most 2u of the value;
- a sum of L terms, or of L products, in any order: (L + 1) Σ|terms| in the place of k |v| (γ_L of §3.1 to first order);
- an operation that this list does not know: infinity.

First order: terms in u² are dropped, and so are underflow and jumps (a rounded comparison that picks another branch). At a kink
of max, min, abs and the like, closer to it than round-off may tell (1024 u), both sides count.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .replay import IDENTITY, Op, Params, Replay, Rule, floating, joined, plain

UNIT = 2.0**-53
PATCHES = 4_000_000
"""Numbers in the patches of a convolution up to which NumPy evaluates it; JAX needs no patches, but seconds to compile."""
Record = list[tuple[Op, Sequence[Any], list[Any]]]


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
    """A convolution as matrices: how windows were taken, patches (copy, N, groups, inputs·taps, positions), the kernel
    (copy, 1, groups, outputs, inputs·taps) and the output's spatial shape.
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
    inputs = w.shape[2] * math.prod(taps)
    patches = view.reshape(*view.shape[:2], groups, inputs, math.prod(space))
    return how, patches, w.reshape(len(w), 1, groups, w.shape[1] // groups, inputs), space


def _conv(p: Params, x: Any, w: Any) -> Any:
    _, patches, kernel, space = unfolded(p, x, w)
    y = kernel @ patches
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
    "logistic": _each(lambda x: 1 / (1 + np.exp(-x))),
    "rsqrt": _each(lambda x: 1 / np.sqrt(x)),
    "erf": _each(lambda x: np.asarray(_erf(x), np.float64)),
    "integer_pow": lambda p, x: x ** p["y"],
    "clamp": _each(lambda low, x, high: np.minimum(np.maximum(x, low), high)),
    "reduce_sum": lambda p, x: x.sum(tuple(1 + a for a in p["axes"])),
    "reduce_max": lambda p, x: x.max(tuple(1 + a for a in p["axes"])),
    "reduce_min": lambda p, x: x.min(tuple(1 + a for a in p["axes"])),
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
    if any(jnp.issubdtype(d, jax.dtypes.extended) or jnp.issubdtype(d, np.complexfloating) for d in dtypes):
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


def _near(y: Any, u: float) -> float:
    return 1024 * u * max(1.0, float(np.abs(y).max(initial=0.0, where=np.isfinite(y))))


def _unpadded(ct: Any, config: Sequence[tuple[int, int, int]]) -> Any:
    """The entries of a padded array that were there before."""
    ct = padded(ct, np.zeros(1), [(max(-lo, 0), max(-hi, 0), 0) for lo, hi, _ in config])
    return ct[
        (slice(None), *(slice(max(lo, 0), n - max(hi, 0), i + 1) for n, (lo, hi, i) in zip(ct.shape[1:], config, strict=True)))
    ]


def _unwindowed(p: Params, ct: Any, shape: Sequence[int]) -> Any:
    """The transpose of `windows`: every entry's sum over the windows (copy, *positions, *window) that it is in."""
    config = window_config(p)
    out = np.zeros((len(ct), *(n + max(n - 1, 0) * i + lo + hi for n, (lo, hi, i) in zip(shape, config, strict=True))))
    steps, positions = list(zip(p["window_strides"], p["window_dilation"], strict=True)), ct.shape[1 : 1 + len(shape)]
    for tap in np.ndindex(*p["window_dimensions"]):
        at = (slice(t * d, t * d + (n - 1) * s + 1, s) for t, n, (s, d) in zip(tap, positions, steps, strict=True))
        out[(slice(None), *at)] += ct[(..., *tap)]
    return _unpadded(out, config)


def _pull_window_max(p: Params, ct: Any, y: Any, xs: Sequence[Any], u: float) -> Any:
    ones = (1,) * (y.ndim - 1)
    attained = windows(p, xs[0], -np.inf) >= (y - _near(y, u)).reshape(*y.shape, *ones)
    return _unwindowed(p, ct.reshape(*ct.shape, *ones) * attained, xs[0].shape[1:])


def _pull_window_sum(p: Params, ct: Any, _: Any, xs: Sequence[Any]) -> Any:
    whole = np.broadcast_to(ct.reshape(*ct.shape, *(1,) * (ct.ndim - 1)), (*ct.shape, *p["window_dimensions"]))
    return _unwindowed(p, whole, xs[0].shape[1:])


def _pull_dot(p: Params, ct: Any, xs: Sequence[Any], i: int) -> Any:
    contract, batch = p["dimension_numbers"]
    (x, order, sizes), (other, _, _) = grouped(xs[i], batch[i], contract[i]), grouped(xs[1 - i], batch[1 - i], contract[1 - i])
    pulled = ct.reshape(len(ct), x.shape[1], *((x.shape[2], other.shape[2]) if i == 0 else (other.shape[2], x.shape[2])))
    pulled = (pulled if i == 0 else pulled.swapaxes(-1, -2)) @ other
    return pulled.reshape(len(pulled), *sizes[1:]).transpose(np.argsort(order))


def _pull_conv(p: Params, ct: Any, xs: Sequence[Any], i: int) -> Any:
    spec, (how, patches, kernel, space) = p["dimension_numbers"], unfolded(p, *xs)
    ct = ct.transpose(0, *(1 + a for a in spec.out_spec))
    ct = ct.reshape(*ct.shape[:2], *kernel.shape[2:4], math.prod(space))
    taps = how["window_dimensions"][2:]
    if i == 1:
        pulled = (ct @ patches.swapaxes(-1, -2)).sum(1)
        return pulled.reshape(len(ct), kernel.shape[2] * kernel.shape[3], -1, *taps).transpose(
            0, *(1 + a for a in np.argsort(spec.rhs_spec))
        )
    d, columns = len(space), kernel.swapaxes(-1, -2) @ ct
    columns = columns.reshape(*columns.shape[:2], how["shape"][1], *taps, *space)
    columns = columns.transpose(0, 1, 2, *range(3 + d, 3 + 2 * d), *range(3, 3 + d))
    columns = columns.reshape(*columns.shape[: 3 + d], 1, 1, *taps)
    return _unwindowed(how, columns, how["shape"]).transpose(0, *(1 + a for a in np.argsort(spec.lhs_spec)))


def _pull_reduction(p: Params, ct: Any, x: Any) -> Any:
    kept = (1 if a in p["axes"] else n for a, n in enumerate(x.shape[1:]))
    return np.broadcast_to(ct.reshape(len(ct), *kept), (len(ct), *x.shape[1:]))


def _pull_extremum(p: Params, ct: Any, y: Any, x: Any, u: float) -> Any:
    return _pull_reduction(p, ct, x) * (np.abs(x - _pull_reduction(p, y, x)) <= _near(y, u))


def _pull_broadcast(p: Params, ct: Any, x: Any) -> Any:
    grown = (1 + a for a in range(ct.ndim - 1) if a not in p["broadcast_dimensions"])
    return ct.sum(tuple(grown))


def _pull_slice(p: Params, ct: Any, x: Any) -> Any:
    out = np.zeros((len(ct), *x.shape[1:]))
    MOVING["slice"](p, out)[...] = ct
    return out


def _pull_index(p: Params, ct: Any, x: Any) -> Any:
    out = np.zeros((len(ct), *x.shape[1:]))
    out[:, p["at"]] = ct
    return out


def _pull_concatenate(p: Params, ct: Any, xs: Sequence[Any], i: int) -> Any:
    axis = 1 + p["dimension"]
    start = sum(x.shape[axis] for x in xs[:i])
    return ct[(slice(None),) * axis + (slice(start, start + xs[i].shape[axis]),)]


def _pull_pad(p: Params, ct: Any, i: int) -> Any:
    inside, axes = _unpadded(ct, p["padding_config"]), tuple(range(1, ct.ndim))
    return inside if i == 0 else ct.sum(axes) - inside.sum(axes)


def _safe(ct: Any, factor: Any) -> Any:
    """The product; where nothing depends on an entry, 0, whatever its slope is."""
    product = ct * factor
    return product if np.isfinite(product).all() else np.where(ct == 0, 0.0, product)


SLOPE: dict[str, Callable[[Any, Any], Any]] = {
    "exp": lambda x, y: y,
    "exp2": lambda x, y: y * math.log(2),
    "expm1": lambda x, y: y + 1,
    "log": lambda x, y: 1 / x,
    "log1p": lambda x, y: 1 / (1 + x),
    "sin": lambda x, y: np.cos(x),
    "cos": lambda x, y: -np.sin(x),
    "tanh": lambda x, y: 1 - y * y,
    "sqrt": lambda x, y: 0.5 / y,
    "rsqrt": lambda x, y: -0.5 * y / x,
    "square": lambda x, y: 2 * x,
    "logistic": lambda x, y: y * (1 - y),
    "erf": lambda x, y: 2 / math.sqrt(math.pi) * np.exp(-x * x),
}
PULL: dict[str, Callable[..., Any]] = {
    **dict.fromkeys(("add", "add_any", "convert_element_type", *IDENTITY), lambda p, ct, y, xs, i, u: ct),
    "sub": lambda p, ct, y, xs, i, u: -ct if i else ct,
    "neg": lambda p, ct, y, xs, i, u: -ct,
    "mul": lambda p, ct, y, xs, i, u: ct * xs[1 - i],
    "div": lambda p, ct, y, xs, i, u: _safe(ct, -y / xs[1]) if i else _safe(ct, 1 / xs[1]),
    "max": lambda p, ct, y, xs, i, u: ct * (xs[i] >= y - _near(y, u)),
    "min": lambda p, ct, y, xs, i, u: ct * (xs[i] <= y + _near(y, u)),
    "clamp": lambda p, ct, y, xs, i, u: ct * (np.abs(xs[i] - y) <= _near(y, u)),
    "abs": lambda p, ct, y, xs, i, u: ct * np.where(y <= _near(y, u), 1.0, np.sign(xs[0])),
    "integer_pow": lambda p, ct, y, xs, i, u: _safe(ct, p["y"] * xs[0] ** (p["y"] - 1)),
    "select_n": lambda p, ct, y, xs, i, u: np.where(xs[0], ct, 0.0) if i == 2 else np.where(xs[0], 0.0, ct),
    "reshape": lambda p, ct, y, xs, i, u: ct.reshape(len(ct), *xs[0].shape[1:]),
    "squeeze": lambda p, ct, y, xs, i, u: ct.reshape(len(ct), *xs[0].shape[1:]),
    "transpose": lambda p, ct, y, xs, i, u: ct.transpose(0, *(1 + a for a in np.argsort(p["permutation"]))),
    "rev": lambda p, ct, y, xs, i, u: MOVING["rev"](p, ct),
    "slice": lambda p, ct, y, xs, i, u: _pull_slice(p, ct, xs[0]),
    "index": lambda p, ct, y, xs, i, u: _pull_index(p, ct, xs[0]),
    "stack": lambda p, ct, y, xs, i, u: ct[:, i],
    "pad": lambda p, ct, y, xs, i, u: _pull_pad(p, ct, i),
    "concatenate": lambda p, ct, y, xs, i, u: _pull_concatenate(p, ct, xs, i),
    "broadcast_in_dim": lambda p, ct, y, xs, i, u: _pull_broadcast(p, ct, xs[0]),
    "reduce_sum": lambda p, ct, y, xs, i, u: _pull_reduction(p, ct, xs[0]),
    "reduce_max": lambda p, ct, y, xs, i, u: _pull_extremum(p, ct, y, xs[0], u),
    "reduce_min": lambda p, ct, y, xs, i, u: _pull_extremum(p, ct, y, xs[0], u),
    "reduce_window_sum": lambda p, ct, y, xs, i, u: _pull_window_sum(p, ct, y, xs),
    "reduce_window_max": lambda p, ct, y, xs, i, u: _pull_window_max(p, ct, y, xs, u),
    "dot_general": lambda p, ct, y, xs, i, u: _pull_dot(p, ct, xs, i),
    "conv_general_dilated": lambda p, ct, y, xs, i, u: _pull_conv(p, ct, xs, i),
}
"""(params, ∂/∂output, output, inputs, i, u) → ∂/∂input i, before summing over axes along which input i was repeated."""

_PLACES = frozenset(
    ("rev", "pad", "slice", "squeeze", "reshape", "transpose", "broadcast_in_dim", "concatenate", "split", "iota")
)
_FOUND = frozenset(
    ("gather", "scatter", "dynamic_slice", "dynamic_update_slice", "sort", "top_k", "index", "stack", "argmax", "argmin")
)
_EXTREMA = frozenset(
    ("max", "min", "clamp", "reduce_max", "reduce_min", "reduce_window_max", "reduce_window_min", "cummax", "cummin")
)
_SIGNS = frozenset(("neg", "abs", "sign", "select_n", "floor", "ceil", "round", "convert_element_type", "bitcast_convert_type"))
EXACT = _PLACES | _FOUND | _EXTREMA | _SIGNS | IDENTITY
"""Operations that round nothing (an integer too wide for a float excepted)."""
_POWERS = ("exp", "exp2", "expm1", "log", "log1p", "logistic", "rsqrt", "cbrt", "pow", "erf", "erfc")
_ANGLES = ("sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh")
_SIMPLE = ("add", "add_any", "sub", "mul", "div", "sqrt", "square", "rem")
ROUNDED: dict[str, int] = {**dict.fromkeys(_SIMPLE, 1), **dict.fromkeys((*_POWERS, *_ANGLES), 8), "erf_inv": 64}
"""Roundings that one operation counts for."""


def own_error(op: Op, xs: Sequence[Any], y: Any) -> Any:
    """What one operation's own rounding may add to each entry of its output, in units of u; None if nothing, inf if unknown."""
    name = op.name
    if name in EXACT or not floating(y.dtype):
        return None
    if name in ROUNDED:
        return ROUNDED[name] * np.abs(y)
    if name == "integer_pow":
        return abs(op.params["y"]) * np.abs(y)
    size, count = math.prod(y.shape[1:]), math.prod(xs[0].shape[1:]) if xs else 0
    if name in ("reduce_prod", "cumprod"):
        return (count if name == "cumprod" else count / max(size, 1)) * np.abs(y)
    if name in ("reduce_sum", "cumsum", "dot_general", "conv_general_dilated", "reduce_window_sum", "scatter-add"):
        terms = {
            "reduce_sum": lambda: count / max(size, 1),
            "cumsum": lambda: xs[0].shape[1 + op.params["axis"]],
            "dot_general": lambda: math.prod(xs[0].shape[1 + a] for a in op.params["dimension_numbers"][0][0]),
            "conv_general_dilated": lambda: (
                math.prod(xs[1].shape[1:]) / xs[1].shape[1 + op.params["dimension_numbers"].rhs_spec[0]]
            ),
            "reduce_window_sum": lambda: math.prod(op.params["window_dimensions"]),
            "scatter-add": lambda: math.prod(xs[2].shape[1:]),
        }[name]()
        return (terms + 1) * op.numbers([np.abs(x) if floating(x.dtype) else x for x in xs])[0]
    return math.inf


@functools.lru_cache(maxsize=8192)
def _compiled(op: Op, flags: tuple[bool, ...], wanted: tuple[int, ...]) -> Callable[..., Any]:
    def one(inputs: list[Any], cts: list[Any]) -> Any:
        def forward(*some: Any) -> list[Any]:
            given = dict(zip(wanted, some, strict=True))
            return [y for y in op.bind(*(given.get(k, x) for k, x in enumerate(inputs))) if floating(y.dtype)]

        return jax.vjp(forward, *(inputs[k] for k in wanted))[1](cts)

    return jax.jit(jax.vmap(one, ([0 if flag else None for flag in flags], 0)))


def _pulled(op: Op, xs: Sequence[Any], ys: list[Any], cts: list[Any], wanted: tuple[int, ...], u: float) -> list[Any]:
    """∂/∂input for the inputs `wanted`; raises what JAX raises for operations without a derivative."""
    copies = max(len(ct) for ct in cts if ct is not None)
    if op.rule is not None or op.name in IDENTITY:
        slope = SLOPE.get(op.name)
        if slope is not None:
            return [_safe(cts[0], slope(xs[0], ys[0]))]
        if op.name in PULL:
            same = op.name in WHOLE or op.name in ("div", "clamp", "select_n")
            parts, ys = (aligned(xs), ys) if same else (xs, ys)
            k = 0 if len(cts) == 1 else None
            return [
                PULL[op.name](op.params, cts[i if k is None else 0], ys[i if k is None else 0], parts, i, u) for i in wanted
            ]
    flags = tuple(isinstance(x, np.ndarray) and x.shape[0] != 1 for x in xs)
    full = [np.zeros((copies, *y.shape[1:])) if ct is None else ct for ct, y in zip(cts, ys, strict=True) if floating(y.dtype)]
    values = [plain(x, flag) for x, flag in zip(xs, flags, strict=True)]
    return [np.asarray(ct)[:copies] for ct in _compiled(op, flags, wanted)(values, [plain(ct, True) for ct in full])]


def _added(ct: Any, error: Any) -> Any:
    """Σ |ct|·error in each copy; where nothing depends on an entry, its error does not count, infinite or not."""
    terms = np.abs(ct) * error
    total = terms.reshape(len(terms), -1).sum(1)
    return total if np.isfinite(total).all() else np.where(ct == 0, 0.0, terms).reshape(len(terms), -1).sum(1)


def _fitted(ct: Any, x: Any) -> Any:
    """Sums over the axes along which x was repeated."""
    if ct.shape[1:] == x.shape[1:]:
        return ct
    ct = ct.sum(tuple(range(1, 1 + ct.ndim - x.ndim)))
    repeated = tuple(a for a in range(1, x.ndim) if x.shape[a] == 1 != ct.shape[a])
    return ct.sum(repeated, keepdims=True) if repeated else ct


def reverse(
    record: Record,
    outputs: Sequence[Any],
    entries: Sequence[tuple[int, tuple[int, ...]]],
    inexact: Sequence[tuple[Any, Any]],
    u: float,
) -> np.ndarray:
    """The bounds of the entries (output, index), the n-th in copy n of the recorded run, by one reverse pass; shape (entries,).

    `inexact` lists arguments that were rounded themselves, each with the absolute value its rounding is relative to.
    """
    store: dict[int, Any] = {}
    noisy = {id(x) for x, _ in inexact}
    for op, xs, ys in record:
        if op.name not in EXACT or any(id(x) in noisy for x in xs):
            noisy.update(id(y) for y in ys if floating(y.dtype))
    for n, (output, index) in enumerate(entries):
        if id(outputs[output]) not in store:
            store[id(outputs[output])] = np.zeros((len(entries), *outputs[output].shape[1:]))
        store[id(outputs[output])][(n, *index)] = 1.0
    total = np.zeros(len(entries))
    with jax.enable_x64(True), np.errstate(all="ignore"):
        for op, xs, ys in reversed(record):
            cts = [store.pop(id(y), None) for y in ys]
            if all(ct is None for ct in cts):
                continue
            for ct, y in zip(cts, ys, strict=True):
                error = None if ct is None else own_error(op, xs, y)
                if error is not None:
                    total += _added(ct, error)
            wanted = tuple(i for i, x in enumerate(xs) if id(x) in noisy)
            if not wanted:
                continue
            try:
                pulled = _pulled(op, xs, ys, cts, wanted, u)
            except (NotImplementedError, TypeError, ValueError):
                return np.full(len(entries), np.inf)
            for i, ct in zip(wanted, pulled, strict=True):
                ct, key = _fitted(ct, xs[i]), id(xs[i])
                store[key] = store[key] + ct if key in store else ct
        for x, magnitude in inexact:
            if id(x) in store:
                total += _added(store[id(x)], magnitude)
    return np.where(np.isnan(total), np.inf, u * total)


def bound(replay: Replay, args: Sequence[Any], output: int, index: tuple[int, ...], u: float = UNIT) -> float:
    """The largest |fl(y) − y| of the entry `index` of output number `output`, to first order, for unit round-off u.

    The arguments are taken as exact. Infinite if an operation is unknown or the sensitivity is not finite. Source: Higham (2002), §3.3.
    """
    record: Record = []
    prepared = replay.prepare(args)
    outputs = replay.run(prepared, record)
    return float(reverse(record, outputs, [(output, index)], [], u)[0])
