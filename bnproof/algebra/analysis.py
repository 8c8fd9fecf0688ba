"""What an analysis of a traced program says of each tracked input: whether it can influence the outputs, and why."""

from __future__ import annotations

import gc
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ..jaxpr import Dim, is_one, opened, symbols
from ..laws import LAWS
from .assumptions import Assumed
from .atoms import LINEAR
from .constants import kind_of
from .forms import Form, Ring
from .loops import LOOPS
from .rules import BITS
from .walk import Place, Walk


@dataclass(frozen=True)
class Finding:
    """One tracked input. `free`: no output's form holds it, so it influences none; else the first operation it stays behind
    (`place` is then where that is; if free, the last place that a value with it went to).

    `laws`: the laws applied to values that hold it; `assumed`: what was taken for granted there; `broken`: a stop_gradient or a custom
    derivative met it on the way.
    """

    name: str
    free: bool
    laws: tuple[str, ...]
    broken: bool
    operation: str = ""
    place: Place | None = None
    assumed: tuple[Assumed, ...] = ()


@dataclass(frozen=True)
class Analysis:
    """The outputs' forms of one program, and the way from each tracked input to the outputs."""

    ring: Ring
    walk: Walk
    inputs: Mapping[str, int]
    outputs: Sequence[Form]

    def reached(self, outputs: Sequence[int] | None = None) -> set[int]:
        """Numbers of all tainted atoms that these outputs (all by default) hold, at any depth; without entries, they hold none."""
        chosen = self.outputs if outputs is None else [self.outputs[k] for k in outputs]
        chosen = [form for form in chosen if not any(isinstance(size, int) and size == 0 for size in form.shape)]
        start = {number for form in chosen for number in self.ring.children(form.terms)}
        return _closure(start, lambda number: self.ring.atoms[number].children)

    def findings(self, outputs: Sequence[int] | None = None) -> list[Finding]:
        """One finding a tracked input, for these outputs taken together (all by default)."""
        every = self.ring.atoms.all
        held = self.reached(outputs)
        met = _closure({n for _, numbers in self.walk.breakers for n in numbers}, lambda n: every[n].children)
        upward = self._upward(held)
        found: list[Finding] = []
        for name, number in self.inputs.items():
            first, laws, last = upward.get(number, (None, 0, (-1, None)))
            taken = tuple(one for one, bit in self.walk.assumed.items() if laws & bit)
            if number in held:
                atom = None if first is None else every[first]
                operation, place = ("", None) if atom is None else (atom.operation, atom.origin)
                found.append(Finding(name, False, (), number in met, operation, place, taken))
            else:
                operation = "" if last[1] is None else last[1].equation.primitive.name
                names = tuple(law for law in LAWS if laws & BITS[law])
                found.append(Finding(name, True, names, number in met, operation, last[1], taken))
        return found

    def _upward(self, held: set[int]) -> dict[int, tuple[int | None, int, tuple[int, Any]]]:
        """For each tainted atom: (the first opaque atom on a way from it to the outputs, laws applied, last place it went to).

        One pass from the newest atom to the oldest: what an atom is inside of is newer, but for a loop's head, which is opaque.
        """
        every = self.ring.atoms.all
        gathered: dict[int, tuple[int | None, int, tuple[int, Any]]] = {}
        for number in range(len(every) - 1, -1, -1):
            atom = every[number]
            if not atom.tainted:
                continue
            first, laws, last = gathered.get(number, (None, 0, (-1, None)))
            laws |= atom.laws
            if atom.last[0] > last[0]:
                last = atom.last
            gathered[number] = (first, laws, last)
            own = first if atom.kind in LINEAR else number
            for child in atom.children:
                known = gathered.get(child, (None, 0, (-1, None)))
                best = known[0]
                if own is not None and number in held and (best is None or own < best):
                    best = own
                gathered[child] = (best, known[1] | laws, max(known[2], last, key=lambda place: place[0]))
        return gathered


def analyse(jaxpr: Any, tracked: Mapping[int, str], explain: bool = False) -> Analysis:
    """Walk a ClosedJaxpr with these inputs (position → name) tracked, all in one pass.

    Shapes and dtypes only; nothing is allocated. Every other input is a value about which nothing is assumed.
    """
    walk = Walk(LOOPS)
    ring = walk.ring
    variables = opened(jaxpr)[0].invars
    ring.symbols = symbols(var.aval for var in variables)
    if explain:
        walk.trace = []
    inputs: dict[str, int] = {}
    forms: list[Form] = []
    for k, var in enumerate(variables):
        shape: tuple[Dim, ...] = tuple(getattr(var.aval, "shape", ()))
        kind = kind_of(getattr(var.aval, "dtype", None))
        axes = tuple(axis for axis, size in enumerate(shape) if not is_one(size))
        sizes = tuple(shape[axis] for axis in axes)
        held = k in tracked and not any(isinstance(size, int) and size == 0 for size in shape)  # nothing depends on no entries
        atom = ring.atoms.make(("input", k), "input", sizes, (), held, tracked.get(k, ""))
        atom.boolean(kind == "b")
        if k in tracked:
            inputs[tracked[k]] = atom.number
        forms.append(ring.of(atom, axes, shape, kind))
    with _no_collection():
        outputs = walk.run(jaxpr, forms)
    return Analysis(ring, walk, inputs, outputs)


@contextmanager
def _no_collection() -> Generator[None]:
    """Forms and atoms hold no cycles; looking for some among a hundred thousand of them costs more than the analysis."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _closure(start: Iterable[int], step: Any) -> set[int]:
    seen = set(start)
    stack = list(seen)
    while stack:
        for n in step(stack.pop()):
            if n not in seen:
                seen.add(n)
                stack.append(n)
    return seen
