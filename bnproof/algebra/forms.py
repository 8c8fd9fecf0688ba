"""Forms: sums of products of atoms, each factor lying along some axes of the value.

A value of shape S is {monomial: coefficient}: entry i is the sum over monomials of coefficient · product of
atom[i along the factor's placement] ** exponent. A value that does not use an axis is uniform along it: the whole idea.
Axes of size 1 are never used, so broadcasting costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from .atoms import Atom, Atoms, Dim

Factor = tuple[int, tuple[int, ...], int]
"""(atom number, axis of the value for each own axis of the atom, exponent ≠ 0)."""
Monomial = tuple[Factor, ...]
"""Factors in sorted order, each (atom, placement) once; () is 1."""
Coefficient = int | Fraction
Terms = dict[Monomial, Coefficient]
Shape = tuple[Dim, ...]

ONE: Monomial = ()
MERGE = 4
"""More tainted monomials than this: those that use the same axes become one atom, keyed by their exact combination."""
MOST = 12
"""A form with more tainted monomials than this becomes one atom as a whole."""
LONGEST = 8
"""A monomial with more factors than this becomes one atom."""


class Form:
    """A value in normal form. Immutable by convention. `dtype` is the dtype's kind: f, c, i, u, b, or V for keys and tokens."""

    __slots__ = ("dtype", "label", "shape", "tainted", "terms")

    def __init__(self, terms: Terms, shape: Shape, dtype: str, tainted: bool) -> None:
        self.terms = terms
        self.shape = shape
        self.dtype = dtype
        self.tainted = tainted
        self.label: Any = None  # the sorted terms, once asked for

    def key(self) -> tuple[tuple[Monomial, Coefficient], ...]:
        """Hashable: equal keys, equal values (for equal shapes)."""
        if self.label is None:
            self.label = tuple(sorted(self.terms.items()))
        return self.label

    def constant(self) -> Coefficient | None:
        """The number that every entry is, if that is known."""
        if not self.terms:
            return 0
        return self.terms.get(ONE) if len(self.terms) == 1 else None


class Ring:
    """Arithmetic of forms over one set of atoms. `add`, `multiply`, … are exact over the reals."""

    def __init__(self) -> None:
        self.atoms = Atoms()
        self.seen: dict[Monomial, tuple[bool, int]] = {}
        self.memo: dict[Any, Terms] = {}
        self.symbols: tuple[Dim, ...] = ()  # the symbolic sizes of the program's inputs, each ≥ 1
        self.bottom = self.atoms.make("-inf", "constant", ())
        self.bottom.infinite = True
        self.lowest: Monomial = ((self.bottom.number, (), 1),)

    # -- what a monomial is made of

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

    def is_lowest(self, form: Form) -> bool:
        """Whether the form is the literal −∞."""
        return len(form.terms) == 1 and form.terms.get(self.lowest, 0) > 0

    def infinite(self, terms: Iterable[Monomial]) -> bool:
        """Whether an entry may be −∞."""
        every = self.atoms.all
        return any(every[number].infinite for monomial in terms for number, _, _ in monomial)

    # -- building forms

    def number(self, value: Coefficient, shape: Shape, dtype: str) -> Form:
        """The same number everywhere."""
        return Form({ONE: value} if value else {}, shape, dtype, False)

    def of(self, atom: Atom, placement: tuple[int, ...], shape: Shape, dtype: str) -> Form:
        """One atom, lying along these axes of the value."""
        return Form({((atom.number, placement, 1),): 1}, shape, dtype, atom.tainted)

    def form(self, terms: Terms, shape: Shape, dtype: str) -> Form:
        """The form of these terms (no zero coefficients), kept small: see `MERGE`, `MOST`, `LONGEST`.

        The untainted monomials besides the constant become one atom as soon as there are two.
        """
        about = self.about
        if len(terms) == 1:
            ((monomial, coefficient),) = terms.items()
            if len(monomial) > LONGEST:
                terms = self._shorten(monomial, coefficient, shape)
            return Form(terms, shape, dtype, bool(monomial) and about(monomial)[0])
        tainted: list[Monomial] = []
        plain: list[Monomial] = []
        long = False
        for monomial in terms:
            if monomial:
                (tainted if about(monomial)[0] else plain).append(monomial)
                long = long or len(monomial) > LONGEST
        if len(plain) > 1 or len(tainted) > MERGE or long:
            terms = self._collapse(terms, plain, tainted, shape)
        return Form(terms, shape, dtype, bool(tainted))

    def _collapse(self, terms: Terms, plain: list[Monomial], tainted: list[Monomial], shape: Shape) -> Terms:
        kept: Terms = {}
        if ONE in terms:
            kept[ONE] = terms[ONE]
        if len(plain) > 1:
            together = {monomial: terms[monomial] for monomial in plain}
            known = self._known_sum(together, shape)
            for term in [self.combine(together, shape)] if known is None else known.items():
                self._put(kept, term)
        else:
            kept.update({monomial: terms[monomial] for monomial in plain})
        groups: dict[int, Terms] = {}
        if len(tainted) > MERGE:
            for monomial in tainted:
                groups.setdefault(self.about(monomial)[1], {})[monomial] = terms[monomial]
            if len(groups) > MOST:
                groups = {0: {monomial: terms[monomial] for monomial in tainted}}
            for group in groups.values():
                self._put(kept, self.combine(group, shape))
        else:
            kept.update({monomial: terms[monomial] for monomial in tainted})
        for monomial in [monomial for monomial in kept if len(monomial) > LONGEST]:
            for short, coefficient in self._shorten(monomial, kept.pop(monomial), shape).items():
                self._put(kept, (short, coefficient))
        return kept

    @staticmethod
    def _put(terms: Terms, term: tuple[Monomial, Coefficient]) -> None:
        monomial, coefficient = term
        total = terms.get(monomial, 0) + coefficient
        if total:
            terms[monomial] = total
        else:
            terms.pop(monomial, None)

    def _shorten(self, monomial: Monomial, coefficient: Coefficient, shape: Shape) -> Terms:
        """A long product as one atom for its untainted and one for its tainted factors."""
        parts: list[Factor] = []
        for tainted in (False, True):
            inside = tuple(factor for factor in monomial if self.atoms[factor[0]].tainted is tainted)
            if len(inside) > 1:
                atom, axes = self.wrap("product", (), ({inside: 1},), shape)
                parts.append((atom.number, axes, 1))
            else:
                parts.extend(inside)
        return {tuple(sorted(parts)): coefficient}

    # -- atoms from forms

    def relabel(self, terms: Mapping[Monomial, Coefficient], axes: Sequence[int]) -> tuple[tuple[Monomial, Coefficient], ...]:
        """The terms with axis axes[k] called k, sorted."""
        if all(axis == k for k, axis in enumerate(axes)):
            return tuple(sorted(terms.items()))
        to = {axis: k for k, axis in enumerate(axes)}
        return tuple(
            sorted(
                (tuple(sorted((n, tuple([to[a] for a in placement]), e) for n, placement, e in monomial)), coefficient)
                for monomial, coefficient in terms.items()
            )
        )

    def wrap(self, kind: str, extra: tuple[Any, ...], operands: Sequence[Terms], shape: Shape) -> tuple[Atom, tuple[int, ...]]:
        """The atom of a pointwise operation on these values, and the axes of `shape` it lies along: those its operands use."""
        used = 0
        for terms in operands:
            used |= self.used(terms)
        axes = bits(used)
        sizes = tuple([shape[axis] for axis in axes])
        inside = tuple([self.relabel(terms, axes) for terms in operands])
        key = (kind, extra, sizes, inside)
        atom = self.atoms.find(key)
        if atom is None:
            children = self.children(monomial for terms in operands for monomial in terms)
            atom = self.atoms.make(key, kind, sizes, children)
            atom.infinite = any(self.infinite(terms) for terms in operands)
            if kind == "sum of terms":
                atom.content = inside[0]
                atom.most, atom.signed = self.bound(operands[0]), self.signed(operands[0])
        return atom, axes

    def combine(self, terms: Terms, shape: Shape) -> tuple[Monomial, Coefficient]:
        """A sum of terms as one atom, divided by its leading coefficient, which is returned beside it."""
        terms = (self._known_sum(terms, shape) if len(terms) > 1 else None) or terms
        if len(terms) == 1:
            return next(iter(terms.items()))
        leading = terms[min(terms)]
        if leading != 1:
            terms = {monomial: divided(coefficient, leading) for monomial, coefficient in terms.items()}
        atom, axes = self.wrap("sum of terms", (), (terms,), shape)
        return ((atom.number, axes, 1),), leading

    def _known_sum(self, terms: Terms, shape: Shape) -> Terms | None:
        """A sum of known constants as one of them, or none for 0; None if not all are known."""
        if any(self.atoms.all[number].kind != "constant" for monomial in terms for number, _, _ in monomial):
            return None
        from .constants import added, content_terms  # they are built on this module

        axes = bits(self.used(terms))
        entries = added(self, terms, axes, shape)
        return None if entries is None else content_terms(self, entries, axes)

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

    def reciprocal(self, form: Form) -> tuple[Monomial, Coefficient] | None:
        """1 / form as one monomial and its coefficient; None for the form 0."""
        if not form.terms:
            return None
        monomial, coefficient = self.combine(form.terms, form.shape)
        return tuple(sorted((n, p, -e) for n, p, e in monomial)), divided(1, coefficient)


def tidy(value: Coefficient) -> Coefficient:
    """A Fraction that is whole as an int."""
    return value if type(value) is int or value.denominator != 1 else value.numerator


def divided(value: Coefficient, by: Coefficient) -> Coefficient:
    """value / by, exactly."""
    if by == 1:
        return value
    return tidy(Fraction(value) / by)


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
