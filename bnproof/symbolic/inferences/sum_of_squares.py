"""A sum of squares is 0 only where each of them is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from ...errors import ProofError
from ..domain import ONE
from ..fact import Fact
from ..relation import ZERO, Relation
from ..sign import POSITIVE
from ..symbols import Vocabulary
from ..term import Big, Binary, Name, Number, Term
from .item import Context, argued_from

if TYPE_CHECKING:  # the checker brings SymPy; a theorem is only data
    from ..checker import Checker
    from ..known import Known


@dataclass(frozen=True)
class SumOfSquares:
    """From ``a = Σ w·t²`` with weights w > 0: where a = 0, every t is 0.

    - of: the label of the equality; its right side may also be one square, and be multiplied by a positive number;
    - zero: the conclusion, ``t == 0``, or ``x == y`` for t = x − y.
    """

    claim: str
    of: str
    zero: str
    label: str = ""
    because: ClassVar[str] = "a sum of squares with positive weights is 0 only where each square is"

    def check(self, checker: Checker, context: Context) -> tuple[Fact, ...]:
        """Raises ProofError unless the right side is a sum of squares with positive weights, and the conclusion is about them."""
        (fact,) = argued_from((self.of,), context)
        (wanted,) = checker.relations((self.zero,))
        if fact.says.operator != "==" or wanted.operator != "==":
            raise ProofError("a sum of squares is an equality's right side, and the conclusion an equality")
        term = fact.says.right
        known = checker.knowing(checker.domain.conditions(term))
        known.suppose(fact.given)
        square = _square(term, known, checker.vocabulary, frozenset())
        if square not in (wanted.difference, Binary("-", wanted.right, wanted.left)):
            raise ProofError(
                f"`{checker.plain(term)}` is no sum of squares, with positive weights, of what is to be 0: {checker.said(wanted)}"
            )
        checker.checks += 1
        given = (*checker.given, *fact.given, *checker.needs(fact.says.left), Relation(fact.says.left, "==", ZERO))
        return (Fact(wanted, given),)


def _square(term: Term, known: Known, vocabulary: Vocabulary, bound: frozenset[str]) -> Term | None:
    """What is squared in a sum of squares with positive weights; None for anything else."""
    match term:
        case Binary("**", base, Number(value)) if value > 0 and value % 2 == 0:
            return base
        case Binary("*", left, right):
            for weight, rest in ((left, right), (right, left)):
                if known.sign(weight, bound) == POSITIVE:
                    found = _square(rest, known, vocabulary, bound)
                    if found is not None:
                        return found
            return None
        case Binary("/", left, right):
            return _square(left, known, vocabulary, bound) if known.sign(right, bound) == POSITIVE else None
        case Big("sum" | "mean", index, lower, upper, body):
            over = vocabulary.symbols[index].over
            own = over is not None and lower == ONE and upper == Name(over)
            return _square(body, known, vocabulary, bound | {index}) if own else None
        case _:
            return None
