"""Generalised polynomials over SymPy atoms: the arithmetic under the normaliser.

A polynomial is ``{monomial: coefficient}``, a monomial a frozenset of ``(atom, exponent)``. Exponents are
rational, so reciprocals and roots need no types of their own: an atom that is itself a sum of terms (a
*base*, such as σ²+ε) occurs only with an exponent below 1, because whole powers of it are multiplied out.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import floor, gcd, lcm

import sympy as sp

Exponent = int | Fraction
Coefficient = int | Fraction
Monomial = frozenset[tuple[sp.Expr, Exponent]]
Polynomial = dict[Monomial, Coefficient]

UNIT: Monomial = frozenset()


def constant(value: Coefficient) -> Polynomial:
    """The constant polynomial."""
    return {UNIT: value} if value else {}


def add(polynomials: Iterable[Polynomial]) -> Polynomial:
    """The sum; zero coefficients are dropped."""
    total: Polynomial = {}
    for polynomial in polynomials:
        for monomial, coefficient in polynomial.items():
            value = total.get(monomial, 0) + coefficient
            if value:
                total[monomial] = value
            else:
                total.pop(monomial, None)
    return total


def scale(polynomial: Polynomial, factor: Coefficient) -> Polynomial:
    """The polynomial times a number."""
    return {m: c * factor for m, c in polynomial.items()} if factor else {}


def to_rational(value: Coefficient) -> sp.Rational:
    """A coefficient as SymPy's rational."""
    return sp.Integer(value) if isinstance(value, int) else sp.Rational(value.numerator, value.denominator)  # pyright: ignore[reportReturnType]


def monomial_to_expr(monomial: Monomial) -> sp.Expr:
    """The monomial as a SymPy product."""
    return sp.Mul(*(atom if e == 1 else sp.Pow(atom, to_rational(e)) for atom, e in monomial))


def to_expr(polynomial: Polynomial) -> sp.Expr:
    """The polynomial as a SymPy sum."""
    return sp.Add(*(to_rational(c) * monomial_to_expr(m) for m, c in polynomial.items()))


def content(polynomial: Polynomial) -> Fraction:
    """The positive rational c for which polynomial/c has coprime integer coefficients."""
    values = [Fraction(c) for c in polynomial.values()]
    return Fraction(gcd(*(v.numerator for v in values)), lcm(*(v.denominator for v in values)))


def common_factor(polynomial: Polynomial, positive_only: bool) -> dict[sp.Expr, Exponent]:
    """The largest monomial dividing every term; only atoms known to be positive where a root will be taken."""
    monomials = [dict(m) for m in polynomial]
    candidates = set().union(*monomials)
    common: dict[sp.Expr, Exponent] = {}
    for candidate in candidates:
        if positive_only and not candidate.is_positive:
            continue
        least = min(m.get(candidate, 0) for m in monomials)
        if least:
            common[candidate] = least
    return common


class Arithmetic:
    """Products and powers. `indicators` names sequences with values 0 and 1, whose powers collapse."""

    def __init__(self, indicators: frozenset[str]) -> None:
        self.indicators = indicators
        self._order: dict[sp.Expr, int] = {}
        self._bases: dict[sp.Expr, Polynomial] = {}

    def is_indicator(self, atom: sp.Expr) -> bool:
        """Whether the atom takes the values 0 and 1 only, so that its powers are itself."""
        return isinstance(atom, sp.KroneckerDelta) or (atom.is_Indexed and str(atom.args[0]) in self.indicators)

    def finish(self, factors: dict[sp.Expr, Exponent]) -> Polynomial:
        """A monomial whose exponents were just added up, rewritten: primes, indicators and bases."""
        plain: dict[sp.Expr, Exponent] = {}
        number: Coefficient = 1
        extra: list[Polynomial] = []
        for atom, e in factors.items():
            if not e:
                continue
            if atom.is_Integer:
                whole = floor(e)
                number *= Fraction(int(atom)) ** whole
                if e != whole:
                    plain[atom] = e - whole
            elif atom.is_Add and e >= 1:
                whole = floor(e)
                extra.append(self.power(self._bases[atom], whole))
                if e != whole:
                    plain[atom] = e - whole
            elif e > 1 and self.is_indicator(atom):
                plain[atom] = 1
            else:
                plain[atom] = e
        result: Polynomial = {frozenset(plain.items()): number}
        for polynomial in extra:
            result = self.multiply(result, polynomial)
        return result

    def multiply(self, left: Polynomial, right: Polynomial) -> Polynomial:
        """The product."""
        total: Polynomial = {}
        for m1, c1 in left.items():
            for m2, c2 in right.items():
                for monomial, c in self._merge(m1, m2):
                    value = total.get(monomial, 0) + c * c1 * c2
                    if value:
                        total[monomial] = value
                    else:
                        total.pop(monomial, None)
        return total

    def _merge(self, m1: Monomial, m2: Monomial) -> Iterable[tuple[Monomial, Coefficient]]:
        if not m1:
            return ((m2, 1),)
        if not m2:
            return ((m1, 1),)
        factors = dict(m1)
        rewrite = False
        for atom, e in m2:
            if atom in factors:
                factors[atom] += e
                rewrite = True
            else:
                factors[atom] = e
        return self.finish(factors).items() if rewrite else ((frozenset(factors.items()), 1),)

    def power(self, polynomial: Polynomial, exponent: Exponent) -> Polynomial:
        """Polynomial ** exponent. Raises ZeroDivisionError for a zero base and a negative exponent."""
        if not polynomial:
            if exponent > 0:
                return {}
            raise ZeroDivisionError("a denominator is identically zero")
        whole = exponent == floor(exponent)
        if whole and exponent >= 0:
            return self._whole_power(polynomial, int(exponent))
        factors = {a: e * exponent for a, e in common_factor(polynomial, positive_only=not whole).items()}
        number = content(polynomial)
        rest = self._divide(polynomial, factors, exponent, number)
        if any(atom.is_Add and e >= 1 for monomial in rest for atom, e in monomial):
            # dividing by 1/B left a whole power of B, which takes part in the sum: 1 − x/B becomes (B − x)/B
            outside = self.multiply(self.finish(factors), self._root_of_number(number, Fraction(exponent)))
            return self.multiply(outside, self.power(self._multiplied_out(rest), exponent))
        if whole:
            lead = max(rest, key=self._key)
            if rest[lead] < 0:
                number, rest = -number, scale(rest, -1)
            head = scale(self.finish(factors), Fraction(number) ** int(exponent))
        else:
            head = self.multiply(self.finish(factors), self._root_of_number(number, Fraction(exponent)))
        if rest == {UNIT: 1}:
            return head
        if len(rest) == 1:
            ((monomial, c),) = rest.items()
            base = sp.Pow(to_expr({monomial: c}), to_rational(exponent))
            return self.multiply(head, {frozenset({(base, 1)}): 1})
        base = to_expr(rest)
        self._bases[base] = rest
        return self.multiply(head, {frozenset({(base, exponent)}): 1})

    def _multiplied_out(self, polynomial: Polynomial) -> Polynomial:
        """The same, with no base left at an exponent of 1 or more."""
        return add(scale(self.finish(dict(monomial)), c) for monomial, c in polynomial.items())

    def _whole_power(self, polynomial: Polynomial, exponent: int) -> Polynomial:
        result, square = constant(1), polynomial
        while exponent:
            if exponent & 1:
                result = self.multiply(result, square)
            exponent >>= 1
            if exponent:
                square = self.multiply(square, square)
        return result

    @staticmethod
    def _divide(polynomial: Polynomial, factors: dict[sp.Expr, Exponent], exponent: Exponent, number: Fraction) -> Polynomial:
        rest: Polynomial = {}
        for monomial, c in polynomial.items():
            left = dict(monomial)
            for atom, e in factors.items():
                remaining = left.get(atom, 0) - e / Fraction(exponent)
                if remaining:
                    left[atom] = int(remaining) if remaining == floor(remaining) else remaining
                else:
                    left.pop(atom, None)
            value = Fraction(c) / number
            rest[frozenset(left.items())] = int(value)
        return rest

    def _root_of_number(self, number: Fraction, exponent: Fraction) -> Polynomial:
        factors: dict[sp.Expr, Exponent] = {}
        for part, sign in ((number.numerator, 1), (number.denominator, -1)):
            for prime, multiplicity in sp.factorint(part).items():
                factors[sp.Integer(prime)] = sign * multiplicity * exponent
        return self.finish(factors)

    def _key(self, monomial: Monomial) -> list[tuple[int, Exponent]]:
        order = self._order
        return sorted((order.setdefault(atom, len(order)), e) for atom, e in monomial)

    def cleared(self, polynomial: Polynomial) -> Polynomial:
        """The polynomial times its bases' denominators: zero exactly when the polynomial is zero."""
        while True:
            lowest: dict[sp.Expr, Exponent] = {}
            for monomial in polynomial:
                for atom, e in monomial:
                    if atom.is_Add and e < lowest.get(atom, 0):
                        lowest[atom] = e
            if not lowest or not polynomial:
                return polynomial
            clear: Polynomial = {frozenset((a, -floor(e)) for a, e in lowest.items()): 1}
            raised: list[Polynomial] = []
            for monomial, c in polynomial.items():
                factors = dict(monomial)
                for atom, e in next(iter(clear)):
                    factors[atom] = factors.get(atom, 0) + e
                raised.append(scale(self.finish(factors), c))
            polynomial = add(raised)
