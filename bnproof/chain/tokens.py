"""The text of a chain cut into tokens, each with its place; and a cursor that walks over them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..errors import ChainError
from .pointer import Span, pointed, short

NAME = r"[A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)*"
"""What a layer may be named: letters, digits and _, in parts joined by dots."""
_PATTERN = re.compile(
    r"(?P<arrow>->|→)"
    r"|(?P<wrong>[-=~–—]+>|>|⇒)"
    r"|(?P<key>\([A-Za-z0-9_-]+\)\s*:)"  # (0): and (0-2): of a printed model
    rf"|(?P<label>{NAME}\s*:)"
    r"|(?P<number>[-+]?(?:[0-9]+(?:_[0-9]+)*\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)"
    r"|(?P<string>'[^'\n]*'|\"[^\"\n]*\")"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)"
    r"|(?P<operator>\*\*|//|[-+*/%])"
    r"|(?P<mark>[(),;=\[\]{}:])"
    r"|(?P<shape>@[\s\S]*)"  # the rest of the text: sizes like 4x3x32x32 would otherwise be cut into numbers and words
    r"|(?P<comment>\#[^\n]*)"
    r"|(?P<space>\s+)"
    r"|(?P<other>[\s\S])"
)
_OPEN, _CLOSE = ("(", "[", "{"), (")", "]", "}")


@dataclass(frozen=True)
class Token:
    """A piece of the text, of one of these kinds.

    arrow; number; string, without its quotes; word, with its dots; operator ``+ - * / // % **``; mark ``( ) [ ] { } , ; = :``;
    label, the name in ``name:``; key, the name in the ``(name):`` of a printed model; shape, from ``@`` on; end.
    """

    kind: str
    text: str
    span: Span

    @property
    def shown(self) -> str:
        """The token as it is named in a message."""
        return f"`{short(self.text)}`"

    @property
    def last(self) -> bool:
        """Whether nothing of a layer can follow."""
        return self.kind in ("end", "shape")


def plain(text: str) -> str:
    """The text as it is read and quoted: without space around it, with line breaks and spaces only."""
    return re.sub(r"[^\S\n]", " ", re.sub(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", "\n", text)).strip()


def tokenise(text: str) -> list[Token]:
    """The tokens of a plain text, an end token last. Raises ChainError at a character that means nothing here."""
    found: list[Token] = []
    for match in _PATTERN.finditer(text):
        kind, piece = match.lastgroup or "", match.group()
        span = Span(match.start(), match.end())
        match kind:
            case "space" | "comment":
                continue
            case "wrong":
                raise pointed(f"unexpected `{piece}`", text, span, "did you mean ->?")
            case "other" if piece in "'\"":
                raise pointed(f"unexpected `{piece}`", text, span, "expected a closing quote on the same line")
            case "other":
                raise pointed(f"unexpected `{piece}`", text, span, "expected a layer, such as conv, or an arrow ->")
            case "label":
                piece = piece[:-1].rstrip()
                span = Span(span.start, span.start + len(piece))
            case "key":
                piece = piece[1 : piece.index(")")]
            case "string":
                piece = piece[1:-1]
            case _:
                pass
        found.append(Token(kind, piece, span))
    found.append(Token("end", "", Span(len(text), len(text) + 1)))
    return found


class Cursor:
    """A place between the tokens of a text; `at` is the number of the next one."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokenise(text)
        self.at = 0

    @property
    def next(self) -> Token:
        """The token that has not been taken yet."""
        return self.tokens[self.at]

    @property
    def after(self) -> Token:
        """The token behind the next one."""
        return self.tokens[min(self.at + 1, len(self.tokens) - 1)]

    def take(self) -> Token:
        """The next token, and a step forward."""
        token = self.next
        self.at += 1
        return token

    def sees(self, *marks: str) -> bool:
        """Whether the next token is one of these marks."""
        return self.next.kind == "mark" and self.next.text in marks

    def skip(self, mark: str) -> bool:
        """Step over the next token if it is this mark; whether it was."""
        found = self.sees(mark)
        self.at += found
        return found

    def fail(self, message: str, span: Span, hint: str) -> ChainError:
        """The error that points at `span` of the text."""
        return pointed(message, self.text, span, hint)

    def unclosed(self) -> ChainError:
        """The error where the text ends inside a bracket: it points at the innermost one that is open here."""
        if self.next.kind == "shape" and any(mark in self.next.text for mark in _CLOSE):
            return self.fail("the input shape stands inside a bracket", self.next.span, "expected it at the end of the chain")
        closed = 0
        for token in reversed(self.tokens[: self.at]):
            if token.kind == "mark":
                closed += (token.text in _CLOSE) - (token.text in _OPEN)
            if closed < 0:
                closing = _CLOSE[_OPEN.index(token.text)]
                return self.fail(f"missing `{closing}`", token.span, f"expected a closing {closing} for this bracket")
        return self.fail("the text ends too early", self.next.span, "expected a layer")
