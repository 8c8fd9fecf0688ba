"""Curves over seeds, and numbers as ranges."""

from __future__ import annotations

import numpy as np

from bnproof.numeric.experiments.seeds import over_seeds, ranged


def test_a_curve_is_the_median_in_the_band_of_all_seeds() -> None:
    runs = np.array([[1.0, 5.0], [2.0, 4.0], [9.0, 6.0]])
    (curve,) = over_seeds("c", (10.0, 20.0), runs)
    assert (curve.x, curve.y, curve.low, curve.high) == ((10.0, 20.0), (2.0, 5.0), (1.0, 4.0), (9.0, 6.0))


def test_zeros_have_no_place_on_a_logarithmic_axis() -> None:
    runs = np.array([[0.0, 0.0], [0.0, 4.0], [9.0, 0.5]])
    (curve,) = over_seeds("c", (10.0, 20.0), runs)
    assert (curve.x, curve.y, curve.low, curve.high) == ((20.0,), (0.5,), (0.5,), (4.0,))
    assert over_seeds("c", (10.0, 20.0), np.zeros((3, 2))) == ()


def test_a_range_of_numbers() -> None:
    assert ranged(np.array([0.147, 0.1, 0.12])) == "0.1 to 0.15"
    assert ranged([0.101, 0.102]) == "0.1"
