"""The rules of `forward` for operations that decide something: maxima, comparisons, selections, roundings to integers.

Each is sure, entry by entry, where the operands' errors do not reach across (`kinks`); else ρ is what another decision would change.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..replay.derivatives import unwindowed
from ..replay.operations import aligned, floating
from .kinks import EXTREMA, PAIRS, axes_of, rivals, span, spread_over, together, unsure_pair, whole, window_rivals
from .operation_error import Among
from .step import Part, Rule, Seen, Step


def _pair(s: Step) -> Part:
    """max and min of two."""
    (a, b), (ea, eb), sign = aligned(s.xs), s.flat, PAIRS[s.op.name]
    doubt = unsure_pair(a, b, s.seen.reach * (ea + eb), s.seen.ties)
    most = np.maximum(ea, eb)
    taken = np.where(sign * a >= sign * b, ea, eb)
    s.seen.winners[id(s.ys[0])] = {id(x): doubt for x in s.xs}
    for x, other in (s.xs, s.xs[::-1]):
        s.seen.rivals.setdefault(id(x), []).append((other, doubt))
    return Part(np.where(doubt, most, taken), np.where(doubt, taken + most, 0.0), True)


def _clamp(s: Step) -> Part:
    (low, x, high), (el, ex, eh) = aligned(s.xs), s.flat
    low_or, high_or = s.seen.reach * (ex + el), s.seen.reach * (ex + eh)
    doubt = unsure_pair(x, low, low_or, s.seen.ties) | unsure_pair(x, high, high_or, s.seen.ties)
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
    at_zero = (x == 0) & ((e > 0) | s.seen.ties) if s.op.name == "sign" else np.zeros(x.shape, bool)
    doubt = (low != high) | at_zero
    if not floating(s.ys[0].dtype):
        return Part(doubt)
    jump = np.where(doubt, np.where(np.isfinite(e), np.maximum(np.abs(high - low), 1.0 * at_zero), np.inf), 0.0)
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
    (one, other), (ea, eb) = aligned(s.xs), s.flat
    doubt = unsure_pair(one, other, s.seen.reach * (ea + eb))
    if s.op.name in ("eq", "ne"):  # of two numbers whose maximum is taken: where a derivative takes the middle
        for rival, unsure in (*s.seen.rivals.get(id(a), ()), *s.seen.rivals.get(id(b), ())):
            if any(rival is x or (rival.shape == x.shape and np.array_equal(rival, x)) for x in (a, b)):
                doubt = doubt | unsure
    return Part(np.broadcast_to(doubt, s.ys[0].shape))


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
        return None if s.doubtful else Part(s.op.numbers([s.xs[0], *map(s.whole, range(1, len(s.xs)))])[0])
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
    able, unsure = rivals(x, s.seen.reach * e, axes, sign, s.seen.ties)
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
    able, unsure = window_rivals(s.op.params, x, s.seen.reach * e, sign, s.seen.ties)
    most = spread_over(s.op.params, x, e, np.zeros(y.shape), able)
    return Part(most, np.where(unsure, most * (1 + able.sum(tuple(range(x.ndim, 2 * x.ndim - 1)))), 0.0), True)


def _window_choice(s: Step) -> Any:
    """select_and_gather_add: in each window the entry of one array where another is largest."""
    p, (t, x), y = s.op.params, s.xs, s.ys[0]
    able, unsure = window_rivals(p, x, s.seen.reach * s.whole(1), _sign(p), s.seen.ties)
    most = spread_over(p, x, s.whole(0), np.zeros(y.shape), able)
    apart = np.where(unsure, spread_over(p, x, t, y, able) + 3 * most, 0.0)
    return Part(np.maximum(most, apart), apart, True)


def _window_scatter(s: Step) -> Any:
    """select_and_scatter_add: a number for each window, added where the window's largest entry lies."""
    g, x = s.xs
    p = {"base_dilation": (1,) * (x.ndim - 1), "window_dilation": (1,) * (x.ndim - 1), **s.op.params}
    able, unsure = window_rivals(p, x, s.seen.reach * s.whole(1), _sign(p), s.seen.ties)
    sure = s.op.numbers([s.whole(0), x])[0]
    at = np.where(unsure, np.abs(g) + 3 * s.whole(0), 0.0)
    if not np.any(at):
        return Part(sure)
    apart = unwindowed(p, able * at.reshape(*at.shape, *(1,) * (x.ndim - 1)), x.shape[1:])
    return Part(sure + apart, apart, True, at, Among(lambda ct: span(p, ct, able), lambda sizes: whole(p, sizes, able)))


def _sign(params: Any) -> float:
    return 1.0 if params["select_prim"].name == "ge" else -1.0


def _sorted(s: Step) -> Any:
    """One array in order: no entry moves further than the one that moves most."""
    if len(s.xs) > 1:
        return None
    axis = 1 + s.op.params["dimension"] % (s.xs[0].ndim - 1)
    e = np.broadcast_to(s.whole(0).max(axis, keepdims=True), s.xs[0].shape)
    ordered = s.ys[0]
    near = np.diff(ordered, axis=axis).min(axis, keepdims=True, initial=np.inf) <= 2 * s.seen.reach * e
    return Part(e, np.where(near, 2 * e, 0.0), True)


DECISIONS: dict[str, Rule] = {
    **dict.fromkeys(PAIRS, _pair),
    **dict.fromkeys(EXTREMA, _extremum),
    **dict.fromkeys(("gt", "ge", "lt", "le", "eq", "ne"), _compared),
    **dict.fromkeys(("and", "or", "not", "xor"), _logic),
    **dict.fromkeys(("sign", "floor", "ceil", "round"), _step),
    **dict.fromkeys(("reduce_window_max", "reduce_window_min"), _window_extremum),
    "clamp": _clamp,
    "abs": _abs,
    "convert_element_type": _converted,
    "select_n": _select,
    "select_and_gather_add": _window_choice,
    "select_and_scatter_add": _window_scatter,
    "sort": _sorted,
    "is_finite": lambda s: Part(np.broadcast_to(~np.isfinite(s.whole(0)), s.ys[0].shape)),
}
TIED = frozenset((*PAIRS, *EXTREMA, "eq", "ne", "sign", "clamp", "reduce_window_max", "reduce_window_min")) | {
    "select_and_gather_add",
    "select_and_scatter_add",
}
"""Operations of which exact operands may be at a kink, or, of comparisons, mark where a maximum is."""
