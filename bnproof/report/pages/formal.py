"""What a theorem says formally: relations with their conditions, for pages and JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from ...symbolic.fact import Recursion
from ...symbolic.relation import Relation
from ...symbolic.symbols import Vocabulary
from ...symbolic.term import Name
from ...theorems.conclude import Concluded
from ..document import Inline, Math, Prose, Text, joined
from ..prose import legible, rendered
from .values import taken


def relation(says: Relation, vocabulary: Vocabulary) -> Math:
    """A relation as a formula."""
    return legible(rendered((says.left, says.operator, says.right), vocabulary))


def supposed(given: Sequence[Relation], vocabulary: Vocabulary) -> Prose:
    """What is supposed, one after the other."""
    return joined(((relation(r, vocabulary), *_for_every(r, vocabulary)) for r in given), ", ", " and ")


def _for_every(given: Relation, vocabulary: Vocabulary) -> Iterator[Inline]:
    """An index in what is supposed stands for all of its values, whatever it stands for in the conclusion."""
    indices = given.indices(vocabulary)
    if indices:
        yield Text(" for every ")
        yield from joined(((rendered((Name(index),), vocabulary),) for index in indices), ", ", " and ")


def together(conclusions: Sequence[Concluded]) -> Iterator[tuple[Concluded, ...]]:
    """The conclusions one by one, but those about one recursion that suppose the same at once: it is long, and said once."""

    def alike(place: int) -> object:
        one = conclusions[place]
        return place if one.recursion is None else (one.recursion, one.given, one.hypotheses)

    for _, places in groupby(range(len(conclusions)), alike):
        yield tuple(conclusions[place] for place in places)


def concluded(conclusions: tuple[Concluded, ...], vocabulary: Vocabulary, numbers: Sequence[int]) -> Prose:
    """Conclusions that suppose the same, with everything they suppose; `numbers` of the theorem's hypotheses that they rest on."""
    return tuple(_concluded(conclusions[0], [c.says for c in conclusions], vocabulary, numbers))


def _concluded(
    conclusion: Concluded, says: Sequence[Relation], vocabulary: Vocabulary, numbers: Sequence[int]
) -> Iterator[Inline]:
    stated = conclusion.conclusion
    if stated.at is not None:
        yield Text("There is an example: for ")
        yield from taken(stated.at, vocabulary)
        yield Text(", ")
    elif conclusion.given:
        yield Text("If ")
        yield from supposed(conclusion.given, vocabulary)
        yield Text(", then ")
    if stated.limit:
        limit = Name(stated.limit)
        yield rendered((conclusion.says.left,), vocabulary)
        yield Text(" tends to ")
        yield rendered((conclusion.says.right,), vocabulary)
        yield Text(" as ")
        yield rendered((limit,), vocabulary)
        yield Text(" grows")
    else:
        yield from joined(((relation(one, vocabulary),) for one in says), ", ", " and ")
    yield from for_some(stated.some, vocabulary)
    if conclusion.recursion is not None:
        yield from recursion(conclusion.recursion, vocabulary)
    yield Text("." if not numbers else f". (Hypothes{'i' if len(numbers) == 1 else 'e'}s {', '.join(map(str, numbers))}.)")


def for_some(some: Sequence[str], vocabulary: Vocabulary) -> Iterator[Inline]:
    """“for some k”, or nothing."""
    if some:
        yield Text(" for some ")
        yield from joined(((rendered((Name(index),), vocabulary),) for index in some), ", ", " and ")


def recursion(given: Recursion, vocabulary: Vocabulary) -> Iterator[Inline]:
    """Where the quantities of a recursion start, and how they go on."""
    time = rendered((Name(given.time),), vocabulary)
    yield from (Text(" after "), time, Text(" steps, if "))
    yield from joined(
        (
            (
                rendered((q.head,), vocabulary),
                Text(" starts at "),
                rendered((q.start,), vocabulary),
                Text(" and becomes "),
                legible(rendered((q.update,), vocabulary)),
            )
            for q in given.states
        ),
        ", ",
        ", and ",
    )
    yield Text(" in each")
