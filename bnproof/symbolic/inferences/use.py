"""Use of a proved theorem."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...errors import ProofError
from ..messages import shortened
from ..sign import NONNEGATIVE, POSITIVE, manifest_sign
from ..symbols import Replacement, Symbol, Vocabulary
from ..term import Entry, Name, Number, free_names
from .item import Conclusion, Context, replacements

if TYPE_CHECKING:  # the checker brings SymPy; a theorem is only data
    from ..checker import Checker


@dataclass(frozen=True)
class Use:
    """An instance of a chain proved in another theorem: ``start = end`` after replacing its symbols by `where`.

    The replacement must respect what the cited theorem takes for granted of its symbols: positive stays positive, a size
    at least as large, an index within its range.
    """

    claim: str
    theorem: str
    label: str
    start: str
    end: str
    where: Mapping[str, str] = field(default_factory=dict[str, str])

    def check(self, checker: Checker, context: Context) -> None:
        """Raises ProofError unless both ends are what the cited chain becomes under an admissible replacement."""
        conclusion = context.conclusion(self.theorem, self.label)
        own = checker.wider(merged(conclusion.vocabulary, checker.vocabulary, self.theorem))
        where = replacements(self.where, own)
        _Admission(self.theorem, conclusion, own, where).check()
        cited = own.narrowed(where, ())
        for text, theirs in ((self.start, conclusion.first), (self.end, conclusion.last)):
            mine = checker.parse(text)
            try:
                rest = own.normaliser.difference(own.bridge.sympy(mine), cited.bridge.sympy(theirs))
            except (ArithmeticError, LookupError, TypeError, ValueError) as error:
                raise ProofError(f"the normaliser cannot compare `{text}` with `{self.theorem}`: {error}") from error
            if rest is not None:
                raise ProofError(
                    f"`{self.theorem}` does not say this:\n    {own.plain(mine)}\n  ≠ {own.plain(theirs)} (as replaced)"
                    f"\n  the difference reduces to {shortened(rest)}"
                )
            own.checks += 1
        own.exact(checker.parse(self.start), checker.parse(self.end))
        checker.checks += own.checks


@dataclass(frozen=True)
class _Admission:
    """Whether a replacement keeps what the cited theorem knows of its symbols."""

    theorem: str
    conclusion: Conclusion
    own: Checker
    where: Mapping[str, Replacement]

    def check(self) -> None:
        """Raises ProofError naming the first symbol whose replacement is not admissible."""
        symbols = self.own.vocabulary.symbols
        for name, replacement in self.where.items():
            symbol = symbols.get(name)
            if symbol is None:
                raise ProofError(f"`{name}` is a definition of {self.theorem}; only its symbols can be replaced")
            if not self._fits(symbol, replacement):
                shown = self.own.plain(replacement.body)
                raise ProofError(f"`{shown}` cannot stand for {name}, which {self.theorem} knows to be {symbol.sort}")
        for name, least in self.conclusion.minimum.items():
            if name not in self.where and self.own.minimum.get(name, 1) < least:
                raise ProofError(f"{self.theorem} supposes {name} ≥ {least}; so must a theorem that uses it")
        for name in free_names(self.conclusion.first) | free_names(self.conclusion.last):
            symbol = symbols[name]
            if symbol.sort == "index" and symbol.over in self.where and name not in self.where:
                raise ProofError(f"the index {name} runs over {symbol.over}, which is replaced: replace {name} as well")

    def _fits(self, symbol: Symbol, replacement: Replacement) -> bool:
        body, symbols = replacement.body, self.own.vocabulary.symbols
        match symbol.sort:
            case "real":
                return not symbol.finite or (isinstance(body, Entry) and symbols[body.base].finite)
            case "positive" | "nonnegative":
                needed = POSITIVE if symbol.sort == "positive" else NONNEGATIVE
                return manifest_sign(body, self.own.vocabulary, self.own.positive) >= needed
            case "size":
                least = self.conclusion.minimum.get(symbol.name, 1)
                if isinstance(body, Number):
                    return body.value >= least
                known = isinstance(body, Name) and symbols[body.name].sort == "size"
                return known and self.own.minimum.get(getattr(body, "name", ""), 1) >= least
            case "index":
                if not isinstance(body, Name) or symbols[body.name].sort != "index":
                    return False
                size = self.where.get(symbol.over or "")
                over = symbol.over if size is None else getattr(size.body, "name", None)
                return symbols[body.name].over == over
            case "integer":
                return isinstance(body, Name) and symbols[body.name].sort in ("integer", "count", "size")
            case _:
                return False  # an indicator and its count belong together


def merged(cited: Vocabulary, own: Vocabulary, theorem: str) -> Vocabulary:
    """Both theorems' definitions. Raises ProofError where a name means two things."""
    for name, definition in cited.definitions.items():
        other = own.definitions.get(name)
        if other is not None and (other.body, other.parameters) != (definition.body, definition.parameters):
            raise ProofError(f"`{name}` means something else in {theorem}")
    return Vocabulary(own.symbols, {**cited.definitions, **own.definitions})
