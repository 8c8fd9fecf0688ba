"""What one operation's own rounding may add to its result: |e| ≤ k u |v|, with the constants k of each.

- k = 0 where nothing is rounded (moving, negating, comparing, maxima), 1 for + − × √, |n| for an integer power, 2 for ÷,
  which compilers may turn into a product with a reciprocal, and 3 for 1 − x², computed as (1 + x)(1 − x);
- k = 8 for transcendental functions, and more where the device shows more (`probes.functions`): glibc documents at most 4 ulp for
  the common ones, XLA aims at as much and misses it for some, and one ulp is at most 2u of the value; 8 + 2|x| for 2^x, sinh x and
  cosh x, which XLA makes of e^(x·ln 2) and e^(x − ln 2), whose argument is rounded;
- a sum whose deepest term takes part in d additions: d Σ|terms| in the place of k |v| (§4.2); d is L − 1 for L terms one after the
  other, and less or more by what the compiler made of it (`sum_depth`). A sum of L products in any order: (L + 1) Σ|terms|;
- a convolution by transforms, which mixes what an output sees with what it does not: infinity;
- a conversion to a narrower format, and rounding to fewer bits (`reduce_precision`): 1, in units of that format;
- a product for which the program asks for an algorithm of narrower operands: infinity;
- each rounding near the smallest numbers of a format: that smallest number besides; of the reciprocal that may stand for a ÷ too;
- an operation that this list does not know, and all arithmetic of complex numbers: infinity.

Source: Higham (2002), §2.2, §3.1 and §4.2.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..replay.op import IDENTITY, Disturbance, Op, Record
from ..replay.operations import aligned, complexes, floating
from .rounding import Rounding, one_by_one

_PLACES = frozenset(
    (
        "rev",
        "pad",
        "slice",
        "squeeze",
        "reshape",
        "transpose",
        "broadcast_in_dim",
        "concatenate",
        "split",
        "iota",
        "tile",
        "unstack",
    )
)
FOUND = frozenset(
    (
        "gather",
        "scatter",
        "dynamic_slice",
        "dynamic_update_slice",
        "sort",
        "top_k",
        "index",
        "stack",
        "argmax",
        "argmin",
        "select_and_gather_add",
    )
)
_EXTREMA = frozenset(
    ("max", "min", "clamp", "reduce_max", "reduce_min", "reduce_window_max", "reduce_window_min", "cummax", "cummin")
)
_SIGNS = frozenset(("neg", "abs", "sign", "select_n", "floor", "ceil", "round", "convert_element_type", "bitcast_convert_type"))
EXACT = (_PLACES | FOUND | _EXTREMA | _SIGNS | IDENTITY) - {"reduce_precision"}
"""Operations that round nothing (an integer too wide for a float excepted)."""
_POWERS = ("exp", "exp2", "expm1", "log", "log1p", "logistic", "rsqrt", "cbrt", "pow", "erf", "erfc")
_ANGLES = ("sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh")
_SIMPLE = ("add", "add_any", "sub", "mul", "sqrt", "square", "rem")
_NEGLIGIBLE = 2.0**-40
"""The part of a rounding that no bound shows."""
ROUNDED: dict[str, int] = {
    **dict.fromkeys(_SIMPLE, 1),
    "div": 2,
    "one_minus_square": 3,
    **dict.fromkeys((*_POWERS, *_ANGLES), 8),
    "erf_inv": 64,
}
"""Roundings that one operation counts for, unless the device shows more."""
GROWING = ("exp2", "sinh", "cosh")
"""Functions that count for 2|x| more, x being their argument."""
_SUMS: dict[str, Any] = {
    "reduce_sum": None,
    "cumsum": lambda op, xs: xs[0].shape[1 + op.params["axis"]],
    "dot_general": lambda op, xs: math.prod(xs[0].shape[1 + a] for a in op.params["dimension_numbers"][0][0]),
    "conv_general_dilated": lambda op, xs: (
        math.prod(xs[1].shape[1:]) / xs[1].shape[1 + op.params["dimension_numbers"].rhs_spec[0]]
    ),
    "reduce_window_sum": lambda op, xs: math.prod(op.params["window_dimensions"]),
    "scatter-add": lambda op, xs: math.prod(xs[2].shape[1:]),
    "select_and_scatter_add": lambda op, xs: math.prod(
        -(-k // s) for k, s in zip(op.params["window_dimensions"], op.params["window_strides"], strict=True)
    ),
}
"""Terms that one output entry adds up."""
_PRODUCTS = ("reduce_prod", "cumprod", "integer_pow")
"""Products of a number of factors that the parameters or shapes tell."""


def computed_once(name: str) -> bool:
    """Whether a compiler computes equal operations once: sums, products of matrices, convolutions and moves, not cheap arithmetic."""
    return name not in ROUNDED and name != "integer_pow"


@dataclass(frozen=True)
class Among:
    """Places among which a number may go as a whole.

    - apart: sensitivities → how far apart they are, at most, among the places of each number;
    - total: sizes of sensitivities → their sum over these places.
    """

    apart: Callable[[Any], Any]
    total: Callable[[Any], Any]


@dataclass(frozen=True)
class Error:
    """Part of what an operation's own rounding may add to its output: at most times·(unit·|magnitude| + tiny) in each entry.

    - worst: instead of times, if the operation is a sum and runs one number after the other;
    - whole: not a rounding but what the rounding of others makes of this operation (`forward`), which no average lessens;
    - among: of numbers that may go elsewhere as a whole: where; magnitudes then are multiplied by how far sensitivities are apart.
    """

    times: float
    worst: float
    magnitude: np.ndarray
    unit: float
    tiny: float
    whole: bool = False
    among: Among | None = None

    @property
    def largest(self) -> np.ndarray:
        """The bound of each entry."""
        size = np.abs(self.magnitude, dtype=np.float64)
        size *= self.unit
        size += self.tiny
        size *= self.times
        return size


Own = Callable[[Op, Sequence[Any], Any], tuple[Error, ...] | None]
"""(operation, inputs, one output) → what its own rounding may add."""


def disturbance(rounding: Rounding, seed: int = 0) -> Disturbance:
    """Moves every result of a run by a random part of what its own rounding may add: a run as it might have been computed.

    At a value that is zero in exact arithmetic, and not in any real run, the bound of a disturbed run covers what is of second
    order: the rounding of round-off (Monte Carlo arithmetic, Parker 1997).
    """
    random = np.random.default_rng(seed)

    def disturbed(y: Any, errors: Sequence[Error] | None) -> Any:
        if not errors:  # exact, or unknown
            return y
        size = functools.reduce(np.add, (error.largest for error in errors))
        if not np.isfinite(size).all():
            return y
        moved = random.uniform(-1, 1, y.shape)
        moved *= size
        moved += y
        return moved

    def disturb(op: Op, xs: Sequence[Any], ys: list[Any]) -> list[Any]:
        return [disturbed(y, own_errors(op, xs, y, rounding)) if isinstance(y, np.ndarray) else y for y in ys]

    return disturb


def own_errors(op: Op, xs: Sequence[Any], y: Any, rounding: Rounding) -> tuple[Error, ...] | None:
    """What one operation's own rounding may add to each entry of its output, in parts: none if nothing; None if unknown."""
    name = op.name
    narrows = rounding.narrows(op)
    if any(complexes(v.dtype) for v in (*xs, y)):
        return () if name in _PLACES | FOUND | IDENTITY else None
    if not floating(y.dtype) or (name in EXACT and not narrows):
        return ()
    if op.algorithm:
        return None
    u, tiny = rounding.result(op)
    if name == "reduce_precision":
        return _fewer_bits(op, xs[0], y, rounding)
    rounded = ROUNDED.get(name)
    if narrows:
        rounded = 1
    elif name == "integer_pow":
        rounded = abs(op.params["y"])
    elif name in _PRODUCTS:
        count = math.prod(xs[0].shape[1:])
        rounded = count if name == "cumprod" else count / max(math.prod(y.shape[1:]), 1)
    if rounded is not None:
        rounded = rounding.times(op, rounded)
        if name in GROWING:
            rounded += 2 * float(np.abs(xs[0]).max(initial=0.0))
        if not math.isfinite(rounded):
            return None
        return (Error(rounded, rounded, y, u, tiny), *(_reciprocal(xs, y, u, tiny) if name == "div" else ()))
    if name not in _SUMS:
        return None
    only = (0,) if name == "select_and_scatter_add" else range(len(xs))  # its other operand selects, by its sign as well
    magnitude = op.numbers([np.abs(x) if k in only and floating(x.dtype) else x for k, x in enumerate(xs)])[0]
    if name == "reduce_sum":
        shape, axes = _shapes(op, xs)[0], op.params["axes"]
        dtype = op.dtypes[1] if op.dtypes else y.dtype
        depth = rounding.depth(shape, axes, np.dtype(dtype).name)
        return (Error(depth, max(depth, one_by_one(shape, axes, dtype)), magnitude, u, tiny),)
    terms = _SUMS[name](op, xs)
    if name not in ("dot_general", "conv_general_dilated"):
        return (Error(terms, terms, magnitude, u, tiny),)
    if not rounding.explained(op, _shapes(op, xs)):
        return None
    inside = u if rounding.accumulator is None else rounding.accumulator
    errors = (Error(terms + 1, terms + 1, magnitude, inside + 2 * rounding.operand / (terms + 1), tiny),)
    return errors if rounding.accumulator is None else (*errors, Error(1, 1, y, u, tiny))


def held(op: Op) -> float:
    """A number that `reduce_precision` still holds, at least half of its largest."""
    return 2.0 ** min(2 ** (op.params["exponent_bits"] - 1) - 1, 1023)


def _fewer_bits(op: Op, x: Any, y: Any, rounding: Rounding) -> tuple[Error, ...] | None:
    """Rounding to a format of so many bits, of which a replay makes nothing; None where a value may be beyond its range."""
    if rounding.unit is not None:
        return ()
    mantissa, exponent = op.params["mantissa_bits"], op.params["exponent_bits"]
    if float(np.abs(x).max(initial=0.0, where=np.isfinite(x))) >= held(op):
        return None
    tiny = max(2.0 ** max(2 - 2 ** (exponent - 1), -1022), rounding.result(op)[1])
    return (Error(1, 1, y, 2.0 ** -(mantissa + 1), tiny),)


def _shapes(op: Op, xs: Sequence[Any]) -> list[tuple[int, ...]]:
    """Of the operands in the program, of which only parts may be here: a device adds up all of them."""
    return [*op.traced[: len(xs)]] if op.traced else [x.shape[1:] for x in xs]


def _reciprocal(xs: Sequence[Any], y: Any, u: float, tiny: float) -> tuple[Error, ...]:
    """What a quotient may be off by besides, as a product with a reciprocal that is itself near the smallest numbers."""
    if float(np.abs(xs[1]).max(initial=0.0)) * tiny <= _NEGLIGIBLE * u:
        return ()
    return (Error(1, 1, np.broadcast_to(np.abs(aligned([xs[0], y])[0]), y.shape), tiny, 0.0),)


def unknown(op: Op, xs: Sequence[Any], ys: Sequence[Any]) -> bool:
    """Whether the operation makes numbers whose rounding is not known."""
    if any(complexes(v.dtype) for v in (*xs, *ys)):
        return op.name not in _PLACES | FOUND | IDENTITY
    if op.algorithm:
        return True
    listed = op.name == "reduce_precision" or op.name in EXACT or op.name in ROUNDED or op.name in _SUMS or op.name in _PRODUCTS
    return not listed and any(floating(v.dtype) for v in ys)


def remembered(rounding: Rounding, record: Record) -> Own:
    """`own_errors`, each looked at once for all reverse passes over runs that share values of this record.

    The record must outlive it: values are told apart by identity.
    """
    lasting = {id(y) for _, _, ys in record for y in ys}
    known: dict[tuple[int, int], tuple[Error, ...] | None] = {}

    def own(op: Op, xs: Sequence[Any], y: Any) -> tuple[Error, ...] | None:
        if id(y) not in lasting:
            return own_errors(op, xs, y, rounding)
        if (key := (id(op), id(y))) not in known:
            known[key] = own_errors(op, xs, y, rounding)
        return known[key]

    return own
