"""Sign of an expression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ...errors import ProofError
from ..fact import Fact
from ..relation import ZERO, Relation
from ..source import prefix
from .item import Context, Steps, argued_from, check_steps

if TYPE_CHECKING:  # the checker brings SymPy; a theorem is only data
    from ..checker import Checker


@dataclass(frozen=True)
class Sign:
    """term > 0 (or ≥ 0): equal, step by step, to something whose sign its shape shows.

    `given` and `since` as in a chain; `reason` says why the last shape has that sign.
    """

    claim: str
    term: str
    relation: Literal[">", ">="]
    reason: str
    steps: Steps = ()
    given: tuple[str, ...] = ()
    label: str = ""
    since: tuple[str, ...] = ()

    def check(self, checker: Checker, context: Context) -> tuple[Fact, ...]:
        """Raises ProofError if an equality fails or the last expression's sign is not manifest."""
        inner = checker.supposing(checker.relations(self.given), argued_from(self.since, context))
        term = checker.parse(self.term)
        last = check_steps(term, self.steps, inner)
        try:
            inner.sign(last, self.relation)
        except ProofError as error:
            raise type(error)(f"{prefix(self.reason)}{error}") from error
        checker.checks += inner.checks
        return (Fact(Relation(term, self.relation, ZERO), inner.given),)
