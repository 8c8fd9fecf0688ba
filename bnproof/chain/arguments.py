"""The arguments between a layer's brackets → values by name, checked against the table."""

from __future__ import annotations

from ..errors import ChainError
from .layers import ELSEWHERE, LAYERS, Argument, Signature, Value
from .pointer import Span, close, pointed
from .tokens import Token


def read_arguments(token: str, tokens: list[Token], text: str) -> tuple[dict[str, Value], dict[str, Span]]:
    """All values of the layer `token` by name, defaults included, and the place of each one that was given.

    `tokens` end with the closing bracket. Raises ChainError for an unknown, repeated, misplaced or unfit argument.
    """
    return _Arguments(token, tokens, text).read()


class _Arguments:
    def __init__(self, token: str, tokens: list[Token], text: str) -> None:
        self.token = token
        self.tokens = tokens
        self.text = text
        self.signature: Signature = LAYERS[token]
        self.values: dict[str, Value] = {}
        self.spans: dict[str, Span] = {}
        self.named = False

    def fail(self, message: str, token: Token, hint: str) -> ChainError:
        return pointed(message, self.text, token.span, hint)

    def read(self) -> tuple[dict[str, Value], dict[str, Span]]:
        at = 0
        while self.tokens[at].text != ")":
            at = self.one(at)
            if self.tokens[at].text == ",":
                at += 1
                if self.tokens[at].text == ")":
                    raise self.fail("missing argument", self.tokens[at], f"expected an argument after the comma{self.known()}")
            elif self.tokens[at].text != ")":
                raise self.fail(f"unexpected `{self.tokens[at].text}`", self.tokens[at], "expected a comma , or a closing )")
        values = {argument.name: self.values.get(argument.name, argument.default) for argument in self.signature.arguments}
        return values, self.spans

    def one(self, at: int) -> int:
        """Read the argument that starts at token `at`; the place after it."""
        first = self.tokens[at]
        if first.kind not in ("word", "number", "sizes"):
            raise self.fail(f"unexpected `{first.text}`", first, f"expected an argument{self.known()}")
        if self.tokens[at + 1].text == "=":
            argument = self.argument(first)
            value = self.tokens[at + 2]
            if value.kind not in ("word", "number", "sizes"):
                raise self.fail(f"no value for {first.text} of {self.token}", value, f"expected {argument.expected}")
            self.named = True
            self.put(argument, first, value)
            return at + 3
        argument = self.signature.by_name.get(first.text)
        if argument is not None and argument.kind == "flag":
            self.named = True  # a yes/no argument alone, avgpool(count_include_pad), means yes
            self.put(argument, first, Token("word", "yes", first.span))
        else:
            self.put(self.positional(first), first, first)
        return at + 1

    def argument(self, token: Token) -> Argument:
        found = self.signature.by_name.get(token.text)
        if found is None:
            raise self.fail(f"unknown argument `{token.text}` of {self.token}", token, self.near(token.text))
        return found

    def positional(self, token: Token) -> Argument:
        if not self.signature.arguments:
            raise self.fail(f"{self.token} takes no arguments", token, f"expected {self.token} alone")
        if token.kind == "word" and token.text not in ("yes", "no"):
            raise self.fail(f"unknown argument `{token.text}` of {self.token}", token, self.near(token.text))
        if self.named:
            raise self.fail(f"`{token.text}` without a name after a named argument", token, f"expected a name{self.known()}")
        count = len(self.values)
        if count >= self.signature.positional:
            following = self.signature.arguments[count].name if count < len(self.signature.arguments) else ""
            hint = f"expected a name, as in {following}={token.text}" if following else "expected a closing )"
            raise self.fail(f"`{token.text}` has no name", token, f"{hint}{self.known()}")
        return self.signature.arguments[count]

    def put(self, argument: Argument, place: Token, value: Token) -> None:
        if argument.name in self.values:
            raise self.fail(f"{argument.name} of {self.token} is given twice", place, "expected it once")
        try:
            self.values[argument.name] = argument.read(value.text)
        except ValueError:
            message = f"wrong value `{value.text}` for {argument.name} of {self.token}"
            near = ELSEWHERE.get(value.text, "")
            best = near if near in argument.words else close(value.text, argument.words)
            raise self.fail(
                message, value, f"expected {argument.expected}" + (f"; did you mean {best}?" if best else "")
            ) from None
        self.spans[argument.name] = Span(place.span.start, value.span.stop)

    def known(self) -> str:
        names = ", ".join(self.signature.by_name)
        return f"; {self.token} takes {names}" if names else f"; {self.token} takes none"

    def near(self, name: str) -> str:
        if not self.signature.arguments:
            return f"expected {self.token} alone: it takes no arguments"
        elsewhere = {theirs: ours for theirs, ours in ELSEWHERE.items() if ours in self.signature.by_name}
        best = close(name, [*self.signature.by_name, *elsewhere])
        best = elsewhere.get(best, best)
        for argument in self.signature.arguments:
            if name in argument.words:
                best = f"{argument.name}={name}"
        return f"did you mean {best}?{self.known()[1:]}" if best else f"expected another name{self.known()}"
