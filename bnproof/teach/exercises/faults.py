"""What a drawn exercise must not be: its answer extreme, ambiguous or guessable."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from .exercise import Answer, Exercise, Part, Picked

NUMERATOR, DENOMINATOR, WHOLE = 400, 144, 9999
"""The largest numerator and denominator of a fraction, and the largest whole number, that a student is asked to write down."""
OPTIONS = 4
"""So many options at least: with fewer, guessing is a way."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with an exercise, in one word and in a sentence."""

    kind: Literal["extreme", "ambiguous", "guessable"]
    says: str


def faults(exercise: Exercise) -> list[Fault]:
    """Everything that is wrong with it."""
    return [fault for part in exercise.parts for fault in (*_extreme(part), *_ambiguous(part), *_guessable(part, exercise))]


def entries(answer: Answer) -> tuple[Fraction, ...]:
    """The numbers of an answer; none where options are ticked."""
    match answer:
        case Picked():
            return ()
        case Fraction():
            return (answer,)
        case _:
            return answer


def _extreme(part: Part) -> Iterator[Fault]:
    for number in entries(part.answer):
        if number.denominator == 1 and abs(number) > WHOLE:
            yield Fault("extreme", f"{number} is beyond {WHOLE}")
        if number.denominator > 1 and (abs(number.numerator) > NUMERATOR or number.denominator > DENOMINATOR):
            yield Fault("extreme", f"{number} has a numerator beyond {NUMERATOR} or a denominator beyond {DENOMINATOR}")


def _ambiguous(part: Part) -> Iterator[Fault]:
    answers = [part.answer, *(mistake.answer for mistake in part.mistakes)]
    if part.answer in answers[1:]:
        yield Fault("ambiguous", f"a mistake leads to the right answer, {part.answer}")
    if len({*answers[1:]}) < len(answers) - 1:
        yield Fault("ambiguous", "two mistakes lead to the same answer")
    if len({*part.options}) < len(part.options):
        yield Fault("ambiguous", "two options say the same")


def _guessable(part: Part, exercise: Exercise) -> Iterator[Fault]:
    if isinstance(part.answer, Picked):
        right = len(part.answer.places)
        if len(part.options) < OPTIONS or right in (0, len(part.options)):
            yield Fault("guessable", f"{right} of {len(part.options)} options are right")
        return
    numbers = {*entries(part.answer)}
    if numbers <= {Fraction(0)}:
        yield Fault("guessable", "the answer is 0")
    elif isinstance(part.answer, Fraction) and part.answer in exercise.shown:
        yield Fault("guessable", f"the answer, {part.answer}, is a number of the question")
    elif isinstance(part.answer, tuple) and len(part.answer) > 1 and len(numbers) == 1:
        yield Fault("guessable", "all entries of the answer are the same")
    elif isinstance(part.answer, tuple) and part.answer in exercise.facts.values():
        yield Fault("guessable", "the answer is a row of numbers that the question gives")
