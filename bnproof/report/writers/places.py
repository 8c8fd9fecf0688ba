"""What formats that keep all pages in one file share: where a link leads there, and which words stay together."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..document import Document
from .layout import GLUE


class Places:
    """The pages that a document binds."""

    def __init__(self, document: Document) -> None:
        self._stems = set(_stems(document)) if document.parts else set[str]()

    def of(self, target: str) -> str:
        """``#stem`` for a page inside, an http address as it is; empty for all else: that file will not be beside this one."""
        if target in self._stems:
            return f"#{target}"
        return target if target.startswith(("https://", "http://")) else ""


def _stems(document: Document) -> Iterator[str]:
    yield document.stem
    for part in document.parts:
        yield from _stems(part)


def pages(document: Document) -> int:
    """How many pages a document binds, chapters counted too."""
    return sum(1 + pages(part) for part in document.parts)


def together(words: str) -> str:
    """Words in which a sign is glued to its sides where these are short, as in ε > 0."""
    return re.sub(r"(?<!\w)(\w{1,3}) ([=<>≤≥≠→]) (?=\w{1,3}\b)", rf"\1{GLUE}\2{GLUE}", words)
