"""``bnproof prove``."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from .common import interruptible, page_width, print_json


class Format(StrEnum):
    """How to print a derivation."""

    text = "text"
    md = "md"
    tex = "tex"


@interruptible
def prove(
    name: Annotated[str, typer.Argument(help="A theorem's name; `bnproof theorems` lists them.", metavar="NAME")],
    format: Annotated[Format, typer.Option("--format", help="Text for the terminal, Markdown or LaTeX.")] = Format.text,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check a theorem and print its derivation, one expression and one reason a line."""
    from ..report.derivation import page
    from ..report.json import theorem_json
    from ..report.markdown import markdown
    from ..report.terminal import terminal
    from ..report.tex import tex
    from ..theorems import registry
    from ..theorems.prove import Prover

    proved = Prover().prove(registry.theorem(name))
    if json:
        print_json({"schema": 1, **theorem_json(proved)})
        return
    document = page(proved)
    match format:
        case Format.text:
            print(terminal(document, page_width()), end="")
        case Format.md:
            print(markdown(document), end="")
        case Format.tex:
            print(tex(document), end="")
