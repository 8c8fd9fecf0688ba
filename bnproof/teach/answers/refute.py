"""The smallest numbers at hand that show that a line is wrong, by exact evaluation; no float anywhere."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from ...symbolic.checker import Checker
from ...symbolic.domain import Condition
from ...symbolic.evaluate import COMPARE, NO_VALUE, Instance, equal
from ...symbolic.relation import ZERO
from ...symbolic.symbols import Symbol
from ...symbolic.term import Entry, Name, Number, Term
from ...symbolic.unfold import names_within
from .written import exact_text, written

_TRIED = 240
_ENOUGH = 12
"""Refuting examples among which the shortest is taken."""
_LONE = 10
"""What a size of 1 costs, as letters: a batch of one value shows little."""
_WIDE = 6
"""Sizes reach so far in later tries: some differences vanish at small sizes."""
_PLAIN = (0, 1, -1, 2)
_POSITIVE = (1, 2, 3, 4)
_FINE = (Fraction(1, 2), Fraction(-3, 2), 3, -2, 5)
_FINE_POSITIVE = (Fraction(1, 2), Fraction(3, 2), 5, 8)


@dataclass(frozen=True)
class Refutation:
    """Numbers, and what the two expressions are there; no value where one is undefined.

    - values: (name, value) pairs as text, sizes first: ("n", "2"), ("z", "(0, 1)");
    - before, after: the value of the line before, and of this line.
    """

    values: tuple[tuple[str, str], ...]
    before: str
    after: str


class _Values(Mapping[str, Fraction]):
    """Small numbers, drawn when they are asked for and remembered with their places."""

    def __init__(self, symbols: Mapping[str, Symbol], minimum: Mapping[str, int], seed: int) -> None:
        self.symbols = symbols
        self.minimum = minimum
        self.seed = seed
        self.drawn: dict[str, Fraction] = {}
        self.entries: dict[tuple[str, tuple[int, ...]], Fraction] = {}

    def __getitem__(self, name: str) -> Fraction:
        if name not in self.drawn:
            self.drawn[name] = self._scalar(self.symbols[name])
        return self.drawn[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.symbols)

    def __len__(self) -> int:
        return len(self.symbols)

    def _scalar(self, symbol: Symbol) -> Fraction:
        generator = random.Random(f"{self.seed}:{symbol.name}")
        match symbol.sort:
            case "size":
                least = self.minimum.get(symbol.name, 1)
                wide = self.seed >= _TRIED // 2
                return Fraction(
                    generator.randint(least, max(_WIDE, least + 1)) if wide else max(least, generator.choice((2, 2, 3, 1)))
                )
            case "integer":
                return Fraction(generator.randint(0, 3))
            case "index":
                return Fraction(generator.randint(1, int(self[symbol.over])) if symbol.over else 1)
            case "count":
                size = int(self[self.symbols[symbol.of or ""].over or ""])
                return sum((self.entry(symbol.of or "", (i,)) for i in range(1, size + 1)), Fraction(0))
            case _:
                return self._number(symbol, generator)

    def _number(self, symbol: Symbol, generator: random.Random) -> Fraction:
        if symbol.sort == "indicator":
            return Fraction(generator.randint(0, 1))
        positive = symbol.sort in ("positive", "nonnegative")
        plain_ones = _POSITIVE if symbol.sort == "positive" else (0, *_POSITIVE) if positive else _PLAIN
        fine_ones = _FINE_POSITIVE if positive else _FINE
        return Fraction(generator.choice(plain_ones if self.seed < _TRIED // 3 else (*plain_ones, *fine_ones)))

    def entry(self, base: str, where: tuple[int, ...]) -> Fraction:
        """One entry of a sequence."""
        if (base, where) not in self.entries:
            self.entries[base, where] = self._number(self.symbols[base], random.Random(f"{self.seed}:{base}:{where}"))
        return self.entries[base, where]


def refuting(before: Term, after: Term, checker: Checker) -> Refutation | None:
    """Numbers at which both have values, and different ones; None where none were found."""

    def wrong(instance: Instance) -> tuple[str, str, bool] | None:
        first, second = instance.known(before), instance.known(after)
        if equal(first, second):
            return None
        rational = all(isinstance(value, int | Fraction) for value in (first, second))
        return exact_text(first), exact_text(second), rational

    return _shortest(wrong, (before, after), checker)


def undefined(condition: Condition, first: Term, after: Term, checker: Checker) -> Refutation | None:
    """Numbers at which the first expression of a chain has a value and this one breaks the condition; None where none were found."""
    if condition.operator == "smooth" or condition.bound:
        return None
    operator = condition.operator

    def wrong(instance: Instance) -> tuple[str, str, bool] | None:
        value = instance.known(first)
        if COMPARE[operator](instance.value(condition.term), instance.value(ZERO)):
            return None
        return exact_text(value), "", isinstance(value, int | Fraction)

    return _shortest(wrong, (first, after, condition.term), checker)


def _shortest(
    wrong: Callable[[Instance], tuple[str, str, bool] | None], terms: tuple[Term, ...], checker: Checker
) -> Refutation | None:
    found: list[tuple[bool, int, int, Refutation]] = []
    names = frozenset[str]().union(*(names_within(term, checker.vocabulary) for term in terms))
    for seed in range(_TRIED):
        values = _Values(checker.vocabulary.symbols, checker.minimum, seed)
        instance = Instance(checker.vocabulary, values, values.entry, checker.layers)
        try:
            if not all(checker.holds(relation, instance) for relation in checker.supposed):
                continue
            sides = wrong(instance)
        except NO_VALUE:
            continue
        if sides is None:
            continue
        rows = _rows(names, values, instance, checker)
        length = sum(len(value) for _, value in rows) + len(sides[0]) + len(sides[1])
        length += _LONE * any(
            value == "1" and checker.vocabulary.symbols[name].sort == "size" for name, value in rows if name in names
        )
        found.append((not sides[2], length, seed, Refutation(rows, sides[0], sides[1])))
        if len(found) == _ENOUGH:
            break
    return min(found, key=lambda row: row[:3])[3] if found else None


def _rows(names: frozenset[str], values: _Values, instance: Instance, checker: Checker) -> tuple[tuple[str, str], ...]:
    """What the terms rest on: sizes, then scalars and indices, then sequences, each as an answer writes it."""
    symbols = checker.vocabulary.symbols
    sizes = {over for name in names if (over := symbols[name].over) and symbols[name].rank}
    order = {"size": 0, "count": 1, "index": 3}
    rows: list[tuple[int, str, str]] = []
    for name in sorted(names | sizes):
        symbol = symbols[name]
        rank = order.get(symbol.sort, 2) if not symbol.rank else 4
        if not symbol.rank:
            rows.append((rank, name, exact_text(instance.value(Name(name)))))
            continue
        size = int(values[symbol.over]) if symbol.over and symbol.rank == 1 else None
        if size is not None:
            places = [Entry(name, (Number(Fraction(i)),)) for i in range(1, size + 1)]
            inside = ", ".join(exact_text(instance.value(place)) for place in places)
            rows.append((rank, name, f"({inside})"))
        for (base, where), value in sorted(values.entries.items()):
            if base == name and (size is None or not 1 <= where[0] <= size):
                entry = written(Entry(name, tuple(Number(Fraction(i)) for i in where)))
                rows.append((5, entry, exact_text(value)))
    return tuple((name, value) for _, name, value in sorted(rows, key=lambda row: row[0]))
