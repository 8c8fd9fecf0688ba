"""Chain of equalities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...errors import ProofError
from ..term import Binary, Name, Negative, Number, Term, free_names
from .item import Context, Steps, check_steps, replacements

if TYPE_CHECKING:  # the checker brings SymPy; a theorem is only data
    from ..checker import Checker


def _general(name: str, body: Term, checker: Checker) -> bool:
    """Whether a symbol that the case supposes positive (or negative) is replaced by a multiple of a positive symbol."""
    if not any(name in free_names(p) for p in checker.positive):
        return True
    while isinstance(body, Negative) or (isinstance(body, Binary) and body.op == "*" and isinstance(body.left, Number)):
        body = body.body if isinstance(body, Negative) else body.right
    return isinstance(body, Name) and checker.vocabulary.symbols[body.name].sort == "positive"


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
        assumed = replacements(self.assume, checker)
        for name, replacement in assumed.items():
            symbol, body = checker.vocabulary.symbols.get(name), replacement.body
            sized = symbol is not None and symbol.sort == "size"
            if sized and isinstance(body, Number) and (body.value < 1 or body.value.denominator != 1):
                raise ProofError(f"the size {name} is a positive integer, not {body.value}")
            if any(name in layer for layer in checker.layers) or not _general(name, replacement.body, checker):
                raise ProofError(f"`{name}` is fixed by the case at hand; a chain inside it may not narrow it further")
        inner = checker.narrowed(assumed, ())
        check_steps(checker.parse(self.start), self.steps, inner)
        checker.checks += inner.checks
