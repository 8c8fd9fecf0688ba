"""Random rational instances of a setting: small sizes, small fractions, reproducible from a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import product

from ..errors import ProofError
from .evaluate import NO_VALUE, Instance, equal
from .symbols import Layers, Symbol, Vocabulary
from .term import Entry, Name, Number

SUPPORT = range(-1, 3)
"""Where a finitely supported sequence is nonzero."""
BEYOND = 5
"""Some instances have every size at least this large: a difference that vanishes at small sizes shows there."""


def draw(symbol: Symbol, generator: random.Random) -> Fraction:
    """One value of a symbol's sort."""
    if symbol.sort == "indicator":
        return Fraction(generator.randint(0, 1))
    denominator = generator.choice((1, 1, 2, 3))
    if generator.random() < 0.2:  # now and then beyond the small numbers
        wide = Fraction(generator.randint(6, 40), denominator)
        return wide if symbol.sort in ("positive", "nonnegative") else generator.choice((-1, 1)) * wide
    if symbol.sort == "positive":
        return Fraction(generator.randint(1, 5), denominator)
    if symbol.sort == "nonnegative":
        return Fraction(generator.randint(0, 5), denominator)
    return Fraction(generator.randint(-5, 5), denominator)


class Draws(Mapping[str, Fraction]):
    """Scalars, and entries through `entry`, drawn when first asked for; the same seed gives the same values.

    Seed −1 has real numbers 0; seed 0 is the corner where every size is as small as allowed and no unit is active, seed 1 has
    all units active. Of the following every third has large sizes. `positive` names real symbols that are to be positive.
    """

    def __init__(
        self, symbols: Mapping[str, Symbol], minimum: Mapping[str, int], seed: int, positive: frozenset[str] = frozenset()
    ) -> None:
        changed = {n: replace(symbols[n], sort="positive") for n in positive if symbols[n].sort == "real"}
        self.symbols = {**symbols, **changed} if changed else symbols
        self.minimum = minimum
        self.seed = seed
        self.large = seed > 1 and seed % 3 == 0
        self._scalars: dict[str, Fraction] = {}
        self._entries: dict[tuple[str, tuple[int, ...]], Fraction] = {}

    def __getitem__(self, name: str) -> Fraction:
        if name not in self._scalars:
            self._scalars[name] = self._scalar(self.symbols[name])
        return self._scalars[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.symbols)

    def __len__(self) -> int:
        return len(self.symbols)

    def _scalar(self, symbol: Symbol) -> Fraction:
        generator = random.Random(f"{self.seed}:{symbol.name}")
        match symbol.sort:
            case "size":  # drawn for each name on its own, so that no two sizes agree in every instance
                least = self.minimum.get(symbol.name, 1)
                if self.large:
                    return Fraction(generator.randint(max(least, BEYOND), max(least, BEYOND) + 4))
                return Fraction(least + (generator.randint(0, 3) if self.seed else 0))
            case "integer":
                low, high = (BEYOND + 1, 2 * BEYOND + 2) if self.large else (0, BEYOND if self.seed else 0)
                return Fraction(generator.randint(low, high))
            case "index":
                low, high = (1, int(self[symbol.over])) if symbol.over else (-3, 3)
                return Fraction(generator.randint(low, high))
            case "count":
                indicator = symbol.of or ""
                size = int(self[self.symbols[indicator].over or ""])
                return sum((self.entry(indicator, (i,)) for i in range(1, size + 1)), Fraction(0))
            case _:
                return self._number(symbol, generator)

    def _number(self, symbol: Symbol, generator: random.Random) -> Fraction:
        return Fraction(0) if self.seed < 0 and symbol.sort == "real" else draw(symbol, generator)

    def entry(self, base: str, where: tuple[int, ...]) -> Fraction:
        """One entry of a sequence."""
        symbol = self.symbols[base]
        if symbol.finite and any(place not in SUPPORT for place in where):
            return Fraction(0)
        if symbol.sort == "indicator" and self.seed < 2:  # none active, then all
            return Fraction(max(self.seed, 0))
        if (base, where) not in self._entries:
            self._entries[base, where] = self._number(symbol, random.Random(f"{self.seed}:{base}:{where}"))
        return self._entries[base, where]


def within(symbol: Symbol, instance: Instance) -> range:
    """The values of an index at an instance; over all integers, those about the support of a kernel."""
    if symbol.over is None:
        return range(SUPPORT.start - 1, SUPPORT.stop + 1)
    return range(1, instance.whole(instance.value(Name(symbol.over))) + 1)


def instances(
    vocabulary: Vocabulary,
    layers: Layers,
    minimum: Mapping[str, int],
    start: int = 0,
    positive: frozenset[str] = frozenset(),
) -> Iterator[Instance]:
    """An endless supply of instances, with the given real symbols positive."""
    seed = start
    while True:
        draws = Draws(vocabulary.symbols, minimum, seed, positive)
        yield Instance(vocabulary, draws, draws.entry, layers)
        seed += 1


def given(vocabulary: Vocabulary, values: Mapping[str, object], layers: Layers = (), relaxed: bool = False) -> Instance:
    """The instance an author writes down: ``{"n": 3, "z": ("-1", 1, 2), "b": "1/2"}``.

    Sequences are tuples, nested by index, first entry at 1. Raises ProofError for a value that its symbol's sort forbids
    (`relaxed`: a positive or nonnegative symbol may take any value, to show why it must not); evaluating a term that needs
    a value not given raises KeyError.
    """
    scalars: dict[str, Fraction] = {}
    tables: dict[str, object] = {}
    for name, value in values.items():
        if name not in vocabulary.symbols:
            raise ProofError(f"a witness gives a value to `{name}`, which is no symbol")
        symbol = vocabulary.symbols[name]
        if isinstance(value, tuple) != bool(symbol.rank):
            wanted = "a sequence: give it a tuple" if symbol.rank else "a scalar: give it one number"
            raise ProofError(f"a witness gives {name} the value {value!r}, but {name} is {wanted}")
        for number in _numbers(value):
            _allowed(symbol, number, relaxed)
        if isinstance(value, tuple):
            tables[name] = value
        else:
            scalars[name] = next(_numbers(value))
    for name, value in scalars.items():
        symbol = vocabulary.symbols[name]
        size = scalars.get(symbol.over or vocabulary.symbols[symbol.of or name].over or "")
        if symbol.sort in ("index", "count") and size is not None and value > size:
            raise ProofError(f"a witness says {name} = {value}, beyond the size {size}")
        counted = vocabulary.symbols[name].of
        if counted in tables and sum(_numbers(tables[counted])) != value:
            raise ProofError(f"a witness says {name} = {value}, but {counted} = {tables[counted]}")

    for name, value in tables.items():
        symbol = vocabulary.symbols[name]
        size = scalars.get(symbol.over or "")
        if symbol.rank == 1 and size is not None and isinstance(value, tuple) and len(value) != size:
            raise ProofError(f"a witness gives {len(value)} values for {name}, but {symbol.over} = {size}")

    def entry(base: str, where: tuple[int, ...]) -> Fraction:
        found = tables[base]
        for place in where:
            if not isinstance(found, tuple) or not 1 <= place <= len(found):
                raise IndexError(f"{base}{list(where)} lies outside the values given for {base}")
            found = found[place - 1]
        return next(_numbers(found))

    return Instance(vocabulary, scalars, entry, layers)


def require_unfixed(vocabulary: Vocabulary, values: Mapping[str, object], layers: Layers, relaxed: bool) -> None:
    """Raises ProofError where a value is given to what a layer replaces, and differs from it."""
    bare, fixed = (given(vocabulary, values, kept, relaxed) for kept in ((), layers))
    for name in {name for layer in layers for name in layer} & values.keys():
        for at in product(*(range(1, length + 1) for length in _lengths(values[name]))):
            term = Entry(name, tuple(Number(Fraction(place)) for place in at)) if at else Name(name)
            try:
                same = equal(bare.value(term), fixed.value(term))
            except NO_VALUE as error:
                raise ProofError(f"a witness gives {name} a value, but its case gives none: {error}") from error
            if not same:
                raise ProofError(f"a witness gives {name} the value {values[name]}, which breaks the assumption of its case")


def _lengths(value: object) -> tuple[int, ...]:
    """How many entries a value has along each of its axes; none for a scalar."""
    return (len(value), *(_lengths(value[0]) if value else ())) if isinstance(value, tuple) else ()


def _numbers(value: object) -> Iterator[Fraction]:
    if isinstance(value, tuple):
        for part in value:
            yield from _numbers(part)
    elif isinstance(value, int | str | Fraction):
        try:
            yield Fraction(value)
        except (ValueError, ZeroDivisionError) as error:
            raise ProofError(f"a witness's value `{value}` is no rational number") from error
    else:
        raise ProofError(f"a witness's values are integers, rationals as text, and tuples of them, not {value!r}")


def _allowed(symbol: Symbol, value: Fraction, relaxed: bool) -> None:
    """Raises ProofError unless the sort allows the value."""
    whole = value.denominator == 1
    fits = {
        "size": whole and value >= 1,
        "index": whole and (symbol.over is None or value >= 1),
        "count": whole and value >= 0,
        "integer": whole and value >= 0,
        "indicator": value in (0, 1),
        "positive": relaxed or value > 0,
        "nonnegative": relaxed or value >= 0,
        "real": True,
    }[symbol.sort]
    if not fits:
        raise ProofError(f"a witness gives {symbol.name} the value {value}, but it is declared {symbol.sort}")
