"""What `benchmarks.gpu` measures: which cases, in which dtypes, of what sizes, and the parts made of them."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from typing import Any, get_args

import jax
import numpy as np

from bnproof.decide.checking.cases import Case as Chain
from bnproof.decide.checking.run import run
from bnproof.decide.checking.suites import quick, task
from bnproof.errors import CheckError
from bnproof.numeric.checking.measurement import Measurement, Outcome
from bnproof.numeric.devices import Device
from bnproof.numeric.monitor import monitored_batchnorm
from bnproof.numeric.roundoff.precision import check_format, computing

from . import bias_gradient
from .conv_bn_step import PAIRS, Case, against_torch, arguments, overhead, overhead_line, step, torch_line
from .torch_step import Peer, peers
from .units import Found, NotApplicable, Part, Unit

DTYPES = ("float32", "tf32", "bfloat16", "float16")
REPEATS = 5
"""Runs of one compiled step that are compared bit by bit."""
OUTCOMES = get_args(Outcome)
TORCH_PYTHON = ".venv-peers/bin/python"
"""Where ``make bench`` installs PyTorch; without it this Python's own is taken."""


@dataclass(frozen=True)
class Plan:
    """Sizes.

    - chains: of the numeric checks, each with whether every quantity is asked;
    - steps: of conv → BN, in every dtype; pairs: timings with the check and without, in turn;
    - batches: of the bias gradient, 64 values normalised together for each;
    - repeated, compared: how many of the steps are run again bit by bit, and beside PyTorch.
    """

    chains: tuple[tuple[Chain, bool], ...]
    steps: tuple[Case, ...]
    batches: tuple[int, ...]
    pairs: int = PAIRS
    repeated: int = 2
    compared: int = 2

    def short(self) -> Plan:
        """One of each kind: whether everything runs at all."""
        return replace(self, chains=self.chains[:1], steps=self.steps[:1], batches=self.batches[:1], pairs=3)


SUITE = tuple((asked.case, asked.whole) for asked in quick() if asked.dtype == DTYPES[0])
"""The cases of ``bnproof check``'s quick suite."""
RESNET = (
    Case(64, 64, 56, 64, 3),
    Case(64, 64, 56, 256, 1),
    Case(64, 128, 28, 128, 3),
    Case(64, 256, 14, 256, 3),
    Case(64, 512, 7, 512, 3),
)
"""The 3×3 convolution of each stage of ResNet-50 at 224×224, and the first stage's 1×1 that widens, for a batch of 64."""
SMALL = (Case(8, 8, 14, 8, 3), Case(8, 8, 14, 32, 1))
GPU = Plan(SUITE, RESNET, (1, 8, 64, 512))
PRETEND = Plan(SUITE, SMALL, (1, 8, 64))


def parts(plan: Plan, device: Device, theirs: Callable[[], list[Peer]]) -> list[Part]:
    """The parts, what matters most first; theirs: starts PyTorch, where there is one."""
    return [
        Part("checks", 0.45, list(_checks(plan, device)), together=True, summary=outcomes),
        Part("step", 0.72, list(_steps(plan, device))),
        Part("bias gradient", 0.84, list(_gradients(plan, device)), together=True, summary=outcomes),
        Part("determinism", 0.9, list(_determinism(plan, device))),
        Part("PyTorch", 0.95, list(_torch(plan, device, theirs))),
    ]


@contextmanager
def torch(device: Device, python: str = TORCH_PYTHON) -> Generator[Callable[[], list[Peer]]]:
    """A function that starts PyTorch when first called, and gives what `peers` gives; ended with the block."""
    started: list[list[Peer]] = []
    with ExitStack() as stack:

        def start() -> list[Peer]:
            if not started:
                started.append(stack.enter_context(peers(python, device.platform, os.cpu_count() or 1)))
            return started[0]

        yield start


def outcomes(units: Sequence[Mapping[str, Any]]) -> dict[str, object]:
    """By dtype: how many measurements were as proved, and the extremes.

    - largest: of the proved zeros the one closest to its bound: at most 1 times as large, where as proved;
    - weakest: of the controls the one closest to its own: at least `factor` times as large.

    Those that cannot tell are counted only.
    """
    found: dict[str, object] = {}
    for dtype in dict.fromkeys(unit["dtype"] for unit in units):
        rows = [row for unit in units if unit["dtype"] == dtype for row in unit["result"]["measurements"]]
        told = [row for row in rows if row["outcome"] != "cannot tell"]
        zeros = [row for row in told if row["expected"] == "below"]
        controls = [row for row in told if row["expected"] == "above"]
        counts = Counter(row["outcome"] for row in rows)
        found[dtype] = {
            "measurements": len(rows),
            **{outcome: counts[outcome] for outcome in OUTCOMES},
            "largest": _named(max(zeros, key=lambda row: _ratio(row, math.inf), default=None)),
            "weakest": _named(min(controls, key=lambda row: _ratio(row, -math.inf), default=None)),
        }
    return found


def outcome_line(summary: Mapping[str, Any]) -> str:
    """What `outcomes` says of one dtype, in words."""
    words = [f"{summary[outcome]} {outcome}" for outcome in OUTCOMES]
    for extreme, meaning in (("largest", "largest of a proved zero"), ("weakest", "smallest of a control")):
        if row := summary[extreme]:
            words.append(f"{meaning} {float(row['ratio']):.2g} of the bound ({row['case']}, {row['quantity']})")
    return ", ".join(words)


def _ratio(row: Mapping[str, Any], unknown: float) -> float:
    """Measured / bound; `unknown` for what is not a number."""
    ratio = float(row["ratio"])
    return unknown if math.isnan(ratio) else ratio


def _named(row: Mapping[str, Any] | None) -> dict[str, object] | None:
    return None if row is None else {name: row[name] for name in ("ratio", "factor", "case", "bias", "quantity", "outcome")}


def _possible(dtype: str, device: Device) -> None:
    """Raises NotApplicable for a format that the device does not have."""
    try:
        check_format(dtype, device.platform)
    except CheckError as error:
        raise NotApplicable(str(error)) from error


def _unit(about: Mapping[str, object], title: str, dtype: str, device: Device, action: Callable[[], Found]) -> Unit:
    """A unit in one dtype: skipped where the device lacks it; computed on the device, as that dtype asks."""

    def tried() -> Found:
        _possible(dtype, device)
        with computing(dtype), jax.default_device(device):
            return action()

    return Unit({**about, "dtype": dtype}, f"{title}, {dtype}", tried)


def _checks(plan: Plan, device: Device) -> Generator[Unit]:
    for case, whole in plan.chains:
        for dtype in DTYPES:
            about = {"case": case.title, "bias": case.bias}

            def action(case: Chain = case, whole: bool = whole, dtype: str = dtype) -> Found:
                (measured,) = run([task(case, dtype, whole)], device)
                return _judged(measured)

            yield _unit(about, f"{case.title}, {case.bias}", dtype, device, action)


def _judged(measured: Sequence[Measurement]) -> Found:
    counts = Counter(m.outcome for m in measured)
    words = ", ".join(f"{count} {outcome}" for outcome, count in counts.items())
    return Found({"measurements": [m.as_json() for m in measured]}, words, wrong=not all(m.passed for m in measured))


def _steps(plan: Plan, device: Device) -> Generator[Unit]:
    for case in _in_all_dtypes(plan.steps):

        def action(case: Case = case) -> Found:
            cost = overhead(case, arguments(case), plan.pairs)
            return Found(cost, f"{overhead_line(cost)}, gradient / bound {cost['gradient_over_bound']:.2g}")

        yield _step_unit(case, device, action)


def _gradients(plan: Plan, device: Device) -> Generator[Unit]:
    for batch in plan.batches:
        for layers in bias_gradient.LAYERS:
            for dtype in DTYPES:

                def action(layers: str = layers, batch: int = batch, dtype: str = dtype) -> Found:
                    m = bias_gradient.measured(layers, batch, dtype, device)
                    return replace(_judged([m]), words=f"{m.measured:.2g}, bound {m.bound:.2g}: {m.outcome}")

                yield _unit({"layers": layers, "values": 64 * batch}, f"{layers}, {64 * batch} values", dtype, device, action)


def _determinism(plan: Plan, device: Device) -> Generator[Unit]:
    for case in _in_all_dtypes(plan.steps[: plan.repeated]):

        def action(case: Case = case) -> Found:
            differing = repeated(step(case, monitored_batchnorm), arguments(case), REPEATS)
            words = f"differ from run to run: {', '.join(differing)}" if differing else f"{REPEATS} runs equal bit by bit"
            return Found({"runs": REPEATS, "equal": not differing, "differing": differing}, words)

        yield _step_unit(case, device, action)


RESULTS = ("y", "dx", "dw", "dgamma", "dbeta", "dprobe")
"""Of a step, in the order it gives them."""


def repeated(once: Callable[..., Any], args: Sequence[Any], runs: int) -> list[str]:
    """Which of a step's results differ from the first run's in any bit in a later one."""

    def bits() -> list[bytes]:
        return [np.asarray(result).tobytes() for result in jax.tree.leaves(once(*args))]

    first, differing = bits(), set[str]()
    for _ in range(runs - 1):
        differing |= {name for name, a, b in zip(RESULTS, first, bits(), strict=True) if a != b}
    return [name for name in RESULTS if name in differing]


def _torch(plan: Plan, device: Device, theirs: Callable[[], list[Peer]]) -> Generator[Unit]:
    for case in _in_all_dtypes(plan.steps[: plan.compared]):

        def action(case: Case = case) -> Found:
            others = theirs()
            if not others:
                raise NotApplicable("there is no PyTorch")
            about = others[0].about
            if device.platform == "gpu" and not about["gpu"]:
                raise NotApplicable(f"PyTorch {about['version']} sees no GPU")
            found = against_torch(case, arguments(case), others, device.platform, plan.pairs)
            return Found({"torch": about, **found}, torch_line(found))

        yield _step_unit(case, device, action)


def _in_all_dtypes(cases: Sequence[Case]) -> list[Case]:
    return [replace(case, dtype=dtype) for case in cases for dtype in DTYPES]


def _step_unit(case: Case, device: Device, action: Callable[[], Found]) -> Unit:
    sizes = {name: value for name, value in asdict(case).items() if name != "dtype"}
    return _unit(sizes, case.layers, case.dtype, device, action)
