"""Defining property of max: an upper bound that is attained."""

from __future__ import annotations

from dataclasses import dataclass

from ...errors import ProofError
from ..checker import Checker
from ..notation import parse
from ..term import Big, Name, Term, substitute, walk
from .item import Context


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

    def check(self, checker: Checker, context: Context) -> None:
        """Raises ProofError unless the gaps are proportional, the factor is nonnegative, and instances agree."""
        vocabulary = checker.vocabulary
        gap = parse(f"({self.value}) - ({self.member})", vocabulary)
        multiple = parse(f"({self.factor}) * (({self.known}) - ({self.known_member}))", vocabulary)
        checker.equal(gap, multiple)
        checker.sign(parse(self.factor, vocabulary), ">=")
        indices = [
            self._index_of(parse(whole, vocabulary), parse(member, vocabulary), whole)
            for whole, member in ((self.maximum, self.member), (self.known, self.known_member))
        ]
        if not indices[0] & indices[1]:
            raise ProofError("the two members must carry the same index")
        checker.exact(parse(self.maximum, vocabulary), parse(self.value, vocabulary))

    @staticmethod
    def _index_of(maximum: Term, member: Term, text: str) -> set[str]:
        """The names under which `member` is the general member of the maximum."""
        if not isinstance(maximum, Big) or maximum.kind != "max":
            raise ProofError(f"`{text}` is not a maximum")
        names = {t.name for t in walk(member) if isinstance(t, Name)}
        found = {n for n in names if substitute(maximum.body, {maximum.index: Name(n)}) == member}
        if not found:
            raise ProofError(f"the member given is not the general member of `{text}`")
        return found
