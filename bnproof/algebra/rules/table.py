"""The table of rules: from a primitive's name to the function that applies it to forms, and the law it cites."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from ...jaxpr import STATEFUL, Equation, is_one
from ...laws import LAWS
from ..constants import kind_of
from ..forms import Form, Ring
from ..monomials import Shape, Terms

Apply = Callable[[Ring, Equation, Sequence[Form]], list[Form]]
"""(ring, equation, operands) → the equation's results."""


@dataclass(frozen=True)
class Rule:
    """What to do at a primitive, and the law that justifies it."""

    apply: Apply
    law: str


RULES: dict[str, Rule] = {}
"""Rules by primitive name. A primitive without a rule is an opaque operation."""

BITS = {name: 1 << k for k, name in enumerate(LAWS)}
"""Each law's bit in `Atom.laws`."""


def rule(*primitives: str, law: str) -> Callable[[Apply], Apply]:
    """Register the decorated function for these primitives. Raises ValueError for a second rule or an unknown law."""
    if law not in LAWS:
        raise ValueError(f"no law is called `{law}`")

    def register(function: Apply) -> Apply:
        for primitive in primitives:
            if primitive in RULES:
                raise ValueError(f"the primitive `{primitive}` has two rules")
            RULES[primitive] = Rule(function, law)
        return function

    return register


def result(equation: Equation, k: int = 0) -> tuple[Shape, str]:
    """Shape and dtype kind of an equation's k-th result."""
    aval = equation.outvars[k].aval
    return tuple(aval.shape), kind_of(aval.dtype)


def types(equation: Equation) -> tuple[str, ...]:
    """The dtypes of an equation that is not floating throughout: an operation of 8 bits is not that of 16.

    Casts between floating types are the identity, so floating types make no difference.
    """
    names = [(var.aval.dtype, str(var.aval.dtype)) for var in (*equation.invars, *equation.outvars)]
    return () if all(kind_of(dtype) in "fcb" for dtype, _ in names) else tuple(name for _, name in names)


def pointwise(ring: Ring, name: str, operands: Sequence[Form], shape: Shape, kind: str, extra: tuple[Any, ...] = ()) -> Form:
    """An opaque operation on each entry: it uses the axes its operands use."""
    atom, axes = ring.wrap(name, extra, [form.terms for form in operands], shape)
    if kind == "b":
        atom.boolean()
    return ring.of(atom, axes, shape, kind)


def opaque(ring: Ring, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """An operation nothing is known of but its operands: every axis of every result may depend on all of them."""
    key = signature(equation, operands)
    children = ring.children(monomial for form in operands for monomial in form.terms)
    infinite = any(ring.infinite(form.terms) for form in operands)
    forms: list[Form] = []
    for k in range(len(equation.outvars)):
        shape, kind = result(equation, k)
        axes = tuple(axis for axis, size in enumerate(shape) if not is_one(size))
        found = None if key is None else (*key, k)
        atom = ring.atoms.find(found) if found is not None else None
        if atom is None:
            atom = ring.atoms.opaque(found, equation.primitive.name, tuple(shape[axis] for axis in axes), children)
            atom.infinite = infinite
            atom.boolean(kind == "b")
        forms.append(ring.of(atom, axes, shape, kind))
    return forms


def signature(equation: Equation, operands: Sequence[Form]) -> tuple[Hashable, ...] | None:
    """What an opaque operation depends on; None if it may not be taken for another one."""
    if equation.effects or equation.primitive.name in STATEFUL:
        return None
    params = tuple(sorted(equation.params.items(), key=lambda item: item[0]))
    try:
        hash(params)
    except TypeError:  # a parameter that cannot be compared
        return None
    avals = tuple((getattr(var.aval, "shape", ()), str(var.aval)) for var in (*equation.invars, *equation.outvars))
    inside = tuple((form.key(), form.shape, form.dtype) for form in operands)
    return (equation.primitive, params, avals, inside)


def along(
    ring: Ring, name: str, extra: tuple[Any, ...], operands: Sequence[Form], shape: Shape, kind: str, axes: Sequence[int]
) -> Form:
    """An opaque operation that is known to use only these axes of its result (others, and axes of size 1, are left out)."""
    axes = tuple(axis for axis in axes if not is_one(shape[axis]))
    key = (name, extra, shape, axes, tuple((form.key(), form.shape) for form in operands))
    atom = ring.atoms.find(key)
    if atom is None:
        children = ring.children(monomial for form in operands for monomial in form.terms)
        atom = ring.atoms.opaque(key, name, tuple(shape[axis] for axis in axes), children)
        atom.infinite = any(ring.infinite(form.terms) for form in operands)
        atom.boolean(kind == "b")
    return ring.of(atom, axes, shape, kind)


def split(ring: Ring, form: Form, axes: int) -> tuple[Terms, Form]:
    """(the terms that use none of these axes and are finite, the others).

    A shift by −∞ would keep maxima, but not their places: −∞ is equal to −∞.
    """
    uniform: Terms = {}
    rest: Terms = {}
    for monomial, coefficient in form.terms.items():
        stays = ring.about(monomial)[1] & axes or ring.infinite([monomial])
        (rest if stays else uniform)[monomial] = coefficient
    return uniform, ring.form(rest, form.shape, form.dtype) if uniform else form
