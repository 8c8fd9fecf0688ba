"""Every relation that a statement shows is a conclusion, a hypothesis or a definition."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from bnproof.errors import NotationError
from bnproof.symbolic.notation import parse_relations
from bnproof.symbolic.relation import Relation
from bnproof.symbolic.term import Apply, Name
from bnproof.theorems import registry
from bnproof.theorems.prove import Proved, Prover

BRACES = re.compile(r"\{([^{}]*)\}")


def shown(proved: Proved) -> Iterator[Relation]:
    """The relations in the braces of a statement."""
    for formula in BRACES.findall(proved.theorem.statement):
        try:
            yield from parse_relations(formula, proved.theorem.vocabulary)
        except NotationError:  # a term, which says nothing
            continue


def stated(proved: Proved) -> Iterator[Relation]:
    """What the theorem concludes and supposes, formally."""
    for concluded in proved.conclusions:
        yield concluded.says
        yield from concluded.given
    for relations in proved.hypotheses:
        yield from relations


def is_definition(relation: Relation, proved: Proved) -> bool:
    """Whether it says what one of the theorem's abbreviations stands for."""
    match relation.left:
        case Apply(name, args) if name in proved.theorem.definitions:
            definition = proved.theorem.definitions[name]
            return args == tuple(map(Name, definition.parameters)) and relation.right == definition.body
        case _:
            return False


def unbound(proved: Proved) -> list[str]:
    """The relations of the statement that nothing formal says."""
    known = [*stated(proved)]
    return [
        str(relation)
        for relation in shown(proved)
        if relation.operator in ("==", "!=", "<", "<=", ">", ">=")
        and not any(k.implies(relation) for k in known)
        and not (relation.operator == "==" and is_definition(relation, proved))
    ]


@pytest.mark.parametrize("name", registry.names())
def test_every_relation_of_the_statement_is_formal(name: str, prover: Prover) -> None:
    assert unbound(prover.prove(registry.theorem(name))) == []
