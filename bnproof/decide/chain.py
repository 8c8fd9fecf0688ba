"""Verdicts about a chain of layers: ``decide("conv -> bn -> relu")``."""

from __future__ import annotations

import functools
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import jax
import numpy as np
from jax import export

from ..chain.build import Built, build
from ..chain.shapes import walk
from ..modes import Asked, Mode, modes_of
from ..verdict import Answer, Directions, Statistic, Unlooked, Verdict
from .absorption import with_absorbed
from .function import Named, trace_function
from .irreplaceable import with_irreplaceable
from .parts import parts, read_as
from .program import Program
from .sampling import key
from .verdicts import decide as decide_program
from .verdicts import order

FEW = 2
"""Batch size of runs where the one asked for makes too many numbers: the smallest with a spread."""
ASSUMPTIONS = (
    "real arithmetic: values for which the program is defined (no division by 0, no root or logarithm outside its domain)",
    "constants are read as the simplest rational that rounds to them (1e-5 as 1/100000); casts between floating types as the identity",
    "numbers below minus half the range of float32, and the most negative one of float16, mask: they are read as −∞; counts of entries "
    "fit their integer type",
)


def decide(
    text: str,
    mode: Asked = "both",
    *,
    all_parameters: bool = False,
    directions: bool = False,
    explain: bool = False,
    seed: int = 0,
) -> Answer:
    """Verdicts of a chain's biases and betas (or all its parameters), in every mode asked for.

    Raises ChainError for a text that cannot be read or shapes that do not fit, ContradictionError if a run contradicts a proof.
    """
    built = build(text)
    verdicts: list[Verdict] = []
    statistics: list[Statistic] = []
    joint: list[Directions] = []
    unlooked: list[Unlooked] = []
    trace_s = analyse_s = 0.0
    every = True
    for one in modes_of(mode):
        started = time.perf_counter()
        program = trace(built, one)
        every = every and bool(program.dims)
        traced = time.perf_counter()
        found, moved = verdicts_of(program, biases(built), all_parameters, explain, seed)
        found = at_given_batch(program, found, explain, seed)
        analyse_s += time.perf_counter() - traced
        trace_s += traced - started
        if directions:
            from .directions import with_directions

            found, shared, left_out = with_directions(
                built, one, found, batch_size() if program.dims else built.input_shape[0], seed
            )
            joint += shared
            unlooked += left_out
        verdicts += found
        statistics += moved
    redundant = [verdict for verdict in verdicts if verdict.verdict == "redundant" and verdict.mode == "train"]
    summary = {
        "parameters": len(built.parameters),
        "redundant_parameters": len(redundant),
        "redundant_numbers": sum(int(np.prod(built.parameters[verdict.bias])) for verdict in redundant),
        "trace_s": round(trace_s, 4),
        "analyse_s": round(analyse_s, 4),
    }
    names = list(built.parameters)
    place = {name: k for k, name in enumerate(names)}
    verdicts = with_absorbed(built, verdicts, statistics, batch_size() if every else built.input_shape[0])
    verdicts.sort(key=lambda verdict: place[verdict.bias])  # stable: modes stay in their order
    return Answer(
        text,
        tuple(with_irreplaceable(built, verdicts)),
        tuple(statistics),
        ASSUMPTIONS,
        summary,
        tuple(joint),
        unlooked=tuple(unlooked),
        layers=parts(built),
        read_as=read_as(built),
        notes=tuple(map(str, built.chain.notes)),
    )


def decide_one(built: Built, name: str, mode: Mode, seed: int = 0) -> Verdict:
    """The verdict of one parameter by itself in train, eval or frozen mode. Raises ContradictionError if a run contradicts a proof."""
    program = trace(built, mode)
    found, _ = verdicts_of(program, [name], False, False, seed)
    return at_given_batch(program, found, False, seed)[0]


def verdicts_of(
    program: Program, names: Sequence[str], all_parameters: bool, explain: bool, seed: int
) -> tuple[list[Verdict], list[Statistic]]:
    """Verdicts of these parameters, and of all others in a pass of their own if asked: more tracked parameters, weaker proofs."""
    decided = decide_program(program, names, seed, explain)
    found = list(decided.verdicts)
    if explain:
        from .derivation import with_proofs
        from .exact_witness import with_exact_witnesses

        found = with_exact_witnesses(program, with_proofs(program, found))
    if all_parameters:
        others = [name for name in program.inputs if "." in name and name not in names and not _is_statistic(name)]
        found += decide_program(program, others, seed).verdicts
        found = order(found, program.inputs)
    return found, list(decided.statistics)


def at_given_batch(program: Program, found: list[Verdict], explain: bool, seed: int) -> list[Verdict]:
    """What is open for every batch size, decided once more for the given one: with a batch of 1, more is redundant."""
    open_ = [verdict.bias for verdict in found if verdict.verdict == "undecided" and not verdict.undefined]
    if not open_ or program.as_given is None:
        return found
    again, _ = verdicts_of(program.as_given(), open_, False, explain, seed)
    better = {verdict.bias: _at_this_size(verdict, program.dims) for verdict in again if verdict.verdict != "undecided"}
    return [better.get(verdict.bias, verdict) for verdict in found]


def _at_this_size(verdict: Verdict, dims: Mapping[str, int]) -> Verdict:
    """A redundant verdict whose reason says that it is proved for one batch size and no other; any other verdict as it is."""
    if verdict.verdict != "redundant":
        return verdict
    return replace(verdict, reason=f"{verdict.reason} (proved for batch size {dims['n']} only)")


@functools.cache
def batch_size() -> Any:
    """The symbolic batch size n, one for all programs: what JAX traced for one network it then knows for the next."""
    (n,) = export.symbolic_shape("n")
    return n


def traced_for_every(traced: Callable[[Any], Program]) -> Program | None:
    """The program with a symbolic batch size n; None where JAX says that it cannot trace that. Any other error is let through."""
    try:
        return traced(batch_size())
    except Exception as error:
        if _says_symbolic(error):
            return None
        raise


def _says_symbolic(error: Exception) -> bool:
    """Whether this is raised because a size is symbolic: by its class, or by its words (JAX hides its own frames)."""
    if isinstance(error, jax.errors.InconclusiveDimensionOperation):
        return True
    return isinstance(error, TypeError | ValueError | NotImplementedError) and _SYMBOLIC.search(str(error)) is not None


_SYMBOLIC = re.compile(r"_DimExpr|symbolic|polymorphi|non-constant|dynamic (shape|dimension)", re.IGNORECASE)
"""Words of JAX, and of Python about JAX's classes, in errors about symbolic sizes."""


def biases(built: Built) -> list[str]:
    """The additive parameters: biases and betas, in reading order."""
    return [name for name in built.parameters if name.endswith((".bias", ".beta"))]


def _is_statistic(name: str) -> bool:
    return name.endswith((".running_mean", ".running_var"))


def trace(built: Built, mode: Mode, symbolic: bool = True) -> Program:
    """The chain in one mode as a program, for every batch size where JAX can trace that and `symbolic` asks for it."""
    params, stats, x = built.structs()
    random = mode == "train" and any(place.plan.random for place in walk(built.places))
    updated = sorted(stats) if mode == "train" else []

    def run(named: Named) -> tuple[list[Any], dict[str, Any]]:
        keys = (named["key"],) if random else ()
        parameters, statistics = {name: named[name] for name in params}, {name: named[name] for name in stats}
        output, new = built.apply(parameters, statistics, named["input"], mode, *keys)
        return [output], {name: new[name] for name in updated}

    def traced(batch: Any) -> Program:
        data = jax.ShapeDtypeStruct((batch, *x.shape[1:]), x.dtype)
        inputs = {**dict(sorted(params.items())), **dict(sorted(stats.items())), "input": data}
        if random:
            inputs["key"] = jax.eval_shape(lambda: key(0))
        every = not isinstance(batch, int)
        return trace_function(
            run,
            inputs,
            mode,
            sizes=f"every batch size; {rest} as given" if every else f"batch size {batch} only; {rest} as given",
            given=lambda dims: f"batch size {dims.get('n', x.shape[0])}; {rest}",
            dims={"n": x.shape[0]} if every else {},
            fewer={"n": FEW} if every else {},
            layers={place.name: place for place in walk(built.places)},
        )

    rest = "×".join(map(str, x.shape[1:]))
    as_given = functools.partial(traced, x.shape[0])
    every = traced_for_every(traced) if symbolic else None
    return as_given() if every is None else replace(every, as_given=as_given)
