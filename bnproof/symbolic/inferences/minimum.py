"""A stationary point of a convex function is its minimum, and the only one where the function is strictly convex."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from ...errors import ProofError
from ..fact import Fact
from ..relation import ZERO, Relation
from ..term import Big, Binary, Derivative, Entry, Name, Term, free_names, substitute
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
        if variable.base != by.base or not all(isinstance(e.indices[0], Name) and len(e.indices) == 1 for e in (variable, by)):
            raise ProofError("gradient and curvature are to be taken by the same sequence, each at a general index")
        row, column = variable.indices[0], by.indices[0]
        assert isinstance(row, Name)
        assert isinstance(column, Name)
        self._same(substitute(slope, {self._index(slope, column, checker): row}), gradient.says.right, "the slope", checker)
        self._require_form(convex, curvature.says.right, slope, column, checker)
        point = self._point(stationary, variable.base)
        self._same(
            stationary.says.left,
            substitute(gradient.says.right, {row.name: self._own(stationary, checker)}),
            "the slope",
            checker,
        )
        for fact in (gradient, curvature, convex):
            if any(variable.base in _names(r, checker) for r in fact.given):
                raise ProofError(f"something is supposed of {variable.base}, so that the function is not convex everywhere")
        everywhere = (function, gradient.says.left, curvature.says.left)
        lacking = checker.known.lacking([c for term in everywhere for c in checker.domain.conditions(term)])
        if lacking is not None:
            raise ProofError(
                f"the function may be undefined somewhere: nothing shows {checker.plain(lacking.term)} {lacking.operator} 0"
            )
        at = checker.supposing([point])
        at.chain(function, [checker.parse(self.value)])
        checker.checks += at.checks
        given = tuple(r for f in (gradient, curvature, convex, stationary) for r in f.given if r != point)
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
        if len(free) != 1:
            raise ProofError("the slope whose derivative is taken has one index")
        return free[0]

    def _own(self, stationary: Fact, checker: Checker) -> Name:
        indices = stationary.says.indices(checker.vocabulary)
        if len(indices) != 1:
            raise ProofError("the gradient is 0 at every index")
        return Name(indices[0])

    @staticmethod
    def _same(left: Term, right: Term, what: str, checker: Checker) -> None:
        if left != right:
            checker.equal(left, right)

    def _require_form(self, convex: Fact, bend: Term, slope: Term, column: Name, checker: Checker) -> None:
        """Σᵢ cᵢ·Σⱼ cⱼ·bend(i, j) ≥ 0, c a sequence of which nothing else is said."""
        left = convex.says.left
        ok = convex.says.operator in (">=", ">") and convex.says.right == ZERO
        match left:
            case Big(
                "sum",
                first,
                _,
                _,
                Binary("*", Entry(c, (Name(a),)), Big("sum", second, _, _, Binary("*", Entry(d, (Name(e),)), form))),
            ) if ok:
                named = self._index(slope, column, checker)
                if c == d and (a, e) == (first, second):
                    self._same(
                        substitute(bend, {named: Name(first), column.name: Name(second)}), form, "the curvature", checker
                    )
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
