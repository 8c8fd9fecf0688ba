"""Measure bias gradients over a range of batch sizes and record them: the data of one figure.

python -m benchmarks.bias_gradient        writes benchmarks/results/bias_gradient.json
"""

from __future__ import annotations

import json
from pathlib import Path

from bnproof.numeric.bias_gradient import Problem, measure

from .machine import machine

RESULT = Path(__file__).parent / "results" / "bias_gradient.json"


def main() -> None:
    rows = [
        measurement.as_json()
        for dtype in ("float64", "float32")
        for batch in (1, 2, 4, 8, 16, 32)
        for measurement in measure(dtype, Problem(batch=batch))
    ]
    RESULT.write_text(json.dumps({**machine("jax", "numpy"), "rows": rows}, indent=1) + "\n", encoding="utf-8")
    print(f"{len(rows)} measurements in {RESULT}")


if __name__ == "__main__":
    main()
