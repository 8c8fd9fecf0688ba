"""Relations between terms: what is supposed, what is concluded, and what each implies."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from .symbols import Vocabulary
from .term import Apply, Binary, Entry, Name, Number, Term, free_names

Comparison = Literal["==", "!=", "<", "<=", ">", ">="]

SIGNS: dict[Comparison, str] = {"==": "=", "!=": "≠", "<": "<", "<=": "≤", ">": ">", ">=": "≥"}
"""How a comparison is printed."""
TURNED: dict[Comparison, Comparison] = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
OPPOSITE: dict[Comparison, Comparison] = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
IMPLIES: dict[Comparison, tuple[Comparison, ...]] = {
    "==": ("==", "<=", ">="),
    "!=": ("!=",),
    "<": ("<", "<=", "!="),
    "<=": ("<=",),
    ">": (">", ">=", "!="),
    ">=": (">=",),
}
ZERO = Number(Fraction(0))


def comparison(text: str) -> Comparison | None:
    """The comparison that is written so; None if there is none."""
    return next((known for known in SIGNS if known == text), None)


@dataclass(frozen=True, slots=True)
class Relation:
    """``left operator right``. An index that occurs free in it stands for every value of its range."""

    left: Term
    operator: Comparison
    right: Term

    @property
    def upward(self) -> Relation:
        """The same without < and ≤: the greater side stands on the left."""
        if self.operator in ("<", "<="):
            return Relation(self.right, TURNED[self.operator], self.left)
        return self

    @property
    def opposite(self) -> Relation:
        """What holds where this does not."""
        return Relation(self.left, OPPOSITE[self.operator], self.right)

    @property
    def turned(self) -> Relation:
        """The same, read from right to left."""
        return Relation(self.right, TURNED[self.operator], self.left)

    @property
    def difference(self) -> Term:
        """Left minus right, which the relation compares with 0."""
        return self.left if self.right == ZERO else Binary("-", self.left, self.right)

    def implies(self, other: Relation) -> bool:
        """Whether the other says the same of the same two terms, or less."""
        for mine in (self, self.turned):
            if (mine.left, mine.right) == (other.left, other.right) and other.operator in IMPLIES[mine.operator]:
                return True
        return False

    def indices(self, vocabulary: Vocabulary) -> tuple[str, ...]:
        """The indices it speaks of: those that occur free, in the order of their names."""
        names = free_names(self.left) | free_names(self.right)
        return tuple(sorted(n for n in names if vocabulary.symbols[n].sort == "index"))

    def replaces(self, vocabulary: Vocabulary) -> Name | Entry | Apply | None:
        """What an equality defines, if its left side is a symbol, a sequence or a definition at any indices; else None."""
        if self.operator != "==":
            return None
        match self.left:
            case Name():
                return self.left
            case Entry(_, places) | Apply(_, places):
                named = [p.name for p in places if isinstance(p, Name)]
                own = isinstance(self.left, Entry) or self.left.function in vocabulary.definitions
                whole = len({*named}) == len(places) and all(vocabulary.symbols[n].sort == "index" for n in named)
                return self.left if own and whole else None
            case _:
                return None

    def least_size(self, vocabulary: Vocabulary) -> tuple[str, int] | None:
        """The size and its least value, if this is all the relation says; else None."""
        match self.upward:
            case Relation(Name(name), ">=" | ">" as operator, Number(value)) if vocabulary.symbols[name].sort == "size":
                whole = value.denominator == 1
                return (name, int(value) + (operator == ">")) if whole else None
            case _:
                return None


def head_name(head: Name | Entry | Apply) -> str:
    """The symbol, sequence or definition that an equality says something of."""
    return head.name if isinstance(head, Name) else head.base if isinstance(head, Entry) else head.function
