"""Products of atoms under a sum: which symbols they depend on, and what they become when an index is replaced."""

# SymPy declares most results as Basic where they are Expr; the checks that trip over this alone are off here
# pyright: reportArgumentType=false, reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import sympy as sp

from .bridge import maximum
from .polynomial import Arithmetic, Exponent, Monomial, Polynomial, add, constant, scale

Factors = list[tuple[sp.Expr, Exponent]]


class Bodies:
    """What is done to the body of a sum. `polynomial` gives the normal form of a SymPy expression."""

    def __init__(self, arithmetic: Arithmetic, polynomial: Callable[[sp.Expr], Polynomial]) -> None:
        self.arithmetic = arithmetic
        self.polynomial = polynomial
        self._free: dict[sp.Expr, set[sp.Basic]] = {}

    def free(self, atom: sp.Expr) -> set[sp.Basic]:
        """Free symbols of an atom, remembered."""
        known = self._free.get(atom)
        if known is None:
            known = self._free[atom] = atom.free_symbols - {m.args[1] for m in atom.atoms(maximum)}
        return known

    def at(self, body: Polynomial, index: sp.Symbol, value: sp.Expr) -> Polynomial:
        """The body with the index replaced."""
        return add(scale(self.substituted(m, {index: value}), c) for m, c in body.items())

    def substituted(self, monomial: Monomial, values: Mapping[sp.Symbol, sp.Expr]) -> Polynomial:
        """One product with symbols replaced, in normal form again."""
        result = constant(1)
        for atom, e in monomial:
            if self.free(atom) & values.keys():
                factor = self.arithmetic.power(self.polynomial(atom.xreplace(values)), e)
            else:
                factor = self.arithmetic.finish({atom: e})
            result = self.arithmetic.multiply(result, factor)
        return result


def combined(factors: Iterable[tuple[sp.Expr, Exponent]], without: sp.Expr | None = None) -> Monomial:
    """The product of the factors, exponents of equal atoms added up; one atom may be left out."""
    total: dict[sp.Expr, Exponent] = {}
    for atom, e in factors:
        if atom != without:
            total[atom] = total.get(atom, 0) + e
    return frozenset((a, e) for a, e in total.items() if e)
