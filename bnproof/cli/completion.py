"""Completion of commands and options in the user's shell: ``--install-completion`` and ``--show-completion``, with a shell or without."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import typer.completion

from ..errors import BnproofError, OutputError, nearest

SHELLS = ("bash", "zsh", "fish", "powershell", "pwsh")
_PROGRAM, _VARIABLE = "bnproof", "_BNPROOF_COMPLETE"
INSTALL, SHOW = "--install-completion", "--show-completion"


def prepare(arguments: Sequence[str]) -> list[str]:
    """Makes the program answer the shells' questions; the arguments, with the user's shell where one is left out.

    Raises BnproofError if it is left out and unknown.
    """
    typer.completion.completion_init()  # pyright: ignore[reportPrivateImportUsage]
    if len(arguments) == 1 and arguments[0] in (INSTALL, SHOW):
        return [arguments[0], _users_shell(arguments[0])]
    return list(arguments)


def show(shell: str) -> None:
    """Prints the script for that shell. Raises BnproofError for a shell there is none for."""
    print(
        typer.completion.get_completion_script(  # pyright: ignore[reportPrivateImportUsage]
            prog_name=_PROGRAM, complete_var=_VARIABLE, shell=_known(shell)
        )
    )


def install(shell: str) -> None:
    """Writes the script to where that shell looks for it. Raises BnproofError for another shell, OutputError where it cannot."""
    try:
        _, path = typer.completion.install(  # pyright: ignore[reportPrivateImportUsage]
            shell=_known(shell), prog_name=_PROGRAM, complete_var=_VARIABLE
        )
    except (OSError, UnicodeError, subprocess.SubprocessError) as error:
        raise OutputError(
            f"cannot install completion for {shell}: {error}; bnproof {SHOW} {shell} prints the script"
        ) from error
    print(f"{shell} completion installed in {path}; it works in the next shell that starts", file=sys.stderr)


def _known(shell: str) -> str:
    if shell not in SHELLS:
        near = nearest(shell, SHELLS, 1)[0]
        raise BnproofError(f"no completion for the shell `{shell}`: expected {', '.join(SHELLS)}; did you mean {near}?")
    return shell


def _users_shell(option: str) -> str:
    import shellingham

    try:
        found = shellingham.detect_shell()[0]
    except shellingham.ShellDetectionFailure:
        found = ""
    for name in (found, Path(os.environ.get("SHELL", "")).stem):
        if name in SHELLS:
            return name
    raise BnproofError(f"cannot tell which shell this is: name it, as in bnproof {option} bash (or {', '.join(SHELLS[1:])})")
