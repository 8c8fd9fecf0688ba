"""Whose words a chain is written in, and what a framework's words mean.

- ``parameter.py``, ``constructor.py``: a framework's layer as data, and a call of it;
- ``pytorch.py``, ``keras.py``: the frameworks' layers, a table each, and what cannot be said in our words;
- ``read.py``, ``bind.py``: what is written between the brackets, checked against the signature;
- ``needs.py``: what waits for the shapes: channels that must fit, sizes that names stand for, a flatten before a Linear.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..tree import Spelling
from . import keras, pytorch
from .bind import bind
from .constructor import WHOSE, Call, Constructor

__all__ = ["WHOSE", "WORDS", "Call", "Constructor", "Word", "bind", "frameworks", "split"]


@dataclass(frozen=True)
class Words:
    """A framework's words: layers that chains can say, others with the reason why they cannot, and prefixes of them all."""

    constructors: Mapping[str, Constructor]
    refused: Mapping[str, str]
    prefixes: tuple[str, ...]

    def has(self, word: str) -> bool:
        """Whether the framework has a layer of that name, as far as it is known here."""
        return word in self.constructors or word in self.refused


WORDS: dict[Spelling, Words] = {
    "pytorch": Words(pytorch.CONSTRUCTORS, pytorch.REFUSED, pytorch.PREFIXES),
    "keras": Words(keras.CONSTRUCTORS, keras.REFUSED, keras.PREFIXES),
}
"""The frameworks."""


@dataclass(frozen=True)
class Word:
    """A word of a chain without its prefix, and the frameworks that it can belong to; none if it is ours."""

    text: str
    owners: tuple[Spelling, ...]


def split(word: str) -> Word:
    """The word without a framework's prefix, and whose it is: the prefix says so, else the frameworks that have such a layer."""
    for spelling, words in WORDS.items():
        for prefix in words.prefixes:
            if word.startswith(prefix):
                return Word(word[len(prefix) :], (spelling,))
    base = word.removeprefix("collections.")
    return Word(base, tuple(spelling for spelling, words in WORDS.items() if words.has(base)))


def frameworks(words: Iterable[str]) -> tuple[Spelling, ...]:
    """The frameworks that the words of a chain decide for: those of its words that one framework alone has."""
    found = {owners[0] for owners in (split(word).owners for word in words) if len(owners) == 1}
    return tuple(spelling for spelling in WORDS if spelling in found)
