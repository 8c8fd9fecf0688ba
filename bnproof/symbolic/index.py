"""The index that a sum or a maximum binds: a SymPy symbol that knows its range."""

# SymPy's symbols are made of untyped parts; the checks that trip over this alone are off here
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownParameterType=false
# pyright: reportMissingParameterType=false, reportIncompatibleMethodOverride=false, reportAttributeAccessIssue=false

from __future__ import annotations

import sympy as sp


class BoundIndex(sp.Symbol):  # pyright: ignore[reportUntypedBaseClass]
    """An integer from `lower` to `upper`; −oo and oo stand for all integers.

    - depth: how many indices are bound outside it, as a term is read; in a normal form, its level, counted from inside;
    - canonical: whether a normal form gave it its place;
    - copy: 0, or the number of a copy that is to differ from every other index.

    Two are equal when all of this agrees. The name is for a reader and for SymPy's order of terms; nothing is read from it.
    """

    __slots__ = ("canonical", "copy", "depth", "lower", "upper")

    depth: int
    lower: sp.Expr
    upper: sp.Expr
    canonical: bool
    copy: int

    def __new__(cls, depth: int, lower: sp.Expr, upper: sp.Expr, canonical: bool = False, copy: int = 0) -> BoundIndex:
        """A new object each time; equal ones are interchangeable."""
        ends = str(upper) if lower == 1 else f"{lower}…{upper}"
        index = sp.Symbol.__xnew__(cls, f"{'.' if canonical else '_'}{depth}:{ends}", integer=True)
        index.depth, index.lower, index.upper, index.canonical, index.copy = depth, lower, upper, canonical, copy
        return index

    def copied(self, number: int) -> BoundIndex:
        """The same index, told from all others by a number."""
        return BoundIndex(self.depth, self.lower, self.upper, self.canonical, number)

    def __getnewargs_ex__(self):
        return (self.depth, self.lower, self.upper, self.canonical, self.copy), {}

    def _hashable_content(self):
        return (*super()._hashable_content(), self.depth, self.lower, self.upper, self.canonical, self.copy)

    def sort_key(self, order=None):
        """SymPy's order: by name, copies by number."""
        return self.class_key(), (1, (self.name, self.copy)), sp.S.One.sort_key(), sp.S.One
