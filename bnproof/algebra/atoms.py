"""Atoms, the named tensors of the normal form, and their hash-consing."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Literal, get_args

from ..jaxpr import Dim

Linear = Literal[
    "sum of terms",
    "entries",
    "sum over axes",
    "convolution",
    "sums over windows",
    "padded with 0",
    "side by side",
    "running sums",
]
"""Kinds of atoms that are linear in what they hold: a parameter inside has not met a non-linear operation yet."""
Kind = Literal["input", "constant", "size", "opaque"] | Linear
"""What an atom is. An opaque one is an operation of which nothing is known but its operands."""
LINEAR = frozenset[Kind](get_args(Linear))


class Content:
    """What some atoms hold to be taken apart again; each subclass stands beside the code that does so."""

    __slots__ = ()


class Atom:
    """A named tensor: an input, a constant, or an operation on forms.

    - number: its place in order of creation; sizes: one for each of its own axes, none of them the int 1;
    - kind: see `Kind`; name: of a tracked input, or of an opaque operation (a primitive's, or what the engine calls it), else empty;
    - tainted: whether a tracked parameter may be inside; children: numbers of the tainted atoms it is made of;
    - idempotent: every entry is 0 or 1; most: if every entry is a whole number, the largest absolute value one can have, else None;
      signed: whether one may be negative;
    - infinite: an entry may be −∞ (a mask); content: what it holds, if that is ever taken apart again;
    - laws: bit set of laws applied to values that hold it, and of what was assumed there; origin: the equation that made it; last:
      the last equation a value with it went into, and its number.
    """

    __slots__ = (
        "children",
        "content",
        "idempotent",
        "infinite",
        "kind",
        "last",
        "laws",
        "most",
        "name",
        "number",
        "origin",
        "signed",
        "sizes",
        "tainted",
    )

    def __init__(
        self, number: int, kind: Kind, sizes: tuple[Dim, ...], tainted: bool, children: tuple[int, ...], name: str = ""
    ) -> None:
        self.number = number
        self.kind: Kind = kind
        self.name = name
        self.sizes = sizes
        self.tainted = tainted
        self.children = children
        self.idempotent = False
        self.most: int | None = None
        self.signed = True
        self.infinite = False
        self.content: Content | None = None
        self.laws = 0
        self.origin: Any = None
        self.last: tuple[int, Any] = (-1, None)

    @property
    def operation(self) -> str:
        """What made it, in a word or two."""
        return self.name if self.kind == "opaque" else self.kind

    def boolean(self, known: bool = True) -> None:
        """Every entry is 0 or 1, if `known`."""
        if known:
            self.idempotent, self.most, self.signed = True, 1, False

    def like(self, other: Atom) -> None:
        """Every entry is one of the other atom's."""
        self.infinite, self.idempotent = other.infinite, other.idempotent
        self.most, self.signed = other.most, other.signed


class Atoms:
    """All atoms of one analysis; the same key gives the same atom (congruence)."""

    def __init__(self) -> None:
        self.all: list[Atom] = []
        self.by_key: dict[Hashable, Atom] = {}
        self.origin: Any = None  # what the walker is at, recorded in new atoms
        self.kept: list[Any] = []  # objects whose ids are in keys: an id is good while its object lives

    def __getitem__(self, number: int) -> Atom:
        return self.all[number]

    def find(self, key: Hashable) -> Atom | None:
        """The atom of that key, if there is one."""
        return self.by_key.get(key)

    def make(
        self,
        key: Hashable | None,
        kind: Kind,
        sizes: tuple[Dim, ...],
        children: tuple[int, ...] = (),
        tainted: bool | None = None,
        name: str = "",
    ) -> Atom:
        """A new atom, remembered under `key` unless that is None. It is tainted if it has children, unless said otherwise."""
        atom = Atom(len(self.all), kind, sizes, bool(children) if tainted is None else tainted, children, name)
        atom.origin = self.origin
        self.all.append(atom)
        if key is not None:
            self.by_key[key] = atom
        return atom

    def opaque(self, key: Hashable | None, name: str, sizes: tuple[Dim, ...], children: tuple[int, ...] = ()) -> Atom:
        """A new opaque atom of an operation of that name."""
        return self.make(key, "opaque", sizes, children, None, name)
