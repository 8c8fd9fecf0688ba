"""Defining property of max: an upper bound that is attained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...errors import ProofError
from ..domain import ONE
from ..fact import Fact
from ..relation import Relation
from ..term import Big, Name, Term, free_names, substitute, walk
from .item import Context

if TYPE_CHECKING:  # the checker brings SymPy; a theorem is only data
    from ..checker import Checker


@dataclass(frozen=True)
class Maximum:
    """max of a family = a claimed value.

    `known` is a maximum taken as given, ``max(j, z[j])``. The gap between the claimed value and each `member` must be
    a nonnegative multiple (`factor`) of the gap between `known` and its `known_member` of the same index. Then the
    claimed value bounds every member, and equals the member at which `known` is attained.
    """

    claim: str
    maximum: str
    value: str
    member: str
    known: str
    known_member: str
    factor: str = "1"
    label: str = ""

    @property
    def gap(self) -> str:
        """How far a member lies below the claimed value."""
        return f"({self.value}) - ({self.member})"

    @property
    def multiple(self) -> str:
        """The same gap for the known maximum, times the factor."""
        known = f"({self.known}) - ({self.known_member})"
        return known if self.factor == "1" else f"({self.factor}) * ({known})"

    def check(self, checker: Checker, context: Context) -> tuple[Fact, ...]:
        """Raises ProofError unless the gaps are proportional, the factor is nonnegative, and instances agree."""
        vocabulary = checker.vocabulary
        maximum, value = checker.parse(self.maximum), checker.parse(self.value)
        checker.chain(checker.parse(self.gap), [checker.parse(self.multiple)])
        checker.sign(checker.parse(self.factor), ">=")
        new, known = (self._parsed(text, checker) for text in (self.maximum, self.known))
        if (new.lower, new.upper) != (known.lower, known.upper):
            raise ProofError(f"the maxima `{self.maximum}` and `{self.known}` run over different ranges")
        indices = [
            self._index_of(whole, checker.parse(member)) for whole, member in ((new, self.member), (known, self.known_member))
        ]
        outside = frozenset[str]().union(
            *(free_names(checker.parse(text)) for text in (self.maximum, self.known, self.value, self.factor))
        )
        general = {n for n in indices[0] & indices[1] if vocabulary.symbols[n].sort == "index"} - outside
        if not general:
            raise ProofError("the two members must be the maxima's general members, with the same index, free in neither")
        overs = {vocabulary.symbols[n].over for n in general}
        if not any(over is not None and (new.lower, new.upper) == (ONE, Name(over)) for over in overs):
            raise ProofError(
                f"the members' index does not run over the range of `{self.maximum}`, for which alone they are compared"
            )
        for side in (checker.parse(self.gap), maximum, value):  # a gap is defined for every member, not where it happens to be
            checker.require(checker.knowing(checker.domain.conditions(maximum)), side, maximum)
        checker.exact(maximum, value)
        return (Fact(Relation(maximum, "==", value), checker.given),)

    @staticmethod
    def _parsed(text: str, checker: Checker) -> Big:
        term = checker.parse(text)
        if not isinstance(term, Big) or term.kind != "max":
            raise ProofError(f"`{text}` is not a maximum")
        return term

    @staticmethod
    def _index_of(maximum: Big, member: Term) -> set[str]:
        """The names under which `member` is the general member of the maximum."""
        names = {t.name for t in walk(member) if isinstance(t, Name)} - {
            t.index for t in walk(maximum.body) if isinstance(t, Big)
        }
        return {n for n in names if _renamed(maximum, n) == member}


def _renamed(maximum: Big, name: str) -> Term | None:
    """The member of a maximum at an index of that name; None where another index in the member has it already."""
    try:
        return substitute(maximum.body, {maximum.index: Name(name)})
    except ValueError:
        return None
