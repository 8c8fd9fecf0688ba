"""The `bnproof` command. Heavy libraries are imported inside the commands, so that help is instant."""

from __future__ import annotations

import os
import sys

import typer

from ..errors import BnproofError
from . import check, claims, prove, report, theorems

app = typer.Typer(
    name="bnproof",
    help="Does this bias matter? Machine-checked proofs about biases before normalisation layers.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 answered and all is well, 1 the answer is bad news, 2 wrong usage or input. "
    'Start with: bnproof prove "conv -> bn -> relu"',
)
app.command(name="theorems")(theorems.theorems)
app.command(name="prove")(prove.prove)
app.command(name="check")(check.check)
app.command(name="claims")(claims.claims)
app.command(name="report")(report.report)


def main() -> None:
    """Run the command line; a mistake of the caller's prints its message and exits with 2."""
    try:
        app()
    except BnproofError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


if __name__ == "__main__":
    main()
