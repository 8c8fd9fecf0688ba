"""How values and differences are shown in a message of refusal."""

from __future__ import annotations

from fractions import Fraction

from .jet import Jet, Number


def shortened(expr: object, limit: int = 300) -> str:
    """An expression for an error message, cut where it stops helping."""
    text = str(expr)
    return text if len(text) <= limit else f"{text[:limit]} … ({len(text) - limit} characters more)"


def shown(value: Number) -> str:
    """An exact value for a reader: a rational as such, otherwise with its decimal value."""
    base = value.base if isinstance(value, Jet) else value
    return str(base) if isinstance(base, int | Fraction) else repr(base)
