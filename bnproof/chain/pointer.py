"""A place in the text of a chain, and the error that points at it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from ..errors import ChainError, nearest


@dataclass(frozen=True)
class Span:
    """The characters ``text[start:stop]`` of a chain."""

    start: int
    stop: int


def pointed(message: str, text: str, span: Span, hint: str) -> ChainError:
    """The error for `message`: the chain's text below it, and carets under `span` followed by `hint`."""
    carets = "^" * max(1, span.stop - span.start)
    return ChainError(f"{message}\n  {text}\n  {' ' * span.start}{carets} {hint}")


def close(name: str, known: Iterable[str]) -> str:
    """The known name most like `name`, or nothing if none is like it: a far-fetched hint is worse than none."""
    best = nearest(name, known, 1)
    return best[0] if best and difflib.SequenceMatcher(None, name, best[0]).ratio() >= 0.5 else ""
