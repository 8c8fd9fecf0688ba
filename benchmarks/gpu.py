"""One run on a GPU: everything that is proved, measured there in float32, tf32, bfloat16 and float16, within eight minutes.

1. probes: how the device computes, which every bound rests on: products, convolutions, division, functions, subnormal numbers;
2. checks: the quick suite of ``bnproof check``, every case in all four dtypes;
3. soak: random chains against their bounds, 10,000 cases; the first of them now, the rest at the end, as far as time allows;
4. step: conv → BN forward and backward, with the check inside the step and without, at the sizes of ResNet-50;
5. PyTorch: the step beside PyTorch's, where there is one;
6. floor: steps that move numbers beside the time that the measured bandwidth and peak allow;
7. cost of the bound: a check with its bounds beside the bare program;
8. bias gradient: of conv → BN against its bound, over more and more values normalised together; conv → ReLU → BN is the control;
9. determinism: whether one compiled step gives the same bits five times.

python -m benchmarks.gpu [--pretend] [--quick] [--budget SECONDS] [--out FILE]

Needs no installation, only the checkout and JAX. Exit status: 0 all measured units as proved, 1 one failed, 2 wrong usage or no
GPU, 130 interrupted.
"""

from __future__ import annotations

import argparse
import math
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from bnproof.numeric.compiling import ask_for_determinism

if TYPE_CHECKING:
    from .units import Run

BUDGET = 480.0
"""Seconds."""
RESULTS = Path(__file__).parent / "results"
PRETEND = "--pretend"
INTERRUPTED = 130
"""The exit status."""


def main(options: Sequence[str] | None = None) -> int:
    """The exit status."""
    started = time.monotonic()
    given = _given(options)
    ask_for_determinism("cpu" if given.pretend else "gpu")
    # heavy libraries from here on: a mistake is answered at once
    from bnproof.errors import CheckError
    from bnproof.numeric.devices import choose

    from . import gpu_plan
    from .machine import accelerator, commit, machine
    from .torch_step import leave_room
    from .units import Run

    leave_room()
    try:
        (device,) = choose("cpu" if given.pretend else "gpu")
    except CheckError as error:
        return _refused(f"{error} To rehearse on the CPU: python -m benchmarks.gpu {PRETEND}")
    plan = gpu_plan.PRETEND if given.pretend else gpu_plan.GPU
    head = {
        **machine("bnproof", "jax", "jaxlib", "numpy"),
        "commit": commit(),
        "pretend": given.pretend,
        "quick": given.quick,
        "device": accelerator(device),
    }
    out: Path = given.out or RESULTS / f"{'cpu-pretend' if given.pretend else 'gpu'}-{head['date']}.json"
    with gpu_plan.torch(device) as theirs:
        try:
            run = Run(out, head, gpu_plan.parts(plan.short() if given.quick else plan, device, theirs), given.budget, started)
        except OSError as error:
            return _refused(f"cannot write {out}: {error.strerror}; choose another --out")
        signal.signal(signal.SIGTERM, _interrupt)
        watchdog = threading.Timer(max(given.budget - run.elapsed(), 0), lambda: _leave(run, "the budget was spent", run.code))
        watchdog.daemon = True
        watchdog.start()
        try:
            run.work()
        except KeyboardInterrupt:
            _leave(run, "interrupted", INTERRUPTED)
        watchdog.cancel()
    _report(run)
    return run.code


def _given(options: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.gpu", description="everything that is proved, measured on a GPU"
    )
    parser.add_argument(PRETEND, action="store_true", help="rehearse on the CPU, with small shapes")
    parser.add_argument("--quick", action="store_true", help="one case of each kind: does everything run at all?")
    parser.add_argument("--budget", type=_seconds, default=BUDGET, metavar="SECONDS", help="default: %(default)g")
    parser.add_argument(
        "--out", type=_json, metavar="FILE", help="default: benchmarks/results/gpu-DATE.json, or cpu-pretend-DATE.json"
    )
    return parser.parse_args(options)


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < threading.TIMEOUT_MAX:  # not-a-number too
        raise argparse.ArgumentTypeError(f"`{text}`: expected a number of seconds above 0, such as {BUDGET:g}")
    return value


def _json(text: str) -> Path:
    if not text.endswith(".json"):
        raise argparse.ArgumentTypeError(f"`{text}`: expected a name that ends in .json, such as gpu.json")
    return Path(text)


def _refused(why: str) -> int:
    print(f"error: {why}", file=sys.stderr)
    return 2


def _report(run: Run) -> None:
    """The last lines: what was found in each dtype, and how far the run came."""
    from .on_device import outcome_line

    for part, by_dtype in run.summaries().items():
        for dtype, summary in by_dtype.items():
            print(f"{part}, {dtype}: {outcome_line(summary)}")
    counts = ", ".join(f"{count} {status}" for status, count in run.counts().items())
    ending = "complete" if run.record["complete"] else f"incomplete ({run.record['stopped'] or 'time ran out'})"
    print(f"{run.elapsed():6.1f} s  {ending}: {counts}. Written to {run.path}", flush=True)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _leave(run: Run, why: str, code: int) -> None:
    """Ends the process at once: a compilation that goes on in another thread cannot be stopped otherwise."""
    run.stop(why)
    _report(run)
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    raise SystemExit(main())
