"""Walking a traced program: from the forms of its inputs to the forms of its outputs, one equation after the other."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any

import jax
import numpy as np
from jax.extend.core import Literal

from . import loops
from .constants import constant, kind_of
from .forms import Form, Ring, Terms
from .rules import BITS, RULES, opaque

INSIDE = {
    "jit": "jaxpr",
    "closed_call": "call_jaxpr",
    "eval_jaxpr": "call_jaxpr",
    "custom_jvp_call": "call_jaxpr",
    "custom_vjp_call": "call_jaxpr",
    "remat2": "jaxpr",
}
"""Programs inside an equation that are simply run on its operands, and the parameter that holds them.

What JAX 0.10 calls closed_call is eval_jaxpr in 0.12.
"""

STATEFUL = ("rng_uniform",)
"""Operations without declared effects that nevertheless give another result each time."""

GRADIENT_BREAKERS = ("stop_gradient", "custom_jvp_call", "custom_vjp_call")
"""Behind these, a value and its derivative need not belong together."""


class Place:
    """Where in the program an atom was made: the equation and the named scopes around it."""

    __slots__ = ("around", "equation")

    def __init__(self, equation: Any, around: tuple[str, ...]) -> None:
        self.equation = equation
        self.around = around

    @property
    def scope(self) -> str:
        """The named scopes, outermost first, joined by /."""
        return "/".join((*self.around, str(self.equation.source_info.name_stack)))


class Walk:
    """One analysis of one program. `breakers` collects tainted operands of stop_gradient and custom derivatives."""

    def __init__(self, ring: Ring | None = None) -> None:
        self.ring = ring or Ring()
        self.scopes: tuple[str, ...] = ()
        self.breakers: list[tuple[str, tuple[int, ...]]] = []
        self.effects: Terms = {}  # what callbacks and references may have seen so far
        self.count = 0
        self.literals: dict[Any, Form] = {}
        self.trace: list[tuple[Place, Sequence[Form], Sequence[Form], str]] | None = None  # filled to explain

    def run(self, jaxpr: Any, constants: Sequence[Any], inputs: Sequence[Form]) -> list[Form]:
        """The outputs' forms. `constants` are arrays, `inputs` forms of the program's inputs."""
        return self.block(jaxpr, [self.read(value) for value in constants], inputs)

    def block(self, jaxpr: Any, constants: Sequence[Form], inputs: Sequence[Form]) -> list[Form]:
        """The same for a nested program, whose constants are forms already."""
        known: dict[Any, Form] = dict(zip(jaxpr.constvars, constants, strict=True))
        known.update(zip(jaxpr.invars, inputs, strict=True))
        last = _last_uses(jaxpr) if len(jaxpr.eqns) > 64 else None
        literal = self.literal
        for k, equation in enumerate(jaxpr.eqns):
            operands = [literal(var) if isinstance(var, Literal) else known[var] for var in equation.invars]
            for var, form in zip(equation.outvars, self.step(equation, operands), strict=True):
                known[var] = form
            if last is not None:
                for var in last.get(k, ()):
                    del known[var]
        return [literal(var) if isinstance(var, Literal) else known[var] for var in jaxpr.outvars]

    def step(self, equation: Any, operands: Sequence[Form]) -> list[Form]:
        """One equation: a nested program, a loop, a rule, or an opaque operation."""
        name = equation.primitive.name
        place = Place(equation, self.scopes)
        atoms = self.ring.atoms
        before, atoms.origin = atoms.origin, place
        tainted = False
        for form in operands:
            if form.tainted:
                tainted = True
                break
        if tainted and name in GRADIENT_BREAKERS and _derivative_may_differ(equation):
            self.breakers.append((name, self.ring.children(m for form in operands for m in form.terms)))
        found = RULES.get(name)
        law = "congruence" if found is None else found.law
        if found is not None and not equation.effects:
            results = found.apply(self, equation, operands)
        elif name in INSIDE and INSIDE[name] in equation.params:
            results = self._inside(equation, operands, str(equation.source_info.name_stack))
            atoms.origin = before
            return results
        elif name in loops.LOOPS:
            results = loops.LOOPS[name](self, equation, operands)
        elif equation.effects:
            results = self._effectful(equation, operands)
        else:
            results = opaque(self, equation, operands)
        if tainted:
            self._mark(operands, BITS[law], place)
            if self.trace is not None:
                self.trace.append((place, operands, results, law))
        atoms.origin = before
        return results

    def _inside(self, equation: Any, operands: Sequence[Form], scope: str) -> list[Form]:
        inner = equation.params[INSIDE[equation.primitive.name]]
        outer, self.scopes = self.scopes, (*self.scopes, scope) if scope else self.scopes
        jaxpr = getattr(inner, "jaxpr", inner)
        constants = [self.read(value) for value in getattr(inner, "consts", ())]
        results = self.block(jaxpr, constants, operands)
        self.scopes = outer
        return results

    def _effectful(self, equation: Any, operands: Sequence[Form]) -> list[Form]:
        """Never hash-consed, and it may see what any earlier effect saw."""
        world = Form(self.effects, (), "V", True)
        results = opaque(self, equation, [*operands, world])
        children = self.ring.children(m for form in (*operands, world) for m in form.terms)
        if children:
            atom = self.ring.atoms.make(None, "effect", (), children)
            self.effects = {((atom.number, (), 1),): 1}
        return results

    def _mark(self, operands: Sequence[Form], bit: int, place: Place) -> None:
        self.count += 1
        now = (self.count, place)
        every = self.ring.atoms.all
        for form in operands:
            if form.tainted:
                for monomial in form.terms:
                    for number, _, _ in monomial:
                        atom = every[number]
                        if atom.tainted:
                            atom.laws |= bit
                            atom.last = now

    def literal(self, var: Literal) -> Form:
        """The form of a literal in the program."""
        aval: Any = var.aval
        value: Any = var.val
        key = (value, aval.dtype, type(value)) if isinstance(value, int | float | bool) else None
        if key is None:
            array = np.asarray(value)
            if array.ndim == 0:
                key = (array.item(), aval.dtype, float) if array.dtype.kind in "fiub" else None
        if key is None:
            return self.read(value)
        found = self.literals.get(key)
        if found is None:
            found = self.literals[key] = constant(self.ring, value, aval.dtype)
        return found if found.shape == tuple(aval.shape) else Form(found.terms, tuple(aval.shape), found.dtype, found.tainted)

    def read(self, value: Any) -> Form:
        """The form of a constant array of the program."""
        if isinstance(value, Form):
            return value
        kind = kind_of(value.dtype) if hasattr(value, "dtype") else kind_of(np.asarray(value).dtype)
        if kind == "V":
            key = ("object", id(value))
            atom = self.ring.atoms.find(key)
            if atom is None:
                atom = self.ring.atoms.make(key, "constant", tuple(value.shape))
                atom.content = value  # keeps it alive, so that its id stays its own
            return self.ring.of(atom, tuple(range(len(value.shape))), tuple(value.shape), kind)
        return constant(self.ring, value)

    def signature(self, equation: Any, operands: Sequence[Form]) -> tuple[Hashable, ...] | None:
        """What an opaque operation depends on; None if it may not be taken for another one."""
        if equation.effects or equation.primitive.name in STATEFUL:
            return None
        params = frozen(equation.params)
        if params is None:
            return None
        avals = tuple((getattr(var.aval, "shape", ()), str(var.aval)) for var in (*equation.invars, *equation.outvars))
        inside = tuple((form.key(), form.shape, form.dtype) for form in operands)
        return (equation.primitive, params, avals, inside)


def frozen(params: Mapping[str, Any]) -> tuple[Hashable, ...] | None:
    """Parameters of an equation as a key; None if one of them cannot be compared."""
    items = tuple(sorted(params.items(), key=lambda item: item[0]))
    try:
        hash(items)
    except TypeError:
        return None
    return items


def _last_uses(jaxpr: Any) -> dict[int, list[Any]]:
    """After which equation a value is not used again, so that a long program does not keep every form."""
    kept = {var for var in jaxpr.outvars if not isinstance(var, Literal)}
    seen: set[Any] = set()
    last: dict[int, list[Any]] = {}
    for k in range(len(jaxpr.eqns) - 1, -1, -1):
        equation = jaxpr.eqns[k]
        for var in (*equation.invars, *equation.outvars):
            if not isinstance(var, Literal) and var not in kept and var not in seen:
                seen.add(var)
                last.setdefault(k, []).append(var)
    return last


def _derivative_may_differ(equation: Any) -> bool:
    """Custom derivatives that JAX's own library gives its functions (softplus, relu) are right; a user's need not be."""
    if equation.primitive.name == "stop_gradient":
        return True
    inner = equation.params.get(INSIDE.get(equation.primitive.name, ""))
    name = str(getattr(getattr(getattr(inner, "jaxpr", inner), "debug_info", None), "func_filename", "") or "")
    return not name.startswith(_JAX)


_JAX = str(Path(jax.__file__).parent)
