"""Chain of equalities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...errors import ProofError
from ..checker import Checker
from ..notation import parse
from .item import Context, Steps, check_steps, replacements


@dataclass(frozen=True)
class Chain:
    """start = step₁ = step₂ = …, each equality passing both checks.

    - label: lets other theorems cite ``start = last step``;
    - assume: what is taken for zero (or another given term) throughout, ``{"D[j]": "0"}``. A labelled chain has none.
    """

    claim: str
    start: str
    steps: Steps
    label: str = ""
    assume: Mapping[str, str] = field(default_factory=dict[str, str])

    def check(self, checker: Checker, context: Context) -> None:
        """Raises ProofError at the first equality that fails."""
        if not self.steps:
            raise ProofError(f"a chain without a step proves nothing: {self.claim}")
        if self.label and self.assume:
            raise ProofError(f"the chain `{self.label}` holds only under an assumption and cannot be cited")
        inner = checker.narrowed(replacements(self.assume, checker.vocabulary), ())
        check_steps(parse(self.start, checker.vocabulary), self.steps, inner)
        checker.checks += inner.checks
