"""Chain of equalities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...errors import ProofError
from ..fact import Fact
from ..relation import Relation
from ..term import free_names
from .item import Context, Steps, argued_from, check_steps

if TYPE_CHECKING:  # the checker brings SymPy; a theorem is only data
    from ..checker import Checker


@dataclass(frozen=True)
class Chain:
    """start = step₁ = step₂ = …, each equality passing both checks. It shows start = last step.

    - label: what this is cited by;
    - given: what is supposed throughout, ``("eps > 0", "D(j) == 0", "L >= 3")``; an equality replaces its left side;
    - since: labels of earlier items that this argues from.
    """

    claim: str
    start: str
    steps: Steps
    label: str = ""
    given: tuple[str, ...] = ()
    since: tuple[str, ...] = ()

    def check(self, checker: Checker, context: Context) -> tuple[Fact, ...]:
        """Raises ProofError at the first equality that fails."""
        if not self.steps:
            raise ProofError(f"a chain without a step proves nothing: {self.claim}")
        inner = checker.supposing(checker.relations(self.given), argued_from(self.since, context))
        start = checker.parse(self.start)
        self._require_indices(inner)
        last = check_steps(start, self.steps, inner)
        checker.checks += inner.checks
        return (Fact(Relation(start, "==", last), inner.given),)

    def _require_indices(self, checker: Checker) -> None:
        """Where a size is replaced, an index over it would keep its old range."""
        symbols = checker.vocabulary.symbols
        replaced = {name for layer in checker.layers for name in layer if name in symbols and symbols[name].sort == "size"}
        for text in (self.start, *(expression for expression, _ in self.steps)) if replaced else ():
            for name in sorted(free_names(checker.parse(text))):
                if symbols[name].sort == "index" and symbols[name].over in replaced:
                    raise ProofError(f"`{name}` runs over {symbols[name].over}, which is replaced: write the index as a number")
