"""Convolution → batch normalisation, forward and backward: what the check inside the step costs, PyTorch, and the floor.

A step computes y and the gradients with respect to input, kernel, gamma and beta for a given cotangent dy. Compared in turn:

- the step with the check (`monitored_batchnorm`) and without (`without_check`);
- the step with the check and PyTorch's autograd (Conv2d without bias, BatchNorm2d in training), on as many threads and at
  its best setting (`torch_step`);
- the step without the check and its floor, max(bytes moved / memory bandwidth, operations / peak), for steps that batch
  normalisation dominates. Bandwidth and peak are measured in the same run, by a triad a = b + s·c and a matrix product.

python -m benchmarks.conv_bn_step [--device cpu|gpu] [--out FILE] [--torch-python PYTHON]
                         prints ratios, writes benchmarks/results/conv_bn_step-DEVICE-DATE.json
"""

from __future__ import annotations

import argparse
import functools
import json
import math
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from bnproof.numeric.devices import choose
from bnproof.numeric.monitor import monitored_batchnorm, within_bound, without_check
from bnproof.numeric.roundoff.precision import HALF, computing, storage

from . import BenchmarkError
from .machine import machine
from .timing import paired, seconds
from .torch_step import Peer, leave_room, peers

OVERHEAD = 0.15
"""At most so much more time with the check."""
WORK = 0.05
"""Seconds of work in each timing, at least."""
PAIRS = 11


@dataclass(frozen=True)
class Case:
    """x of shape (batch, inputs, size, size), a kernel × kernel convolution to `outputs` channels; kernel 0: none.

    dtype: as in `bnproof.numeric.roundoff.precision`; a step is built and run within `computing(dtype)`.
    """

    batch: int
    inputs: int
    size: int
    outputs: int
    kernel: int
    dtype: str = "float32"

    @property
    def layers(self) -> str:
        """Sizes and layers, in whatever dtype."""
        layer = f"{self.kernel}×{self.kernel} conv → {self.outputs}, BN" if self.kernel else "BN alone"
        return f"{self.batch}×{self.inputs}×{self.size}×{self.size}, {layer}"

    @property
    def title(self) -> str:
        return f"{self.layers}, {self.dtype}"

    @property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """Of x, the kernel, and y."""
        plane = (self.size, self.size)
        kernel = (self.outputs, self.inputs, self.kernel, self.kernel)
        return (self.batch, self.inputs, *plane), kernel, (self.batch, self.outputs, *plane)


WHY = {
    "cpu": "Where there is a convolution, the two libraries' convolution kernels decide the comparison with PyTorch.",
    "gpu": "Both libraries call the vendor's convolutions; what differs is how many passes batch normalisation takes over memory.",
}
CPU = (Case(8, 16, 28, 16, 3), Case(16, 32, 14, 32, 3), Case(8, 64, 56, 64, 1), Case(32, 64, 56, 64, 0))
GPU = tuple(
    Case(*sizes, dtype)
    for dtype in ("tf32", "bfloat16")
    for sizes in ((32, 64, 56, 64, 3), (64, 256, 14, 256, 3), (128, 64, 56, 64, 1), (256, 64, 56, 64, 0))
)


def wave(shape: Sequence[int], step: float, dtype: str) -> jax.Array:
    """Numbers that both programs can make without sharing a random generator."""
    return jnp.asarray(np.cos(np.arange(math.prod(shape), dtype=np.float64) ** 2 * step).reshape(shape), storage(dtype))


def arguments(case: Case) -> tuple[jax.Array, ...]:
    """x, kernel, gamma, beta, probe and dy."""
    x, w, dy = (wave(shape, step, case.dtype) for shape, step in zip(case.shapes, (1.3, 0.7, 2.1), strict=True))
    c = case.outputs
    return x, w, jnp.ones(c), jnp.zeros(c), jnp.zeros((2, c)), dy


@functools.lru_cache(maxsize=32)
def step(case: Case, normalise: Callable[..., jax.Array]) -> Callable[..., Any]:
    """(arguments) → y and the gradients, compiled."""

    def forward(x: jax.Array, w: jax.Array, gamma: jax.Array, beta: jax.Array, probe: jax.Array) -> jax.Array:
        if case.kernel:
            x = lax.conv_general_dilated(x, w, (1, 1), "SAME", dimension_numbers=("NCHW", "OIHW", "NCHW"))
        return normalise(x, gamma, beta, probe)

    @jax.jit
    def run(*args: jax.Array) -> Any:
        y, pull = jax.vjp(forward, *args[:-1])
        return y, pull(args[-1])

    return run


def looped(once: Callable[[int], float]) -> tuple[Callable[[], float], int]:
    """A timing of at least `WORK` seconds, from a timing of n steps, and its n; the first calls compile and warm up."""
    once(1)
    each = min(once(2) / 2 for _ in range(3))
    repeat = max(1, math.ceil(1.2 * WORK / each))
    return lambda: once(repeat) / repeat, repeat


def timed(run: Callable[..., Any], args: Sequence[jax.Array]) -> tuple[Callable[[], float], int]:
    """The time of one call of a compiled function, averaged over a loop."""

    def once(repeat: int) -> float:
        def loop() -> None:
            out: Any = None
            for _ in range(repeat):
                out = run(*args)
            jax.block_until_ready(out)

        return seconds(loop)

    return looped(once)


def overhead(case: Case, args: Sequence[jax.Array], pairs: int = PAIRS) -> dict[str, float]:
    """The step with the check over the step without, and the largest |bias gradient| / bound of a channel.

    Raises BenchmarkError if the check itself fails.
    """
    run = step(case, monitored_batchnorm)
    probed = run(*args)[1][4]
    if not bool(jnp.all(within_bound(probed))):
        raise BenchmarkError(f"{case.title}: the bias gradient exceeds its bound")
    (on, repeat), (off, _) = timed(run, args), timed(step(case, without_check), args)
    result = paired(on, off, pairs)
    return {
        "with_check_s": result["first_s"],
        "without_s": result["second_s"],
        "ratio": result["ratio"],
        "steps": repeat,
        "gradient_over_bound": float(jnp.max(jnp.abs(probed[0]) / probed[1])),
    }


def overhead_line(cost: Mapping[str, float]) -> str:
    """What `overhead` found, in words."""
    return f"{cost['without_s'] * 1e3:.2f} ms a step, with the check {cost['ratio'] - 1:+.1%} (wanted ≤ {OVERHEAD:.0%})"


def against_torch(
    case: Case, args: Sequence[jax.Array], theirs: Sequence[Peer], device: str, pairs: int = PAIRS
) -> dict[str, Any]:
    """The step with the check over PyTorch's, for each of its settings. Raises BenchmarkError if the gradients differ."""
    run = step(case, monitored_batchnorm)
    dx, dw, dgamma, dbeta, _ = run(*args)[1]
    ours = [float(jnp.sum(jnp.abs(g), dtype=jnp.float32)) for g in (dx, dgamma, dbeta, *((dw,) if case.kernel else ()))]
    mine, _ = timed(run, args)
    found: dict[str, dict[str, float]] = {}
    for other in theirs:
        for last in (False, True) if device == "gpu" else (False,):
            request = {**asdict(case), "storage": storage(case.dtype).name, "shapes": case.shapes, "channels_last": last}
            sums = other.run(request, 1)[1]
            if not np.allclose(ours, sums, rtol=5e-2 if case.dtype in HALF else 5e-3):
                raise BenchmarkError(f"{case.title}: gradients differ from PyTorch's: {ours} and {sums}")
            once, _ = looped(lambda repeat, other=other, request=request: other.run(request, repeat)[0])
            measured = paired(mine, once, pairs)
            times = {"ours_s": measured["first_s"], "torch_s": measured["second_s"], "ratio": measured["ratio"]}
            found[f"{'channels last' if last else 'contiguous'}, {other.wait} waiting"] = times
    best = max(found, key=lambda name: found[name]["ratio"])
    return {"best": best, "settings": found}


def torch_line(found: Mapping[str, Any]) -> str:
    """What `against_torch` found, in words."""
    best = found["best"]
    return f"with the check {found['settings'][best]['ratio']:.2f}× the time of PyTorch at its best ({best})"


def bandwidth(device: str) -> float:
    """Bytes a second of a triad a = b + s·c, which moves three arrays far larger than any cache; the best of 10."""
    count = 2**28 if device == "gpu" else 2**25
    arrays = {"b": jnp.ones(count), "c": jnp.ones(count)}
    triad = jax.jit(lambda b, c: b + 1.5 * c, donate_argnums=0)  # in place: fresh memory would be timed as well

    def once(repeat: int) -> float:
        def loop() -> None:
            for _ in range(repeat):
                arrays["b"] = triad(arrays["b"], arrays["c"])
            arrays["b"].block_until_ready()

        return seconds(loop)

    size = arrays["b"].nbytes
    best, _ = looped(once)
    result = 3 * size / min(best() for _ in range(10))
    print(f"bandwidth: triad of 3 × {size / 1e6:.0f} MB: {result / 1e9:.1f} GB/s")
    return result


def peak(device: str, dtype: str) -> float:
    """Operations a second of a square matrix product in that dtype, as its convolutions run; the best of 10."""
    n = 8192 if device == "gpu" else 1024
    a = wave((n, n), 1.3, dtype)
    once, _ = timed(jax.jit(jnp.dot), (a, a))
    result = 2 * n**3 / min(once() for _ in range(10))
    print(f"peak: {dtype} matrix product of {n}: {result / 1e12:.3g} TFLOP/s")
    return result


def floor(case: Case, moved_per_s: float, done_per_s: float, measured_s: float) -> dict[str, object]:
    """The least time a step can take, the fraction of the measured time that it is, and the calculation line by line."""
    item = storage(case.dtype).itemsize
    x, w, z = (math.prod(shape) * item for shape in case.shapes)
    moved = 8 * z  # forward: reads z twice (statistics, normalising), writes y; backward: reads z and dy twice, writes dz
    lines = [f"BN: forward reads z twice, writes y; backward reads z and dy twice, writes dz: 8 × {z / 1e6:.2f} MB"]
    operations = 0
    if case.kernel:
        moved += 3 * (x + w + z)
        operations = 3 * 2 * math.prod(case.shapes[2]) * case.inputs * case.kernel**2
        lines.append(
            "conv: forward reads x and w, writes z; backward reads dz and w, writes dx, reads dz and x, writes dw: "
            f"3 × ({x / 1e6:.2f} + {w / 1e6:.2f} + {z / 1e6:.2f}) MB; 3 products of {operations / 3e9:.3g} GFLOP"
        )
    moving, computing = moved / moved_per_s, operations / done_per_s
    fraction = max(moving, computing) / measured_s
    lines.append(f"{moved / 1e6:.1f} MB / {moved_per_s / 1e9:.1f} GB/s = {moving * 1e3:.3f} ms")
    lines.append(f"{operations / 1e9:.3g} GFLOP / {done_per_s / 1e12:.3g} TFLOP/s = {computing * 1e3:.3f} ms")
    lines.append(
        f"floor {max(moving, computing) * 1e3:.3f} ms, measured {measured_s * 1e3:.3f} ms: {fraction:.0%} of that speed"
    )
    print("\n".join([f"{case.title}: floor", *(f"  {line}" for line in lines)]))
    return {"bytes": moved, "operations": operations, "floor_s": max(moving, computing), "fraction": fraction, "lines": lines}


def run(device: str, torch_python: str) -> dict[str, object]:
    # XLA's thread pool on the CPU has a thread for each core that this process may use
    threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    moved_per_s, peaks = bandwidth(device), dict[str, float]()
    rows: list[dict[str, object]] = []
    with peers(torch_python, device, threads) as theirs:
        about = theirs[0].about if theirs else None
        print(f"{threads} threads; PyTorch: {about}. {WHY[device]}")
        for case in GPU if device == "gpu" else CPU:
            with computing(case.dtype):
                rows.append(_row(case, device, theirs, moved_per_s, peaks))
    return {
        "threads": threads,
        "torch": about,
        "why": WHY[device],
        "bandwidth_bytes_per_s": moved_per_s,
        "peak_per_s": peaks,
        "cases": rows,
    }


def _row(case: Case, device: str, theirs: Sequence[Peer], moved_per_s: float, peaks: dict[str, float]) -> dict[str, object]:
    """All that is measured of one case; peaks: by dtype, measured where first needed."""
    args = arguments(case)
    cost = overhead(case, args)
    print(f"{case.title}: {overhead_line(cost)}")
    row: dict[str, object] = {**asdict(case), "overhead": cost}
    if theirs:
        row["against_torch"] = found = against_torch(case, args, theirs, device)
        print(f"{case.title}: {torch_line(found)}")
    if case.kernel <= 1:
        if case.dtype not in peaks:
            peaks[case.dtype] = peak(device, case.dtype)
        row["floor"] = floor(case, moved_per_s, peaks[case.dtype], cost["without_s"])
    return row


def main(options: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.conv_bn_step", description="what the check in a step costs")
    parser.add_argument("--device", choices=("cpu", "gpu"), help="default: JAX's own choice")
    parser.add_argument("--out", type=Path, help="default: benchmarks/results/conv_bn_step-DEVICE-DATE.json")
    parser.add_argument("--torch-python", default=".venv-peers/bin/python", help="a Python that has PyTorch")
    given = parser.parse_args(options)
    leave_room()
    chosen = choose(given.device or "auto")[0]
    start = time.perf_counter()
    head = {**machine("jax", "jaxlib", "numpy"), "device": chosen.platform, "device_kind": chosen.device_kind}
    try:
        with jax.default_device(chosen):
            result = run(chosen.platform, given.torch_python)
    except BenchmarkError as error:
        raise SystemExit(str(error)) from error
    path = given.out or Path(__file__).parent / "results" / f"conv_bn_step-{chosen.platform}-{head['date']}.json"
    path.write_text(json.dumps({**head, **result}, indent=1) + "\n", encoding="utf-8")
    print(f"written to {path} after {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
