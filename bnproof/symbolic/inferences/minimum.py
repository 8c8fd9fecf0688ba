"""A stationary point of a convex function is its minimum, and the only one where the function is strictly convex."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from ...errors import ProofError
from ..domain import ONE
from ..fact import Fact
from ..relation import ZERO, Relation
from ..term import Big, Binary, Derivative, Entry, Name, Number, Term, free_names, substitute
from ..unfold import names_within
from .item import Context, argued_from

if TYPE_CHECKING:  # the checker brings SymPy; a theorem is only data
    from ..checker import Checker


@dataclass(frozen=True)
class Minimum:
    """A function of all entries of a sequence is nowhere below its value at a point where its gradient is 0.

    - gradient: label of ``diff(function, x[j]) = slope(j)``, for all values of x;
    - curvature: label of ``diff(slope(i), x[j]) = bend(i, j)``, for all values of x;
    - convex: label of ``Σᵢ cᵢ·Σⱼ cⱼ·bend(i, j) ≥ 0``, for all x and all c;
    - stationary: label of ``slope(j) = 0``, given ``x[j] == point``;
    - value: what the function is at the point.

    The function must have a value for all x: nothing may be supposed of them.
    """

    claim: str
    gradient: str
    curvature: str
    convex: str
    stationary: str
    value: str
    label: str = ""
    because: ClassVar[str] = "a convex function is smallest where its gradient is 0"

    def check(self, checker: Checker, context: Context) -> tuple[Fact, ...]:
        """Raises ProofError unless the four facts fit together."""
        gradient, curvature, convex, stationary = argued_from(
            (self.gradient, self.curvature, self.convex, self.stationary), context
        )
        function, variable = self._derivative(gradient)
        slope, by = self._derivative(curvature)
        if variable.base != by.base or len(variable.indices) != 1 or len(by.indices) != 1:
            raise ProofError("gradient and curvature are to be taken by the same sequence, each at a general index")
        row, column = self._general(variable, function, checker), self._general(by, Number(ZERO.value), checker)
        self._same(self._moved(slope, {self._index(slope, column, checker): row}), gradient.says.right, "the slope", checker)
        self._require_form(convex, curvature.says.right, slope, column, checker)
        point = self._point(stationary, variable.base)
        if stationary.says.operator != "==" or stationary.says.right != ZERO:
            raise ProofError(f"the gradient is to be 0 at the point, but {checker.said(stationary.says)} is shown")
        if variable.base in names_within(checker.parse(self.value), checker.vocabulary):
            raise ProofError(f"the least value `{self.value}` may not depend on {variable.base}")
        self._same(
            stationary.says.left,
            self._moved(gradient.says.right, {row.name: self._own(stationary, row, checker)}),
            "the slope",
            checker,
        )
        for fact in (gradient, curvature, convex):
            if any(variable.base in _names(r, checker) for r in fact.given):
                raise ProofError(f"something is supposed of {variable.base}, so that the function is not convex everywhere")
        if any(variable.base in _names(r, checker) for r in stationary.given if r != point):
            raise ProofError(f"more is supposed of {variable.base} than that it is the point")
        everywhere = (function, gradient.says.left, curvature.says.left)
        lacking = checker.known.lacking([c for term in everywhere for c in checker.domain.conditions(term)])
        if lacking is not None:
            raise ProofError(
                f"the function may be undefined somewhere: nothing shows {checker.plain(lacking.term)} {lacking.operator} 0"
            )
        at = checker.supposing([point])
        at.chain(function, [checker.parse(self.value)])
        checker.checks += at.checks
        given = checker.given + tuple(r for f in (gradient, curvature, convex, stationary) for r in f.given if r != point)
        return (Fact(Relation(function, ">=", checker.parse(self.value)), given),)

    @staticmethod
    def _derivative(fact: Fact) -> tuple[Term, Entry]:
        left = fact.says.left
        if fact.says.operator != "==" or not isinstance(left, Derivative) or not isinstance(left.wrt, Entry):
            raise ProofError("gradient and curvature are equalities whose left side is a derivative by an entry of a sequence")
        return left.body, left.wrt

    @staticmethod
    def _index(slope: Term, column: Name, checker: Checker) -> str:
        symbols = checker.vocabulary.symbols
        free = [n for n in free_names(slope) if symbols[n].sort == "index" and symbols[n].over == symbols[column.name].over]
        if len(free) != 1 or free[0] == column.name:
            raise ProofError("the slope whose derivative is taken has one index, another than that of the derivative")
        return free[0]

    @staticmethod
    def _general(variable: Entry, function: Term, checker: Checker) -> Name:
        """The index of an entry that stands for all: over a size, and not free in what is differentiated."""
        (place,) = variable.indices
        symbols = checker.vocabulary.symbols
        index = symbols.get(place.name) if isinstance(place, Name) else None
        if not isinstance(place, Name) or index is None or index.sort != "index" or index.over is None:
            raise ProofError(f"{checker.plain(variable)} is not the general entry of {variable.base}")
        if place.name in free_names(function):
            raise ProofError(f"the function itself depends on {place.name}: take the derivative by an entry at another index")
        return place

    @staticmethod
    def _moved(term: Term, places: Mapping[str, Name]) -> Term:
        """The term at other indices."""
        try:
            return substitute(term, places)
        except ValueError as error:
            raise ProofError(f"an index cannot be renamed: {error}") from error

    @staticmethod
    def _own(stationary: Fact, row: Name, checker: Checker) -> Name:
        indices = stationary.says.indices(checker.vocabulary)
        symbols = checker.vocabulary.symbols
        if len(indices) != 1 or symbols[indices[0]].over != symbols[row.name].over:
            raise ProofError("the gradient is 0 at every index")
        return Name(indices[0])

    @staticmethod
    def _same(left: Term, right: Term, what: str, checker: Checker) -> None:
        """Raises ProofError where what one fact says of it is not what another does."""
        try:
            checker.equal(left, right)
        except ProofError as error:
            raise type(error)(f"two of the facts do not say the same of {what}: {error}") from error

    def _require_form(self, convex: Fact, bend: Term, slope: Term, column: Name, checker: Checker) -> None:
        """Σᵢ cᵢ·Σⱼ cⱼ·bend(i, j) ≥ 0, c a sequence of which nothing else is said."""
        left = convex.says.left
        ok = convex.says.operator in (">=", ">") and convex.says.right == ZERO
        match left:
            case Big("sum", first, low, high, Binary("*", Entry(c, (Name(a),)), Big("sum", second, low2, high2, body))) if (
                ok and isinstance(body, Binary) and body.op == "*" and isinstance(body.left, Entry)
            ):
                named, form = self._index(slope, column, checker), body.right
                whole = (ONE, Name(checker.vocabulary.symbols[column.name].over or ""))
                entries = (c, a) == (body.left.base, first) and body.left == Entry(c, (Name(second),))
                if entries and (low, high) == (low2, high2) == whole and c not in names_within(form, checker.vocabulary):
                    bent = self._moved(bend, {named: Name(first), column.name: Name(second)})
                    self._same(bent, form, "the curvature", checker)
                    if not any(c in _names(r, checker) for r in convex.given) and checker.vocabulary.symbols[c].sort == "real":
                        return
            case _:
                pass
        raise ProofError("convexity is shown by sum(i, c[i]*sum(j, c[j]*bend)) >= 0 for a general sequence c")

    @staticmethod
    def _point(stationary: Fact, base: str) -> Relation:
        for relation in stationary.given:
            if relation.operator == "==" and isinstance(relation.left, Entry) and relation.left.base == base:
                return relation
        raise ProofError(f"the gradient is 0 at a point, ({base}[i] == …) in what `stationary` supposes")


def _names(relation: Relation, checker: Checker) -> frozenset[str]:
    return names_within(relation.difference, checker.vocabulary)
