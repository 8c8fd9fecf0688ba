"""Which stored mean does the work of a bias that is redundant in training and acts with stored statistics.

Proved, not guessed from the layers: the bias gets b + t, and the stored mean gets what t adds to the batch mean in training, on a
batch of its own. The output with stored statistics must then be free of t: so the bias can go into the mean, and nothing changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import jax

from ..algebra.analysis import analyse
from ..chain.build import Built
from ..chain.kinds import stores
from ..chain.shapes import walk
from ..modes import Mode
from ..verdict import Statistic, Verdict
from .sampling import key

MEAN = ".running_mean"
"""What the name of a stored mean ends in."""


def with_absorbed(built: Built, verdicts: Sequence[Verdict], statistics: Sequence[Statistic], batch: Any) -> list[Verdict]:
    """The verdicts; those that act outside of training, and are redundant in it, name the stored mean that can do their work.

    Looked at where exactly one updated statistic follows the parameter, and it is a mean; `batch` is the size or a symbolic one.
    """
    idle = {verdict.bias for verdict in verdicts if verdict.mode == "train" and verdict.verdict == "redundant"}
    found: list[Verdict] = []
    proved: dict[str, set[str]] = {}
    for verdict in verdicts:
        if verdict.mode == "train" or verdict.verdict != "acts" or verdict.bias not in idle:
            found.append(verdict)
            continue
        if verdict.mode not in proved:
            acting = [v.bias for v in verdicts if v.mode == verdict.mode and v.verdict == "acts" and v.bias in idle]
            proved[verdict.mode] = _proved(built, verdict.mode, _followed(acting, statistics), batch)
        means = _followed([verdict.bias], statistics)
        ok = verdict.bias in proved[verdict.mode]
        found.append(replace(verdict, absorbed_by=(means[verdict.bias],)) if ok else verdict)
    return found


def _followed(names: Sequence[str], statistics: Sequence[Statistic]) -> dict[str, str]:
    """The stored mean of each parameter that moves it and no other statistic."""
    found: dict[str, str] = {}
    for name in names:
        moved = [one.name for one in statistics if one.mode == "train" and name in one.depends_on]
        if len(moved) == 1 and moved[0].endswith(MEAN):
            found[name] = moved[0]
    return found


def _proved(built: Built, mode: Mode, means: Mapping[str, str], batch: Any) -> set[str]:
    """Which of these parameters can go into their means, whatever the others do."""
    if not means:
        return set()
    names = list(means)
    rate = {place.name + MEAN: place.layer.number("momentum") for place in walk(built.places) if stores(place.layer)}
    params, stats, x = built.structs()
    data = jax.ShapeDtypeStruct((batch, *x.shape[1:]), x.dtype)

    def run(steps: Sequence[Any], params: Any, stats: Any, x: Any, other: Any, random: Any) -> Any:
        shifted = {**params, **{name: params[name] + step for name, step in zip(names, steps, strict=True)}}
        _, before = built.apply(params, stats, other, "train", random)
        _, after = built.apply(shifted, stats, other, "train", random)
        lowered = {mean: stats[mean] + (after[mean] - before[mean]) / rate[mean] for mean in set(means.values())}
        return built.apply(shifted, {**stats, **lowered}, x, mode)[0]

    steps = [params[name] for name in names]
    jaxpr = jax.make_jaxpr(run)(steps, params, stats, data, data, jax.eval_shape(lambda: key(0)))
    findings = analyse(jaxpr, dict(enumerate(names))).findings()
    return {finding.name for finding in findings if finding.free}
