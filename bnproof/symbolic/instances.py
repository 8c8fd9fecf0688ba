"""Random rational instances of a setting: small sizes, small fractions, reproducible from a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from fractions import Fraction

from .evaluate import Instance
from .symbols import Layers, Symbol, Vocabulary

SUPPORT = range(-1, 3)
"""Where a finitely supported sequence is nonzero."""


def draw(symbol: Symbol, generator: random.Random) -> Fraction:
    """One value of a symbol's sort."""
    if symbol.sort == "indicator":
        return Fraction(generator.randint(0, 1))
    denominator = generator.choice((1, 1, 2, 3))
    if symbol.sort == "positive":
        return Fraction(generator.randint(1, 5), denominator)
    if symbol.sort == "nonnegative":
        return Fraction(generator.randint(0, 5), denominator)
    return Fraction(generator.randint(-5, 5), denominator)


def instance(
    vocabulary: Vocabulary, layers: Layers, minimum: Mapping[str, int], seed: int
) -> Instance:
    """Instance number `seed`: sizes grow with it and differ from one another; entries are drawn on demand."""
    scalars: dict[str, Fraction] = {}
    symbols = vocabulary.symbols
    for rank, symbol in enumerate(symbols.values()):
        if symbol.rank or symbol.sort == "count":
            continue
        generator = random.Random(f"{seed}:{symbol.name}")
        if symbol.sort == "size":
            scalars[symbol.name] = Fraction(minimum.get(symbol.name, 1) + (seed + rank) % 4)
        elif symbol.sort == "integer":
            scalars[symbol.name] = Fraction((seed + rank) % 4)
        elif symbol.sort != "index":
            scalars[symbol.name] = draw(symbol, generator)
    for symbol in symbols.values():
        if symbol.sort == "index":
            top = int(scalars[symbol.over]) if symbol.over else 3
            scalars[symbol.name] = Fraction(random.Random(f"{seed}:{symbol.name}").randint(1, max(top, 1)))
    entries: dict[tuple[str, tuple[int, ...]], Fraction] = {}

    def entry(base: str, where: tuple[int, ...]) -> Fraction:
        symbol = symbols[base]
        if symbol.finite and any(place not in SUPPORT for place in where):
            return Fraction(0)
        if (base, where) not in entries:
            entries[base, where] = draw(symbol, random.Random(f"{seed}:{base}:{where}"))
        return entries[base, where]

    for symbol in symbols.values():
        if symbol.sort == "count" and symbol.of:
            over = symbols[symbol.of].over
            size = int(scalars[over]) if over else 0
            scalars[symbol.name] = sum((entry(symbol.of, (i,)) for i in range(1, size + 1)), Fraction(0))
    return Instance(vocabulary, scalars, entry, layers)


def instances(
    vocabulary: Vocabulary, layers: Layers, minimum: Mapping[str, int], start: int = 0
) -> Iterator[Instance]:
    """An endless supply of instances."""
    seed = start
    while True:
        yield instance(vocabulary, layers, minimum, seed)
        seed += 1


def given(
    vocabulary: Vocabulary, values: Mapping[str, object], layers: Layers = ()
) -> Instance:
    """The instance an author writes down: ``{"n": 3, "z": ("-1", 1, 2), "b": "1/2"}``.

    Sequences are tuples, nested by index, first entry at 1. Raises KeyError where the term needs a value not given.
    """
    scalars = {name: Fraction(v) for name, v in values.items() if isinstance(v, int | str | Fraction)}
    tables = {name: v for name, v in values.items() if isinstance(v, tuple)}

    def entry(base: str, where: tuple[int, ...]) -> Fraction:
        found: object = tables[base]
        for place in where:
            if not isinstance(found, tuple) or not 1 <= place <= len(found):
                raise IndexError(f"{base}{list(where)} lies outside the values given for {base}")
            found = found[place - 1]
        if not isinstance(found, int | str | Fraction):
            raise TypeError(f"{base}{list(where)} is not a rational number")
        return Fraction(found)

    return Instance(vocabulary, scalars, entry, layers)
