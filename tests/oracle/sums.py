"""Operations that add up: reductions, products of matrices, convolutions, windows."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import flint
import numpy as np

from .balls import Array, UndecidedError, arb, both, boxed, either, greater, hull, larger, same, settled, smaller
from .places import candidates, windows, windows_of

ZERO = arb(0)


def reduced(combine: Callable[[Any, Any], Any], start: Any, x: Array, axes: Sequence[int]) -> Array:
    """An array reduced over axes; `start` for none."""
    kept = [a for a in range(x.ndim) if a not in axes]
    rows = x.transpose([*kept, *axes]).reshape(math.prod(x.shape[a] for a in kept), -1)
    return boxed(
        [functools.reduce(combine, row, start) if start is not None else functools.reduce(combine, row) for row in rows],
        [x.shape[a] for a in kept],
    )


def add(a: Any, b: Any) -> Any:
    return a + b


def mul(a: Any, b: Any) -> Any:
    return a * b


def reduce(name: str, params: Any, x: Array) -> Array:
    axes = params["axes"]
    if name in ("reduce_and", "reduce_or"):
        return settled(reduced(both if name == "reduce_and" else either, name == "reduce_and", x.astype(object), axes))
    if name in ("argmax", "argmin"):
        return _argument(x, axes[0], name == "argmax", params["index_dtype"])
    start = {"reduce_sum": ZERO, "reduce_prod": arb(1), "reduce_max": arb("-inf"), "reduce_min": arb("inf")}[name]
    combine = {"reduce_sum": add, "reduce_prod": mul, "reduce_max": larger, "reduce_min": smaller}[name]
    return reduced(combine, start, x, axes)


def _argument(x: Array, axis: int, greatest: bool, dtype: Any) -> Array:
    rows = np.moveaxis(x, axis, -1)
    found = np.zeros(rows.shape[:-1], dtype)
    for at in np.ndindex(*found.shape):
        places = candidates(rows[at], range(x.shape[axis]), greatest)
        if len(places) != 1:
            raise UndecidedError("the place of a maximum hangs on overlapping balls")
        found[at] = places[0]
    return found


def accumulated(name: str, params: Any, x: Array) -> Array:
    combine = {"cumsum": add, "cumprod": mul, "cummax": larger, "cummin": smaller}[name]
    rows = np.moveaxis(x, params["axis"], -1)
    rows = rows[..., ::-1] if params["reverse"] else rows
    out = np.frompyfunc(combine, 2, 1).accumulate(rows, -1, dtype=object)
    return np.moveaxis(out[..., ::-1] if params["reverse"] else out, -1, params["axis"])


def product(a: Array, b: Array) -> Array:
    """The product of two matrices."""
    if 0 in (*a.shape, *b.shape):
        return boxed([ZERO] * (a.shape[0] * b.shape[1]), (a.shape[0], b.shape[1]))
    left = flint.arb_mat(a.shape[0], a.shape[1], list(a.reshape(-1)))
    right = flint.arb_mat(b.shape[0], b.shape[1], list(b.reshape(-1)))
    return boxed((left * right).entries(), (a.shape[0], b.shape[1]))  # pyright: ignore[reportOperatorIssue]


def dot(params: Any, a: Array, b: Array) -> Array:
    (left, right), (first, second) = params["dimension_numbers"]

    def arranged(x: Array, batch: Sequence[int], contracted: Sequence[int]) -> tuple[Array, list[int], list[int]]:
        free = [n for n in range(x.ndim) if n not in batch and n not in contracted]
        sizes = [math.prod(x.shape[n] for n in axes) for axes in (batch, free, contracted)]
        return x.transpose([*batch, *free, *contracted]).reshape(sizes), [x.shape[n] for n in batch], [x.shape[n] for n in free]

    (x, shape, rows), (y, _, columns) = arranged(a, first, left), arranged(b, second, right)
    parts = [product(p, q.T) for p, q in zip(x, y, strict=True)]
    return np.stack(parts).reshape([*shape, *rows, *columns]) if parts else boxed([], [*shape, *rows, *columns])


def convolution(params: Any, x: Array, w: Array) -> Array:
    """By the definition: each output is a product of its window with the kernel, group by group."""
    spec = params["dimension_numbers"]
    groups, batches = params["feature_group_count"], params["batch_group_count"]
    x, w = x.transpose(spec.lhs_spec), w.transpose(spec.rhs_spec)
    (n, c), (outputs, inputs), taps = x.shape[:2], w.shape[:2], w.shape[2:]
    read = windows(
        x.shape[2:], taps, params["window_strides"], params["padding"], params["lhs_dilation"], params["rhs_dilation"]
    )
    space = read.shape[: len(taps)]
    read = read.reshape(math.prod(space), math.prod(taps))
    pool = np.concatenate((x.reshape(n, c, -1), boxed([ZERO] * (n * c), (n, c, 1))), 2)  # place −1 is the padding's
    count = max(groups, batches)
    made: list[Array] = []
    for g in range(count):
        part = pool[g * (n // count) : (g + 1) * (n // count)] if batches > 1 else pool[:, g * inputs : (g + 1) * inputs]
        patches = part[:, :, read].transpose(0, 2, 1, 3).reshape(len(part) * len(read), -1)
        kernel = w[g * (outputs // count) : (g + 1) * (outputs // count)].reshape(outputs // count, -1)
        made.append(product(patches, kernel.T).reshape(len(part), len(read), outputs // count))
    y = np.concatenate(made, 2).transpose(0, 2, 1).reshape(-1, outputs, *space)
    return y.transpose(np.argsort(spec.out_spec))


def window(name: str, params: Any, x: Array) -> Array:
    """Sums and extrema of windows."""
    combine, start = {
        "reduce_window_sum": (add, ZERO),
        "reduce_window_max": (larger, arb("-inf")),
        "reduce_window_min": (smaller, arb("inf")),
    }[name]
    read = windows(
        x.shape, *(params[p] for p in ("window_dimensions", "window_strides", "padding", "base_dilation", "window_dilation"))
    )
    flat, rows = x.reshape(-1), read.reshape(math.prod(read.shape[: x.ndim]), -1)
    return boxed([functools.reduce(combine, flat[row[row >= 0]], start) for row in rows], read.shape[: x.ndim])


def gather_selected(params: Any, tangents: Array, operand: Array) -> Array:
    """The tangent of each window's extremum."""
    greatest = params["select_prim"].name == "ge"
    values, along = operand.reshape(-1), tangents.reshape(-1)
    made: list[Any] = []
    for row in windows_of(params, operand.shape):
        made.append(functools.reduce(hull, along[candidates(values, [int(p) for p in row if p >= 0], greatest)]))
    shape = windows(
        operand.shape,
        *(params[p] for p in ("window_dimensions", "window_strides", "padding", "base_dilation", "window_dilation")),
    ).shape[: operand.ndim]
    return boxed(made, shape)


def scatter_selected(params: Any, source: Array, operand: Array) -> Array:
    """Each source added at the place of its window's extremum."""
    greatest = params["select_prim"].name == "ge"
    values, out = operand.reshape(-1), [ZERO] * operand.size
    for row, s in zip(windows_of(params, operand.shape), source.reshape(-1), strict=True):
        places = candidates(values, [int(p) for p in row if p >= 0], greatest)
        for place in places:
            out[place] = out[place] + (s if len(places) == 1 else hull(ZERO, s))
    return boxed(out, operand.shape)


def ordered(x: Array, dimension: int) -> Array:
    """Sorted; balls that overlap and are not one number give balls around both."""
    rows = np.moveaxis(x, dimension, -1).copy()
    for at in np.ndindex(*rows.shape[:-1]):
        row = rows[at]
        for end in range(len(row) - 1, 0, -1):  # exchanges of neighbours, so that each pair has two balls whatever is open
            for k in range(end):
                if greater(row[k], row[k + 1]) is not False and same(row[k], row[k + 1]) is not True:
                    row[k], row[k + 1] = smaller(row[k], row[k + 1]), larger(row[k], row[k + 1])
    return np.moveaxis(rows, -1, dimension)


def ordered_along(xs: Sequence[Array], dimension: int) -> list[Array]:
    """Arrays sorted by the first of them. Raises UndecidedError where its balls leave the order open."""

    def order(a: Any, b: Any) -> int:
        above, below = greater(a, b), greater(b, a)
        if above is None or below is None:
            raise UndecidedError("an order hangs on overlapping balls")
        return int(above) - int(below)

    rows = [np.moveaxis(x, dimension, -1) for x in xs]
    made = [row.copy() for row in rows]
    for at in np.ndindex(*rows[0].shape[:-1]):
        keys = rows[0][at]
        places = sorted(range(len(keys)), key=functools.cmp_to_key(lambda a, b, keys=keys: order(keys[a], keys[b])))
        for row, out in zip(rows, made, strict=True):
            out[at] = row[at][places]
    return [np.moveaxis(out, -1, dimension) for out in made]
