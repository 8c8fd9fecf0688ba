"""Walking a traced program: from the forms of its inputs to the forms of its outputs, one equation after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import jax
import numpy as np
from jax.extend.core import Literal

from ..jaxpr import Equation, called, opened
from .assumptions import Assumed, assumed
from .constants import constant, kind_of
from .forms import Form, Ring
from .monomials import Terms
from .rules import BITS, RULES, opaque
from .singular import WATCHED, Singular, singular

GRADIENT_BREAKERS = ("stop_gradient", "custom_jvp_call", "custom_vjp_call")
"""Behind these, a value and its derivative need not belong together."""


Loop = Callable[["Walk", Equation, Sequence[Form]], list[Form]]
"""(walk, equation, operands) → the equation's results, from walks of the programs in it."""


class Place:
    """Where in the program an atom was made: the equation and the named scopes around it."""

    __slots__ = ("around", "equation")

    def __init__(self, equation: Equation, around: tuple[str, ...]) -> None:
        self.equation = equation
        self.around = around

    @property
    def scope(self) -> str:
        """The named scopes, outermost first, joined by /."""
        return "/".join((*self.around, str(self.equation.source_info.name_stack)))


class Walk:
    """One analysis of one program. `breakers` collects tainted operands of stop_gradient and custom derivatives.

    loops: by primitive, what to do at equations whose programs run any number of times; without, they are opaque.
    """

    def __init__(self, loops: Mapping[str, Loop], ring: Ring | None = None) -> None:
        self.loops = loops
        self.ring = ring or Ring()
        self.scopes: tuple[str, ...] = ()
        self.breakers: list[tuple[str, tuple[int, ...]]] = []
        self.effects: Terms = {}  # what callbacks and references may have seen so far
        self.count = 0
        self.literals: dict[Any, Form] = {}
        self.singular: list[Singular] = []  # points without a value or a derivative, met whatever the inputs are
        self.underived = False  # whether an operation was met that JAX may not differentiate
        self.inside = 0  # how many loops and branches around
        self.assumed: dict[
            Assumed, int
        ] = {}  # what was taken for granted on a parameter's way, each with its bit in `Atom.laws`
        self.trace: list[tuple[Place, Sequence[Form], Sequence[Form], str]] | None = None  # filled to explain

    def run(self, program: Any, inputs: Sequence[Form]) -> list[Form]:
        """The forms of the outputs of a ClosedJaxpr, for forms of its inputs."""
        return self.ready(program)(inputs)

    def ready(self, program: Any) -> Callable[[Sequence[Form]], list[Form]]:
        """A program that can be run again and again, its constants read now."""
        jaxpr, values = opened(program)
        constants = [self.read(value) for value in values]
        return lambda inputs: self._block(jaxpr, constants, inputs)

    def _block(self, jaxpr: Any, constants: Sequence[Form], inputs: Sequence[Form]) -> list[Form]:
        known: dict[Any, Form] = dict(zip(jaxpr.constvars, constants, strict=True))
        known.update(zip(jaxpr.invars, inputs, strict=True))
        last = _last_uses(jaxpr) if len(jaxpr.eqns) > 64 else None
        literal = self.literal
        for k, equation in enumerate(jaxpr.eqns):
            operands = [literal(var) if isinstance(var, Literal) else known[var] for var in equation.invars]
            for var, form in zip(equation.outvars, self.step(equation, operands), strict=True):
                known[var] = form
                aval: Any = var.aval
                if form.shape is not getattr(aval, "shape", None) or form.dtype != kind_of(aval.dtype):
                    _check(equation, aval, form)
            if last is not None:
                for var in last.get(k, ()):
                    del known[var]
        return [literal(var) if isinstance(var, Literal) else known[var] for var in jaxpr.outvars]

    def step(self, equation: Equation, operands: Sequence[Form]) -> list[Form]:
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
        if name in WATCHED and (point := singular(place, equation, operands, not self.inside)) is not None:
            self.singular.append(point)
        found = RULES.get(name)
        law = "congruence" if found is None else found.law
        if found is not None and not equation.effects:
            results = found.apply(self.ring, equation, operands)
        elif (inner := called(equation)) is not None:
            results = self._inside(inner, operands, str(equation.source_info.name_stack))
            atoms.origin = before
            return results
        elif name in self.loops:
            self.inside += 1
            self.underived = self.underived or name == "while"
            results = self.loops[name](self, equation, operands)
            self.inside -= 1
        elif equation.effects:
            self.underived = True
            results = self._effectful(equation, operands)
        else:
            self.underived = True
            results = opaque(self.ring, equation, operands)
        if tainted:
            self._mark(operands, BITS[law] | self._assumptions(equation, operands), place)
            if self.trace is not None:
                self.trace.append((place, operands, results, law))
        atoms.origin = before
        return results

    def _inside(self, program: Any, operands: Sequence[Form], scope: str) -> list[Form]:
        outer, self.scopes = self.scopes, (*self.scopes, scope) if scope else self.scopes
        results = self.run(program, operands)
        self.scopes = outer
        return results

    def _effectful(self, equation: Equation, operands: Sequence[Form]) -> list[Form]:
        """Never hash-consed, and it may see what any earlier effect saw."""
        results = opaque(self.ring, equation, [*operands, Form(self.effects, (), "V", True)])
        children = self.ring.children(m for form in operands for m in form.terms)
        if children or self.effects:
            self.happened(children)
        return results

    def happened(self, children: Sequence[int]) -> None:
        """An effect that saw these tainted atoms, and may have seen what earlier effects saw."""
        inside = tuple(dict.fromkeys((*children, *self.ring.children(self.effects))))
        atom = self.ring.atoms.opaque(None, "effect", (), inside)
        self.effects = {((atom.number, (), 1),): 1}

    def _assumptions(self, equation: Equation, operands: Sequence[Form]) -> int:
        """The bits of what is assumed at an equation; they lie above those of the laws."""
        bits = 0
        for one in assumed(self.ring, equation, operands):
            bits |= self.assumed.setdefault(one, 1 << (len(BITS) + len(self.assumed)))
        return bits

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
                self.ring.atoms.kept.append(value)
            return self.ring.of(atom, tuple(range(len(value.shape))), tuple(value.shape), kind)
        return constant(self.ring, value)


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


def _check(equation: Equation, aval: Any, form: Form) -> None:
    """A result has the shape and the kind of dtype that the program says: a rule that errs here errs loudly."""
    if (form.shape, form.dtype) != (getattr(aval, "shape", ()), kind_of(getattr(aval, "dtype", None))):
        name = equation.primitive.name
        raise AssertionError(f"the rule of `{name}` gives {form.dtype}{form.shape}, but the program says {aval}")


def _derivative_may_differ(equation: Equation) -> bool:
    """Custom derivatives that JAX's own library gives its functions (softplus, relu) are right; a user's need not be."""
    if equation.primitive.name == "stop_gradient":
        return True
    jaxpr, _ = opened(called(equation))
    name = str(getattr(getattr(jaxpr, "debug_info", None), "func_filename", "") or "")
    return not name.startswith(_JAX)


_JAX = str(Path(jax.__file__).parent)
