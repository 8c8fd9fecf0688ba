"""Floating-point formats: unit round-off, accumulated round-off, and 64-bit mode for the length of a block."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Literal

DType = Literal["float32", "float64"]

UNIT_ROUNDOFF: dict[str, float] = {"float64": 2.0**-53, "float32": 2.0**-24}
"""Largest relative error of one rounded operation (Higham 2002, §2.1)."""


def gamma(operations: int, dtype: str) -> float:
    """γ_k = k u / (1 − k u): relative error of any sum or product of k + 1 factors, in any order (Higham 2002, §3.1).

    Raises ValueError where k u ≥ 1, so that the bound would mean nothing.
    """
    total = operations * UNIT_ROUNDOFF[dtype]
    if total >= 1:
        raise ValueError(f"{operations} operations in {dtype} leave no correct digit; use a wider format")
    return total / (1 - total)


@contextmanager
def wide(dtype: str) -> Generator[None]:
    """64-bit mode while the block runs, if the format needs it; never changed globally."""
    import jax

    if dtype != "float64":
        yield
        return
    with jax.enable_x64(True):
        yield
