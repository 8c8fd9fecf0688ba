"""Terms: mathematical expressions that keep the order and shape in which their author wrote them.

A term is what a reader sees and what the two checks receive, one and the same object: the LaTeX, the
terminal text, the SymPy expression and the exact rational value of a step are all computed from it, so
none of them can drift away from what was checked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Operator = Literal["+", "-", "*", "/", "**"]
BigKind = Literal["sum", "mean", "var", "max"]


@dataclass(frozen=True, slots=True)
class Number:
    """An exact rational constant."""

    value: Fraction


@dataclass(frozen=True, slots=True)
class Name:
    """A scalar symbol, an index or a size, named as in the glossary."""

    name: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a sequence, ``z[i]`` or ``w[i, j]``."""

    base: str
    indices: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Binary:
    """``left op right`` with op one of ``+ - * / **``."""

    op: Operator
    left: Term
    right: Term


@dataclass(frozen=True, slots=True)
class Negative:
    """``-body``."""

    body: Term


@dataclass(frozen=True, slots=True)
class Apply:
    """A function of the language (sqrt, exp, log, relu, abs, delta) or a theorem's own definition, applied."""

    function: str
    args: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Big:
    """A sum, mean, variance (divided by the count) or maximum of `body` over `index` from `lower` to `upper`.

    `upper` None marks the sum over all integers; it is used for sequences with finitely many nonzero entries.
    """

    kind: BigKind
    index: str
    lower: Term | None
    upper: Term | None
    body: Term


@dataclass(frozen=True, slots=True)
class Derivative:
    """The partial derivative of `body` with respect to a scalar symbol or one entry of a sequence."""

    body: Term
    wrt: Name | Entry


Term = Number | Name | Entry | Binary | Negative | Apply | Big | Derivative


def children(term: Term) -> tuple[Term, ...]:
    """The direct subterms, in reading order."""
    match term:
        case Number() | Name():
            return ()
        case Entry(_, indices):
            return indices
        case Binary(_, left, right):
            return (left, right)
        case Negative(body):
            return (body,)
        case Apply(_, args):
            return args
        case Big(_, _, lower, upper, body):
            return (*(t for t in (lower, upper) if t is not None), body)
        case Derivative(body, wrt):
            return (body, wrt)


def walk(term: Term) -> Iterator[Term]:
    """The term and all its subterms, outermost first."""
    yield term
    for child in children(term):
        yield from walk(child)


def rebuild(term: Term, change: Callable[[Term], Term]) -> Term:
    """The same node with `change` applied to each direct subterm."""
    match term:
        case Number() | Name():
            return term
        case Entry(base, indices):
            return Entry(base, tuple(change(t) for t in indices))
        case Binary(op, left, right):
            return Binary(op, change(left), change(right))
        case Negative(body):
            return Negative(change(body))
        case Apply(function, args):
            return Apply(function, tuple(change(t) for t in args))
        case Big(kind, index, lower, upper, body):
            return Big(
                kind,
                index,
                None if lower is None else change(lower),
                None if upper is None else change(upper),
                change(body),
            )
        case Derivative(body, wrt):
            changed = change(wrt)
            if not isinstance(changed, Name | Entry):
                raise TypeError(f"a derivative is taken with respect to a symbol or an entry, not {changed!r}")
            return Derivative(change(body), changed)


def free_names(term: Term) -> frozenset[str]:
    """Scalar symbols, indices and sequence names that occur free (definitions are not entered)."""
    match term:
        case Name(name):
            return frozenset({name})
        case Entry(base, indices):
            return frozenset({base}).union(*map(free_names, indices))
        case Big(_, index, lower, upper, body):
            bounds = frozenset().union(*(free_names(t) for t in (lower, upper) if t is not None))
            return bounds | (free_names(body) - {index})
        case _:
            return frozenset().union(*map(free_names, children(term)))


def substitute(term: Term, values: Mapping[str, Term]) -> Term:
    """Replace free scalar names by terms. Raises ValueError where a bound index would capture a replacement."""
    if isinstance(term, Name):
        return values.get(term.name, term)
    if isinstance(term, Big):
        inner = {name: value for name, value in values.items() if name != term.index}
        used = free_names(term.body)
        for name, value in inner.items():
            if name in used and term.index in free_names(value):
                raise ValueError(f"the bound index {term.index} would capture the {term.index} in the value of {name}")
        bounds = [None if t is None else substitute(t, values) for t in (term.lower, term.upper)]
        return Big(term.kind, term.index, bounds[0], bounds[1], substitute(term.body, inner))
    return rebuild(term, lambda t: substitute(t, values))
