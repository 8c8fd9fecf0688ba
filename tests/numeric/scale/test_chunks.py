"""Batches in chunks: exact sums, the same bits however the batch is cut, and the same numbers as in one piece."""

from __future__ import annotations

import math
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bnproof.errors import CheckError
from bnproof.numeric.roundoff.precision import computing
from bnproof.numeric.scale import limits
from bnproof.numeric.scale.chunked import BLOCK, batch, judge, judged, run_chunked
from bnproof.numeric.scale.chunks import Batch, Gradient, bias_gradient, statistics
from bnproof.numeric.scale.exact_sum import ExactSum

Pair = tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]
NUMBER = st.one_of(
    st.floats(-(2.0**480), 2.0**480, allow_subnormal=False).filter(lambda x: x == 0 or abs(x) >= 2.0**-480),
    st.floats(-4, 4).filter(lambda x: x == 0 or abs(x) >= 2.0**-480),
)


def cut(z: np.ndarray[Any, Any], g: np.ndarray[Any, Any], places: list[int], relu: bool = False) -> Batch:
    """A batch cut at these places."""
    pieces = list(zip([0, *places], [*places, z.shape[1]], strict=True))

    def chunk(k: int) -> Pair:
        first, last = pieces[k]
        return z[:, first:last], g[:, first:last]

    return Batch(len(pieces), chunk, np.linspace(0.5, 1.5, len(z)), relu)


def drawn(dtype: Any, channels: int = 3, count: int = 1000, offset: float = 5.0) -> Pair:
    random = np.random.default_rng(1)
    z = random.normal(size=(channels, count)) * 10.0 ** random.integers(-3, 4, (channels, count)) + offset
    return z.astype(dtype), random.normal(size=(channels, count)).astype(dtype)


@given(st.lists(NUMBER, max_size=40), st.integers(0, 40))
@settings(deadline=None, max_examples=150)
def test_sums_and_products_are_exact(numbers: list[float], place: int) -> None:
    row, other = np.array([numbers], float).reshape(1, -1), np.array([numbers[::-1]], float).reshape(1, -1)
    total, products = ExactSum(1), ExactSum(1)
    for part in (slice(0, place), slice(place, None)):
        total.add(row[:, part])
        products.add_products(row[:, part], other[:, part])
    assert total.fractions() == [sum(map(Fraction, numbers), Fraction(0))]
    assert total.floats()[0] == math.fsum(numbers)
    pairs = zip(numbers, numbers[::-1], strict=True)
    assert products.fractions() == [sum((Fraction(a) * Fraction(b) for a, b in pairs), Fraction(0))]


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf, 1e200, 1e-200])
def test_numbers_that_cannot_be_added_exactly_are_refused(wrong: float) -> None:
    with pytest.raises(CheckError, match="exactly"):
        ExactSum(1).add(np.array([[1.0, wrong]]))
    with pytest.raises(CheckError, match="exactly"):
        ExactSum(1).add_products(np.ones((1, 2)), np.array([[1.0, wrong]]))


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
def test_statistics_are_rounded_once(dtype: Any) -> None:
    z, g = drawn(dtype)
    found = statistics(cut(z, g, [10, 10, 500]))
    for row, mean, variance in zip(z.astype(float), found.mean, found.variance, strict=True):
        exact = [Fraction(x) for x in row]
        m = sum(exact) / len(exact)
        assert mean == float(m)
        assert variance == float(sum((x - m) ** 2 for x in exact) / len(exact))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("relu", [False, True])
def test_the_same_bits_however_the_batch_is_cut(dtype: Any, relu: bool) -> None:
    z, g = drawn(dtype)
    whole = bias_gradient(cut(z, g, [], relu))
    for places in ([1, 2, 3], [500], list(range(7, 1000, 7))):
        parts = bias_gradient(cut(z, g, places, relu))
        assert parts.statistics.count == 1000
        for a, b in ((whole.statistics.mean, parts.statistics.mean), (whole.statistics.variance, parts.statistics.variance)):
            assert a.tobytes() == b.tobytes()
        assert whole.gradient.tobytes() == parts.gradient.tobytes()
        np.testing.assert_allclose(parts.bound, whole.bound, rtol=1e-12)


@pytest.mark.parametrize("layer", ["linear", "conv"])
def test_made_batches_do_not_depend_on_the_chunk_either(layer: str) -> None:
    runs = [bias_gradient(batch(layer, "float32", 3 * BLOCK + 5, chunk, 0, True)) for chunk in (1, 2 * BLOCK, 10 * BLOCK)]
    assert [run.statistics.count for run in runs] == [3 * BLOCK + 5] * 3
    assert len({run.gradient.tobytes() for run in runs}) == 1


def in_one_piece(data: Batch) -> Pair:
    """The bias gradient by JAX's reverse mode in float64 over the whole batch, and Σ|dz|."""
    import jax
    import jax.numpy as jnp

    z, g = (np.concatenate(some, 1) for some in zip(*(data.chunk(k) for k in range(data.chunks)), strict=True))

    def output(z: Any) -> Any:
        a = jax.nn.relu(z) if data.relu else z
        c = a - jnp.mean(a, 1, keepdims=True)
        return data.scale[:, None] * c / jnp.sqrt(jnp.mean(c**2, 1, keepdims=True) + data.epsilon)

    with computing("float64"):
        _, pull = jax.vjp(output, jnp.asarray(z, "float64"))
        dz = np.asarray(pull(jnp.asarray(g, "float64"))[0])
    return dz.sum(1), np.abs(dz).sum(1)


@pytest.mark.parametrize("layer", ["linear", "conv"])
def test_the_same_as_in_one_piece(layer: str) -> None:
    for relu in (False, True):
        data = batch(layer, "float64", 5 * BLOCK, 2 * BLOCK, 0, relu)
        expected, size = in_one_piece(data)
        np.testing.assert_array_less(np.abs(bias_gradient(data).gradient - expected), 1e-13 * size)
    assert np.all(np.abs(expected) > 0.01 * size)  # of the control: something was compared


@pytest.mark.parametrize("dtype", ["float64", "float32", "bfloat16", "float16"])
def test_zeros_and_controls(dtype: str) -> None:
    found = run_chunked(dtype, 40_000, 2 * BLOCK)
    assert [(m.case, m.expected) for m in found] == [
        ("linear -> bn, in chunks", "below"),
        ("linear -> relu -> bn, in chunks", "above"),
        ("conv -> bn, in chunks", "below"),
        ("conv -> relu -> bn, in chunks", "above"),
    ]
    assert all(m.outcome == "as proved" and m.count == 40_000 for m in found)
    for m in found:
        if m.expected == "below":
            assert m.ratio > 1e-4  # the bound is not far too wide
            assert replace(m, bound=1e-6 * m.bound).outcome == "FAILED"
        else:
            assert replace(m, expected="below").outcome == "FAILED"


def test_statistics_that_are_a_little_off_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """With one value in 40,000 left out of the mean the gradient is no longer round-off."""
    from bnproof.numeric.scale import chunks

    data = batch("linear", "float64", 40_000, 2 * BLOCK, 0, False)
    assert judge(data, "linear -> bn", "float64").outcome == "as proved"
    right = chunks._statistics  # pyright: ignore[reportPrivateUsage]

    def wrong(passes: Any) -> Any:
        found: Any = right(passes)
        return replace(found, mean=found.mean * (1 - 1 / found.count))

    monkeypatch.setattr(chunks, "_statistics", wrong)
    assert judge(data, "linear -> bn", "float64").outcome == "FAILED"


def test_nan_never_passes() -> None:
    run = bias_gradient(cut(*drawn(np.float64), [500]))
    for spoiled in (replace(run, gradient=run.gradient * math.nan), replace(run, bound=run.bound * math.nan)):
        for control in (False, True):
            assert judged(spoiled, "linear -> bn", "float64", control).outcome == "FAILED"


def counted(make: Callable[[np.random.Generator], Pair], chunks: int) -> Gradient:
    return bias_gradient(Batch(chunks, lambda k: make(np.random.default_rng(k)), np.ones(1)))


def test_ten_million_values() -> None:
    size = 500_000

    def make(random: np.random.Generator) -> Pair:
        return random.standard_normal((1, size), np.float32), random.standard_normal((1, size), np.float32)

    run = counted(make, 20)
    assert run.statistics.count == 10**7
    assert run.statistics.mean[0] == pytest.approx(0, abs=2e-3)
    assert run.statistics.variance[0] == pytest.approx(1, abs=2e-3)
    m = judged(run, "linear -> bn", "float32", False)
    assert m.outcome == "as proved"
    assert m.bound < 2e-6 * 10**7  # the error each value may add does not grow with their number


def test_memory_stays_at_one_chunk() -> None:
    def peak(chunks: int) -> int:
        tracemalloc.start()
        try:
            counted(lambda random: (random.normal(size=(1, 10_000)), random.normal(size=(1, 10_000))), chunks)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    few, many = peak(4), peak(64)
    assert many < 1.2 * few
    assert many < 30 * 8 * 10_000  # the whole batch alone would be 128 chunks


def test_unusable_batches() -> None:
    z, g = drawn(np.float64)
    for data, message in (
        (Batch(0, lambda k: (z, g), np.ones(3)), "0 chunks"),
        (cut(z[:, :0], g[:, :0], []), "without any value"),
        (cut(z, g[:, 1:], []), r"chunk 0: cotangents of shape \(3, 999\)"),
        (cut(z, g.astype(np.float32), []), "float32"),
        (cut(z[:2], g, []), r"chunk 0: cotangents of shape \(3, 1000\)"),
        (cut(z.astype(int), g, []), "dtype int64"),
        (cut(z * math.nan, g, []), "exactly"),
    ):
        with pytest.raises(CheckError, match=message):
            bias_gradient(data)
    calls = iter(range(100))
    with pytest.raises(CheckError, match="chunk 0 changed"):
        bias_gradient(Batch(1, lambda _: (z + next(calls), g), np.ones(3)))
    for dtype, count, chunk, message in (
        ("float64", 0, 1, "count 0"),
        ("float64", 1, 0, "chunk 0"),
        ("float33", 1, 1, "unknown dtype"),
    ):
        with pytest.raises(CheckError, match=message):
            run_chunked(dtype, count, chunk)


def test_a_chunk_too_large_for_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_VALUES", 10**16)  # so many that no machine lends the memory for one chunk
    with pytest.raises(CheckError, match="would fit"):
        run_chunked("float64", 10**15, 10**14)
