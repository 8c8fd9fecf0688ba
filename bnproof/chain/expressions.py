"""What stands between a layer's brackets: values as Python writes them, with their places, and what they come to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from .pointer import Span
from .tokens import Cursor, Token

DEEPEST = 50
"""How deep brackets and blocks may be nested: far beyond any network, and far below Python's recursion limit."""
Number = int | float


@dataclass(frozen=True)
class Expression:
    """A value as it is written: a number, a quoted text, a name, a tuple or list, a call, or an operation on two values.

    `text` is the number, the quoted text, the name, the operator or the name that is called; `items` are the entries of a tuple
    and the operands, `given` the arguments of a call.
    """

    kind: Literal["number", "text", "name", "items", "call", "operation"]
    text: str
    span: Span
    items: tuple[Expression, ...] = ()
    given: tuple[Given, ...] = ()

    def names(self) -> Iterator[str]:
        """The names that stand in it, in order."""
        if self.kind == "name":
            yield self.text
        for item in self.items:
            yield from item.names()

    def number(self, known: Mapping[str, Number]) -> Number | None:
        """What it comes to, names being `known`; None if a name is not, and if it is no number."""
        if self.kind == "number":
            return as_number(self.text)
        if self.kind == "name":
            return known.get(self.text)
        if self.kind != "operation":
            return None
        operands = [item.number(known) for item in self.items]
        if any(operand is None for operand in operands):
            return None
        try:
            return _OPERATIONS[self.text](*[operand for operand in operands if operand is not None])
        except (ArithmeticError, ValueError):
            return None


@dataclass(frozen=True)
class Given:
    """An argument as it is given: its value, its name if it has one, and where it stands, name included."""

    value: Expression
    span: Span
    name: str
    place: Span
    """Where the name stands; the value, if it has none."""


def as_number(text: str) -> Number:
    """The number that a token's text means; a whole one if it is written so."""
    text = text.replace("_", "")
    return float(text) if any(c in text for c in ".eE") else int(text) if len(text) <= 17 else float(text)


def _power(a: Number, b: Number) -> Number:
    if not (abs(a) <= 1e6 and abs(b) <= 64) or (a < 0 and not isinstance(b, int)):
        raise ArithmeticError
    value: Number = a**b
    return value


_OPERATIONS: dict[str, Callable[..., Number]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
    "**": _power,
}
_PRECEDENCE = (("+", "-"), ("*", "/", "//", "%"), ("**",))


def read_arguments(cursor: Cursor, expected: str = "expected an argument", depth: int = 0) -> tuple[Given, ...]:
    """The arguments up to the closing bracket, which is taken too. Raises ChainError where they are not Python's."""
    found: list[Given] = []
    while not cursor.skip(")"):
        found.append(_argument(cursor, expected, depth))
        separated(cursor, ")", "a comma , or a closing )")
    return tuple(found)


def separated(cursor: Cursor, closing: str, expected: str) -> None:
    """Step over the comma after an entry; there may be one before the closing bracket."""
    if cursor.skip(",") or cursor.sees(closing):
        return
    if cursor.next.last or cursor.next.kind == "arrow":
        raise cursor.unclosed()
    raise cursor.fail(f"unexpected {cursor.next.shown}", cursor.next.span, f"expected {expected}")


def _argument(cursor: Cursor, expected: str, depth: int) -> Given:
    first = cursor.next
    name = ""
    if first.kind == "word" and cursor.after.kind == "mark" and cursor.after.text == "=":
        name = first.text
        cursor.at += 2
        expected = f"expected a value for {name}"
    value = read_value(cursor, expected, depth)
    start = first.span.start
    return Given(value, Span(start, value.span.stop), name, first.span if name else value.span)


def read_value(cursor: Cursor, expected: str, depth: int = 0) -> Expression:
    """The value that stands next. Raises ChainError if none does."""
    return _operation(cursor, expected, depth, 0)


def _operation(cursor: Cursor, expected: str, depth: int, level: int) -> Expression:
    if level == len(_PRECEDENCE):
        return _operand(cursor, expected, depth)
    left = _operation(cursor, expected, depth, level + 1)
    for _ in range(DEEPEST):
        operator = cursor.next
        if operator.kind == "operator" and operator.text in _PRECEDENCE[level]:
            cursor.take()
            right = _operation(cursor, "expected a value after it", depth, level + 1)
        elif level == 0 and operator.kind == "number" and operator.text[0] in "+-":  # n-1 was cut into n and -1
            cursor.tokens[cursor.at] = Token("number", operator.text[1:], Span(operator.span.start + 1, operator.span.stop))
            right = _operation(cursor, expected, depth, 1)
            operator = Token("operator", operator.text[0], operator.span)
        else:
            return left
        left = Expression("operation", operator.text, Span(left.span.start, right.span.stop), (left, right))
    raise cursor.fail("too many operations in one value", left.span, f"expected fewer than {DEEPEST}")


def _operand(cursor: Cursor, expected: str, depth: int) -> Expression:
    token = cursor.next
    if depth > DEEPEST:
        raise cursor.fail("brackets are nested too deeply", token.span, f"expected at most {DEEPEST} levels")
    if token.kind in ("number", "string"):
        cursor.take()
        return Expression("number" if token.kind == "number" else "text", token.text, token.span)
    if token.kind == "operator" and token.text in "+-":
        cursor.take()
        operand = _operand(cursor, "expected a value after it", depth + 1)
        zero = Expression("number", "0", token.span)
        return Expression("operation", token.text, Span(token.span.start, operand.span.stop), (zero, operand))
    if token.kind == "word":
        return _name(cursor, depth)
    if cursor.sees("(", "["):
        return _items(cursor, depth)
    if token.last or token.kind == "arrow":
        raise cursor.unclosed()
    raise cursor.fail(f"unexpected {token.shown}", token.span, expected)


def _name(cursor: Cursor, depth: int) -> Expression:
    """A name, with an index or arguments behind it."""
    token = cursor.take()
    if cursor.skip("("):
        given = read_arguments(cursor, depth=depth + 1)
        return Expression("call", token.text, Span(token.span.start, cursor.tokens[cursor.at - 1].span.stop), given=given)
    stop = token.span.stop
    while cursor.sees("["):
        stop = _items(cursor, depth).span.stop
    return Expression("name", cursor.text[token.span.start : stop], Span(token.span.start, stop))


def _items(cursor: Cursor, depth: int) -> Expression:
    """A tuple or list; a value alone in round brackets is that value."""
    opened = cursor.take()
    closing = ")" if opened.text == "(" else "]"
    found: list[Expression] = []
    comma = False
    while not cursor.skip(closing):
        found.append(read_value(cursor, f"expected a value or a closing {closing}", depth + 1))
        comma = cursor.sees(",")
        separated(cursor, closing, f"a comma , or a closing {closing}")
    span = Span(opened.span.start, cursor.tokens[cursor.at - 1].span.stop)
    if closing == ")" and len(found) == 1 and not comma:
        return Expression(found[0].kind, found[0].text, span, found[0].items, found[0].given)
    return Expression("items", cursor.text[span.start : span.stop], span, tuple(found))
