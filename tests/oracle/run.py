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
SECONDS = 120
"""Processor time that one structure may take: a loop without an end is an alarm, a busy machine is not."""


@contextmanager
def limited(seconds: int) -> Generator[None]:
    """Raises TimeoutError in a block that takes more processor time."""

    def late(*_: Any) -> None:
        raise TimeoutError(f"not finished in {seconds} s")

    before = signal.signal(signal.SIGPROF, late)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def dtype_of(seed: int) -> str:
    return DTYPES[seed % len(DTYPES)]


def one(seed: int, draws: int = 2, whole: int = 3) -> Tally:
    """The seed's structure in the seed's type; a crash or a hang is an alarm.

    whole: all quantities of one structure in so many (of none for 0): Hessian rows and differences of gradients take most of the
    time to compile.
    """
    dtype = dtype_of(seed)
    made = structure(seed, dtype)
    try:
        with limited(SECONDS), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            first = seed // len(DTYPES)
            return compare(made, dtype, range(draws), (DELTAS[first % len(DELTAS)],), bool(whole) and first % whole == 0)
    except Exception:
        return Tally(structures=1, alarms=[f"{made.case} [{dtype}]: {traceback.format_exc(limit=-3)}"])


def known(name: str, draws: int = 3) -> Tally:
    """A known program, at the draw that shows it and some others."""
    make, dtype, seed = KNOWN[name]
    with limited(SECONDS), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return compare(make(), dtype, [seed, *range(1, draws)], DELTAS)
