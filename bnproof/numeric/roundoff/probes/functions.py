"""How far division, roots and transcendental functions are off: the largest relative error over chosen points, in unit round-offs.

Hardware need not round these correctly: PTX's ``div.full.f32``, to which XLA compiles division for NVIDIA, is within 2 ulp, its
``sqrt.approx`` within 2⁻²³ of the value, and functions are what their library makes of them. One ulp is at most 2u of the value.
Points are random over the range of the dtype in which arguments and results are normal numbers, with hard ones: quotients next to
the middle between two numbers, and arguments next to zeros. Quotients and roots are compared with exact rationals; functions with
float64 or, in float64, with 80 bits. A sample is no proof: what is found is doubled before it is used (`times`).

Source: Muller et al. (2018), Handbook of Floating-Point Arithmetic, ch. 2 (ulp) and 10 (functions).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from ..precision import UNIT_ROUNDOFF, storage

POINTS = 2000
"""Random arguments of each function; in float64, where the exact values take long, a tenth."""
PRECISION = 80
"""Bits of the values that results in float64 are compared with."""
SAFETY = 2.0
"""What a sample's largest error is multiplied by."""
LIMIT = 2.0**-4
"""A relative error above which a function counts as wrong, and its rounding as unknown."""
DOCUMENTED: dict[str, float] = {"div": 4.0, "sqrt": 2.0}
"""Unit round-offs that XLA's GPU code may be off by, whatever a sample shows: 2 ulp, and 2⁻²³ in float32."""
Run = Callable[..., Any]
"""Arrays of one dtype → the function's values in that dtype."""


@dataclass(frozen=True)
class Function:
    """One function to be probed, by its name in JAX's programs.

    - low, high: arguments, or with `magnitudes` their binary logarithms; clipped to what the dtype holds;
    - near: numbers next to which more arguments are taken: the function's zeros;
    - wide: the same of float64 arrays; exact: of numbers, by mpmath (its name there, or a function of it and the numbers);
    - second: the range of its second argument, if it has one.
    """

    low: float
    high: float
    wide: Callable[..., np.ndarray]
    exact: str | Callable[..., Any]
    magnitudes: bool = False
    near: tuple[float, ...] = ()
    second: tuple[float, float] | None = None


def _each(f: Callable[[float], float]) -> Callable[[np.ndarray], np.ndarray]:
    return lambda x: np.array([f(float(v)) for v in x])


def _logistic(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


FUNCTIONS: dict[str, Function] = {
    "exp": Function(-640, 640, np.exp, "exp"),
    "exp2": Function(-3, 3, np.exp2, lambda m, x: m.mpf(2) ** x),
    "expm1": Function(-10, 640, np.expm1, "expm1", near=(0,)),
    "log": Function(-100, 100, np.log, "log", magnitudes=True, near=(1,)),
    "log1p": Function(-60, 60, np.log1p, "log1p", magnitudes=True, near=(0,)),
    "logistic": Function(-640, 640, _logistic, lambda m, x: 1 / (1 + m.exp(-x))),
    "tanh": Function(-10, 10, np.tanh, "tanh", near=(0,)),
    "erf": Function(-6, 6, _each(math.erf), "erf", near=(0,)),
    "erfc": Function(-5, 5, _each(math.erfc), "erfc"),
    "sin": Function(-30, 30, np.sin, "sin", near=(0,)),
    "cos": Function(-30, 30, np.cos, "cos"),
    "tan": Function(-30, 30, np.tan, "tan", near=(0,)),
    "asin": Function(-1, 1, np.arcsin, "asin", near=(0,)),
    "acos": Function(-1, 0.99, np.arccos, "acos"),
    "atan": Function(-60, 60, np.arctan, "atan", magnitudes=True, near=(0,)),
    "sinh": Function(-3, 3, np.sinh, "sinh", near=(0,)),
    "cosh": Function(-3, 3, np.cosh, "cosh"),
    "asinh": Function(-60, 60, np.arcsinh, "asinh", magnitudes=True, near=(0,)),
    "acosh": Function(0.01, 60, np.arccosh, "acosh", magnitudes=True),
    "atanh": Function(-0.99, 0.99, np.arctanh, "atanh", near=(0,)),
    "cbrt": Function(-100, 100, np.cbrt, "cbrt", magnitudes=True),
    "pow": Function(-30, 30, np.power, lambda m, x, y: x**y, magnitudes=True, second=(-3, 3)),
    "atan2": Function(-30, 30, np.arctan2, "atan2", second=(-30, 30)),
}
"""Others keep the constant of `operation_error`. Those of `GROWING` there are probed where their argument is small."""
EXACT = ("div", "sqrt", "rsqrt")
"""Compared with exact rationals."""


def errors(run: Mapping[str, Run], dtype: str, seed: int = 0) -> dict[str, float]:
    """The largest relative error of each function found, in unit round-offs; infinite where a value is not a number.

    run: by name, of `FUNCTIONS` and `EXACT`; those it lacks are left out. Raises CheckError for an unknown dtype.
    """
    kind, found = storage(dtype), dict[str, float]()
    u = UNIT_ROUNDOFF[kind.name]
    for number, name in enumerate((*EXACT, *FUNCTIONS)):
        if name in run:
            random = np.random.default_rng((seed, number))
            measured = _exactly if name in EXACT else _closely
            with np.errstate(all="ignore"):
                found[name] = measured(name, run[name], kind, random) / u
    return found


def times(name: str, default: float, found: Mapping[str, float], platform: str, u: float) -> float:
    """The unit round-offs to count for a function: at least the default and what is documented, and twice what was found.

    What was found at most 1 for is rounded correctly, and not doubled. Infinite where more than `LIMIT` was found.
    """
    known = max(default, DOCUMENTED.get(name, 0.0) if platform != "cpu" else 0.0)
    seen = found.get(name, 0.0)
    if not seen * u <= LIMIT:
        return math.inf
    return max(known, 1.0 if seen <= 1 else math.ceil(SAFETY * seen))


def arguments(name: str, kind: np.dtype[Any], random: np.random.Generator) -> list[np.ndarray]:
    """What a function is probed with, exact in the dtype."""
    count = POINTS // 10 if kind.name == "float64" and name not in EXACT else POINTS
    if name in EXACT:
        room = _exponents(kind) / 2
        x = np.exp2(random.uniform(-room, room, count)).astype(kind)
        if name != "div":
            return [x]
        y = np.exp2(random.uniform(-room, room, count)).astype(kind)
        return [np.concatenate(pair).astype(kind) for pair in zip((x, y), _hard(kind, random, count // 4), strict=True)]
    f = FUNCTIONS[name]
    if f.magnitudes:
        room = min(f.high, 0.9 * _exponents(kind))
        x = np.exp2(random.uniform(max(f.low, -room), room, count))
    else:
        reach = _exponents(kind) * math.log(2) * 0.9
        x = random.uniform(max(f.low, -reach), min(f.high, reach), count)
    close = [
        zero + sign * np.exp2(-random.uniform(1, min(60, _exponents(kind) - 1), count // 4))
        for zero in f.near
        for sign in (-1, 1)
    ]
    first = np.concatenate([x, *close]).astype(kind)
    return [first] if f.second is None else [first, random.uniform(*f.second, len(first)).astype(kind)]


def _hard(kind: np.dtype[Any], random: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Numbers whose quotients lie as near as possible to the middle of two numbers, where rounding to nearest is hardest.

    With p digits, Y odd and M the odd r·Y⁻¹ modulo 2^(p+1), X = (M Y − r)/2^(p+1) is whole, and X/Y is M/2^(p+1) but for r/(Y 2^(p+1)).
    """
    p = round(-math.log2(UNIT_ROUNDOFF[kind.name]))
    pairs: list[tuple[int, int]] = []
    while len(pairs) < count:
        y, r = int(random.integers(2 ** (p - 2), 2 ** (p - 1))) * 2 + 1, int(random.choice([-3, -1, 1, 3]))
        middle = r * pow(y, -1, 2 ** (p + 1)) % 2 ** (p + 1)
        if middle > 2**p:
            pairs.append(((middle * y - r) >> (p + 1), y))
    x, y = (np.array(side, np.float64) * 2.0 ** (1 - p) for side in zip(*pairs, strict=True))
    return x, y


def _exponents(kind: np.dtype[Any]) -> float:
    """Powers of two that the dtype holds as normal numbers, on the narrower side."""
    import jax.numpy as jnp

    return -math.log2(float(jnp.finfo(kind).tiny)) - 1


def _exactly(name: str, run: Run, kind: np.dtype[Any], random: np.random.Generator) -> float:
    """The largest relative error of quotients or roots, by rationals: of y = fl(√x), y²/x − 1 says it."""
    given = arguments(name, kind, random)
    values = np.asarray(run(*given)).astype(np.float64)
    if not np.isfinite(values).all():
        return math.inf
    rows = zip(*([Fraction(float(v)) for v in x] for x in given), strict=True)
    worst = 0.0
    for row, value in zip(rows, map(Fraction, values.tolist()), strict=True):
        if name == "div":
            off = abs(float(value * row[1] / row[0] - 1))
        elif value <= 0:
            return math.inf
        else:
            off = abs(math.expm1(math.log1p(float(value * value * row[0] ** (1 if name == "rsqrt" else -1) - 1)) / 2))
        worst = max(worst, off)
    return worst


def _closely(name: str, run: Run, kind: np.dtype[Any], random: np.random.Generator) -> float:
    """The largest relative error of a function's normal values."""
    import jax.numpy as jnp

    given = arguments(name, kind, random)
    values = np.asarray(run(*given)).astype(np.float64)
    info = jnp.finfo(kind)
    if kind.name == "float64":
        return _by_bits(FUNCTIONS[name].exact, given, values, float(info.tiny))
    exact = FUNCTIONS[name].wide(*(x.astype(np.float64) for x in given))
    normal = (np.abs(exact) > 2 * float(info.tiny)) & (np.abs(exact) < float(info.max) / 2)
    off = np.abs(values - exact)[normal] / np.abs(exact)[normal]
    return float(np.nan_to_num(off, nan=np.inf).max(initial=0.0))


def _by_bits(exact: str | Callable[..., Any], given: Sequence[np.ndarray], values: np.ndarray, tiny: float) -> float:
    import mpmath

    worst = 0.0
    with mpmath.workprec(PRECISION):
        for row, value in zip(zip(*given, strict=True), values, strict=True):
            numbers = [mpmath.mpf(float(argument)) for argument in row]
            wanted = getattr(mpmath, exact)(*numbers) if isinstance(exact, str) else exact(mpmath, *numbers)
            if abs(wanted) > 2 * tiny:
                off = float(abs(mpmath.mpf(float(value)) - wanted) / abs(wanted))
                worst = max(worst, math.inf if math.isnan(off) else off)
    return worst
