"""Measure bias gradients over a range of batch sizes and record them: the data of one figure.

python -m benchmarks.bias_gradient        writes benchmarks/results/bias_gradient.json
"""

from __future__ import annotations

import json
from pathlib import Path

from bnproof.decide.checking.run import run
from bnproof.decide.checking.suites import Case, Task
from bnproof.numeric.checking.quantities import GRADIENT

from .machine import machine

RESULT = Path(__file__).parent / "results" / "bias_gradient.json"
LAYERS = ("conv -> bn", "conv -> relu -> bn")


def main() -> None:
    tasks = [
        Task(Case(f"{layers} @ {batch}x3x8x8"), dtype, whole=False)
        for dtype in ("float64", "float32")
        for batch in (1, 2, 4, 8, 16, 32)
        for layers in LAYERS
    ]
    rows = [
        {"layers": task.case.chain.split(" @")[0], **m.as_json()}
        for task, measured in zip(tasks, run(tasks, deltas=()), strict=True)
        for m in measured
        if m.quantity == GRADIENT
    ]
    RESULT.write_text(json.dumps({**machine("jax", "numpy"), "rows": rows}, indent=1) + "\n", encoding="utf-8")
    print(f"{len(rows)} measurements in {RESULT}")


if __name__ == "__main__":
    main()
