"""Where in a file a piece of a theorem's text stands, for errors. It is looked for only when an error is made."""

from __future__ import annotations

import ast
import linecache
import re
from dataclasses import dataclass
from inspect import currentframe

_OPENING = re.compile(r"[rRuU]?(\"\"\"|'''|\"|')")
_BREAK = re.compile(r"\s*\n\s*")


@dataclass(frozen=True)
class Origin:
    """A whole text as it was handed to a call: the file, the line (from 1) at which the call begins, and the text."""

    file: str
    line: int
    text: str

    def place(self, offset: int) -> str:
        """``file:line:column`` of a character of the text, from 1; ``file:line`` of the call if the text stands nowhere as it is."""
        source = "".join(linecache.getlines(self.file))
        found = _constant(source, self)
        segment = found and ast.get_source_segment(source, found)
        opening = _OPENING.match(segment) if segment else None
        if found is None or opening is None or segment is None:
            return f"{self.file}:{self.line}"
        lines = source.splitlines(keepends=True)[found.lineno - 1 :]
        column = len(lines[0].encode()[: found.col_offset].decode())
        verbatim = segment[opening.end() : -len(opening[1])] == self.text
        before = "".join(lines)[
            : column + (opening.end() + offset if verbatim else 0)
        ]  # escapes and joined strings: their start
        return f"{self.file}:{found.lineno + before.count(chr(10))}:{len(before) - before.rfind(chr(10))}"


class Written(str):
    """A part of a text, equal to the plain string; where it goes over several lines, they are joined by single spaces."""

    origin: Origin
    start: int

    def place(self, offset: int = 0) -> str:
        """``file:line:column`` of its character at `offset`."""
        return self.origin.place(self.offset(offset))

    def offset(self, offset: int) -> int:
        """Where its character at `offset` stands in the whole text."""
        raw = self.origin.text[self.start :]
        dropped = 0
        for gap in _BREAK.finditer(raw):
            if gap.start() >= offset + dropped:
                break
            dropped += len(gap[0]) - 1
        return self.start + offset + dropped


def origin_of_call(text: str) -> Origin:
    """A text that was handed to the function which asks, by the code that called that function."""
    frame = currentframe()
    for _ in range(2):
        frame = frame and frame.f_back
    return Origin(frame.f_code.co_filename, frame.f_lineno, text) if frame else Origin("", 0, text)


def part(origin: Origin, start: int, end: int) -> Written:
    """The text between two offsets, without the blanks around it."""
    raw = origin.text[start:end].lstrip()
    text = raw.rstrip()
    found = Written(_BREAK.sub(" ", text) if "\n" in text else text)
    found.origin = origin
    found.start = min(end, len(origin.text)) - len(raw)
    return found


def prefix(text: str, offset: int = 0) -> str:
    """``file:line:column: `` for a text that knows where it stands, nothing for another."""
    return f"{text.place(offset)}: " if isinstance(text, Written) else ""


def piece(text: str, start: int, end: int) -> str:
    """``text[start:end]``, which knows where it stands if the text does."""
    if not isinstance(text, Written):
        return text[start:end]
    found = Written(text[start:end])
    found.origin = text.origin
    found.start = text.offset(start)
    return found


def _constant(source: str, origin: Origin) -> ast.Constant | None:
    """The string in the source that the text is: the first at or after the line of the call."""
    try:
        tree = ast.parse(source)
    except SyntaxError:  # the file has changed since it was imported
        return None
    strings = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and node.value == origin.text and node.lineno >= origin.line
    ]
    return min(strings, key=lambda node: node.lineno, default=None)
