"""The derivatives of single operations: what a reverse pass carries from an output's entries back to those of an input.

Each rule of `operations` for floats has its derivative here, on arrays with a copy axis; every other operation is left to JAX,
compiled once per operation and shape. At a kink of max, min, abs and the like, closer to it than round-off may tell (1024 u, in
half types 1/32 of the largest value), both sides count.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import jax
import numpy as np

from ...host import on_host
from .op import IDENTITY, Op, plain
from .operations import MOVING, WHOLE, Params, aligned, floating, grouped, matrices, padded, unfolded, window_config, windows


def near(y: Any, u: float) -> float:
    """Closer to a kink than this, values count as on both sides of it: a few roundings of the largest of them."""
    return min(1024 * u, 1 / 32) * max(1.0, float(np.abs(y).max(initial=0.0, where=np.isfinite(y))))


def _unpadded(ct: Any, config: Sequence[tuple[int, int, int]]) -> Any:
    """The entries of a padded array that were there before."""
    ct = padded(ct, np.zeros(1), [(max(-lo, 0), max(-hi, 0), 0) for lo, hi, _ in config])
    return ct[
        (slice(None), *(slice(max(lo, 0), n - max(hi, 0), i + 1) for n, (lo, hi, i) in zip(ct.shape[1:], config, strict=True)))
    ]


def unwindowed(p: Params, ct: Any, shape: Sequence[int]) -> Any:
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
    attained = windows(p, xs[0], -np.inf) >= (y - near(y, u)).reshape(*y.shape, *ones)
    return unwindowed(p, ct.reshape(*ct.shape, *ones) * attained, xs[0].shape[1:])


def _pull_window_sum(p: Params, ct: Any, _: Any, xs: Sequence[Any]) -> Any:
    whole = np.broadcast_to(ct.reshape(*ct.shape, *(1,) * (ct.ndim - 1)), (*ct.shape, *p["window_dimensions"]))
    return unwindowed(p, whole, xs[0].shape[1:])


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
        pulled = (ct @ matrices(patches, kernel, space).swapaxes(-1, -2)).sum(1)
        return pulled.reshape(len(ct), kernel.shape[2] * kernel.shape[3], -1, *taps).transpose(
            0, *(1 + a for a in np.argsort(spec.rhs_spec))
        )
    d, columns = len(space), kernel.swapaxes(-1, -2) @ ct
    columns = columns.reshape(*columns.shape[:2], how["shape"][1], *taps, *space)
    columns = columns.transpose(0, 1, 2, *range(3 + d, 3 + 2 * d), *range(3, 3 + d))
    columns = columns.reshape(*columns.shape[: 3 + d], 1, 1, *taps)
    return unwindowed(how, columns, how["shape"]).transpose(0, *(1 + a for a in np.argsort(spec.lhs_spec)))


def _pull_reduction(p: Params, ct: Any, x: Any) -> Any:
    kept = (1 if a in p["axes"] else n for a, n in enumerate(x.shape[1:]))
    return np.broadcast_to(ct.reshape(len(ct), *kept), (len(ct), *x.shape[1:]))


def _pull_extremum(p: Params, ct: Any, y: Any, x: Any, u: float) -> Any:
    return _pull_reduction(p, ct, x) * (np.abs(x - _pull_reduction(p, y, x)) <= near(y, u))


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
    "one_minus_square": lambda x, y: -2 * x,
    "logistic": lambda x, y: y * (1 - y),
    "erf": lambda x, y: 2 / math.sqrt(math.pi) * np.exp(-x * x),
}
PULL: dict[str, Callable[..., Any]] = {
    **dict.fromkeys(("add", "add_any", "convert_element_type", *IDENTITY), lambda p, ct, y, xs, i, u: ct),
    "sub": lambda p, ct, y, xs, i, u: -ct if i else ct,
    "neg": lambda p, ct, y, xs, i, u: -ct,
    "mul": lambda p, ct, y, xs, i, u: ct * xs[1 - i],
    "div": lambda p, ct, y, xs, i, u: _safe(ct, -y / xs[1]) if i else _safe(ct, 1 / xs[1]),
    "clamp": lambda p, ct, y, xs, i, u: ct * (np.abs(xs[i] - y) <= near(y, u)),
    "abs": lambda p, ct, y, xs, i, u: ct * np.where(y <= near(y, u), 1.0, np.sign(xs[0])),
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


@functools.lru_cache(maxsize=8192)
def _compiled(op: Op, flags: tuple[bool, ...], wanted: tuple[int, ...]) -> Callable[..., Any]:
    def one(inputs: list[Any], cts: list[Any]) -> Any:
        def forward(*some: Any) -> list[Any]:
            given = dict(zip(wanted, some, strict=True))
            return [y for y in op.bind(*(given.get(k, x) for k, x in enumerate(inputs))) if floating(y.dtype)]

        return jax.vjp(forward, *(inputs[k] for k in wanted))[1](cts)

    return jax.jit(jax.vmap(one, ([0 if flag else None for flag in flags], 0)))


def pulled(op: Op, xs: Sequence[Any], ys: list[Any], cts: list[Any], wanted: tuple[int, ...], u: float) -> list[Any]:
    """∂/∂input for the inputs `wanted`; raises what JAX raises for operations without a derivative."""
    if op.name in ("max", "min") and op.rule is not None:
        sign = 1.0 if op.name == "max" else -1.0
        parts, room = aligned(xs), near(ys[0], u)
        return [cts[0] * (sign * parts[i] >= sign * ys[0] - room) for i in wanted]
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
    with on_host():
        return [np.asarray(ct)[:copies] for ct in _compiled(op, flags, wanted)(values, [plain(ct, True) for ct in full])]
