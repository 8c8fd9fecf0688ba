"""Documents in each format: one table of writers, and nothing else knows which formats there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from ...errors import UnknownNameError, nearest
from ..document import Document
from .markdown import markdown
from .terminal import terminal
from .tex import FIGURES, tex


@dataclass(frozen=True)
class Writer:
    """A format: its name on the command line, the suffix of its files, how it writes, and the format of the figures it shows."""

    name: str
    suffix: str
    write: Callable[[Document], str | bytes]
    figures: Literal["svg", "pdf"] = "svg"


WRITERS: dict[str, Writer] = {
    writer.name: writer
    for writer in (
        Writer("text", "txt", terminal),
        Writer("md", "md", markdown),
        Writer("tex", "tex", tex, FIGURES),
    )
}
"""Every format by name."""
PAGES = tuple(name for name in WRITERS if name != "text")
"""The formats of files: text is for a terminal."""


def writer(name: str) -> Writer:
    """The writer of that name. Raises UnknownNameError with the names there are."""
    found = WRITERS.get(name)
    if found is None:
        near = nearest(name, WRITERS, 1)[0]
        raise UnknownNameError(f"unknown format `{name}`: expected {', '.join(WRITERS)}; did you mean {near}?")
    return found
