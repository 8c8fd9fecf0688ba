"""Boxes of arrays: what of each operand an operation needs for a part of its result, and the operation on those parts alone.

A box is (start, stop) along each axis, the copy axis left out. Operations that work entry by entry need the same box of their operands,
sums all of the axes they sum over, products of matrices the rows and columns asked for. What has no rule here is evaluated whole.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp

from .op import IDENTITY, Op
from .operations import MOVING, REAL, WHOLE, Params

Box = tuple[tuple[int, int], ...]
Shape = Sequence[int]


@dataclass(frozen=True)
class Cut:
    """A part of an operation: what it needs of each operand, the box of its result that it gives, and parameters it has instead."""

    reads: tuple[Box, ...]
    box: Box
    params: Mapping[str, Any] | None = None


def whole(shape: Shape) -> Box:
    """All of an array."""
    return tuple((0, n) for n in shape)


def hull(one: Box, other: Box) -> Box:
    """The smallest box that holds both."""
    return tuple((min(a, c), max(b, d)) for (a, b), (c, d) in zip(one, other, strict=True))


def sizes(box: Box) -> tuple[int, ...]:
    """Its shape."""
    return tuple(b - a for a, b in box)


def inside(box: Box, outer: Box) -> Box:
    """Where a box lies within one that holds it."""
    return tuple((a - lo, b - lo) for (a, b), (lo, _) in zip(box, outer, strict=True))


def cut(op: Op, shapes: Sequence[Shape], box: Box) -> Cut | None:
    """The part of an operation of one result that gives at least this box of it; None where there is no rule.

    shapes: of the operands, then of the result.
    """
    if box == whole(shapes[-1]) or (op.rule is None and op.name in MOVING):  # JAX moves it, by parameters that it knows
        return None
    if op.name in _EACH:
        return _numberwise(shapes, box)
    rule = _RULES.get(op.name)
    return None if rule is None else rule(op.params, shapes, box)


def part_of(op: Op, of: Cut) -> Op:
    """The operation on the parts alone; its shapes stay those that it was traced with."""
    if of.params is None:
        return op
    params = {**op.params, **of.params}
    return standing_for(op, Op(op.name, params, _binding(op.name, params), op.rule, op.dtypes))


def taken(box: Box, dtypes: tuple[Any, Any] | None = None) -> Op:
    """The operation that takes a box out of an array."""
    params = {"start_indices": tuple(a for a, _ in box), "limit_indices": tuple(b for _, b in box), "strides": None}
    return Op("slice", params, _binding("slice", params), MOVING["slice"], dtypes)


def standing_for(op: Op, other: Op) -> Op:
    """The other operation, with what is known of where the first stands."""
    other.source, other.traced = op.source, op.traced
    return other


def _binding(name: str, params: Params) -> Callable[..., Sequence[Any]]:
    """A moving operation with these parameters, on JAX arrays."""
    by: dict[str, Callable[..., Any]] = {
        "slice": lambda x: jax.lax.slice(x, params["start_indices"], params["limit_indices"], params["strides"]),
        "reshape": lambda x: jnp.reshape(x, params["new_sizes"]),
        "broadcast_in_dim": lambda x: jax.lax.broadcast_in_dim(x, params["shape"], params["broadcast_dimensions"]),
    }
    return lambda x: [by[name](x)]


_NUMBERWISE = frozenset((*WHOLE, *REAL)) - {
    *(name for name in REAL if name.startswith("reduce")),
    "dot_general",
    "conv_general_dilated",
}
_BY_JAX = ("erfc", "cbrt", "sinh", "cosh", "tan", "asin", "acos", "atan", "atan2", "asinh", "acosh", "atanh", "rem", "round")
_EACH = frozenset((*_NUMBERWISE, *_BY_JAX, *IDENTITY, "convert_element_type", "select_n"))
"""Operations whose every entry hangs on the same entry of their operands alone, operands without axes besides."""
_REDUCTIONS = ("reduce_sum", "reduce_max", "reduce_min", "reduce_prod", "reduce_and", "reduce_or")
_ALONG = ("cumsum", "cumprod", "cummax", "cummin", "cumlogsumexp")


def _numberwise(shapes: Sequence[Shape], box: Box) -> Cut | None:
    """Operands of the result's shape, of length 1 where they are repeated, or without axes."""
    reads = list[Box]()
    for shape in shapes[:-1]:
        if shape and not (len(shape) == len(box) and all(n in (1, m) for n, m in zip(shape, shapes[-1], strict=True))):
            return None
        reads.append(tuple((0, 1) if n == 1 else side for n, side in zip(shape, box, strict=bool(shape))))
    return Cut(tuple(reads), box)


def _reduction(p: Params, shapes: Sequence[Shape], box: Box) -> Cut:
    kept = iter(box)
    return Cut((tuple((0, n) if a in p["axes"] else next(kept) for a, n in enumerate(shapes[0])),), box)


def _along(p: Params, shapes: Sequence[Shape], box: Box) -> Cut:
    full = tuple((0, n) if a == p["axis"] else side for a, (n, side) in enumerate(zip(shapes[0], box, strict=True)))
    return Cut((full,), full)


def _broadcast(p: Params, shapes: Sequence[Shape], box: Box) -> Cut:
    read = tuple(box[a] if n == shapes[-1][a] else (0, n) for a, n in zip(p["broadcast_dimensions"], shapes[0], strict=True))
    return Cut((read, *(() for _ in shapes[1:-1])), box, {"shape": sizes(box)})


def _transpose(p: Params, shapes: Sequence[Shape], box: Box) -> Cut:
    by = dict(zip(p["permutation"], box, strict=True))
    return Cut((tuple(by[a] for a in range(len(box))),), box)


def _squeeze(p: Params, shapes: Sequence[Shape], box: Box) -> Cut:
    left, dropped = iter(box), {a % len(shapes[0]) for a in p["dimensions"]}
    return Cut((tuple((0, n) if a in dropped else next(left) for a, n in enumerate(shapes[0])),), box)


def _reverse(p: Params, shapes: Sequence[Shape], box: Box) -> Cut:
    turned = tuple(
        (n - b, n - a) if axis in p["dimensions"] else (a, b)
        for axis, ((a, b), n) in enumerate(zip(box, shapes[0], strict=True))
    )
    return Cut((turned,), box)


def _slice(p: Params, shapes: Sequence[Shape], box: Box) -> Cut:
    strides = p["strides"] or (1,) * len(box)
    read = tuple(
        (start + a * step, start + (b - 1) * step + 1)
        for (a, b), start, step in zip(box, p["start_indices"], strides, strict=True)
    )
    return Cut((read,), box, {"start_indices": (0,) * len(box), "limit_indices": sizes(read)})


def _pad(p: Params, shapes: Sequence[Shape], box: Box) -> Cut | None:
    read = tuple((0, n) if any(config) else side for side, n, config in zip(box, shapes[0], p["padding_config"], strict=True))
    given = tuple((0, n) if any(config) else side for side, n, config in zip(box, shapes[-1], p["padding_config"], strict=True))
    return Cut((read, ()), given)


def _concatenate(p: Params, shapes: Sequence[Shape], box: Box) -> Cut:
    def along(shape: Shape) -> Box:
        return tuple((0, n) if a == p["dimension"] else side for a, (n, side) in enumerate(zip(shape, box, strict=True)))

    return Cut(tuple(map(along, shapes[:-1])), along(shapes[-1]))


def _reshape(p: Params, shapes: Sequence[Shape], box: Box) -> Cut | None:
    """Axes are taken together in groups of as many entries on both sides, and in each a run of entries that is a box on both."""
    groups = _groups(*shapes)
    if groups is None:
        return None
    read, given = list[tuple[int, int]](), list[tuple[int, int]]()
    for before, after in groups:
        old, new = [shapes[0][a] for a in before], [shapes[1][a] for a in after]
        run = _run([box[a] for a in after], new)
        while True:  # each side may need more than the other; at the latest all of it fits both
            grown = _flat(_run_box(run, old), old)
            again = _flat(_run_box(grown, new), new)
            if again == run:
                break
            run = again
        read += _run_box(run, old)
        given += _run_box(run, new)
    return Cut((tuple(read), *(() for _ in shapes[1:-1])), tuple(given), {"new_sizes": sizes(tuple(given))})


def _groups(before: Shape, after: Shape) -> list[tuple[list[int], list[int]]] | None:
    """The axes of both shapes in groups of equal products, in order."""
    if 0 in (*before, *after):
        return None
    found: list[tuple[list[int], list[int]]] = []
    i = j = 0
    while i < len(before) or j < len(after):
        old, new, a, b = list[int](), list[int](), 1, 1
        while not old or not new or a != b:
            if (a <= b and i < len(before)) or j == len(after):
                if i == len(before):
                    break
                a, i = a * before[i], i + 1
                old.append(i - 1)
            else:
                b, j = b * after[j], j + 1
                new.append(j - 1)
        found.append((old, new))
    return found


def _run(box: Sequence[tuple[int, int]], shape: Shape) -> tuple[int, int]:
    """The first and the last entry of a box, row by row, and what lies between them."""
    return _flat(_run_box(_flat(box, shape), shape), shape)


def _flat(box: Sequence[tuple[int, int]], shape: Shape) -> tuple[int, int]:
    first = last = 0
    for (a, b), n in zip(box, shape, strict=True):
        first, last = first * n + a, last * n + b - 1
    return first, last + 1


def _run_box(run: tuple[int, int], shape: Shape) -> list[tuple[int, int]]:
    """The smallest box without gaps, row by row, that holds a run of entries: one entry of leading axes, all of the last ones."""
    box, (first, last) = list[tuple[int, int]](), (run[0], run[1] - 1)
    together = True
    for k, n in enumerate(shape):
        rest = math.prod(shape[k + 1 :])
        a, b = first // rest % n, last // rest % n
        box.append((a, b + 1) if together else (0, n))
        together = together and a == b
    return box


def _dot(p: Params, shapes: Sequence[Shape], box: Box) -> Cut:
    contract, batch = p["dimension_numbers"]
    sides = iter(box[len(batch[0]) :])
    reads: list[Box] = []
    for k in (0, 1):
        of = {axis: box[n] for n, axis in enumerate(batch[k])}
        reads.append(tuple(of[a] if a in of else (0, n) if a in contract[k] else next(sides) for a, n in enumerate(shapes[k])))
    return Cut(tuple(reads), box)


def _conv(p: Params, shapes: Sequence[Shape], box: Box) -> Cut | None:
    if p["batch_group_count"] != 1:
        return None
    spec = p["dimension_numbers"]
    given, image, kernel = list(whole(shapes[2])), list(whole(shapes[0])), list(whole(shapes[1]))
    given[spec.out_spec[0]] = image[spec.lhs_spec[0]] = box[spec.out_spec[0]]
    if p["feature_group_count"] == 1:
        given[spec.out_spec[1]] = kernel[spec.rhs_spec[0]] = box[spec.out_spec[1]]
    return Cut((tuple(image), tuple(kernel)), tuple(given))


def _windows(p: Params, shapes: Sequence[Shape], box: Box) -> Cut | None:
    still = [
        k == 1 and step == 1 and tuple(room) == (0, 0) and grown == 1
        for k, step, room, grown in zip(
            p["window_dimensions"], p["window_strides"], p["padding"], p["base_dilation"], strict=True
        )
    ]
    read, given = (
        tuple(side if keeps else (0, n) for side, n, keeps in zip(box, shape, still, strict=True))
        for shape in (shapes[0], shapes[-1])
    )
    return Cut((read,), given)


_RULES: dict[str, Callable[[Params, Sequence[Shape], Box], Cut | None]] = {
    **dict.fromkeys(_REDUCTIONS, _reduction),
    **dict.fromkeys(_ALONG, _along),
    **dict.fromkeys(("reduce_window_sum", "reduce_window_max", "reduce_window_min"), _windows),
    "broadcast_in_dim": _broadcast,
    "transpose": _transpose,
    "squeeze": _squeeze,
    "rev": _reverse,
    "slice": _slice,
    "pad": _pad,
    "concatenate": _concatenate,
    "reshape": _reshape,
    "dot_general": _dot,
    "conv_general_dilated": _conv,
}
