"""What a layer's arguments may be: kinds, defaults, ranges, and how a value's text is read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

Value = int | float | bool | str | tuple[int, ...] | None
"""What an argument can be; a tuple has one number for each axis of positions. None is a default that another argument decides: a
pool's stride is its k."""

LARGEST = 10**12
"""No size or count is above this: shapes alone may be huge, but a typing slip of a hundred digits is refused."""

_FLAGS = {"yes": True, "true": True, "no": False, "false": False}
_PER_AXIS = re.compile(r"\(\s*\d{1,16}\s*(,\s*\d{1,16}\s*)*,?\s*\)")


@dataclass(frozen=True)
class Argument:
    """One argument: its kind, its default, and its range low … high or the words it may be.

    sizes: a whole number for all axes of positions, or a tuple of one for each axis, or one of `words`.
    """

    name: str
    kind: Literal["integer", "number", "word", "flag", "sizes"]
    default: Value
    low: float = 0
    high: float = 0
    high_included: bool = True
    words: tuple[str, ...] = ()

    @property
    def expected(self) -> str:
        """What may be written for it, in words, for error messages."""
        match self.kind:
            case "integer":
                return f"a whole number, {self.low:.0f} or more"
            case "sizes":
                sizes = f"a whole number, {self.low:.0f} or more, or one for each axis as in (3,2)"
                return f"one of {', '.join(self.words)}, or {sizes}" if self.words else sizes
            case "word":
                return f"one of {', '.join(self.words)}"
            case "flag":
                return "yes or no"
            case "number":
                return f"a number from {self.low:g} {'to' if self.high_included else 'to below'} {self.high:g}"

    def read(self, text: str) -> Value:
        """The value that `text` means. Raises ValueError for the wrong kind of value and for one out of range."""
        match self.kind:
            case "integer":
                return self._whole(text)
            case "sizes":
                if text in self.words:
                    return text
                if not _PER_AXIS.fullmatch(text):
                    return self._whole(text)
                first, *others = [self._whole(number) for number in re.findall(r"\d+", text)]
                return (first, *others) if others else first
            case "number":
                return self._in_range(float(text))
            case "word":
                if text not in self.words:
                    raise ValueError(text)
                return text
            case "flag":
                if text.lower() not in _FLAGS:
                    raise ValueError(text)
                return _FLAGS[text.lower()]

    def _whole(self, text: str) -> int:
        if not re.fullmatch(r"\+?[0-9]{1,16}", text):
            raise ValueError(text)
        value = int(text)
        self._in_range(value)
        return value

    def _in_range(self, value: float) -> float:
        inside = self.low <= value <= self.high and (self.high_included or value < self.high)
        if not inside:  # so NaN is refused too
            raise ValueError(value)
        return value


@dataclass(frozen=True)
class Signature:
    """A layer's arguments; the first `positional` may be given without a name. Blocks take branches instead."""

    arguments: tuple[Argument, ...] = ()
    positional: int = 0
    branches: tuple[int, float] = (0, 0)
    by_name: dict[str, Argument] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {argument.name: argument for argument in self.arguments})


def integer(name: str, default: int | None, low: int = 1) -> Argument:
    """An argument that is a whole number, `low` or more."""
    return Argument(name, "integer", default, low, LARGEST)


def sizes(name: str, default: int | str | None, *words: str, low: int = 1) -> Argument:
    """An argument that is a whole number, `low` or more, or one for each axis of positions, or one of `words`."""
    return Argument(name, "sizes", default, low, LARGEST, words=words)


def number(name: str, default: float, low: float, high: float, below: bool = False) -> Argument:
    """An argument that is a number from `low` to `high`; `below` leaves `high` itself out."""
    return Argument(name, "number", default, low, high, not below)


def word(name: str, *words: str) -> Argument:
    """An argument that is one of `words`; the first is the default."""
    return Argument(name, "word", words[0], words=words)


def flag(name: str, default: bool) -> Argument:
    """An argument that is yes or no."""
    return Argument(name, "flag", default)


def spelled(*names: str, axes: str = "") -> Iterator[str]:
    """Every name with and without its underscores, and that with each digit of `axes`: max_pool, maxpool, max_pool2d, maxpool2d."""
    for name in names:
        for stem in dict.fromkeys((name, name.replace("_", ""))):
            yield stem
            yield from (f"{stem}{digit}d" for digit in axes)
