"""Run the experiments and record them: the data of one page and its figures.

python -m benchmarks.experiments [NAME]      writes benchmarks/results/experiments.json; with NAME, only that record is replaced
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from bnproof.numeric.experiments import REGISTRY

from .machine import machine

RESULT = Path(__file__).parent / "results" / "experiments.json"


def main(names: list[str]) -> None:
    unknown = set(names) - set(REGISTRY)
    if unknown:
        raise SystemExit(f"no experiment {', '.join(sorted(unknown))}: choose from {', '.join(REGISTRY)}")
    records = _recorded() if names else {}
    for name in names or REGISTRY:
        start = time.perf_counter()
        records[name] = REGISTRY[name]().as_json()
        print(f"{name}, {time.perf_counter() - start:.1f} s: {records[name]['sentence']}\n", flush=True)
    ordered = [records[name] for name in REGISTRY if name in records]
    result = {**machine("jax", "jaxlib", "numpy"), "experiments": ordered}
    RESULT.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{len(ordered)} experiments in {RESULT}")


def _recorded() -> dict[str, dict[str, Any]]:
    if not RESULT.exists():
        return {}
    return {record["name"]: record for record in json.loads(RESULT.read_text(encoding="utf-8"))["experiments"]}


if __name__ == "__main__":
    main(sys.argv[1:])
