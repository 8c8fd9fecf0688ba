"""How far round-off may have carried one output entry: first-order running error analysis of any traced program.

Every operation gives v_i = f_i(earlier values)·(1 + δ) with |δ| ≤ k_i u instead of f_i(…): a perturbation e_i of its exact
value on the computed inputs, |e_i| ≤ k_i u |v_i|. To first order the output y, a function of all these perturbations, is off by
Σ (∂y/∂v_i) e_i, so |fl(y) − y| ≤ u Σ_i |∂y/∂v_i| k_i |v_i|. One reverse pass from y gives every ∂y/∂v_i, at the computed values
themselves: the bound follows the numbers as they are, not their worst case. Source: Higham (2002), §3.3 (running error
analysis), with the sensitivities of all later operations in the place of his recurrence; §3.1 for sums and products. What it says
of a proved zero, such as the gradient of a bias before batch normalisation: theorem `proved_zero_is_round_off_of_centring`.

- k = 0 where nothing is rounded (moving, negating, comparing, maxima), 1 for + − × √, |n| for an integer power, and 2 for ÷,
  which compilers may turn into a product with a reciprocal;
- k = 8 for transcendental functions: glibc documents at most 4 ulp for the common ones, NumPy and XLA aim at as much, and one
  ulp is at most 2u of the value;
- a sum whose deepest term takes part in d additions: d Σ|terms| in the place of k |v| (§4.2); d is L − 1 for L terms one after the
  other, and less for the tree the compiler uses (`reduction_tree`). A sum of L products in any order: (L + 1) Σ|terms|;
- a conversion to a narrower format: 1, in units of that format;
- each rounding near the smallest numbers of a format: that smallest number besides;
- where a compiled program may round a value for one of its uses and not for another (`Rounding.rounds_by_use`), each use has an
  error of its own, and their absolute values add up: what cancels in exact arithmetic need not;
- an operation that this list does not know: infinity.

First order: terms in u² are dropped, and so are jumps (a rounded comparison that picks another branch). At a kink of max, min, abs
and the like, closer to it than round-off may tell, both sides count; what round-off may tell is known better where the same run
is there with and without it (`disturbance`). How far the first order may be trusted is said by the
*divisors*: roots, logarithms and denominators that round-off may change by a sizable part (`Bounds.divisor`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from .derivatives import pulled
from .op import IDENTITY, Disturbance, Op, Record
from .operations import floating
from .replay import Replay
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
_FOUND = frozenset(
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
EXACT = _PLACES | _FOUND | _EXTREMA | _SIGNS | IDENTITY
"""Operations that round nothing (an integer too wide for a float excepted)."""
_POWERS = ("exp", "exp2", "expm1", "log", "log1p", "logistic", "rsqrt", "cbrt", "pow", "erf", "erfc")
_ANGLES = ("sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh")
_SIMPLE = ("add", "add_any", "sub", "mul", "sqrt", "square", "rem")
ROUNDED: dict[str, int] = {**dict.fromkeys(_SIMPLE, 1), "div": 2, **dict.fromkeys((*_POWERS, *_ANGLES), 8), "erf_inv": 64}
"""Roundings that one operation counts for."""


_DIVISORS = {"div": 1, "sqrt": 0, "rsqrt": 0, "log": 0}
"""Operations that curve steeply where one operand, of this number, is small."""


def computed_once(name: str) -> bool:
    """Whether a compiler computes equal operations once: sums, products of matrices, convolutions and moves, not cheap arithmetic."""
    return name not in ROUNDED and name != "integer_pow"


@dataclass(frozen=True)
class Bounds:
    """What one reverse pass says of each entry, arrays of shape (entries,).

    - bound: the largest |fl(y) − y| to first order; sequential: the same if every sum ran one number after the other;
    - divisor: the largest part of a divisor (or operand of √, log) that round-off may change anywhere in the run, 0 … ∞;
    - unknown: the operation whose rounding or derivative is not known, so that the bounds are infinite; empty if there is none.
    """

    bound: np.ndarray
    sequential: np.ndarray
    divisor: float = 0.0
    unknown: str = ""


def disturbance(rounding: Rounding, seed: int = 0) -> Disturbance:
    """Moves every result of a run by a random part of what its own rounding may add: a run as it might have been computed.

    At a value that is zero in exact arithmetic, and not in any real run, the bound of a disturbed run covers what is of second
    order: the rounding of round-off (Monte Carlo arithmetic, Parker 1997).
    """
    random = np.random.default_rng(seed)

    def disturb(op: Op, xs: Sequence[Any], ys: list[Any]) -> list[Any]:
        errors = [own_error(op, xs, y, rounding)[0] if isinstance(y, np.ndarray) else None for y in ys]
        return [
            y if error is None or not np.all(np.isfinite(error)) else y + random.uniform(-1, 1, y.shape) * error
            for y, error in zip(ys, errors, strict=True)
        ]

    return disturb


def own_error(op: Op, xs: Sequence[Any], y: Any, rounding: Rounding) -> tuple[Any, Any]:
    """What one operation's own rounding may add to each entry of its output: with the sum's tree, and with the worst one.

    (None, None) if nothing, infinite if unknown.
    """
    name = op.name
    narrows = rounding.narrows(op)
    if not floating(y.dtype) or (name in EXACT and not narrows):
        return None, None
    u, tiny = rounding.result(op)
    if narrows:
        return (_rounded(1, y, u, tiny),) * 2
    if name in ROUNDED:
        return (_rounded(ROUNDED[name], y, u, tiny),) * 2
    if name == "integer_pow":
        return (_rounded(abs(op.params["y"]), y, u, tiny),) * 2
    size, count = math.prod(y.shape[1:]), math.prod(xs[0].shape[1:]) if xs else 0
    if name in ("reduce_prod", "cumprod"):
        return (_rounded(count if name == "cumprod" else count / max(size, 1), y, u, tiny),) * 2
    if name not in _SUMS:
        return math.inf, math.inf
    only = (0,) if name == "select_and_scatter_add" else range(len(xs))  # its other operand selects, by its sign as well
    magnitude = op.numbers([np.abs(x) if k in only and floating(x.dtype) else x for k, x in enumerate(xs)])[0]
    if name == "reduce_sum":
        shape, axes = xs[0].shape[1:], op.params["axes"]
        dtype = op.dtypes[1] if op.dtypes else y.dtype
        worst = one_by_one(shape, axes, dtype)
        depth = worst if worst < SHALLOW else min(worst, rounding.depth(shape, axes, np.dtype(dtype).name))
        return _rounded(depth, magnitude, u, tiny), _rounded(worst, magnitude, u, tiny)
    if name not in ("dot_general", "conv_general_dilated"):
        return (_rounded(_SUMS[name](op, xs), magnitude, u, tiny),) * 2
    inside = u if rounding.accumulator is None else rounding.accumulator
    products = _rounded(_SUMS[name](op, xs) + 1, magnitude, inside, tiny) + 2 * rounding.operand * magnitude
    return (products if rounding.accumulator is None else products + _rounded(1, y, u, tiny),) * 2


KINKED = ("max", "min")
"""Operations whose two sides are told apart by how far round-off moved them in this very run."""
_REPEATED = (EXACT | ROUNDED.keys() | {"integer_pow"}) - _FOUND
"""Cheap operations, which compilers repeat in each place that needs their result."""
USES = 8
"""Uses of one value that are followed apart through operations that may be repeated in each; more are taken together."""
TOGETHER = 4_000_000
"""Numbers of the largest value times entries that one reverse pass carries at once."""
SHALLOW = 32
"""A sum of fewer terms is taken one by one: measuring its tree would gain little."""
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


def _rounded(times: float, magnitude: Any, u: float, tiny: float) -> Any:
    return times * (u * np.abs(magnitude) + tiny)


def _added(ct: Any, error: Any) -> Any:
    """Σ |ct|·error in each copy; where nothing depends on an entry, its error does not count, infinite or not."""
    terms = np.abs(ct) * error
    total = terms.reshape(len(terms), -1).sum(1)
    return total if np.isfinite(total).all() else np.where(ct == 0, 0.0, terms).reshape(len(terms), -1).sum(1)


def _fitted(ct: Any, x: Any) -> Any:
    """Sums over the axes along which x was repeated."""
    if ct.shape[1:] == x.shape[1:]:
        return ct
    ct = ct.sum(tuple(range(1, 1 + ct.ndim - x.ndim)))
    repeated = tuple(a for a in range(1, x.ndim) if x.shape[a] == 1 != ct.shape[a])
    return ct.sum(repeated, keepdims=True) if repeated else ct


def reverse(
    record: Record,
    outputs: Sequence[Any],
    entries: Sequence[tuple[int, tuple[int, ...]]],
    inexact: Sequence[tuple[Any, Any]],
    rounding: Rounding,
) -> Bounds:
    """The bounds of the entries (output, index), the n-th in copy n of the recorded run, by one reverse pass.

    `inexact` lists arguments that were rounded themselves, each with the absolute value its rounding is relative to.
    """
    return _reverse(record, [(outputs[output], index) for output, index in entries], inexact, rounding)


def reverse_with_divisors(
    record: Record, calm: Record, outputs: Sequence[Any], entries: Sequence[tuple[int, tuple[int, ...]]], rounding: Rounding
) -> Bounds:
    """As `reverse`, for a disturbed run of one copy, and how far round-off may change the smallest entry of each divisor.

    calm: the record of the same run undisturbed; may be empty if no operation is among `KINKED`.
    """
    noisy = _noisy(record, (), rounding)
    divisors = {
        id(xs[_DIVISORS[op.name]]): xs[_DIVISORS[op.name]]
        for op, xs, _ in record
        if op.name in _DIVISORS and id(xs[_DIVISORS[op.name]]) in noisy and xs[_DIVISORS[op.name]].size
    }
    smallest = [(x, np.unravel_index(int(np.abs(x[0]).argmin()), x.shape[1:])) for x in divisors.values()]
    marked = [*((outputs[output], index) for output, index in entries), *((x, tuple(map(int, at))) for x, at in smallest)]
    spread = {
        id(moved): np.abs(moved - still)
        for (op, xs, _), (_, zs, _) in zip(record, calm, strict=bool(calm))
        if op.name in KINKED
        for moved, still in zip(xs, zs, strict=True)
        if isinstance(moved, np.ndarray) and floating(moved.dtype)
    }
    at_once = max(1, TOGETHER // max(y.size for _, _, ys in record for y in ys))
    parts = [_reverse(record, marked[k : k + at_once], (), rounding, spread) for k in range(0, len(marked), at_once)]
    found = Bounds(np.concatenate([p.bound for p in parts]), np.concatenate([p.sequential for p in parts]))
    with np.errstate(all="ignore"):
        changed = [
            bound / abs(float(x[(0, *at)])) for bound, (x, at) in zip(found.bound[len(entries) :], smallest, strict=True)
        ]
    divisor = float(np.nan_to_num(max(changed, default=0.0), nan=np.inf))
    unknown = next((p.unknown for p in parts if p.unknown), "")
    return Bounds(found.bound[: len(entries)], found.sequential[: len(entries)], divisor, unknown)


def _noisy(record: Record, inexact: Sequence[tuple[Any, Any]], rounding: Rounding) -> set[int]:
    """The values (by identity) that round-off has touched."""
    noisy = {id(x) for x, _ in inexact}
    for op, xs, ys in record:
        rounds = rounding.narrows(op) or op.name not in EXACT
        if rounds or any(id(x) in noisy for x in xs):
            noisy.update(id(y) for y in ys if floating(y.dtype))
    return noisy


def _reverse(
    record: Record,
    marked: Sequence[tuple[Any, tuple[int, ...]]],
    inexact: Sequence[tuple[Any, Any]],
    rounding: Rounding,
    spread: Mapping[int, Any] | None = None,
) -> Bounds:
    store: dict[int, list[Any]] = {}
    noisy = _noisy(record, inexact, rounding)
    for n, (y, index) in enumerate(marked):
        if id(y) not in store:
            store[id(y)] = [np.zeros((len(marked), *y.shape[1:]))]
        store[id(y)][0][(n, *index)] = 1.0
    total, worst, unknown = np.zeros(len(marked)), np.zeros(len(marked)), ""
    with jax.enable_x64(True), np.errstate(all="ignore"):
        for op, xs, ys in reversed(record):
            uses = [store.pop(id(y), None) for y in ys]
            if all(of is None for of in uses):
                continue
            apart = rounding.rounds_by_use(op)
            for of, y in zip(uses, ys, strict=True):
                error, sequential = (None, None) if of is None else own_error(op, xs, y, rounding)
                if error is math.inf:
                    unknown = op.name
                for ct in () if of is None or error is None else of if apart else (_sum(of),):
                    added = _added(ct, error)
                    total += added
                    worst += added if sequential is error else _added(ct, sequential)
            wanted = tuple(i for i, x in enumerate(xs) if id(x) in noisy)
            if not wanted:
                continue
            moves = 4 * sum((spread or {}).get(id(x), 0.0) for x in xs) if op.name in KINKED else 0.0
            each: list[list[Any]] = [[None if of is None else _sum(of) for of in uses]]
            if (
                rounding.unit is None
                and op.name in _REPEATED
                and len(uses) == 1
                and (of := uses[0]) is not None
                and len(of) <= USES
            ):
                each = [[ct] for ct in of]
            for cts in each:
                try:
                    parts = pulled(op, xs, ys, cts, wanted, rounding.coarsest(op), moves)
                except (NotImplementedError, TypeError, ValueError):  # JAX's, for an operation without a derivative
                    return Bounds(np.full(len(marked), np.inf), np.full(len(marked), np.inf), unknown=op.name)
                for i, ct in zip(wanted, parts, strict=True):
                    store.setdefault(id(xs[i]), []).append(_fitted(ct, xs[i]))
        unit = rounding.unit or 0.0
        for x, magnitude in inexact:
            if id(x) in store:
                added = _added(_sum(store[id(x)]), unit * magnitude)
                total, worst = total + added, worst + added
    found, sequential = (np.where(np.isnan(t), np.inf, t) for t in (total, worst))
    return Bounds(found, sequential, unknown="" if np.isfinite(found).all() else unknown)


def _sum(cts: Sequence[Any]) -> Any:
    total = cts[0]
    for ct in cts[1:]:
        total = total + ct
    return total


def bound(replay: Replay, args: Sequence[Any], output: int, index: tuple[int, ...], unit: float = 2.0**-53) -> float:
    """The largest |fl(y) − y| of the entry `index` of output number `output`, to first order, for one unit round-off.

    The arguments are taken as exact. Infinite if an operation is unknown or the sensitivity is not finite. Source: Higham (2002), §3.3.
    """
    record: Record = []
    prepared = replay.prepare(args)
    outputs = replay.run(prepared, record)
    return float(reverse(record, outputs, [(output, index)], [], Rounding(unit)).bound[0])
