"""Equal inputs give equal outputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from ...errors import ProofError
from ..domain import ONE
from ..entangled import require_apart
from ..fact import Fact
from ..relation import ZERO, Relation
from ..symbols import Vocabulary
from ..term import Big, Binary, Derivative, Name, Term, children, rebuild, substitute
from .item import Context, argued_from

if TYPE_CHECKING:  # the checker brings SymPy; a theorem is only data
    from ..checker import Checker


@dataclass(frozen=True)
class Congruence:
    """From ``a = F(x)`` and ``c = F(y)``: where x = y, a = c.

    - of: the labels of the two equalities;
    - inputs: the equalities ``x == y`` between inputs; an index in one stands for every value of its range. The right side of
      the second fact must become that of the first when each y is replaced by its x.
    """

    claim: str
    of: tuple[str, str]
    inputs: tuple[str, ...]
    label: str = ""
    because: ClassVar[str] = "equal inputs give equal outputs"

    def check(self, checker: Checker, context: Context) -> tuple[Fact, ...]:
        """Raises ProofError unless the two right sides are the same function of their inputs."""
        first, second = argued_from(self.of, context)
        inputs = checker.relations(self.inputs)
        if not inputs or any(r.operator != "==" for r in (first.says, second.says, *inputs)):
            raise ProofError("equal inputs give equal outputs: both facts and all inputs are equalities")
        term = second.says.right
        for pair in inputs:
            term = _Exchange(pair, checker.vocabulary).of(term, frozenset())
        if term != first.says.right:
            raise ProofError(
                f"with {', '.join(map(checker.said, inputs))} the second right side becomes\n    {checker.plain(term)}\n  "
                f"which is not the first:\n    {checker.plain(first.says.right)}"
            )
        checker.checks += 1
        supposed = (self._at_the_point(pair, (first, second), checker) for pair in inputs)
        given = (*checker.given, *first.given, *second.given, *supposed)
        return (Fact(Relation(first.says.left, "==", second.says.left), given),)

    @staticmethod
    def _at_the_point(pair: Relation, facts: tuple[Fact, ...], checker: Checker) -> Relation:
        """The equality of two inputs is one of values. Where a derivative is about, ``x == y`` would say that x stands for y."""
        try:
            for fact in facts:
                require_apart(fact, (pair,), checker)
        except ProofError:
            return Relation(Binary("-", pair.left, pair.right), "==", ZERO)
        return pair


class _Exchange:
    """Puts the left side of an equality in the place of its right side, at any value of its indices within their ranges."""

    def __init__(self, pair: Relation, vocabulary: Vocabulary) -> None:
        self.pair = pair
        self.vocabulary = vocabulary
        self.indices = pair.indices(vocabulary)

    def of(self, term: Term, foreign: frozenset[str]) -> Term:
        """`foreign`: indices bound over another range than their names say."""
        places: dict[str, Name] = {}
        if not foreign & {*self.indices} and self._matches(self.pair.right, term, places, foreign):
            return self._at(self.pair.left, places)
        if isinstance(term, Derivative):  # what is equal at one point need not be equal around it
            return term
        if isinstance(term, Big):
            over = self.vocabulary.symbols[term.index].over
            own = over is not None and term.lower == ONE and term.upper == Name(over)
            inner = foreign - {term.index} if own else foreign | {term.index}
            return rebuild(term, lambda t: self.of(t, inner))
        return rebuild(term, lambda t: self.of(t, foreign))

    def _matches(self, pattern: Term, term: Term, places: dict[str, Name], foreign: frozenset[str]) -> bool:
        """Whether the term is the pattern at some indices, which are put into `places`."""
        if isinstance(pattern, Name) and pattern.name in self.indices:
            symbols = self.vocabulary.symbols
            if not isinstance(term, Name) or term.name in foreign or term.name not in symbols:
                return False
            if symbols[term.name].sort != "index" or symbols[term.name].over != symbols[pattern.name].over:
                return False
            return places.setdefault(pattern.name, term) == term
        if isinstance(pattern, Big) or type(pattern) is not type(term):
            return pattern == term
        mine, other = children(pattern), children(term)
        if len(mine) != len(other) or rebuild(pattern, lambda _: _BLANK) != rebuild(term, lambda _: _BLANK):
            return pattern == term
        if not mine:
            return pattern == term
        return all(self._matches(p, t, places, foreign) for p, t in zip(mine, other, strict=True))

    def _at(self, term: Term, places: dict[str, Name]) -> Term:
        try:
            return substitute(term, dict(places))
        except ValueError as error:
            raise ProofError(f"an input cannot be put in: {error}; rename an index") from error


_BLANK = Name("")
