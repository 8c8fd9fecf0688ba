"""PyTorch's autograd doing the step of `conv_bn_step`, in processes of their own under a Python that has PyTorch."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from . import BenchmarkError

THEIRS = """
import json, sys, time
import torch
device, threads = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(threads)
torch.backends.cudnn.benchmark = True  # XLA tries out kernels, too
about = {"version": torch.__version__, "threads": torch.get_num_threads(), "gpu": torch.cuda.is_available()}
print(json.dumps(about), flush=True)

def wave(shape, step, dtype):
    count = torch.Size(shape).numel()
    return torch.cos(torch.arange(count, dtype=torch.float64) ** 2 * step).reshape(shape).to(dtype).to(device)

state = {}

def prepare(case):
    dtype = getattr(torch, case["storage"])
    torch.backends.cudnn.allow_tf32 = case["dtype"] == "tf32"
    x, w, dy = (wave(shape, step, dtype) for shape, step in zip(case["shapes"], (1.3, 0.7, 2.1)))
    layout = torch.channels_last if case["channels_last"] else torch.contiguous_format
    x, dy = x.to(memory_format=layout), dy.to(memory_format=layout)
    norm = torch.nn.BatchNorm2d(dy.shape[1]).to(device)
    leaves = [x.requires_grad_(), norm.weight, norm.bias]
    conv = None
    if case["kernel"]:
        conv = torch.nn.Conv2d(x.shape[1], dy.shape[1], case["kernel"], padding=case["kernel"] // 2, bias=False)
        conv = conv.to(device, dtype, memory_format=layout)
        conv.weight.data.copy_(w)
        leaves.append(conv.weight)
    def step():
        y = norm(conv(x) if conv else x)
        return torch.autograd.grad(y, leaves, dy)
    return step

for line in sys.stdin:
    case, repeat = json.loads(line)
    key = json.dumps(case)
    if key not in state:
        state.clear()
        state[key] = prepare(case)
    step = state[key]
    if device == "cuda":
        torch.cuda.synchronize()
    start = time.perf_counter()
    for _ in range(repeat):
        gradients = step()
    if device == "cuda":
        torch.cuda.synchronize()
    elapsed = time.perf_counter() - start
    print(json.dumps([elapsed, [g.double().abs().sum().item() for g in gradients]]), flush=True)
"""


class Peer:
    """One such process; wait: how its threads wait for each other, ``default`` or ``passive``."""

    def __init__(self, process: subprocess.Popen[str], wait: str) -> None:
        self.process, self.wait = process, wait
        self.about: dict[str, Any] = self._answer()

    def _answer(self) -> Any:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise BenchmarkError(f"PyTorch ended with code {self.process.wait()}; its message is above")
        return json.loads(line)

    def run(self, case: dict[str, Any], repeat: int) -> tuple[float, list[float]]:
        """Seconds for `repeat` steps; Σ|gradient| of x, gamma, beta and the kernel.

        case: the fields of `conv_bn_step.Case`, its shapes, how arrays are stored, and whether channels are last in memory.
        Raises BenchmarkError if the process has ended.
        """
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps([case, repeat]) + "\n")
        self.process.stdin.flush()
        elapsed, sums = self._answer()
        return elapsed, sums


def leave_room() -> None:
    """Leaves PyTorch half of a GPU's memory, unless the user has said how much JAX may take; before JAX has started."""
    if "XLA_PYTHON_CLIENT_MEM_FRACTION" not in os.environ:  # the old name of the same setting: JAX refuses to be given both
        os.environ.setdefault("XLA_CLIENT_MEM_FRACTION", "0.5")


@contextmanager
def peers(python: str, device: str, threads: int) -> Generator[list[Peer]]:
    """PyTorch under that Python, or under this one; none where neither has it.

    On the CPU one process more whose OpenMP threads sleep while they wait: by default they spin, which is faster on a quiet
    machine, and many times slower where other jobs hold the cores.
    """
    if not Path(python).exists():
        if importlib.util.find_spec("torch") is None:
            print(f"PyTorch: not measured, no {python} (make bench installs one)")
            yield []
            return
        python = sys.executable
    command = [python, "-c", THEIRS, "cuda" if device == "gpu" else "cpu", str(threads)]
    with ExitStack() as stack:
        found: list[Peer] = []
        for wait in ("default",) if device == "gpu" else ("default", "passive"):
            environment = {**os.environ, **({"OMP_WAIT_POLICY": "passive"} if wait == "passive" else {})}
            process = stack.enter_context(
                subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
            )
            stack.callback(process.kill)
            found.append(Peer(process, wait))
        yield found
