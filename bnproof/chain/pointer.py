"""A place in the text of a chain, and the error that points at it."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from ..errors import ChainError, nearest

WIDEST = 160
"""Columns of the chain's text that an error quotes; of a longer line, what stands around the place."""
_LONGEST = 60


@dataclass(frozen=True)
class Span:
    """The characters ``text[start:stop]`` of a chain."""

    start: int
    stop: int


def pointed(message: str, text: str, span: Span, hint: str) -> ChainError:
    """The error for `message`: the line of the chain's text below it, and carets under `span` followed by `hint`.

    Characters that a terminal would obey rather than show are written as escapes, in the message too.
    """
    first = text.rfind("\n", 0, span.start) + 1
    last = text.find("\n", span.start)
    last = len(text) if last < 0 else last
    start, stop = span.start - first, max(span.start + 1, min(span.stop, last)) - first
    line, left, right = text[first:last].rstrip(), "", ""
    if len(line) > WIDEST:
        cut = max(0, min(start - WIDEST // 3, len(line) - WIDEST))
        left, right = "… " if cut else "", " …" if cut + WIDEST < len(line) else ""
        line, start, stop = line[cut : cut + WIDEST], start - cut, min(stop - cut, WIDEST)
    before, under = _columns(left + line[:start]), max(1, _columns(line[start:stop]))
    quoted = f"{left}{visible(line)}{right}"
    return ChainError(f"{visible(message)}\n  {quoted}\n  {' ' * before}{'^' * under} {visible(hint)}")


def visible(text: str) -> str:
    """The text with escapes such as ``\\x1b`` in the place of characters that cannot be printed."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def short(text: str) -> str:
    """The text as it is named in a message: its beginning, if it is long."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def close(name: str, known: Iterable[str]) -> str:
    """The known name most like `name`, or nothing if none is like it: a far-fetched hint is worse than none."""
    if len(name) > _LONGEST:
        return ""
    best = nearest(name, known, 1)
    return best[0] if best and difflib.SequenceMatcher(None, name.lower(), best[0].lower()).ratio() >= 0.5 else ""


def _columns(text: str) -> int:
    """How many columns of a terminal the text takes, escapes included."""
    return sum(
        len(visible(c)) if not c.isprintable() else _WIDTHS.get(unicodedata.east_asian_width(c), _narrow(c)) for c in text
    )


_WIDTHS = {"W": 2, "F": 2}


def _narrow(c: str) -> int:
    return 0 if unicodedata.combining(c) else 1
