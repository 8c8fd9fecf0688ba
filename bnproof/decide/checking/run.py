"""Runs cases × dtypes of the numeric checks, several at once: compiling takes most of the time and needs no Python."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import jax

from ...chain.build import build
from ...errors import CheckError
from ...modes import Mode
from ...numeric.checking.accuracy import STOPS, Accuracy
from ...numeric.checking.check import DELTAS, Check
from ...numeric.checking.measurement import Measurement
from ...numeric.devices import Device, choose, enough_memory
from ...numeric.roundoff.precision import check_format
from ..chain import decide
from .arguments import Wanted
from .cases import Case, exactly, renormalises, subject
from .functions import Prepared, accuracy_of, differentiated, tasks_of_function, title_of
from .held_against import Reference
from .suites import WIDE, Task

COPIES = 100
"""Arrays of the largest layer's size that a check holds: every value of two runs, and sensitivities, in float64."""
LEAN = 16
"""The same of a large layer, of which only what each judged entry hangs on is run again; measured, rounded up."""
KEPT = 2
"""Numbers held for each result of the run that bounds are derived from: itself, and its errors or sensitivities; measured."""
SECONDS = 2.5e-6
"""For each number in a large layer's output, in one dtype and for one parameter; measured on two cores."""
LARGE = 1_000_000
"""Numbers in a layer's output from which on only the bias gradient and a shift by 1 are checked."""
LEFT_OUT = (
    "its bias gradients and a shift by 1 were checked, not Hessian rows, the other gradients with and without the bias, other shifts, nor "
    "values and gradients against exact ones, which take every number of a layer several times over"
)


class Measurements(list[Measurement]):
    """The measurements of one `check`; notes: what was not measured and why, and what a reader should know besides."""

    def __init__(self, rows: Iterable[Measurement] = (), notes: Iterable[str] = ()) -> None:
        super().__init__(rows)
        self.notes = tuple(notes)


def check(
    what: str | Callable[..., Any],
    *args: Any,
    bias: Wanted | None = None,
    dtypes: Sequence[str] = WIDE,
    mode: Mode | None = None,
    device: Device | str | None = None,
    seed: int = 0,
    draws: int = 1,
    has_aux: bool = False,
    against: Reference | None = None,
    stopped: bool = False,
) -> Measurements:
    """Whether floating point agrees with what is proved about the biases of a chain, or of any JAX function.

    Redundant ones must stay below their round-off bounds, those that act must exceed them, by what the engine proves in each dtype;
    what is undecided is not measured, and the `notes` of the list say why.

    Unless one parameter of a chain is asked for, each of its normalisations' value and gradients are held against the definition as
    well, and the chain's gradients against the derivative of what it computes (`numeric.checking.accuracy`).

    - what: a chain, ``conv -> bn`` (after it the dtypes may stand without a keyword), in the mode ``train`` unless `mode` says otherwise;
      or a function that JAX can trace and differentiate, an Equinox module for one, or the `apply` of a Flax module;
    - args: what the function is called with: arrays, pytrees of arrays, random keys, integers, `jax.ShapeDtypeStruct`. Arrays are used
      as they are in the first draw, the floating ones rounded to each dtype, though a bias of zeros is moved; shapes are drawn. What is
      no array, and what the function captures, is part of the function;
    - bias: the name of an argument or leaf, ``params.conv1.bias``, or an unambiguous end of it, ``conv1.bias``; several; or a predicate
      on names. Default: all that are named like a bias or shift;
    - dtypes: float64, float32, tf32, bfloat16, float16; device: cpu, gpu or auto, or a JAX device; draws: how many, with numbers of
      their own from the second one on; has_aux: the function returns (outputs, aux), and the second is left out;
    - against: what `what` must have the values and gradients of: a function of the same arguments, such as a plain definition of what a
      kernel computes, or a chain, ``bn``, whose parameters are leaves of the same names and shapes (`held_against`). They are
      compared in the place of the function's own derivative, though it have no bias;
    - stopped: each stop_gradient of the function is meant (a straight-through estimator, a target): the derivative that its
      gradients must be lets nothing through. Else one that changes a gradient fails. Custom rules are never taken as meant.

    All floating outputs, in any pytree, are measured together. Raises ChainError for a chain that cannot be read, CheckError for an
    unknown bias or dtype, arguments that do not fit, a function that cannot be traced, and for a chain without anything to check.
    """
    where = choose(device)[0] if isinstance(device, str) else device
    if isinstance(what, str):
        if len(args) > 1 or has_aux:
            raise CheckError("a chain takes no arguments but the dtypes: bnproof.check(chain, dtypes, bias=…, mode=…)")
        if against is not None or stopped:
            raise CheckError("a chain is held against the definitions of its layers: against= and stopped= are for a function")
        found, undecided = tasks_of(what, args[0] if args else dtypes, bias=bias, mode=mode or "train", draws=draws)
        notes = [f"{name} of `{what}` is undecided, so there is nothing to compare with: {why}" for name, why in undecided]
        return Measurements((m for rows in run(found, where, seed) for m in rows), [*notes, *needs(found)[2]])
    if not callable(what):
        raise CheckError(f"a chain or a function can be checked, and {what!r:.60} is neither")
    if mode is not None:
        raise CheckError("a mode is of a chain: a function is checked as it is called, for instance with train=False")
    for dtype in dtypes:
        check_format(dtype, (where or jax.devices()[0]).platform)
    if not (against is None or isinstance(against, str) or callable(against)):
        raise CheckError(f"against= takes a function of the same arguments or a chain, and {against!r:.60} is neither")
    prepared, notes = tasks_of_function(
        what, args, dtypes, bias=bias, seed=seed, draws=draws, has_aux=has_aux, reference=against, stopped=stopped
    )
    measured = [m for rows in run(prepared, where, seed) for m in rows]
    if any(m.note.endswith(STOPS) for m in measured):
        notes.append(f"a stop_gradient in `{title_of(what)}` changes its gradients: if that is meant, say stopped=True")
    return Measurements(measured, [*notes, *needs(prepared)[2]])


def tasks_of(
    chain: str, dtypes: Sequence[str], *, bias: Wanted | None = None, mode: Mode = "train", draws: int = 1
) -> tuple[list[Task], list[tuple[str, str]]]:
    """The tasks of one chain; and the parameters left undecided, each with the reason. Raises what `check` raises."""
    if bias is not None and not callable(bias):
        names = [bias] if isinstance(bias, str) else list(bias)
        if "" in names:  # a case about no parameter is one of exact values, which nobody asks for by name
            raise CheckError(f'`` names no parameter of `{chain}`: bias is one of those that `bnproof prove "{chain}"` lists')
        return [Task(Case(chain, name, mode), dtype, draws=draws) for name in names for dtype in dtypes], []
    verdicts = [verdict for verdict in decide(chain, mode).verdicts if bias is None or bias(verdict.bias)]
    cases = [Case(chain, verdict.bias, mode) for verdict in verdicts if verdict.verdict != "undecided"]
    undecided = [(verdict.bias, verdict.reason) for verdict in verdicts if verdict.verdict == "undecided"]
    if verdicts and bias is None:
        cases.append(Case(chain, "", mode))
    return [Task(case, dtype, draws=draws) for case in cases for dtype in dtypes], undecided


def run(
    tasks: Iterable[Task | Prepared], device: Device | None = None, seed: int = 0, deltas: Sequence[float] = DELTAS
) -> Iterator[list[Measurement]]:
    """The measurements of each task, in order, as they are ready.

    Raises what `subject` raises for a case that cannot be read or decided, and CheckError where memory does not suffice or a function
    cannot be differentiated.
    """
    where = device or jax.devices()[0]

    def measure(task: Task | Prepared) -> list[Measurement]:
        largest = _size(task)
        with enough_memory(where, 8 * (COPIES if largest < LARGE else LEAN), largest, "numbers in one layer's output"):
            about = task.subject.bias if isinstance(task, Prepared) else task.case.bias
            wanted = not about or (isinstance(task, Task) and task.exact)
            exact = _exact(task, where, seed) if wanted and largest < LARGE else []
            if not about:
                return exact
            check = _compiled(task, where, task.whole and largest < LARGE)
            asked = deltas if largest < LARGE else [delta for delta in deltas if delta == 1]
            with enough_memory(where, 8 * KEPT, check.kept, "numbers on the way to one judged entry"):
                rows = [m for draw in range(task.draws) for m in check.run(seed + draw, asked, first=draw == 0)]
            return [*map(task.told, rows)] if isinstance(task, Prepared) else rows + exact

    pool = ThreadPoolExecutor(max(2, os.cpu_count() or 1))
    try:
        yield from pool.map(measure, tasks)
    finally:  # an error or an interruption: what has not begun need not begin
        pool.shutdown(cancel_futures=True)


def needs(tasks: Iterable[Task | Prepared]) -> tuple[float, int, list[str]]:
    """What checks of large layers need: seconds, bytes at once, and notes of what is left out; of small ones nothing to speak of.

    Of chains whose parameters each hang on all of a layer's numbers, such as those of layer normalisation, it is several times more.
    """
    large = [(task, size) for task in tasks if (size := _size(task)) >= LARGE]
    names = dict.fromkeys(task.subject.case if isinstance(task, Prepared) else task.case.title for task, _ in large)
    notes = [f"`{name}` is large: {LEFT_OUT}" for name in names]
    asked = [size for task, size in large if (task.subject.bias if isinstance(task, Prepared) else task.case.bias)]
    at_once = sorted(asked)[-max(2, os.cpu_count() or 1) :]
    return SECONDS * sum(asked), 8 * LEAN * sum(at_once), notes


def _size(task: Task | Prepared) -> int:
    return task.largest if isinstance(task, Prepared) else _largest(task)


def _compiled(task: Task | Prepared, device: Device, whole: bool) -> Check:
    if isinstance(task, Prepared):
        return differentiated(replace(task, whole=whole), device)
    return Check(subject(task.case), task.dtype, device, whole)


def _largest(task: Task) -> int:
    built = build(task.case.chain)
    return max(math.prod(shape) for shape in (built.input_shape, *built.shapes.values()))


def _exact(task: Task | Prepared, device: Device, seed: int) -> list[Measurement]:
    """A case's values and gradients against exact ones; a function's against the derivative of what it computes."""
    if isinstance(task, Prepared):
        return accuracy_of(task, device, seed)
    checks = [
        Accuracy(subject, task.dtype, device, reference, renormalises(task.case)) for subject, reference in exactly(task.case)
    ]
    return [m for draw in range(task.draws) for check in checks for m in check.run(seed + draw)]
