"""Sign of an expression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..checker import Checker
from ..notation import parse
from .item import Context, Steps, check_steps


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
        inner = checker.narrowed({}, [parse(g, checker.vocabulary) for g in self.given])
        last = check_steps(parse(self.term, checker.vocabulary), self.steps, inner)
        inner.sign(last, self.relation)
        checker.checks += inner.checks
