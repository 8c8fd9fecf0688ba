"""Containers that run their layers one after the other: Sequential as it is written, and as a model is printed."""

from __future__ import annotations

import re
from collections.abc import Callable

from .expressions import read_value, separated
from .pointer import Span
from .tokens import NAME, Cursor, Token
from .tree import Layer

Element = Callable[[int, str, bool], tuple[Layer, ...]]
"""(depth, name, whether a framework names what has no name) → the layers that stand next."""
MOST_REPEATED = 1_000
"""How often a printed model may repeat an entry."""


class Containers:
    """Reads them with `element`, which reads one layer. Names are paths: ``0``, ``features.3``."""

    def __init__(self, cursor: Cursor, element: Element) -> None:
        self.cursor = cursor
        self.element = element
        self.printing = 0
        """How many printed containers are open."""
        self.inside: int | None = None
        """How many layers the outermost open container has so far; None outside of containers."""

    def opens(self, word: Token) -> bool:
        """Whether the word that was just taken opens a container. Raises ChainError for a printed one that is no Sequential."""
        base = word.text.rsplit(".", 1)[-1]
        printed = self.cursor.sees("(") and self.cursor.after.kind == "key"
        if printed and base != "Sequential":
            hint = "write its layers in their order as a chain, or paste what is printed of a Sequential"
            raise self.cursor.fail(
                f"a printed `{base}` shows which layers it registers, not how they are connected", word.span, hint
            )
        return base == "Sequential"

    def read(self, word: Token, path: str, depth: int, keras: bool) -> tuple[Layer, ...]:
        """The layers of a container whose word was just taken."""
        if not self.cursor.skip("("):
            raise self.cursor.fail(
                f"{word.text} needs its layers", word.span, "expected brackets, as in Sequential(conv, bn, relu)"
            )
        outermost = self.inside is None
        self.inside = self.inside or 0
        if self.cursor.next.kind == "key":
            layers = self.printed(path, depth)
        elif self.cursor.next.kind == "word" and self.cursor.next.text.rsplit(".", 1)[-1] in ("OrderedDict", "dict"):
            layers = self.dictionary(path, depth)
        else:
            layers = self.listed(path, depth, keras)
        if outermost:
            self.inside = None
        if not layers:
            raise self.cursor.fail(f"an empty {word.text}", word.span, "expected layers in it")
        return layers

    def entry(self, depth: int, name: str, keras: bool) -> tuple[Layer, ...]:
        """The layers that stand next in a container."""
        layers = self.element(depth + 1, name, keras)
        self.inside = (self.inside or 0) + len(layers)
        return layers

    def listed(self, path: str, depth: int, keras: bool) -> tuple[Layer, ...]:
        """Layers one after the other, or in a list, with Keras' name= behind it."""
        cursor, found = self.cursor, list[Layer]()
        if cursor.next.kind == "word" and cursor.next.text == "layers" and cursor.after.text == "=":
            cursor.at += 2
        starred = cursor.next.kind == "operator" and cursor.next.text == "*"
        if starred:
            star = cursor.take()
            if not cursor.sees("["):
                raise cursor.fail("layers that are built elsewhere", star.span, "expected the layers themselves")
        inner = "]" if cursor.skip("[") else ")"
        count = 0
        while not cursor.skip(inner):
            if inner == ")" and cursor.next.kind == "word" and cursor.after.text == "=":
                self.option()
            else:
                found += self.entry(depth, "" if keras else _joined(path, str(count)), keras)
                count += 1
            separated(cursor, inner, f"a comma , or a closing {inner}")
        if inner == "]":
            cursor.skip(",")
            while not cursor.skip(")"):
                self.option()
                separated(cursor, ")", "a comma , or a closing )")
        return tuple(found)

    def option(self) -> None:
        """A name= or trainable= of the container itself."""
        name = self.cursor.take()
        if name.text not in ("name", "trainable") or not self.cursor.skip("="):
            raise self.cursor.fail(f"unexpected {name.shown} in a Sequential", name.span, "expected layers, or name=")
        read_value(self.cursor, "expected a value")

    def dictionary(self, path: str, depth: int) -> tuple[Layer, ...]:
        """``OrderedDict([("conv", …), …])``, or with ``{"conv": …}``: layers with names."""
        cursor, found = self.cursor, list[Layer]()
        cursor.take()
        opened = cursor.next
        if not cursor.skip("(") or not cursor.sees("[", "{", "("):
            raise cursor.fail("an OrderedDict lists names and layers", opened.span, 'expected ([("conv", …), …])')
        closing = {"[": "]", "{": "}", "(": ")"}[cursor.take().text]
        while not cursor.skip(closing):
            pair = closing != "}" and cursor.sees("(")
            if pair:
                cursor.take()
            name = cursor.next
            if name.kind != "string" or not re.fullmatch(NAME, name.text):
                hint = "expected a name in quotes, of letters, digits and _"
                raise cursor.fail(f"unexpected {name.shown}", name.span, hint)
            cursor.take()
            if not cursor.skip("," if pair else ":"):
                raise cursor.fail(
                    f"no layer for {name.shown}", cursor.next.span, f"expected {',' if pair else ':'} and a layer"
                )
            found += self.entry(depth, _joined(path, name.text), False)
            if pair:
                cursor.skip(",")
                self.closed(")")
            separated(cursor, closing, f"a comma , or a closing {closing}")
        cursor.skip(",")
        self.closed(")")
        cursor.skip(",")
        self.closed(")")
        return tuple(found)

    def closed(self, closing: str) -> None:
        """Step over the closing bracket. Raises ChainError where there is none."""
        if self.cursor.skip(closing):
            return
        token = self.cursor.next
        if token.last:
            raise self.cursor.unclosed()
        raise self.cursor.fail(f"unexpected {token.shown}", token.span, f"expected a closing {closing}")

    def printed(self, path: str, depth: int) -> tuple[Layer, ...]:
        """Entries ``(0): Conv2d(…)``, and ``(0-2): 3 x Sequential(…)``, up to the closing bracket."""
        cursor, found = self.cursor, list[Layer]()
        self.printing += 1
        while cursor.next.kind == "key":
            key = cursor.take()
            names = self.repeated(key)
            start = cursor.at
            for name in names:
                cursor.at = start
                found += self.entry(depth, _joined(path, name), False)
        self.closed(")")
        self.printing -= 1
        return tuple(found)

    def repeated(self, key: Token) -> list[str]:
        """The names of an entry; a range has as many as it says."""
        cursor = self.cursor
        if not (cursor.next.kind == "number" and cursor.after.kind == "word" and cursor.after.text == "x"):
            if not re.fullmatch(NAME, key.text):
                raise cursor.fail(f"unexpected {key.shown}", key.span, "expected a name of letters, digits and _")
            return [key.text]
        times = cursor.take()
        cursor.take()
        first, _, last = key.text.partition("-")
        ends = re.fullmatch(r"[0-9]{1,9}", first), re.fullmatch(r"[0-9]{1,9}", last or first)
        if not all(ends) or str(int(last or first) - int(first) + 1) != times.text:
            span = Span(key.span.start, times.span.stop)
            raise cursor.fail("the entries and their number do not agree", span, "expected as in (0-2): 3 x Sequential(")
        if int(times.text) > MOST_REPEATED:
            raise cursor.fail(f"{times.text} entries", times.span, f"expected at most {MOST_REPEATED}")
        return [str(k) for k in range(int(first), int(last or first) + 1)]


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
