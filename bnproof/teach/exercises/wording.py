"""How an answer is written."""

from __future__ import annotations

from ...report.document import Prose, joined, text
from .exercise import Answer, Picked
from .numbers import shown_number

LETTERS = "abcdefgh"
"""What questions and options are called."""


def answered(answer: Answer, small: bool = False) -> Prose:
    """An answer as it is written; `small` for the cells of a table."""
    match answer:
        case Picked(places):
            return text(", ".join(f"({LETTERS[place]})" for place in sorted(places)))
        case tuple():
            return joined(((shown_number(number, small),) for number in answer), ", ")
        case _:
            return (shown_number(answer, small),)
