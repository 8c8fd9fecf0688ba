"""Jacobians of a chain's output at random points, and the space of directions that all of them leave alone."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..chain.build import Built
from ..host import on_host
from ..modes import Mode
from .sampling import draw, key

ZERO = 1e-9
"""Rows that differ from known ones by less than this part count as known; a wrong guess only proposes what the engine then refuses."""
PATIENCE = 2
"""Points that have to bring nothing new before the rank counts as found."""
DENOMINATOR = 100_000
"""Largest denominator as which an entry of a direction is read."""
TOGETHER = 20_000_000
"""Numbers of the chain's values times rows that are differentiated at once."""

Arrays = Mapping[str, Any]


class Jacobians:
    """Rows of the Jacobian of the output by several parameters, at points drawn from seeds.

    - fixed: parameters that have the same values at all points;
    - batch: how many samples the input has;
    - most: rows a point that are wanted at most.
    """

    def __init__(self, built: Built, mode: Mode, names: Sequence[str], fixed: Arrays, batch: int, most: int) -> None:
        self.mode: Mode = mode
        self.built, self.names, self.fixed, self.batch = built, list(names), fixed, batch
        with on_host():
            shaped = jax.eval_shape(self._outputs, *self._point(0))
            outputs = int(np.prod(shaped.shape))
            numbers = sum(batch * int(np.prod(shape[1:])) for shape in built.shapes.values())
            self.rows = max(1, min(outputs, most, TOGETHER // max(1, numbers)))
            """Rows at each point: all of the Jacobian, or random combinations of them."""
            self._cotangents = self.rows < outputs
            lowered = jax.jit(self._pulled).lower(*self._point(0), self._mixtures(0, shaped))
            self._lowered, self._shape = lowered, shaped
            counted: Any = lowered.cost_analysis()
        self.operations = max(0.0, float((counted or {}).get("flops", 0.0)))
        """Floating-point operations of one point, as XLA counts them; 0 if it does not."""

    @functools.cached_property
    def _compiled(self) -> Any:
        return self._lowered.compile()

    def at(self, seed: int) -> np.ndarray:
        """The rows at one point, shape (rows, numbers of all parameters)."""
        with on_host():
            pulled = self._compiled(*self._point(seed), self._mixtures(seed, self._shape))
        return np.concatenate([np.asarray(pulled[name]).reshape(self.rows, -1) for name in self.names], axis=1)

    def _point(self, seed: int) -> tuple[Any, Any, Any, Any]:
        random = np.random.default_rng(seed)
        shapes = {**self.built.parameters, **self.built.statistics}
        values = {name: draw(random, name, tuple(shape)) for name, shape in shapes.items()}
        values = {name: jnp.asarray(value, jnp.float64) for name, value in {**values, **self.fixed}.items()}
        x = jnp.asarray(np.random.default_rng((seed, 1)).normal(size=(self.batch, *self.built.input_shape[1:])))
        return {name: values[name] for name in self.names}, values, x, key(seed)

    def _mixtures(self, seed: int, shaped: Any) -> Any:
        size = int(np.prod(shaped.shape))
        mixtures = np.random.default_rng((seed, 2)).normal(size=(self.rows, size)) if self._cotangents else np.eye(size)
        return jnp.asarray(mixtures.reshape(self.rows, *shaped.shape))

    def _outputs(self, chosen: Arrays, given: Arrays, x: Any, random: Any) -> Any:
        params = {name: chosen.get(name, given[name]) for name in self.built.parameters}
        statistics = {name: given[name] for name in self.built.statistics}
        return self.built.apply(params, statistics, x, self.mode, random)[0]

    def _pulled(self, chosen: Arrays, given: Arrays, x: Any, random: Any, mixtures: Any) -> Any:
        _, pull = jax.vjp(lambda chosen: self._outputs(chosen, given, x, random), chosen)
        return jax.vmap(lambda row: pull(row)[0])(mixtures)


class Rows:
    """An orthonormal basis of all rows seen so far; `idle`: points in a row that brought nothing new."""

    def __init__(self, size: int) -> None:
        self.basis = np.zeros((0, size))
        self.idle = 0

    @property
    def settled(self) -> bool:
        """Whether more points will not change the rank, as far as random points can tell."""
        return len(self.basis) == self.basis.shape[1] or self.idle >= PATIENCE

    def add(self, rows: np.ndarray) -> None:
        """The rows of one more point; rows that are not finite say nothing."""
        rows = rows[np.isfinite(rows).all(1)]
        largest = float(np.abs(rows).max(initial=0.0))
        found = 0
        if largest:
            left = rows / largest
            for _ in range(2):  # twice is enough: what is left of round-off after the first is taken out
                left = left - left @ self.basis.T @ self.basis
            _, singular, right = np.linalg.svd(left, full_matrices=False)
            found = int(np.sum(singular > ZERO * np.sqrt(rows.size)))
            self.basis = np.concatenate((self.basis, right[:found]))
        self.idle = 0 if found else self.idle + 1

    def null_space(self) -> list[list[Fraction]]:
        """A basis of what is orthogonal to all rows, in reduced echelon form, its entries read as small rationals."""
        if len(self.basis) == self.basis.shape[1]:
            return []
        right = np.linalg.svd(self.basis)[2] if len(self.basis) else np.eye(self.basis.shape[1])
        reduced = _echelon(right[len(self.basis) :].copy())
        nought = Fraction(0)
        return [
            [Fraction(float(entry)).limit_denominator(DENOMINATOR) if abs(entry) > 1e-7 else nought for entry in vector]
            for vector in reduced
        ]


def _echelon(basis: np.ndarray) -> np.ndarray:
    """The reduced echelon form of linearly independent rows."""
    row = 0
    for column in range(basis.shape[1]):
        if row == len(basis):
            break
        pivot = row + int(np.argmax(np.abs(basis[row:, column])))
        if abs(basis[pivot, column]) < 1e-7:
            continue
        basis[[row, pivot]] = basis[[pivot, row]]
        basis[row] /= basis[row, column]
        others = np.flatnonzero(np.abs(basis[:, column]) > 1e-12)
        others = others[others != row]
        basis[others] -= np.outer(basis[others, column], basis[row])
        row += 1
    return basis
