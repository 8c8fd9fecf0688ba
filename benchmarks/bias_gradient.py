"""Measure bias gradients over a range of batch sizes and record them: the data of one figure.

python -m benchmarks.bias_gradient        writes benchmarks/results/bias_gradient.json
"""

from __future__ import annotations

import json
from pathlib import Path

from bnproof.decide.checking.run import run
from bnproof.decide.checking.suites import Case, task
from bnproof.numeric.checking.measurement import Measurement
from bnproof.numeric.checking.quantities import GRADIENT
from bnproof.numeric.devices import Device

from .machine import machine

RESULT = Path(__file__).parent / "results" / "bias_gradient.json"
LAYERS = ("conv -> bn", "conv -> relu -> bn")
BATCHES = (1, 2, 4, 8, 16, 32)


def measured(layers: str, batch: int, dtype: str, device: Device | None = None) -> Measurement:
    """The bias gradient of the layers and its bound, with batch × 64 values normalised together.

    Raises CheckError where memory does not suffice.
    """
    asked = task(Case(f"{layers} @ {batch}x3x8x8"), dtype, whole=False)
    (found,) = run([asked], device, deltas=())
    return next(m for m in found if m.quantity == GRADIENT)


def main() -> None:
    rows = [
        {"layers": layers, **measured(layers, batch, dtype).as_json()}
        for dtype in ("float64", "float32")
        for batch in BATCHES
        for layers in LAYERS
    ]
    RESULT.write_text(json.dumps({**machine("jax", "numpy"), "rows": rows}, indent=1) + "\n", encoding="utf-8")
    print(f"{len(rows)} measurements in {RESULT}")


if __name__ == "__main__":
    main()
