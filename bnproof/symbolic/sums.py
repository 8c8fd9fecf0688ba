"""Finite sums in normal form: linearity, constants out, Kronecker contraction, canonical names for bound indices.

A sum whose body cannot be split any further becomes one atom, a SymPy ``Sum`` over one or more canonically named
indices. Two such sums are equal as expressions exactly when one is the other up to renaming the bound indices,
their order, and, on axes where that is lawful, translation.
"""

# SymPy declares most results as Basic where they are Expr; the checks that trip over this alone are off here
# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportReturnType=false, reportIndexIssue=false

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import permutations
from typing import TYPE_CHECKING

import sympy as sp

from .bridge import is_cyclic, maximum
from .polynomial import Exponent, Monomial, Polynomial, add, constant, monomial_to_expr, scale, to_expr
from .symbols import Symbol

if TYPE_CHECKING:
    from .normal import Normaliser

Factors = list[tuple[sp.Expr, Exponent]]
Bound = tuple[sp.Symbol, sp.Expr]  # the index and its upper end; −∞…∞ where the end is oo
_MARK = "."


class SumRule:
    """The sum's share of the normaliser."""

    def __init__(self, symbols: Mapping[str, Symbol], normaliser: Normaliser) -> None:
        self.symbols = symbols
        self.normaliser = normaliser
        self.counts = {s.of: s.name for s in symbols.values() if s.sort == "count" and s.of}
        self._free: dict[sp.Expr, set[sp.Basic]] = {}

    def free(self, atom: sp.Expr) -> set[sp.Basic]:
        """Free symbols of an atom, remembered."""
        known = self._free.get(atom)
        if known is None:
            known = self._free[atom] = atom.free_symbols - {m.args[1] for m in atom.atoms(maximum)}
        return known

    def sum(self, body: Polynomial, index: sp.Symbol, lower: sp.Expr, upper: sp.Expr) -> Polynomial:
        """Σ body over index = lower … upper."""
        if upper is sp.oo:
            for monomial in body:
                self._require_finite(monomial, index)
            return add(self._monomial(m, c, index, upper) for m, c in body.items())
        if lower.is_Integer and upper.is_Integer:
            return add(self.at(body, index, sp.Integer(v)) for v in range(int(lower), int(upper) + 1))
        if not lower.is_Integer:
            raise TypeError(f"a sum must start at a number, not at {lower}")
        if any(":" in symbol.name for symbol in upper.free_symbols):
            raise TypeError(f"the end of the range {lower} … {upper} depends on another bound index")
        least = self._least(upper)
        if least is None or least < int(lower) - 1:
            raise TypeError(f"the range {lower} … {upper} may end before it begins")
        whole, symbolic = upper.as_coeff_Add()
        parts: list[Polynomial] = []
        if int(lower) != 1:
            low, sign = (range(int(lower), 1), 1) if int(lower) < 1 else (range(1, int(lower)), -1)
            parts += [scale(self.at(body, index, sp.Integer(v)), sign) for v in low]
        if whole:
            offset = int(whole)
            steps, sign = (range(1, offset + 1), 1) if offset > 0 else (range(offset + 1, 1), -1)
            parts += [scale(self.at(body, index, symbolic + v), sign) for v in steps]
        parts += [self._monomial(m, c, index, symbolic) for m, c in body.items()]
        return add(parts)

    def _require_finite(self, monomial: Monomial, index: sp.Symbol) -> None:
        """A sum over all integers needs, in each term, a sequence with finitely many nonzero entries."""
        for atom, e in monomial:
            entries = atom.atoms(sp.Indexed) if e > 0 and index in self.free(atom) else ()
            for entry in entries:
                declared = self.symbols.get(str(entry.args[0]))
                if declared is not None and declared.finite and index in entry.free_symbols:
                    return
        raise ValueError("a sum over all integers without a finitely supported factor may not exist")

    def _least(self, upper: sp.Expr) -> int | None:
        """A lower bound for the end of a range: sizes and indices are at least 1, counts at least 0."""
        total = 0
        for term in sp.Add.make_args(upper):
            factor, symbol = term.as_coeff_Mul()
            if symbol == 1 and factor.is_Integer:
                total += int(factor)
                continue
            least = self._least_symbol(symbol)
            if least is None or not factor.is_Integer or factor < 0:
                return None
            total += int(factor) * least
        return total

    def _least_symbol(self, symbol: sp.Expr) -> int | None:
        if not symbol.is_Symbol:
            return None
        declared = self.symbols.get(symbol.name)
        if declared is None:
            return 1 if ":" in symbol.name and "…" not in symbol.name else None  # a bound index
        match declared.sort:
            case "size":
                return self.normaliser.minimum.get(symbol.name, 1)
            case "index":
                return 1 if declared.over else None
            case "count" | "integer":
                return 0
            case _:
                return None

    def at(self, body: Polynomial, index: sp.Symbol, value: sp.Expr) -> Polynomial:
        """The body with the index replaced."""
        return add(scale(self._substituted(m, {index: value}), c) for m, c in body.items())

    def _substituted(self, monomial: Monomial, values: dict[sp.Symbol, sp.Expr]) -> Polynomial:
        result = constant(1)
        for atom, e in monomial:
            if self.free(atom) & values.keys():
                factor = self.normaliser.arithmetic.power(self.normaliser.polynomial(atom.xreplace(values)), e)
            else:
                factor = self.normaliser.arithmetic.finish({atom: e})
            result = self.normaliser.arithmetic.multiply(result, factor)
        return result

    def _monomial(self, monomial: Monomial, c: int | Fraction, index: sp.Symbol, upper: sp.Expr) -> Polynomial:
        inner = [(a, e) for a, e in monomial if index in self.free(a)]
        if not inner:
            if upper is sp.oo:
                raise ValueError("the sum of a constant over all integers does not exist")
            return self.normaliser.arithmetic.multiply({monomial: c}, self.normaliser.polynomial(upper))
        outer: Polynomial = {monomial - frozenset(inner): c}
        total = self._closed(*self._flattened(inner, [(index, upper)]))
        return self.normaliser.arithmetic.multiply(outer, total)

    def _flattened(self, factors: Factors, bounds: list[Bound]) -> tuple[Factors, list[Bound]]:
        """Σᵢ f(i)·Σⱼ g(i,j) as one sum over i and j: inner sums that depend on an outer index are merged."""
        flat: Factors = []
        for atom, e in factors:
            if isinstance(atom, sp.Sum) and e == int(e) and e > 0:
                for _ in range(int(e)):
                    fresh = {s: sp.Dummy(s.name, integer=True) for s, _, _ in atom.limits}
                    bounds = bounds + [(fresh[s], upper) for s, _, upper in atom.limits]
                    flat += self._factors(atom.function.xreplace(fresh))
            else:
                flat.append((atom, e))
        return flat, bounds

    def _factors(self, expr: sp.Expr) -> Factors:
        ((monomial, c),) = self.normaliser.polynomial(expr).items()
        if c != 1:
            raise TypeError(f"a canonical sum carries the coefficient {c}")
        return list(monomial)

    def _closed(self, factors: Factors, bounds: list[Bound]) -> Polynomial:
        """The sum of a product of factors over several indices, contracted, split and named."""
        for symbol, upper in bounds:
            for atom, _ in factors:
                value = self._contraction(atom, symbol, upper)
                if value is not None:
                    body = self._substituted(frozenset(self._combined(factors, atom)), {symbol: value})
                    for index, end in (b for b in bounds if b[0] is not symbol):
                        body = add(self._monomial(m, c, index, end) for m, c in body.items())
                    return body
        result = constant(1)
        for part, own in self._components(factors, bounds):
            result = self.normaliser.arithmetic.multiply(result, self._named(part, own))
        return result

    @staticmethod
    def _combined(factors: Factors, without: sp.Expr | None = None) -> Iterator[tuple[sp.Expr, Exponent]]:
        total: dict[sp.Expr, Exponent] = {}
        for atom, e in factors:
            if atom != without:
                total[atom] = total.get(atom, 0) + e
        return ((a, e) for a, e in total.items() if e)

    def _contraction(self, atom: sp.Expr, symbol: sp.Symbol, upper: sp.Expr) -> sp.Expr | None:
        """What a Kronecker delta makes of the index, if that value is sure to lie in the index's range."""
        if not isinstance(atom, sp.KroneckerDelta):
            return None
        left, right = atom.args
        value = right if left == symbol else left if right == symbol else None
        if value is None or symbol in value.free_symbols:
            return None
        if upper is sp.oo:
            return value if value.is_integer else None
        least = self._least(upper)
        if value == upper or value.is_Integer:
            inside = least is not None and (least >= 1 if value == upper else 1 <= int(value) <= least)
            return value if inside else None
        return value if self._range_of(value) == str(upper) else None

    def _range_of(self, value: sp.Expr) -> str | None:
        """The name of the size up to which an index runs."""
        if not value.is_Symbol:
            return None
        declared = self.symbols.get(value.name)
        if declared is not None:
            return declared.over if declared.sort == "index" else None
        return value.name.split(":", 1)[1] if ":" in value.name else None

    def _components(self, factors: Factors, bounds: list[Bound]) -> Iterator[tuple[Factors, list[Bound]]]:
        """Split into factors that share no bound index: Σᵢⱼ f(i)g(j) = Σᵢ f(i) · Σⱼ g(j)."""
        left_factors, left_bounds = list(factors), list(bounds)
        while left_bounds:
            reach: set[sp.Basic] = {left_bounds[0][0]}
            symbols = {s for s, _ in left_bounds}
            while True:
                touched: set[sp.Basic] = set()
                for atom, _ in left_factors:
                    if self.free(atom) & reach:
                        touched |= self.free(atom) & symbols
                if touched <= reach:
                    break
                reach |= touched
            part = [(a, e) for a, e in left_factors if self.free(a) & reach]
            own = [b for b in left_bounds if b[0] in reach]
            left_factors = [(a, e) for a, e in left_factors if not self.free(a) & reach]
            left_bounds = [b for b in left_bounds if b[0] not in reach]
            yield part, own
        if left_factors:
            yield left_factors, []

    def _named(self, factors: Factors, bounds: list[Bound]) -> Polynomial:
        """One connected sum with canonical indices, as a polynomial (an atom, up to a coefficient)."""
        if not bounds:
            return self._substituted(frozenset(self._combined(factors)), {})
        if not factors:
            return self.normaliser.polynomial(sp.Mul(*(upper for _, upper in bounds)))
        count = self._count(factors, bounds)
        if count is not None:
            return self.normaliser.polynomial(count)
        level = self._next_level((a for a, _ in factors), {s for s, _ in bounds})
        monomial = frozenset(self._combined(factors))
        candidates = list(self._candidates(monomial, bounds, level))
        best = candidates[0] if len(candidates) == 1 else min(candidates, key=lambda c: self._text(c[0]))
        body, limits = best
        total: list[Polynomial] = []
        for inner, c in body.items():
            if len(body) > 1:
                raise TypeError("renaming a bound index split a sum")
            atom = sp.Sum(monomial_to_expr(inner), *limits)
            total.append({frozenset({(atom, 1)}): c})
        return add(total)

    def _count(self, factors: Factors, bounds: list[Bound]) -> sp.Expr | None:
        """Σ of a 0/1 indicator is its count."""
        if len(factors) != 1 or len(bounds) != 1:
            return None
        atom, _ = factors[0]
        if not atom.is_Indexed or len(atom.args) != 2 or atom.args[1] != bounds[0][0]:
            return None
        name = self.counts.get(str(atom.args[0]))
        indexed = self.symbols.get(str(atom.args[0]))
        if name is None or indexed is None or indexed.over != str(bounds[0][1]):
            return None
        return sp.Symbol(name, integer=True, nonnegative=True)

    def _next_level(self, atoms: Iterable[sp.Expr], own: set[sp.Symbol]) -> int:
        """One more than the deepest canonical index bound inside, and past any free one that could be captured."""
        bound: set[int] = set()
        free: set[int] = set()
        for atom in atoms:
            for inner in atom.atoms(sp.Sum):
                bound |= {_depth(s) for s, _, _ in inner.limits}
            for inner in atom.atoms(maximum):
                bound.add(_depth(inner.args[1]))
            free |= {_depth(s) for s in self.free(atom) if s not in own}
        level = 1 + max(bound, default=-1)
        while free & set(range(level, level + len(own))):
            level += 1
        return level

    def _candidates(
        self, monomial: Monomial, bounds: list[Bound], level: int
    ) -> Iterator[tuple[Polynomial, list[tuple[sp.Symbol, sp.Expr, sp.Expr]]]]:
        """Every way to name (and, where lawful, to translate) the bound indices."""
        for arrangement in permutations(bounds):
            uppers = [str(upper) for _, upper in arrangement]
            if uppers != sorted(uppers):
                continue
            names: dict[sp.Symbol, sp.Expr] = {}
            limits: list[tuple[sp.Symbol, sp.Expr, sp.Expr]] = []
            movable: list[sp.Symbol] = []
            for k, (symbol, upper) in enumerate(arrangement):
                name = sp.Symbol(f"{_MARK}{level + k}:{upper}", integer=True)
                names[symbol] = name
                limits.append((name, -sp.oo if upper is sp.oo else sp.Integer(1), upper))
                if upper is sp.oo or is_cyclic(self.symbols, upper):
                    movable.append(name)
            for body in self._translated(self._substituted(monomial, names), movable):
                yield body, limits

    def _translated(self, body: Polynomial, movable: list[sp.Symbol]) -> Iterator[Polynomial]:
        """Move each index, one after the other, so that some entry is indexed by the bound index itself."""
        if not movable:
            yield body
            return
        symbol, *others = movable
        if not all(self._translatable(atom, symbol) for monomial in body for atom, _ in monomial):
            yield from self._translated(body, others)
            return
        offsets: set[sp.Expr] = set()
        for monomial in body:
            for atom, _ in monomial:
                for entry in atom.atoms(sp.Indexed):
                    rests = (place - symbol for place in entry.args[1:])
                    # an index bound inside the atom is not there to be moved by
                    allowed = self.free(atom) - {symbol}
                    offsets |= {rest for rest in rests if rest.free_symbols <= allowed}
        for offset in offsets or {sp.Integer(0)}:
            moved = self.at(body, symbol, symbol - offset) if offset != 0 else body
            yield from self._translated(moved, others)

    def _translatable(self, atom: sp.Expr, symbol: sp.Symbol) -> bool:
        """On a cyclic axis an index may move only inside entries over that axis, and by whole steps."""
        if symbol not in self.free(atom) or symbol.name.endswith(":oo"):
            return True
        axis = symbol.name.split(":", 1)[1]
        inside: dict[sp.Expr, sp.Expr] = {}
        for entry in atom.atoms(sp.Indexed):
            if symbol not in entry.free_symbols:
                continue
            declared = self.symbols.get(str(entry.args[0]))
            whole = all((place - symbol).is_integer for place in entry.args[1:] if symbol in place.free_symbols)
            if declared is None or declared.over != axis or not whole:
                return False
            inside[entry] = sp.Dummy()
        return symbol not in atom.xreplace(inside).free_symbols

    @staticmethod
    def _text(body: Polynomial) -> list[tuple[str, str]]:
        return sorted((str(to_expr({m: 1})), str(c)) for m, c in body.items())

    def opaque_maximum(self, expr: sp.Expr) -> sp.Expr:
        """Max over an index: no law but congruence and renaming."""
        body, index, lower, upper = expr.args
        inner = to_expr(self.normaliser.polynomial(body))
        name = sp.Symbol(f"{_MARK}{self._next_level([inner], {index})}:{upper}", integer=True)
        return expr.func(to_expr(self.normaliser.polynomial(inner.xreplace({index: name}))), name, lower, upper)


def _depth(symbol: sp.Basic) -> int:
    """The number in a canonical index's name; −1 for any other symbol."""
    name = getattr(symbol, "name", "")
    return int(name[1:].split(":", 1)[0]) if name.startswith(_MARK) else -1
