"""The values of an exact example."""

from __future__ import annotations

from collections.abc import Mapping

from ...symbolic.symbols import Vocabulary
from ..document import Math, Prose, joined


def taken(values: Mapping[str, object], vocabulary: Vocabulary) -> Prose:
    """``n = 2, z = (−1, 1)``."""
    return joined(((_math(name, value, vocabulary),) for name, value in values.items()), ", ")


def _math(name: str, value: object, vocabulary: Vocabulary) -> Math:
    symbol = vocabulary.symbols[name]
    return Math(f"{symbol.latex} = {_value(value)}", f"{symbol.plain} = {_value(value).replace('-', '−')}")


def _value(value: object) -> str:
    if isinstance(value, tuple):
        return "(" + ", ".join(_value(v) for v in value) + ")"
    return str(value)
