"""The soak of the round-off bounds: N random cases for each dtype, on two processes.

python -m tests.soak_bounds N [--dtype float32 …] [--draws 100] [--record]

Fails if a proved zero exceeds its bound, if a bound is more than 100 times the largest measured, or if a control does not exceed its
own. `--record` writes benchmarks/results/soak_bounds-DATE.json.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import time
from pathlib import Path

from benchmarks.machine import machine

from .run import Summary, run

DTYPES = ("float64", "float32", "bfloat16", "float16")
LOOSEST = 0.01
"""The largest measured / bound of every quantity must be at least this, unless every single measurement was exactly 0."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak_bounds")
    parser.add_argument("cases", type=int)
    parser.add_argument("--dtype", action="append", choices=DTYPES)
    parser.add_argument("--draws", type=int, default=100)
    parser.add_argument("--record", action="store_true")
    chosen = parser.parse_args()
    results: dict[str, Summary] = {}
    with multiprocessing.get_context("spawn").Pool(2, maxtasksperchild=25) as pool:
        for dtype in chosen.dtype or DTYPES:
            started, total = time.perf_counter(), Summary()
            structures = max(1, round(chosen.cases / chosen.draws))
            for part in pool.starmap(run, [(dtype, k, chosen.draws) for k in range(structures)], chunksize=1):
                total.join(part)
            results[dtype] = total
            print(f"{dtype}: {total.cases} cases in {time.perf_counter() - started:.0f} s", flush=True)
            print(json.dumps(total.as_json(), indent=1), flush=True)
            if chosen.record:  # after each dtype: a run takes long
                head = machine("jax", "numpy", "bnproof")
                path = Path("benchmarks/results") / f"soak_bounds-{head['date']}.json"
                path.write_text(json.dumps({**head, "dtypes": {d: s.as_json() for d, s in results.items()}}, indent=1) + "\n")
                print(f"written to {path}")
    bad = [f"{d}: {line}" for d, s in results.items() for line in s.failures]
    bad += [
        f"{d}: {q} at most {r:.2g} of its bound" for d, s in results.items() for q, r in s.closest.items() if 0 < r < LOOSEST
    ]
    print("\n".join(bad) or "every bound held, none was loose, every control exceeded its own")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
