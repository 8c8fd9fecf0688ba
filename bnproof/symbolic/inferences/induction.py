"""Induction on t, for recursions of one or several quantities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from ...errors import ProofError
from ..evaluate import NO_VALUE, Instance, equal
from ..exact import Exact
from ..fact import Fact, Quantity, Recursion
from ..jet import Number
from ..messages import shown
from ..relation import Relation
from ..symbols import Replacement
from ..term import Apply, Binary, Name, Term, free_names, substitute, walk
from ..term import Number as Constant
from ..unfold import names_within
from .item import Context, Steps, argued_from

if TYPE_CHECKING:  # the checker brings SymPy; a theorem is only data
    from ..checker import Checker

_MOMENTS = 5


@dataclass(frozen=True)
class State:
    """One quantity of the recursion: ``name`` starts at `start` and becomes `update`, which may mention every quantity and the time.

    `closed` is the claim, in terms of the time. `base` leads from closed(0) to start, `step` from the update, with the
    claims inserted, to closed(t+1).
    """

    name: str
    start: str
    update: str
    closed: str
    base: Steps = ()
    step: Steps = ()


@dataclass(frozen=True)
class _Read:
    """A state, read."""

    state: State
    name: str
    start: Term
    update: Term
    closed: Term


@dataclass(frozen=True)
class Induction:
    """The quantities start and are updated together; then each is its closed form at every time t ≥ 0.

    Base and step of each are checked, and so is the recursion itself, run for a few steps in exact arithmetic.
    """

    claim: str
    time: str
    states: tuple[State, ...]
    label: str = ""
    given: tuple[str, ...] = ()
    since: tuple[str, ...] = ()

    def check(self, checker: Checker, context: Context) -> tuple[Fact, ...]:
        """Raises ProofError if a base or a step fails, or the recursion run by hand disagrees."""
        inner = checker.supposing(checker.relations(self.given), argued_from(self.since, context))
        read = self._read(inner)
        self._require_separate(read, inner)
        at_zero = inner.narrowed({self.time: Replacement((), Constant(Fraction(0)))})
        together = inner.narrowed({r.name: Replacement((), r.closed) for r in read})
        defined = [condition for r in read for condition in inner.domain.conditions(r.closed)]
        for condition in defined:
            if self.time in names_within(condition.term, inner.vocabulary) and not inner.known.meets(condition):
                raise ProofError(
                    f"a closed form may be undefined at some time, where the step begins nowhere: nothing shows "
                    f"{inner.plain(condition.term)} {condition.operator} 0; suppose it (given=…)"
                )
        for r in read:
            base = [expression for expression, _ in r.state.base]
            at_zero.chain(r.closed, [*map(at_zero.parse, base), r.start], expressions=[*base, r.state.start])
            together.require(together.knowing(defined), r.update, r.closed)
            step = [expression for expression, _ in r.state.step]
            together.chain(r.update, [*map(together.parse, step), self.one_later(r.closed)], defined, [*step, r.state.closed])
        inner.checks += at_zero.checks + together.checks
        self.run_by_hand(inner)
        checker.checks += inner.checks
        recursion = Recursion(self.time, tuple(Quantity(r.name, r.start, r.update) for r in read))
        return tuple(Fact(Relation(Name(r.name), "==", r.closed), inner.given, recursion=recursion) for r in read)

    def at_zero(self, closed: Term) -> Term:
        """The claim at time 0."""
        return substitute(closed, {self.time: Constant(Fraction(0))})

    def one_later(self, closed: Term) -> Term:
        """The claim one step later."""
        return substitute(closed, {self.time: Binary("+", Name(self.time), Constant(Fraction(1)))})

    def _read(self, checker: Checker) -> tuple[_Read, ...]:
        found: list[_Read] = []
        if not self.states or len({s.name for s in self.states}) != len(self.states):
            raise ProofError("a recursion has at least one quantity, and names each once")
        for text, sorts in ((self.time, ("integer",)), *((s.name, ("real",)) for s in self.states)):
            term = checker.parse(text)
            if not isinstance(term, Name) or checker.vocabulary.symbols[term.name].sort not in sorts:
                raise ProofError(
                    f"the time of a recursion is an integer symbol, its quantities are real scalar symbols, not `{text}`"
                )
        for s in self.states:
            found.append(_Read(s, s.name, *map(checker.parse, (s.start, s.update, s.closed))))
        return tuple(found)

    def _require_separate(self, read: tuple[_Read, ...], checker: Checker) -> None:
        """A claim may not speak of what it claims, a start not of the time, a hypothesis of neither."""
        moving = {r.name for r in read}
        for r in read:
            for term, names in ((r.closed, moving), (r.start, moving | {self.time})):
                clash = names_within(term, checker.vocabulary) & names
                if clash:
                    raise ProofError(
                        f"`{checker.plain(term)}` mentions {', '.join(sorted(clash))}, which changes in the recursion"
                    )
            self._require_open_time(r.closed, checker)
        for relation in checker.supposed:
            clash = names_within(relation.difference, checker.vocabulary) & (moving | {self.time})
            if clash:
                raise ProofError(
                    f"{checker.said(relation)} is supposed, but {', '.join(sorted(clash))} changes in the recursion"
                )
        if any(name in layer for layer in checker.layers for name in moving | {self.time}):
            raise ProofError("what changes in a recursion cannot be fixed by the case at hand")

    def _require_open_time(self, closed: Term, checker: Checker) -> None:
        """The time must stand in the closed form itself, or be handed to a definition, not hide inside one."""
        pending, seen = [closed], set[str]()
        while pending:
            for part in walk(pending.pop()):
                definition = checker.vocabulary.definitions.get(part.function) if isinstance(part, Apply) else None
                if definition is None or definition.name in seen:
                    continue
                seen.add(definition.name)
                if self.time in free_names(definition.body) - {*definition.parameters}:
                    raise ProofError(f"`{definition.name}` depends on {self.time}: make that a parameter")
                pending.append(definition.body)

    def run_by_hand(self, checker: Checker) -> None:
        """The recursion itself, a few steps from the start in exact arithmetic. Raises ProofError where it leaves the claim."""
        read = self._read(checker)
        for instance in checker.instances(*(t for r in read for t in (r.start, r.update, r.closed))):
            values: dict[str, Number] = {r.name: instance.value(r.start) for r in read}
            for moment in range(_MOMENTS):
                now = moved(instance, {self.time: Fraction(moment)})
                values = self._next(read, values, now, moment)
            checker.checks += 1

    def _next(self, read: tuple[_Read, ...], values: Mapping[str, Number], now: Instance, moment: int) -> dict[str, Number]:
        """The values one step later, the present ones compared with the claims."""
        present: dict[str, Fraction] = {}
        for r in read:
            try:
                same = equal(values[r.name], now.value(r.closed))
                number = rational(values[r.name])
            except NO_VALUE as error:
                raise ProofError(f"at {self.time} = {moment} the recursion for {r.name} has no value: {error}") from error
            if not same:
                raise ProofError(
                    f"at {self.time} = {moment} the recursion gives {shown(values[r.name])}, not `{r.state.closed}`"
                )
            if number is None:
                raise ProofError(f"the recursion for {r.name} leaves the rational numbers")
            present[r.name] = number
        try:
            return {r.name: moved(now, present).value(r.update) for r in read}
        except NO_VALUE as error:
            raise ProofError(f"after {self.time} = {moment} the recursion has no value: {error}") from error


def moved(instance: Instance, values: Mapping[str, Fraction]) -> Instance:
    """The same instance with some scalars changed."""
    return Instance(instance.vocabulary, {**instance.scalars, **values}, instance.entry, instance.layers)


def rational(value: Number) -> Fraction | None:
    """The value as a rational if it is one."""
    if isinstance(value, Exact):
        return value.rational()
    return Fraction(value) if isinstance(value, int | Fraction) else None
