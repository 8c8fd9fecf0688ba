"""The drawn digits: deterministic, legible, all ten, in all places."""

from __future__ import annotations

import numpy as np

from bnproof.numeric.experiments.digits import CLASSES, GLYPHS, SIDE, batches, digits


def test_glyphs_differ_from_one_another() -> None:
    assert GLYPHS.shape == (CLASSES, 7, 5)
    apart = [np.abs(GLYPHS[a] - GLYPHS[b]).sum() for a in range(CLASSES) for b in range(a)]
    assert min(apart) >= 3


def test_the_same_seed_draws_the_same_images() -> None:
    one, same, other = digits(50, 0), digits(50, 0), digits(50, 1)
    assert np.array_equal(one.images, same.images)
    assert np.array_equal(one.labels, same.labels)
    assert not np.array_equal(one.images, other.images)


def test_images_show_their_glyph_somewhere() -> None:
    data = digits(200, 3, noise=0.0)
    assert data.images.shape == (200, SIDE, SIDE)
    assert set(data.labels) == set(range(CLASSES))
    assert data.images.min() >= 0
    assert data.images.max() <= 1
    places: set[tuple[int, int]] = set()
    for image, label in zip(data.images, data.labels, strict=True):
        found = [
            (row, column)
            for row in range(SIDE - 6)
            for column in range(SIDE - 4)
            if (image[row : row + 7, column : column + 5][GLYPHS[label] > 0] >= 0.6).all()
        ]
        assert found
        places.add(found[0])
    assert len(places) == 8


def test_noise_has_the_deviation_asked_for() -> None:
    difference = digits(300, 0, noise=0.5).images - digits(300, 0, noise=0.0).images
    assert abs(difference.std() - 0.5) < 0.01


def test_batches() -> None:
    chosen = batches(20, 30, 8, 0)
    assert chosen.shape == (30, 8)
    assert chosen.min() >= 0
    assert chosen.max() < 20
    assert not np.array_equal(chosen, batches(20, 30, 8, 1))
