"""Run every benchmark of the proof kernel, and then that of the training step, in one go and record the results.

python -m benchmarks            prints ratios, writes benchmarks/results/kernel-DATE.json and conv_bn_step-DEVICE-DATE.json
"""

from __future__ import annotations

import json
from pathlib import Path

from . import against_tensorgrad, batch_size, conv_bn_step, start_up, theorems
from .machine import machine


def main() -> None:
    head = machine("sympy", "typer", "jax")
    result = {
        **head,
        "theorems": theorems.run(),
        "tensorgrad_0.3.0": against_tensorgrad.run(),
        "batch_size": batch_size.run(),
        "start_up": start_up.run(),
    }
    path = Path(__file__).parent / "results" / f"kernel-{head['date']}.json"
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(f"written to {path}")
    conv_bn_step.main([])


main()
