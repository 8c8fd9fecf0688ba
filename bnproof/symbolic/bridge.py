"""From a term to SymPy: definitions unfolded, derivatives taken by SymPy, every bound index renamed by depth.

Renaming by depth makes capture impossible (an argument only mentions indices bound further out, which
carry smaller numbers) and keeps equal subterms equal, so that the normaliser's memory works across steps.
"""

# SymPy declares most results as Basic where they are Expr; the checks that trip over this alone are off here
# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportReturnType=false, reportIndexIssue=false

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import sympy as sp

from ..errors import ProofError
from .index import BoundIndex
from .symbols import Layers, Replacement, Vocabulary
from .term import Apply, Big, Binary, Derivative, Entry, Name, Negative, Number, Term
from .unfold import moved_by, turns

relu = sp.Function("relu")


class Root(sp.Function):  # pyright: ignore[reportUntypedBaseClass]
    """The square root, which SymPy differentiates but does not simplify: no √(x²) = |x|, no questions about signs."""

    nargs = 1

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """The derivative, 1/(2·√x)."""
        return 1 / (2 * self)


maximum = sp.Function("maximum")


@lru_cache(maxsize=4096)
def atom(name: str, sort: str) -> sp.Symbol:
    """The SymPy symbol of a glossary name, with the assumptions its sort allows."""
    match sort:
        case "size":
            return sp.Symbol(name, integer=True, positive=True)
        case "count" | "integer":
            return sp.Symbol(name, integer=True, nonnegative=True)
        case "index":
            return sp.Symbol(name, integer=True)
        case "positive":
            return sp.Symbol(name, positive=True)
        case "nonnegative":
            return sp.Symbol(name, nonnegative=True)
        case _:
            return sp.Symbol(name, real=True)


@lru_cache(maxsize=4096)
def sequence(name: str, positive: bool) -> sp.IndexedBase:
    """The SymPy base of a sequence."""
    return sp.IndexedBase(name, positive=True) if positive else sp.IndexedBase(name, real=True)


class Bridge:
    """Translates terms of one vocabulary under layers of assumptions, innermost last.

    A layer replaces scalars or whole sequences; what it puts in their place is read under the layers outside it, so
    that ``z[i] → z[i] + b`` replaces once.
    """

    def __init__(
        self, vocabulary: Vocabulary, layers: Layers = (), minimum: Mapping[str, int] | None = None, whole: Bridge | None = None
    ) -> None:
        self.vocabulary = vocabulary
        self.layers = layers
        self.minimum = minimum or {}
        self.whole = whole or self
        self.assume = layers[-1] if layers else {}
        self.outer = Bridge(vocabulary, layers[:-1], minimum, self.whole) if layers else self
        self._terms: dict[int, tuple[Term, sp.Expr]] = {}
        self._calls: dict[tuple[object, ...], sp.Expr] = {}

    def sympy(self, term: Term) -> sp.Expr:
        """The SymPy expression of a closed term, remembered for as long as this very object is asked about."""
        found = self._terms.get(id(term))
        if found is None:
            found = self._terms[id(term)] = (term, self._of(term, {}, 0))
        return found[1]

    def _of(self, term: Term, env: Mapping[str, sp.Expr], depth: int) -> sp.Expr:
        match term:
            case Number(value):
                return sp.Rational(value.numerator, value.denominator)
            case Name(name):
                return self._name(name, env, depth)
            case Entry(base, indices):
                return self._entry(base, tuple(self._of(t, env, depth) for t in indices), depth)
            case Binary(op, left, right):
                return self._binary(op, self._of(left, env, depth), self._of(right, env, depth))
            case Negative(body):
                return -self._of(body, env, depth)
            case Apply(function, args):
                return self._apply(function, [self._of(a, env, depth) for a in args], depth)
            case Big():
                return self._big(term, env, depth)
            case Derivative(body, wrt):
                moved = moved_by(term, self.layers, self.vocabulary)
                if moved is not None:
                    raise ProofError(f"{moved} is replaced at one point, but a derivative is taken of what depends on it")
                return sp.diff(self._of(body, env, depth), self._variable(wrt, env, depth))

    def _variable(self, wrt: Name | Entry, env: Mapping[str, sp.Expr], depth: int) -> sp.Expr:
        """What a derivative is taken by. Raises ProofError for a symbol that stands for something else here."""
        name = wrt.name if isinstance(wrt, Name) else wrt.base
        symbol = self.vocabulary.symbols[name]
        variable = self._of(wrt, env, depth)
        itself = variable == atom(name, symbol.sort) if isinstance(wrt, Name) else str(variable.args[0]) == name
        if not itself or self.replaces(name):
            raise ProofError(f"a derivative with respect to {name}, which stands for {variable} here")
        if symbol.over is not None and self.vocabulary.symbols[symbol.over].cyclic:
            raise ValueError(f"a derivative with respect to an entry of the cyclic sequence {name}")
        return variable

    def replaces(self, name: str) -> bool:
        """Whether some layer puts something else in the place of the name."""
        return name in self.assume or (self.outer is not self and self.outer.replaces(name))

    def _name(self, name: str, env: Mapping[str, sp.Expr], depth: int) -> sp.Expr:
        if name in env:
            return env[name]
        if name in self.assume:
            return self.outer._of(self.assume[name].body, {}, depth)
        if self.outer is not self:
            return self.outer._name(name, {}, depth)
        return atom(name, self.vocabulary.symbols[name].sort)

    def _entry(self, base: str, places: tuple[sp.Expr, ...], depth: int) -> sp.Expr:
        if base in self.assume:
            return self._replaced(base, places, depth)
        if self.outer is not self:
            return self.outer._entry(base, places, depth)
        return sequence(base, self.vocabulary.symbols[base].sort == "positive")[places]

    def _replaced(self, name: str, places: Sequence[sp.Expr], depth: int) -> sp.Expr:
        """What is put in the place of an entry or a definition. Raises ProofError where it may lie beyond what is supposed."""
        replacement = self.assume[name]
        for place, over in zip(places, replacement.over, strict=bool(replacement.over)):
            if over is not None and not self._within(place, over, replacement):
                raise ProofError(f"what is supposed of {name} holds for indices from 1 to {over}, and {place} may lie beyond")
        return self.outer._of(replacement.body, dict(zip(replacement.parameters, places, strict=True)), depth)

    def _within(self, place: sp.Expr, over: str, replacement: Replacement) -> bool:
        """Whether an index is sure to lie between 1 and a size, or, on a cyclic axis, to come back there."""
        if self.vocabulary.symbols[over].cyclic and turns(replacement, over, self.vocabulary):
            return True
        ends = (atom(over, "size"), self._name(over, {}, 0), self.whole._name(over, {}, 0))
        least = max(self.minimum.get(over, 1), *(int(end) for end in ends if end.is_Integer), 1)
        if isinstance(place, BoundIndex):
            known = place.upper in ends or (place.upper.is_Integer and int(place.upper) <= least)
            return place.lower.is_Integer and int(place.lower) >= 1 and known
        if place.is_Integer:
            return 1 <= int(place) <= least
        declared = self.vocabulary.symbols.get(str(place)) if place.is_Symbol else None
        return place in ends or (declared is not None and declared.sort == "index" and declared.over == over)

    @staticmethod
    def _binary(op: str, left: sp.Expr, right: sp.Expr) -> sp.Expr:
        match op:
            case "+":
                return left + right
            case "-":
                return left - right
            case "*":
                return left * right
            case "/":
                return left / right
            case _:
                return left**right

    def _apply(self, function: str, args: list[sp.Expr], depth: int) -> sp.Expr:
        match function:
            case "sqrt":
                return Root(args[0])
            case "exp":
                return sp.exp(args[0], evaluate=False) if args[0].has(sp.log) else sp.exp(args[0])
            case "log":
                return sp.log(args[0])
            case "abs":
                return sp.Abs(args[0])
            case "relu":
                return relu(args[0])
            case "delta":
                return sp.KroneckerDelta(args[0], args[1])
            case _:
                return self._defined(function, args, depth, self)

    def _defined(self, function: str, args: list[sp.Expr], depth: int, whole: Bridge) -> sp.Expr:
        if function in self.assume:
            return self._replaced(function, args, depth)
        if self.outer is not self:
            return self.outer._defined(function, args, depth, whole)
        key = (function, depth, *args)
        if key not in whole._calls:
            definition = self.vocabulary.definitions[function]
            whole._calls[key] = whole._of(definition.body, dict(zip(definition.parameters, args, strict=True)), depth)
        return whole._calls[key]

    def _big(self, term: Big, env: Mapping[str, sp.Expr], depth: int) -> sp.Expr:
        if term.lower is None or term.upper is None:
            index = BoundIndex(depth, -sp.oo, sp.oo)
            body = self._of(term.body, {**env, term.index: index}, depth + 1)
            return sp.Sum(body, (index, -sp.oo, sp.oo))
        lower, upper = self._of(term.lower, env, depth), self._of(term.upper, env, depth)
        index = BoundIndex(depth, lower, upper)
        limits = (index, lower, upper)
        body = self._of(term.body, {**env, term.index: index}, depth + 1)
        count = upper - lower + 1
        match term.kind:
            case "sum":
                return sp.Sum(body, limits)
            case "mean":
                return sp.Sum(body, limits) / count
            case "var":
                centred = self._of(term.body, {**env, term.index: index}, depth + 2)
                inner = BoundIndex(depth + 1, lower, upper)
                deeper = self._of(term.body, {**env, term.index: inner}, depth + 2)
                mean = sp.Sum(deeper, (inner, lower, upper)) / count
                return sp.Sum((centred - mean) ** 2, limits) / count
            case "max":
                return maximum(body, index, lower, upper)
