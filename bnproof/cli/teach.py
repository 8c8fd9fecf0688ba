"""``bnproof teach``: ``check`` a student's proof, list the ``proofs`` that are exercises."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from .common import interruptible, page_width, print_json
from .plain_help import Command, Group

app = typer.Typer(
    name="teach",
    cls=Group,
    help="Proof exercises: what is to be shown, and answers judged line by line.",
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def start(context: typer.Context) -> None:
    """Proof exercises: what is to be shown, and answers judged line by line."""
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
    from pathlib import Path

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


def _wrap(words: str, mark: str) -> str:
    from ..report.writers.layout import wrapped

    return wrapped(words, page_width(), mark)
