"""A small real task that needs no download: noisy 8×8 images of the ten digits, drawn from a 5×7 bitmap font."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SIDE, CLASSES = 8, 10
_FONT = (
    ".###. #...# #..## #.#.# ##..# #...# .###.",
    "..#.. .##.. ..#.. ..#.. ..#.. ..#.. .###.",
    ".###. #...# ....# ...#. ..#.. .#... #####",
    ".###. #...# ....# ..##. ....# #...# .###.",
    "...#. ..##. .#.#. #..#. ##### ...#. ...#.",
    "##### #.... ####. ....# ....# #...# .###.",
    ".###. #.... #.... ####. #...# #...# .###.",
    "##### ....# ...#. ..#.. ..#.. ..#.. ..#..",
    ".###. #...# #...# .###. #...# #...# .###.",
    ".###. #...# #...# .#### ....# ....# .###.",
)
GLYPHS = np.array([[[pixel == "#" for pixel in row] for row in glyph.split()] for glyph in _FONT], np.float64)
"""Shape (10, 7, 5), 1 for ink."""


@dataclass(frozen=True)
class Digits:
    """images: (count, 8, 8), ink near 1 and paper near 0, plus noise; labels: (count,), 0 … 9."""

    images: NDArray[np.float64]
    labels: NDArray[np.int32]


def digits(count: int, seed: int, noise: float = 0.3) -> Digits:
    """So many images: a random digit, position, contrast (0.6 … 1), stroke thickness, and Gaussian noise of that deviation."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, CLASSES, count).astype(np.int32)
    rows, columns = rng.integers(0, SIDE - 7 + 1, count), rng.integers(0, SIDE - 5 + 1, count)
    images = np.zeros((count, SIDE, SIDE))
    for image, label, row, column in zip(images, labels, rows, columns, strict=True):
        image[row : row + 7, column : column + 5] = GLYPHS[label]
    # a stroke grows to the right by a pixel of random darkness
    thick = rng.uniform(0, 1, (count, 1, 1)) * np.pad(images, ((0, 0), (0, 0), (1, 0)))[:, :, :SIDE]
    inked = rng.uniform(0.6, 1, (count, 1, 1)) * np.maximum(images, thick)
    return Digits(inked + noise * rng.standard_normal(images.shape), labels)


def batches(count: int, steps: int, size: int, seed: int) -> NDArray[np.int64]:
    """Indices of the images in each training step, shape (steps, size), drawn with replacement from `count` images."""
    return np.random.default_rng(seed).integers(0, count, (steps, size))
