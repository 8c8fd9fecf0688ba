"""What an analysis of a traced program says of each tracked input: whether it can influence the outputs, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..laws import LAWS
from .atoms import TRANSPARENT
from .constants import kind_of
from .forms import Form, Ring
from .rules import BITS
from .rules.table import is_one
from .walk import Place, Walk


@dataclass(frozen=True)
class Finding:
    """One tracked input. `free`: no output's form holds it, so it influences none; else the first operation it stays behind
    (`place` is then where that is; if free, the last place that a value with it went to).

    `laws`: the laws applied to values that hold it; `broken`: a stop_gradient or a custom derivative met it on the way.
    """

    name: str
    free: bool
    laws: tuple[str, ...]
    broken: bool
    operation: str = ""
    place: Place | None = None


@dataclass
class Analysis:
    """The outputs' forms of one program, and the way from each tracked input to the outputs."""

    ring: Ring
    walk: Walk
    inputs: Mapping[str, int]
    outputs: Sequence[Form]
    parents: dict[int, list[int]] = field(default_factory=dict[int, list[int]])

    def reached(self, outputs: Sequence[int] | None = None) -> set[int]:
        """Numbers of all tainted atoms that these outputs (all by default) hold, at any depth."""
        chosen = self.outputs if outputs is None else [self.outputs[k] for k in outputs]
        start = {number for form in chosen for number in self.ring.children(form.terms)}
        return _closure(start, lambda number: self.ring.atoms[number].children)

    def findings(self, outputs: Sequence[int] | None = None) -> list[Finding]:
        """One finding a tracked input, for these outputs taken together (all by default)."""
        held = self.reached(outputs)
        if not self.parents:
            for atom in self.ring.atoms.all:
                for child in atom.children:
                    self.parents.setdefault(child, []).append(atom.number)
        met = _closure({n for _, numbers in self.walk.breakers for n in numbers}, lambda n: self.ring.atoms[n].children)
        return [self._finding(name, number, held, met) for name, number in self.inputs.items()]

    def _finding(self, name: str, number: int, held: set[int], met: set[int]) -> Finding:
        if number not in held:
            seen = _closure({number}, lambda n: self.parents.get(n, ()))
            bits, last = 0, self.ring.atoms[number].last
            for n in seen:
                atom = self.ring.atoms[n]
                bits |= atom.laws
                last = atom.last if atom.last[0] > last[0] else last
            laws = tuple(law for law in LAWS if bits & BITS[law])
            operation = "" if last[1] is None else last[1].equation.primitive.name
            return Finding(name, True, laws, number in met, operation, last[1])
        operation, place = self._stays(number, held)
        return Finding(name, False, (), number in met, operation, place)

    def _stays(self, number: int, held: set[int]) -> tuple[str, Place | None]:
        """The first operation, in program order, that the parameter cannot be taken out of again on its way to the outputs."""
        level, seen = [number], {number}
        first: int | None = None
        while level:
            following: list[int] = []
            for n in level:
                for parent in self.parents.get(n, ()):
                    if parent in seen or parent not in held:
                        continue
                    seen.add(parent)
                    if self.ring.atoms[parent].kind in TRANSPARENT:
                        following.append(parent)
                    elif first is None or parent < first:
                        first = parent
            level = following
        if first is None:
            return "", None
        return self.ring.atoms[first].kind, self.ring.atoms[first].origin


def analyse(jaxpr: Any, tracked: Mapping[int, str], explain: bool = False) -> Analysis:
    """Walk a ClosedJaxpr with these inputs (position → name) tracked, all in one pass.

    Shapes and dtypes only; nothing is allocated. Every other input is a value about which nothing is assumed.
    """
    walk = Walk()
    ring = walk.ring
    inner = jaxpr.jaxpr
    ring.symbols = _symbols(var.aval for var in inner.invars)
    if explain:
        walk.trace = []
    inputs: dict[str, int] = {}
    forms: list[Form] = []
    for k, var in enumerate(inner.invars):
        shape, kind = tuple(getattr(var.aval, "shape", ())), kind_of(getattr(var.aval, "dtype", None))
        axes = tuple(axis for axis, size in enumerate(shape) if not is_one(size))
        atom = ring.atoms.make(("input", k), "input", tuple(shape[axis] for axis in axes), (), k in tracked)
        atom.content = tracked.get(k)
        atom.idempotent = atom.count = kind == "b"
        if k in tracked:
            inputs[tracked[k]] = atom.number
        forms.append(ring.of(atom, axes, shape, kind))
    outputs = walk.run(inner, jaxpr.consts, forms)
    return Analysis(ring, walk, inputs, outputs)


def _symbols(avals: Iterable[Any]) -> tuple[Any, ...]:
    """The symbolic sizes of inputs that are single variables, each once."""
    found: dict[Any, None] = {}
    for aval in avals:
        for size in getattr(aval, "shape", ()):
            if str(size).isidentifier():
                found[size] = None
    return tuple(found)


def _closure(start: Iterable[int], step: Any) -> set[int]:
    seen = set(start)
    stack = list(seen)
    while stack:
        for n in step(stack.pop()):
            if n not in seen:
                seen.add(n)
                stack.append(n)
    return seen
