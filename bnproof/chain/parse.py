"""Text → a tree of layers. The grammar is in the package's docstring."""

from __future__ import annotations

import re

from ..errors import ChainError
from .arguments import read_arguments
from .layers import ALIASES, LARGEST, LAYERS
from .pointer import Span, close, pointed
from .tokens import Token, one_line, tokenise
from .tree import Chain, Layer, Shape

_EXAMPLE = "conv -> bn -> relu"
DEEPEST = 50
"""How deep blocks may be nested: far beyond any network, and far below Python's recursion limit."""


def parse(text: str) -> Chain:
    """Read a chain. Raises ChainError with a caret under the token that is wrong, and what was expected there."""
    return _Reader(one_line(text)).chain()


class _Reader:
    """One pass over the tokens; `at` is the next one."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokenise(text)
        self.at = 0

    @property
    def next(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        token = self.next
        self.at += 1
        return token

    def fail(self, message: str, span: Span, hint: str) -> ChainError:
        return pointed(message, self.text, span, hint)

    def chain(self) -> Chain:
        if self.next.kind == "end":
            raise self.fail("empty chain", self.next.span, f"expected a layer, as in {_EXAMPLE}")
        layers = self.block(0)
        shape: Shape | None = None
        span = self.next.span
        if self.next.kind == "shape":
            shape = self.shape(self.take())
        if self.next.kind != "end":
            raise self.leftover(self.next)
        return Chain(layers, shape, self.text, span)

    def leftover(self, token: Token) -> ChainError:
        if token.text == ")":
            return self.fail("`)` without `(`", token.span, "expected an arrow -> or the end of the chain")
        if token.kind == "word":
            return self.fail(f"missing arrow before `{token.text}`", token.span, "expected -> before it")
        return self.fail(f"unexpected `{token.text}`", token.span, "expected an arrow -> or the end of the chain")

    def block(self, depth: int) -> tuple[Layer, ...]:
        layers = [self.layer(depth)]
        while self.next.kind == "arrow":
            self.take()
            layers.append(self.layer(depth))
        return tuple(layers)

    def layer(self, depth: int) -> Layer:
        name = self.next
        if name.kind != "word":
            raise self.no_layer(name)
        self.take()
        token = name.text.lower()
        token = ALIASES.get(token, token)
        if token not in LAYERS:
            best = close(token, [*LAYERS, *ALIASES])
            hint = f"did you mean {best}?" if best else f"expected one of {', '.join(LAYERS)}"
            raise self.fail(f"unknown layer `{name.text}`", name.span, hint)
        opened = self.take() if self.next.text == "(" else None
        if LAYERS[token].branches[1]:
            return Layer(token, {}, self.branches(token, name, opened, depth + 1), name.span)
        if opened is None:
            return Layer(token, {argument.name: argument.default for argument in LAYERS[token].arguments}, (), name.span)
        values, spans = read_arguments(token, self.inside(opened), self.text)
        return Layer(token, values, (), name.span, spans)

    def no_layer(self, token: Token) -> ChainError:
        before = self.tokens[self.at - 1] if self.at else None
        if before and before.kind == "arrow":
            if token.kind == "arrow":
                return self.fail("two arrows in a row", token.span, "expected a layer between them")
            if token.kind in ("end", "shape"):
                return self.fail("the chain ends in an arrow", before.span, "expected a layer after it")
            return self.fail(f"unexpected `{token.text}`", token.span, "expected a layer after the arrow")
        if before and token.kind == "end":
            return self.unclosed(self.last_opened())
        if before is None and token.kind == "shape":
            return self.fail("the input shape stands first", token.span, "expected it at the end of the chain")
        if before is None and token.kind == "arrow":
            return self.fail("the chain starts with an arrow", token.span, "expected a layer before it")
        if before and token.text in (")", ";"):
            return self.fail("empty block", token.span, "expected a layer; identity is the one that does nothing")
        return self.fail(f"unexpected `{token.text}`", token.span, f"expected a layer, as in {_EXAMPLE}")

    def branches(self, token: str, name: Token, opened: Token | None, depth: int) -> tuple[tuple[Layer, ...], ...]:
        least, most = LAYERS[token].branches
        form = f"{token}(conv; identity)" if least > 1 else f"{token}(conv -> bn)"
        if opened is None:
            raise self.fail(f"{token} needs a block", name.span, f"expected brackets, as in {form}")
        if depth > DEEPEST:
            raise self.fail("blocks are nested too deeply", name.span, f"expected at most {DEEPEST} levels")
        found = [self.block(depth)]
        while self.next.text == ";":
            separator = self.take()
            if len(found) == most:
                raise self.fail(f"{token} takes one block", separator.span, "expected ) here; add(…; …) takes several")
            found.append(self.block(depth))
        if self.next.kind in ("end", "shape"):
            raise self.unclosed(opened)
        if self.next.text != ")":
            hint = "expected an arrow ->, a semicolon ; or a closing )"
            raise self.fail(f"unexpected `{self.next.text}`", self.next.span, hint)
        if len(found) < least:
            raise self.fail(f"{token} needs {least} blocks or more", name.span, f"expected a semicolon, as in {form}")
        self.take()
        return tuple(found)

    def inside(self, opened: Token) -> list[Token]:
        """The tokens up to the closing bracket, which is taken too; the last one returned is that bracket."""
        start = self.at
        first = self.next.text.lower()
        if ALIASES.get(first, first) in LAYERS and self.tokens[self.at + 1].text != "=":
            blocks = ", ".join(name for name, signature in LAYERS.items() if signature.branches[1])
            hint = f"expected arguments: only {blocks} take layers"
            raise self.fail(f"unexpected layer `{self.next.text}` in brackets", self.next.span, hint)
        while self.next.text != ")":
            if self.next.kind in ("end", "shape", "arrow"):
                raise self.unclosed(opened)
            self.take()
        self.take()
        return self.tokens[start : self.at]

    def last_opened(self) -> Token:
        """The innermost bracket that is open here."""
        closed = 0
        for token in reversed(self.tokens[: self.at]):
            closed += (token.text == ")") - (token.text == "(")
            if closed < 0:
                return token
        return self.tokens[0]

    def unclosed(self, opened: Token) -> ChainError:
        if self.next.kind == "shape" and ")" in self.next.text:
            return self.fail("the input shape stands inside a bracket", self.next.span, "expected it at the end of the chain")
        return self.fail("missing `)`", opened.span, "expected a closing ) for this bracket")

    def shape(self, token: Token) -> Shape:
        sizes = re.split(r"\s*[x×]\s*", token.text[1:].strip())
        good = all(re.fullmatch(r"[0-9]{1,13}", size) and 1 <= int(size) <= LARGEST for size in sizes)
        if not good or not 2 <= len(sizes) <= 5:
            hint = "expected 2 to 5 sizes of 1 or more, batch and channels first, as in @ 4x3x32x32"
            raise self.fail("bad input shape", token.span, hint)
        return tuple(int(size) for size in sizes)
