"""Windows of taps that slide along an axis of positions: what convolutions and pools have in common."""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp

from ..tree import Shape
from .operation import Site

PAD_MODES = {"circular": "wrap", "reflect": "reflect", "replicate": "edge"}
"""Paddings that are done to the input, by the name `jnp.pad` has for them."""
HALVES = ("zeros", *PAD_MODES)
"""Words for a padding of (k−1)·dilation//2 on both sides."""


@dataclass(frozen=True)
class Window:
    """Along one axis: k taps, `dilation` apart; windows begin every s positions, the first `before` positions before the input."""

    k: int
    s: int
    dilation: int
    before: int
    after: int

    @property
    def extent(self) -> int:
        """The positions from the first tap to the last."""
        return (self.k - 1) * self.dilation + 1

    def count(self, size: int) -> int:
        """How many windows fit on `size` positions and their padding."""
        return (size + self.before + self.after - self.extent) // self.s + 1


def padded(k: int, s: int, dilation: int, pad: str | int, size: int) -> Window:
    """The window with a padding in words or numbers.

    same: TensorFlow's, ⌈size/s⌉ windows, where an odd position is padded after; causal: all of it before; valid: none.
    """
    reach = (k - 1) * dilation
    if isinstance(pad, int):
        before = after = pad
    elif pad == "same":
        total = max((-(-size // s) - 1) * s + reach + 1 - size, 0)
        before, after = total // 2, total - total // 2
    elif pad == "causal":
        before, after = reach, 0
    else:
        before = after = reach // 2 if pad in HALVES else 0
    return Window(k, s, dilation, before, after)


def windows(site: Site, ks: Shape, strides: Shape, dilations: Shape) -> tuple[Window, ...]:
    """The windows along every axis of positions, with the layer's `pad`. Raises ChainError where a window does not fit."""
    pad = site.layer.arguments["pad"]
    pads = (pad,) * len(site.positions) if isinstance(pad, str) else site.sizes("pad")
    found = tuple(padded(*numbers) for numbers in zip(ks, strides, dilations, pads, site.positions, strict=True))
    for window, size in zip(found, site.positions, strict=True):
        room = size + window.before + window.after
        if window.extent > room:
            dilated = f", dilated to {window.extent}," if window.dilation > 1 else ""
            what = "window" if site.layer.token.endswith("pool") else "kernel"
            hint = f"expected k small enough for {room} positions, padding included"
            raise site.error(f"a {what} of {window.k}{dilated} is larger than its input", hint, "k")
    return found


def surrounded(x: jax.Array, mode: str, before: Shape, after: Shape) -> jax.Array:
    """N × C × P with `before` and `after` more positions along each axis: zeros, or copies of its entries by a mode of `PAD_MODES`."""
    widths = [(0, 0), (0, 0), *zip(before, after, strict=True)]
    return jnp.pad(x, widths, mode=PAD_MODES[mode]) if mode in PAD_MODES else jnp.pad(x, widths)


def check_surroundings(site: Site, mode: str, before: Shape, after: Shape, argument: str) -> None:
    """Raises ChainError where there are too few positions to reflect, or to go around once."""
    if mode not in ("reflect", "circular"):
        return
    # as in PyTorch: reflecting needs width + 1 positions, wrapping around needs width; jnp.pad would go around twice
    for size, width in zip(site.positions, map(max, before, after), strict=True):
        if width >= size + (mode == "circular"):
            hint = f"expected {width + (mode == 'reflect')} positions or more along each axis"
            raise site.error(f"{mode} padding of {width} does not fit", hint, argument)
