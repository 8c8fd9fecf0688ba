"""Sign of an expression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ...errors import ProofError
from ..source import prefix
from .item import Context, Steps, check_steps

if TYPE_CHECKING:  # the checker brings SymPy; a theorem is only data
    from ..checker import Checker


@dataclass(frozen=True)
class Sign:
    """term > 0 (or ≥ 0): equal, step by step, to something whose sign its shape shows.

    `given` lists terms that the statement supposes to be positive; `reason` says why the last shape has that sign.
    """

    claim: str
    term: str
    relation: Literal[">", ">="]
    reason: str
    steps: Steps = ()
    given: tuple[str, ...] = ()

    def check(self, checker: Checker, context: Context) -> None:
        """Raises ProofError if an equality fails or the last expression's sign is not manifest."""
        inner = checker.narrowed({}, [checker.parse(g) for g in self.given])
        last = check_steps(checker.parse(self.term), self.steps, inner)
        try:
            inner.sign(last, self.relation)
        except ProofError as error:
            raise ProofError(f"{prefix(self.reason)}{error}") from error
        checker.checks += inner.checks
