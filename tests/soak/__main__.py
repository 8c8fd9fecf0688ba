"""Soak: random networks, every verdict checked in float64. Resumable.

python -m tests.soak 100000            goes on where an earlier run of the same code stopped; `--fresh` starts over
python -m tests.soak 100000 --record   also writes benchmarks/results/soak-DATE.json

Exit code 1 if a verdict is unsound, a network crashes, or 1 % or more stay undecided.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import os
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.machine import machine

from .run import chunk

ROOT = Path(__file__).parent.parent.parent
STATE = ROOT / ".soak.json"
CHUNK = 250
FEWEST_SECONDS = 1e-9


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("networks", type=int)
    parser.add_argument("--fresh", action="store_true", help="forget what an earlier run counted")
    parser.add_argument("--record", action="store_true", help="write the summary to benchmarks/results/")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    state = _load(given.fresh)
    chunks = [range(k, min(k + CHUNK, given.networks)) for k in range(state["networks"], given.networks, CHUNK)]
    context = multiprocessing.get_context("spawn")
    with context.Pool(given.jobs, maxtasksperchild=40) as pool:
        started = time.perf_counter()
        for tally in pool.imap(chunk, chunks):  # in order, so that what is saved is a prefix
            now = time.perf_counter()
            _count(state, tally, now - started)
            started = now
            _save(state)
            _show(state)
    print(file=sys.stderr)
    print(json.dumps(_summary(state), indent=1))
    for line in state["wrong"][:20]:
        print(line[:600])
    if given.record:
        head = machine("jax", "sympy")
        path = ROOT / "benchmarks" / "results" / f"soak-{head['date']}.json"
        path.write_text(json.dumps({**head, "jobs": given.jobs, **_summary(state)}, indent=1) + "\n", encoding="utf-8")
        print(f"written to {path}", file=sys.stderr)
    bad = state["counts"].get("unsound", 0) + state["counts"].get("failed", 0)
    sys.exit(1 if bad or _summary(state)["undecided_share"] >= 0.01 else 0)


def _fingerprint() -> str:
    """Of the code whose verdicts are counted: counts of other code are not added to."""
    digest = hashlib.sha256()
    folders = ("algebra", "chain", "decide", "numeric")
    files = [path for folder in folders for path in sorted((ROOT / "bnproof" / folder).rglob("*.py"))]
    for path in (*files, *(Path(__file__).parent / name for name in ("generate.py", "menus.py"))):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _load(fresh: bool) -> dict[str, Any]:
    start: dict[str, Any] = {
        "code": _fingerprint(), "networks": 0, "seconds": 0.0, "counts": {}, "undecided": {}, "wrong": []
    }  # fmt: skip
    if fresh or not STATE.exists():
        return start
    found = json.loads(STATE.read_text(encoding="utf-8"))
    return found if found["code"] == start["code"] else start


def _count(state: dict[str, Any], tally: dict[str, Any], seconds: float) -> None:
    state["networks"] += tally["networks"]
    state["seconds"] += seconds
    for kind in ("counts", "undecided"):
        for name, count in tally[kind].items():
            state[kind][name] = state[kind].get(name, 0) + count
    state["wrong"] += tally["wrong"]


def _save(state: dict[str, Any]) -> None:
    part = STATE.with_suffix(".part")
    part.write_text(json.dumps(state), encoding="utf-8")
    part.replace(STATE)


def _summary(state: dict[str, Any]) -> dict[str, Any]:
    counts = {
        kind: state["counts"].get(kind, 0) for kind in ("redundant", "acts", "undecided", "unsound", "failed", "unconfirmed")
    }
    verdicts = sum(counts[kind] for kind in ("redundant", "acts", "undecided", "unsound"))
    return {
        "networks": state["networks"],
        "verdicts": verdicts,
        **counts,
        "undecided_share": round(counts["undecided"] / max(1, verdicts), 5),
        "networks_per_second": round(state["networks"] / max(FEWEST_SECONDS, state["seconds"]), 1),
        "undecided_at": dict(sorted(state["undecided"].items(), key=lambda item: -item[1])[:10]),
        "code": state["code"],
    }


def _show(state: dict[str, Any]) -> None:
    counts = state["counts"]
    text = ", ".join(f"{counts.get(kind, 0)} {kind}" for kind in ("redundant", "acts", "undecided", "unsound", "failed"))
    rate = state["networks"] / max(FEWEST_SECONDS, state["seconds"])
    print(f"\r{state['networks']} networks, {rate:.0f}/s: {text}  ", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
