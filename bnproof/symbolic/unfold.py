"""Definitions looked into: which names a term rests on, and a definition written out."""

from __future__ import annotations

from collections.abc import Iterable

from .symbols import Layers, Replacement, Vocabulary
from .term import Apply, Binary, Derivative, Entry, Name, Negative, Number, Term, children, free_names, substitute, walk


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


def heads_within(term: Term, vocabulary: Vocabulary) -> frozenset[str]:
    """The definitions that the term uses, however deep."""
    found, pending = set[str](), [term]
    while pending:
        for part in walk(pending.pop()):
            definition = vocabulary.definitions.get(part.function) if isinstance(part, Apply) else None
            if definition is not None and definition.name not in found:
                found.add(definition.name)
                pending.append(definition.body)
    return frozenset(found)


def moved_by(term: Derivative, layers: Layers, vocabulary: Vocabulary) -> str | None:
    """A definition in a derivative's body that is replaced, though it or what replaces it depends on the variable.

    What is equal at one point need not be equal around it. None if there is none. A symbol that is replaced is read as the
    function that replaces it.
    """
    variable = term.wrt.name if isinstance(term.wrt, Name) else term.wrt.base
    pending = [*(names_within(term.body, vocabulary) | heads_within(term.body, vocabulary))]
    seen = {*pending}
    while pending:
        name = pending.pop()
        for replacement in (layer[name] for layer in layers if name in layer):
            inside = names_within(replacement.body, vocabulary)
            definition = vocabulary.definitions.get(name)
            own = names_within(definition.body, vocabulary) if definition is not None else frozenset[str]()
            if definition is not None and variable in inside | own:
                return name
            new = (inside | heads_within(replacement.body, vocabulary)) - seen
            seen |= new
            pending += new
    return None


def turns(replacement: Replacement, size: str, vocabulary: Vocabulary) -> bool:
    """Whether it comes back to the same value after `size` steps: its indices stand in entries of cyclic sequences only."""

    def whole(term: Term) -> bool:
        match term:
            case Number(value):
                return value.denominator == 1
            case Name():
                return True
            case Negative(body):
                return whole(body)
            case Binary("+" | "-" | "*", left, right):
                return whole(left) and whole(right)
            case _:
                return False

    def still(term: Term) -> bool:
        match term:
            case Name(name):
                return name not in replacement.parameters
            case Entry(base, indices) if vocabulary.symbols[base].over == size:
                return all(whole(index) or still(index) for index in indices)
            case _:
                return all(still(part) for part in children(term))

    return still(replacement.body)


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
