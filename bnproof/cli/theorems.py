"""``bnproof theorems``."""

from __future__ import annotations

from typing import Annotated

import typer

from .common import interruptible, page_width, print_json, progress


@interruptible
def theorems(
    json: Annotated[bool, typer.Option("--json", help="Prove them all and print JSON.")] = False,
) -> None:
    """List the theorems by chapter; prove one with `bnproof prove NAME`."""
    from ..report.writers.layout import wrapped
    from ..theorems import registry

    if json:
        from ..report.json import theorems_json
        from ..theorems.prove import Prover

        prover = Prover()
        names = registry.names()
        proved = [prover.prove(registry.theorem(name)) for name in progress(names, "proving", len(names))]
        print_json(theorems_json(proved))
        return
    width = page_width()
    for chapter in registry.CHAPTERS:
        print(chapter.title)
        for name in chapter.names:
            print(f"  {name}")
            print(wrapped(registry.theorem(name).title, width, "      "))
        print()
    print(f"{len(registry.names())} theorems. Read and check one: bnproof prove NAME")
