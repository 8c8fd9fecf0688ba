"""scan, while and cond: programs that run inside a program, with values carried from one round to the next.

Every carried value becomes a fresh atom at the loop's head, also an untainted one: two carries that start equal need not
stay equal. What it may use (axes) and whether it may hold a parameter grow round by round until nothing changes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..jaxpr import Equation, Scan, While, branches, is_one
from .forms import Form
from .monomials import Factor, Shape, Terms, bits, common, placed
from .rules.copy import with_factors
from .rules.table import pointwise, result
from .walk import Loop, Walk


class _Head:
    """The carried values at a loop's head: fresh atoms on the axes found so far."""

    def __init__(self, walk: Walk, starts: Sequence[Form]) -> None:
        self.walk = walk
        self.starts = starts
        self.axes = [walk.ring.used([*form.terms]) for form in starts]
        self.tainted = [form.tainted for form in starts]
        self.atoms: list[int] = []

    def forms(self) -> list[Form]:
        """One form a carry, each a new atom."""
        ring = self.walk.ring
        self.atoms = []
        made: list[Form] = []
        for k, start in enumerate(self.starts):
            axes = bits(self.axes[k])
            sizes = tuple(start.shape[axis] for axis in axes)
            atom = ring.atoms.make(None, "opaque", sizes, ring.children(start.terms), self.tainted[k], "carry")
            atom.infinite = True  # what a round may do to it is not known yet
            atom.boolean(start.dtype == "b")
            self.atoms.append(atom.number)
            made.append(ring.of(atom, axes, start.shape, start.dtype))
        return made

    def grow(self, ends: Sequence[Form], decided: Sequence[Form] = ()) -> bool:
        """Take up what a round added; whether anything was new.

        decided: forms of Booleans that say, by entry, whether there is another round: what a round changes differs along their axes.
        """
        new = False
        along = self.walk.ring.used(monomial for form in decided for monomial in form.terms)
        for k, end in enumerate(ends):
            used = self.axes[k] | self.walk.ring.used([*end.terms]) | (0 if self.unchanged(k, end) else along)
            tainted = self.tainted[k] or end.tainted
            new = new or used != self.axes[k] or tainted != self.tainted[k]
            self.axes[k], self.tainted[k] = used, tainted
        return new

    def close(self, ends: Sequence[Form]) -> None:
        """What a carry holds at the head is what it started from, or what a round made of it."""
        ring = self.walk.ring
        for number, end in zip(self.atoms, ends, strict=True):
            atom = ring.atoms[number]
            if atom.tainted:
                atom.children = tuple({*atom.children, *ring.children(end.terms)})

    def unchanged(self, k: int, end: Form) -> bool:
        """Whether a round leaves the k-th carry as it was."""
        ring = self.walk.ring
        head = ring.of(ring.atoms[self.atoms[k]], bits(self.axes[k]), self.starts[k].shape, self.starts[k].dtype)
        return end.terms == head.terms

    def finals(self, ends: Sequence[Form], also: Sequence[Form]) -> list[Form]:
        """The carries after the loop: as they started if no round changes them, else new atoms that hold start, end and `also`."""
        ring = self.walk.ring
        made: list[Form] = []
        for k, (start, end) in enumerate(zip(self.starts, ends, strict=True)):
            if self.unchanged(k, end):
                made.append(start)
                continue
            axes = bits(self.axes[k])
            inside = [monomial for form in (start, end, *also) for monomial in form.terms]
            atom = ring.atoms.opaque(None, "loop", tuple(start.shape[axis] for axis in axes), ring.children(inside))
            atom.infinite = True
            atom.boolean(start.dtype == "b")
            made.append(ring.of(atom, axes, start.shape, start.dtype))
        return made


def _fixed_point(
    walk: Walk, starts: Sequence[Form], around: Callable[[list[Form]], list[Form]], deciding: bool = False
) -> tuple[_Head, list[Form]]:
    """Rounds until no carry gains an axis or taint; `around` maps the head's forms to (carries after a round, further forms).

    deciding: the further forms say, maybe for each entry by itself (under vmap), whether there is another round.
    """
    head = _Head(walk, starts)
    trace, walk.trace = walk.trace, None
    again = True
    while True:
        effects = walk.effects
        found = around(head.forms())
        head.close(found[: len(starts)])
        if head.grow(found[: len(starts)], found[len(starts) :] if deciding else ()):
            again = True
        elif walk.effects is effects or not again:
            break
        else:
            again = False  # once more: an effect may see what a later one left in the round before
    walk.trace = trace
    return head, found


def scan(walk: Walk, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """length rounds; scanned operands give one slice a round, collected results get an axis of rounds in front."""
    layout = Scan.of(equation)
    consts, starts, scanned = layout.split(operands)
    body = walk.ready(layout.body)
    first = len(walk.ring.atoms.all)  # atoms made before the loop are the same in every round
    loop = object()  # this run of this loop, and no other
    slices = [_slice(walk, form, loop) for form in scanned]

    def around(head: list[Form]) -> list[Form]:
        return body([*consts, *head, *slices])

    head, found = _fixed_point(walk, starts, around)
    ends, collected = found[: len(starts)], found[len(starts) :]
    results = head.finals(ends, ())
    for k, form in enumerate(collected, len(starts)):
        results.append(_stack(walk, form, *result(equation, k), first))
    return results


def _slice(walk: Walk, form: Form, loop: object) -> Form:
    """What one round sees of a scanned value: its entries at the round's place; all scanned values are read at the same place."""
    ring = walk.ring
    shape = form.shape[1:]

    def change(factor: Factor) -> Terms:
        number, placement, exponent = factor
        axes = tuple([axis - 1 for axis in placement if axis])
        if len(axes) == len(placement):
            return {((number, axes, exponent),): 1}
        inner = ring.atoms[number]
        key = ("round", loop, number, placement.index(0))
        atom = ring.atoms.find(key)
        if atom is None:
            atom = ring.atoms.make(key, "entries", tuple(shape[axis] for axis in axes), (number,) if inner.tainted else ())
            atom.like(inner)
        return {((atom.number, axes, exponent),): 1}

    return with_factors(ring, form, shape, change)


def _stack(walk: Walk, form: Form, shape: Shape, kind: str, first: int) -> Form:
    """A result collected over rounds: one made of atoms from before the loop only does not use the axis of rounds."""
    ring = walk.ring
    if all(number < first for monomial in form.terms for number, _, _ in monomial):
        terms = placed(form.terms, {axis: axis + 1 for axis in range(len(shape) - 1)})
        return ring.form(terms, shape, kind)
    axes = tuple(axis for axis in (0, *(axis + 1 for axis in bits(ring.used([*form.terms])))) if not is_one(shape[axis]))
    atom = ring.atoms.opaque(None, "rounds", tuple(shape[axis] for axis in axes), ring.children(form.terms))
    atom.infinite = True
    atom.boolean(kind == "b")
    return ring.of(atom, axes, shape, kind)


def while_(walk: Walk, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """Rounds while a condition holds: how many there are is part of every result that a round changes."""
    layout = While.of(equation)
    test_consts, body_consts, starts = layout.split(operands)
    test, body = walk.ready(layout.test), walk.ready(layout.body)

    def around(head: list[Form]) -> list[Form]:
        held = test([*test_consts, *head])
        return [*body([*body_consts, *head]), *held]

    effects = walk.effects
    head, found = _fixed_point(walk, starts, around, deciding=True)
    ends, held = found[: len(starts)], found[len(starts) :]
    children = walk.ring.children(monomial for form in held for monomial in form.terms)
    if children and (equation.effects or walk.effects is not effects):  # how often they happened is seen by later ones
        walk.happened(children)
    return head.finals(ends, held)


def cond(walk: Walk, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """One of several programs, by an index: equal results are the result; else what all have in common comes out."""
    ring = walk.ring
    index, *rest = operands
    effects = walk.effects
    outcomes = [walk.run(branch, rest) for branch in branches(equation)]
    if equation.effects or walk.effects != effects:
        children = ring.children(m for form in operands for m in form.terms)
        if children:
            walk.happened(children)
    known = index.constant()
    forms: list[Form] = []
    for k in range(len(equation.outvars)):
        shape, kind = result(equation, k)
        cases = [outcome[k] for outcome in outcomes]
        if isinstance(known, int):
            forms.append(cases[min(max(known, 0), len(cases) - 1)])
        elif all(case.terms == cases[0].terms for case in cases[1:]):
            forms.append(cases[0])
        else:
            alike = common(cases[0].terms, *(case.terms for case in cases[1:])) if kind in "fc" else {}
            shared = {m: c for m, c in alike.items() if not ring.infinite([m])}
            left = [ring.form(ring.plus(case.terms, shared, -1), shape, kind) for case in cases]
            chosen = pointwise(ring, "cond", [index, *left], shape, kind)
            forms.append(ring.form(ring.plus(chosen.terms, shared), shape, kind) if shared else chosen)
    return forms


LOOPS: dict[str, Loop] = {"scan": scan, "while": while_, "cond": cond}
"""By primitive name."""
