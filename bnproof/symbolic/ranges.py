"""What is known of ranges: the least value of their ends, and which range an index runs over."""

# SymPy declares most results as Basic where they are Expr; the checks that trip over this alone are off here
# pyright: reportArgumentType=false, reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from .symbols import Symbol


class Ranges:
    """Ranges over one set of symbols. `minimum` gives the least value of a size where it is not 1."""

    def __init__(self, symbols: Mapping[str, Symbol], minimum: Mapping[str, int]) -> None:
        self.symbols = symbols
        self.minimum = minimum

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
            return 1 if ":" in symbol.name and "…" not in symbol.name else None  # a bound index
        match declared.sort:
            case "size":
                return self.minimum.get(symbol.name, 1)
            case "index":
                return 1 if declared.over else None
            case "count" | "integer":
                return 0
            case _:
                return None

    def size_of(self, value: sp.Expr) -> str | None:
        """The name of the size up to which an index runs."""
        if not value.is_Symbol:
            return None
        declared = self.symbols.get(value.name)
        if declared is not None:
            return declared.over if declared.sort == "index" else None
        return value.name.split(":", 1)[1] if ":" in value.name else None
