"""The marking scheme: what a right answer earns, and what the usual wrong ones still earn, with the reason."""

from __future__ import annotations

from collections.abc import Iterator

from ...report.document import Block, Heading, Paragraph, Prose, Strong, Table, Text, text
from .exercise import Exercise, Part
from .template import Template
from .wording import LETTERS, answered

RULES = (
    "A right answer earns all marks of its question, with or without a calculation, in any equal form: a fraction that is "
    "not reduced loses nothing, "
    "a decimal that is exact neither; a rounded decimal loses one mark. Of a row of numbers each entry earns its share, "
    "rounded down. A wrong answer "
    "earns what the table says for it; any other wrong answer earns half the marks, rounded down, if the calculation shows "
    "the right formula with "
    "the right numbers put in, and nothing else. Who goes on from a wrong answer to an earlier question, and calculates "
    "rightly, earns "
    "all marks of the later one. Where options are to be ticked, each option that is rightly ticked or rightly left earns "
    "one mark."
)


def marking_blocks(exercises: tuple[tuple[Template, Exercise], ...]) -> list[Block]:
    """The scheme: the rules, then a table for each exercise."""
    marks = sum(exercise.marks for _, exercise in exercises)
    blocks: list[Block] = [Paragraph((Strong(f"{marks} marks in all. "), Text(RULES)))]
    header = (text("question"), text("answer"), text("earns"), text("how one comes to it"))
    for number, (template, exercise) in enumerate(exercises, 1):
        rows = [row for letter, part in zip(LETTERS, exercise.parts, strict=False) for row in _rows(letter, part)]
        blocks += [Heading(2, text(f"{number}. {template.title}")), Table(header, tuple(rows))]
    return blocks


def _rows(letter: str, part: Part) -> Iterator[tuple[Prose, ...]]:
    yield (text(f"({letter})"), answered(part.answer, small=True), (Strong(str(part.marks)),), text("right"))
    for mistake in part.mistakes:
        yield ((), answered(mistake.answer, small=True), text(str(mistake.earns)), mistake.why)
