"""Real numbers in balls: midpoint and radius in so many bits, and answers that may be open (`None`) where balls overlap.

Arrays of balls are NumPy arrays of objects, so that shapes and broadcasting are NumPy's. Every result encloses the exact one
(Johansson 2017, *Arb: efficient arbitrary-precision midpoint-radius interval arithmetic*).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any

import flint
import numpy as np

arb: Any = flint.arb
Array = Any
"""A NumPy array: of balls, of integers or Booleans, or, where an answer is open, of True, False and None."""


class UndecidedError(Exception):
    """A whole number, a place or a loop's end that hangs on balls which overlap."""


@contextmanager
def bits(count: int) -> Generator[None]:
    """Computes with so many bits while the block runs."""
    before = flint.ctx.prec
    flint.ctx.prec = count
    try:
        yield
    finally:
        flint.ctx.prec = before


def boxed(values: Any, shape: Sequence[int]) -> Array:
    """A flat sequence of balls as an array of that shape."""
    out = np.empty(math.prod(shape), object)
    out[:] = list(values)
    return out.reshape(tuple(shape))


def exact(x: Any) -> Array:
    """Numbers of any floating type as balls of radius 0; Booleans and integers too."""
    x = np.asarray(x)
    if x.dtype == object:  # answers, some of them open
        return boxed([arb(0).union(arb(1)) if v is None else arb(int(v)) for v in x.reshape(-1)], x.shape)
    if x.dtype.kind in "iub":
        return boxed([arb(int(v)) for v in x.reshape(-1)], x.shape)
    return boxed([arb(float(v)) for v in x.astype(np.float64).reshape(-1)], x.shape)


def each(f: Callable[..., Any], count: int = 1) -> Callable[..., Array]:
    """A function of `count` balls as one of arrays."""
    over = np.frompyfunc(f, count, 1)

    def applied(*xs: Array) -> Array:
        y = over(*xs)
        if isinstance(y, np.ndarray):
            return y
        out = np.empty((), object)
        out[()] = y
        return out

    return applied


def hull(a: Any, b: Any) -> Any:
    """A ball around both."""
    return a if a is b else a.union(b)


def greater(a: Any, b: Any) -> bool | None:
    """a > b, None where the balls leave it open."""
    return False if a is b else True if a > b else False if a <= b else None


def at_least(a: Any, b: Any) -> bool | None:
    """a ≥ b, None where the balls leave it open."""
    return True if a is b or a >= b else False if a < b else None


def same(a: Any, b: Any) -> bool | None:
    """a = b; two balls that are one object are one number."""
    return True if a is b or a == b else None if a.overlaps(b) else False


def larger(a: Any, b: Any) -> Any:
    """The maximum: one of the two where that is certain, so that it is known as the same number later."""
    return a if at_least(a, b) else b if at_least(b, a) else a.max(b)


def smaller(a: Any, b: Any) -> Any:
    return a if at_least(b, a) else b if at_least(a, b) else a.min(b)


def chosen(which: Any, no: Any, yes: Any) -> Any:
    """`yes` or `no`; where the answer is open, a ball around both (of answers, the open one)."""
    if which is None:
        if no is yes or (isinstance(no, bool) and no == yes):
            return no
        return hull(no, yes) if isinstance(no, arb) else None
    return yes if which else no


def negated(a: bool | None) -> bool | None:
    return None if a is None else not a


def both(a: bool | None, b: bool | None) -> bool | None:
    return False if a is False or b is False else None if a is None or b is None else True


def either(a: bool | None, b: bool | None) -> bool | None:
    return negated(both(negated(a), negated(b)))


def settled(x: Array) -> Array:
    """Answers as Booleans, if none is open."""
    x = np.asarray(x, object)
    return x if any(v is None for v in x.reshape(-1)) else x.astype(bool)


def whole(x: Any, step: Callable[[Any], Any]) -> int:
    """The whole number that `step` (floor, ceil) makes of a ball. Raises UndecidedError where there may be two."""
    if (found := step(x).unique_fmpz()) is None:
        raise UndecidedError("a whole number hangs on overlapping balls")
    return int(found)


def logistic(x: Any) -> Any:
    """1/(1 + e⁻ˣ), without a large exponential."""
    if x > 0:
        return 1 / (1 + (-x).exp())
    e = x.exp()
    return e / (1 + e)


def power(x: Any, y: int) -> Any:
    return x**y if y >= 0 else 1 / x ** (-y)


def sign(x: Any) -> Any:
    return x.sgn()


def cube_root(x: Any) -> Any:
    return x.root(3) if x >= 0 else -((-x).root(3))


def remainder(a: Any, b: Any) -> Any:
    """What a division with a whole quotient, rounded towards zero, leaves."""
    quotient = a / b
    return a - whole(quotient, arb.ceil if greater(arb(0), quotient) else arb.floor) * b


def nearest_even(x: Any) -> Any:
    """Rounded to the nearest whole number, halves to the even one."""
    low = whole(x + arb(0.5), arb.floor)
    tie = same(x + arb(0.5), arb(low))
    if tie is None:
        raise UndecidedError("rounding hangs on overlapping balls")
    return arb(low - 1 if tie and low % 2 else low)


def nearest_away(x: Any) -> Any:
    """Rounded to the nearest whole number, halves away from zero."""
    size = whole(abs(x) + arb(0.5), arb.floor)
    return arb(-size if greater(arb(0), x) else size)


NEAREST: dict[str, Callable[[Any], Any]] = {"TO_NEAREST_EVEN": nearest_even, "AWAY_FROM_ZERO": nearest_away}
"""Roundings to whole numbers."""
UNARY: dict[str, Callable[[Any], Any]] = {
    "neg": lambda x: -x,
    "abs": abs,
    "sqrt": arb.sqrt,
    "rsqrt": arb.rsqrt,
    "cbrt": cube_root,
    "square": lambda x: x**2,
    "one_minus_square": lambda x: 1 - x**2,
    "exp": arb.exp,
    "exp2": lambda x: arb(2) ** x,
    "expm1": arb.expm1,
    "log": arb.log,
    "log1p": arb.log1p,
    "logistic": logistic,
    "erf": arb.erf,
    "erfc": arb.erfc,
    "erf_inv": arb.erfinv,
    "lgamma": arb.lgamma,
    "digamma": arb.digamma,
    "floor": arb.floor,
    "ceil": arb.ceil,
    "sign": sign,
    **{
        name: getattr(arb, name)
        for name in ["sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh"]
    },
}
"""Functions of one ball, by the name of the operation."""
BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda a, b: a + b,
    "add_any": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "max": larger,
    "min": smaller,
    "pow": lambda a, b: a**b,
    "rem": remainder,
    "atan2": lambda a, b: a.atan2(b),
}
"""Functions of two balls."""
ASKED: dict[str, Callable[[Any, Any], bool | None]] = {
    "gt": greater,
    "ge": at_least,
    "lt": lambda a, b: greater(b, a),
    "le": lambda a, b: at_least(b, a),
    "eq": same,
    "ne": lambda a, b: negated(same(a, b)),
}
"""Comparisons of two balls."""
