"""Redundant directions: the part of a parameter, or of several parameters together, that no output depends on.

Jacobians at random points propose: a direction that is redundant is in the null space of each, so the null space of all of
them bounds the dimension from above. The engine disposes: for a rational basis v of that space the program is analysed again
with the parameter b + t·v, and t must be free.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..algebra.analysis import analyse
from ..chain.build import Built
from ..verdict import Directions
from .sampling import draw, key

MOST = 256
"""Parameters with more numbers than this are left out."""
POINTS = (3, 12)
"""Random points at which Jacobians are taken: first so many, and more if the engine refuses what they propose."""
ZERO = 1e-9
"""Singular values below this times the largest count as 0; a wrong guess only proposes what the engine then refuses."""

Arrays = Mapping[str, Any]


def own_directions(built: Built, mode: str, name: str, batch: Any, seed: int) -> Directions | None:
    """The redundant subspace of one parameter, for all values of all others; None if it is too large to look at."""
    size = int(np.prod(built.parameters[name]))
    if not 0 < size <= MOST:
        return None
    proposed = _proposed(built, mode, [name], {}, batch, None, seed)
    return _directions((name,), *proposed, size, "all values of the other parameters")


def joint_directions(built: Built, mode: str, names: Sequence[str], batch: Any, seed: int) -> Directions | None:
    """Redundant directions of several parameters together, at given kernels and gammas (small whole numbers)."""
    size = sum(int(np.prod(built.parameters[name])) for name in names)
    if len(names) < 2 or size > MOST:
        return None
    weights = _whole_numbers(built, names, seed)
    proposed = _proposed(built, mode, names, weights, batch, weights, seed)
    return _directions(tuple(names), *proposed, size, f"kernels and gammas drawn as whole numbers, seed {seed}")


def proved_directions(built: Built, mode: str, name: str, vectors: Sequence[Sequence[Fraction]], batch: Any) -> list[bool]:
    """Which of these directions of a parameter (entries in row-major order) the engine proves redundant."""
    return _proved(built, mode, [name], vectors, batch, None)


def _proposed(
    built: Built, mode: str, names: Sequence[str], fixed: Arrays, batch: Any, weights: Arrays | None, seed: int
) -> tuple[list[list[Fraction]], list[bool]]:
    """Candidates at random points, and which of them the engine proves."""
    size = sum(int(np.prod(built.parameters[name])) for name in names)
    rows: list[np.ndarray] = []
    candidates: list[list[Fraction]] = []
    proved: list[bool] = []
    for points in POINTS:
        for k in range(len(rows), points):
            rows.append(_rows(built, mode, names, {**_values(built, seed + k), **fixed}, seed + k, size + 4))
        candidates = _null_space(np.concatenate(rows))
        proved = _proved(built, mode, names, candidates, batch, weights)
        if all(proved):
            break
    return candidates, proved


def _directions(
    names: tuple[str, ...], candidates: Sequence[Sequence[Fraction]], proved: Sequence[bool], size: int, at: str
) -> Directions:
    basis = tuple(tuple(str(entry) for entry in v) for v, good in zip(candidates, proved, strict=True) if good)
    return Directions(names, len(basis), size, basis, len(basis) == len(candidates), at)


def _values(built: Built, seed: int) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    return {name: draw(random, name, tuple(shape)) for name, shape in {**built.parameters, **built.statistics}.items()}


def _whole_numbers(built: Built, names: Sequence[str], seed: int) -> dict[str, np.ndarray]:
    """Kernels and gammas as whole numbers that are not 0; the biases looked at are left out."""
    random = np.random.default_rng(seed)
    found: dict[str, np.ndarray] = {}
    for name, shape in built.parameters.items():
        if name not in names and name.endswith((".kernel", ".gamma")):
            found[name] = random.integers(1, 4, shape) * random.choice([-1, 1], shape) * 1.0
    return found


def _rows(built: Built, mode: str, names: Sequence[str], values: Arrays, seed: int, count: int) -> np.ndarray:
    """Random combinations of the Jacobian's rows at one point: count × all numbers of the parameters."""
    random = np.random.default_rng(seed)
    with jax.enable_x64(True):
        x = jnp.asarray(random.normal(size=built.input_shape))
        given = {name: jnp.asarray(value, jnp.float64) for name, value in values.items()}
        statistics = {name: given[name] for name in built.statistics}

        def output(chosen: Arrays) -> jax.Array:
            params = {name: chosen.get(name, given[name]) for name in built.parameters}
            return built.apply(params, statistics, x, mode, key(seed))[0]  # pyright: ignore[reportArgumentType]

        y, pull = jax.vjp(output, {name: given[name] for name in names})
        cotangents = jnp.asarray(random.normal(size=(count, *y.shape)))
        (pulled,) = jax.vmap(pull)(cotangents)
        return np.concatenate([np.asarray(pulled[name]).reshape(count, -1) for name in names], axis=1)


def _null_space(rows: np.ndarray) -> list[list[Fraction]]:
    """A basis of the null space in reduced echelon form, its entries read as small rationals."""
    _, singular, right = np.linalg.svd(rows)
    largest = singular[0] if len(singular) and singular[0] else 1.0
    rank = int(np.sum(singular > ZERO * largest))
    basis = right[rank:].copy()
    row = 0
    for column in range(basis.shape[1]):
        if row == len(basis):
            break
        pivot = row + int(np.argmax(np.abs(basis[row:, column])))
        if abs(basis[pivot, column]) < 1e-7:
            continue
        basis[[row, pivot]] = basis[[pivot, row]]
        basis[row] /= basis[row, column]
        for other in range(len(basis)):
            if other != row:
                basis[other] -= basis[other, column] * basis[row]
        row += 1
    return [[Fraction(float(entry)).limit_denominator(1000) for entry in vector] for vector in basis]


def _proved(
    built: Built, mode: str, names: Sequence[str], candidates: Sequence[Sequence[Fraction]], batch: Any, weights: Arrays | None
) -> list[bool]:
    """Which directions the engine proves redundant, each by a parameter t of its own: b + Σ t·v. All at once, then one by one."""
    if not candidates:
        return []
    together = _free(built, mode, names, candidates, batch, weights)
    if all(together):
        return together
    return [_free(built, mode, names, [vector], batch, weights)[0] for vector in candidates]


def _free(
    built: Built, mode: str, names: Sequence[str], vectors: Sequence[Sequence[Fraction]], batch: Any, weights: Arrays | None
) -> list[bool]:
    with jax.enable_x64(True):  # so that whole numbers and small fractions are read back as they are
        params, stats, x = built.structs(jnp.float64)
        free = {name: struct for name, struct in params.items() if weights is None or name not in weights}
        data = jax.ShapeDtypeStruct((batch, *x.shape[1:]), x.dtype)

        def run(steps: Sequence[Any], free: Any, stats: Any, x: Any, key: Any) -> Any:
            given = {**free, **(weights or {})}
            for step, vector in zip(steps, vectors, strict=True):
                start = 0
                for name in names:
                    size = int(np.prod(built.parameters[name]))
                    part = np.asarray([float(entry) for entry in vector[start : start + size]])
                    given[name] = given[name] + step * part.reshape(built.parameters[name])
                    start += size
            return built.apply(given, stats, x, mode, key)[0]  # pyright: ignore[reportArgumentType]

        steps = [jax.ShapeDtypeStruct((), jnp.float64)] * len(vectors)
        jaxpr = jax.make_jaxpr(run)(steps, free, stats, data, jax.eval_shape(lambda: key(0)))
    findings = analyse(jaxpr, {k: f"t{k}" for k in range(len(vectors))}).findings()
    return [finding.free for finding in findings]
