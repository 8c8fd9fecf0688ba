"""The text form of a compiled program (HLO), read strictly: what is not understood is refused, never passed over.

A module is a list of computations, each a list of instructions `%name = type opcode(operands), attributes`; one is the entry, the
others are called: the bodies of fusions and loops, the functions that reductions apply. Types carry the layout: `f32[4,8]{1,0}`
lists the axes from the one that varies fastest in memory. Source: the OpenXLA project's descriptions of operations and of layouts.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass


class UnreadableError(ValueError):
    """A text that is not read, with the line."""


@dataclass(frozen=True)
class Array:
    """The type of one array: element type (f32, bf16, s32, …), sizes, and its axes from the fastest in memory to the slowest."""

    element: str
    shape: tuple[int, ...]
    order: tuple[int, ...]

    @property
    def size(self) -> int:
        """The number of elements."""
        return math.prod(self.shape)


@dataclass(frozen=True)
class Instruction:
    """One instruction.

    - arrays: the type of its result, several if that is a tuple; operands: names in the same computation;
    - inside: what stands in the parentheses (a parameter's number, a constant's value); attributes: what follows, without strings;
    - library: what a fusion's configuration says it is run by; empty if it says nothing.
    """

    name: str
    opcode: str
    arrays: tuple[Array, ...]
    operands: tuple[str, ...]
    inside: str
    attributes: str
    library: str = ""

    def numbers(self, attribute: str) -> tuple[int, ...]:
        """The numbers of an attribute such as `dimensions={0,2}`; none if it is not there."""
        found = re.search(rf"(?:^|, ){attribute}=\{{([\d,]*)\}}", self.attributes)
        return tuple(int(n) for n in found[1].split(",") if n) if found else ()

    def word(self, attribute: str) -> str:
        """The word of an attribute such as `kind=kLoop`, without `%`; empty if it is not there."""
        found = re.search(rf"(?:^|, ){attribute}=%?([\w.-]+)", self.attributes)
        return found[1] if found else ""

    @property
    def called(self) -> tuple[str, ...]:
        """The computations that it names."""
        several = re.findall(r"(?:branch_computations|called_computations|calls)=\{([^{}]*)\}", self.attributes)
        one = [self.word(attribute) for attribute in _CALLS]
        return tuple(name.strip().lstrip("%") for name in [*one, *(n for names in several for n in names.split(","))] if name)


@dataclass(frozen=True)
class Computation:
    """Instructions by name in their order, and the name of the one whose result it returns."""

    name: str
    instructions: Mapping[str, Instruction]
    root: str
    entry: bool


Module = Mapping[str, Computation]
"""Computations by name."""
_CALLS = ("calls", "to_apply", "body", "condition", "select", "scatter", "true_computation", "false_computation", "comparator")
_NAMELESS = frozenset(("constant", "parameter", "iota", "partition-id", "replica-id", "after-all", "rng-get-and-update-state"))
"""Instructions whose parentheses hold no operands, or perhaps none."""
_HEADER = re.compile(r"(ENTRY )?%?([\w.-]+) (?:\(.*\) -> .* )?\{")
_LINE = re.compile(r"\s+(ROOT )?%?([\w.-]+) = (.*)")
_ARRAY = re.compile(r"([a-z]\w*)\[([^\]]*)\](?:\{([^{}]*)\})?")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_LIBRARY = re.compile(r'"fusion(?:_backend)?_config":\{[^{}]*?"kind":"([^"]*)"')
_COMMENT = re.compile(r"/\*.*?\*/")


def parse(text: str) -> Module:
    """The computations of a module's text. Raises UnreadableError."""
    if not text.startswith("HloModule"):
        raise UnreadableError(f"no HloModule: {text[:80]!r}")
    module: dict[str, Computation] = {}
    lines = iter(text.splitlines())
    for line in lines:
        header = _HEADER.fullmatch(_STRING.sub('""', line)) if line[:1].strip() else None
        if header:
            if header[2] in module:
                raise UnreadableError(f"a second computation {header[2]}")
            module[header[2]] = _computation(header[2], bool(header[1]), lines)
        elif not line.startswith("HloModule") and (" = " in _STRING.sub("", line) or line.rstrip().endswith("{")):
            raise UnreadableError(line)
    if sum(computation.entry for computation in module.values()) != 1:
        raise UnreadableError("a module has one entry")
    for computation in module.values():
        for instruction in computation.instructions.values():
            if not {*instruction.operands} <= computation.instructions.keys() or not {*instruction.called} <= module.keys():
                raise UnreadableError(f"{instruction.name} names what is not there")
    return module


def _computation(name: str, entry: bool, lines: Iterator[str]) -> Computation:
    instructions: dict[str, Instruction] = {}
    root = ""
    for line in lines:
        if line.startswith("}"):
            if not root:
                raise UnreadableError(f"{name} has no root")
            return Computation(name, instructions, root, entry)
        found = _LINE.fullmatch(line)
        if not found or found[2] in instructions or (found[1] and root):
            raise UnreadableError(line)
        instructions[found[2]] = _instruction(found[2], found[3])
        root = found[2] if found[1] else root
    raise UnreadableError(f"{name} does not end")


def _instruction(name: str, text: str) -> Instruction:
    library = _LIBRARY.search(text)
    plain = _STRING.sub('""', _COMMENT.sub("", text))
    end = _closing(plain, 0) + 1 if plain.startswith("(") else plain.find(" ")
    rest = re.fullmatch(r" ([a-z][\w-]*)(\(.*)", plain[end:]) if end > 0 else None
    if not rest:
        raise UnreadableError(f"{name} = {text}")
    close = _closing(rest[2], 0)
    opcode, inside, after = rest[1], rest[2][1:close], rest[2][close + 1 :]
    if after and not after.startswith(", "):
        raise UnreadableError(f"{name} = {text}")
    operands = () if opcode in _NAMELESS else tuple(map(_operand, _split(inside)))
    return Instruction(name, opcode, _arrays(plain[:end]), operands, inside, after[2:], library[1] if library else "")


def _arrays(text: str) -> tuple[Array, ...]:
    found: list[Array] = []
    for element, sizes, layout in _ARRAY.findall(text):
        if not re.fullmatch(r"(\d+(,\d+)*)?", sizes):
            raise UnreadableError(f"sizes that are not fixed: {text}")
        shape = tuple(int(size) for size in sizes.split(",") if size)
        order = layout.partition(":")[0] or ",".join(map(str, reversed(range(len(shape)))))
        axes = tuple(int(axis) for axis in order.split(",") if axis.isdigit())
        if sorted(axes) != [*range(len(shape))]:
            raise UnreadableError(f"no layout: {text}")
        found.append(Array(element, shape, axes))
    if re.sub(r"[(), ]", "", _ARRAY.sub("", text)):
        raise UnreadableError(f"no type: {text}")
    return tuple(found)


def _closing(text: str, start: int) -> int:
    """The place of the parenthesis that closes the one at `start`."""
    depth = 0
    for k in range(start, len(text)):
        depth += (text[k] in "({[") - (text[k] in ")}]")
        if not depth:
            return k
    raise UnreadableError(text)


def _split(text: str) -> list[str]:
    """The parts between commas that stand in no brackets."""
    parts, depth, start = list[str](), 0, 0
    for k, letter in enumerate(text):
        depth += (letter in "({[") - (letter in ")}]")
        if letter == "," and not depth:
            parts.append(text[start:k])
            start = k + 1
    return [*parts, text[start:]] if text.strip() else parts


def _operand(text: str) -> str:
    """The name in an operand, before which its type may stand."""
    found = re.fullmatch(r"(?:.* )?%?([\w.-]+)", text.strip())
    if not found:
        raise UnreadableError(text)
    return found[1]
