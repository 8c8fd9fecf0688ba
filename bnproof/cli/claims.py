"""``bnproof claims``."""

from __future__ import annotations

from typing import Annotated

import typer

from .common import interruptible, page_width, print_json


@interruptible
def claims(json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Judge every claim of the five sources: true, true under a hypothesis, imprecise or false, and why."""
    from ..report.json import claims_json
    from ..report.pages.claims import claims_document
    from ..report.writers.terminal import terminal

    if json:
        print_json(claims_json())
    else:
        print(terminal(claims_document(), page_width()), end="")
