"""Redundant directions: the part of a parameter, or of several parameters together, that no output depends on.

Jacobians at random points propose: a direction that is redundant is in the null space of each, so the null space of all of
them bounds the dimension from above. The engine disposes: for a rational basis v of that space the program is analysed again
with the parameter b + t·v, and t must be free. Each v is proved for every value of the parameter, so all of them together are
redundant as well. What would take too long is not looked at, and that is said.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from ..chain.build import Built
from ..modes import Mode
from ..verdict import Directions, Unlooked, Verdict
from .direction_proof import REFUSALS, proved
from .jacobian import PATIENCE, Jacobians, Rows

MOST = 2500
"""Numbers of one parameter, or of several together, up to which their directions are looked at."""
OPERATIONS = 6e10
"""Floating-point operations of all Jacobians of one question up to which it is looked at: about ten seconds on one core."""
SAMPLES = 8
"""Samples of an input whose batch size is symbolic."""
LISTED = 100_000
"""Numbers in a basis up to which it is listed."""

Arrays = Mapping[str, Any]


def with_directions(
    built: Built, mode: Mode, found: Sequence[Verdict], batch: Any, seed: int
) -> tuple[list[Verdict], list[Directions], list[Unlooked]]:
    """The verdicts that are not redundant, each with the redundant part of its parameter; what biases and betas have together beyond
    that, at given kernels and gammas; and what was not looked at.
    """
    open_ = [verdict.bias for verdict in found if verdict.verdict != "redundant" and not verdict.undefined]
    own, unlooked = own_directions(built, mode, open_, batch, seed)
    verdicts = [replace(verdict, directions=own.get(verdict.bias)) for verdict in found]
    additive = [name for name in open_ if name.endswith((".bias", ".beta"))]
    together, left_out = joint_directions(built, mode, additive, own, batch, seed)
    return verdicts, together, [*unlooked, *left_out]


def own_directions(
    built: Built, mode: Mode, names: Sequence[str], batch: Any, seed: int
) -> tuple[dict[str, Directions], list[Unlooked]]:
    """The redundant subspace of each parameter, for all values of all others; and those that would take too long.

    The same points serve all parameters; where points are dear, a few ranks may be left open when those of the others have settled.
    """
    sizes = {name: _size(built, [name]) for name in names}
    unlooked = [Unlooked((name,), mode, _too_many(size)) for name, size in sizes.items() if size > MOST]
    chosen = [name for name, size in sizes.items() if 0 < size <= MOST]
    if not chosen:
        return {}, unlooked
    jacobians = Jacobians(built, mode, chosen, {}, _samples(built, batch), max(sizes[name] for name in chosen) + 4)
    longest = max(sizes[name] for name in chosen)
    if (cost := _cost(jacobians, longest)) > OPERATIONS:
        return {}, [*unlooked, *(Unlooked((name,), mode, _too_long(sizes[name], cost)) for name in chosen)]
    rows = {name: Rows(sizes[name]) for name in chosen}
    for point in range(seed, seed + _at_most(jacobians, longest)):
        start, at = 0, jacobians.at(point)
        for name in chosen:
            rows[name].add(at[:, start : start + sizes[name]])
            start += sizes[name]
        settled = sum(one.settled for one in rows.values())
        if settled == len(rows) or (2 * settled >= len(rows) and 2 * (point - seed) * jacobians.operations > OPERATIONS):
            break
    found: dict[str, Directions] = {}
    for name in chosen:
        candidates = _candidates(rows[name])
        good = proved(built, mode, [name], candidates, batch, None)
        basis = [vector for vector, one in zip(candidates, good, strict=True) if one]
        complete = rows[name].settled and len(basis) == len(candidates)
        found[name] = _directions([name], basis, sizes[name], complete, "all values of the other parameters")
    return found, unlooked


def joint_directions(
    built: Built, mode: Mode, names: Sequence[str], own: Mapping[str, Directions], batch: Any, seed: int
) -> tuple[list[Directions], list[Unlooked]]:
    """Redundant directions of several parameters together beyond their own, at given kernels and gammas (small fractions).

    One entry for each group of parameters that the directions connect. Where all of them would take too long, as many as do not
    are looked at, from the last on; the others are returned as not looked at.
    """
    kept, jacobians, why = _affordable(built, mode, list(names), batch, seed)
    unlooked = [] if why is None else [why]
    if jacobians is None or len(kept) < 2:
        return [], unlooked
    size = _size(built, kept)
    rows = Rows(size)
    for point in range(seed, seed + _at_most(jacobians, size)):
        rows.add(jacobians.at(point))
        if rows.settled:
            break
    candidates = _candidates(rows)
    if len(candidates) <= sum(own[name].dimension for name in kept if name in own):  # nothing beyond what each has by itself
        return [], unlooked
    good = proved(built, mode, kept, candidates, batch, jacobians.fixed)
    basis = [vector for vector, one in zip(candidates, good, strict=True) if one]
    complete = rows.settled and all(good)
    if not basis:
        return [], unlooked
    at = f"{mode} mode, kernels and gammas drawn as small fractions, seed {seed}"
    return [
        _directions(group, vectors, _size(built, group), complete, at) for group, vectors in _groups(built, kept, basis)
    ], unlooked


def proved_directions(built: Built, mode: Mode, name: str, vectors: Sequence[Sequence[Fraction]], batch: Any) -> list[bool]:
    """Which of these directions of a parameter (entries in row-major order) the engine proves redundant."""
    return proved(built, mode, [name], vectors, batch, None)


def _candidates(rows: Rows) -> list[list[Fraction]]:
    """What the rows leave free; nothing where their rank is open and most of it would be refused."""
    return rows.null_space() if rows.settled or rows.basis.shape[1] - len(rows.basis) <= REFUSALS else []


def _affordable(
    built: Built, mode: Mode, names: list[str], batch: Any, seed: int
) -> tuple[list[str], Jacobians | None, Unlooked | None]:
    """The last parameters, as many as are not too many, with their Jacobians; and why the others are left out."""
    why, kept = "", names
    fixed = _small_fractions(built, names, seed)
    while len(kept) > 1:
        size = _size(built, kept)
        if size > MOST:
            why, kept = why or _too_many(size), _shorter(built, kept, MOST)
            continue
        jacobians = Jacobians(built, mode, kept, fixed, _samples(built, batch), size + 4)
        cost = _cost(jacobians, size)
        if cost <= OPERATIONS:
            return kept, jacobians, _left_out(mode, names, kept, why)
        why, kept = why or _too_long(size, cost), _shorter(built, kept, size * OPERATIONS / cost)
    return [], None, _left_out(mode, names, [], why)


def _left_out(mode: Mode, names: Sequence[str], kept: Sequence[str], why: str) -> Unlooked | None:
    if not why:
        return None
    return Unlooked(tuple(name for name in names if name not in kept), mode, f"all together: {why}")


def _shorter(built: Built, names: list[str], most: float) -> list[str]:
    """The last of these names that have at most so many numbers together; fewer names than before."""
    kept = names[1:]
    while kept and _size(built, kept) > most:
        kept = kept[1:]
    return kept


def _points(jacobians: Jacobians, size: int) -> int:
    """Points that are enough for a rank up to `size`, if the rows at one point are independent."""
    return -(-size // jacobians.rows) + PATIENCE


def _at_most(jacobians: Jacobians, size: int) -> int:
    """Points after which a rank that still grows is left open: more than enough where they cost little."""
    enough = _points(jacobians, size)
    return max(enough, int(min(4 * enough, OPERATIONS / max(jacobians.operations, 1.0))))


def _cost(jacobians: Jacobians, size: int) -> float:
    return jacobians.operations * _points(jacobians, size)


def _samples(built: Built, batch: Any) -> int:
    return built.input_shape[0] if isinstance(batch, int) else min(SAMPLES, built.input_shape[0])


def _size(built: Built, names: Sequence[str]) -> int:
    return sum(int(np.prod(built.parameters[name])) for name in names)


def _too_many(size: int) -> str:
    return f"{size} numbers, limit {MOST}"


def _too_long(size: int, cost: float) -> str:
    return f"{size} numbers, about {cost / 1e9:.0f} billion operations, limit {OPERATIONS / 1e9:.0f} billion"


def _directions(names: Sequence[str], basis: Sequence[Sequence[Fraction]], size: int, complete: bool, at: str) -> Directions:
    listed = tuple(tuple(str(entry) for entry in vector) for vector in basis) if len(basis) * size <= LISTED else ()
    return Directions(tuple(names), len(basis), size, listed, complete, at)


def _groups(
    built: Built, names: Sequence[str], basis: Sequence[Sequence[Fraction]]
) -> list[tuple[list[str], list[list[Fraction]]]]:
    """The parameters that vectors connect, in groups of two or more, each with its vectors, cut to the group's numbers."""
    ends = np.cumsum([0, *(_size(built, [name]) for name in names)])
    parts = {name: slice(int(start), int(end)) for name, start, end in zip(names, ends, ends[1:], strict=False)}
    touched = [{name for name in names if any(vector[parts[name]])} for vector in basis]
    groups: list[set[str]] = []
    for some in touched:
        apart = [group for group in groups if not group & some]
        groups = [*apart, some.union(*(group for group in groups if group & some))]
    found: list[tuple[list[str], list[list[Fraction]]]] = []
    for group in sorted(groups, key=lambda group: min(map(names.index, group))):
        if len(group) > 1:
            inside = [name for name in names if name in group]
            cut = [
                [entry for name in inside for entry in vector[parts[name]]]
                for vector, some in zip(basis, touched, strict=True)
                if some & group
            ]
            found.append((inside, cut))
    return found


def _small_fractions(built: Built, names: Sequence[str], seed: int) -> dict[str, np.ndarray]:
    """Gammas as small whole numbers that are not 0, kernels as such over a power of two that keeps values near 1.

    The parameters looked at are left out.
    """
    random = np.random.default_rng(seed)
    found: dict[str, np.ndarray] = {}
    for name, shape in built.parameters.items():
        if name not in names and name.endswith((".kernel", ".gamma")):
            scale = 2.0 ** -round(math.log2(max(1.0, 5 * math.prod(shape[1:]))) / 2) if name.endswith(".kernel") else 1.0
            found[name] = random.integers(1, 4, shape) * random.choice([-1, 1], shape) * scale
    return found
