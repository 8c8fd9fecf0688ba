"""Which symbols and abbreviations a theorem's page uses, and where first, each with a sample of how it is written there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from ...symbolic.inferences import Cases, Chain, Induction, Item, Maximum, Say, Sign, Undefined, Use, Witness
from ...symbolic.notation import parse_relation
from ...symbolic.term import Apply, Big, Entry, Name, Term, walk
from ...theorems.theorem import Theorem

_BRACES = re.compile(r"\{([^{}]*)\}")


class Used(NamedTuple):
    """Names by the place where a reader first needs them; each name is in one of the three.

    - stated: in statement and hypotheses, or in the definition of such a name;
    - proved: in the proof alone;
    - aside: in counterexamples, the remark, or as a letter of a cited theorem.
    """

    stated: dict[str, Term]
    proved: dict[str, Term]
    aside: dict[str, Term]


def used(theorem: Theorem) -> Used:
    """The names of the page by where they are needed; a sequence with its indices, z[i]."""
    samples = used_names(theorem)
    stated = set(_named(_stated(theorem), theorem))
    proved = set(_named(_items(theorem.proof, cited=False), theorem)) - stated

    def chosen(names: set[str]) -> dict[str, Term]:
        return {name: term for name, term in samples.items() if name in names}

    return Used(chosen(stated), chosen(proved), chosen(set(samples) - stated - proved))


def used_names(theorem: Theorem) -> dict[str, Term]:
    """Every name in the page's formulas, those inside its definitions included; a sequence with its indices, z[i]."""
    return _named((*_stated(theorem), *_items(theorem.proof), *_aside(theorem)), theorem)


def _named(formulas: Iterable[str], theorem: Theorem) -> dict[str, Term]:
    found: dict[str, Term] = {}
    for formula in formulas:
        for part in parse_relation(formula, theorem.vocabulary):
            if not isinstance(part, str):
                _collect(part, theorem, found)
    return found


def _collect(term: Term, theorem: Theorem, found: dict[str, Term]) -> None:
    for part in walk(term):
        match part:
            case Name(name):
                found.setdefault(name, part)
            case Entry(base, indices):
                general = all(isinstance(i, Name) for i in indices)
                if base not in found or (general and not _is_general(found[base])):
                    found[base] = part
            case Big(_, index):
                found.setdefault(index, Name(index))
            case Apply(function, _) if function in theorem.definitions and function not in found:
                found[function] = part
                _collect(theorem.definitions[function].body, theorem, found)
            case _:
                pass


def _is_general(term: Term) -> bool:
    return isinstance(term, Entry) and all(isinstance(i, Name) for i in term.indices)


def _stated(theorem: Theorem) -> Iterator[str]:
    yield from _BRACES.findall(theorem.statement)
    for hypothesis in theorem.hypotheses:
        yield from _BRACES.findall(hypothesis.text)


def _aside(theorem: Theorem) -> Iterator[str]:
    yield from _items(tuple(h.without for h in theorem.hypotheses if h.without is not None))
    yield from _BRACES.findall(theorem.remark)


def _items(items: tuple[Item, ...], cited: bool = True) -> Iterator[str]:
    """The formulas of some items; without `cited`, not those letters of a cited theorem that something is put in the place of."""
    for item in items:
        yield from _BRACES.findall(getattr(item, "claim", ""))
        match item:
            case Say(words):
                yield from _BRACES.findall(words)
            case Chain():
                yield from _mapping(item.assume)
                yield item.start
                yield from _steps(item.steps)
            case Sign():
                yield item.term
                yield from _steps(item.steps)
                yield from item.given
                yield from _BRACES.findall(item.reason)
            case Witness():
                yield from _values(item.values)
                yield from (side for left, _, right in item.relations for side in (left, right))
            case Undefined():
                yield from _values(item.values)
                yield item.term
            case Use():
                yield from (item.start, item.end)
                yield from _mapping(item.where) if cited else item.where.values()
            case Maximum():
                yield from (item.maximum, item.value, item.member, item.known, item.known_member)
            case Induction():
                yield item.time
                for q in item.quantities:
                    yield from (q.start, q.update, q.closed, q.name)
                    yield from _steps((*q.base, *q.step))
            case Cases():
                for case in item.cases:
                    yield from _BRACES.findall(case.title)
                    yield from _items(case.items, cited)
            case _:
                pass


def _steps(steps: tuple[tuple[str, str], ...]) -> Iterator[str]:
    for expression, reason in steps:
        yield expression
        yield from _BRACES.findall(reason)


def _mapping(mapping: Mapping[str, str]) -> Iterator[str]:
    for head, body in mapping.items():
        yield from (head, body)


def _values(values: Mapping[str, object]) -> Iterator[str]:
    """Scalars by name; a sequence is named by the formulas that use it."""
    yield from (name for name, value in values.items() if not isinstance(value, tuple))
