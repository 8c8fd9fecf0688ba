"""Options that would have no effect are refused: a command says which kind of run it is asked for, and what each kind uses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

import typer

from ..errors import BnproofError

Inputs = Annotated[
    list[str] | None,
    typer.Option(
        "--input",
        help="Of the function: the shape of its next argument, 4,3,8,8, or of one by name, with its type if not floating: "
        "labels=4:int32, rng=key, train=True, params=NAME_IN_THE_FILE. May be repeated.",
        metavar="[NAME=]SHAPE",
    ),
]
"""The arguments of one's own function, as commands take them."""


@dataclass(frozen=True)
class Kind:
    """A kind of run, or of output.

    - words: how it is spoken of behind "with", such as ``--case`` or ``a suite``;
    - options: the names, as the command's parameters are called, of the options that have an effect in it, that which asks for it
      included. An option that no kind of a command's `kinds` names is not judged;
    - selector: the name of the option that asks for it; empty where none is needed.
    """

    words: str
    options: frozenset[str]
    selector: str = ""


def given(context: typer.Context) -> dict[str, str]:
    """The options that the caller gave, by the names of their parameters: how each is spelled."""
    found: dict[str, str] = {}
    for parameter in context.command.params:
        source = context.get_parameter_source(parameter.name) if parameter.name else None
        if parameter.name and source is not None and source.name in ("COMMANDLINE", "ENVIRONMENT"):
            option = parameter.opts[0]
            found[parameter.name] = option if option.startswith("-") else parameter.name.upper()
    return found


def refuse_idle(context: typer.Context, kind: Kind, kinds: Iterable[Kind]) -> None:
    """Raises BnproofError for each option given that other kinds of run use and this one does not; says with which it is used."""
    kinds = tuple(kinds)
    judged = {name for each in kinds for name in each.options}
    idle = {name: option for name, option in given(context).items() if name in judged and name not in kind.options}
    if not idle:
        return
    home = [each.words for each in kinds if set(idle) <= each.options and each.selector not in idle]
    elsewhere = f", or use {'it' if len(idle) == 1 else 'them'} with {' or '.join(home)}" if home else ""
    has, these = ("has", "it") if len(idle) == 1 else ("have", "them")
    raise BnproofError(f"{', '.join(idle.values())} {has} no effect with {kind.words}: leave {these} out{elsewhere}")
