"""Hostile numbers: offsets that cancel, scales near the ends of a format, ties, one huge number among many, subnormal ones."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

import numpy as np

HIGHEST = {"float16": (-4.0, 3.0), "bfloat16": (-15.0, 6.0), "float32": (-15.0, 6.0), "float64": (-15.0, 6.0)}
"""Powers of ten of scales; a float16 holds 6e-5 … 65504."""


@dataclass(frozen=True)
class Numbers:
    """How an array is drawn: pattern, scale and offset (in units of the scale)."""

    pattern: str
    scale: float
    offset: float

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        x = np.asarray(PATTERNS[self.pattern](generator, shape), np.float64)
        return self.scale * (x + self.offset)


def _one_huge(generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    x = np.full(shape, 0.4995)
    x.reshape(-1)[generator.integers(x.size)] = 2.0**23
    return x


def _symmetric(generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Pairs of opposite rows: the mean is exactly the offset, and an odd row is the mean itself."""
    x = generator.normal(size=shape)
    half = shape[0] // 2
    x[half : 2 * half] = -x[:half]
    x[2 * half :] = 0
    return x


def _nearly_equal(generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Rows that differ by round-off: their variance is nearly zero."""
    return generator.normal(size=(1, *shape[1:])) + 10.0 ** -generator.integers(4, 16) * generator.normal(size=shape)


def _one_row_out(generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    x = generator.normal(size=shape) * 1e-6
    x[0] = generator.normal(size=shape[1:]) * 1e3
    return x


PATTERNS = {
    "normal": lambda g, s: g.normal(size=s),
    "uniform": lambda g, s: g.uniform(0.0, 1.0, s),
    "whole": lambda g, s: g.integers(-3, 4, s),
    "signs": lambda g, s: g.choice([-1.0, 1.0], s),
    "one huge": _one_huge,
    "symmetric": _symmetric,
    "nearly equal": _nearly_equal,
    "one row out": _one_row_out,
    "wide": lambda g, s: g.normal(size=s) * 10.0 ** g.uniform(-6, 6, s),
    "sparse": lambda g, s: g.normal(size=s) * (g.uniform(size=s) < 0.2),
}


def power(rng: random.Random, low: float, high: float) -> float:
    """A number whose logarithm is uniform, or a power of ten."""
    p = rng.uniform(low, high)
    return 10.0 ** (round(p) if rng.random() < 0.5 else p)


def inputs(rng: random.Random, dtype: str) -> Numbers:
    """An input: mild in half of all draws."""
    pattern = rng.choice(["normal"] * 4 + sorted(PATTERNS))
    if rng.random() < 0.5:
        return Numbers(pattern, 1.0, rng.choice([0.0, 0.0, 1.0, 3.0]))
    low, high = HIGHEST[dtype]
    scale = power(rng, low, high)
    if rng.random() < 0.05:  # near the ends of the format
        info = {"float16": (6e-8, 6e4), "bfloat16": (1e-38, 1e38), "float32": (1e-38, 1e38), "float64": (1e-308, 1e308)}[dtype]
        scale = rng.choice([info[0] * 10, info[0], math.sqrt(info[0]), math.sqrt(info[1]) / 10, math.sqrt(info[1])])
    return Numbers(pattern, scale, rng.choice([0.0, 0.0, 1.0]) * rng.choice([-1, 1]) * power(rng, 0, 7))


def epsilon(rng: random.Random) -> float:
    return rng.choice([1e-5, 1e-3, 1e-5, power(rng, -30, 1)])


def gain(rng: random.Random) -> Numbers:
    """A γ: about 1 in half of all draws; sometimes as large or small for all channels."""
    if rng.random() < 0.5:
        return Numbers("normal", 1.0, rng.choice([0.0, 1.0]))
    return Numbers(rng.choice(["normal", "normal", "signs", "wide"]), power(rng, -8, 8), 0.0)
