"""What would follow does not hold, so what it follows from does not either."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from ...errors import ProofError
from ..fact import Fact
from .item import Context, argued_from

if TYPE_CHECKING:  # the checker brings SymPy; a theorem is only data
    from ..checker import Checker


@dataclass(frozen=True)
class Contrapositive:
    """From ``P, if Q`` and ``not P``: not Q. If Q speaks of an index it fails for some value of it.

    - of: the label of ``P, given Q``;
    - but: the label of ``not P``, in general or for some values of P's indices;
    - fails: the hypothesis Q of the first that therefore fails.
    """

    claim: str
    of: str
    but: str
    fails: str
    label: str = ""
    because: ClassVar[str] = "otherwise what was just denied would follow"

    def check(self, checker: Checker, context: Context) -> tuple[Fact, ...]:
        """Raises ProofError unless the second fact denies the first and the hypothesis is one of the first's."""
        (law,) = argued_from((self.of,), context)
        denial = context.fact(self.but)
        if denial.limit or denial.recursion is not None or denial.at is not None:
            raise ProofError(f"`{self.but}` is no plain denial")
        if not denial.says.implies(law.says.opposite):
            raise ProofError(
                f"{checker.said(denial.says)} does not deny {checker.said(law.says)}: they are to be about the same two terms"
            )
        (hypothesis,) = checker.relations((self.fails,))
        if hypothesis not in law.given:
            supposed = "; ".join(map(checker.said, law.given)) or "nothing"
            raise ProofError(f"`{self.of}` does not suppose {checker.said(hypothesis)}, but {supposed}")
        needed = checker.needs(law.says.left, law.says.right)
        given = (*checker.given, *(r for r in law.given if r != hypothesis), *denial.given, *needed)
        if hypothesis in given:
            raise ProofError(f"`{self.but}` supposes {checker.said(hypothesis)} itself")
        checker.checks += 1
        return (Fact(hypothesis.opposite, given, hypothesis.indices(checker.vocabulary)),)
