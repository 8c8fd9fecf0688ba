"""Derivatives mean something else once a symbol is supposed to depend on what they are taken by.

``diff(sum(j, z[j]), W[u])`` is 0; supposing ``z[k] == sum(u, W[u]*x[u, k])`` it is the derivative through z. So a fact with a
derivative may be used under such an equality only if it was shown under it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..errors import ProofError
from .fact import Fact
from .relation import Relation, head_name
from .term import Apply, walk
from .unfold import derived_by, names_within

if TYPE_CHECKING:  # the checker brings SymPy
    from .checker import Checker


def require_apart(fact: Fact, given: Iterable[Relation], checker: Checker) -> None:
    """Raises ProofError where an equality among `given` changes what a derivative in the fact means, and the fact does not suppose it."""
    vocabulary = checker.vocabulary
    terms = (fact.says.left, fact.says.right)
    variables = derived_by(terms, vocabulary)
    if not variables:
        return
    occurring = frozenset[str]().union(*(names_within(t, vocabulary) for t in terms)) | _defined(fact, checker)
    for relation in given:
        if relation in fact.given:
            continue
        head = relation.replaces(vocabulary)
        name = None if head is None else head_name(head)
        through = names_within(relation.right, vocabulary) & variables
        if name in occurring and through:
            raise ProofError(
                f"{checker.said(fact.says)} differentiates by {', '.join(sorted(through))}, on which {checker.said(relation)} makes "
                f"{name} depend: it has to be shown under that supposition"
            )


def _defined(fact: Fact, checker: Checker) -> frozenset[str]:
    """The definitions that the fact's terms use."""
    found, pending = set[str](), [fact.says.left, fact.says.right]
    while pending:
        for part in walk(pending.pop()):
            definition = checker.vocabulary.definitions.get(part.function) if isinstance(part, Apply) else None
            if definition is not None and definition.name not in found:
                found.add(definition.name)
                pending.append(definition.body)
    return frozenset(found)
