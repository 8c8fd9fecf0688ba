"""Floating-point formats: unit round-off, accumulated round-off, and 64-bit mode for the length of a block."""

from __future__ import annotations

import functools
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Literal

import numpy as np

from ...errors import CheckError, nearest

DType = Literal["float64", "float32", "tf32", "bfloat16", "float16"]

UNIT_ROUNDOFF: dict[str, float] = {
    "float64": 2.0**-53,
    "float32": 2.0**-24,
    "tf32": 2.0**-11,
    "bfloat16": 2.0**-8,
    "float16": 2.0**-11,
}
"""Largest relative error of one rounded operation (Higham 2002, §2.1); of ``tf32``, of an operand of a product.

``tf32`` is float32 storage and sums with the operands of convolutions and matrix products rounded to 10 bits after the point,
as GPUs do by default. ``float32`` means float32 throughout.
"""

HALF = ("bfloat16", "float16")


def storage(dtype: str) -> np.dtype[Any]:
    """The type arrays have. Raises CheckError for a name that is no floating-point format here."""
    if dtype not in UNIT_ROUNDOFF:
        near = nearest(dtype, UNIT_ROUNDOFF, 1)[0]
        raise CheckError(f"unknown dtype `{dtype}`: expected {', '.join(UNIT_ROUNDOFF)}; did you mean {near}?")
    import ml_dtypes

    return np.dtype({"tf32": np.float32, "bfloat16": ml_dtypes.bfloat16}.get(dtype, dtype))


def check_format(dtype: str, platform: str) -> None:
    """Raises CheckError for a name that is no floating-point format here, and for TF32 on a CPU, which has none."""
    storage(dtype)
    if dtype == "tf32" and platform == "cpu":
        raise CheckError("tf32 is how GPUs multiply float32; on a CPU products are float32: use --dtype float32")


def unit(dtype: Any) -> float:
    """The unit round-off of an array's type, narrow ones such as float8 included; 0 for integers, Booleans and random keys."""
    try:
        name = np.dtype(dtype).name
    except TypeError:  # a random key's type is JAX's own
        return 0.0
    return UNIT_ROUNDOFF[name] if name in UNIT_ROUNDOFF else _of_narrow(name)


@functools.lru_cache(maxsize=64)
def _of_narrow(name: str) -> float:
    """Half the distance from 1 to the next number of a floating format; 1 of one without a sign, which holds no number below 0."""
    import ml_dtypes

    if not name.startswith("float"):
        return 0.0
    info: Any = ml_dtypes.finfo(name if not hasattr(ml_dtypes, name) else getattr(ml_dtypes, name))
    return float(info.eps) / 2 if float(info.min) < 0 else 1.0


def gamma(operations: int, dtype: str) -> float:
    """γ_k = k u / (1 − k u): relative error of any sum or product of k + 1 factors, in any order (Higham 2002, §3.1).

    Raises ValueError where k u ≥ 1, so that the bound would mean nothing.
    """
    total = operations * UNIT_ROUNDOFF[dtype]
    if total >= 1:
        raise ValueError(f"{operations} operations in {dtype} leave no correct digit; use a wider format")
    return total / (1 - total)


@contextmanager
def computing(dtype: str) -> Generator[None]:
    """Computes in that format while the block runs: 64-bit mode if it needs it, products in full precision unless tf32.

    Nothing is changed globally.
    """
    import jax

    with jax.enable_x64(dtype == "float64"), jax.default_matmul_precision("tensorfloat32" if dtype == "tf32" else "highest"):
        yield


@contextmanager
def wide(dtype: str) -> Generator[None]:
    """64-bit mode while the block runs, if the format needs it; never changed globally."""
    with computing(dtype):
        yield
