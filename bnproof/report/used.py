"""Which symbols and abbreviations a theorem's page uses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..symbolic.inferences import Cases, Chain, Induction, Item, Maximum, Sign, Use, Witness
from ..symbolic.notation import parse_relation
from ..symbolic.term import Apply, Big, Entry, Name, Term, walk
from ..theorems.theorem import Theorem

_BRACES = re.compile(r"\{([^{}]*)\}")


def used_names(theorem: Theorem) -> set[str]:
    """Every name in the page's formulas, those inside its definitions included."""
    found: set[str] = set()
    for formula in _formulas(theorem):
        for part in parse_relation(formula, theorem.vocabulary):
            if not isinstance(part, str):
                _collect(part, theorem, found)
    return found


def _collect(term: Term, theorem: Theorem, found: set[str]) -> None:
    for part in walk(term):
        match part:
            case Name(name) | Entry(name, _):
                found.add(name)
            case Big(_, index):
                found.add(index)
            case Apply(function, _) if function in theorem.definitions and function not in found:
                found.add(function)
                _collect(theorem.definitions[function].body, theorem, found)
            case _:
                pass


def _formulas(theorem: Theorem) -> Iterator[str]:
    yield from _BRACES.findall(theorem.statement + theorem.remark)
    for hypothesis in theorem.hypotheses:
        yield from _BRACES.findall(hypothesis.text)
        if hypothesis.without is not None:
            yield from _BRACES.findall(hypothesis.without.claim)
            if isinstance(hypothesis.without, Witness):
                yield from (side for left, _, right in hypothesis.without.relations for side in (left, right))
            else:
                yield hypothesis.without.term
    yield from _item_formulas(theorem.proof)


def _item_formulas(items: tuple[Item, ...]) -> Iterator[str]:
    for item in items:
        match item:
            case Chain():
                yield item.start
                yield from (e for e, _ in item.steps)
                yield from item.assume
                yield from item.assume.values()
            case Sign():
                yield item.term
                yield from (e for e, _ in item.steps)
            case Witness():
                yield from (side for left, _, right in item.relations for side in (left, right))
            case Use():
                yield from (item.start, item.end, *item.where, *item.where.values())
            case Maximum():
                yield from (item.maximum, item.value, item.member, item.known, item.known_member)
            case Induction():
                yield from (item.start, item.update, item.closed, item.time, item.state)
            case Cases():
                for case in item.cases:
                    yield from _item_formulas(case.items)
            case _:
                pass
