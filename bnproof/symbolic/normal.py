"""The normaliser for finite sums: the first of the two checks every equality must pass.

`Normaliser.difference` is None only if ``left - right`` reduces to zero for symbolic sizes, by these laws alone:
commutative-ring arithmetic, powers of positive quantities, exp(a+b) = exp a · exp b, log(a·b) = log a + log b, linearity of finite sums,
Kronecker contraction, 0/1 indicators, and (for cyclic axes and finitely supported kernels) translation of an
index. SymPy supplies expressions, derivatives and numbers; its own simplification of sums is never asked.
"""

# SymPy declares most results as Basic where they are Expr; the checks that trip over this alone are off here
# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportReturnType=false, reportIndexIssue=false

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import sympy as sp

from .bridge import Root, maximum
from .polynomial import (
    Arithmetic,
    Polynomial,
    add,
    common_factor,
    constant,
    scale,
    to_expr,
)
from .sums import SumRule
from .symbols import Symbol


class Normaliser:
    """Normal forms over one set of symbols. `minimum` gives the least value of a size where it is not 1."""

    def __init__(self, symbols: Mapping[str, Symbol], minimum: Mapping[str, int]) -> None:
        self.arithmetic = Arithmetic(frozenset(s.name for s in symbols.values() if s.sort == "indicator"))
        self.minimum = dict(minimum)
        self.sums = SumRule(symbols, self.minimum, self.arithmetic, self.polynomial)
        self._memory: dict[sp.Expr, Polynomial] = {}

    def difference(self, left: sp.Expr, right: sp.Expr) -> sp.Expr | None:
        """None if the two are equal, else their difference, as far as it could be reduced."""
        rest = add((self.polynomial(left), scale(self.polynomial(right), -1)))
        rest = self.arithmetic.cleared(rest)
        remaining = to_expr(rest)
        return None if remaining == 0 else remaining

    def polynomial(self, expr: sp.Expr) -> Polynomial:
        """The normal form of a SymPy expression."""
        known = self._memory.get(expr)
        if known is None:
            known = self._memory[expr] = self._compute(expr)
        return known

    def _compute(self, expr: sp.Expr) -> Polynomial:
        if expr.is_Rational:
            return constant(Fraction(int(expr.p), int(expr.q)))
        if expr.is_Symbol:
            return {frozenset({(expr, 1)}): 1}
        if expr.is_Add:
            return add(self.polynomial(arg) for arg in expr.args)
        if expr.is_Mul:
            product = constant(1)
            for arg in expr.args:
                product = self.arithmetic.multiply(product, self.polynomial(arg))
            return product
        if isinstance(expr, sp.exp):
            return self._exponential(expr)
        if expr.is_Pow:
            return self._power(*expr.args)
        if isinstance(expr, sp.Sum):
            return self._sum(expr)
        if isinstance(expr, sp.KroneckerDelta):
            return self._delta(*expr.args)
        if expr.is_Indexed:
            base, *indices = expr.args
            return {frozenset({(base[tuple(self.expr(i) for i in indices)], 1)}): 1}
        if isinstance(expr, Root):
            return self.arithmetic.power(self.polynomial(expr.args[0]), Fraction(1, 2))
        if isinstance(expr, sp.log):
            return self._logarithm(self.polynomial(expr.args[0]))
        if expr.func == maximum:
            return {frozenset({(self.sums.naming.opaque_maximum(expr), 1)}): 1}
        if expr.is_Function:
            result = expr.func(*(self.expr(arg) for arg in expr.args))
            return {frozenset({(result, 1)}): 1} if result.func == expr.func else self.polynomial(result)
        raise TypeError(f"the normaliser has no rule for {type(expr).__name__}: {expr}")

    def expr(self, expr: sp.Expr) -> sp.Expr:
        """The normal form, as an expression."""
        return to_expr(self.polynomial(expr))

    def _power(self, base: sp.Expr, exponent: sp.Expr) -> Polynomial:
        if exponent.is_Rational:
            return self.arithmetic.power(self.polynomial(base), Fraction(int(exponent.p), int(exponent.q)))
        whole, symbolic = exponent.as_coeff_Add()
        if not whole.is_Integer:
            raise TypeError(f"the exponent {exponent} is neither rational nor a symbol plus an integer")
        head = self.arithmetic.power(self.polynomial(base), int(whole))
        tower = sp.Pow(self.expr(base), symbolic, evaluate=False)
        return self.arithmetic.multiply(head, {frozenset({(tower, 1)}): 1})

    def _exponential(self, expr: sp.Expr) -> Polynomial:
        """exp(Σ cₖ mₖ) = ∏ exp(mₖ)^cₖ, and exp(log x) = x."""
        product = constant(1)
        for monomial, c in self.polynomial(expr.args[0]).items():
            inner = to_expr({monomial: 1})
            if isinstance(inner, sp.log):
                factor = self.arithmetic.power(self.polynomial(inner.args[0]), c)
            else:
                factor = {frozenset({(sp.exp(inner), c)}): 1}
            product = self.arithmetic.multiply(product, factor)
        return product

    def _logarithm(self, argument: Polynomial) -> Polynomial:
        """log(∏ aₖ^cₖ · rest) = Σ cₖ·log aₖ + log rest for positive aₖ, and log(exp x) = x."""
        factors = common_factor(argument, positive_only=True) if argument else {}
        parts: list[Polynomial] = []
        for atom, e in factors.items():
            argument = self.arithmetic.multiply(argument, self.arithmetic.finish({atom: -e}))
            inner = self.polynomial(atom.args[0]) if isinstance(atom, sp.exp) else {frozenset({(sp.log(atom), 1)}): 1}
            parts.append(scale(inner, e))
        rest = sp.log(to_expr(argument))
        parts.append({frozenset({(rest, 1)}): 1} if isinstance(rest, sp.log) else self.polynomial(rest))
        return add(parts)

    def _sum(self, expr: sp.Sum) -> Polynomial:
        body = self.polynomial(expr.function)
        for index, lower, upper in expr.limits:
            body = self.sums.sum(body, index, lower, upper)
        return body

    def _delta(self, left: sp.Expr, right: sp.Expr) -> Polynomial:
        gap = self.expr(left - right)
        if gap.is_Integer:
            return constant(1 if gap == 0 else 0)
        for signed in (gap, -gap):
            offset, size = signed.as_coeff_Add()
            counted = size.is_Symbol and size.is_positive and offset.is_Integer
            if counted and self.minimum.get(str(size), 1) + int(offset) > 0:
                return constant(0)
        return {frozenset({(sp.KroneckerDelta(self.expr(left), self.expr(right)), 1)}): 1}
