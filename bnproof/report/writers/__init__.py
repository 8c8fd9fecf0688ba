"""Documents in each format: one table of writers, and nothing else knows which formats there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Literal

from ...errors import UnknownNameError, nearest
from ..document import Document
from .extras import needed
from .markdown import markdown
from .notebook import notebook
from .terminal import terminal
from .tex import FIGURES, tex


@dataclass(frozen=True)
class Writer:
    """A format: its name on the command line, the suffix of its files, how it writes, and the format of the figures it shows.

    `pages`: whether what it writes are pages, each with a title of its own; text is for a terminal, where the answer comes first.
    `needs`: the Python packages that it works with, beyond those that are always there. `binds`: whether it keeps many pages, and their
    figures, in one file; others write a file a page, and figures beside them.
    """

    name: str
    suffix: str
    write: Callable[[Document], str | bytes]
    figures: Literal["svg", "pdf"] = "svg"
    pages: bool = True
    binds: bool = False
    needs: tuple[str, ...] = ()

    def check(self) -> None:
        """Raises BnproofError that says what to install, unless everything that this format needs is there."""
        for module in self.needs:
            needed(module, self.name)


def _late(module: str, name: str) -> Callable[[Document], str | bytes]:
    """A writer of this folder whose file is imported when it first writes, so that a command starts as fast without it."""

    def write(document: Document) -> str | bytes:
        function: Callable[[Document], str | bytes] = getattr(import_module(f".{module}", __name__), name)
        return function(document)

    return write


WRITERS: dict[str, Writer] = {
    writer.name: writer
    for writer in (
        Writer("text", "txt", terminal, pages=False),
        Writer("md", "md", markdown),
        Writer("tex", "tex", tex, FIGURES),
        Writer("ipynb", "ipynb", notebook),
        Writer("html", "html", _late("html", "html"), binds=True, needs=("pypandoc",)),
        Writer("pdf", "pdf", _late("typst", "pdf"), binds=True, needs=("pypandoc", "typst")),
        Writer("docx", "docx", _late("docx", "docx"), binds=True, needs=("pypandoc", "typst")),
    )
}
"""Every format by name."""
JSON = "json"
"""The format of reports that no writer writes: data, no pages."""


def report_formats() -> tuple[str, ...]:
    """What a report can be written in."""
    return (*(name for name, found in WRITERS.items() if found.pages), JSON)


def known_format(name: str, formats: Iterable[str]) -> str:
    """The name, if it is one of these formats. Raises UnknownNameError with their names."""
    known = list(formats)
    if name not in known:
        raise UnknownNameError(
            f"unknown format `{name}`: expected {', '.join(known)}; did you mean {nearest(name, known, 1)[0]}?"
        )
    return name


def known_formats(words: str, formats: Iterable[str]) -> list[str]:
    """The formats named, with commas between, each once. Raises UnknownNameError with their names."""
    known = list(formats)
    return [known_format(name, known) for name in dict.fromkeys(name.strip() for name in words.split(","))]


def writer(name: str) -> Writer:
    """The writer of that name. Raises UnknownNameError with the names there are."""
    return WRITERS[known_format(name, WRITERS)]
