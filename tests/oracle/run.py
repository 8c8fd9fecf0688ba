"""Random structures against the exact values, and the programs at which bounds were once exceeded."""

from __future__ import annotations

import signal
import traceback
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from .compare import Tally, compare
from .known import KNOWN
from .structures import structure

DTYPES = ("float64", "float32", "bfloat16", "float16")
DELTAS = (1e-3, 1.0, 1e3, 1e6)
SECONDS = 240
"""What one structure may take."""


@contextmanager
def limited(seconds: int) -> Generator[None]:
    """Raises TimeoutError in a block that takes longer."""

    def late(*_: Any) -> None:
        raise TimeoutError(f"not finished in {seconds} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def dtype_of(seed: int) -> str:
    return DTYPES[seed % len(DTYPES)]


def one(seed: int, draws: int = 2) -> Tally:
    """The seed's structure in the seed's type; a crash or a hang is an alarm.

    All quantities of one structure in three: Hessian rows and differences of gradients take most of the time to compile.
    """
    dtype = dtype_of(seed)
    made = structure(seed, dtype)
    try:
        with limited(SECONDS), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            first = seed // len(DTYPES)
            return compare(made, dtype, range(draws), (DELTAS[first % len(DELTAS)],), whole=first % 3 == 0)
    except Exception:
        return Tally(structures=1, alarms=[f"{made.case} [{dtype}]: {traceback.format_exc(limit=-3)}"])


def known(name: str, draws: int = 3) -> Tally:
    """A known program, at the draw that shows it and some others."""
    make, dtype, seed = KNOWN[name]
    with limited(SECONDS), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return compare(make(), dtype, [seed, *range(1, draws)], DELTAS)
