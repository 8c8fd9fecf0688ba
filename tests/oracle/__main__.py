"""Soak of the round-off bounds against ball arithmetic. Resumable.

python -m tests.oracle 2000            goes on where an earlier run of the same code stopped; `--fresh` starts over
python -m tests.oracle 2000 --record   also writes benchmarks/results/soak_oracle-DATE.json
python -m tests.oracle --seed 7        one structure; `--known` the programs at which bounds were once exceeded

Exit code 1 if a bound is exceeded, or something that is true is said to have failed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.machine import machine

from .compare import Tally
from .known import KNOWN
from .run import known, one

ROOT = Path(__file__).parent.parent.parent
STATE = ROOT / ".soak-oracle.json"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.oracle", description=__doc__)
    parser.add_argument("structures", type=int, nargs="?", default=0)
    parser.add_argument("--fresh", action="store_true", help="forget what an earlier run counted")
    parser.add_argument("--record", action="store_true", help="write the summary to benchmarks/results/")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seed", type=int, action="append", default=[])
    parser.add_argument("--known", action="store_true")
    given = parser.parse_args()
    if given.seed or given.known:
        total = Tally()
        for name in KNOWN if given.known else ():
            total.join(part := known(name))
            print(f"{name}: {len(part.exceeded)} exceeded, {len(part.alarms)} false failures", flush=True)
        for seed in given.seed:
            total.join(one(seed))
        return _said(total)
    state = _load(given.fresh)
    total, todo = read(state["tally"]), range(state["structures"], given.structures)
    started = time.perf_counter()
    with multiprocessing.get_context("spawn").Pool(given.jobs, maxtasksperchild=100) as pool:
        for seed, tally in zip(todo, pool.imap(one, todo), strict=True):  # in order, so that what is saved is a prefix
            total.join(tally)
            for line in (*tally.exceeded[:2], *tally.alarms[:2]):
                print(f"\n{line}", flush=True)
            state["structures"], state["tally"] = seed + 1, total.as_json()
            seconds = time.perf_counter() - started
            _save(state)
            print(f"\r{seed + 1} structures in {seconds:.0f} s ", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    if given.record:
        head = machine("jax", "numpy", "python-flint")
        path = ROOT / "benchmarks" / "results" / f"soak_oracle-{head['date']}.json"
        path.write_text(json.dumps({**head, **total.as_json()}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        print(f"written to {path}", file=sys.stderr)
    return _said(total)


def read(tally: Mapping[str, Any]) -> Tally:
    """A tally as `as_json` wrote it."""
    total = Tally()
    for name, value in tally.items():
        kept = getattr(total, name)
        setattr(total, name, type(kept)(value))
    return total


def _said(total: Tally) -> int:
    print(json.dumps(total.as_json(), indent=1, ensure_ascii=False))
    return 1 if total.exceeded or total.alarms else 0


def _fingerprint() -> str:
    """Of the code that is counted: counts of other code are not added to."""
    digest = hashlib.sha256()
    files = sorted((ROOT / "bnproof" / "numeric").rglob("*.py")) + sorted(Path(__file__).parent.glob("*.py"))
    for path in files:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _load(fresh: bool) -> dict[str, Any]:
    start: dict[str, Any] = {"code": _fingerprint(), "structures": 0, "tally": {}}
    if fresh or not STATE.exists():
        return start
    found = json.loads(STATE.read_text(encoding="utf-8"))
    return found if found["code"] == start["code"] else start


def _save(state: dict[str, Any]) -> None:
    part = STATE.with_suffix(".part")
    part.write_text(json.dumps(state), encoding="utf-8")
    part.replace(STATE)


if __name__ == "__main__":
    sys.exit(main())
