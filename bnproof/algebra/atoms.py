"""Atoms, the named tensors of the normal form, and their hash-consing."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

Dim = Any
"""A size: an int, or a symbolic size of JAX's shape polymorphism."""

TRANSPARENT = frozenset(
    {
        "sum of terms",
        "entries",
        "sum over axes",
        "convolution",
        "sums over windows",
        "padded with 0",
        "side by side",
        "running sums",
    }
)
"""Kinds of atoms that are linear in what they hold: a parameter inside has not met a non-linear operation yet.

Opaque atoms have the names of primitives, which hold no spaces or are single words other than these.
"""


class Atom:
    """A named tensor: an input, a constant, or an operation on forms.

    - number: its place in order of creation; sizes: one for each of its own axes, none of them the int 1;
    - kind: ``input``, ``constant``, ``size``, one of `TRANSPARENT`, or the name of an opaque operation;
    - tainted: whether a tracked parameter may be inside; children: numbers of the tainted atoms it is made of;
    - idempotent: every entry is 0 or 1; most: if every entry is a whole number, the largest absolute value one can have, else None;
      signed: whether one may be negative;
    - infinite: an entry may be −∞ (a mask); content: what some kinds need to be taken apart again;
    - laws: bit set of laws applied to values that hold it; origin: the equation that made it; last:
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
        "number",
        "origin",
        "signed",
        "sizes",
        "tainted",
    )

    def __init__(self, number: int, kind: str, sizes: tuple[Dim, ...], tainted: bool, children: tuple[int, ...]) -> None:
        self.number = number
        self.kind = kind
        self.sizes = sizes
        self.tainted = tainted
        self.children = children
        self.idempotent = False
        self.most: int | None = None
        self.signed = True
        self.infinite = False
        self.content: Any = None
        self.laws = 0
        self.origin: Any = None
        self.last: tuple[int, Any] = (-1, None)

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

    def __getitem__(self, number: int) -> Atom:
        return self.all[number]

    def find(self, key: Hashable) -> Atom | None:
        """The atom of that key, if there is one."""
        return self.by_key.get(key)

    def make(
        self,
        key: Hashable | None,
        kind: str,
        sizes: tuple[Dim, ...],
        children: tuple[int, ...] = (),
        tainted: bool | None = None,
    ) -> Atom:
        """A new atom, remembered under `key` unless that is None. It is tainted if it has children, unless said otherwise."""
        atom = Atom(len(self.all), kind, sizes, bool(children) if tainted is None else tainted, children)
        atom.origin = self.origin
        self.all.append(atom)
        if key is not None:
            self.by_key[key] = atom
        return atom
