"""Words on lines of a terminal: columns counted as shown, lines broken between words, colours that take no room."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from ..document import Prose, plain_text

Paint = Callable[[str, str], str]
"""(words, what they are) → the words, coloured or not; what they are: a ruling, or ``strong``."""
GLUE = "\N{NO-BREAK SPACE}"
"""A blank at which no line is broken."""
_COLOUR = re.compile(r"\x1b\[\d*m")
_COLOURS = {"redundant": "33", "acts": "32", "undecided": "35", "strong": "1"}


def plain(words: str, _: str) -> str:
    """No colour."""
    return words


def colour(words: str, kind: str) -> str:
    """ANSI colours: yellow for redundant, green for acts, magenta for undecided, bold for what stands out."""
    return f"\x1b[{_COLOURS[kind]}m{words}\x1b[0m"


def columns(words: str) -> int:
    """How many terminal columns the words take: combining marks and colours take none."""
    return sum(not unicodedata.combining(letter) for letter in _COLOUR.sub("", words))


def shares(header: tuple[Prose, ...], rows: tuple[tuple[Prose, ...], ...]) -> tuple[float, ...]:
    """Of a page's width, for each column of a table: by its longest cell, none of them very small or large."""
    told = [list(map(plain_text, column)) for column in zip(header, *rows, strict=True)]
    wanted = [
        max(12, min(max(map(columns, cells)), 80), *(len(word) + 4 for cell in cells for word in cell.split()))
        for cells in told
    ]
    return tuple(each / sum(wanted) for each in wanted)


def wrapped(words: str, width: int, mark: str = "", indent: str | None = None) -> str:
    """Words wrapped to the width; formulas are kept whole where they fit on a line."""
    blank = " " * columns(mark) if indent is None else indent
    lines: list[str] = []
    line = mark
    empty = True
    for word in _glued(words, width - len(blank)).split(" "):
        if not word.strip():
            continue
        if empty:
            line += word
        elif columns(line) + 1 + columns(word) <= width:
            line += " " + word
        else:
            lines.append(line)
            line = blank[: max(0, width - columns(word))] + word  # a long name moves to the left rather than out of the page
        empty = False
    lines.append(line)
    return "\n".join(lines).replace(GLUE, " ")


def _glued(words: str, room: int) -> str:
    """Words in which short brackets of formulas hold together, so that lines break outside of them."""

    def whole(match: re.Match[str]) -> str:
        return match[0].replace(" ", GLUE) if columns(match[0]) <= min(26, room) else match[0]

    return re.sub(r"[(\[][^()\[\]\x1b]*[)\]]", whole, re.sub(r"[\t\n\r ]+", " ", words))
