"""Operations that move numbers and change none: JAX itself moves their places, as integers, and the balls follow."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .balls import Array, arb, at_least, boxed, greater


def _broadcast(params: Any, x: Array) -> Array:
    sizes = dict(zip(params["broadcast_dimensions"], x.shape, strict=True))
    shape = params["shape"]
    return np.broadcast_to(x.reshape([sizes.get(a, 1) for a in range(len(shape))]), shape)


def _slice(params: Any, x: Array) -> Array:
    steps = params["strides"] or [1] * x.ndim
    return x[tuple(slice(*of) for of in zip(params["start_indices"], params["limit_indices"], steps, strict=True))]


def _pad(params: Any, x: Array, fill: Array) -> Array:
    """Each number at its place, low + (1 + interior)·k, if that is inside."""
    ends = [
        low + high + n + max(n - 1, 0) * apart for n, (low, high, apart) in zip(x.shape, params["padding_config"], strict=True)
    ]
    out = np.full(ends, fill[()], object)
    places = [low + (1 + apart) * np.arange(n) for n, (low, _, apart) in zip(x.shape, params["padding_config"], strict=True)]
    kept = [(at >= 0) & (at < end) for at, end in zip(places, ends, strict=True)]
    out[np.ix_(*(at[k] for at, k in zip(places, kept, strict=True)))] = x[np.ix_(*kept)]
    return out


PLAIN: dict[str, Callable[..., Array]] = {
    "reshape": lambda p, x: (x if p["dimensions"] is None else x.transpose(p["dimensions"])).reshape(p["new_sizes"]),
    "transpose": lambda p, x: x.transpose(p["permutation"]),
    "squeeze": lambda p, x: x.squeeze(tuple(p["dimensions"])),
    "rev": lambda p, x: np.flip(x, tuple(p["dimensions"])),
    "concatenate": lambda p, *xs: np.concatenate(xs, p["dimension"]),
    "broadcast_in_dim": _broadcast,
    "slice": _slice,
    "pad": _pad,
}
"""Moves that NumPy makes by itself, for each operation (params, operands) → output: nothing to compile."""
MOVES = frozenset(
    ("dynamic_slice", "dynamic_update_slice", "expand_dims", "gather", "scatter", "split", "tile", "unstack", *PLAIN)
)
"""What is evaluated on places instead of numbers."""


def floating(aval: Any) -> bool:
    return bool(jnp.issubdtype(aval.dtype, jnp.floating))


def moved(equation: Any, inputs: Sequence[Array]) -> list[Array]:
    """The outputs of an operation that only moves. Each ball has a number of its own, and JAX moves the numbers."""
    if equation.primitive.name in PLAIN:
        y = PLAIN[equation.primitive.name](equation.params, *(np.asarray(x, object) for x in inputs))
        return [y if isinstance(y, np.ndarray) else boxed([y], ())]
    pool: list[Any] = [arb("nan")]  # number 0: whatever JAX fills in
    given: list[Any] = []
    for x, variable in zip(inputs, equation.invars, strict=True):
        if floating(variable.aval) or x.dtype == object:
            given.append(np.arange(len(pool), len(pool) + x.size, dtype=np.int32).reshape(x.shape))
            pool += list(x.reshape(-1))
        else:
            given.append(x)
    params = {**equation.params, **({"fill_value": 0} if equation.primitive.name == "gather" else {})}
    results = equation.primitive.bind(*given, **params)
    results = results if equation.primitive.multiple_results else [results]
    numbers = np.empty(len(pool), object)
    numbers[:] = pool
    return [numbers[np.asarray(r)] if np.ndim(r) else boxed([pool[int(r)]], ()) for r in results]


def landing(equation: Any, operand: Array, indices: Array, updates: Array) -> Array:
    """Where each update of a scattered sum lands, 1 + its place in the flat operand; 0 where it is dropped.

    The transpose of a scattered sum gathers: applied to the numbers of the places it tells them.
    """

    def scattered(u: Any) -> Any:
        return equation.primitive.bind(jnp.zeros(operand.shape), jnp.asarray(indices), u, **equation.params)

    _, back = jax.vjp(scattered, jnp.zeros(updates.shape))
    return np.asarray(back(1.0 + jnp.arange(operand.size, dtype=float).reshape(operand.shape))[0]).astype(np.int64)


def scatter_add(equation: Any, operand: Array, indices: Array, updates: Array) -> Array:
    out = list(operand.reshape(-1))
    for at, u in zip(landing(equation, operand, indices, updates).reshape(-1), updates.reshape(-1), strict=True):
        if at:
            out[at - 1] = out[at - 1] + u
    return boxed(out, operand.shape)


def windows(
    shape: Sequence[int],
    dimensions: Sequence[int],
    strides: Sequence[int],
    padding: Sequence[tuple[int, int]],
    base_dilation: Sequence[int],
    window_dilation: Sequence[int],
) -> Array:
    """The places that each window reads, −1 in the padding; shape (*positions, *window). By the definition of XLA's windows."""
    axes: list[Any] = []
    for n, k, stride, (low, high), apart, dilated in zip(
        shape, dimensions, strides, padding, base_dilation, window_dilation, strict=True
    ):
        room = max(n - 1, 0) * apart + min(n, 1) + low + high
        count = max((room - ((k - 1) * dilated + 1)) // stride + 1, 0)
        at = np.arange(count)[:, None] * stride + np.arange(k)[None, :] * dilated - low
        axes.append(np.where((at >= 0) & (at % apart == 0) & (at // apart < n), at // apart, -1))
    rank = len(axes)
    total = np.zeros([len(a) for a in axes] + [a.shape[1] for a in axes], np.int64)
    outside = np.zeros(total.shape, bool)
    for d, at in enumerate(axes):
        view = at.reshape([at.shape[0] if a == d else at.shape[1] if a == rank + d else 1 for a in range(2 * rank)])
        total = total + np.maximum(view, 0) * math.prod(shape[d + 1 :])
        outside = outside | (view < 0)
    return np.where(outside, -1, total)


def windows_of(params: Any, shape: Sequence[int]) -> Array:
    """The places that the windows of an operation read, flat: (positions, window); for the selecting ones without dilation."""
    ones = (1,) * len(shape)
    read = windows(
        shape,
        params["window_dimensions"],
        params["window_strides"],
        params["padding"],
        params.get("base_dilation", ones),
        params.get("window_dilation", ones),
    )
    return read.reshape(math.prod(read.shape[: len(shape)]), -1)


def candidates(values: Sequence[Any], places: Sequence[int], greatest: bool) -> list[int]:
    """The places of a window that may hold its greatest (smallest) value, the first among equals: one, unless balls overlap."""
    sized = [(place, values[place] if greatest else -values[place]) for place in places]
    return [
        place
        for k, (place, value) in enumerate(sized)
        if not any(at_least(other, value) if n < k else greater(other, value) for n, (_, other) in enumerate(sized) if n != k)
    ]
