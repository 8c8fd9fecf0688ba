"""Small constant arrays whose every entry is known exactly, and computing with them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .atoms import Atoms, Content
from .monomials import ONE, Monomial, Shape, Terms
from .rationals import Coefficient, divided, tidy

SMALL = 4096
"""Constants with more entries than this are told apart by their bytes only."""


@dataclass(slots=True)
class Known(Content):
    """Of a constant atom: its entries, an object array of ints and Fractions."""

    entries: np.ndarray


def content_terms(atoms: Atoms, content: np.ndarray, axes: tuple[int, ...]) -> Terms:
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
            factors = (*factors, *_atom(atoms, fibre, (axes[axis],)))
            content, axes = rest, axes[:axis] + axes[axis + 1 :]
            nonzero = nonzero[:axis] + nonzero[axis + 1 :]
        else:
            axis += 1
    if content.ndim:
        factors = (*factors, *_atom(atoms, content, axes))
    return {tuple(sorted(factors)): tidy(pivot)}


def _atom(atoms: Atoms, content: np.ndarray, axes: tuple[int, ...]) -> Monomial:
    entries = tuple(content.reshape(-1).tolist())
    if all(entry == 1 for entry in entries):
        return ONE
    key = ("constant", content.shape, entries)
    atom = atoms.find(key)
    if atom is None:
        atom = atoms.make(key, "constant", content.shape)
        atom.content = Known(content)
        atom.idempotent = all(entry in (0, 1) for entry in entries)
        atom.signed = any(entry < 0 for entry in entries)
        atom.most = max(map(abs, entries)) if all(isinstance(entry, int) for entry in entries) else None
    return ((atom.number, axes, 1),)


def all_known(atoms: Atoms, terms: Iterable[Monomial]) -> bool:
    """Whether these are products of constants only, and of numbers."""
    every = atoms.all
    return all(every[number].kind == "constant" for monomial in terms for number, _, _ in monomial)


def evaluated(atoms: Atoms, monomial: Monomial, axes: tuple[int, ...], shape: Shape) -> np.ndarray | None:
    """The entries of a product of constants, along exactly these axes of `shape`; None if not all of it is small and known."""
    every = atoms.all
    if not all(isinstance(every[number].content, Known) for number, _, _ in monomial):
        return None
    sizes = [shape[axis] for axis in axes]
    if not all(isinstance(size, int) for size in sizes) or math.prod(sizes) > SMALL:
        return None
    result = np.ones(sizes, object)
    for number, placement, exponent in monomial:
        if not set(placement) <= set(axes):
            return None
        content = every[number].content
        assert isinstance(content, Known)
        order = sorted(range(len(placement)), key=lambda k: placement[k])
        entries = np.transpose(content.entries, order)
        full = [slice(None) if axis in placement else None for axis in axes]
        entries = entries[tuple(full)]
        if exponent < 0:
            if not all(entries.reshape(-1).tolist()):
                return None
            entries = _map(entries, lambda entry: divided(1, entry))
        for _ in range(abs(exponent)):
            result = result * entries
    return _map(result, tidy)


def added(atoms: Atoms, terms: Mapping[Monomial, Coefficient], axes: tuple[int, ...], shape: Shape) -> np.ndarray | None:
    """The entries of a sum of products of constants, along exactly these axes; None if not all of it is small and known."""
    sizes = [shape[axis] for axis in axes]
    if not all(isinstance(size, int) for size in sizes) or math.prod(sizes) > SMALL:
        return None
    entries = np.zeros(sizes, object)
    for monomial, coefficient in terms.items():
        part = evaluated(atoms, monomial, axes, shape)
        if part is None:
            return None
        entries = entries + part * coefficient
    return _map(entries, tidy)


def _map(array: np.ndarray, function: Any) -> np.ndarray:
    result = np.empty(array.size, object)
    result[:] = [function(entry) for entry in array.reshape(-1).tolist()]
    return result.reshape(array.shape)
