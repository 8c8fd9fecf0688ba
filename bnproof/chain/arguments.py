"""The arguments of one of our own layers → values by name, checked against the table."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import ChainError
from .expressions import Expression, Given
from .layers import ELSEWHERE, LAYERS, Argument, Signature, Value
from .pointer import Span, close, pointed, short


def read_own(token: str, given: Sequence[Given], text: str) -> tuple[dict[str, Value], dict[str, Span]]:
    """All values of the layer `token` by name, defaults included, and the place of each one that was given.

    Raises ChainError for an unknown, repeated, misplaced or unfit argument.
    """
    return _Arguments(token, text).read(given)


class _Arguments:
    def __init__(self, token: str, text: str) -> None:
        self.token = token
        self.text = text
        self.signature: Signature = LAYERS[token]
        self.values: dict[str, Value] = {}
        self.spans: dict[str, Span] = {}
        self.named = False

    def fail(self, message: str, span: Span, hint: str) -> ChainError:
        return pointed(message, self.text, span, hint)

    def read(self, given: Sequence[Given]) -> tuple[dict[str, Value], dict[str, Span]]:
        for one in given:
            self.one(one)
        values = {argument.name: self.values.get(argument.name, argument.default) for argument in self.signature.arguments}
        return values, self.spans

    def one(self, given: Given) -> None:
        if given.name:
            argument = self.argument(given)
            self.named = True
            self.put(argument, given, self.text_of(given.value))
            return
        text = given.value.text if given.value.kind in ("name", "text") else ""
        argument = self.signature.by_name.get(text)
        if argument is not None and argument.kind == "flag":
            self.named = True  # a yes/no argument alone, avgpool(count_include_pad), means yes
            self.put(argument, given, "yes")
        else:
            self.put(self.positional(given), given, self.text_of(given.value))

    def text_of(self, value: Expression) -> str:
        """The value as the table reads it: quotes taken off, sums worked out, a list as a tuple."""
        if value.kind in ("number", "name", "text"):
            return value.text.replace("_", "") if value.kind == "number" else value.text
        if value.kind == "items":
            return f"({', '.join(self.text_of(item) for item in value.items)})"
        number = value.number({})
        return self.source(value) if number is None else str(number)

    def source(self, value: Expression) -> str:
        return self.text[value.span.start : value.span.stop]

    def argument(self, given: Given) -> Argument:
        found = self.signature.by_name.get(given.name)
        if found is None:
            message = f"unknown argument `{short(given.name)}` of {self.token}"
            raise self.fail(message, given.place, self.near(given.name))
        return found

    def positional(self, given: Given) -> Argument:
        shown, span = short(self.source(given.value)), given.value.span
        if not self.signature.arguments:
            raise self.fail(f"{self.token} takes no arguments", span, f"expected {self.token} alone")
        if given.value.kind in ("name", "text", "call") and given.value.text not in ("yes", "no", "True", "False"):
            raise self.fail(f"unknown argument `{shown}` of {self.token}", span, self.near(given.value.text))
        if self.named:
            raise self.fail(f"`{shown}` without a name after a named argument", span, f"expected a name{self.known()}")
        count = len(self.values)
        if count >= self.signature.positional:
            following = self.signature.arguments[count].name if count < len(self.signature.arguments) else ""
            hint = f"expected a name, as in {following}={shown}" if following else "expected a closing )"
            raise self.fail(f"`{shown}` has no name", span, f"{hint}{self.known()}")
        return self.signature.arguments[count]

    def put(self, argument: Argument, given: Given, text: str) -> None:
        if argument.name in self.values:
            raise self.fail(f"{argument.name} of {self.token} is given twice", given.place, "expected it once")
        try:
            free = argument.default is None and text in ("None", "none")
            self.values[argument.name] = None if free else argument.read(text)
        except ValueError:
            message = f"wrong value `{short(self.source(given.value))}` for {argument.name} of {self.token}"
            near = ELSEWHERE.get(text, "")
            best = near if near in argument.words else close(text, argument.words)
            hint = f"expected {argument.expected}" + (f"; did you mean {best}?" if best else "")
            raise self.fail(message, given.value.span, hint) from None
        self.spans[argument.name] = given.span

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
