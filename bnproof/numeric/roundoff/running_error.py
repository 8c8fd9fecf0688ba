"""How far round-off may have carried one output entry: first-order running error analysis of any traced program.

Every operation gives v_i = f_i(earlier values)·(1 + δ) with |δ| ≤ k_i u instead of f_i(…): a perturbation e_i of its exact
value on the computed inputs, |e_i| ≤ k_i u |v_i|. To first order the output y, a function of all these perturbations, is off by
Σ (∂y/∂v_i) e_i, so |fl(y) − y| ≤ u Σ_i |∂y/∂v_i| k_i |v_i|. One reverse pass from y gives every ∂y/∂v_i, at the computed values
themselves: the bound follows the numbers as they are, not their worst case. Source: Higham (2002), §3.3 (running error
analysis), with the sensitivities of all later operations in the place of his recurrence; the k_i are in `operation_error`. What it
says of a proved zero, such as the gradient of a bias before batch normalisation: theorem `proved_zero_is_round_off_of_centring`.

Where a compiled program may round a value for one of its uses and not for another (`Rounding.rounds_by_use`), each use has an
error of its own, and their absolute values add up: what cancels in exact arithmetic need not.

First order: terms in u² are dropped, and so are jumps (a rounded comparison that picks another branch). At a kink of max, min, abs
and the like, closer to it than round-off may tell, both sides count. What is dropped so is counted where `own` says what each
operation adds, its second order and its jumps included (`forward`).
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from ..replay.derivatives import pulled
from ..replay.op import Record
from ..replay.operations import complexes, floating
from ..replay.replay import Replay
from .operation_error import EXACT, FOUND, ROUNDED, Error, Own, own_errors
from .rounding import Rounding


@dataclass(frozen=True)
class Bounds:
    """What one reverse pass says of each entry, arrays of shape (entries,).

    - bound: the largest |fl(y) − y| to first order; sequential: the same if every sum ran one number after the other;
    - unknown: the operation whose rounding or derivative is not known, so that the bounds are infinite; empty if there is none.
    """

    bound: np.ndarray
    sequential: np.ndarray
    unknown: str = ""


_REPEATED = (EXACT | ROUNDED.keys() | {"integer_pow"}) - FOUND
"""Cheap operations, which compilers repeat in each place that needs their result."""
USES = 8
"""Uses of one value that are followed apart through operations that may be repeated in each; more are taken together."""
TOGETHER = 4_000_000
"""Numbers of the largest value times entries that one reverse pass carries at once."""
BLOCK = 1 << 16
"""Numbers added up at once: they stay in the processor's cache."""


def _added(ct: Any, errors: Sequence[Error] | None) -> tuple[Any, Any]:
    """Σ |ct|·error in each copy, with the sums' trees and with the worst; unknown errors are infinite where anything depends on them."""
    if errors is None:
        unbounded = np.where((ct != 0).reshape(len(ct), -1).any(1), np.inf, 0.0)
        return unbounded, unbounded
    total, worst = np.zeros(1), np.zeros(1)
    for error in errors:
        sizes = (ct if error.among is None else error.among(ct)).reshape(len(ct), -1)
        magnitudes = error.magnitude.reshape(len(error.magnitude), -1)
        for start in range(0, sizes.shape[1], BLOCK):
            size = np.abs(sizes[:, start : start + BLOCK])
            added = error.unit * _products(size, np.abs(magnitudes[:, start : start + BLOCK]))
            if error.tiny:
                added = added + error.tiny * size.sum(1)
            total, worst = total + error.times * added, worst + error.worst * added
    return total, worst


def _products(size: np.ndarray, magnitude: np.ndarray) -> np.ndarray:
    """Σ size·magnitude in each copy; where size is 0, and nothing depends on an entry, its magnitude does not count, infinite or not."""
    total = np.einsum("ki,ki->k", *np.broadcast_arrays(size, magnitude))
    return total if np.isfinite(total).all() else np.where(size == 0, 0.0, size * magnitude).sum(1)


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
    return _reverse(record, [(outputs[output], index) for output, index in entries], inexact, rounding, own)


def reverse_all(
    record: Record, outputs: Sequence[Any], entries: Sequence[tuple[int, tuple[int, ...]]], rounding: Rounding, own: Own
) -> Bounds:
    """As `reverse`, for a run of one copy and any number of entries: as many at once as fit.

    own: what each operation may add, the other side of a kink included (`forward`), so that here each kink has one side.
    """
    marked, at_once = [(outputs[output], index) for output, index in entries], entries_at_once(record)
    parts = [
        _reverse(record, marked[k : k + at_once], (), rounding, own, one_sided=True) for k in range(0, len(marked), at_once)
    ]
    unknown = next((p.unknown for p in parts if p.unknown), "")
    return Bounds(np.concatenate([p.bound for p in parts]), np.concatenate([p.sequential for p in parts]), unknown)


def entries_at_once(record: Record) -> int:
    """How many entries one reverse pass over a run of one copy may carry."""
    return max(1, TOGETHER // max(1, *(y.size for _, _, ys in record for y in ys), 1))


def noisy_values(record: Record, inexact: Sequence[tuple[Any, Any]], rounding: Rounding, decided: bool = False) -> set[int]:
    """The values (by identity) that round-off has touched; `decided`: what it may have decided counts, of whatever type."""
    noisy = {id(x) for x, _ in inexact}
    for op, xs, ys in record:
        rounds = rounding.narrows(op) or op.name not in EXACT
        touched = any(id(x) in noisy for x in xs)
        if rounds or touched:
            noisy.update(id(y) for y in ys if (touched and decided) or floating(y.dtype) or complexes(y.dtype))
    return noisy


def _reverse(
    record: Record,
    marked: Sequence[tuple[Any, tuple[int, ...]]],
    inexact: Sequence[tuple[Any, Any]],
    rounding: Rounding,
    own: Own | None = None,
    one_sided: bool = False,
) -> Bounds:
    own = own or functools.partial(own_errors, rounding=rounding)
    store: dict[int, list[Any]] = {}
    noisy = noisy_values(record, inexact, rounding, one_sided)
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
                errors = () if of is None else own(op, xs, y)
                if errors is None:
                    unknown = op.name
                for ct in () if of is None or errors == () else of if apart else (_sum(of),):
                    added, sequential = _added(ct, errors)
                    total, worst = total + added, worst + sequential
            wanted = tuple(i for i, x in enumerate(xs) if id(x) in noisy and (floating(x.dtype) or complexes(x.dtype)))
            if not wanted:
                continue
            u = 0.0 if one_sided else rounding.coarsest(op)
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
                    parts = pulled(op, xs, ys, cts, wanted, u)
                except (NotImplementedError, TypeError, ValueError):  # JAX's, for an operation without a derivative
                    reached = functools.reduce(np.logical_or, (_reached(ct, len(marked)) for ct in cts if ct is not None))
                    total, worst = np.where(reached, np.inf, total), np.where(reached, np.inf, worst)
                    unknown = op.name
                    continue
                for i, ct in zip(wanted, parts, strict=True):
                    store.setdefault(id(xs[i]), []).append(_fitted(ct, xs[i]))
        for x, magnitude in inexact:
            if id(x) in store:
                added, sequential = _added(_sum(store[id(x)]), (Error(1, 1, magnitude, rounding.unit or 0.0, 0.0),))
                total, worst = total + added, worst + sequential
    found, sequential = (np.where(np.isnan(t), np.inf, t) for t in (total, worst))
    return Bounds(found, sequential, unknown="" if np.isfinite(found).all() else unknown)


def _reached(ct: Any, copies: int) -> Any:
    """In which copies anything depends on the value."""
    return np.broadcast_to((ct != 0).reshape(len(ct), -1).any(1), (copies,))


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
