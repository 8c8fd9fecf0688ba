"""What the names in a term stand for: symbols with a sort, and a theorem's own definitions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from .term import Term

Sort = Literal["size", "count", "integer", "index", "positive", "nonnegative", "real", "indicator"]

FUNCTIONS: dict[str, int] = {"sqrt": 1, "exp": 1, "log": 1, "relu": 1, "abs": 1, "delta": 2}
"""Functions of the language and how many arguments each takes."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """One entry of the glossary.

    - sort: ``size`` a positive integer; ``count`` how many entries of the indicator `of` are 1; ``integer`` ≥ 0;
      ``index`` runs from 1 to the size `over` (None: over all integers); ``indicator`` entries are 0 or 1;
      ``positive``, ``nonnegative``, ``real`` as they say.
    - rank: how many indices a sequence takes; 0 for a scalar.
    - cyclic: on a size: positions wrap around (P+1 is 1), as under circular padding.
    - finite: on a sequence: finitely many entries are nonzero (a convolution kernel).
    """

    name: str
    sort: Sort
    latex: str
    plain: str
    meaning: str
    rank: int = 0
    over: str | None = None
    of: str | None = None
    cyclic: bool = False
    finite: bool = False


@dataclass(frozen=True, slots=True)
class Definition:
    """An abbreviation with parameters; printed by its templates, unfolded by both checks."""

    name: str
    parameters: tuple[str, ...]
    body: Term
    latex: str
    plain: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Replacement:
    """What a scalar (no parameters) or a sequence (one parameter an index) stands for under an assumption.

    - over: the sizes up to which its parameters run, where it holds within these ranges only (None: for all integers); empty
      where it holds at all places.
    """

    parameters: tuple[str, ...]
    body: Term
    over: tuple[str | None, ...] = ()


Layers = tuple[Mapping[str, Replacement], ...]
"""Assumptions, outermost first; a replacement is read under the layers before its own."""


@dataclass(frozen=True)
class Vocabulary:
    """Every name a term may use: the glossary's symbols and a theorem's definitions."""

    symbols: Mapping[str, Symbol]
    definitions: Mapping[str, Definition] = field(default_factory=dict[str, Definition])
