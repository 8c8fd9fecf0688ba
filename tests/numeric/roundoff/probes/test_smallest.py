"""Subnormal numbers kept and flushed, products contracted and not: each is read off."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np
import pytest

from bnproof.numeric.roundoff.precision import storage
from bnproof.numeric.roundoff.probes.smallest import Smallest, smallest

ALL = ("float64", "float32", "bfloat16", "float16")


def flushed(x: Any) -> Any:
    tiny = float((ml_dtypes.finfo if x.dtype == ml_dtypes.bfloat16 else np.finfo)(x.dtype).tiny)
    return np.where(np.abs(x.astype(np.float64)) < tiny, x.dtype.type(0), x)


def times(x: Any, y: Any) -> Any:
    return x * y


def apart(x: Any, y: Any, z: Any) -> Any:
    return x * y + z


def contracted(x: Any, y: Any, z: Any) -> Any:
    wide = [v.astype(np.longdouble) for v in (x, y, z)]
    return (wide[0] * wide[1] + wide[2]).astype(x.dtype)


@pytest.mark.parametrize("dtype", ALL)
def test_each_is_read_off(dtype: str) -> None:
    assert storage(dtype).name == dtype
    assert smallest(times, apart, dtype) == Smallest(False, False, False)
    assert smallest(lambda x, y: flushed(x * y), apart, dtype) == Smallest(True, False, False)
    assert smallest(lambda x, y: flushed(x) * flushed(y), apart, dtype) == Smallest(False, True, False)


@pytest.mark.parametrize("dtype", ALL[1:])
def test_contraction(dtype: str) -> None:
    assert smallest(times, contracted, dtype) == Smallest(False, False, True)
