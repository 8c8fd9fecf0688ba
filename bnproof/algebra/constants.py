"""Constant arrays: kept by content, as products of one vector an axis where they are such products.

So the counts of an average that leaves padding out are equal however they were computed, and a constant that is the same
along an axis does not use it.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from .forms import Form, Ring
from .known import SMALL, content_terms
from .monomials import Shape
from .rationals import is_lowest, read


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
            if number is not None:
                ring.masks.add(f"{float(first):.3g}")
            return Form({ring.lowest: 1}, shape, kind, False)
        return _by_bytes(ring, array.reshape(-1)[:1].reshape(()), kind, shape)
    if array.size > SMALL or (kind == "f" and not np.isfinite(array.astype(np.float64)).all()):
        return _by_bytes(ring, array, kind)
    content = np.empty(array.size, object)
    content[:] = [read(entry, dtype) for entry in array.reshape(-1)]
    return ring.form(content_terms(ring.atoms, content.reshape(shape), tuple(range(array.ndim))), shape, kind)


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
        if array.dtype.kind == "O":
            ring.atoms.kept.append(array)
    return ring.of(atom, keep, tuple(array.shape) if shape is None else shape, kind)


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
        return ring.form(content_terms(ring.atoms, content, (axis,)), shape, kind)
    atom = ring.atoms.find(kind_key) or ring.atoms.make(kind_key, "constant", (size,))
    return ring.of(atom, (axis,), shape, kind)
