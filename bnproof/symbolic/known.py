"""What is known in a setting: relations that are supposed, conditions under which the terms at hand have values."""

# SymPy declares most results as Basic where they are Expr; the checks that trip over this alone are off here
# pyright: reportArgumentType=false

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from .bridge import Bridge
from .domain import Condition, nonzero
from .evaluate import COMPARE
from .normal import Normaliser
from .polynomial import Polynomial, common_factor
from .ranges import Ranges
from .relation import Comparison, Relation
from .sign import NONNEGATIVE, POSITIVE, UNKNOWN, manifest_sign
from .symbols import Symbol, Vocabulary
from .term import Binary, Name, Negative, Number, Term, free_names, substitute, walk

STRENGTH: dict[Comparison, tuple[Comparison, ...]] = {"!=": ("!=", ">"), ">": (">",), ">=": (">=", ">", "=="), "==": ("==",)}
"""Which known comparisons with 0 show a wanted one."""


class Forms:
    """Normal forms of terms under one set of replacements, remembered. None where there is none."""

    def __init__(self, normaliser: Normaliser, bridge: Bridge) -> None:
        self.normaliser = normaliser
        self.bridge = bridge
        self._found: dict[Term, Polynomial | None] = {}
        self._stripped: dict[Term, Polynomial | None] = {}
        self._indices: dict[Term, frozenset[str]] = {}

    def of(self, term: Term) -> Polynomial | None:
        """The normal form."""
        if term not in self._found:
            try:
                self._found[term] = self.normaliser.polynomial(self.bridge.sympy(term))
            except (ArithmeticError, LookupError, TypeError, ValueError):
                self._found[term] = None
        return self._found[term]

    def stripped(self, term: Term) -> Polynomial | None:
        """The normal form without the positive symbols that divide all its terms."""
        if term not in self._stripped:
            form = self.of(term)
            self._stripped[term] = None if form is None else stripped(form)
        return self._stripped[term]

    def indices(self, term: Term, symbols: Mapping[str, Symbol]) -> frozenset[str]:
        """The indices that are free in the term once its symbols are replaced."""
        if term not in self._indices:
            names = {str(s) for s in self.bridge.sympy(term).free_symbols} | free_names(term)
            self._indices[term] = frozenset(n for n in names if n in symbols and symbols[n].sort == "index")
        return self._indices[term]


@dataclass(frozen=True)
class _Supposed:
    """``term operator 0``, for every value of the general indices; `forms` reads it."""

    operator: Comparison
    term: Term
    general: tuple[str, ...]
    forms: Forms


class Known:
    """Relations and conditions to argue from, and what follows from them at once.

    Two terms whose normal forms agree up to a positive factor have the same sign. What is supposed of an index is supposed
    for every value of its range. `forms` reads what is asked about.
    """

    def __init__(self, vocabulary: Vocabulary, ranges: Ranges, forms: Forms) -> None:
        self.vocabulary = vocabulary
        self.ranges = ranges
        self.forms = forms
        self.facts: list[_Supposed] = []
        self.smooth: set[Term] = set()
        self._shown: dict[tuple[Comparison, Term, frozenset[str]], bool] = {}
        self._signs: dict[tuple[Term, frozenset[str]], int] = {}

    def asked_under(self, forms: Forms) -> Known:
        """The same knowledge, asked about terms in which further symbols are replaced."""
        other = Known(self.vocabulary, self.ranges, forms)
        other.facts, other.smooth = [*self.facts], {*self.smooth}
        return other

    def suppose(self, relations: Iterable[Relation]) -> None:
        """Add relations; each holds for every value of the indices in it."""
        for relation in relations:
            upward, general = relation.upward, relation.indices(self.vocabulary)
            self._add(_Supposed(upward.operator, upward.difference, general, self.forms))
            for condition in nonzero(upward.difference, self.vocabulary) if upward.operator in ("!=", ">") else ():
                self._add(_Supposed(condition.operator, condition.term, general, self.forms))

    def allow(self, conditions: Iterable[Condition], forms: Forms | None = None) -> None:
        """Add what holds because a term has a value; an index is general only where the term binds it. `forms` reads the term."""
        for condition in conditions:
            if condition.operator == "smooth":
                self.smooth.add(condition.term)
            elif condition.own and condition.sure:
                self._add(_Supposed(condition.operator, condition.term, condition.bound, forms or self.forms))

    def _add(self, fact: _Supposed) -> None:
        if fact not in self.facts:
            self.facts.append(fact)
            self._shown.clear()
            self._signs.clear()

    def lacking(self, conditions: Iterable[Condition]) -> Condition | None:
        """The first condition that is not shown, or None."""
        return next((c for c in conditions if not self.meets(c)), None)

    def meets(self, condition: Condition) -> bool:
        """Whether a condition follows."""
        if condition.operator == "smooth":
            return condition.term in self.smooth
        if not condition.own:  # its indices have another range than their names say: only shape decides
            return manifest_sign(condition.term, self.vocabulary) >= (NONNEGATIVE if condition.operator == ">=" else POSITIVE)
        return self.compares(condition.operator, condition.term, frozenset(condition.bound))

    def holds(self, relation: Relation) -> bool:
        """Whether a relation follows: it is supposed, or its difference's sign shows."""
        upward = relation.upward
        if upward.left == upward.right and upward.operator in ("==", ">="):
            return True
        return self.compares(upward.operator, upward.difference, frozenset(relation.indices(self.vocabulary)))

    def compares(self, operator: Comparison, term: Term, bound: frozenset[str] = frozenset()) -> bool:
        """Whether ``term operator 0`` follows; `bound` are indices in it that stand for every value of their ranges."""
        key = (operator, term, bound)
        if key not in self._shown:
            self._shown[key] = self._compares(operator, term, bound)
        return self._shown[key]

    def _number(self, term: Term) -> Fraction | None:
        """The number that is put in the place of a symbol, as in γ := 1; None for anything else."""
        put = self.forms.bridge.assume.get(term.name) if isinstance(term, Name) else None
        match put.body if put is not None else None:
            case Number(value):
                return value
            case Negative(Number(value)):
                return -value
            case _:
                return None

    def _compares(self, operator: Comparison, term: Term, bound: frozenset[str]) -> bool:
        value = self._number(term)
        if value is not None:
            return COMPARE[operator](value, Fraction(0))
        match operator:
            case "!=":
                return all(self._nonzero(c, bound) for c in nonzero(term, self.vocabulary))
            case ">":
                sign = self.sign(term, bound)
                return sign == POSITIVE or (sign == NONNEGATIVE and self.compares("!=", term, bound))
            case ">=":
                return self.sign(term, bound) >= NONNEGATIVE
            case "==":
                return self._stated("==", term, bound)
            case _:
                raise ValueError(f"comparisons are turned upward before they are looked up, not `{operator}`")

    def _nonzero(self, condition: Condition, bound: frozenset[str]) -> bool:
        term = condition.term
        value = self._number(term)
        if value:
            return True
        if condition.operator == ">":
            return self.compares(">", term, bound)
        if self.sign(term, bound) == POSITIVE or self._stated("!=", term, bound):
            return True
        turned = Binary("-", term.right, term.left) if isinstance(term, Binary) and term.op == "-" else term
        return self.sign(turned, bound) == POSITIVE

    def sign(self, term: Term, bound: frozenset[str] = frozenset()) -> int:
        """2 if the term is > 0, 1 if ≥ 0, else 0."""
        return manifest_sign(term, self.vocabulary, lambda part, inner: self._supposed(part, inner | bound))

    def _supposed(self, term: Term, bound: frozenset[str]) -> int:
        key = (term, bound)
        if key not in self._signs:
            self._signs[key] = UNKNOWN  # a sign is not shown by itself
            self._signs[key] = self._looked_up(term, bound)
        return self._signs[key]

    def _looked_up(self, term: Term, bound: frozenset[str]) -> int:
        if isinstance(term, Number):
            return UNKNOWN
        value = self._number(term)
        if value is not None:
            return POSITIVE if value > 0 else NONNEGATIVE if value == 0 else UNKNOWN
        least = self._least(term)
        if least is not None and least > 0:
            return POSITIVE
        if isinstance(term, Binary) and term.op == "**" and isinstance(term.right, Number):
            even = term.right.value.denominator == 1 and term.right.value % 2 == 0
            if even and self.compares("!=", term.left, bound):
                return POSITIVE
        for operator, sign in ((">", POSITIVE), (">=", NONNEGATIVE)):
            if self._stated(operator, term, bound):
                return sign
        return NONNEGATIVE if least == 0 else UNKNOWN

    def _least(self, term: Term) -> int | None:
        """A lower bound of a combination of sizes and counts, as n − 1 for n ≥ 2."""
        if not isinstance(term, Binary) or any(not isinstance(t, Binary | Name | Number) for t in walk(term)):
            return None
        return self.ranges.least(self.forms.bridge.sympy(term))

    def _stated(self, operator: Comparison, term: Term, bound: frozenset[str]) -> bool:
        """Whether some known fact says it, up to the normal form and a constant factor."""
        wanted = self.forms.stripped(term) if self.facts or operator == "==" else None
        if wanted is None:
            return False
        if operator == "==" and not wanted:
            return True
        for fact in self.facts:
            if fact.operator not in STRENGTH[operator]:
                continue
            for instance in self._instances(fact, term, bound):
                form = fact.forms.stripped(instance)
                factor = None if form is None else ratio(wanted, form)
                if factor is not None and (factor > 0 or operator in ("==", "!=")):
                    return True
        return False

    def _instances(self, fact: _Supposed, term: Term, bound: frozenset[str]) -> Iterator[Term]:
        """A known fact at the indices that occur in a term. Where it is not general, a bound index of its name is another one."""
        symbols = self.vocabulary.symbols
        if (fact.forms.indices(fact.term, symbols) - {*fact.general}) & bound:
            return
        if not fact.general:
            yield fact.term
            return
        present = self.forms.indices(term, symbols)
        choices = [sorted({n for n in present if symbols[n].over == symbols[g].over} | {g}) for g in fact.general]
        for names in product(*choices):
            try:
                yield substitute(fact.term, {g: Name(n) for g, n in zip(fact.general, names, strict=True)})
            except ValueError:  # a bound index has that name
                continue


def ratio(left: Polynomial, right: Polynomial) -> Fraction | None:
    """The number by which the second must be multiplied to give the first; None if there is none."""
    if not left or left.keys() != right.keys():
        return None
    factors = {Fraction(left[m]) / Fraction(right[m]) for m in left}
    return factors.pop() if len(factors) == 1 else None


def stripped(polynomial: Polynomial) -> Polynomial:
    """The polynomial without the positive symbols that divide all its terms."""
    common = common_factor(polynomial, positive_only=True) if polynomial else {}
    if not common:
        return polynomial
    found: Polynomial = {}
    for monomial, coefficient in polynomial.items():
        left = {atom: e - common.get(atom, 0) for atom, e in monomial}
        left |= {atom: -e for atom, e in common.items() if atom not in left}
        found[frozenset((atom, e) for atom, e in left.items() if e)] = coefficient
    return found
