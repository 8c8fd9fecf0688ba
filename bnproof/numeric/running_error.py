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

import math
from collections.abc import Sequence
from typing import Any

import jax
import numpy as np

from .derivatives import pulled
from .operations import floating
from .replay import IDENTITY, Op, Record, Replay

UNIT = 2.0**-53
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
                parts = pulled(op, xs, ys, cts, wanted, u)
            except (NotImplementedError, TypeError, ValueError):
                return np.full(len(entries), np.inf)
            for i, ct in zip(wanted, parts, strict=True):
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
