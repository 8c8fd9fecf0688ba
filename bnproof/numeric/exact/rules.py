"""What each operation of a program does to enclosures.

Arrays hold enclosures as objects, or are NumPy arrays of integers and booleans; all have a leading copy axis, as in `replay.py`.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from ..replay.operations import REAL, Params, Rule, aligned, padded, window_config, windows
from .functions import error_function, exponential, increasing, logarithm, root, sigmoid
from .interval import ONE, TWO, ZERO, Enclosure, Undecidable, equal, exactly, larger, less, power, smaller


def each(f: Callable[..., Any], dtype: Any = object) -> Rule:
    """An operation that is one function at every entry."""
    every = np.frompyfunc(f, f.__code__.co_argcount, 1)
    return lambda _, *xs: every(*aligned(xs)).astype(dtype, copy=False)


def _folded(f: Callable[[Enclosure, Enclosure], Enclosure]) -> Rule:
    """A reduction by f along the axes of the params."""
    fold = np.frompyfunc(f, 2, 1)

    def reduced(p: Params, x: Any) -> Any:
        axes = [1 + a for a in p["axes"]]
        kept = [a for a in range(x.ndim) if a not in axes]
        return fold.reduce(x.transpose(*kept, *axes).reshape(*(x.shape[a] for a in kept), -1), axis=-1)

    return reduced


def _windowed(f: Callable[[Enclosure, Enclosure], Enclosure]) -> Rule:
    """A reduction by f over windows; padding is left out."""

    def reduced(p: Params, x: Any) -> Any:
        places = windows(p, np.arange(math.prod(x.shape[1:])).reshape(1, *x.shape[1:]), -1)
        shape, length = places.shape[1 : x.ndim], math.prod(places.shape[x.ndim :])
        inside = [[k for k in row if k >= 0] for row in places.reshape(-1, length).tolist()]
        if not all(inside):  # a window of padding only
            raise Undecidable
        out = np.empty((len(x), len(inside)), object)
        for y, row in zip(out, x.reshape(len(x), -1), strict=True):
            y[:] = [functools.reduce(f, (row[k] for k in ks)) for ks in inside]
        return out.reshape(len(x), *shape)

    return reduced


def _convolution(p: Params, x: Any, w: Any) -> Any:
    """The convolution of `operations.py`, padded before with zeros that are enclosures."""
    spec, d = p["dimension_numbers"].lhs_spec, x.ndim - 3
    how = {"padding": [(0, 0), (0, 0), *p["padding"]], "base_dilation": (1, 1, *p["lhs_dilation"])}
    _, config = zip(*sorted(zip(spec, window_config(how), strict=True)), strict=True)
    inner = padded(x, np.full(1, ZERO, object), config)
    return REAL["conv_general_dilated"]({**p, "padding": ((0, 0),) * d, "lhs_dilation": (1,) * d}, inner, w)


RULES: dict[str, Rule] = {
    "add": each(lambda x, y: x + y),
    "add_any": each(lambda x, y: x + y),
    "sub": each(lambda x, y: x - y),
    "mul": each(lambda x, y: x * y),
    "div": each(lambda x, y: x / y),
    "neg": each(lambda x: -x),
    "square": each(lambda x: x * x),
    "one_minus_square": each(lambda x: ONE - x * x),
    "integer_pow": lambda p, x: each(lambda v: power(v, p["y"]))(p, x),
    "abs": each(lambda x: x if x.lo >= 0 else larger(-x, Enclosure(Fraction(0), max(x.hi, Fraction(0))))),
    "max": each(larger),
    "min": each(smaller),
    "clamp": each(lambda low, x, high: smaller(larger(x, low), high)),
    "sign": each(lambda x: exactly(less(ZERO, x) - less(x, ZERO))),
    "lt": each(less, bool),
    "gt": each(lambda x, y: less(y, x), bool),
    "le": each(lambda x, y: not less(y, x), bool),
    "ge": each(lambda x, y: not less(x, y), bool),
    "eq": each(equal, bool),
    "ne": each(lambda x, y: not equal(x, y), bool),
    "is_finite": each(lambda x: x.lo <= x.hi, bool),
    "sqrt": each(increasing(root)),
    "rsqrt": each(lambda x: ONE / increasing(root)(x)),
    "exp": each(increasing(exponential)),
    "expm1": each(increasing(lambda x: exponential(x) - ONE)),
    "log": each(increasing(logarithm)),
    "log1p": each(increasing(lambda x: logarithm(1 + x))),
    "logistic": each(increasing(sigmoid)),
    "tanh": each(increasing(lambda x: TWO * sigmoid(2 * x) - ONE)),
    "erf": each(increasing(error_function)),
    "erfc": each(lambda x: ONE - increasing(error_function)(x)),
    "reduce_max": _folded(larger),
    "reduce_min": _folded(smaller),
    "reduce_window_sum": _windowed(lambda x, y: x + y),
    "reduce_window_max": _windowed(larger),
    **{name: REAL[name] for name in ("reduce_sum", "dot_general")},  # only sums and products: NumPy's, on objects
    "conv_general_dilated": _convolution,
}
"""What operations on real numbers do to enclosures, by the primitive's name; what only moves entries is in `operations.MOVING`."""
