"""What the checkers of one proof share: terms as read, normal forms, and instances with the values found at them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from .bridge import Bridge
from .domain import Domain
from .evaluate import Instance
from .known import Forms
from .normal import Normaliser
from .symbols import Layers, Vocabulary
from .term import Term

Minimum = frozenset[tuple[str, int]]


class Pool:
    """Random instances of one setting, drawn when they are first asked for."""

    def __init__(self, supply: Iterator[Instance]) -> None:
        self.supply = supply
        self.drawn: list[Instance] = []

    def __getitem__(self, number: int) -> Instance:
        while number >= len(self.drawn):
            self.drawn.append(next(self.supply))
        return self.drawn[number]


class Reuse:
    """Made once for a vocabulary; what depends on replacements or least sizes is kept for each of these."""

    def __init__(self, vocabulary: Vocabulary, normalisers: dict[Minimum, Normaliser] | None = None) -> None:
        self.vocabulary = vocabulary
        self.terms: dict[str, Term] = {}
        self.domain = Domain(vocabulary)
        self.normalisers: dict[Minimum, Normaliser] = {} if normalisers is None else normalisers
        self._forms: dict[tuple[object, ...], tuple[Layers, Forms]] = {}
        self._pools: dict[tuple[object, ...], tuple[Layers, Pool]] = {}

    def for_definitions(self, vocabulary: Vocabulary) -> Reuse:
        """The same symbols with other definitions: their normal forms hold as well."""
        return self if vocabulary is self.vocabulary else Reuse(vocabulary, self.normalisers)

    def forms(self, layers: Layers, minimum: Mapping[str, int]) -> Forms:
        """The normal forms of terms under these replacements."""
        least = frozenset(minimum.items())
        if least not in self.normalisers:
            self.normalisers[least] = Normaliser(self.vocabulary.symbols, minimum)
        key = (least, *map(id, layers))
        if key not in self._forms:
            forms = Forms(self.normalisers[least], Bridge(self.vocabulary, layers, minimum))
            self._forms[key] = (layers, forms)  # the layers are kept, so that no other gets their place
        return self._forms[key][1]

    def pool(
        self, layers: Layers, minimum: Mapping[str, int], positive: frozenset[str], supply: Callable[[], Iterator[Instance]]
    ) -> Pool:
        """The instances of a setting, each with the values that were found at it."""
        key = (frozenset(minimum.items()), positive, *map(id, layers))
        if key not in self._pools:
            self._pools[key] = (layers, Pool(supply()))
        return self._pools[key][1]
