"""The table of rules: from a primitive's name to the function that applies it to forms, and the law it cites."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...laws import LAWS
from ..constants import kind_of
from ..forms import Form, Ring, Shape, Terms

if TYPE_CHECKING:
    from ..walk import Walk

Equation = Any
"""An equation of a jaxpr: primitive, params, invars, outvars, effects, source_info."""
Apply = Callable[["Walk", Equation, Sequence[Form]], list[Form]]


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


def opaque(walk: Walk, equation: Equation, operands: Sequence[Form]) -> list[Form]:
    """An operation nothing is known of but its operands: every axis of every result may depend on all of them."""
    ring = walk.ring
    key = walk.signature(equation, operands)
    children = ring.children(monomial for form in operands for monomial in form.terms)
    infinite = any(ring.infinite(form.terms) for form in operands)
    forms: list[Form] = []
    for k in range(len(equation.outvars)):
        shape, kind = result(equation, k)
        axes = tuple(axis for axis, size in enumerate(shape) if not is_one(size))
        found = None if key is None else (*key, k)
        atom = ring.atoms.find(found) if found is not None else None
        if atom is None:
            atom = ring.atoms.make(found, equation.primitive.name, tuple(shape[axis] for axis in axes), children)
            atom.infinite = infinite
            atom.boolean(kind == "b")
        forms.append(ring.of(atom, axes, shape, kind))
    return forms


def along(
    walk: Walk, name: str, extra: tuple[Any, ...], operands: Sequence[Form], shape: Shape, kind: str, axes: Sequence[int]
) -> Form:
    """An opaque operation that is known to use only these axes of its result (others, and axes of size 1, are left out)."""
    ring = walk.ring
    axes = tuple(axis for axis in axes if not is_one(shape[axis]))
    key = (name, extra, shape, axes, tuple((form.key(), form.shape) for form in operands))
    atom = ring.atoms.find(key)
    if atom is None:
        children = ring.children(monomial for form in operands for monomial in form.terms)
        atom = ring.atoms.make(key, name, tuple(shape[axis] for axis in axes), children)
        atom.infinite = any(ring.infinite(form.terms) for form in operands)
        atom.boolean(kind == "b")
    return ring.of(atom, axes, shape, kind)


def common(first: Terms, *others: Terms) -> Terms:
    """The terms that all have, with equal coefficients."""
    return {
        monomial: coefficient
        for monomial, coefficient in first.items()
        if all(terms.get(monomial) == coefficient for terms in others)
    }


def split(ring: Ring, terms: Terms, axes: int) -> tuple[Terms, Terms]:
    """(terms that use none of these axes and are finite, the others).

    A shift by −∞ would keep maxima, but not their places: −∞ is equal to −∞.
    """
    uniform: Terms = {}
    rest: Terms = {}
    for monomial, coefficient in terms.items():
        stays = ring.about(monomial)[1] & axes or ring.infinite([monomial])
        (rest if stays else uniform)[monomial] = coefficient
    return uniform, rest


def is_one(size: Any) -> bool:
    """Whether a size is the int 1; a symbolic size never is."""
    return isinstance(size, int) and size == 1


def may_be_empty(size: Any) -> bool:
    """Whether a size may be 0: a symbol never is, n − 1 may be."""
    if isinstance(size, int):
        return size == 0
    try:
        return not size >= 1
    except Exception:  # JAX cannot decide it
        return True


def mask(axes: Sequence[int]) -> int:
    """Axes as a bit set."""
    total = 0
    for axis in axes:
        total |= 1 << axis
    return total
