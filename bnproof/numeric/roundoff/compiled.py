"""The sums of a compiled program: every reduction by addition in its text, and the chains of them that make one sum.

A compiler splits a long sum into a chain: a window of 32 after the other, then the windows' totals; a reshape with padding on GPUs.
Each number then takes part in at most Σ (terms − 1) additions over the stages of the chain, and in less if a stage's own tree is
known. A chain is followed from a reduction back through what moves, converts or pads numbers and changes nothing else, into and out
of fusions, to a reduction before it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .fed import Products, products_fed
from .hlo import Array, Computation, Instruction, Module, UnreadableError
from .precision import UNIT_ROUNDOFF

FLOATS = {"f64": "float64", "f32": "float32", "bf16": "bfloat16", "f16": "float16"}
"""Element types of floating numbers, and their names in NumPy."""
_MOVED = ("bitcast", "copy", "reshape", "transpose", "convert")
_APPLIED = ("add", "convert", "parameter", "tuple", "maximum", "minimum", "multiply", "and", "or")
_COLLECTIVE = ("all-reduce", "all-reduce-start", "reduce-scatter")


@dataclass(frozen=True)
class Stage:
    """One reduction as it is compiled.

    - element: type of the numbers and of their additions; rounded: what each partial sum is rounded to;
    - shape: sizes of the operand as it lies in memory, the slowest axis first; reduced: which of these axes are summed over;
    - count: how many terms one result has;
    - emitter: what makes it run: `kLoop`, `kInput`, `library NAME` of a fusion; `plain` outside of fusions; `window`;
    - fused: opcodes of the fusion besides parameters, constants and the reduction; fed: its products, with axes as in `shape`, by
      which a library may choose another way; None if they are not understood;
    - fromzero: whether the accumulator starts at 0, so that the first addition rounds nothing.
    """

    element: str
    rounded: str
    shape: tuple[int, ...]
    reduced: tuple[int, ...]
    count: int
    emitter: str
    fused: frozenset[str] = frozenset()
    fromzero: bool = True
    fed: Products | None = frozenset()

    @property
    def unit(self) -> float:
        """The round-off of one addition, relative to its result."""
        units = {UNIT_ROUNDOFF[FLOATS[element]] for element in (self.element, self.rounded)}
        return sum(units)

    @property
    def coarsest(self) -> float:
        """The unit round-off of what partial sums are rounded to."""
        return UNIT_ROUNDOFF[FLOATS[self.rounded]]


@dataclass(frozen=True)
class Sum:
    """A chain of stages, the first one first, that may add up `fewest` to `most` numbers (more terms may be padding)."""

    stages: tuple[Stage, ...]
    fewest: int
    most: int

    def of(self, count: int) -> bool:
        """Whether it may be a sum of so many numbers."""
        return self.fewest <= count <= self.most


def sums(module: Module) -> list[list[Sum]]:
    """For each floating-point reduction by addition its chains, from itself alone to the longest.

    Raises UnreadableError for a reduction that may add up and is not understood.
    """
    found = _Sums(module)
    return [found.chains(*place) for place in _reductions(module)]


def products(module: Module) -> set[int]:
    """The numbers of terms of the program's matrix products."""
    found: set[int] = set()
    for computation in module.values():
        for instruction in computation.instructions.values():
            if instruction.opcode == "dot":
                shape = computation.instructions[instruction.operands[0]].arrays[0].shape
                found.add(math.prod(shape[axis] for axis in instruction.numbers("lhs_contracting_dims")))
    return found


_Place = tuple[Computation, Instruction, int]
"""A reduction and which of its results is meant."""


def _reductions(module: Module) -> Iterator[_Place]:
    for computation in module.values():
        for instruction in computation.instructions.values():
            if instruction.opcode in _COLLECTIVE:
                raise UnreadableError(f"{instruction.name}: sums over devices")
            if instruction.opcode in ("reduce", "reduce-window"):
                for k, adds in enumerate(_adds(module, instruction)):
                    if adds:
                        yield computation, instruction, k


def _adds(module: Module, reduction: Instruction) -> list[str]:
    """For each result of a reduction the type its partial sums are rounded to if it is a floating-point sum, otherwise nothing.

    In a half type the sum may be formed in float32 and rounded after each addition: `convert(convert(add(a, b)))`.
    """
    applied = module[reduction.word("to_apply")]
    results = len(reduction.operands) // 2
    steps = applied.instructions
    if not any(step.opcode in ("add", "subtract", "fusion", "call") for step in steps.values()):
        return [""] * results
    root = steps[applied.root]
    found = [
        _rounded(applied, name, k, results) for k, name in enumerate(root.operands if root.opcode == "tuple" else [root.name])
    ]
    known = all(step.opcode in _APPLIED for step in steps.values())
    if not known or len(found) != results or sum(step.opcode == "add" for step in steps.values()) != sum(map(bool, found)):
        raise UnreadableError(f"{reduction.name} applies {applied.name}")
    return [element if element in FLOATS else "" for element in found]


def _rounded(applied: Computation, name: str, result: int, results: int) -> str:
    """The narrowest type through which the sum of both parameters of a result goes; empty if it is no such sum."""
    through: list[str] = []

    def unconverted(name: str) -> Instruction:
        step = applied.instructions[name]
        through.append(step.arrays[0].element)
        return unconverted(step.operands[0]) if step.opcode == "convert" else step

    added = unconverted(name)
    terms = [unconverted(operand) for operand in added.operands] if added.opcode == "add" else []
    places = {int(term.inside) if term.opcode == "parameter" else -1 for term in terms}
    if places != {result, results + result}:
        return ""
    return max(through, key=lambda element: UNIT_ROUNDOFF[FLOATS[element]]) if {*through} <= FLOATS.keys() else through[0]


class _Sums:
    def __init__(self, module: Module) -> None:
        self.module = module
        self.callers: dict[str, list[tuple[Computation, Instruction]]] = {}
        self._read: dict[tuple[str, str, int], list[tuple[Sum, int]]] = {}  # so that a stage is one object in all its chains
        for computation in module.values():
            for instruction in computation.instructions.values():
                for name in instruction.called:
                    self.callers.setdefault(name, []).append((computation, instruction))

    def chains(self, computation: Computation, reduction: Instruction, result: int) -> list[Sum]:
        return [chain for chain, _ in self.read(computation, reduction, result)]

    def read(self, computation: Computation, reduction: Instruction, result: int) -> list[tuple[Sum, int]]:
        """The chains, and how many numbers, without padding, the first stage of each reads."""
        key = computation.name, reduction.name, result
        if key not in self._read:
            self._read[key] = self._chains(computation, reduction, result)
        return self._read[key]

    def _chains(self, computation: Computation, reduction: Instruction, result: int) -> list[tuple[Sum, int]]:
        stage, operand = self.stage(computation, reduction, result), self.operand((computation, reduction, result))
        before, size = self.source(computation, reduction.operands[result], operand.size)
        kept = max(reduction.arrays[result].size, 1)
        if not _tiles(reduction, reduction.arrays[result]):
            return [(Sum((stage,), stage.count, stage.count), size)]
        chains = [(Sum((stage,), min(stage.count, -(-size // kept)), stage.count), size)]
        if before is not None and _tiles(before[1], before[1].arrays[before[2]]):
            for chain, first in self.read(*before):
                most = chain.most * stage.count
                chains.append((Sum((*chain.stages, stage), min(most, -(-first // kept)), most), first))
        return chains

    def operand(self, place: _Place) -> Array:
        computation, reduction, result = place
        return computation.instructions[reduction.operands[result]].arrays[0]

    def stage(self, computation: Computation, reduction: Instruction, result: int) -> Stage:
        operand = self.operand((computation, reduction, result))
        places = [*reversed(operand.order)]
        shape = tuple(operand.shape[axis] for axis in places)
        reduced = tuple(k for k, axis in enumerate(places) if axis in reduction.numbers("dimensions"))
        count = math.prod(shape[k] for k in reduced)
        callers = self.callers.get(computation.name, [])
        emitter = "plain" if not callers or callers[0][1].opcode != "fusion" else callers[0][1].word("kind")
        if emitter == "kCustom":
            emitter = f"library {callers[0][1].library}"
        if reduction.opcode == "reduce-window":
            emitter, count, reduced = "window", math.prod(_window(reduction)["size"]), ()
        start = self.zero(computation, reduction.operands[len(reduction.operands) // 2 + result])
        fused = [step.opcode for step in computation.instructions.values() if step is not reduction] if callers else []
        element, rounded = reduction.arrays[result].element, _adds(self.module, reduction)[result]
        if element != operand.element:
            raise UnreadableError(f"{reduction.name} adds up {operand.element} in {element}")
        kinds = {caller.word("kind") + caller.library for _, caller in callers}
        if len(kinds) > 1:
            emitter = "plain"
        fed = _in_memory(products_fed(computation, reduction, reduction.operands[result]), places) if callers else frozenset()
        return Stage(element, rounded, shape, reduced, count, emitter, frozenset(fused) - {"parameter", "constant"}, start, fed)

    def zero(self, computation: Computation, name: str) -> bool:
        """Whether a scalar is the constant 0 wherever its computation is called."""
        step = computation.instructions[name]
        if step.opcode in _MOVED:
            return self.zero(computation, step.operands[0])
        if step.opcode == "parameter":
            callers = self.callers.get(computation.name, [])
            inputs = [(of, call.operands) for of, call in callers if call.opcode in ("fusion", "call")]
            if not inputs or len(inputs) < len(callers):
                return False
            return all(self.zero(of, operands[int(step.inside)]) for of, operands in inputs)
        return step.opcode == "constant" and step.inside in ("0", "-0")

    def source(self, computation: Computation, name: str, size: int) -> tuple[_Place | None, int]:
        """The reduction whose result this is, only moved, converted or padded; and how many numbers it holds without padding."""
        step, index = computation.instructions[name], 0
        if step.opcode == "get-tuple-element":
            index = int(step.attributes.partition("index=")[2].partition(",")[0])
            step = computation.instructions[step.operands[0]]
        if step.opcode in _MOVED or step.opcode == "pad":
            inner = computation.instructions[step.operands[0]].arrays[0].size
            return self.source(computation, step.operands[0], min(size, inner))
        if step.opcode in ("reduce", "reduce-window"):
            adds = _adds(self.module, step)[index]
            return ((computation, step, index) if adds else None), size
        if step.opcode in ("fusion", "call") and len(step.called) == 1:
            inner = self.module[step.called[0]]
            root = inner.instructions[inner.root]
            if root.opcode == "tuple":
                return self.source(inner, root.operands[index], size)
            return self.source(inner, inner.root, size) if not index and len(step.arrays) == 1 else (None, size)
        if step.opcode == "parameter" and len(callers := self.callers.get(computation.name, [])) == 1:
            outer, call = callers[0]
            if call.opcode in ("fusion", "call"):
                return self.source(outer, call.operands[int(step.inside)], size)
        return None, size


def _in_memory(fed: Products | None, places: Sequence[int]) -> Products | None:
    """The same with axes numbered as they lie in memory."""
    if fed is None:
        return None
    return frozenset((frozenset(map(places.index, a)), frozenset(map(places.index, b))) for a, b in fed)


def _window(reduction: Instruction) -> dict[str, tuple[int, ...]]:
    """The sizes and strides of a window. Raises UnreadableError where it has none."""
    found = re.search(r"(?:^|, )window=\{([^{}]*)\}", reduction.attributes)
    parts = dict(part.split("=", 1) for part in found[1].split()) if found else {}
    if "size" not in parts:
        raise UnreadableError(f"{reduction.name} has no window")
    size = tuple(map(int, parts["size"].split("x")))
    stride = tuple(map(int, parts["stride"].split("x"))) if "stride" in parts else (1,) * len(size)
    dilated = any(set(parts.get(name, "1").split("x")) != {"1"} for name in ("lhs_dilate", "rhs_dilate"))
    return {"size": size, "stride": stride, "dilated": (1,) if dilated else ()}


def _tiles(reduction: Instruction, result: Array) -> bool:
    """Whether every number is a term of exactly one result, or of none: then the results make up a part of a sum."""
    if reduction.opcode == "reduce":
        return True
    window = _window(reduction)
    apart = zip(window["size"], window["stride"], result.shape, strict=True)
    return not window["dilated"] and all(size == stride or places == 1 for size, stride, places in apart)
