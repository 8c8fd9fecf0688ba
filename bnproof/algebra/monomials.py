"""Monomials, the products of atoms in a form, and sums of them: where they lie, what they are made of, how they are multiplied."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..jaxpr import Dim
from .atoms import Atoms
from .rationals import Coefficient, tidy

Factor = tuple[int, tuple[int, ...], int]
"""(atom number, axis of the value for each own axis of the atom, exponent ≠ 0)."""
Monomial = tuple[Factor, ...]
"""Factors in sorted order, each (atom, placement) once; () is 1."""
Terms = dict[Monomial, Coefficient]
"""A sum: no coefficient is 0."""
Shape = tuple[Dim, ...]

ONE: Monomial = ()

# -- axes


def bits(mask: int) -> tuple[int, ...]:
    """The axes of a bit set, in increasing order."""
    axes: list[int] = []
    axis = 0
    while mask:
        if mask & 1:
            axes.append(axis)
        mask >>= 1
        axis += 1
    return tuple(axes)


def mask(axes: Iterable[int]) -> int:
    """Axes as a bit set."""
    total = 0
    for axis in axes:
        total |= 1 << axis
    return total


def remaining(rank: int, gone: Iterable[int]) -> dict[int, int]:
    """Where the axes of a value go that are not `gone`: they move up."""
    gone = {*gone}
    return {axis: k for k, axis in enumerate(axis for axis in range(rank) if axis not in gone)}


def moved(monomial: Iterable[Factor], to: Mapping[int, int]) -> Monomial:
    """The product of these factors with every axis moved."""
    factors = [(n, tuple([to[axis] for axis in placement]), e) for n, placement, e in monomial]
    if len(factors) > 1:
        factors.sort()
    return tuple(factors)


def placed(terms: Terms, to: Mapping[int, int]) -> Terms:
    """The terms with every axis moved."""
    for axis, k in to.items():
        if axis != k:
            return {moved(monomial, to): coefficient for monomial, coefficient in terms.items()}
    return terms


def relabelled(terms: Mapping[Monomial, Coefficient], axes: Sequence[int]) -> tuple[tuple[Monomial, Coefficient], ...]:
    """The terms with axis axes[k] called k, sorted."""
    if all(axis == k for k, axis in enumerate(axes)):
        return tuple(sorted(terms.items()))
    to = {axis: k for k, axis in enumerate(axes)}
    return tuple(sorted([(moved(monomial, to), coefficient) for monomial, coefficient in terms.items()]))


# -- sums


def common(first: Terms, *others: Terms) -> Terms:
    """The terms that all have, with equal coefficients."""
    return {
        monomial: coefficient
        for monomial, coefficient in first.items()
        if all(terms.get(monomial) == coefficient for terms in others)
    }


class Monomials:
    """Products of atoms of one set, and sums of them. `plus`, `times`, … are exact over the reals."""

    def __init__(self) -> None:
        self.atoms = Atoms()
        self.seen: dict[Monomial, tuple[bool, int]] = {}

    # -- what they are made of

    def about(self, monomial: Monomial) -> tuple[bool, int]:
        """(whether it is tainted, the axes it uses as a bit set)."""
        found = self.seen.get(monomial)
        if found is None:
            tainted, axes = False, 0
            for number, placement, _ in monomial:
                tainted = tainted or self.atoms.all[number].tainted
                for axis in placement:
                    axes |= 1 << axis
            found = self.seen[monomial] = (tainted, axes)
        return found

    def children(self, terms: Iterable[Monomial]) -> tuple[int, ...]:
        """Numbers of the tainted atoms in these monomials, each once."""
        every = self.atoms.all
        return tuple({number: None for monomial in terms for number, _, _ in monomial if every[number].tainted})

    def used(self, terms: Iterable[Monomial]) -> int:
        """All axes used, as a bit set."""
        axes = 0
        for monomial in terms:
            axes |= self.about(monomial)[1]
        return axes

    def infinite(self, terms: Iterable[Monomial]) -> bool:
        """Whether an entry may be −∞."""
        every = self.atoms.all
        return any(every[number].infinite for monomial in terms for number, _, _ in monomial)

    def bound(self, terms: Mapping[Monomial, Coefficient]) -> int | None:
        """The largest absolute value an entry can have, if every one is a whole number; else None.

        Symbolic sizes count as 1: that numbers of entries fit their integer type is an assumption.
        """
        every = self.atoms.all
        total = 0
        for monomial, coefficient in terms.items():
            if not isinstance(coefficient, int):
                return None
            largest = abs(coefficient)
            for number, _, exponent in monomial:
                most = every[number].most
                if most is None or exponent < 0:
                    return None
                largest *= most**exponent
            total += largest
        return total

    def signed(self, terms: Mapping[Monomial, Coefficient]) -> bool:
        """Whether an entry may be negative, as far as coefficients and atoms show."""
        every = self.atoms.all
        return any(c < 0 or any(every[number].signed for number, _, _ in monomial) for monomial, c in terms.items())

    # -- arithmetic

    def plus(self, left: Mapping[Monomial, Coefficient], right: Mapping[Monomial, Coefficient], sign: int = 1) -> Terms:
        """left + sign · right, not yet made small."""
        total = dict(left)
        for monomial, coefficient in right.items():
            if sign != 1:
                coefficient = -coefficient
            if monomial not in total:
                total[monomial] = coefficient
            elif value := total[monomial] + coefficient:
                total[monomial] = value
            else:
                del total[monomial]
        return total

    def times(self, left: Mapping[Monomial, Coefficient], right: Mapping[Monomial, Coefficient]) -> Terms:
        """left · right, not yet made small."""
        if len(right) == 1 and ONE in right:
            left, right = right, left
        if len(left) == 1 and ONE in left:
            factor = left[ONE]
            return (
                dict(right)
                if factor == 1
                else {monomial: tidy(coefficient * factor) for monomial, coefficient in right.items()}
            )
        if len(left) == 1 and len(right) == 1:
            ((first, a),), ((second, b),) = left.items(), right.items()
            return {self.product(first, second): b if a == 1 else a if b == 1 else tidy(a * b)}
        total: Terms = {}
        for first, a in left.items():
            for second, b in right.items():
                monomial = self.product(first, second)
                value = b if a == 1 else a * b
                if monomial in total:
                    value = total.pop(monomial) + value
                if value:
                    total[monomial] = tidy(value)
        return total

    def product(self, first: Monomial, second: Monomial) -> Monomial:
        """The product of two monomials: exponents of equal factors add, 0/1 values are their own squares."""
        if not first:
            return second
        if not second:
            return first
        exponents: dict[tuple[int, tuple[int, ...]], int] = {(n, p): e for n, p, e in first}
        for n, p, e in second:
            total = exponents.get((n, p), 0) + e
            if total > 1 and self.atoms.all[n].idempotent:
                total = 1
            exponents[n, p] = total
        return tuple(sorted((n, p, e) for (n, p), e in exponents.items() if e))

    def scale(self, terms: Mapping[Monomial, Coefficient], factor: Coefficient) -> Terms:
        """factor · terms."""
        return {monomial: tidy(coefficient * factor) for monomial, coefficient in terms.items()} if factor else {}
