"""Forms: sums of products of atoms, each factor lying along some axes of the value.

A value of shape S is {monomial: coefficient}: entry i is the sum over monomials of coefficient · product of
atom[i along the factor's placement] ** exponent. A value that does not use an axis is uniform along it: the whole idea.
Axes of size 1 are never used, so broadcasting costs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..jaxpr import Dim
from .atoms import Atom, Content
from .known import added, all_known, content_terms
from .monomials import ONE, Factor, Monomial, Monomials, Shape, Terms, bits, relabelled
from .rationals import Coefficient, divided

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


@dataclass(slots=True)
class SumOfTerms(Content):
    """Of an atom that is a sum: its terms, on the atom's own axes."""

    terms: tuple[tuple[Monomial, Coefficient], ...]


class Ring(Monomials):
    """Forms over one set of atoms."""

    def __init__(self) -> None:
        super().__init__()
        self.memo: dict[Any, Terms] = {}
        self.masks: set[str] = set()  # finite numbers of the program that are read as −∞
        self.symbols: tuple[Dim, ...] = ()  # the symbolic sizes of the program's inputs, each ≥ 1
        self.bottom = self.atoms.make("-inf", "constant", ())
        self.bottom.infinite = True
        self.lowest: Monomial = ((self.bottom.number, (), 1),)

    def is_lowest(self, form: Form) -> bool:
        """Whether the form is the literal −∞."""
        return len(form.terms) == 1 and form.terms.get(self.lowest, 0) > 0

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

    def wrap(self, name: str, extra: tuple[Any, ...], operands: Sequence[Terms], shape: Shape) -> tuple[Atom, tuple[int, ...]]:
        """The atom of a pointwise operation on these values, and the axes of `shape` it lies along: those its operands use."""
        used = 0
        for terms in operands:
            used |= self.used(terms)
        axes = bits(used)
        sizes = tuple([shape[axis] for axis in axes])
        key = (name, extra, sizes, tuple([relabelled(terms, axes) for terms in operands]))
        atom = self.atoms.find(key)
        if atom is None:
            children = self.children(monomial for terms in operands for monomial in terms)
            atom = self.atoms.opaque(key, name, sizes, children)
            atom.infinite = any(self.infinite(terms) for terms in operands)
        return atom, axes

    def combine(self, terms: Terms, shape: Shape) -> tuple[Monomial, Coefficient]:
        """A sum of terms as one atom, divided by its leading coefficient, which is returned beside it."""
        terms = (self._known_sum(terms, shape) if len(terms) > 1 else None) or terms
        if len(terms) == 1:
            return next(iter(terms.items()))
        leading = terms[min(terms)]
        if leading != 1:
            terms = {monomial: divided(coefficient, leading) for monomial, coefficient in terms.items()}
        axes = bits(self.used(terms))
        sizes = tuple([shape[axis] for axis in axes])
        inside = relabelled(terms, axes)
        key = ("sum of terms", (), sizes, (inside,))
        atom = self.atoms.find(key)
        if atom is None:
            atom = self.atoms.make(key, "sum of terms", sizes, self.children(terms))
            atom.infinite = self.infinite(terms)
            atom.content, atom.most, atom.signed = SumOfTerms(inside), self.bound(terms), self.signed(terms)
        return ((atom.number, axes, 1),), leading

    def _known_sum(self, terms: Terms, shape: Shape) -> Terms | None:
        """A sum of known constants as one of them, or none for 0; None if not all are known."""
        if not all_known(self.atoms, terms):
            return None
        axes = bits(self.used(terms))
        entries = added(self.atoms, terms, axes, shape)
        return None if entries is None else content_terms(self.atoms, entries, axes)

    def reciprocal(self, form: Form) -> tuple[Monomial, Coefficient] | None:
        """1 / form as one monomial and its coefficient; None for the form 0."""
        if not form.terms:
            return None
        monomial, coefficient = self.combine(form.terms, form.shape)
        return tuple(sorted((n, p, -e) for n, p, e in monomial)), divided(1, coefficient)
