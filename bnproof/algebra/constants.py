"""Constant arrays: kept by content, as products of one vector an axis where they are such products.

So the counts of an average that leaves padding out are equal however they were computed, and a constant that is the same
along an axis does not use it.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from .forms import ONE, Coefficient, Form, Monomial, Ring, Shape, Terms, divided, tidy
from .rationals import is_lowest, read

SMALL = 4096
"""Constants with more entries than this are told apart by their bytes only."""


def constant(ring: Ring, value: Any, dtype: Any = None) -> Form:
    """The form of a literal or constant array of the program."""
    array = np.asarray(value)
    dtype = np.dtype(array.dtype if dtype is None else dtype)
    kind = kind_of(dtype)
    shape = tuple(array.shape)
    if kind not in "fiub" or array.size == 0:
        return _by_bytes(ring, array, kind)
    if array.size == 1 or (array == array.flat[0]).all():
        first = array.flat[0]
        number = read(first, dtype)
        if number is not None and not (kind == "f" and is_lowest(first, dtype)):
            return ring.number(number, shape, kind)
        if kind == "f" and is_lowest(first, dtype):
            return Form({ring.lowest: 1}, shape, kind, False)
        return _by_bytes(ring, array.reshape(-1)[:1].reshape(()), kind, shape)
    if array.size > SMALL or (kind == "f" and not np.isfinite(array.astype(np.float64)).all()):
        return _by_bytes(ring, array, kind)
    content = np.empty(array.size, object)
    content[:] = [read(entry, dtype) for entry in array.reshape(-1)]
    return ring.form(content_terms(ring, content.reshape(shape), tuple(range(array.ndim))), shape, kind)


@functools.lru_cache(maxsize=256)
def kind_of(dtype: Any) -> str:
    """f, c, i, u, b, or V for dtypes without arithmetic (keys, tokens)."""
    try:
        dtype = np.dtype(dtype)
    except TypeError:
        return "V"
    if dtype.kind in "fciub":
        return dtype.kind
    return "f" if dtype.name.startswith(("bfloat", "float")) else "i" if dtype.name.startswith(("int", "uint")) else "V"


def content_terms(ring: Ring, content: np.ndarray, axes: tuple[int, ...]) -> Terms:
    """Exact entries (ints and Fractions), lying along these axes, as one monomial: a vector for each axis that comes apart."""
    nonzero = next((index for index in np.ndindex(content.shape) if content[index]), None)
    if nonzero is None:
        return {}
    pivot: Any = content[nonzero]
    content = _map(content, lambda entry: divided(entry, pivot))
    factors: Monomial = ONE
    axis = 0
    while axis < content.ndim and content.ndim:
        fibre = content[(*nonzero[:axis], slice(None), *nonzero[axis + 1 :])]
        rest = np.asarray(content[(slice(None),) * axis + (nonzero[axis],)], object)
        outer = np.expand_dims(rest, axis) * fibre.reshape((-1,) + (1,) * (content.ndim - axis - 1))
        if content.ndim == 1 or (outer == content).all():
            factors = ring.product(factors, _atom(ring, fibre, (axes[axis],)))
            content, axes = rest, axes[:axis] + axes[axis + 1 :]
            nonzero = nonzero[:axis] + nonzero[axis + 1 :]
        else:
            axis += 1
    if content.ndim:
        factors = ring.product(factors, _atom(ring, content, axes))
    return {factors: tidy(pivot)}


def _atom(ring: Ring, content: np.ndarray, axes: tuple[int, ...]) -> Monomial:
    entries = tuple(content.reshape(-1).tolist())
    if all(entry == 1 for entry in entries):
        return ONE
    key = ("constant", content.shape, entries)
    atom = ring.atoms.find(key)
    if atom is None:
        atom = ring.atoms.make(key, "constant", content.shape)
        atom.content = content
        atom.idempotent = all(entry in (0, 1) for entry in entries)
        atom.signed = any(entry < 0 for entry in entries)
        atom.most = max(map(abs, entries)) if all(isinstance(entry, int) for entry in entries) else None
    return ((atom.number, axes, 1),)


def _by_bytes(ring: Ring, array: np.ndarray, kind: str, shape: Shape | None = None) -> Form:
    keep = tuple(axis for axis in range(array.ndim) if array.shape[axis] != 1)
    if array.size > 1:
        keep = tuple(axis for axis in keep if not (array == array.take([0], axis)).all())
        core = array[tuple(slice(None) if axis in keep else 0 for axis in range(array.ndim))]
    else:
        core = array
        keep = tuple(axis for axis in keep if array.size == 0)
    sizes = tuple(array.shape[axis] for axis in keep)
    key = ("array", str(array.dtype), sizes, core.tobytes() if array.dtype.kind != "O" else id(array))
    atom = ring.atoms.find(key)
    if atom is None:
        atom = ring.atoms.make(key, "constant", sizes)
        if kind in "fc" and array.size:
            atom.infinite = not bool(np.isfinite(array.astype(np.complex128 if kind == "c" else np.float64)).all())
        atom.content = array if array.dtype.kind == "O" else None  # an object's id is good while it lives
    return ring.of(atom, keep, tuple(array.shape) if shape is None else shape, kind)


def evaluated(ring: Ring, monomial: Monomial, axes: tuple[int, ...], shape: Shape) -> np.ndarray | None:
    """The entries of a product of constants, along exactly these axes of `shape`; None if not all of it is small and known."""
    for number, _, _ in monomial:
        atom = ring.atoms.all[number]
        if atom.kind != "constant" or atom.content is None or atom.content.dtype != object:
            return None
    sizes = [shape[axis] for axis in axes]
    if not all(isinstance(size, int) for size in sizes) or math.prod(sizes) > SMALL:
        return None
    result = np.ones(sizes, object)
    for number, placement, exponent in monomial:
        if not set(placement) <= set(axes):
            return None
        atom = ring.atoms[number]
        order = sorted(range(len(placement)), key=lambda k: placement[k])
        entries = np.transpose(atom.content, order)
        full = [slice(None) if axis in placement else None for axis in axes]
        entries = entries[tuple(full)]
        if exponent < 0:
            if not all(entries.reshape(-1).tolist()):
                return None
            entries = _map(entries, lambda entry: divided(1, entry))
        for _ in range(abs(exponent)):
            result = result * entries
    return _map(result, tidy)


def added(ring: Ring, terms: Mapping[Monomial, Coefficient], axes: tuple[int, ...], shape: Shape) -> np.ndarray | None:
    """The entries of a sum of products of constants, along exactly these axes; None if not all of it is small and known."""
    sizes = [shape[axis] for axis in axes]
    if not all(isinstance(size, int) for size in sizes) or math.prod(sizes) > SMALL:
        return None
    entries = np.zeros(sizes, object)
    for monomial, coefficient in terms.items():
        part = evaluated(ring, monomial, axes, shape)
        if part is None:
            return None
        entries = entries + part * coefficient
    return _map(entries, tidy)


def _map(array: np.ndarray, function: Any) -> np.ndarray:
    result = np.empty(array.size, object)
    result[:] = [function(entry) for entry in array.reshape(-1).tolist()]
    return result.reshape(array.shape)


@functools.lru_cache(maxsize=64)
def limit(dtype: Any) -> int:
    """The largest number of an integer dtype, those of 2 and 4 bits among them."""
    import jax.numpy as jnp

    return int(jnp.iinfo(dtype).max)


def iota(ring: Ring, shape: Shape, axis: int, kind: str, dtype: Any) -> Form:
    """0, 1, 2, … along one axis."""
    size = shape[axis]
    if kind in "iu" and (not isinstance(size, int) or size > 2):
        kind_key: tuple[Any, ...] = ("iota", size, dtype)  # it may wrap around
    else:
        kind_key = ("iota", size)
    if isinstance(size, int) and size <= SMALL and (kind not in "iu" or size - 1 <= limit(dtype)):
        content = np.empty(size, object)
        content[:] = list(range(size))
        return ring.form(content_terms(ring, content, (axis,)), shape, kind)
    atom = ring.atoms.find(kind_key) or ring.atoms.make(kind_key, "constant", (size,))
    return ring.of(atom, (axis,), shape, kind)


__all__ = ["SMALL", "added", "constant", "content_terms", "evaluated", "iota", "kind_of", "limit"]
