"""What one operation makes of its operands' errors, entry by entry: the rules behind `forward`.

Linear operations are applied to the errors themselves, products to absolute values and errors, functions of one number by slope and
curvature (`curvature`), and decisions by whether the errors reach across (`kinks`). What has no rule is unknown: infinite.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..replay.op import IDENTITY, Op, UnreplayableError
from ..replay.operations import aligned, complexes, floating
from .curvature import CURVED, bent
from .kinks import EXTREMA, PAIRS, axes_of, rivals, span, spread_over, together, unsure_pair, unwindowed, window_rivals


@dataclass
class Seen:
    """What is known of values so far, by identity.

    - reach: how many e another run may lie from the recorded one;
    - error: e of the floating ones that are not exact; unsure: which entries of the others may differ from run to run;
    - winners: of a maximum, for each of its operands where it is unsure whether that one is it;
    - hulls: the least and the largest that a value can be in any run, where that is known better than value ± reach·e;
    - marks: values that are 1 where the maximum over these axes lies, 0 elsewhere, so that their sum is at least 1.
    """

    reach: float = 2.0
    error: dict[int, Any] = field(default_factory=dict[int, Any])
    unsure: dict[int, Any] = field(default_factory=dict[int, Any])
    winners: dict[int, dict[int, Any]] = field(default_factory=dict[int, dict[int, Any]])
    hulls: dict[int, tuple[Any, Any]] = field(default_factory=dict[int, tuple[Any, Any]])
    marks: dict[int, tuple[int, ...]] = field(default_factory=dict[int, tuple[int, ...]])


@dataclass(frozen=True)
class Part:
    """Of one result: e passed on by the operands (of what is no float: where it is unsure), ρ, and whether a decision made it.

    Of numbers that may go elsewhere as a whole: moved, how large they are, and among, as in `Error`.
    """

    error: Any = None
    rest: Any = None
    kink: bool = False
    moved: Any = None
    among: Callable[[Any], Any] | None = None


@dataclass(frozen=True)
class Step:
    """An operation whose operands are not all exact. errors: of the floating operands; None where exact."""

    op: Op
    xs: Sequence[Any]
    ys: Sequence[Any]
    errors: Sequence[Any]
    seen: Seen

    def whole(self, k: int) -> Any:
        """The error of operand k, in its shape."""
        e = self.errors[k]
        return np.zeros(self.xs[k].shape) if e is None else e

    @functools.cached_property
    def flat(self) -> list[Any]:
        """All errors, made to broadcast like the operands."""
        return aligned([np.zeros((1,) * x.ndim) if e is None else e for x, e in zip(self.xs, self.errors, strict=True)])

    @property
    def doubtful(self) -> bool:
        """Whether an operand that is no float may differ from run to run."""
        return any(id(x) in self.seen.unsure for x in self.xs)


def propagated(op: Op, xs: Sequence[Any], ys: Sequence[Any], seen: Seen) -> list[Part]:
    """What the operands' errors and doubts make of each result, before the operation's own rounding."""
    errors = [seen.error.get(id(x)) if isinstance(x, np.ndarray) else None for x in xs]
    step = Step(op, xs, ys, errors, seen)
    if all(e is None for e in errors) and not step.doubtful:
        return [Part()] * len(ys)
    if op.name in IDENTITY:
        return [Part(e if e is not None else seen.unsure.get(id(x))) for e, x in zip(errors, xs, strict=True)]
    found = None
    if rule := RULES.get(op.name):
        try:
            found = rule(step)
        except UnreplayableError:
            found = None
    if found is None:
        return [_unknown(y) for y in ys]
    return found if isinstance(found, list) else [found]


def _unknown(y: Any) -> Part:
    if not isinstance(y, np.ndarray) or not (floating(y.dtype) or complexes(y.dtype)):
        return Part(np.ones(getattr(y, "shape", ()), bool))
    return Part(np.full(y.shape, np.inf), np.full(y.shape, np.inf))


def _linear(s: Step) -> Any:
    """Operations that give sums of some of their entries, or only move them."""
    if s.doubtful:
        return None
    sizes = [s.whole(k) if floating(x.dtype) else x for k, x in enumerate(s.xs)]
    results = [Part(e) for e in s.op.numbers(sizes)]
    if s.op.name in _ALIASES and (of := s.seen.winners.get(id(s.xs[0]))):
        s.seen.winners[id(s.ys[0])] = of
    if s.op.name == "reduce_sum" and s.seen.marks.get(id(s.xs[0])) == tuple(s.op.params["axes"]):
        s.seen.hulls[id(s.ys[0])] = (np.ones_like(s.ys[0]), np.full_like(s.ys[0], np.inf))
    return results


def _moved(s: Step) -> Any:
    """Moves, of numbers or of decisions."""
    if not floating(s.xs[0].dtype):
        doubts = [s.seen.unsure.get(id(x), np.zeros(x.shape, bool)) for x in s.xs]
        if any(np.any(d) for d in doubts[1:]):
            return None
        return [Part(d) for d in s.op.numbers([doubts[0], *s.xs[1:]])] if s.op.rule is not None else None
    return _linear(s)


def _mul(s: Step) -> Part:
    (a, b), (ea, eb) = aligned(s.xs), s.flat
    first = together([_times(np.abs(b), ea), _times(np.abs(a), eb)])
    if s.errors[0] is None or s.errors[1] is None:
        return Part(first)
    rest = (2 * s.seen.reach - 1) * _times(ea, eb)
    return Part(first + rest, rest)


def _product(s: Step) -> Any:
    """Sums of products: dots and convolutions."""
    if s.doubtful:
        return None
    a, b = s.xs
    parts: list[Any] = []
    if s.errors[0] is not None:
        parts.append(s.op.numbers([s.whole(0), np.abs(b)])[0])
    if s.errors[1] is not None:
        parts.append(s.op.numbers([np.abs(a), s.whole(1)])[0])
    rest = (2 * s.seen.reach - 1) * s.op.numbers([s.whole(0), s.whole(1)])[0] if len(parts) == 2 else None
    return Part(sum(parts) + (0.0 if rest is None else rest), rest)


def _div(s: Step) -> Part:
    (a, b), (ea, eb), y = aligned(s.xs), s.flat, s.ys[0]
    if s.errors[1] is None:
        return Part(_times(1 / np.abs(b), ea))
    hull = s.seen.hulls.get(id(s.xs[1]))
    if hull is None:
        away = np.abs(b) - s.seen.reach * eb
    else:
        low, high = hull
        away = np.where(low * high > 0, np.minimum(np.abs(low), np.abs(high)), 0.0)
    away = np.where(away > 0, away, 0.0)
    first = together([_times(1 / np.abs(b), ea), _times(np.abs(y / b), eb)])
    far = np.abs(a) + s.seen.reach * ea
    rest = (2 * s.seen.reach - 1) * (_times(_times(ea, eb), away**-2.0) + _times(_times(far, eb * eb), away**-3.0))
    rest = np.where((eb > 0) & (away == 0), np.inf, rest)
    return Part(first + rest, rest)


def _bent(s: Step) -> Any:
    if s.op.name == "pow" and s.errors[1] is not None:
        return None
    e = s.flat[0]
    change, rest = bent(s.op, aligned(s.xs), s.ys[0], e, s.seen.reach)
    return Part(change, rest)


def _pair(s: Step) -> Part:
    """max and min of two."""
    (a, b), (ea, eb), sign = aligned(s.xs), s.flat, PAIRS[s.op.name]
    doubt = unsure_pair(a, b, s.seen.reach * (ea + eb))
    most = np.maximum(ea, eb)
    taken = np.where(sign * a >= sign * b, ea, eb)
    s.seen.winners[id(s.ys[0])] = {id(x): doubt for x in s.xs}
    return Part(np.where(doubt, most, taken), np.where(doubt, taken + most, 0.0), True)


def _clamp(s: Step) -> Part:
    (low, x, high), (el, ex, eh) = aligned(s.xs), s.flat
    doubt = unsure_pair(x, low, s.seen.reach * (ex + el)) | unsure_pair(x, high, s.seen.reach * (ex + eh))
    taken = np.where(x <= low, el, np.where(x >= high, eh, ex))
    most = np.maximum(np.maximum(el, ex), eh)
    return Part(np.where(doubt, most, taken), np.where(doubt, el + ex + eh + most, 0.0), True)


def _abs(s: Step) -> Part:
    e = s.whole(0)
    return Part(e, np.where(np.abs(s.xs[0]) <= s.seen.reach * e, 2 * e, 0.0), True)


def _step(s: Step) -> Part:
    """sign, floor, ceil, round, and conversions to integers: what they may jump by."""
    x, e = s.xs[0], s.whole(0)
    low, high = (s.op.numbers([x + by, *s.xs[1:]])[0] for by in (-s.seen.reach * e, s.seen.reach * e))
    doubt = (low != high) | ((x == 0) & (e > 0) if s.op.name == "sign" else False)
    if not floating(s.ys[0].dtype):
        return Part(doubt)
    jump = np.where(doubt, np.where(np.isfinite(e), np.abs(high - low), np.inf), 0.0)
    return Part(jump, jump, True)


def _converted(s: Step) -> Any:
    x, y = s.xs[0], s.ys[0]
    if floating(x.dtype):
        return Part(s.whole(0)) if floating(y.dtype) else _step(s)
    doubt = s.seen.unsure[id(x)]
    if x.dtype != bool:
        return None
    if not floating(y.dtype):
        return Part(doubt)
    if (of := s.seen.marks.get(id(x))) is not None:
        s.seen.marks[id(y)] = of
    if np.any(doubt):
        s.seen.hulls[id(y)] = (np.where(doubt, 0.0, y), np.where(doubt, 1.0, y))
    return Part(1.0 * doubt, 1.0 * doubt, True)


def _compared(s: Step) -> Any:
    a, b = s.xs
    if a is b or not floating(a.dtype):
        return Part() if a is b else None
    for one, other in ((a, b), (b, a)):
        if s.op.name in ("eq", "ne") and (doubt := s.seen.winners.get(id(one), {}).get(id(other))) is not None:
            if (axes := _reduced(s.seen, id(one))) and s.op.name == "eq":
                s.seen.marks[id(s.ys[0])] = axes
            return Part(np.broadcast_to(doubt, s.ys[0].shape))
    (a, b), (ea, eb) = aligned(s.xs), s.flat
    return Part(np.broadcast_to(unsure_pair(a, b, s.seen.reach * (ea + eb)), s.ys[0].shape))


def _reduced(seen: Seen, value: int) -> tuple[int, ...]:
    """The axes that a value is a maximum over; none for other maxima."""
    return seen.marks.get(value, ())


def _logic(s: Step) -> Part:
    """Boolean operations: unsure where an operand is."""
    doubts = [s.seen.unsure.get(id(x), np.zeros((1,) * x.ndim, bool)) for x in s.xs]
    return Part(np.broadcast_to(together(doubts) > 0, s.ys[0].shape))


def _select(s: Step) -> Any:
    which, *cases = aligned(s.xs)
    if len(cases) != 2 or which.dtype != bool:
        return None if s.doubtful else _linear(s)
    doubt = s.seen.unsure.get(id(s.xs[0]))
    if not floating(cases[0].dtype):
        lost = [s.seen.unsure.get(id(x), np.zeros((1,) * x.ndim, bool)) for x in s.xs]
        return Part(np.broadcast_to(together(lost) > 0, s.ys[0].shape))
    first, second = s.flat[1], s.flat[2]
    e = np.where(which, second, first)
    if doubt is None or not np.any(doubt):
        return Part(e)
    doubt = aligned([doubt, s.ys[0]])[0]
    same = (cases[0] == cases[1]) & (first == 0) & (second == 0)
    apart = np.where(same, 0.0, np.abs(cases[0] - cases[1]) + 3 * (first + second))
    if s.errors[1] is None and s.errors[2] is None:
        low, high = np.minimum(*cases), np.maximum(*cases)
        s.seen.hulls[id(s.ys[0])] = (np.where(doubt, low, s.ys[0]), np.where(doubt, high, s.ys[0]))
    return Part(np.where(doubt, apart, e), np.where(doubt, apart, 0.0), True)


def _extremum(s: Step) -> Any:
    """Reductions by max and min, and the places of these."""
    x, e, sign = s.xs[0], s.whole(0), EXTREMA[s.op.name]
    axes = axes_of(s.op)
    able, unsure = rivals(x, s.seen.reach * e, axes, sign)
    if not floating(s.ys[0].dtype):
        return Part(unsure.reshape(s.ys[0].shape))
    most = np.where(able, e, 0.0).max(axes)
    ties = (x == s.ys[0].reshape(unsure.shape)).sum(axes)
    s.seen.winners[id(s.ys[0])] = {id(x): able & unsure}
    s.seen.marks[id(s.ys[0])] = tuple(s.op.params["axes"])
    return Part(most, np.where(unsure.reshape(ties.shape), most * (1 + ties), 0.0), True)


def _window_extremum(s: Step) -> Part:
    sign = 1.0 if s.op.name.endswith("max") else -1.0
    x, e, y = s.xs[0], s.whole(0), s.ys[0]
    able, unsure = window_rivals(s.op.params, x, s.seen.reach * e, sign)
    most = spread_over(s.op.params, x, e, np.zeros(y.shape), able)
    return Part(most, np.where(unsure, most * (1 + able.sum(tuple(range(x.ndim, 2 * x.ndim - 1)))), 0.0), True)


def _window_choice(s: Step) -> Any:
    """select_and_gather_add: in each window the entry of one array where another is largest."""
    p, (t, x), y = s.op.params, s.xs, s.ys[0]
    able, unsure = window_rivals(p, x, s.seen.reach * s.whole(1), _sign(p))
    most = spread_over(p, x, s.whole(0), np.zeros(y.shape), able)
    apart = np.where(unsure, spread_over(p, x, t, y, able) + 3 * most, 0.0)
    return Part(np.maximum(most, apart), apart, True)


def _window_scatter(s: Step) -> Any:
    """select_and_scatter_add: a number for each window, added where the window's largest entry lies."""
    g, x = s.xs
    p = {"base_dilation": (1,) * (x.ndim - 1), "window_dilation": (1,) * (x.ndim - 1), **s.op.params}
    able, unsure = window_rivals(p, x, s.seen.reach * s.whole(1), _sign(p))
    sure = s.op.numbers([s.whole(0), x])[0]
    at = np.where(unsure, np.abs(g) + 3 * s.whole(0), 0.0)
    if not np.any(at):
        return Part(sure)
    apart = unwindowed(p, able * at.reshape(*at.shape, *(1,) * (x.ndim - 1)), x.shape[1:])
    return Part(sure + apart, apart, True, at, lambda ct: span(p, ct, able))


def _sign(params: Any) -> float:
    return 1.0 if params["select_prim"].name == "ge" else -1.0


def _times(a: Any, b: Any) -> Any:
    """a·b, with 0 where b is 0: what is exact stays so beside a factor without bound."""
    product = a * b
    return np.where(b == 0, 0.0, product) if np.isnan(np.sum(product)) else product


def _sums(s: Step) -> Part:
    return Part(np.broadcast_to(together(s.flat), s.ys[0].shape))


def _sorted(s: Step) -> Any:
    """One array in order: no entry moves further than the one that moves most."""
    if len(s.xs) > 1:
        return None
    axis = 1 + s.op.params["dimension"] % (s.xs[0].ndim - 1)
    e = np.broadcast_to(s.whole(0).max(axis, keepdims=True), s.xs[0].shape)
    ordered = s.ys[0]
    near = np.diff(ordered, axis=axis).min(axis, keepdims=True, initial=np.inf) <= 2 * s.seen.reach * e
    return Part(e, np.where(near, 2 * e, 0.0), True)


_ALIASES = frozenset(("reshape", "broadcast_in_dim", "squeeze"))
_MOVES = ("reshape", "broadcast_in_dim", "squeeze", "transpose", "rev", "slice", "split", "index", "stack", "concatenate", "pad")
_GATHERED = ("gather", "dynamic_slice", "dynamic_update_slice", "scatter", "tile", "unstack", "expand_dims")
_TOTALS = ("reduce_sum", "cumsum", "reduce_window_sum", "scatter-add")
Rule = Callable[[Step], Any]
RULES: dict[str, Rule] = {
    **dict.fromkeys((*_MOVES, *_GATHERED), _moved),
    **dict.fromkeys(_TOTALS, _linear),
    **dict.fromkeys(CURVED, _bent),
    **dict.fromkeys(PAIRS, _pair),
    **dict.fromkeys(EXTREMA, _extremum),
    **dict.fromkeys(("add", "add_any", "sub", "neg"), _sums),
    **dict.fromkeys(("gt", "ge", "lt", "le", "eq", "ne"), _compared),
    **dict.fromkeys(("and", "or", "not", "xor"), _logic),
    **dict.fromkeys(("sign", "floor", "ceil", "round"), _step),
    **dict.fromkeys(("dot_general", "conv_general_dilated"), _product),
    **dict.fromkeys(("reduce_window_max", "reduce_window_min"), _window_extremum),
    "mul": _mul,
    "div": _div,
    "clamp": _clamp,
    "abs": _abs,
    "convert_element_type": _converted,
    "select_n": _select,
    "select_and_gather_add": _window_choice,
    "select_and_scatter_add": _window_scatter,
    "sort": _sorted,
    "is_finite": lambda s: Part(np.broadcast_to(~np.isfinite(s.whole(0)), s.ys[0].shape)),
}
