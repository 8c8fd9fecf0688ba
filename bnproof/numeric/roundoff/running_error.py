"""How far round-off may have carried one output entry: first-order running error analysis of any traced program.

Every operation gives v_i = f_i(earlier values)·(1 + δ) with |δ| ≤ k_i u instead of f_i(…): a perturbation e_i of its exact
value on the computed inputs, |e_i| ≤ k_i u |v_i|. To first order the output y, a function of all these perturbations, is off by
Σ (∂y/∂v_i) e_i, so |fl(y) − y| ≤ u Σ_i |∂y/∂v_i| k_i |v_i|. One reverse pass from y gives every ∂y/∂v_i, at the computed values
themselves: the bound follows the numbers as they are, not their worst case. Source: Higham (2002), §3.3 (running error
analysis), with the sensitivities of all later operations in the place of his recurrence; the k_i are in `operation_error`. What it
says of a proved zero, such as the gradient of a bias before batch normalisation: theorem `proved_zero_is_round_off_of_centring`.

Where a compiled program may round a value for one of its uses and not for another (`Rounding.rounds_by_use`), each use has an
error of its own, and their absolute values add up: what cancels in exact arithmetic need not.

`reverse` is first order: terms in u² are dropped, and so are jumps (a rounded comparison that picks another branch); at a kink of max,
min, abs and the like, closer to it than round-off may tell, both sides count. `reverse_all` adds what each operation's own errors say,
and those may hold all that first order leaves out (`forward`): then its bounds are of all orders.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ...host import on_host
from ..replay.derivatives import pulled
from ..replay.op import Op, Record
from ..replay.operations import complexes, floating
from ..replay.replay import Replay
from .bounds import Bounds, joined
from .operation_error import EXACT, FOUND, ROUNDED, Error, Own, own_errors
from .probable import Part
from .repeats import Repeats
from .rounding import Rounding
from .tally import Tally
from .uses import Uses

_REPEATED = (EXACT | ROUNDED.keys() | {"integer_pow"}) - FOUND
"""Cheap operations, which compilers repeat in each place that needs their result."""
TOGETHER = 4_000_000
"""Numbers of the largest value times entries that one reverse pass carries at once."""
_GIVEN = Op("argument", {}, list)
"""In the place of an operation where an argument was rounded."""


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
    own: Own | None = None,
) -> Bounds:
    """The bounds of the entries (output, index), the n-th in copy n of the recorded run, by one reverse pass.

    `inexact` lists arguments that were rounded themselves, each with the absolute value its rounding is relative to; `own` may
    remember `own_errors` from one pass to the next.
    """
    return _reverse(record, [(outputs[output], index) for output, index in entries], inexact, rounding, own)[0]


def reverse_all(
    record: Record,
    outputs: Sequence[Any],
    entries: Sequence[tuple[int, tuple[int, ...]]],
    rounding: Rounding,
    own: Own,
    inexact: Sequence[tuple[Any, Any]] = (),
) -> Bounds:
    """As `reverse`, for an undisturbed run of one copy and any number of entries: as many at once as fit. The bounds have parts.

    own: what each operation may add, the other side of a kink included (`forward`), so that here each kink has one side.
    """
    marked, at_once = [(outputs[output], index) for output, index in entries], entries_at_once(record)
    repeats = Repeats(record)
    return joined(
        [
            _reverse(record, marked[k : k + at_once], inexact, rounding, own, repeats, one_sided=True)
            for k in range(0, len(marked), at_once)
        ]
    )


def terms_of(record: Record, outputs: Sequence[Any], entries: Sequence[tuple[int, tuple[int, ...]]], source: Any) -> np.ndarray:
    """What each entry would be at most without cancellation, where entries are linear in `source`, one of the arguments.

    All that depends on the source is then linear in it as well, as tangents and cotangents are. Wherever a program is cut, y = Σ s_i t_i,
    with t what depends on the source there, and s = ∂y/∂t. The largest Σ |s_i t_i| over all values t: what is added up there.
    """
    linear, marked = _depending(record, source), [(outputs[output], index) for output, index in entries]
    at_once, found = entries_at_once(record), np.zeros(len(marked))
    for start in range(0, len(marked), at_once):
        part = slice(start, start + at_once)

        def met(y: Any, sizes: Any, part: slice = part) -> None:
            if id(y) in linear:
                terms = np.abs(y).reshape(1, -1) * sizes.reshape(len(sizes), -1)
                found[part] = np.maximum(found[part], np.nan_to_num(terms.sum(1), nan=0.0, posinf=0.0))

        _reverse(record, marked[part], [(source, np.zeros(source.shape))], Rounding(), _nothing, one_sided=True, met=met)
    return found


def _nothing(op: Op, xs: Sequence[Any], y: Any) -> tuple[Error, ...]:
    return ()


def _depending(record: Record, source: Any) -> set[int]:
    """The floating values that depend on one of the arguments."""
    found = {id(source)}
    for _, xs, ys in record:
        if any(id(x) in found for x in xs):
            found.update(id(y) for y in ys if isinstance(y, np.ndarray) and floating(y.dtype))
    return found


def entries_at_once(record: Record) -> int:
    """How many entries one reverse pass over a run of one copy may carry."""
    return max(1, TOGETHER // max(1, *(y.size for _, _, ys in record for y in ys), 1))


def noisy_values(record: Record, inexact: Sequence[tuple[Any, Any]], rounding: Rounding) -> set[int]:
    """The values (by identity) that round-off has touched."""
    noisy = {id(x) for x, _ in inexact}
    for op, xs, ys in record:
        if rounding.narrows(op) or op.name not in EXACT or any(id(x) in noisy for x in xs):
            noisy.update(id(y) for y in ys if _inexact(y))
    return noisy


def _touched(record: Record, inexact: Sequence[tuple[Any, Any]], own: Own) -> set[int]:
    """The values that any error has touched, or may have decided."""
    noisy = {id(x) for x, _ in inexact}
    for op, xs, ys in record:
        if any(id(x) in noisy for x in xs):
            noisy.update(map(id, ys))
        else:
            noisy.update(id(y) for y in ys if _inexact(y) and own(op, xs, y) != ())
    return noisy


def _inexact(y: Any) -> bool:
    return floating(y.dtype) or complexes(y.dtype)


def _reverse(
    record: Record,
    marked: Sequence[tuple[Any, tuple[int, ...]]],
    inexact: Sequence[tuple[Any, Any]],
    rounding: Rounding,
    own: Own | None = None,
    repeats: Repeats | None = None,
    one_sided: bool = False,
    met: Callable[[Any, Any], None] | None = None,
) -> tuple[Bounds, Mapping[int, Part]]:
    """The bounds of the entries (value, index), and what each operation adds to them, by the value it makes, if `repeats` is there.

    met: is shown each value that an entry depends on, with the absolute sensitivities to it.
    """
    own = own or functools.partial(own_errors, rounding=rounding)
    store: dict[int, Uses] = {}
    noisy = _touched(record, inexact, own) if one_sided else noisy_values(record, inexact, rounding)
    for n, (y, index) in enumerate(marked):
        if id(y) not in store:
            store[id(y)] = Uses(np.zeros((len(marked), *y.shape[1:])))
        store[id(y)].apart[0][(n, *index)] = 1.0
    tally, unknown = Tally(len(marked), rounding, repeats), ""
    with on_host(), np.errstate(all="ignore"):
        for op, xs, ys in reversed(record):
            uses = [store.pop(id(y), None) for y in ys]
            if all(of is None for of in uses):
                continue
            apart = rounding.rounds_by_use(op)
            for of, y in zip(uses, ys, strict=True):
                if of is None:
                    continue
                if met is not None:
                    met(y, np.abs(of.total))
                errors = own(op, xs, y)
                if errors is None:
                    unknown = op.name
                if errors != ():
                    tally.add(op, y, errors, of if apart else of.together)
            wanted = tuple(i for i, x in enumerate(xs) if id(x) in noisy and _inexact(x))
            if not wanted:
                continue
            u = 0.0 if one_sided else rounding.coarsest(op)
            try:
                for i, of in _pulled(op, xs, ys, uses, wanted, u, rounding):
                    store.setdefault(id(xs[i]), Uses()).join(of)
            except (NotImplementedError, TypeError, ValueError):  # JAX's, for an operation without a derivative
                reached = functools.reduce(np.logical_or, (_reached(of.absolute, len(marked)) for of in uses if of is not None))
                tally.lose(op, ys[0], reached)
                unknown = op.name
        for x, magnitude in inexact:
            if (of := store.get(id(x))) is not None:
                if met is not None:
                    met(x, np.abs(of.total))
                tally.add(_GIVEN, x, (Error(1, 1, magnitude, rounding.unit or 0.0, 0.0),), of.together)
    found, sequential = (np.where(np.isnan(t), np.inf, t) for t in (tally.total, tally.worst))
    return Bounds(found, sequential, unknown="" if np.isfinite(found).all() else unknown), tally.parts


def _reached(ct: Any, copies: int) -> Any:
    """In which copies anything depends on the value."""
    return np.broadcast_to((ct != 0).reshape(len(ct), -1).any(1), (copies,))


def _pulled(
    op: Op,
    xs: Sequence[Any],
    ys: list[Any],
    uses: Sequence[Uses | None],
    wanted: tuple[int, ...],
    u: float,
    rounding: Rounding,
) -> list[tuple[int, Uses]]:
    """(number, uses) of the operands `wanted`: use by use where compilers repeat the operation in each place that needs it."""
    if rounding.unit is None and op.name in _REPEATED and len(uses) == 1 and (only := uses[0]) is not None:
        stack = op.rule is not None and all(x.shape[0] == 1 for x in (*xs, *ys))
        found = only.few().pulled(lambda ct: pulled(op, xs, ys, [ct], wanted, u), stack)
    else:
        cts = pulled(op, xs, ys, [None if of is None else of.total for of in uses], wanted, u)
        found = ((k, Uses(ct)) for k, ct in enumerate(cts))
    return [(wanted[k], of.each(functools.partial(_fitted, x=xs[wanted[k]]))) for k, of in found]


def bound(replay: Replay, args: Sequence[Any], output: int, index: tuple[int, ...], unit: float = 2.0**-53) -> float:
    """The largest |fl(y) − y| of the entry `index` of output number `output`, to first order, for one unit round-off.

    The arguments are taken as exact. Infinite if an operation is unknown or the sensitivity is not finite. Source: Higham (2002), §3.3.
    """
    record: Record = []
    prepared = replay.prepare(args)
    outputs = replay.run(prepared, record)
    return float(reverse(record, outputs, [(output, index)], [], Rounding(unit)).bound[0])
