"""Batches of few values: a control whose gradient is 0 by chance is drawn again or not told; one that should not be 0 fails."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bnproof.numeric.scale.chunked import BLOCK, FACTOR, batch, judge, judged, run_chunked
from bnproof.numeric.scale.chunks import Batch, bias_gradient, unrounded_gradient


@pytest.mark.parametrize("count", [2, 3, 4, 5, 16])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_few_values_are_no_failure(count: int, dtype: str) -> None:
    found = run_chunked(dtype, count)
    assert {m.outcome for m in found} <= {"as proved", "cannot tell"}
    assert all(m.outcome == "as proved" for m in found if m.expected == "below")
    assert all(m.count == count for m in found)
    if count > 2:
        assert {m.outcome for m in found} == {"as proved"}


def of(z: list[float], relu: bool = True) -> Batch:
    values = np.array([z, z])
    g = np.array([[1.0, -2.0, 3.0, 0.5]])[:, : len(z)].repeat(2, 0)
    return Batch(1, lambda _: (values, g), np.ones(2), relu)


@pytest.mark.parametrize("z", [[1.0, 2.0, 3.0, 4.0], [-1.0, -2.0, -3.0, -4.0]])
def test_all_on_or_all_off_cannot_be_told(z: list[float]) -> None:
    m = judge(of(z), "linear -> relu -> bn", "float64")
    assert m.outcome == "cannot tell"
    assert "few values" in m.obstacle


def test_some_on_and_some_off_can() -> None:
    assert judge(of([1.0, -2.0, 3.0, 4.0]), "linear -> relu -> bn", "float64").outcome == "as proved"


def test_a_gradient_of_0_that_should_be_another_fails() -> None:
    data = of([1.0, -2.0, 3.0, 4.0])
    run = bias_gradient(data)
    still = replace(run, gradient=np.zeros(2))
    tells = np.abs(unrounded_gradient(data)) >= FACTOR * run.bound
    assert tells.all()
    assert judged(still, "linear -> relu -> bn", "float64", True, tells).outcome == "FAILED"
    half = replace(run, gradient=run.gradient * [1, 0])
    assert judged(half, "linear -> relu -> bn", "float64", True, tells).outcome == "FAILED"
    assert judged(half, "linear -> relu -> bn", "float64", True, np.array([True, False])).outcome == "as proved"


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("field", ["gradient", "bound"])
def test_nan_in_one_channel_is_never_excused(place: int, field: str) -> None:
    run = bias_gradient(of([1.0, -2.0, 3.0, 4.0]))
    broken = np.array(getattr(run, field))
    broken[place] = np.nan
    with_nan = replace(run, **{field: broken})
    for tells in (None, np.array([True, True]), np.array([True, False]), np.array([False, True])):
        assert judged(with_nan, "linear -> relu -> bn", "float64", True, tells).outcome == "FAILED"


def test_many_values_are_never_excused() -> None:
    data = batch("linear", "float64", BLOCK + 1, BLOCK, 0, True)
    dead = Batch(data.chunks, lambda k: (np.abs(data.chunk(k)[0]) + 1, data.chunk(k)[1]), data.scale, True)
    assert judge(dead, "linear -> relu -> bn", "float64").outcome == "FAILED"


@pytest.mark.parametrize("relu", [False, True])
def test_the_gradient_in_one_piece_is_that_in_chunks(relu: bool) -> None:
    data = batch("conv", "float64", 1000, BLOCK, 0, relu)
    run = bias_gradient(data)
    np.testing.assert_allclose(unrounded_gradient(data), run.gradient, atol=1e-10)
