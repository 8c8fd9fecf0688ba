"""Reshaping: axes are grouped into the smallest runs of equal size, so that what a factor does not use stays unused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...jaxpr import Equation, divides, is_one
from ..atoms import Content
from ..forms import Form, Ring
from ..known import content_terms, evaluated
from ..monomials import Factor, Shape, Terms, moved, placed
from .copy import with_factors
from .table import opaque, result, rule

Group = tuple[tuple[int, ...], tuple[int, ...]]
"""Consecutive axes before and after, with equal products of their sizes."""


@dataclass(slots=True)
class Reshaped(Content):
    """Of an atom that is a reshaped one.

    - source: the number of that one, laid along axes of these `sizes`, which became `made`;
    - where: for each of its axes, which of `sizes` it lies along, or −1 − k if it is the k-th axis left alone.
    """

    source: int
    where: tuple[int, ...]
    sizes: Shape
    made: Shape


@rule("reshape", law="copy")
def reshape(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """Row-major order is kept: within each group of axes, entry k becomes entry k."""
    (shape, kind), form = result(equation), operands[0]
    if equation.params.get("dimensions") is not None:
        return opaque(ring, equation, operands)
    groups = grouped(form.shape, shape)
    changed = with_factors(ring, form, shape, lambda factor: _factor(ring, factor, groups, form.shape, shape))
    return [Form(changed.terms, shape, kind, changed.tainted)]


def grouped(before: Shape, after: Shape) -> list[Group]:
    """The finest grouping of axes; axes of size 1 go with no group. Sizes that cannot be compared end in one last group."""
    left = [axis for axis, size in enumerate(before) if not is_one(size)]
    right = [axis for axis, size in enumerate(after) if not is_one(size)]
    if any(isinstance(size, int) and size == 0 for size in before):
        return [(tuple(left), tuple(right))]
    groups: list[Group] = []
    i = j = 0
    while i < len(left) and j < len(right):
        start = (i, j)
        a, b = before[left[i]], after[right[j]]
        i, j = i + 1, j + 1
        while a != b:
            if j < len(right) and (i == len(left) or _divides(b, a)):
                b, j = b * after[right[j]], j + 1
            elif i < len(left):
                a, i = a * before[left[i]], i + 1
            else:
                break
        if a != b:
            return [*groups, (tuple(left[start[0] :]), tuple(right[start[1] :]))]
        groups.append((tuple(left[start[0] : i]), tuple(right[start[1] : j])))
    if i < len(left) or j < len(right):
        groups.append((tuple(left[i:]), tuple(right[j:])))
    return groups


def _divides(small: Any, large: Any) -> bool:
    """Whether more axes on the small side can reach the large one: smaller, or a divisor if sizes are symbolic."""
    if isinstance(small, int) and isinstance(large, int):
        return small < large
    return divides(small, large)


def _factor(ring: Ring, factor: Factor, groups: Sequence[Group], before: Shape, after: Shape) -> Terms:
    """The factor on its new axes."""
    number, placement, exponent = factor
    to: dict[int, int] = {}
    touched: list[Group] = []
    for old, new in groups:
        if len(old) == 1 and len(new) == 1:
            to[old[0]] = new[0]
        elif any(axis in placement for axis in old):
            touched.append((old, new))
    if not touched:
        return {moved((factor,), to): 1}
    known = _known(ring, factor, to, touched, before, after)
    if known is not None:
        return known
    simple = [axis for axis in placement if axis in to]
    old = tuple(axis for axes, _ in touched for axis in axes)
    new = tuple(axis for _, axes in touched for axis in axes)
    atom = ring.atoms[number]
    if isinstance(atom.content, Reshaped):
        back = _undone(ring, factor, atom.content, touched, after, to)
        if back is not None:
            return back
    where = tuple(old.index(a) if a in old else -1 - simple.index(a) for a in placement)
    content = (number, where, tuple([before[axis] for axis in old]), tuple([after[axis] for axis in new]))
    key = ("copy", "reshape", *content)
    made = ring.atoms.find(key)
    axes = (*(to[axis] for axis in simple), *new)
    if made is None:
        own = tuple(after[axis] for axis in axes)
        made = ring.atoms.make(key, "entries", own, (number,) if atom.tainted else ())
        made.like(atom)
        made.content = Reshaped(*content)
    return {((made.number, axes, exponent),): 1}


def _undone(
    ring: Ring, factor: Factor, content: Reshaped, touched: Sequence[Group], after: Shape, to: dict[int, int]
) -> Terms | None:
    """A reshaped atom that is reshaped again, from exactly the axes it was given: both at once, from what it was before."""
    _, placement, exponent = factor
    plain = len(placement) - len(content.made)
    old = tuple(axis for axes, _ in touched for axis in axes)
    new = tuple(axis for _, axes in touched for axis in axes)
    if placement[plain:] != old or any(axis not in to for axis in placement[:plain]) or len(touched) != 1:
        return None
    # axes of the value before: those that stay, then the ones the first reshape had; and the same after
    stay = [to[axis] for axis in placement[:plain]]
    last = tuple(after[a] for a in new)
    one, two = (*(after[a] for a in stay), *content.sizes), (*(after[a] for a in stay), *last)
    back = tuple(plain + w if w >= 0 else -1 - w for w in content.where)
    shifted: list[Group] = [((k,), (k,)) for k in range(plain)]
    shifted += [
        (tuple(a + plain for a in left), tuple(a + plain for a in right)) for left, right in grouped(content.sizes, last)
    ]
    terms = _factor(ring, (content.source, back, exponent), shifted, one, two)
    return placed(terms, dict(enumerate((*stay, *new))))


def _known(
    ring: Ring, factor: Factor, to: dict[int, int], touched: Sequence[Group], before: Shape, after: Shape
) -> Terms | None:
    """A small constant, reshaped entry by entry."""
    old = tuple(axis for axes, _ in touched for axis in axes)
    simple = tuple(sorted(axis for axis in factor[1] if axis in to))
    axes = tuple(sorted((*simple, *old)))
    entries = evaluated(ring.atoms, (factor,), axes, before)
    if entries is None:
        return None
    new = tuple(axis for _, group in touched for axis in group)
    final = tuple(sorted((*(to[axis] for axis in simple), *new)))
    return content_terms(ring.atoms, entries.reshape([after[axis] for axis in final]), final)
