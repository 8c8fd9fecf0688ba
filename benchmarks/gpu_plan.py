"""What `benchmarks.gpu` measures: which cases, in which dtypes, of what sizes, and the parts made of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from typing import Any

import jax
import numpy as np

from bnproof.decide.checking.cases import Case as Chain
from bnproof.decide.checking.cases import subject
from bnproof.decide.checking.suites import quick, task
from bnproof.numeric.checking.check import Check
from bnproof.numeric.compiling import kernels
from bnproof.numeric.devices import Device
from bnproof.numeric.monitor import monitored_batchnorm

from . import bias_gradient, gpu_bounds
from .conv_bn_step import (
    PAIRS,
    Case,
    against_torch,
    arguments,
    bandwidth,
    floor,
    overhead,
    overhead_line,
    peak,
    step,
    torch_line,
)
from .on_device import DTYPES, judged, outcomes, unit
from .torch_step import Peer, peers
from .units import Found, NotApplicable, Part, Unit

REPEATS = 5
"""Runs of one compiled step that are compared bit by bit."""
TORCH_PYTHON = ".venv-peers/bin/python"
"""Where ``make bench`` installs PyTorch; without it this Python's own is taken."""


@dataclass(frozen=True)
class Plan:
    """Sizes.

    - chains: of the numeric checks, each with whether every quantity is asked;
    - steps: of conv → BN, in every dtype; pairs: timings with the check and without, in turn;
    - batches: of the bias gradient, 64 values normalised together for each;
    - repeated, compared: how many of the steps are run again bit by bit, and beside PyTorch;
    - moving: steps compared with the floor that bandwidth and peak set;
    - random, draws: random chains, each drawn so many times; early: how many of them come before the timings;
    - costs: chains whose bounds are timed.
    """

    chains: tuple[tuple[Chain, bool], ...]
    steps: tuple[Case, ...]
    batches: tuple[int, ...]
    pairs: int = PAIRS
    repeated: int = 2
    compared: int = 2
    moving: tuple[Case, ...] = ()
    random: int = 100
    draws: int = 25
    early: int = 20
    costs: tuple[str, ...] = ("conv(8) -> bn @ 8x8x8x8",)

    def short(self) -> Plan:
        """One of each kind: whether everything runs at all."""
        few = {"chains": self.chains[:1], "steps": self.steps[:1], "batches": self.batches[:1], "moving": self.moving[:1]}
        return replace(self, **few, pairs=3, random=2, early=1, draws=2)  # type: ignore[arg-type]


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
MOVING = (Case(256, 64, 56, 64, 0), Case(128, 64, 56, 64, 1))
"""Dominated by batch normalisation, that is by moving numbers."""
SMALL = (Case(8, 8, 14, 8, 3), Case(8, 8, 14, 32, 1))
GPU = Plan(SUITE, RESNET, (1, 8, 64, 512), moving=MOVING)
PRETEND = Plan(SUITE, SMALL, (1, 8, 64), moving=(Case(8, 8, 28, 8, 0), Case(8, 8, 28, 8, 1)))
"""4 dtypes × 100 chains × 25 draws are 10,000 cases."""


def parts(plan: Plan, device: Device, theirs: Callable[[], list[Peer]]) -> list[Part]:
    """The parts, what matters most first; theirs: starts PyTorch, where there is one."""

    def soak(name: str, until: float, structures: range) -> Part:
        units = list(gpu_bounds.soak(device, structures, plan.draws))
        return Part(name, until, units, together=True, summary=gpu_bounds.soak_outcomes)

    return [
        Part("probes", 0.15, list(gpu_bounds.probes(device))),
        Part("checks", 0.42, list(_checks(plan, device)), together=True, summary=outcomes),
        soak("soak", 0.56, range(plan.early)),
        Part("step", 0.7, list(_steps(plan, device))),
        Part("PyTorch", 0.78, list(_torch(plan, device, theirs))),
        Part("floor", 0.84, list(_floors(plan, device))),
        Part("cost of the bound", 0.88, list(gpu_bounds.costs(device, plan.costs))),
        Part("bias gradient", 0.92, list(_gradients(plan, device)), together=True, summary=outcomes),
        Part("determinism", 0.94, list(_determinism(plan, device))),
        soak("soak, the rest", 0.98, range(plan.early, plan.random)),
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


def _checks(plan: Plan, device: Device) -> Generator[Unit]:
    for case, whole in plan.chains:
        for dtype in DTYPES:
            about = {"case": case.title, "bias": case.bias}

            def action(case: Chain = case, whole: bool = whole, dtype: str = dtype) -> Found:
                check = Check(subject(task(case, dtype).case), dtype, device, whole)
                return judged(check.run(0), kernels=list(check.kernels))

            yield unit(about, f"{case.title}, {case.bias}", dtype, device, action)


def _steps(plan: Plan, device: Device) -> Generator[Unit]:
    for case in _in_all_dtypes(plan.steps):

        def action(case: Case = case) -> Found:
            args = arguments(case)
            cost: dict[str, Any] = {**overhead(case, args, plan.pairs)}
            if case.shapes == plan.steps[0].shapes:  # compiled once more for its text: one a dtype is enough
                cost["kernels"] = list(kernels(step(case, monitored_batchnorm).lower(*args).compile().as_text()))  # type: ignore[attr-defined]
            return Found(cost, f"{overhead_line(cost)}, gradient / bound {cost['gradient_over_bound']:.2g}")

        yield _step_unit(case, device, action)


def _floors(plan: Plan, device: Device) -> Generator[Unit]:
    moved, peaks = list[float](), dict[str, float]()
    for case in _in_all_dtypes(plan.moving):

        def action(case: Case = case) -> Found:
            if not moved:
                moved.append(bandwidth(device.platform))
            if case.dtype not in peaks:
                peaks[case.dtype] = peak(device.platform, case.dtype)
            cost = overhead(case, arguments(case), plan.pairs)
            found = floor(case, moved[0], peaks[case.dtype], cost["without_s"])
            words = f"{found['fraction']:.0%} of the speed that bandwidth and peak allow"
            return Found({**found, "bandwidth_bytes_per_s": moved[0], "peak_per_s": peaks[case.dtype], "cost": cost}, words)

        yield _step_unit(case, device, action)


def _gradients(plan: Plan, device: Device) -> Generator[Unit]:
    for batch in plan.batches:
        for layers in bias_gradient.LAYERS:
            for dtype in DTYPES:

                def action(layers: str = layers, batch: int = batch, dtype: str = dtype) -> Found:
                    m = bias_gradient.measured(layers, batch, dtype, device)
                    return replace(judged([m]), words=f"{m.measured:.2g}, bound {m.bound:.2g}: {m.outcome}")

                yield unit({"layers": layers, "values": 64 * batch}, f"{layers}, {64 * batch} values", dtype, device, action)


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
    return unit(sizes, case.layers, case.dtype, device, action)
