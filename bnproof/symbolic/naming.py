"""Canonical names for bound indices: two sums that differ in names, order or a lawful translation become one expression."""

# SymPy declares most results as Basic where they are Expr; the checks that trip over this alone are off here
# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportReturnType=false, reportIndexIssue=false

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import permutations

import sympy as sp

from .bodies import Bodies
from .bridge import maximum
from .index import BoundIndex
from .polynomial import Monomial, Polynomial, add, monomial_to_expr, to_expr
from .ranges import Ranges

Bound = tuple[BoundIndex, sp.Expr]  # the index and its upper end; it starts at 1, or at −∞ where the end is oo


class Naming:
    """Names the indices of sums and maxima that cannot be split any further."""

    def __init__(self, ranges: Ranges, bodies: Bodies) -> None:
        self.ranges = ranges
        self.bodies = bodies

    def named(self, monomial: Monomial, bounds: list[Bound]) -> Polynomial:
        """One connected sum with canonical indices, as a polynomial (an atom, up to a coefficient)."""
        level = self._next_level((a for a, _ in monomial), {s for s, _ in bounds})
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

    def _next_level(self, atoms: Iterable[sp.Expr], own: set[BoundIndex]) -> int:
        """One more than the deepest canonical index bound inside, and past any free one that could be captured."""
        bound: set[int] = set()
        free: set[int] = set()
        for atom in atoms:
            for inner in atom.atoms(sp.Sum):
                bound |= {_level(s) for s, _, _ in inner.limits}
            for inner in atom.atoms(maximum):
                bound.add(_level(inner.args[1]))
            free |= {_level(s) for s in self.bodies.free(atom) if s not in own}
        level = 1 + max(bound, default=-1)
        while free & set(range(level, level + len(own))):
            level += 1
        return level

    def _candidates(
        self, monomial: Monomial, bounds: list[Bound], level: int
    ) -> Iterator[tuple[Polynomial, list[tuple[BoundIndex, sp.Expr, sp.Expr]]]]:
        """Every way to name (and, where lawful, to translate) the bound indices."""
        for arrangement in permutations(bounds):
            uppers = [str(upper) for _, upper in arrangement]
            if uppers != sorted(uppers):
                continue
            names: dict[sp.Symbol, sp.Expr] = {}
            limits: list[tuple[BoundIndex, sp.Expr, sp.Expr]] = []
            movable: list[BoundIndex] = []
            for k, (symbol, upper) in enumerate(arrangement):
                name = BoundIndex(level + k, -sp.oo if upper is sp.oo else sp.Integer(1), upper, canonical=True)
                names[symbol] = name
                limits.append((name, name.lower, upper))
                if upper is sp.oo or self.ranges.is_cyclic(upper):
                    movable.append(name)
            for body in self._translated(self.bodies.substituted(monomial, names), movable):
                yield body, limits

    def _translated(self, body: Polynomial, movable: list[BoundIndex]) -> Iterator[Polynomial]:
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
                    allowed = self.bodies.free(atom) - {symbol}
                    offsets |= {rest for rest in rests if rest.free_symbols <= allowed}
        for offset in offsets or {sp.Integer(0)}:
            moved = self.bodies.at(body, symbol, symbol - offset) if offset != 0 else body
            yield from self._translated(moved, others)

    def _translatable(self, atom: sp.Expr, symbol: BoundIndex) -> bool:
        """On a cyclic axis an index may move only inside entries over that axis, and by whole steps."""
        if symbol not in self.bodies.free(atom) or symbol.upper is sp.oo:
            return True
        inside: dict[sp.Expr, sp.Expr] = {}
        for entry in atom.atoms(sp.Indexed):
            if symbol not in entry.free_symbols:
                continue
            whole = all((place - symbol).is_integer for place in entry.args[1:] if symbol in place.free_symbols)
            if self.ranges.axis(str(entry.args[0])) != symbol.upper or not whole:
                return False
            inside[entry] = sp.Dummy()
        return symbol not in atom.xreplace(inside).free_symbols

    @staticmethod
    def _text(body: Polynomial) -> list[tuple[str, str]]:
        return sorted((str(to_expr({m: 1})), str(c)) for m, c in body.items())

    def opaque_maximum(self, expr: sp.Expr) -> sp.Expr:
        """Max over an index: no law but congruence and renaming."""
        body, index, lower, upper = expr.args
        inner = to_expr(self.bodies.polynomial(body))
        name = BoundIndex(self._next_level([inner], {index}), lower, upper, canonical=True)
        return expr.func(to_expr(self.bodies.polynomial(inner.xreplace({index: name}))), name, lower, upper)


def _level(symbol: sp.Basic) -> int:
    """The level of a canonical index; −1 for any other symbol."""
    return symbol.depth if isinstance(symbol, BoundIndex) and symbol.canonical else -1
