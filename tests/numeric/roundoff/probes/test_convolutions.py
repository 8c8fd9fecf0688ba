"""Convolutions made by hand, direct and by transforms: what mixes a tile is found, what does not is let through."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from bnproof.numeric.roundoff.precision import storage
from bnproof.numeric.roundoff.probes.convolutions import by_transforms

SHAPES = ((2, 3, 8, 8), (4, 3, 3, 3))
ALL = ("float64", "float32", "tf32", "bfloat16", "float16")


def padded(x: np.ndarray) -> np.ndarray:
    return np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))


def direct(x: np.ndarray, w: np.ndarray, kind: Any = np.float64) -> Any:
    """3 × 3, stride 1, border of zeros."""
    windows = sliding_window_view(padded(x.astype(kind)), (3, 3), (2, 3))
    return np.einsum("ncijkl,ockl->noij", windows, w.astype(kind))


def one_by_one(x: np.ndarray, w: np.ndarray) -> Any:
    """The same in the type of the operands, each addition rounded."""
    border, (h, wide) = padded(x), x.shape[2:]
    y = np.zeros((len(x), len(w), h, wide), x.dtype)
    for c in range(x.shape[1]):
        for i in range(3):
            for j in range(3):
                y += w[None, :, c, i, j, None, None] * border[:, c, None, i : i + h, j : j + wide]
    return y


def winograd(x: np.ndarray, w: np.ndarray, kind: Any = np.float32) -> Any:
    """F(2×2, 3×3) of Lavin and Gray."""
    b = np.array([[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]], kind)
    g = np.array([[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]], kind)
    a = np.array([[1, 1, 1, 0], [0, 1, -1, -1]], kind)
    tiles = sliding_window_view(padded(x.astype(kind)), (4, 4), (2, 3))[:, :, ::2, ::2]
    data = b @ tiles @ b.T
    kernel = g @ w.astype(kind) @ g.T
    made = a @ np.einsum("ncijkl,ockl->noijkl", data, kernel) @ a.T
    n, o, i, j = made.shape[:4]
    return made.transpose(0, 1, 2, 4, 3, 5).reshape(n, o, 2 * i, 2 * j).astype(x.dtype)


def fourier(x: np.ndarray, w: np.ndarray) -> Any:
    """By the discrete Fourier transform of the image with its border."""
    kind = np.float64 if x.dtype == np.float64 else np.float32
    image, size = padded(x.astype(kind)), (x.shape[2] + 2, x.shape[3] + 2)
    kernel = np.zeros((*w.shape[:2], *size), kind)
    kernel[:, :, :3, :3] = w
    by = np.einsum("ncij,ocij->noij", np.fft.rfft2(image), np.conj(np.fft.rfft2(kernel)))
    return np.fft.irfft2(by, size).astype(kind)[:, :, : x.shape[2], : x.shape[3]].astype(x.dtype)


def test_the_examples_convolve() -> None:
    random = np.random.default_rng(0)
    x, w = (random.normal(size=shape) for shape in SHAPES)
    for other in (one_by_one, functools.partial(winograd, kind=np.float64), fourier):
        assert np.allclose(other(x, w), direct(x, w))


@pytest.mark.parametrize("dtype", ALL)
def test_direct_convolutions_are_let_through(dtype: str) -> None:
    kind = storage(dtype)
    assert not by_transforms(one_by_one, direct, SHAPES, dtype)
    wide = np.float64 if dtype == "float64" else np.float32
    assert not by_transforms(lambda x, w: np.asarray(direct(x, w, wide)).astype(kind), direct, SHAPES, dtype)


@pytest.mark.parametrize("dtype", ALL)
def test_transforms_are_found(dtype: str) -> None:
    """Computed in the type itself or, for half types, in float32."""
    inside = np.float64 if dtype == "float64" else np.float32
    assert by_transforms(functools.partial(winograd, kind=inside), direct, SHAPES, dtype)
    assert by_transforms(fourier, direct, SHAPES, dtype)


@pytest.mark.parametrize("shape", [(1, 1, 4, 4), (1, 1, 6, 10), (3, 2, 28, 28)])
def test_of_any_size(shape: tuple[int, ...]) -> None:
    shapes = (shape, (2, shape[1], 3, 3))
    assert by_transforms(winograd, direct, shapes, "float32")
    assert by_transforms(fourier, direct, shapes, "float32")
    assert not by_transforms(one_by_one, direct, shapes, "float32")


def test_the_large_number_may_be_in_either_operand() -> None:
    """A convolution that mixes the places of its kernel alone."""

    def mixing(x: np.ndarray, w: np.ndarray) -> Any:
        flat = w.reshape(*w.shape[:2], 9)
        there = np.fft.irfft(np.fft.rfft(flat), 9).astype(np.float32).reshape(w.shape)
        return direct(x, there, np.float32)

    narrow = ((1, 2, 2, 2), (3, 2, 3, 3))  # at the border not every output sees every tap
    assert by_transforms(mixing, direct, narrow, "float32")
    assert not by_transforms(one_by_one, direct, narrow, "float32")


def test_long_sums_stay_exact() -> None:
    """A gradient by a kernel adds up thousands of terms: a half type holds the sum of the few that are not 0."""

    def total(x: np.ndarray, w: np.ndarray) -> Any:
        return (x.astype(np.float64)[:, None] * w.astype(np.float64)[None]).sum((2, 3, 4))[:, :, None, None]

    for dtype in ("bfloat16", "float16"):
        kind = storage(dtype)
        shapes = ((4, 8, 16, 16), (4, 8, 16, 16))
        assert not by_transforms(lambda x, w, kind=kind: total(x, w).astype(kind), total, shapes, dtype)


def test_what_is_not_a_number_is_found() -> None:
    assert by_transforms(lambda x, w: direct(x, w) * np.nan, direct, SHAPES, "float32")


def test_nothing_to_convolve() -> None:
    assert not by_transforms(one_by_one, direct, ((0, 3, 4, 4), (4, 3, 3, 3)), "float32")
