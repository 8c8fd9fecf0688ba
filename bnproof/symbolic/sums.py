"""Finite sums in normal form: linearity, constants out, Kronecker contraction, canonical names for bound indices.

A sum whose body cannot be split any further becomes one atom, a SymPy ``Sum`` over one or more canonically named
indices. Two such sums are equal as expressions exactly when one is the other up to renaming the bound indices,
their order, and, on axes where that is lawful, translation.
"""

# SymPy declares most results as Basic where they are Expr; the checks that trip over this alone are off here
# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportReturnType=false, reportIndexIssue=false

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from itertools import combinations, count

import sympy as sp

from .bodies import Bodies, Factors, combined
from .index import BoundIndex
from .naming import Bound, Naming
from .polynomial import Arithmetic, Monomial, Polynomial, add, constant, scale
from .ranges import Ranges
from .symbols import Symbol


class SumRule:
    """The sum's share of the normaliser.

    - minimum: the least value of a size where it is not 1;
    - polynomial: the normal form of any SymPy expression, the normaliser's own.
    """

    def __init__(
        self,
        symbols: Mapping[str, Symbol],
        minimum: Mapping[str, int],
        arithmetic: Arithmetic,
        polynomial: Callable[[sp.Expr], Polynomial],
    ) -> None:
        self.symbols = symbols
        self.arithmetic = arithmetic
        self.polynomial = polynomial
        self.bodies = Bodies(arithmetic, polynomial)
        self.ranges = Ranges(symbols, minimum)
        self.naming = Naming(self.ranges, self.bodies)
        self._copies = count(1)

    def sum(self, body: Polynomial, index: BoundIndex, lower: sp.Expr, upper: sp.Expr) -> Polynomial:
        """Σ body over index = lower … upper."""
        if upper is sp.oo:
            return add(self._monomial(m, c, index, upper) for m, c in body.items())
        if lower.is_Integer and upper.is_Integer:
            return add(self.bodies.at(body, index, sp.Integer(v)) for v in range(int(lower), int(upper) + 1))
        if not lower.is_Integer:
            raise TypeError(f"a sum must start at a number, not at {lower}")
        if upper.atoms(BoundIndex):
            raise TypeError(f"the end of the range {lower} … {upper} depends on another bound index")
        least = self.ranges.least(upper)
        if least is None or least < int(lower) - 1:
            raise TypeError(f"the range {lower} … {upper} may end before it begins")
        whole, symbolic = upper.as_coeff_Add()
        parts: list[Polynomial] = []
        if int(lower) != 1:
            low, sign = (range(int(lower), 1), 1) if int(lower) < 1 else (range(1, int(lower)), -1)
            parts += [scale(self.bodies.at(body, index, sp.Integer(v)), sign) for v in low]
        if whole:
            offset = int(whole)
            steps, sign = (range(1, offset + 1), 1) if offset > 0 else (range(offset + 1, 1), -1)
            parts += [scale(self.bodies.at(body, index, symbolic + v), sign) for v in steps]
        parts += [self._monomial(m, c, index, symbolic) for m, c in body.items()]
        return add(parts)

    def _require_finite(self, factors: Factors, bounds: list[Bound]) -> None:
        """A sum over all integers exists if finitely many values of its indices leave no factor 0.

        So the places at which finitely supported sequences stand (and Kronecker deltas) must determine all these indices.
        """
        infinite = [symbol for symbol, upper in bounds if upper is sp.oo]
        rows: list[list[sp.Expr]] = []
        for atom, e in factors if infinite else ():
            declared = self.symbols.get(str(atom.args[0])) if atom.is_Indexed else None
            if e > 0 and declared is not None and declared.finite:
                rows += [[place.diff(symbol) for symbol in infinite] for place in atom.args[1:]]
            elif e > 0 and isinstance(atom, sp.KroneckerDelta):
                rows.append([atom.args[0].diff(symbol) - atom.args[1].diff(symbol) for symbol in infinite])
        squares = (sp.Matrix(chosen).det() for chosen in combinations(rows, len(infinite)))
        if infinite and not any(sp.expand(d).is_Integer and sp.expand(d) != 0 for d in squares):
            raise ValueError("a sum over all integers without finitely supported factors that fix its indices may not exist")

    def _monomial(self, monomial: Monomial, c: int | Fraction, index: BoundIndex, upper: sp.Expr) -> Polynomial:
        inner = [(a, e) for a, e in monomial if index in self.bodies.free(a)]
        if not inner:
            if upper is sp.oo:
                raise ValueError("the sum of a constant over all integers does not exist")
            return self.arithmetic.multiply({monomial: c}, self.polynomial(upper))
        outer: Polynomial = {monomial - frozenset(inner): c}
        factors, bounds = self._flattened(inner, [(index, upper)])
        self._require_finite(factors, bounds)
        total = self._closed(factors, bounds)
        return self.arithmetic.multiply(outer, total)

    def _flattened(self, factors: Factors, bounds: list[Bound]) -> tuple[Factors, list[Bound]]:
        """Σᵢ f(i)·Σⱼ g(i,j) as one sum over i and j: inner sums that depend on an outer index are merged."""
        flat: Factors = []
        for atom, e in factors:
            if isinstance(atom, sp.Sum) and e == int(e) and e > 0:
                for _ in range(int(e)):
                    fresh = {s: s.copied(next(self._copies)) for s, _, _ in atom.limits}
                    bounds = bounds + [(fresh[s], upper) for s, _, upper in atom.limits]
                    flat += self._factors(atom.function.xreplace(fresh))
            else:
                flat.append((atom, e))
        return flat, bounds

    def _factors(self, expr: sp.Expr) -> Factors:
        ((monomial, c),) = self.polynomial(expr).items()
        if c != 1:
            raise TypeError(f"a canonical sum carries the coefficient {c}")
        return list(monomial)

    def _closed(self, factors: Factors, bounds: list[Bound]) -> Polynomial:
        """The sum of a product of factors over several indices, contracted, split and named."""
        for symbol, upper in bounds:
            for atom, _ in factors:
                contracted = self._contraction(atom, symbol, upper)
                if contracted is not None:
                    value, inside = contracted
                    body = self.bodies.substituted(combined(factors, atom), {symbol: value})
                    body = self.arithmetic.multiply(body, inside)
                    for index, end in (b for b in bounds if b[0] is not symbol):
                        body = add(self._monomial(m, c, index, end) for m, c in body.items())
                    return body
        result = constant(1)
        for part, own in self._components(factors, bounds):
            result = self.arithmetic.multiply(result, self._named(part, own))
        return result

    def _contraction(self, atom: sp.Expr, symbol: BoundIndex, upper: sp.Expr) -> tuple[sp.Expr, Polynomial] | None:
        """What a Kronecker delta makes of the index, and 1 where that lies in the index's range, else 0; None if this is not known."""
        if not isinstance(atom, sp.KroneckerDelta):
            return None
        left, right = atom.args
        value = right if left == symbol else left if right == symbol else None
        if value is None or symbol in value.free_symbols:
            return None
        if upper is sp.oo:
            return (value, constant(1)) if value.is_integer else None
        least = self.ranges.least(upper)
        if value == upper or value.is_Integer:
            inside = least is not None and (least >= 1 if value == upper else 1 <= int(value) <= least)
            return (value, constant(1)) if inside else None
        offset, index = value.as_coeff_Add()
        if not offset.is_Integer or self.ranges.end_of(index) != upper or (offset and self.ranges.is_cyclic(upper)):
            return None
        beyond = (upper - d if offset > 0 else d + 1 for d in range(abs(int(offset))))
        return value, add((constant(1), *(scale(self.polynomial(sp.KroneckerDelta(index, end)), -1) for end in beyond)))

    def _components(self, factors: Factors, bounds: list[Bound]) -> Iterator[tuple[Factors, list[Bound]]]:
        """Split into factors that share no bound index: Σᵢⱼ f(i)g(j) = Σᵢ f(i) · Σⱼ g(j)."""
        left_factors, left_bounds = list(factors), list(bounds)
        while left_bounds:
            reach: set[sp.Basic] = {left_bounds[0][0]}
            symbols = {s for s, _ in left_bounds}
            while True:
                touched: set[sp.Basic] = set()
                for atom, _ in left_factors:
                    if self.bodies.free(atom) & reach:
                        touched |= self.bodies.free(atom) & symbols
                if touched <= reach:
                    break
                reach |= touched
            part = [(a, e) for a, e in left_factors if self.bodies.free(a) & reach]
            own = [b for b in left_bounds if b[0] in reach]
            left_factors = [(a, e) for a, e in left_factors if not self.bodies.free(a) & reach]
            left_bounds = [b for b in left_bounds if b[0] not in reach]
            yield part, own
        if left_factors:
            yield left_factors, []

    def _named(self, factors: Factors, bounds: list[Bound]) -> Polynomial:
        """One connected sum with canonical indices, as a polynomial (an atom, up to a coefficient)."""
        if not bounds:
            return self.bodies.substituted(combined(factors), {})
        if not factors:
            return self.polynomial(sp.Mul(*(upper for _, upper in bounds)))
        count = self._count(factors, bounds)
        if count is not None:
            return self.polynomial(count)
        return self.naming.named(combined(factors), bounds)

    def _count(self, factors: Factors, bounds: list[Bound]) -> sp.Expr | None:
        """Σ of a 0/1 indicator is its count."""
        if len(factors) != 1 or len(bounds) != 1:
            return None
        atom, _ = factors[0]
        if not atom.is_Indexed or len(atom.args) != 2 or atom.args[1] != bounds[0][0]:
            return None
        name = str(atom.args[0])
        return self.ranges.counts.get(name) if self.ranges.axis(name) == bounds[0][1] else None
