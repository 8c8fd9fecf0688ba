"""A proof exercise: one chain of a theorem, of which the student gets the two ends."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from ...symbolic.inferences import Chain
from ...symbolic.notation import parse, parse_relations
from ...symbolic.symbols import Definition, Symbol, Vocabulary
from ...symbolic.unfold import names_within
from ...theorems import registry
from ...theorems.theorem import Theorem

Level = Literal[1, 2, 3]


@dataclass(frozen=True)
class Exercise:
    """What is to be shown is what the labelled chain of the theorem shows: from its first expression to its last.

    - name: what a student's file calls it;
    - level: 1 one idea, 2 several steps, 3 derivatives, indicators or definitions in definitions;
    - title, task: prose; formulas in braces, in the notation.
    """

    name: str
    level: Level
    theorem: str
    label: str
    title: str
    task: str

    @cached_property
    def source(self) -> Theorem:
        """The theorem it is taken from. Raises UnknownNameError."""
        return registry.theorem(self.theorem)

    @cached_property
    def chain(self) -> Chain:
        """The theorem's own chain. Raises LookupError where no chain has the label."""
        for item in self.source.proof:
            if isinstance(item, Chain) and item.label == self.label:
                return item
        raise LookupError(f"{self.theorem} has no chain labelled `{self.label}`")

    @property
    def start(self) -> str:
        """The expression to begin with."""
        return self.chain.start

    @property
    def end(self) -> str:
        """The expression to arrive at."""
        return self.chain.steps[-1][0]

    @property
    def given(self) -> tuple[str, ...]:
        """What is supposed throughout."""
        return self.chain.given

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The names an answer may use: those that the theorem's chain rests on, every index over the same ranges, and the
        theorem's definitions that need no other name.
        """
        whole = self.source.vocabulary
        terms = [parse(text, whole) for text in (self.start, *(text for text, _ in self.chain.steps))]
        terms += [side for text in self.given for r in parse_relations(text, whole) for side in (r.left, r.right)]
        names = frozenset[str]().union(*(names_within(term, whole) for term in terms))
        sizes = {over for name in names if (over := whole.symbols[name].over)}
        names |= {of for name in names if (of := whole.symbols[name].of)} | sizes
        sizes |= {name for name in names if whole.symbols[name].sort == "size"}
        indices = {s.name for s in whole.symbols.values() if s.sort == "index" and s.over in sizes}
        symbols = {s.name: s for s in whole.symbols.values() if s.name in names | indices}
        definitions = {d.name: d for d in whole.definitions.values() if _within(d, symbols, whole)}
        return Vocabulary(symbols, definitions)


def _within(definition: Definition, symbols: dict[str, Symbol], whole: Vocabulary) -> bool:
    """Whether all that a definition speaks of, and what its parameters are called, is among the symbols."""
    return {*names_within(definition.body, whole), *definition.parameters} <= symbols.keys()
