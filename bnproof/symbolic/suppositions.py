"""What supposed relations do to a setting: what is put in the place of what, and the least value of each size."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ..errors import ProofError
from .admission import admits
from .plain import plain, plain_relation
from .relation import ZERO, Relation, head_name
from .symbols import Layers, Replacement, Vocabulary
from .term import Binary, Entry, Name, Negative, Number, Term
from .unfold import derived_by, names_within


@dataclass(frozen=True)
class Setting:
    """Where relations are supposed: what is replaced and supposed already, the least sizes, and what is known of signs."""

    vocabulary: Vocabulary
    layers: Layers
    supposed: tuple[Relation, ...]
    minimum: Mapping[str, int]
    sign: Callable[[Term], int]

    def put_in(self, relations: Sequence[Relation]) -> tuple[dict[str, Replacement], dict[str, int]]:
        """What equalities put in the place of what, and the least sizes.

        Raises ProofError for an equality that cannot be used so, or contradicts what its symbol is.
        """
        minimum = dict(self.minimum)
        for relation in relations:
            bound = relation.least_size(self.vocabulary)
            if bound is not None:
                minimum[bound[0]] = max(minimum.get(bound[0], 1), bound[1])
        assume: dict[str, Replacement] = {}
        for relation in relations:
            if relation.operator == "==":
                name, replacement = self._replacement(relation, minimum)
                if name in assume:
                    raise ProofError(f"`{name}` is supposed to be two things")
                assume[name] = replacement
        self._require_settled(assume)
        return assume, minimum

    def _replacement(self, relation: Relation, minimum: Mapping[str, int]) -> tuple[str, Replacement]:
        head, body = relation.replaces(self.vocabulary), relation.right
        if head is None:
            raise ProofError(
                f"only a symbol, `x[i]` or a definition `D(i)` can be replaced by something, not the left side of "
                f"{plain_relation(relation, self.vocabulary)}; what is replaced is replaced for all indices"
            )
        name = head_name(head)
        places = () if isinstance(head, Name) else head.indices if isinstance(head, Entry) else head.args
        symbol = self.vocabulary.symbols.get(name)
        if any(name in layer for layer in self.layers) or not self._general(name, body):
            raise ProofError(f"`{name}` is fixed by the case at hand; a chain inside it may not narrow it further")
        if symbol is not None and not admits(symbol, body, self.vocabulary, minimum, self.sign, minimum.get(name, 1)):
            raise ProofError(f"`{plain(body, self.vocabulary)}` cannot stand for {name}, which is {symbol.sort}")
        parameters = tuple(p.name for p in places if isinstance(p, Name))
        return name, Replacement(parameters, body, tuple(self.vocabulary.symbols[p].over for p in parameters))

    def _general(self, name: str, body: Term) -> bool:
        """Whether a symbol of which something is supposed is replaced by a multiple of a positive symbol, which is no narrower."""
        if not any(name in names_within(r.difference, self.vocabulary) for r in self.supposed):
            return True
        while isinstance(body, Negative) or (isinstance(body, Binary) and body.op == "*" and isinstance(body.left, Number)):
            body = body.body if isinstance(body, Negative) else body.right
        return isinstance(body, Name) and self.vocabulary.symbols[body.name].sort == "positive"

    def _require_settled(self, assume: Mapping[str, Replacement]) -> None:
        """What is put in is read as it stands: a derivative in it would not see what else is put in at the same time."""
        for name, replacement in assume.items():
            others = names_within(replacement.body, self.vocabulary) & assume.keys()
            if others and derived_by((replacement.body,), self.vocabulary):
                raise ProofError(
                    f"{name} is supposed to be a derivative in which {', '.join(sorted(others))} is supposed as well"
                )


def positive(relations: Sequence[Relation]) -> frozenset[str]:
    """The symbols, and sequences with all entries, that are supposed positive in so many words."""
    found: set[str] = set()
    for relation in relations:
        match relation.upward:
            case Relation(Name(name), ">", right) if right == ZERO:
                found.add(name)
            case Relation(Entry(base, places), ">", right) if right == ZERO and all(isinstance(p, Name) for p in places):
                found.add(base)
            case _:
                continue
    return frozenset(found)
