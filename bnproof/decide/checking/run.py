"""Runs cases × dtypes of the numeric checks, several at once: compiling takes most of the time and needs no Python."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import jax

from ...chain.build import build
from ...modes import Mode
from ...numeric.checking.accuracy import Accuracy
from ...numeric.checking.check import DELTAS, Check
from ...numeric.checking.measurement import Measurement
from ...numeric.devices import Device, enough_memory
from ..chain import decide
from .cases import Case, exactly, renormalises, subject
from .suites import WIDE, Task

COPIES = 100
"""Arrays of the largest layer's size that a check holds: every value of two runs, and sensitivities, in float64."""
LARGE = 1_000_000
"""Numbers in a layer's output from which on only a shift by 1 is checked."""


def check(
    chain: str,
    dtypes: Sequence[str] = WIDE,
    *,
    bias: str | None = None,
    mode: Mode = "train",
    device: Device | None = None,
    seed: int = 0,
) -> list[Measurement]:
    """Whether floating point agrees with what is proved about a chain's biases and betas, or about one parameter of it.

    Redundant ones must stay below their round-off bounds, those that act must exceed them. Unless it is about one parameter, each
    normalisation's value and gradients are held against its definition as well, and the chain's gradients against the derivative of
    what it computes (`numeric.checking.accuracy`). Raises ChainError for a chain that cannot be
    read, CheckError for an unknown parameter or dtype and for a chain without anything to check.
    """
    tasks, _ = tasks_of(chain, dtypes, bias=bias, mode=mode)
    return [m for rows in run(tasks, device, seed) for m in rows]


def tasks_of(
    chain: str, dtypes: Sequence[str], *, bias: str | None = None, mode: Mode = "train"
) -> tuple[list[Task], list[tuple[str, str]]]:
    """The tasks of one chain; and the parameters left undecided, each with the reason. Raises what `check` raises."""
    if bias is not None:
        return [Task(Case(chain, bias, mode), dtype) for dtype in dtypes], []
    verdicts = decide(chain, mode).verdicts
    cases = [Case(chain, verdict.bias, mode) for verdict in verdicts if verdict.verdict != "undecided"]
    undecided = [(verdict.bias, verdict.reason) for verdict in verdicts if verdict.verdict == "undecided"]
    if verdicts:
        cases.append(Case(chain, "", mode))
    return [Task(case, dtype) for case in cases for dtype in dtypes], undecided


def run(
    tasks: Iterable[Task], device: Device | None = None, seed: int = 0, deltas: Sequence[float] = DELTAS
) -> Iterator[list[Measurement]]:
    """The measurements of each task, in order, as they are ready.

    Raises what `subject` raises for a case that cannot be read or decided, and CheckError where memory does not suffice.
    """
    where = device or jax.devices()[0]

    def measure(task: Task) -> list[Measurement]:
        built = build(task.case.chain)
        largest = max(math.prod(shape) for shape in (built.input_shape, *built.shapes.values()))
        with enough_memory(where, 8 * COPIES, largest, "numbers in one layer's output"):
            exact = _exact(task, where, seed) if (task.exact or not task.case.bias) and largest < LARGE else []
            if not task.case.bias:
                return exact
            check = Check(subject(task.case), task.dtype, where, task.whole)
            asked = deltas if largest < LARGE else [delta for delta in deltas if delta == 1]
            return [m for draw in range(task.draws) for m in check.run(seed + draw, asked)] + exact

    pool = ThreadPoolExecutor(max(2, os.cpu_count() or 1))
    try:
        yield from pool.map(measure, tasks)
    finally:  # an error or an interruption: what has not begun need not begin
        pool.shutdown(cancel_futures=True)


def _exact(task: Task, device: Device, seed: int) -> list[Measurement]:
    """A case's values and gradients against exact ones."""
    checks = [
        Accuracy(subject, task.dtype, device, reference, renormalises(task.case)) for subject, reference in exactly(task.case)
    ]
    return [m for draw in range(task.draws) for check in checks for m in check.run(seed + draw)]
