"""``bnproof teach``: exercises, puzzles and the explorable page to hand out; students' proofs to ``check``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import OutputError
from ..report.writers import WRITERS, known_formats
from .common import interruptible, interruptible_writer, page_width, print_json
from .plain_help import Command, Group

if TYPE_CHECKING:
    from collections.abc import Mapping

_FORMATS = tuple(name for name, writer in WRITERS.items() if writer.pages)
Out = Annotated[str, typer.Option("--out", metavar="DIRECTORY", help="Where to write it.")]
Force = Annotated[bool, typer.Option("--force", help="Overwrite files that bnproof did not write.")]
app = typer.Typer(
    name="teach",
    cls=Group,
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def start(context: typer.Context) -> None:
    """Teaching material: exercises with solutions, a page to play with, puzzles; and students' proofs judged line by line."""
    if context.invoked_subcommand is None:
        print(context.get_help(), file=sys.stderr)
        raise typer.Exit(2)


@app.command(cls=Command, short_help="Judge a student's proof line by line.")
@interruptible
def check(
    answer: Annotated[str, typer.Argument(help="The answer: a file ending in .md or .py. It is read as text and never run.")],
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say which line of a proof fails and why, with exact numbers that refute it; any correct way is accepted.

    Exit codes: 0 accepted, 1 a line is refused, 2 the answer cannot be read.
    """
    from ..teach.answers.judge import judge
    from ..teach.answers.reading import read_answer
    from ..teach.answers.words import as_json, said

    judgement = judge(read_answer(Path(answer)))
    if json:
        print_json(as_json(judgement))
    else:
        print(said(judgement, _wrap))
    if not judgement.accepted:
        raise SystemExit(1)


@app.command(cls=Command, short_help="List the proof exercises, or say what one asks for.")
@interruptible
def proofs(
    name: Annotated[str, typer.Argument(help="An exercise; all are listed if it is left out.")] = "",
) -> None:
    """List the proof exercises with their levels (1 to 3), or print one: what is to be shown, and how an answer is written."""
    from ..teach.answers.exercises import EXERCISES, exercise
    from ..teach.answers.words import listed, task

    print(task(exercise(name), _wrap) if name else listed(list(EXERCISES.values()), _wrap))


@app.command(cls=Command, short_help="Write a sheet of exercises, its solutions and a marking scheme.")
@interruptible_writer
def exercises(
    out: Out = "lesson",
    seed: Annotated[int, typer.Option("--seed", help="Another number, another sheet.")] = 7,
    level: Annotated[str | None, typer.Option("--level", help="intro, standard or advanced.", show_default="all three")] = None,
    count: Annotated[int | None, typer.Option("--count", help="How many exercises.", show_default="9")] = None,
    format: Annotated[
        str, typer.Option("--format", metavar="FORMATS", help=f"With commas between: {', '.join(_FORMATS)}.")
    ] = "md",
    force: Force = False,
) -> None:
    """Write exercises whose answers are exact: a sheet for students and, in files of their own, solutions and a marking scheme."""
    from ..teach.exercises.sheet import draw

    forms = known_formats(format, _FORMATS)
    for form in forms:
        WRITERS[form].check()
    sheet = draw(seed, level, count)
    documents = (sheet.questions(), sheet.solutions(), sheet.marking())
    _write(
        out,
        {
            Path(f"{document.stem}.{WRITERS[form].suffix}"): WRITERS[form].write(document)
            for form in forms
            for document in documents
        },
        force,
    )


@app.command(cls=Command, short_help="Write the page “Drag the bias”, one HTML file.")
@interruptible_writer
def explorable(out: Out = "lesson", force: Force = False) -> None:
    """Write one HTML file that works offline: samples and a bias to drag, before and after ReLU and batch normalisation."""
    from ..teach.explorable import explorable as page

    _write(out, {Path("drag-the-bias.html"): page()}, force)


@app.command(cls=Command, short_help="Write ordering puzzles for Moodle's STACK.")
@interruptible_writer
def puzzles(out: Out = "lesson", force: Force = False) -> None:
    """Write proofs whose lines are out of order, as Parsons blocks for Moodle's STACK."""
    from ..teach.puzzles.stack import files

    _write(out, {Path("puzzles", name): content for name, content in files().items()}, force)


def _write(out: str, files: Mapping[Path, str | bytes], force: bool) -> None:
    """Writes the files, and says where they are."""
    from ..report.files import write_all

    if not out:
        raise OutputError("--out is empty: name a directory, such as lesson, or . for this one")
    changed = write_all(Path(out), files, force)
    print(f"{len(files)} files up to date, {len(changed)} of them written now.")
    print(f"Start here: {Path(out) / next(iter(files))}")


def _wrap(words: str, mark: str) -> str:
    from ..report.writers.layout import wrapped

    return wrapped(words, page_width(), mark)
