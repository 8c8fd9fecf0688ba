"""Where a term has a value: every denominator, root and logarithm in it, as conditions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from ..errors import ProofError
from .symbols import Vocabulary
from .term import Apply, Big, Binary, Derivative, Entry, Name, Negative, Number, Term, free_names, substitute
from .unfold import names_within, written_out

ONE = Number(Fraction(1))


@dataclass(frozen=True, slots=True)
class Condition:
    """A term that must be ≠ 0, > 0 or ≥ 0; ``smooth``: a derivative of a maximum, which is left unknown.

    - bound: the indices for every value of which it must hold;
    - own: whether each of these runs over its own range, 1 to its size;
    - sure: whether a term that has a value shows it: not where it comes from a sum over a range that may be empty.
    """

    operator: Literal["!=", ">", ">=", "smooth"]
    term: Term
    bound: tuple[str, ...] = ()
    own: bool = True
    sure: bool = True


class Domain:
    """Conditions for the terms of one vocabulary, remembered."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._bodies: dict[tuple[str, frozenset[str]], tuple[Condition, ...]] = {}
        self._terms: dict[Term, tuple[Condition, ...]] = {}

    def conditions(self, term: Term) -> tuple[Condition, ...]:
        """What must hold for the term to have a value, each once. Raises ProofError where names of indices clash."""
        if term not in self._terms:
            self._terms[term] = tuple(dict.fromkeys(self._of(term, frozenset())))
        return self._terms[term]

    def _of(self, term: Term, wrt: frozenset[str]) -> Iterator[Condition]:
        """`wrt`: what derivatives around the term are taken by."""
        match term:
            case Number() | Name():
                return
            case Entry(_, indices):
                for index in indices:
                    yield from self._of(index, wrt)
            case Negative(body):
                yield from self._of(body, wrt)
            case Binary(op, left, right):
                yield from self._of(left, wrt)
                yield from self._of(right, wrt)
                if op == "/":
                    yield from nonzero(right, self.vocabulary)
                elif op == "**" and not self._counts(right):
                    yield from nonzero(left, self.vocabulary)
            case Apply(function, args):
                for arg in args:
                    yield from self._of(arg, wrt)
                yield from self._function(function, args, wrt)
            case Big():
                yield from self._big(term, wrt)
            case Derivative(body, by):
                name = by.name if isinstance(by, Name) else by.base
                yield from self._of(body, wrt | {name})

    def _counts(self, exponent: Term) -> bool:
        """Whether the exponent is a whole number ≥ 0 for certain."""
        match exponent:
            case Number(value):
                return value >= 0 and value.denominator == 1
            case Name(name):
                return self.vocabulary.symbols[name].sort in ("integer", "count", "size")
            case Binary("+" | "*", left, right):
                return self._counts(left) and self._counts(right)
            case _:
                return False

    def _keeps(self, parameter: str, argument: Term) -> bool:
        """Whether what the body takes for granted of a parameter's sort holds of the argument: a size ends the ranges of indices."""
        if self.vocabulary.symbols[parameter].sort == "size":
            return argument == Name(parameter)
        return self._counts(argument) or not self._counts(Name(parameter))

    def _function(self, function: str, args: tuple[Term, ...], wrt: frozenset[str]) -> Iterator[Condition]:
        moved = bool(wrt) and any(names_within(a, self.vocabulary) & wrt for a in args)
        match function:
            case "sqrt":
                yield Condition(">" if moved else ">=", args[0])
            case "log":
                yield Condition(">", args[0])
            case "abs" | "relu":
                if moved:
                    yield Condition("!=", args[0])
            case "exp" | "delta":
                return
            case _:
                yield from self._defined(function, args, wrt)

    def _defined(self, function: str, args: tuple[Term, ...], wrt: frozenset[str]) -> Iterator[Condition]:
        definition = self.vocabulary.definitions[function]
        if not all(self._keeps(p, a) for p, a in zip(definition.parameters, args, strict=True)):
            try:
                yield from self._of(written_out(Apply(function, args), self.vocabulary), wrt)
            except ValueError as error:
                raise ProofError(f"where `{function}` has a value cannot be told: {error}; rename an index") from error
            return
        inner = frozenset(
            wrt | {p for p, a in zip(definition.parameters, args, strict=True) if names_within(a, self.vocabulary) & wrt}
        )
        if (function, inner) not in self._bodies:
            self._bodies[function, inner] = tuple(dict.fromkeys(self._of(definition.body, inner)))
        values = dict(zip(definition.parameters, args, strict=True))
        outside = frozenset[str]().union(*(free_names(a) for a in args))
        for condition in self._bodies[function, inner]:
            used = free_names(condition.term) & values.keys()
            try:
                if used and outside & {*condition.bound}:
                    raise ValueError(f"an index of its argument is bound inside `{function}`")
                yield replace(condition, term=substitute(condition.term, values))
            except ValueError as error:
                raise ProofError(f"where `{function}` has a value cannot be told: {error}; rename an index") from error

    def _big(self, term: Big, wrt: frozenset[str]) -> Iterator[Condition]:
        for end in (term.lower, term.upper):
            if end is not None:
                yield from self._of(end, wrt)
        own = self._own_range(term)
        if term.kind != "sum" and not own and term.upper is not None and term.lower is not None:
            yield Condition(">", Binary("+", Binary("-", term.upper, term.lower), ONE))
        if term.kind == "max" and wrt & names_within(term.body, self.vocabulary):
            yield Condition("smooth", term)
        for condition in self._of(term.body, wrt):
            if term.kind == "sum" and not own:
                condition = replace(condition, sure=False)
            if term.index in free_names(condition.term):
                yield replace(condition, bound=(*condition.bound, term.index), own=condition.own and own)
            else:
                yield condition

    def _own_range(self, term: Big) -> bool:
        over = self.vocabulary.symbols[term.index].over
        if term.upper is None:
            return over is None
        return over is not None and term.lower == ONE and term.upper == Name(over)


def nonzero(term: Term, vocabulary: Vocabulary) -> Iterator[Condition]:
    """What makes a term ≠ 0: of a product each factor, of a root what is under it; definitions are written out."""
    match term:
        case Number(value) if value:
            return
        case Negative(body):
            yield from nonzero(body, vocabulary)
        case Binary("*", left, right):
            yield from nonzero(left, vocabulary)
            yield from nonzero(right, vocabulary)
        case Binary("/", left, _):
            yield from nonzero(left, vocabulary)
        case Binary("**", base, Number(value)) if value:
            yield from nonzero(base, vocabulary)
        case Apply("sqrt", (arg,)):
            yield Condition(">", arg)
        case Apply("exp", _):
            return
        case Apply(function, _) if function in vocabulary.definitions:
            try:
                yield from nonzero(written_out(term, vocabulary), vocabulary)
            except ValueError:  # one of the definition's indices clashes with one of an argument
                yield Condition("!=", term)
        case _:
            yield Condition("!=", term)
