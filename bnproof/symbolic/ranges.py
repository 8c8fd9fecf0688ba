"""What is known of ranges: the least value of their ends, and which range an index runs over."""

# SymPy declares most results as Basic where they are Expr; the checks that trip over this alone are off here
# pyright: reportArgumentType=false, reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from .bridge import atom
from .index import BoundIndex
from .symbols import Symbol


class Ranges:
    """Ranges over one set of symbols. `minimum` gives the least value of a size where it is not 1."""

    def __init__(self, symbols: Mapping[str, Symbol], minimum: Mapping[str, int]) -> None:
        self.symbols = symbols
        self.minimum = minimum
        self.counts = {s.of: atom(s.name, s.sort) for s in symbols.values() if s.sort == "count" and s.of}
        """The sum of each indicator that is counted, by the indicator's name."""

    def least(self, upper: sp.Expr) -> int | None:
        """A lower bound for the end of a range: sizes and indices are at least 1, counts at least 0."""
        total = 0
        for term in sp.Add.make_args(upper):
            factor, symbol = term.as_coeff_Mul()
            if symbol == 1 and factor.is_Integer:
                total += int(factor)
                continue
            least = self._least_symbol(symbol)
            if least is None or not factor.is_Integer or factor < 0:
                return None
            total += int(factor) * least
        return total

    def _least_symbol(self, symbol: sp.Expr) -> int | None:
        if not symbol.is_Symbol:
            return None
        declared = self.symbols.get(symbol.name)
        if declared is None:
            return None
        match declared.sort:
            case "size":
                return self.minimum.get(symbol.name, 1)
            case "index":
                return 1 if declared.over else None
            case "count" | "integer":
                return 0
            case _:
                return None

    def axis(self, name: str) -> sp.Symbol | None:
        """The size up to which a declared index, or each index of a declared sequence, runs from 1."""
        declared = self.symbols.get(name)
        over = None if declared is None or declared.over is None else self.symbols[declared.over]
        return None if over is None else atom(over.name, over.sort)

    def end_of(self, value: sp.Expr) -> sp.Expr | None:
        """The end of the range of an index that runs from 1; None for anything else."""
        if isinstance(value, BoundIndex):
            return value.upper if value.lower == 1 else None
        declared = self.symbols.get(value.name) if value.is_Symbol else None
        return self.axis(value.name) if declared is not None and declared.sort == "index" else None

    def is_cyclic(self, upper: sp.Expr) -> bool:
        """Whether a range's end is the size of a cyclic axis."""
        declared = self.symbols.get(upper.name) if upper.is_Symbol else None
        return declared is not None and declared.cyclic
