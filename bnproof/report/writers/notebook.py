"""Documents as Jupyter notebooks: words as Markdown cells, programs as cells to run, from top to bottom."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ..document import Block, Document, Heading, Listing
from .markdown import Markdown

SUFFIX = "ipynb"
_VERSION = (4, 5)


def notebook(document: Document) -> str:
    """The page as a notebook. What Jupyter would draw by lot, the cells' ids, are their numbers: the same page, the same bytes."""
    cells = [
        {
            "cell_type": "code",
            "id": f"cell-{number}",
            "metadata": {},
            "execution_count": None,
            "outputs": [],
            "source": _lines(source),
        }
        if runs
        else {"cell_type": "markdown", "id": f"cell-{number}", "metadata": {}, "source": _lines(source)}
        for number, (runs, source) in enumerate(_cells(document), start=1)
    ]
    whole = {
        "cells": cells,
        "metadata": {
            "bnproof": document.mark,
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": _VERSION[0],
        "nbformat_minor": _VERSION[1],
    }
    # the mark first: it is what tells a file of ours, of which only the beginning is read
    return json.dumps({"metadata": whole["metadata"], **whole}, indent=1, ensure_ascii=False) + "\n"


def _cells(document: Document) -> Iterator[tuple[bool, str]]:
    """Whether a cell runs, and what stands in it: a cell of words for each section."""
    writer = Markdown("$", "$", SUFFIX)
    words: list[Block] = []

    def told() -> Iterator[tuple[bool, str]]:
        if words:
            yield False, "\n\n".join(map(writer.block, words))
            words.clear()

    for block in document.blocks:
        if isinstance(block, Listing):
            yield from told()
            yield True, block.program
            continue
        if isinstance(block, Heading):
            yield from told()
        words.append(block)
    yield from told()
    if document.program:
        yield False, "## Run it\n\nThis needs Python with `bnproof` installed."
        yield True, document.program


def _lines(source: str) -> list[str]:
    return source.splitlines(keepends=True)
