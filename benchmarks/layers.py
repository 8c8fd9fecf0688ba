"""`bnproof check` of layers of real size: wall time, processor time and peak memory of whole processes, one after the other.

Processor seconds are less the machine's business than wall seconds: other work on it slows a run, and hardly adds to them.

python -m benchmarks.layers [CHAIN …]      prints, and writes benchmarks/results/layers-DATE.json
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from .machine import machine

SECONDS, GIB = 60.0, 6.0
"""What is wanted of the first layer on two cores."""
LAYERS = (
    ("conv(64) -> bn @ 64x64x56x56", ("float32",)),
    ("conv(64) -> gn(32) @ 64x64x56x56", ("float32",)),
    ("linear(64) -> bn @ 200000x64", ("float32",)),
    ("conv(64) -> bn @ 8x64x28x28", ("float32", "bfloat16")),
)


def measured(chain: str, dtypes: tuple[str, ...]) -> dict[str, Any]:
    """One process: its exit code, wall, user and system seconds, and the peak of its resident memory."""
    command = [sys.executable, "-m", "bnproof", "check", "--case", chain, "--json"]
    command += [part for dtype in dtypes for part in ("--dtype", dtype)]
    start = time.perf_counter()
    process = os.posix_spawn(
        command[0], command, os.environ, file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    )
    _, status, used = os.wait4(process, 0)
    return {
        "chain": chain,
        "dtypes": dtypes,
        "exit": os.waitstatus_to_exitcode(status),
        "wall_s": round(time.perf_counter() - start, 1),
        "user_s": round(used.ru_utime, 1),
        "system_s": round(used.ru_stime, 1),
        "peak_gib": round(used.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 2**30, 2),
    }


def main(chains: list[str]) -> int:
    """Runs them; 1 if a check fails or the first layer needs more than is wanted."""
    rows: list[dict[str, Any]] = []
    for chain, dtypes in LAYERS:
        if not chains or chain in chains:
            rows.append(measured(chain, dtypes))
            print(rows[-1], flush=True)
    here = machine("jax", "jaxlib", "numpy")
    result = {"machine": here, "load": os.getloadavg(), "layers": rows}
    day = here["date"]
    (Path(__file__).parent / "results" / f"layers-{day}.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    within = all(row["wall_s"] <= SECONDS and row["peak_gib"] <= GIB for row in rows if row["chain"] == LAYERS[0][0])
    return 0 if within and not any(row["exit"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
