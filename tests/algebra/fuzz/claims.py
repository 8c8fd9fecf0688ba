"""The check of every claim that a tracked input of a random program is free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import jax
import numpy as np

from bnproof.algebra.analysis import analyse

from .interpreter import run
from .primitives import UndefinedRunError
from .programs import Program, program

TRIES = 5
"""Draws of the inputs that a claim is checked at."""


@dataclass
class Tally:
    """What came of some programs. `unsound` holds a description of each wrong proof."""

    programs: int = 0
    claims: int = 0
    free: int = 0
    checked: int = 0
    unsound: list[str] = field(default_factory=list[str])
    crashed: list[str] = field(default_factory=list[str])


def draw(rng: Any, shape: tuple[int, ...], dtype: np.dtype[Any], scale: float = 1.0) -> Any:
    """Random entries of a dtype."""
    if dtype.kind == "f":
        return np.asarray(rng.normal(size=shape) * scale)
    if dtype.kind == "b":
        return np.asarray(rng.random(shape) < 0.6)
    return np.asarray(rng.integers(0, 4, shape)).astype(dtype)


def check(one: Program, tally: Tally) -> None:
    """Analyse a program and check each claim `free`, output by output."""
    jaxpr = one.trace()
    tally.programs += 1
    try:
        analysis = analyse(jaxpr, {k: str(k) for k in one.tracked})
        found = [{int(f.name): f for f in analysis.findings([k])} for k in range(len(jaxpr.jaxpr.outvars))]
    except Exception as error:
        tally.crashed.append(f"seed {one.seed}: {type(error).__name__}: {error}")
        return
    claims = {k: [n for n, by in enumerate(found) if by[k].free] for k in one.tracked}
    tally.claims += len(found) * len(one.tracked)
    tally.free += sum(map(len, claims.values()))
    if not any(claims.values()):
        return
    rng = np.random.default_rng(one.seed)
    sure: set[tuple[int, int]] = set()
    for attempt in range(TRIES):
        arrays = [draw(rng, *given) for given in one.inputs]
        base = _attempt(jaxpr, arrays)
        if base is None:
            continue
        for k, outputs in claims.items():
            if not outputs:
                continue
            moved = list(arrays)
            moved[k] = arrays[k] + draw(rng, *one.inputs[k], (1.0, 0.3, 3.0, -1.0, 0.1)[attempt])
            after = _attempt(jaxpr, moved)
            if after is None:
                continue
            for n in outputs:
                sure.add((k, n))
                gap = difference(base[n], after[n])
                if gap > 1e-6:
                    tally.unsound.append(f"seed {one.seed}: output {n} moves by {gap:.2g} with input {k}")
                    return
    tally.checked += len(sure)


def difference(left: Any, right: Any) -> float:
    """The largest difference, relative where entries are large; −∞ differs from a number by ∞."""
    left, right = np.asarray(left, float), np.asarray(right, float)
    same = left == right
    with np.errstate(invalid="ignore"):
        gap = np.where(same, 0, np.abs(left - right) / (1 + np.abs(np.where(np.isfinite(left), left, 0))))
    return float(np.max(gap, initial=0))


def _attempt(jaxpr: Any, arrays: Sequence[Any]) -> list[Any] | None:
    try:
        with np.errstate(all="ignore"), jax.enable_x64(True):
            return run(jaxpr.jaxpr, jaxpr.consts, arrays)
    except UndefinedRunError:
        return None


def fuzz(seeds: Sequence[int]) -> Tally:
    """All programs of these seeds."""
    tally = Tally()
    for seed in seeds:
        check(program(seed), tally)
    return tally
