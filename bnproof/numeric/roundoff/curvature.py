"""How much a function of one number bends: its slope, and the largest |f″| within a distance of a place.

f(b) − f(a) − f′(x)(b − a) is the integral of f′(t) − f′(x) over t from a to b, at most sup|f″| times that of |t − x|, over an interval
that holds a, b and x. Where |f″| falls on both sides of one place p, it is largest at the point of the interval next to p; elsewhere
it is monotone, and largest at one end. An interval that reaches out of the function's domain, or to a pole, has no bound: infinity.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..replay.derivatives import SLOPE as KNOWN
from ..replay.op import Op

_RIGHT = ("log", "log1p", "sqrt", "rsqrt")
"""Functions defined to the right of a place, whose |f″| falls from there on."""


def _single(peak: float, curve: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    """sup|f″| of a function whose |f″| is even, and grows up to `peak` only."""

    def largest(x: Any, r: Any) -> Any:
        size = np.abs(x)
        return np.abs(curve(np.clip(peak, np.maximum(size - r, 0.0), size + r)))

    return largest


def _after(x: Any, r: Any, start: float) -> Any:
    """The least distance of the interval from where the domain begins; NaN where it reaches there."""
    low = x - r - start
    return np.where(low > 0, low, np.nan)


def _away(x: Any, r: Any) -> Any:
    """The least distance of the interval from 0; NaN where it holds 0."""
    low = np.abs(x) - r
    return np.where(low > 0, low, np.nan)


def _sech_squared(x: Any) -> Any:
    return 1 / np.cosh(np.minimum(x, 350.0)) ** 2


def _logistic_slope(x: Any) -> Any:
    y = np.exp(-x)
    return y / (1 + y) ** 2


_GAUSS = 4 / math.sqrt(math.pi)
_CURVES: dict[str, Callable[[Any, Any], Any]] = {
    "exp": lambda x, r: np.exp(x + r),
    "expm1": lambda x, r: np.exp(x + r),
    "exp2": lambda x, r: math.log(2) ** 2 * np.exp2(x + r),
    "log": lambda x, r: _after(x, r, 0.0) ** -2.0,
    "log1p": lambda x, r: _after(x, r, -1.0) ** -2.0,
    "sqrt": lambda x, r: _after(x, r, 0.0) ** -1.5 / 4,
    "rsqrt": lambda x, r: 0.75 * _after(x, r, 0.0) ** -2.5,
    "cbrt": lambda x, r: 2 / 9 * _away(x, r) ** (-5 / 3),
    "square": lambda x, r: np.full(np.shape(x), 2.0),
    "one_minus_square": lambda x, r: np.full(np.shape(x), 2.0),
    "sin": lambda x, r: np.ones(np.shape(x)),
    "cos": lambda x, r: np.ones(np.shape(x)),
    "sinh": lambda x, r: np.sinh(np.abs(x) + r),
    "cosh": lambda x, r: np.cosh(np.abs(x) + r),
    "tanh": _single(math.atanh(3**-0.5), lambda t: 2 * np.tanh(t) * _sech_squared(t)),
    "logistic": _single(math.log(2 + 3**0.5), lambda t: _logistic_slope(t) * np.tanh(t / 2)),
    "erf": _single(0.5**0.5, lambda t: _GAUSS * t * np.exp(-t * t)),
    "erfc": _single(0.5**0.5, lambda t: _GAUSS * t * np.exp(-t * t)),
    "atan": _single(3**-0.5, lambda t: 2 * t / (1 + t * t) ** 2),
    "asinh": _single(0.5**0.5, lambda t: t / (1 + t * t) ** 1.5),
}
_SLOPES: dict[str, Callable[[Any, Any], Any]] = {
    **KNOWN,
    "cbrt": lambda x, y: y / (3 * x),
    "erfc": lambda x, y: 2 / math.sqrt(math.pi) * np.exp(-x * x),
    "sinh": lambda x, y: np.cosh(x),
    "cosh": lambda x, y: np.sinh(x),
    "atan": lambda x, y: 1 / (1 + x * x),
    "asinh": lambda x, y: 1 / np.sqrt(1 + x * x),
}
_BOUNDED = {"tanh": 1.0, "logistic": 0.5, "erf": 1.0, "erfc": 1.0, "sin": 1.0, "cos": 1.0}
"""Half of how far apart two values of the function may be."""
CURVED = frozenset((*_CURVES, "integer_pow", "pow"))
"""Operations of one operand (`pow`: whose exponent is exact) that are known to bend, and how much."""


def bent(op: Op, xs: Any, y: Any, e: Any, reach: float) -> tuple[Any, Any]:
    """(|f(b) − f(a)|, |f(b) − f(a) − f′(x)(b − a)|) at most, where a lies within (reach − 1)e of x and b within e of a.

    xs: the operands, x the first; y: the result. A function that is bounded changes by no more than all of its range.
    """
    x, r = xs[0], reach * e
    if op.name in ("integer_pow", "pow"):
        n = float(op.params["y"]) if op.name == "integer_pow" else xs[1]
        slope, curve = n * np.power(x, n - 1.0), _of_power(x, r, n, op.name == "integer_pow")
    else:
        slope, curve = _SLOPES[op.name](x, y), _CURVES[op.name](x, r)
    straight, rest = np.abs(slope) * e, _product((reach - 0.5) * _product(curve, e), e)
    change = straight + rest
    if op.name in _BOUNDED:
        most = 2 * _BOUNDED[op.name]
        change = np.fmin(change, most)
        rest = np.fmin(rest, straight + most)
        change = np.where(np.isnan(change), most, change)
    return change, rest


def _product(a: Any, b: Any) -> Any:
    """a·b with 0·∞ = 0 where b is 0 (nothing moves), ∞ for what is not known."""
    product = np.where(np.asarray(b) == 0, 0.0, a * b)
    return np.where(np.isnan(product), np.inf, product)


def _of_power(x: Any, r: Any, n: Any, whole: bool) -> Any:
    """sup|n(n − 1) t^(n − 2)| over the interval; a power that is not known to be whole has positive operands only."""
    factor = np.abs(n * (n - 1.0))
    away = _away(x, r) if whole else _after(x, r, 0.0)
    far, near = np.power(np.abs(x) + r, n - 2.0), np.power(away, n - 2.0)
    if whole and n >= 0:
        return factor * (far if n >= 2 else np.zeros(np.shape(x)))
    return factor * np.maximum(far, near)
