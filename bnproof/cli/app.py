"""The `bnproof` command. Heavy libraries are imported inside the commands, so that help is instant."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated

import typer

import bnproof

from . import check, claims, completion, constant, plausible, prove, report, teach, theorems
from .guard import guarded
from .plain_help import Command, Group

app = typer.Typer(
    name="bnproof",
    cls=Group,
    help="Does this bias matter? Machine-checked proofs about biases before normalisation layers.",
    invoke_without_command=True,
    add_completion=False,  # completion.py has it, for a shell that is named, too
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain text: no import of Rich, any width and any encoding
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 answered and all is well, 1 the answer is bad news, 2 wrong usage or input, 130 interrupted. "
    'Start with: bnproof prove "conv -> bn -> relu"',
)
COMMANDS: dict[str, tuple[Callable[..., None], str]] = {
    "prove": (prove.prove, "Answer a chain of layers, or check a theorem."),
    "check": (check.check, "Compare floating point with the proofs."),
    "plausible": (plausible.plausible, "Say whether a bias gradient is round-off or a bug."),
    "constant": (constant.constant, "Say which outputs are exact constants."),
    "theorems": (theorems.theorems, "List the theorems by chapter."),
    "claims": (claims.claims, "Judge every claim of the five sources."),
    "report": (report.report, "Prove and check all; write pages and figures."),
}
"""Each command with what it does in a line."""
_NUMBERS = {"ignore_unknown_options": True}
"""A negative number is an argument, not an option."""
for _name, (_function, _words) in COMMANDS.items():
    app.command(name=_name, cls=Command, short_help=_words, context_settings=_NUMBERS if _name == "plausible" else None)(
        _function
    )
app.add_typer(teach.app, name="teach", short_help="Write teaching material, and judge students' proofs.")


@app.callback()
def start(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", is_eager=True, help="Print the version.")] = False,
    install_completion: Annotated[
        str | None,
        typer.Option(completion.INSTALL, metavar="SHELL", help="Install completion for a shell; yours, if left out."),
    ] = None,
    show_completion: Annotated[
        str | None, typer.Option(completion.SHOW, metavar="SHELL", help="Print its script instead.")
    ] = None,
) -> None:
    """Answers what is asked about the command itself."""
    if version:
        print(f"bnproof {bnproof.__version__}")
        raise typer.Exit
    if install_completion is not None:
        completion.install(install_completion)
        raise typer.Exit
    if show_completion is not None:
        completion.show(show_completion)
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help(), file=sys.stderr)
        raise typer.Exit(2)


def main() -> None:
    """Run the command line; a mistake of the caller's prints its message and exits with 2."""
    sys.exit(guarded(lambda: app(completion.prepare(sys.argv[1:]), prog_name="bnproof", standalone_mode=False)))


if __name__ == "__main__":
    main()
