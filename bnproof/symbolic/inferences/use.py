"""Use of a proved theorem."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...errors import ProofError
from ..checker import Checker, shortened
from ..notation import parse
from ..symbols import Vocabulary
from .item import Context, replacements


@dataclass(frozen=True)
class Use:
    """An instance of a chain proved in another theorem: ``start = end`` after replacing its symbols by `where`."""

    claim: str
    theorem: str
    label: str
    start: str
    end: str
    where: Mapping[str, str] = field(default_factory=dict[str, str])

    def check(self, checker: Checker, context: Context) -> None:
        """Raises ProofError unless both ends are what the cited chain becomes under the replacement."""
        vocabulary, first, last = context.conclusion(self.theorem, self.label)
        own = checker.narrowed({}, ())
        own.vocabulary = merged(vocabulary, checker.vocabulary, self.theorem)
        own.bridge.vocabulary = own.vocabulary
        cited = own.narrowed(replacements(self.where, own.vocabulary), ())
        for text, theirs in ((self.start, first), (self.end, last)):
            mine = parse(text, checker.vocabulary)
            rest = own.normaliser.difference(own.bridge.sympy(mine), cited.bridge.sympy(theirs))
            if rest is not None:
                raise ProofError(
                    f"`{self.theorem}` does not say this:\n    {own.plain(mine)}\n  ≠ {own.plain(theirs)} (as replaced)"
                    f"\n  the difference reduces to {shortened(rest)}"
                )
            own.checks += 1
        own.exact(parse(self.start, checker.vocabulary), parse(self.end, checker.vocabulary))
        checker.checks += own.checks


def merged(cited: Vocabulary, own: Vocabulary, theorem: str) -> Vocabulary:
    """Both theorems' definitions. Raises ProofError where a name means two things."""
    for name, definition in cited.definitions.items():
        other = own.definitions.get(name)
        if other is not None and (other.body, other.parameters) != (definition.body, definition.parameters):
            raise ProofError(f"`{name}` means something else in {theorem}")
    return Vocabulary(own.symbols, {**cited.definitions, **own.definitions})
