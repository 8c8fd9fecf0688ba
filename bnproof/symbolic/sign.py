"""When the sign of a term can be read off its shape: squares, sums of squares, products of positive things.

Nothing is computed here. A term whose sign is not manifest must first be brought, by a chain of checked
equalities, into a shape whose sign is.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from .symbols import Vocabulary
from .term import Apply, Big, Binary, Entry, Name, Number, Term, free_names
from .unfold import written_out

POSITIVE, NONNEGATIVE, UNKNOWN = 2, 1, 0
ONE = Number(Fraction(1))


Supposed = Callable[[Term, frozenset[str]], int]
"""What is supposed of a term's sign, given the indices bound around it (they stand for any value of their ranges)."""


def nothing(term: Term, bound: frozenset[str]) -> int:
    """Nothing is supposed."""
    return UNKNOWN


def manifest_sign(term: Term, vocabulary: Vocabulary, supposed: Supposed = nothing) -> int:
    """2 if the term is plainly > 0, 1 if plainly ≥ 0, else 0."""
    return _Signs(vocabulary, supposed, frozenset()).of(term)


class _Signs:
    def __init__(self, vocabulary: Vocabulary, supposed: Supposed, bound: frozenset[str]) -> None:
        self.vocabulary = vocabulary
        self.supposed = supposed
        self.bound = bound

    def of(self, term: Term) -> int:
        shape = self._shape(term)
        return shape if shape == POSITIVE else max(shape, self.supposed(term, self.bound))

    def _shape(self, term: Term) -> int:
        match term:
            case Number(value):
                return POSITIVE if value > 0 else NONNEGATIVE if value == 0 else UNKNOWN
            case Name(name) | Entry(name, _):
                return self._symbol(name)
            case Binary(op, left, right):
                return self._binary(op, left, right)
            case Apply(function, args):
                return self._apply(function, args)
            case Big("var"):
                return NONNEGATIVE
            case Big():
                supposed = self.supposed if self._own_range(term) else self._away_from(term.index)
                inner = _Signs(self.vocabulary, supposed, self.bound | {term.index}).of(term.body)
                return inner if inner < POSITIVE or self._inhabited(term) else NONNEGATIVE
            case _:
                return UNKNOWN

    def _own_range(self, term: Big) -> bool:
        over = self.vocabulary.symbols[term.index].over
        return term.upper is None if over is None else (term.lower, term.upper) == (ONE, Name(over))

    def _away_from(self, index: str) -> Supposed:
        """What is supposed of terms without this index: it runs over another range than that for which anything is supposed."""
        return lambda term, bound: UNKNOWN if index in free_names(term) else self.supposed(term, bound)

    def _inhabited(self, term: Big) -> bool:
        """Whether the range has at least one element: 1 … a size, or between numbers."""
        match term.lower, term.upper:
            case Number(low), Name(name):
                return low <= 1 and self.vocabulary.symbols[name].sort == "size"
            case Number(low), Number(high):
                return low <= high
            case _:
                return False

    def _symbol(self, name: str) -> int:
        match self.vocabulary.symbols[name].sort:
            case "size" | "positive":
                return POSITIVE
            case "count" | "integer" | "nonnegative" | "indicator":
                return NONNEGATIVE
            case _:
                return UNKNOWN

    def _binary(self, op: str, left: Term, right: Term) -> int:
        if op == "**":
            return self._power(left, right)
        if op == "-":
            return self._difference(left, right)
        if op == "*" and left == right:
            return max(NONNEGATIVE, self.of(left))
        signs = self.of(left), self.of(right)
        if op == "+":
            least = left == Apply("abs", (right,)) or right == Apply("abs", (left,))  # |x| + x ≥ 0
            return max(signs) if min(signs) else NONNEGATIVE if least else UNKNOWN
        if op == "/" and signs[1] != POSITIVE:
            return UNKNOWN
        return min(signs)

    def _power(self, base: Term, exponent: Term) -> int:
        inner = self.of(base)
        if isinstance(exponent, Number) and exponent.value.denominator == 1 and exponent.value % 2 == 0:
            return POSITIVE if inner == POSITIVE else NONNEGATIVE if exponent.value > 0 else UNKNOWN
        if inner == POSITIVE:
            return POSITIVE
        if inner == NONNEGATIVE and isinstance(exponent, Number) and exponent.value > 0:
            return NONNEGATIVE
        return UNKNOWN

    def _difference(self, left: Term, right: Term) -> int:
        """Size − count of an indicator on that size, 1 − indicator, and |x| − x are nonnegative."""
        if left == Apply("abs", (right,)):
            return NONNEGATIVE
        symbols = self.vocabulary.symbols
        if isinstance(left, Name) and isinstance(right, Name):
            count = symbols[right.name]
            if count.sort == "count" and count.of and symbols[count.of].over == left.name:
                return NONNEGATIVE
        if left == ONE and isinstance(right, Entry) and symbols[right.base].sort == "indicator":
            return NONNEGATIVE
        return UNKNOWN

    def _apply(self, function: str, args: tuple[Term, ...]) -> int:
        match function:
            case "exp":
                return POSITIVE
            case "sqrt":
                return self.of(args[0])
            case "relu" | "abs" | "delta":
                return NONNEGATIVE
            case "log":
                return UNKNOWN
            case _:
                try:
                    return self.of(written_out(Apply(function, args), self.vocabulary))
                except ValueError:  # an index of an argument clashes with one of the definition's own
                    return UNKNOWN
