"""``bnproof constant``."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ..loading import is_file
from ..modes import Mode
from .common import interruptible, page_width, print_json
from .options import Inputs, Kind, refuse_idle

if TYPE_CHECKING:
    from ..decide.constancy.answer import Constancy

_ANY = frozenset({"what", "seed"})
CHAIN = Kind("a chain of layers", _ANY | {"mode"})
FUNCTION = Kind("file.py:function", _ANY | {"inputs", "data"})


@interruptible
def constant(
    context: typer.Context,
    what: Annotated[
        str,
        typer.Argument(
            help='Your own function, file.py:function, or a chain of layers: "conv -> in -> globalpool".', metavar="WHAT"
        ),
    ],
    inputs: Inputs = None,
    data: Annotated[
        list[str] | None,
        typer.Option(
            "--data",
            help="An argument that counts as data: a constant does not depend on it. May be repeated.",
            show_default="arrays not named like a parameter",
        ),
    ] = None,
    mode: Annotated[Mode, typer.Option("--mode", help="Of the chain: batch or stored statistics.")] = "train",
    seed: Annotated[int, typer.Option("--seed", min=0, help="For the random numbers of runs.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Which outputs are exact constants, whatever the data are? Prove it, with the value, and say what would test the code instead."""
    own = is_file(what)
    refuse_idle(context, FUNCTION if own else CHAIN, (CHAIN, FUNCTION))
    found = _function(what, inputs or [], data, seed) if own else _chain(what, mode, seed)
    if json:
        print_json(found.as_json())
    else:
        from ..report.constancy import text

        print(text(found, page_width()))
    if not found.constant:
        raise SystemExit(1)


def _chain(text: str, mode: Mode, seed: int) -> Constancy:
    from ..chain.parse import parse

    parse(text)  # a text that cannot be read is refused before any heavy library is imported
    from ..decide.constancy.constant import constant as decided

    return decided(text, mode=mode, seed=seed)


def _function(what: str, inputs: list[str], data: list[str] | None, seed: int) -> Constancy:
    from ..decide.constancy.files import of_file

    with contextlib.redirect_stdout(sys.stderr):
        return of_file(what, inputs, data, seed)
