"""Primitives in NumPy that refuse what is not defined, and comparisons that round-off alone could decide."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np


class UndefinedRunError(Exception):
    """The program is not defined at these inputs, or round-off alone could decide a comparison."""


def near(left: Any, right: Any) -> bool:
    """Whether two different numbers are so close that round-off may have made the difference."""
    left, right = np.broadcast_arrays(np.asarray(left, float), np.asarray(right, float))
    finite = np.isfinite(left) & np.isfinite(right) & (left != right)
    return bool(np.any(finite & (np.abs(left - right) < 1e-7 * (1 + np.abs(np.where(finite, left, 0))))))


def _ordered(value: Any, axis: int | None) -> None:
    """Refuse a value whose order along an axis round-off may decide."""
    value = np.sort(np.asarray(value, float), axis=axis) if axis is not None else np.sort(np.ravel(value))
    axis = 0 if axis is None else axis
    if value.ndim and value.shape[axis] > 1 and value.dtype.kind == "f":
        low = np.take(value, range(value.shape[axis] - 1), axis)
        high = np.take(value, range(1, value.shape[axis]), axis)
        if near(low, high):
            raise UndefinedRunError


def _compare(function: Any) -> Any:
    def run(params: Any, left: Any, right: Any) -> Any:
        if np.asarray(left).dtype.kind == "f" and near(left, right):
            raise UndefinedRunError
        return function(left, right)

    return run


def _reduce(function: Any) -> Any:
    return lambda params, value: function(value, axis=tuple(params["axes"]), dtype=value.dtype)


def _extreme(function: Any, start: float) -> Any:
    def run(params: Any, value: Any) -> Any:
        return function(value, axis=tuple(params["axes"]), initial=start) if value.dtype.kind == "f" else NotImplemented

    return run


def _broadcast(params: Any, value: Any, *_: Any) -> Any:
    shape = [1] * len(params["shape"])
    for axis, place in enumerate(params["broadcast_dimensions"]):
        shape[place] = value.shape[axis]
    return np.broadcast_to(value.reshape(shape), params["shape"])


def _slice(params: Any, value: Any) -> Any:
    strides = params["strides"] or (1,) * value.ndim
    cuts = zip(params["start_indices"], params["limit_indices"], strides, strict=True)
    return value[tuple(slice(start, limit, stride) for start, limit, stride in cuts)]


def _dot(params: Any, left: Any, right: Any) -> Any:
    (a, b), (c, d) = params["dimension_numbers"]
    if c or d:
        return NotImplemented
    return np.tensordot(left, right, (tuple(a), tuple(b)))


def _cumulative(function: Any) -> Any:
    def run(params: Any, value: Any) -> Any:
        axis = params["axis"]
        if params["reverse"]:
            return np.flip(function(np.flip(value, axis), axis), axis)
        return function(value, axis)

    return run


def _select(params: Any, which: Any, *cases: Any) -> Any:
    if len(cases) == 2:
        return np.where(which, cases[1], cases[0])
    return np.choose(np.asarray(which, int), cases)


def _log_of(params: Any, value: Any) -> Any:
    if np.any(value <= 0):
        raise UndefinedRunError
    return np.log(value)


def _divide(params: Any, left: Any, right: Any) -> Any:
    if left.dtype.kind != "f":
        return NotImplemented
    if np.any(np.abs(right) < 1e-9):
        raise UndefinedRunError
    return left / right


def _root(params: Any, value: Any) -> Any:
    if np.any(value <= 1e-9):
        raise UndefinedRunError
    return 1 / np.sqrt(value)


def _power(params: Any, value: Any) -> Any:
    if params["y"] < 0 and np.any(np.abs(value) < 1e-9):
        raise UndefinedRunError
    return value ** params["y"] if value.dtype.kind == "f" else NotImplemented


def _sorted(params: Any, *values: Any) -> Any:
    axis, keys = params["dimension"], values[: params["num_keys"]]
    if len(values) > 1:
        for key in keys:
            _ordered(key, axis)
    order = np.lexsort(keys[::-1], axis=axis)
    return [np.take_along_axis(value, order, axis) for value in values]


def _placed(function: Any) -> Any:
    def run(params: Any, value: Any) -> Any:
        _ordered(value, params["axes"][0])
        return function(value, params["axes"][0]).astype(params["index_dtype"])

    return run


def _top(params: Any, value: Any) -> Any:
    _ordered(value, -1)
    order = np.argsort(-value, -1, kind="stable")[..., : params["k"]]
    return [np.take_along_axis(value, order, -1), order.astype(np.int32)]


def _pad(params: Any, value: Any, with_: Any) -> Any:
    for axis, (low, high, inside) in enumerate(params["padding_config"]):
        value = _widened(value, axis, low, high, inside + 1, with_)
    return value


def _widened(value: Any, axis: int, low: int, high: int, dilation: int, with_: Any) -> Any:
    """Holes between the entries along an axis, and padding or cropping at its ends."""
    size = value.shape[axis]
    wide = low + high + (max(size - 1, 0) * dilation + 1 if size else 0)
    found = np.full((*value.shape[:axis], max(wide, 0), *value.shape[axis + 1 :]), with_, value.dtype)
    places = low + np.arange(size) * dilation
    inside = (places >= 0) & (places < wide)
    index = (slice(None),) * axis
    found[(*index, places[inside])] = value[(*index, np.flatnonzero(inside))]
    return found


def _windows(function: Any, start: float) -> Any:
    def run(params: Any, value: Any) -> Any:
        sizes, steps = params["window_dimensions"], params["window_strides"]
        for axis, (low, high) in enumerate(params["padding"]):
            value = _widened(value, axis, low, high, params["base_dilation"][axis], start)
        spans = [(w - 1) * d + 1 for w, d in zip(sizes, params["window_dilation"], strict=True)]
        counts = [max((n - span) // s + 1, 0) for n, span, s in zip(value.shape, spans, steps, strict=True)]
        found = np.full(counts, start, value.dtype)
        for taps in np.ndindex(*sizes):
            cut = [
                slice(t * d, t * d + (n - 1) * s + 1 if n else t * d, s)
                for t, d, n, s in zip(taps, params["window_dilation"], counts, steps, strict=True)
            ]
            found = function(found, value[tuple(cut)])
        return found

    return run


def _convolved(params: Any, value: Any, kernel: Any) -> Any:
    numbers = params["dimension_numbers"]
    value, kernel = np.transpose(value, numbers.lhs_spec), np.transpose(kernel, numbers.rhs_spec)
    groups, batches, steps = params["feature_group_count"], params["batch_group_count"], params["window_strides"]
    for k, (low, high) in enumerate(params["padding"]):
        value = _widened(value, k + 2, low, high, params["lhs_dilation"][k], 0)
    sizes, dilations = kernel.shape[2:], params["rhs_dilation"]
    counts = [
        max((n - (w - 1) * d - 1) // s + 1, 0) for n, w, d, s in zip(value.shape[2:], sizes, dilations, steps, strict=True)
    ]
    parts: list[Any] = []
    many = groups * batches
    for g in range(many):
        here = np.split(value, groups, 1)[g] if groups > 1 else np.split(value, batches, 0)[g]
        weights = np.split(kernel, many, 0)[g]
        total = np.zeros((here.shape[0], weights.shape[0], *counts))
        for taps in np.ndindex(*sizes):
            cut = tuple(
                slice(t * d, t * d + (n - 1) * s + 1 if n else t * d, s)
                for t, d, n, s in zip(taps, dilations, counts, steps, strict=True)
            )
            seen = here[(slice(None), slice(None), *cut)]
            total += np.moveaxis(np.tensordot(weights[(slice(None), slice(None), *taps)], seen, ((1,), (1,))), 0, 1)
        parts.append(total)
    return np.transpose(np.concatenate(parts, 1), np.argsort(numbers.out_spec))


def _gathered(params: Any, value: Any, indices: Any) -> Any:
    numbers, sizes = params["dimension_numbers"], params["slice_sizes"]
    mode, filling = str(params["mode"]).lower(), params["fill_value"]
    if numbers.operand_batching_dims or ("fill" in mode and filling is None):
        return NotImplemented
    rows = indices.reshape(-1, indices.shape[-1]).astype(np.int64)
    found: list[Any] = []
    for row in rows:
        start = [0] * value.ndim
        for axis, place in zip(numbers.start_index_map, row, strict=True):
            start[axis] = int(place)
        last = [n - s for n, s in zip(value.shape, sizes, strict=True)]
        outside = any(not 0 <= a <= b for a, b in zip(start, last, strict=True))
        if outside and "promise" in mode:
            raise UndefinedRunError
        start = [min(max(a, 0), b) for a, b in zip(start, last, strict=True)]
        piece = value[tuple(slice(a, a + s) for a, s in zip(start, sizes, strict=True))]
        piece = np.squeeze(piece, tuple(numbers.collapsed_slice_dims))
        found.append(np.full_like(piece, filling) if outside and "fill" in mode else piece)
    batch = indices.shape[:-1]
    whole = np.stack(found).reshape(*batch, *found[0].shape)
    order = [axis for axis in range(whole.ndim) if axis not in numbers.offset_dims]
    to = {place: k for k, place in enumerate(order)} | {p: len(batch) + k for k, p in enumerate(numbers.offset_dims)}
    return np.transpose(whole, [to[axis] for axis in range(whole.ndim)])


def _starts(value: Any, sizes: Sequence[int], starts: Sequence[Any]) -> tuple[slice, ...]:
    begins = [min(max(int(a), 0), n - s) for a, n, s in zip(starts, value.shape, sizes, strict=True)]
    return tuple(slice(a, a + s) for a, s in zip(begins, sizes, strict=True))


def _updated(params: Any, value: Any, update: Any, *starts: Any) -> Any:
    value = np.array(value)
    value[_starts(value, update.shape, starts)] = update
    return value


def _iota(params: Any) -> Any:
    shape, axis = params["shape"], params["dimension"]
    row = np.arange(shape[axis]).astype(params["dtype"])
    return np.broadcast_to(row.reshape([-1 if a == axis else 1 for a in range(len(shape))]), shape)


def _refusing(params: Any, *values: Any) -> Any:
    for value in values:
        if np.asarray(value).dtype.kind == "f":
            _ordered(value, None)
    return NotImplemented


def _positive(params: Any, value: Any) -> Any:
    if np.any(value < 0):
        raise UndefinedRunError
    return np.sqrt(value)


NUMPY: dict[str, Callable[..., Any]] = {
    "add": lambda p, a, b: a + b,
    "add_any": lambda p, a, b: a + b,
    "sub": lambda p, a, b: a - b,
    "mul": lambda p, a, b: a * b,
    "neg": lambda p, a: -a,
    "abs": lambda p, a: np.abs(a),
    "square": lambda p, a: a * a,
    "exp": lambda p, a: np.exp(a),
    "tanh": lambda p, a: np.tanh(a),
    "logistic": lambda p, a: 1 / (1 + np.exp(-a)),
    "sqrt": _positive,
    "rsqrt": _root,
    "log": _log_of,
    "div": _divide,
    "integer_pow": _power,
    "max": lambda p, a, b: np.maximum(a, b),
    "min": lambda p, a, b: np.minimum(a, b),
    "clamp": lambda p, a, b, c: np.minimum(np.maximum(a, b), c),
    "eq": _compare(np.equal),
    "ne": _compare(np.not_equal),
    "lt": _compare(np.less),
    "le": _compare(np.less_equal),
    "gt": _compare(np.greater),
    "ge": _compare(np.greater_equal),
    "is_finite": lambda p, a: np.isfinite(a),
    "and": lambda p, a, b: a & b,
    "or": lambda p, a, b: a | b,
    "xor": lambda p, a, b: a ^ b,
    "not": lambda p, a: ~a,
    "select_n": _select,
    "convert_element_type": lambda p, a: a.astype(p["new_dtype"]) if a.dtype.kind != "f" else NotImplemented,
    "reduce_sum": _reduce(np.sum),
    "reduce_prod": _reduce(np.prod),
    "reduce_max": _extreme(np.max, -np.inf),
    "reduce_min": _extreme(np.min, np.inf),
    "broadcast_in_dim": _broadcast,
    "reshape": lambda p, a: a.reshape(p["new_sizes"]) if p["dimensions"] is None else NotImplemented,
    "transpose": lambda p, a: np.transpose(a, p["permutation"]),
    "squeeze": lambda p, a: np.squeeze(a, tuple(p["dimensions"])),
    "rev": lambda p, a: np.flip(a, tuple(p["dimensions"])),
    "slice": _slice,
    "concatenate": lambda p, *a: np.concatenate(a, p["dimension"]),
    "dot_general": _dot,
    "cumsum": _cumulative(lambda a, k: np.cumsum(a, k, dtype=a.dtype)),
    "cummax": _cumulative(np.maximum.accumulate),
    "cummin": _cumulative(np.minimum.accumulate),
    "cumlogsumexp": _cumulative(np.logaddexp.accumulate),
    "sort": _sorted,
    "argmax": _placed(np.argmax),
    "argmin": _placed(np.argmin),
    "top_k": _top,
    "select_and_scatter_add": _refusing,
    "pad": _pad,
    "reduce_window_sum": _windows(np.add, 0),
    "reduce_window_max": _windows(np.maximum, -np.inf),
    "reduce_window_min": _windows(np.minimum, np.inf),
    "conv_general_dilated": _convolved,
    "gather": _gathered,
    "stack": lambda p, *a: np.stack(a, p["axis"]),
    "unstack": lambda p, a: [np.take(a, k, p["axis"]) for k in range(a.shape[p["axis"]])],
    "tile": lambda p, a: np.tile(a, p["reps"]),
    "dynamic_slice": lambda p, a, *i: a[_starts(a, p["slice_sizes"], i)],
    "dynamic_update_slice": _updated,
    "iota": _iota,
    "split": lambda p, a: np.split(a, np.cumsum(p["sizes"])[:-1], p["axis"]),
    "stop_gradient": lambda p, a: a,
}
"""Primitives in NumPy, from parameters and operands; NotImplemented leaves the equation to JAX."""
