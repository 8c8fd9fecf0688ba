"""The documents: no answer on the sheet, the same exercises in all three, every writer, clear refusals."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bnproof.report.document import Cite, Document, Heading, Paragraph, Table, plain_text
from bnproof.report.writers.latex_check import unbalanced
from bnproof.report.writers.markdown import markdown
from bnproof.report.writers.tex import tex
from bnproof.teach.exercises.exercise import LEVELS
from bnproof.teach.exercises.registry import TEMPLATES
from bnproof.teach.exercises.sheet import draw, marking, sheet, solutions
from bnproof.teach.exercises.template import ExerciseError
from bnproof.teach.exercises.wording import answered


def titles(document: Document) -> list[str]:
    return [
        plain_text(block.prose).partition(" (")[0]
        for block in document.blocks
        if isinstance(block, Heading) and block.level == 2
    ]


def test_the_three_documents_belong_together() -> None:
    asked, solved, marked = sheet(7), solutions(7), marking(7)
    assert len(titles(asked)) == 9
    assert titles(asked) == titles(solved) == titles(marked)
    assert {asked.stem, solved.stem, marked.stem} == {"exercises-7", "solutions-7", "marking-7"}


def test_every_seed_gives_another_sheet() -> None:
    assert len({markdown(sheet(seed, count=6)) for seed in range(12)}) == 12
    assert sheet(7) == sheet(7)


def test_levels_rise_and_no_kind_comes_twice() -> None:
    drawn = draw(3)
    levels = [LEVELS.index(template.level) for template, _ in drawn.exercises]
    assert levels == sorted(levels)
    assert {*levels} == {0, 1, 2}
    assert len({template.name for template, _ in drawn.exercises}) == len(drawn.exercises)


@pytest.mark.parametrize("level", LEVELS)
def test_one_level(level: str) -> None:
    drawn = draw(5, level, 4)  # type: ignore[arg-type]
    assert [template.level for template, _ in drawn.exercises] == [level] * 4


def test_all_kinds_on_one_sheet() -> None:
    drawn = draw(1, count=len(TEMPLATES))
    assert {template.name for template, _ in drawn.exercises} == set(TEMPLATES)


def test_the_sheet_gives_nothing_away() -> None:
    drawn = draw(2, count=len(TEMPLATES))
    shown = markdown(drawn.questions())
    assert "Answer" not in shown.replace("Answers are exact", "")
    assert "Rests on" not in shown
    assert not any(template.rests_on in shown for template, _ in drawn.exercises)
    solved = markdown(drawn.solutions())
    assert all(template.rests_on in solved for template, _ in drawn.exercises)


def test_solutions_say_the_answer_before_the_way() -> None:
    drawn = draw(4, count=12)
    blocks = drawn.solutions().blocks
    for _, exercise in drawn.exercises:
        for part in exercise.parts:
            place = blocks.index(part.work[0])
            before = blocks[place - 1]
            assert isinstance(before, Paragraph)
            assert plain_text(answered(part.answer)) in plain_text(before.prose)


def test_marks_add_up() -> None:
    drawn = draw(6, count=len(TEMPLATES))
    rows = [row for block in drawn.marking().blocks if isinstance(block, Table) for row in block.rows]
    full = [row for row in rows if plain_text(row[3]) == "right"]
    assert sum(int(plain_text(row[2])) for row in full) == drawn.marks
    assert f"{drawn.marks} marks in all" in markdown(drawn.marking())
    assert f"of {drawn.marks}" in plain_text(drawn.questions().blocks[1].prose)  # type: ignore[union-attr]


@pytest.mark.parametrize("make", [sheet, solutions, marking])
def test_every_document_carries_its_licence_and_can_be_written(make: object) -> None:
    document = make(7, count=len(TEMPLATES))  # type: ignore[operator]
    for written in (markdown(document), tex(document)):
        assert "Apache License 2.0" in written
    assert not unbalanced(markdown(document))
    assert not any(
        isinstance(piece, Cite) for block in document.blocks if isinstance(block, Paragraph) for piece in block.prose
    )


@pytest.mark.parametrize(
    ("level", "count", "says"),
    [
        ("advancd", None, "unknown level `advancd`; did you mean advanced"),
        (None, 0, "a sheet of 0 exercises cannot be made"),
        (None, 999, f"ask for 1 to {len(TEMPLATES)}"),
        ("intro", 30, "so many kinds at the level intro"),
    ],
)
def test_refusals(level: str | None, count: int | None, says: str) -> None:
    with pytest.raises(ExerciseError, match=says):
        draw(1, level, count)  # type: ignore[arg-type]


def test_importing_is_light() -> None:
    """Sheets without the one exercise that asks the engine need neither SymPy nor JAX."""
    program = (
        "import sys\nfrom bnproof.teach.exercises.sheet import draw\ndraw(7, 'intro').solutions()\n"
        "print([name for name in ('sympy', 'jax', 'matplotlib') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
