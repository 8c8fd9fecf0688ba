"""What is too large to be decided: refused at once, with the reason, rather than worked on for hours.

Measured on two cores of 2 GHz: a network of 300 layers takes half a minute in each mode, and the time grows with the square of their
number; a convolution takes two microseconds for every position along an axis, padding and taps included.
"""

from __future__ import annotations

from .ops import Plan
from .pointer import pointed
from .tree import Layer, Shape, show

MOST_ALONG = 1_000_000
"""The most positions along one axis that a convolution sees, padding included, and the most that a layer pads."""
MOST_PADDED = 10**9
"""The most numbers in the input of a dilated convolution, padding included: 8 GB in float64."""


def check(layer: Layer, shape: Shape, plan: Plan, text: str) -> None:
    """Raises ChainError for a convolution or a padding that goes through more positions than can be gone through in seconds."""
    convolves, pads = "bias" in layer.arguments and "k" in layer.arguments, "before" in layer.arguments
    if not (convolves or pads):
        return
    longest, widest = max((*shape[2:], *plan.output[2:])), ""
    for name in layer.spans:
        value = layer.arguments.get(name)
        sizes = value if isinstance(value, tuple) else (value,)
        for size in sizes:
            if isinstance(size, int) and not isinstance(size, bool) and name in _ALONG and size > longest:
                longest, widest = size, name
    if longest > MOST_ALONG:
        hint = f"expected at most {MOST_ALONG:,}: every position is gone through, two seconds a million"
        span = layer.spans.get(widest, layer.span)
        raise pointed(f"{layer.token} over {longest:,} positions along one axis", text, span, hint)
    if convolves:
        _check_padded(layer, shape, text)


_ALONG = ("k", "s", "pad", "dilation", "before", "after", "output_padding")


def _check_padded(layer: Layer, shape: Shape, text: str) -> None:
    """Raises ChainError where the gaps of a dilated kernel make the padded input too large to be held."""
    axes = len(shape) - 2
    ks, gaps = (_each(layer, name, axes) for name in ("k", "dilation"))
    reach = [(k - 1) * gap for k, gap in zip(ks, gaps, strict=True)]
    numbers = shape[0] * shape[1]
    for size, more in zip(shape[2:], reach, strict=True):
        numbers *= size + more
    if max(gaps) > 1 and numbers > MOST_PADDED:
        hint = f"the padded input would hold {numbers:.0e} numbers: expected a dilation that leaves at most {MOST_PADDED:.0e}"
        span = layer.spans.get("dilation", layer.span)
        raise pointed(f"a dilated kernel that reaches over {show(tuple(reach))} positions", text, span, hint)


def _each(layer: Layer, name: str, axes: int) -> tuple[int, ...]:
    value = layer.arguments[name]
    if isinstance(value, tuple):
        return value
    assert isinstance(value, int)
    return (value,) * axes
