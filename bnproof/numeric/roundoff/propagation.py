"""What one operation makes of its operands' errors, entry by entry: the rules behind `forward`.

Linear operations are applied to the errors themselves, products to absolute values and errors, functions of one number by slope and
curvature (`curvature`), and decisions by whether the errors reach across (`decisions`). What has no rule is unknown: infinite.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..replay.op import IDENTITY, Op, UnreplayableError
from ..replay.operations import aligned, complexes, floating
from .curvature import CURVED, bent
from .decisions import DECISIONS, TIED
from .kinks import together
from .step import Part, Rule, Seen, Step


def propagated(op: Op, xs: Sequence[Any], ys: Sequence[Any], seen: Seen) -> list[Part]:
    """What the operands' errors and doubts make of each result, before the operation's own rounding."""
    errors = [seen.error.get(id(x)) if isinstance(x, np.ndarray) else None for x in xs]
    step = Step(op, xs, ys, errors, seen)
    if all(e is None for e in errors) and not step.doubtful and not (seen.ties and op.name in TIED):
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


def _times(a: Any, b: Any) -> Any:
    """a·b, with 0 where b is 0: what is exact stays so beside a factor without bound."""
    product = a * b
    return np.where(b == 0, 0.0, product) if np.isnan(np.sum(product)) else product


def _sums(s: Step) -> Part:
    return Part(np.broadcast_to(together(s.flat), s.ys[0].shape))


_ALIASES = frozenset(("reshape", "broadcast_in_dim", "squeeze"))
_MOVES = (
    "reshape",
    "broadcast_in_dim",
    "squeeze",
    "transpose",
    "rev",
    "slice",
    "split",
    "index",
    "stack",
    "concatenate",
    "pad",
)
_GATHERED = ("gather", "dynamic_slice", "dynamic_update_slice", "scatter", "tile", "unstack", "expand_dims")
_TOTALS = ("reduce_sum", "cumsum", "reduce_window_sum", "scatter-add")
RULES: dict[str, Rule] = {
    **DECISIONS,
    **dict.fromkeys((*_MOVES, *_GATHERED), _moved),
    **dict.fromkeys(_TOTALS, _linear),
    **dict.fromkeys(CURVED, _bent),
    **dict.fromkeys(("add", "add_any", "sub", "neg"), _sums),
    **dict.fromkeys(("dot_general", "conv_general_dilated"), _product),
    "mul": _mul,
    "div": _div,
}
