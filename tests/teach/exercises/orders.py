"""Small float networks in NumPy that say whether a first bias moves the output: no JAX, no engine, nothing traced."""

from __future__ import annotations

import numpy as np

Array = np.ndarray


def _conv(x: Array, kernel: Array, padding: str) -> Array:
    """Batch, channel, position; kernels of output channel, input channel, three entries."""
    if padding != "valid":
        x = np.pad(x, ((0, 0), (0, 0), (1, 1)), mode="wrap" if padding == "circular" else "constant")
    windows = np.lib.stride_tricks.sliding_window_view(x, 3, axis=2)
    return np.einsum("ncpk,ock->nop", windows, kernel)


def _normalise(x: Array, axes: tuple[int, ...], centre: bool = True) -> Array:
    middle = x.mean(axes, keepdims=True) if centre else 0.0
    return (x - middle) / np.sqrt(((x - middle) ** 2).mean(axes, keepdims=True) + 1e-3)


def _layer(token: str, x: Array, rng: np.random.Generator) -> Array:
    match token:
        case "bn":
            return _normalise(x, (0, 2))
        case "in":
            return _normalise(x, (2,))
        case "gn(2)":
            halves = x.reshape(x.shape[0], 2, -1)
            return _normalise(halves, (2,)).reshape(x.shape)
        case "rms":
            return _normalise(x, (1,), centre=False)
        case "relu":
            return np.maximum(x, 0)
        case "lrelu":
            return np.where(x > 0, x, 0.01 * x)
        case "sigmoid":
            return 1 / (1 + np.exp(-x))
        case "maxpool(2)":
            return x.reshape(*x.shape[:2], -1, 2).max(3)
        case "avgpool(2)":
            return x.reshape(*x.shape[:2], -1, 2).mean(3)
        case "dropout(0.5)":
            return x * rng.integers(0, 2, x.shape) / 0.5
        case _:
            padding = {"conv": "zeros", "conv(pad=valid)": "valid", "conv(pad=circular)": "circular"}[token]
            return _conv(x, rng.standard_normal((4, x.shape[1], 3)), padding)


def output(chain: str, bias: float) -> Array:
    """The chain's output, its first layer's biases moved by different multiples of `bias`; the same random numbers every time."""
    rng = np.random.default_rng(5)
    first, *rest = chain.split(" -> ")
    x = rng.standard_normal((6, 3, 8)) if first == "conv" else rng.standard_normal((6, 3, 1))
    layer = (
        _conv(x, rng.standard_normal((4, 3, 3)), "zeros")
        if first == "conv"
        else np.einsum("ncp,oc->nop", x, rng.standard_normal((4, 3)))
    )
    y = layer + bias * np.array([1.0, -0.5, 2.0, 0.3])[:, None]
    for token in rest:
        y = _layer(token, y, rng)
    return y


def moves(chain: str) -> bool:
    gap = float(np.abs(output(chain, 0.7) - output(chain, 0.0)).max())
    assert gap < 1e-9 or gap > 1e-3, (chain, gap)
    return gap > 1e-3
