"""Which unit round-off an operation's result has, and which conversions round."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np
import pytest

from bnproof.numeric.replay.op import Op
from bnproof.numeric.roundoff.precision import UNIT_ROUNDOFF
from bnproof.numeric.roundoff.rounding import Rounding, one_by_one, rounding_of

TYPED = Rounding(None)
TYPES: dict[str, Any] = {
    "float64": np.float64,
    "float32": np.float32,
    "bfloat16": ml_dtypes.bfloat16,
    "float16": np.float16,
    "int32": np.int32,
    "bool": np.bool_,
}
FLOATS = ("float64", "float32", "bfloat16", "float16")


def op(read: str, written: str, name: str = "convert_element_type") -> Op:
    return Op(name, {}, lambda *xs: list(xs), None, (np.dtype(TYPES[read]), np.dtype(TYPES[written])))


@pytest.mark.parametrize("dtype", FLOATS)
def test_units_are_half_the_gap_above_one(dtype: str) -> None:
    u, tiny = TYPED.result(op(dtype, dtype, "add"))
    kind = TYPES[dtype]
    assert float(kind(1) + kind(2 * u)) > 1
    assert float(kind(1) + kind(u)) == 1  # a tie, to even
    assert u == UNIT_ROUNDOFF[dtype]
    assert 0 < tiny < 1e-5


def test_tiny_numbers() -> None:
    """Float16 keeps numbers below its smallest normal one, 2⁻¹⁴, down to 2⁻²⁴; the others are flushed to zero."""
    tiny = {dtype: TYPED.result(op(dtype, dtype, "mul"))[1] for dtype in FLOATS}
    assert tiny == {"float64": 2.0**-1022, "float32": 2.0**-126, "bfloat16": 2.0**-126, "float16": 2.0**-24}


def test_one_unit_for_all() -> None:
    """The run itself is one in float64, where results near 0 may be flushed to it."""
    fixed = Rounding(2.0**-10)
    for dtype in TYPES:
        assert fixed.result(op(dtype, dtype, "add")) == (2.0**-10, 2.0**-1022)
        assert fixed.coarsest(op(dtype, dtype)) == 2.0**-10
    untyped = Op("add", {}, lambda *xs: list(xs))
    assert TYPED.result(untyped) == (2.0**-53, 2.0**-1022)
    assert TYPED.coarsest(untyped) == 2.0**-53
    assert not TYPED.narrows(untyped)


def test_integers_and_booleans_round_nothing() -> None:
    for dtype in ("int32", "bool"):
        assert TYPED.result(op(dtype, "float32", "add"))[0] == 2.0**-24


@pytest.mark.parametrize("read", TYPES)
@pytest.mark.parametrize("written", FLOATS)
def test_conversions_that_round(read: str, written: str) -> None:
    """Those after which some number of the first type is another, and no other."""
    samples = {"int32": [2**31 - 1, 2049, 2**24 + 1], "bool": [True, False]}.get(
        read, [1 + 2 * UNIT_ROUNDOFF.get(read, 0.0), 1.0]
    )
    before = np.array(samples, TYPES[read])
    with np.errstate(over="ignore"):
        changed = bool((before.astype(TYPES[written]).astype(np.float64) != before.astype(np.float64)).any())
    narrows = TYPED.narrows(op(read, written))
    assert narrows or not changed
    assert narrows == changed or read == "int32"  # of integers it is not asked how large they are


@pytest.mark.parametrize("written", ["int32", "bool"])
def test_conversions_to_what_does_not_round(written: str) -> None:
    assert not any(TYPED.narrows(op(read, written)) for read in TYPES)


def test_only_conversions_narrow() -> None:
    assert TYPED.narrows(op("float32", "bfloat16"))
    assert not TYPED.narrows(op("float32", "bfloat16", "add"))
    assert not Rounding(2.0**-8).narrows(op("float32", "bfloat16"))


def test_what_is_computed_once() -> None:
    assert TYPED.rounds_by_use(op("float32", "float32", "mul"))
    assert TYPED.rounds_by_use(op("float32", "float32", "reduce_sum"))
    assert not TYPED.rounds_by_use(op("float32", "float32", "dot_general"))
    assert not TYPED.rounds_by_use(op("float32", "float32", "conv_general_dilated"))
    assert not Rounding(2.0**-24).rounds_by_use(op("float32", "float32", "mul"))


def test_the_coarser_of_both_types() -> None:
    assert TYPED.coarsest(op("float32", "bfloat16")) == 2.0**-8
    assert TYPED.coarsest(op("bfloat16", "float32")) == 2.0**-8
    assert TYPED.coarsest(op("float16", "bool", "gt")) == 2.0**-11
    assert TYPED.coarsest(op("int32", "bool", "gt")) == 2.0**-53


def test_worst_depth() -> None:
    assert one_by_one((3, 4, 5), (0, 2), "float32") == 14
    assert one_by_one((3,), (), "float32") == 0
    assert one_by_one((0, 4), (0,), "float32") == 0


def test_rounding_of_a_format() -> None:
    assert rounding_of("tf32", "cpu").operand == 2.0**-11
    assert rounding_of("tf32", "cpu").accumulator is None
    for dtype in FLOATS:
        made = rounding_of(dtype, "cpu")
        assert made.unit is None
        assert made.operand == 0
        assert made.accumulator in (None, 2.0**-24)
        assert made.accumulator is None or dtype in ("bfloat16", "float16")


def test_sums_of_a_compiled_program() -> None:
    """Looked up in its text if there is one; otherwise one number after the other."""
    import jax

    traced = jax.jit(lambda x: x.sum(0)).trace(np.ones(100, np.float32))
    text = traced.lower().compile().as_text()
    shape, axes = (100,), (0,)
    assert rounding_of("float32", "cpu").depth(shape, axes, "float32") == 99
    assert rounding_of("float32", "cpu", text, traced.jaxpr).depth(shape, axes, "float32") < 99
    assert rounding_of("float32", "cpu", "", traced.jaxpr).depth(shape, axes, "float32") == 99


@pytest.mark.parametrize("narrow", ["float8_e4m3fn", "float8_e5m2", "float4_e2m1fn", "float8_e8m0fnu"])
def test_narrow_formats_round(narrow: str) -> None:
    """Formats beside the four that are checked have a unit round-off as well: nothing converts to them exactly."""
    kind = np.dtype(getattr(ml_dtypes, narrow))
    to = Op("convert_element_type", {}, lambda *xs: list(xs), None, (np.dtype(np.float32), kind))
    assert TYPED.narrows(to)
    x = np.random.default_rng(0).uniform(1, 2, 1000).astype(np.float32)
    off = np.abs(x.astype(kind).astype(np.float32) - x) / x
    assert 0 < off.max() <= TYPED.result(to)[0]
