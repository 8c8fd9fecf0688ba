"""The layout of a chain as text, one step a line: from a text to its expressions and reasons, each knowing where it stands."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise

from ..errors import NotationError
from .source import Origin, Written, part

_LINE = re.compile(r"\S.*")
_RELATION = re.compile(r"[=<>!]+")
_SEPARATOR = re.compile(r"(?<!\S)--(?!\S)")


@dataclass(frozen=True)
class Block:
    """A piece of a text, from `start` to `end`: what follows the relation it begins with ("" for none)."""

    origin: Origin
    relation: str
    start: int
    end: int

    def error(self, message: str, offset: int | None = None) -> NotationError:
        """An error at that character of the text, or where the block begins; it quotes the line."""
        place = self.start - len(self.relation) if offset is None else offset
        text = self.origin.text
        line = text[text.rfind("\n", 0, place) + 1 :].partition("\n")[0].strip()
        return NotationError(f"{self.origin.place(place)}: {message}: `{line}`")

    def expression(self, end: int | None = None) -> Written:
        """What stands before `end`. Raises NotationError where that is nothing, or has a ``--`` in it."""
        end = self.end if end is None else end
        dashes = self.origin.text.find("--", self.start, end)
        if dashes >= 0:
            raise self.error("`--` has blanks around it and stands before a reason; a double minus is written `- (-x)`", dashes)
        found = part(self.origin, self.start, end)
        if not found:
            raise self.error("an expression is missing here", self.start)
        return found

    def step(self) -> tuple[Written, Written]:
        """Expression and reason. Raises NotationError unless there is one of each."""
        separators = [found.span() for found in _SEPARATOR.finditer(self.origin.text, self.start, self.end)]
        expression = self.expression(separators[0][0] if separators else None)
        if not separators:
            raise self.error("a step reads `= expression -- reason`, and here the reason is missing")
        if len(separators) > 1:
            raise self.error("one step has one `--`; this is the second", separators[1][0])
        reason = part(self.origin, separators[0][1], self.end)
        if not reason:
            raise self.error("the reason after `--` is missing", separators[0][0])
        return expression, reason

    def compared(self, known: Collection[str]) -> tuple[Written, str, Written]:
        """Left side, relation, right side. Raises NotationError unless there is one relation, and a `known` one."""
        found = list(_RELATION.finditer(self.origin.text, self.start, self.end))
        if len(found) != 1 or found[0][0] not in known:
            wrong = next((r for r in found if r[0] not in known), found[-1] if found else None)
            message = f"two expressions with one of {' '.join(known)} between them are compared, a pair a line"
            raise self.error(message, wrong and wrong.start())
        right = Block(self.origin, "", found[0].end(), self.end)
        return self.expression(found[0].start()), found[0][0], right.expression()


def steps(origin: Origin) -> list[Block]:
    """A block for each line that begins with a relation, and one for what stands before the first of them.

    The other lines go on with the block before them. Raises NotationError for an empty line in between.
    """
    lines = _lines(origin)
    marks = [_RELATION.match(origin.text, line.start()) for line in lines]
    heads = [(line, mark) for k, (line, mark) in enumerate(zip(lines, marks, strict=True)) if mark or not k]
    ends = [line.start() for line, _ in heads[1:]] + [len(origin.text)]
    return [
        Block(origin, mark[0] if mark else "", mark.end() if mark else line.start(), end)
        for (line, mark), end in zip(heads, ends, strict=True)
    ]


def comparisons(origin: Origin) -> list[Block]:
    """A block for each line that is not indented further than the first; the others go on with the block before them."""
    lines = _lines(origin)
    margins = [line.start() - origin.text.rfind("\n", 0, line.start()) for line in lines]
    heads = [line.start() for line, margin in zip(lines, margins, strict=True) if margin <= margins[0]]
    return [Block(origin, "", *ends) for ends in zip(heads, [*heads[1:], len(origin.text)], strict=True)]


def _lines(origin: Origin) -> list[re.Match[str]]:
    """The lines that are not empty."""
    lines = list(_LINE.finditer(origin.text))
    if not lines:
        raise NotationError(f"{origin.place(0)}: the text is empty")
    for line, following in pairwise(lines):
        if origin.text.count("\n", line.end(), following.start()) > 1:
            raise Block(origin, "", line.start(), following.start()).error("an empty line follows; leave it out")
    return lines
