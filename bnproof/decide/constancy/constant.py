"""Which outputs are exact constants over the reals: ``bnproof.constant(function, *args)``.

An output is constant if its normal form holds none of the data, whatever parameters remain in it. That is proved; a float64 run must
agree. It is not constant if a shift of the data moves it, in a run, by a thousand times its round-off bound. Else it is undecided.
What is constant in exact arithmetic is round-off in floats, and so is all that is trained or compared on it: the bound says how much.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import jax
import numpy as np
from jax.extend.core import jaxpr_as_fun

from ...algebra.analysis import Analysis, Finding, analyse
from ...algebra.constants import kind_of
from ...chain.build import build
from ...modes import Mode
from ...numeric.replay.op import Record, UnreplayableError
from ...numeric.replay.replay import Replay
from ...numeric.roundoff.precision import UNIT_ROUNDOFF
from ...numeric.roundoff.rounding import Rounding
from ...numeric.roundoff.running_error import reverse
from ..chain import ASSUMPTIONS, trace
from ..evidence import evidence
from ..function import EASY, numbers_in
from ..gradient import gradients_zero
from ..program import Program, as_read
from ..reasons import assumptions
from ..undefined import undefined
from .answer import Constancy, Output
from .parts import free, parts, value
from .probe import ending_in, leading_to, probes, where
from .subject import Asked, asked_about

FORMATS = ("float64", "float32", "bfloat16", "float16")
"""Formats whose round-off is told."""
ENTRIES = 8
"""Entries of an output whose round-off bounds are worked out."""


def constant(
    what: str | Callable[..., Any],
    *args: Any,
    data: str | Iterable[str] | None = None,
    mode: Mode = "train",
    seed: int = 0,
    **kwargs: Any,
) -> Constancy:
    """Which outputs do not depend on the data, with their exact values.

    - what: a function of JAX arrays, with its arguments (arrays or `jax.ShapeDtypeStruct`s, in any pytree), or a chain of layers
      (``conv -> in -> globalpool``) in `mode`, which is about its input;
    - data: names of arguments, or of leaves in them, that count as data. By default these are the arguments that are single arrays
      and not named like a parameter (``bias``, ``gamma``, ``w1``, …); in dicts, lists and modules are parameters, unless the argument is
      called ``batch``, ``inputs`` or ``data``;
    - seed: of the random numbers of runs.

    Raises ChainError for a chain that cannot be read, CheckError for arguments that do not fit, for names that are not there and for a
    function that cannot be traced, ContradictionError if a float64 run contradicts a proof.
    """
    if isinstance(what, str):
        if args or kwargs or data is not None:
            from ...errors import CheckError

            raise CheckError(f"`{what}` is a chain of layers: it takes no arguments, and its data are its input")
        return decide(of_chain(what, mode), seed)
    return decide(asked_about(what, args, kwargs, data, seed), seed)


def of_chain(text: str, mode: Mode) -> Asked:
    """A chain in one mode; its data are its input, and the key of what is drawn in it."""
    program = trace(build(text), mode)
    names = [name for name in program.inputs if name in ("input", "key")]
    return Asked(text, program, names, ("",) * program.outputs)


def decide(asked: Asked, seed: int) -> Constancy:
    """The answer about every output."""
    program, data = asked.program, list(asked.data)
    analysis = analyse(program.jaxpr, {program.inputs.index(name): name for name in data})
    whole = analyse(program.jaxpr, dict(enumerate(program.inputs)))
    outputs = tuple(_output(program, k, asked.outputs[k], data, analysis, whole, seed) for k in range(program.outputs))
    if program.as_given is not None and any(output.ruling == "undecided" for output in outputs):
        again = decide(replace(asked, program=program.as_given()), seed).outputs
        outputs = tuple(
            replace(new, sizes=f"batch size {program.dims.get('n')} only") if old.ruling == "undecided" else old
            for old, new in zip(outputs, again, strict=True)
        )
    others = tuple(name for name in program.inputs if name not in data)
    return Constancy(asked.title, tuple(data), others, outputs, program.sizes, ASSUMPTIONS)


def _output(program: Program, k: int, name: str, data: list[str], analysis: Analysis, whole: Analysis, seed: int) -> Output:
    aval = program.jaxpr.out_avals[k]
    one = replace(program, jaxpr=leading_to(program.jaxpr, k), outputs=1, statistics=(), gradient=None)
    shape = tuple(map(str, aval.shape))
    pruned = analyse(one.jaxpr, {one.inputs.index(name): name for name in data})  # without what leads elsewhere
    findings = pruned.findings([0])
    if 0 in aval.shape:
        return Output(name, shape, "constant", "it has no entries")
    constant_ = free(analysis, k)
    shown = evidence(one, data if constant_ else [], [] if constant_ else data, seed)
    if shown.valueless:
        return Output(name, shape, "undecided", undefined(one) or shown.unconfirmed or "no run gave a number")
    if constant_:
        names = {number: name for name, number in whole.inputs.items()}
        remaining = {names[number] for number in whole.reached([k]) if number in names} - set(data)
        bounds, measured = _roundoff(one, seed) if kind_of(aval.dtype) in "fc" else ({}, None)
        taken = dict.fromkeys(said for finding in findings for said in assumptions(one, finding))
        return Output(
            name,
            shape,
            "constant",
            _cancels(one, findings),
            value=value(whole, k),
            depends_on=tuple(name for name in program.inputs if name in remaining),
            laws=tuple(dict.fromkeys(law for finding in findings for law in finding.laws)),
            assumptions=tuple(taken),
            gradient_zero=_gradient_zero(one, pruned, findings, data, seed) if kind_of(aval.dtype) in "fc" else None,
            confirmed=shown.confirmed,
            unconfirmed=shown.unconfirmed,
            roundoff=bounds,
            measured=measured,
            probes=probes(program, k, data, seed),
        )
    held = [finding for finding in findings if not finding.free]
    if shown.witnesses:
        moved_by, witness = next(iter(shown.witnesses.items()))
        why = f"it moves with {moved_by}"
        absent = tuple(finding.name for finding in findings if finding.free)
        found = parts(one, data, seed)
        return Output(name, shape, "not constant", why, absent=absent, witness=witness, moved_by=moved_by, parts=found)
    first = held[0]
    at = f"`{first.operation}`{where(one, first.place)}" if first.operation else "the output"
    why = f"{first.name} is not proved to drop out beyond {at}, and no run moved the output"
    said = shown.unwitnessed.get(first.name, "")
    return Output(name, shape, "undecided", f"{why}: {said}" if said else why)


def _gradient_zero(
    program: Program, analysis: Analysis, findings: Sequence[Finding], data: Sequence[str], seed: int
) -> bool | None:
    """Whether autodiff's gradients of a constant output by floating data are 0, which follows unless a derivative is not the value's."""
    floating = [name for name in data if program.kind(name) in "fc"]
    if not floating:
        return None
    if not (analysis.walk.singular or analysis.walk.underived or any(finding.broken for finding in findings)):
        return True
    found = gradients_zero(ending_in(program, program.jaxpr), floating, seed).values()
    return False if False in found else None if None in found else True


def _cancels(program: Program, findings: Sequence[Finding]) -> str:
    """Where the data drop out, the last place of all of them."""
    met = [finding for finding in findings if finding.place is not None]
    if not met:
        return "no data lead to it"
    said: dict[str, None] = {}
    for finding in met:
        cancels = f" in `{finding.operation}`{where(program, finding.place)}" if finding.operation else ""
        said[f"{finding.name} cancels{cancels}"] = None
    return "; ".join(said)


def _roundoff(program: Program, seed: int) -> tuple[dict[str, float], float | None]:
    """For each format how far an entry may be from its exact value, at one random point, and how far the largest is off in a run as
    traced; nothing where that cannot be run.
    """
    if program.sample is None or program.runnable()[1] or numbers_in(program.jaxpr, program.dims) > EASY:
        return {}, None
    record: Record = []
    args = program.sample(seed)
    try:
        replay = Replay(program.jaxpr, as_read, program.dims)
        outputs = replay.run(replay.prepare(args), record)
    except UnreplayableError:
        return {}, None
    exact = outputs[0][0]
    if not exact.size:
        return {}, None
    chosen = sorted({int(place) for place in np.linspace(0, exact.size - 1, min(ENTRIES, exact.size))})
    entries = [(0, tuple(int(i) for i in np.unravel_index(place, exact.shape))) for place in chosen]
    bounds: dict[str, float] = {}
    for name in FORMATS:
        rounding = Rounding(UNIT_ROUNDOFF[name])
        bounds[name] = max(float(reverse(record, outputs, [entry], (), rounding).bound[0]) for entry in entries)
    return bounds, _measured(program, args, exact)


def _measured(program: Program, args: Sequence[Any], exact: np.ndarray) -> float | None:
    """How far from its exact value the output comes out in the types it was traced in, compiled; None for symbolic sizes."""
    if program.dims:
        return None
    given = [
        x.astype(aval.dtype) if isinstance(x, np.ndarray) else x for x, aval in zip(args, program.jaxpr.in_avals, strict=True)
    ]
    rounded = [np.asarray(x, np.float64) if isinstance(x, np.ndarray) and x.dtype.kind == "f" else x for x in given]
    (found,) = jax.jit(jaxpr_as_fun(program.jaxpr))(*given)
    (right,) = Replay(program.jaxpr, as_read, program.dims)(rounded)
    apart = np.abs(np.asarray(found).astype(exact.dtype) - right)
    return float(apart.max()) if np.isfinite(apart).all() else None
