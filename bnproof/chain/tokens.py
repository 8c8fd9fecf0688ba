"""The text of a chain cut into tokens, each with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .pointer import Span, pointed

_PATTERN = re.compile(
    r"(?P<arrow>->|→)"
    r"|(?P<wrong>[-=~–—]+>|>|⇒)"
    r"|(?:(?<=[=(,])|(?<=[=(,]\s))(?P<sizes>\([0-9,\s]+\))"  # k=(3,5)
    r"|(?P<number>[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<mark>[(),;=])"
    r"|(?P<shape>@.*)"  # the rest of the text: sizes like 4x3x32x32 would otherwise be cut into numbers and words
    r"|(?P<space>\s+)"
    r"|(?P<other>.)"
)


@dataclass(frozen=True)
class Token:
    """A piece of the text: an arrow, a number, a word, sizes in brackets, a mark ``( ) , ; =``, the shape from ``@`` on, or the end."""

    kind: str
    text: str
    span: Span


def one_line(text: str) -> str:
    """The text as it is quoted in errors: on one line, so that a caret can stand below it."""
    return re.sub(r"\s", " ", text).strip()


def tokenise(text: str) -> list[Token]:
    """The tokens of a text on one line, an end token last. Raises ChainError at a character that means nothing here."""
    found: list[Token] = []
    for match in _PATTERN.finditer(text):
        kind = match.lastgroup or ""
        span = Span(match.start(), match.end())
        if kind in ("wrong", "other"):
            hint = "did you mean ->?" if kind == "wrong" else "expected a layer, such as conv, or an arrow ->"
            raise pointed(f"unexpected `{match.group()}`", text, span, hint)
        if kind != "space":
            found.append(Token(kind, match.group(), span))
    found.append(Token("end", "", Span(len(text), len(text) + 1)))
    return found
