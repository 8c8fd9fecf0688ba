"""Sums of products in arithmetic made by hand, honest and not: what the probe says is what was built in."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import ml_dtypes
import numpy as np
import pytest

from bnproof.numeric.roundoff.probes.products import Products, Sums, products

Add = Callable[[Any, Any], Any]
"""Two arrays of exact float64 → their sum as an accumulator holds it, in float64."""


def rounded_to(kind: Any) -> Callable[[Any], Any]:
    return lambda x: np.asarray(x).astype(kind).astype(np.float64)


def cut_to(bits: int) -> Callable[[Any], Any]:
    """Towards zero, to so many binary digits."""

    def cut(x: Any) -> Any:
        mantissa, exponent = np.frexp(x)
        return np.ldexp(np.trunc(np.ldexp(mantissa, bits)), exponent - bits)

    return cut


def nearest_to(bits: int) -> Callable[[Any], Any]:
    def nearest(x: Any) -> Any:
        mantissa, exponent = np.frexp(x)
        return np.ldexp(np.rint(np.ldexp(mantissa, bits)), exponent - bits)

    return nearest


def sums(keep: Callable[[Any], Any], read: Callable[[Any], Any] = lambda x: x, lanes: int = 1) -> Sums:
    """Products added in so many lanes, one after the other, the lanes likewise; `keep` is the accumulator, `read` an operand's."""

    def run(terms: np.ndarray, weights: np.ndarray) -> np.ndarray:
        exact = read(terms.astype(np.float64)) * read(weights.astype(np.float64))
        parts = exact.reshape(len(exact), -1, lanes)
        total = np.zeros((len(exact), lanes))
        for k in range(parts.shape[1]):
            total = keep(total + parts[:, k])
        whole = np.zeros(len(exact))
        for lane in range(lanes):
            whole = keep(whole + total[:, lane])
        return whole.astype(terms.dtype)

    return run


def in_blocks(inside: Callable[[Any], Any], outside: Callable[[Any], Any], size: int) -> Sums:
    """Blocks of neighbours added with one accumulator, their totals with another."""

    def run(terms: np.ndarray, weights: np.ndarray) -> np.ndarray:
        exact = (terms.astype(np.float64) * weights.astype(np.float64)).reshape(len(terms), -1, size)
        total = np.zeros(len(terms))
        for k in range(exact.shape[1]):
            block = np.zeros(len(terms))
            for j in range(size):
                block = inside(block + exact[:, k, j])
            total = outside(total + block)
        return total.astype(terms.dtype)

    return run


def at_once(bits: int, size: int = 8) -> Sums:
    """As tensor cores do: a block and the total so far aligned to the largest of them and cut off there, then added exactly."""

    def run(terms: np.ndarray, weights: np.ndarray) -> np.ndarray:
        exact = (terms.astype(np.float64) * weights.astype(np.float64)).reshape(len(terms), -1, size)
        total = np.zeros(len(terms))
        for k in range(exact.shape[1]):
            group = np.concatenate([total[:, None], exact[:, k]], 1)
            unit = np.ldexp(1.0, np.frexp(np.abs(group).max(1))[1] - bits)[:, None]
            total = cut_to(bits)((np.trunc(group / unit) * unit).sum(1))
        return total.astype(terms.dtype)

    return run


HALF, BRAIN, SINGLE, DOUBLE = (rounded_to(kind) for kind in (np.float16, ml_dtypes.bfloat16, np.float32, np.float64))
HONEST: dict[str, tuple[str, Sums, float]] = {
    "float64, one after the other": ("float64", sums(DOUBLE), 2.0**-53),
    "float32, one after the other": ("float32", sums(SINGLE), 2.0**-24),
    "float32 in lanes": ("float32", sums(SINGLE, lanes=8), 2.0**-24),
    "float16 in float32": ("float16", sums(SINGLE, lanes=8), 2.0**-24),
    "bfloat16 in float32": ("bfloat16", sums(SINGLE), 2.0**-24),
    "float16 in itself": ("float16", sums(HALF), 2.0**-11),
    "bfloat16 in itself": ("bfloat16", sums(BRAIN, lanes=8), 2.0**-8),
}


@pytest.mark.parametrize("name", HONEST)
@pytest.mark.parametrize("length", [64, 512])
def test_honest_sums_show_their_accumulator_and_nothing_else(name: str, length: int) -> None:
    dtype, way, unit = HONEST[name]
    assert products([(way, length)], dtype) == Products(0.0, unit)


@pytest.mark.parametrize(
    ("read", "unit"), [(nearest_to(11), 2.0**-11), (cut_to(11), 2.0**-10), (rounded_to(ml_dtypes.bfloat16), 2.0**-8)]
)
def test_operands_that_lose_digits(read: Callable[[Any], Any], unit: float) -> None:
    """TF32 to nearest and cut off; and products quietly made in bfloat16."""
    assert products([(sums(SINGLE, read), 64)], "float32") == Products(unit, 2.0**-24)


def test_one_operand_only() -> None:
    def right(terms: np.ndarray, weights: np.ndarray) -> Any:
        return sums(SINGLE)(terms, nearest_to(11)(weights.astype(np.float64)).astype(np.float32))

    assert products([(right, 64)], "float32").operand == 2.0**-11


def test_an_accumulator_that_cuts_off() -> None:
    assert products([(sums(cut_to(24)), 64)], "float32") == Products(0.0, 2.0**-23)
    assert products([(at_once(24), 64)], "float16") == Products(0.0, 2.0**-23)
    assert products([(at_once(14), 512)], "float16") == Products(0.0, 2.0**-13)


@pytest.mark.parametrize("length", [64, 512, 4096])
@pytest.mark.parametrize(("dtype", "half"), [("float16", HALF), ("bfloat16", BRAIN)])
@pytest.mark.parametrize("size", [4, 32])
def test_blocks(dtype: str, half: Callable[[Any], Any], size: int, length: int) -> None:
    """Half inside and float32 outside, or the other way round: the coarser is found, in sums of any length."""
    unit = {"float16": 2.0**-11, "bfloat16": 2.0**-8}[dtype]
    assert products([(in_blocks(half, SINGLE, size), length)], dtype).accumulator == unit
    assert products([(in_blocks(SINGLE, half, size), length)], dtype).accumulator == unit
    assert products([(in_blocks(SINGLE, SINGLE, size), length)], dtype).accumulator == 2.0**-24


def test_the_worst_of_several_ways() -> None:
    ways = [(sums(SINGLE), 64), (in_blocks(SINGLE, HALF, 32), 512), (sums(SINGLE), 4096)]
    assert products(ways, "float16").accumulator == 2.0**-11


def test_sums_that_nothing_explains() -> None:
    def forgetful(terms: np.ndarray, weights: np.ndarray) -> Any:
        return sums(SINGLE)(terms, weights) * np.where(np.count_nonzero(terms, 1) > 9, np.float32(0.5), np.float32(1))

    assert products([(forgetful, 64)], "float32").accumulator > 2.0**-9

    def broken(terms: np.ndarray, weights: np.ndarray) -> Any:
        return np.full(len(terms), np.nan, terms.dtype)

    found = products([(broken, 64)], "float32")
    assert math.isinf(found.operand)
    assert math.isinf(found.accumulator)
