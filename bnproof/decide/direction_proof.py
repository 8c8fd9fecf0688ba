"""The engine's word on directions: the program is analysed with the parameter b + t·v, and t must be free."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..algebra.analysis import analyse
from ..chain.build import Built
from ..host import on_host
from ..modes import Mode
from .sampling import key

CHUNK = 8
"""Directions proved at once: more terms than the engine keeps apart would lose proofs."""
REFUSALS = 100
"""Directions that the engine may refuse before the others are taken as refused as well."""

Arrays = Mapping[str, Any]


def proved(
    built: Built, mode: Mode, names: Sequence[str], candidates: Sequence[Sequence[Fraction]], batch: Any, weights: Arrays | None
) -> list[bool]:
    """Which directions the engine proves redundant, each by a parameter t of its own: b + Σ t·v.

    Some at once; those that are refused in company once more alone, and fewer at once from then on.
    """
    found: list[bool] = []
    at_once = CHUNK
    while len(found) < len(candidates) and found.count(False) < REFUSALS:
        chunk = candidates[len(found) : len(found) + at_once]
        together = _free(built, mode, names, chunk, batch, weights)
        if not all(together) and len(chunk) > 1:
            at_once = max(1, at_once // 2)
            together = [
                good or _free(built, mode, names, [v], batch, weights)[0] for v, good in zip(chunk, together, strict=True)
            ]
        found += together
    return [*found, *[False] * (len(candidates) - len(found))]


def _free(
    built: Built, mode: Mode, names: Sequence[str], vectors: Sequence[Sequence[Fraction]], batch: Any, weights: Arrays | None
) -> list[bool]:
    with on_host():  # so that whole numbers and small fractions are read back as they are
        params, stats, x = built.structs(jnp.float64)
        free = {name: struct for name, struct in params.items() if weights is None or name not in weights}
        data = jax.ShapeDtypeStruct((batch, *x.shape[1:]), x.dtype)

        def run(steps: Sequence[Any], free: Any, stats: Any, x: Any, random: Any) -> Any:
            given = {**free, **(weights or {})}
            for step, vector in zip(steps, vectors, strict=True):
                start = 0
                for name in names:
                    size = int(np.prod(built.parameters[name]))
                    part = np.asarray([float(entry) for entry in vector[start : start + size]])
                    if part.any():
                        given[name] = given[name] + step * part.reshape(built.parameters[name])
                    start += size
            return built.apply(given, stats, x, mode, random)[0]

        steps = [jax.ShapeDtypeStruct((), jnp.float64)] * len(vectors)
        jaxpr = jax.make_jaxpr(run)(steps, free, stats, data, jax.eval_shape(lambda: key(0)))
    findings = analyse(jaxpr, {k: f"t{k}" for k in range(len(vectors))}).findings()
    return [finding.free for finding in findings]
