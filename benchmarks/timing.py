"""Timing in pairs: two things in turn, A B A B …, so that a drift of the machine's speed hits both."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence


def seconds(action: Callable[[], object]) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def paired(first: Callable[[], float], second: Callable[[], float], runs: int = 5) -> dict[str, float]:
    """Medians of both and of the pairwise ratios first/second; each callable returns the seconds it took."""
    pairs = [(first(), second()) for _ in range(runs)]
    return {
        "first_s": statistics.median(a for a, _ in pairs),
        "second_s": statistics.median(b for _, b in pairs),
        "ratio": statistics.median(a / b for a, b in pairs),
    }


def process(*command: str, codes: Sequence[int] = (0,)) -> float:
    """Wall time of a whole process that must end with one of these exit codes."""

    def run() -> None:
        done = subprocess.run(command, check=False, capture_output=True)
        if done.returncode not in codes:
            raise subprocess.CalledProcessError(done.returncode, command, done.stdout, done.stderr)

    return seconds(run)


def reported(python: str, code: str) -> list[float]:
    """Numbers that a fresh Python process prints, one a line."""
    done = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True)
    return [float(line) for line in done.stdout.split()]


def python(*args: str) -> Sequence[str]:
    """A command for this Python."""
    return (sys.executable, *args)
