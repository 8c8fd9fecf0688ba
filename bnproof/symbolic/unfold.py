"""Definitions looked into: which names a term rests on, and a definition written out."""

from __future__ import annotations

from collections.abc import Iterable

from .symbols import Vocabulary
from .term import Apply, Derivative, Name, Term, free_names, substitute, walk


def written_out(term: Apply, vocabulary: Vocabulary) -> Term:
    """The body of a definition at these arguments. Raises ValueError where one of its own indices would capture an argument."""
    definition = vocabulary.definitions[term.function]
    return substitute(definition.body, dict(zip(definition.parameters, term.args, strict=True)))


def names_within(term: Term, vocabulary: Vocabulary) -> frozenset[str]:
    """The symbols that occur free in the term or in a definition that it uses, however deep."""
    found = set(free_names(term))
    pending, seen = [term], set[str]()
    while pending:
        for part in walk(pending.pop()):
            definition = vocabulary.definitions.get(part.function) if isinstance(part, Apply) else None
            if definition is not None and definition.name not in seen:
                seen.add(definition.name)
                found |= free_names(definition.body) - {*definition.parameters}
                pending.append(definition.body)
    return frozenset(found)


def derived_by(terms: Iterable[Term], vocabulary: Vocabulary) -> frozenset[str]:
    """The symbols by which the terms, or definitions in them, differentiate."""
    found, seen, pending = set[str](), set[str](), [*terms]
    while pending:
        for part in walk(pending.pop()):
            if isinstance(part, Derivative):
                found.add(part.wrt.name if isinstance(part.wrt, Name) else part.wrt.base)
            definition = vocabulary.definitions.get(part.function) if isinstance(part, Apply) else None
            if definition is not None and definition.name not in seen:
                seen.add(definition.name)
                pending.append(definition.body)
    return frozenset(found)
