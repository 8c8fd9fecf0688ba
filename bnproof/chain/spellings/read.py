"""What is written for a parameter → its value, checked against what the parameter takes."""

from __future__ import annotations

import re
from collections.abc import Callable

from ..expressions import Expression
from ..layers import LARGEST
from ..tokens import NAME
from ..tree import Note, Scope
from .parameter import Kind, Parameter, Raw

NAMED = {"True": True, "False": False, "true": True, "false": False, "yes": True, "no": False}
"""How a flag may be written."""
NOTHING = ("None", "none")
"""How None may be written."""


class Unfit(Exception):
    """The value is not one that the parameter takes; the text says what is expected."""


def read(parameter: Parameter, written: Expression, scope: Scope, axes: int) -> Raw:
    """The value of `written` for the parameter of a layer over `axes` axes of positions, any number if 0.

    None for a size that a name stands for, and for what says nothing about what is computed. A name that stands for a kernel's
    size is taken as the parameter's example, which is noted. Raises Unfit for what the parameter does not take.
    """
    if parameter.kind in ("anything", "activation"):
        return None
    if written.kind == "name" and written.text in NOTHING:
        if parameter.none or (not parameter.required and parameter.default is None):
            return None
        raise Unfit(parameter.expected)
    if written.kind in ("text", "name"):
        text = written.text.lower() if parameter.anycase else written.text
        if text in parameter.words:
            return text
    return _READ[parameter.kind](_Reading(parameter, scope, axes), written)


class _Reading:
    """One value being read: what the parameter takes, and what is known."""

    def __init__(self, parameter: Parameter, scope: Scope, axes: int) -> None:
        self.parameter, self.scope, self.axes = parameter, scope, axes

    def unfit(self, more: str = "") -> Unfit:
        return Unfit(self.parameter.expected + more)

    def size(self, written: Expression) -> Raw:
        names = list(written.names())
        if not names:
            return self.whole(written.number({}))
        if any(name in NAMED for name in names):
            raise self.unfit()
        return None

    def shape(self, written: Expression) -> Raw:
        if written.kind != "items":
            return self.size(written)
        return tuple(self.known(item) for item in written.items)

    def sizes(self, written: Expression) -> Raw:
        if written.kind != "items":
            return self.known(written)
        found = tuple(None if self.keeps(item) else self.known(item) for item in written.items)
        if self.axes == 0:  # the input says how many: all numbers are needed to tell
            return found
        if len(found) != self.axes and not (self.parameter.single and len(found) == 1):
            raise self.unfit(f": there {'is 1 axis' if self.axes == 1 else f'are {self.axes} axes'}")
        return found[0] if len(set(found)) == 1 and found[0] is not None else found

    def keeps(self, written: Expression) -> bool:
        """Whether it is a None that keeps an axis as it is."""
        return self.parameter.kept and written.kind == "name" and written.text in NOTHING

    def known(self, written: Expression) -> int:
        """The whole number that is written, names of known size included; an unknown kernel's size is taken as its example."""
        value, parameter = written.number(self.scope.sizes), self.parameter
        if value is None and written.kind == "name" and parameter.example and written.text not in (*NAMED, *NOTHING):
            value = int(parameter.example)
            self.scope.sizes[written.text] = value
            self.scope.notes.append(Note(f"{written.text} = {value}", f"a size for {parameter.name} that is not given"))
        if parameter.kind == "factors" and isinstance(value, float) and value.is_integer():
            value = int(value)
        return self.whole(value)

    def whole(self, value: float | None) -> int:
        if not isinstance(value, int) or not self.parameter.low <= value <= LARGEST:
            raise self.unfit()
        return value

    def nested(self, written: Expression) -> Raw:
        if written.kind == "items":
            return tuple(self.nested(item) for item in written.items)
        if written.kind == "name" and written.text in NOTHING:
            return None
        return self.whole(written.number(self.scope.sizes))

    def number(self, written: Expression) -> Raw:
        value, parameter = written.number(self.scope.sizes), self.parameter
        if value is None and parameter.kind == "share" and written.kind == "name" and written.text not in (*NAMED, *NOTHING):
            value = float(parameter.example)
            self.scope.notes.append(Note(f"{parameter.name} = {value:g}", f"{written.text} is not given"))
        if value is None or (parameter.kind == "share" and not 0 <= value < 1):
            raise self.unfit()
        return value

    def flag(self, written: Expression) -> Raw:
        if written.kind != "name" or written.text not in NAMED:
            raise self.unfit()
        return NAMED[written.text]

    def label(self, written: Expression) -> Raw:
        if written.kind != "text" or not re.fullmatch(NAME, written.text):
            raise self.unfit()
        return written.text

    def refused(self, written: Expression) -> Raw:
        raise self.unfit()


_READ: dict[Kind, Callable[[_Reading, Expression], Raw]] = {
    "size": _Reading.size,
    "sizes": _Reading.sizes,
    "factors": _Reading.sizes,
    "shape": _Reading.shape,
    "nested": _Reading.nested,
    "axes": _Reading.nested,
    "number": _Reading.number,
    "share": _Reading.number,
    "flag": _Reading.flag,
    "label": _Reading.label,
    "word": _Reading.refused,
}
