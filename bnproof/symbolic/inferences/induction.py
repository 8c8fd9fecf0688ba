"""Induction on t, for recursions of one or several quantities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING

from ...errors import ProofError
from ..evaluate import NO_VALUE, Instance, Place, equal
from ..exact import Exact
from ..fact import Fact, Quantity, Recursion
from ..instances import within
from ..jet import Number
from ..messages import shown
from ..relation import Relation
from ..symbols import Replacement, Vocabulary
from ..term import Apply, Binary, Entry, Name, Term, free_names, substitute, walk
from ..term import Number as Constant
from ..unfold import names_within
from .item import Context, Steps, argued_from

if TYPE_CHECKING:  # the checker brings SymPy; a theorem is only data
    from ..checker import Checker

_MOMENTS = 5


@dataclass(frozen=True)
class State:
    """One quantity of the recursion: ``name`` starts at `start` and becomes `update`, which may mention every quantity and the time.

    ``x[i]`` are as many as the index has values, all of them updated together; its index is general in start, update and claim.
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
    head: Name | Entry
    start: Term
    update: Term
    closed: Term

    @property
    def name(self) -> str:
        """The symbol that changes."""
        return self.head.name if isinstance(self.head, Name) else self.head.base

    @property
    def indices(self) -> tuple[str, ...]:
        """The index of a sequence."""
        return () if isinstance(self.head, Name) else tuple(i.name for i in self.head.indices if isinstance(i, Name))

    def replacement(self, vocabulary: Vocabulary) -> Replacement:
        """The claim, in the place of the quantity, for indices within its range."""
        return Replacement(self.indices, self.closed, tuple(vocabulary.symbols[i].over for i in self.indices))


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
        together = inner.narrowed({r.name: r.replacement(inner.vocabulary) for r in read})
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
        recursion = Recursion(self.time, tuple(Quantity(r.head, r.start, r.update) for r in read))
        return tuple(Fact(Relation(r.head, "==", r.closed), inner.given, recursion=recursion) for r in read)

    def at_zero(self, closed: Term) -> Term:
        """The claim at time 0."""
        return substitute(closed, {self.time: Constant(Fraction(0))})

    def one_later(self, closed: Term) -> Term:
        """The claim one step later."""
        return substitute(closed, {self.time: Binary("+", Name(self.time), Constant(Fraction(1)))})

    def _read(self, checker: Checker) -> tuple[_Read, ...]:
        time = checker.parse(self.time)
        if not isinstance(time, Name) or checker.vocabulary.symbols[time.name].sort != "integer":
            raise ProofError(f"the time of a recursion is an integer symbol, not `{self.time}`")
        found = tuple(
            _Read(s, self._head(s.name, checker), *map(checker.parse, (s.start, s.update, s.closed))) for s in self.states
        )
        if not found or len({r.name for r in found}) != len(found):
            raise ProofError("a recursion has at least one quantity, and names each once")
        return found

    @staticmethod
    def _head(text: str, checker: Checker) -> Name | Entry:
        """A real scalar, or a real sequence at a general index over its own range."""
        symbols = checker.vocabulary.symbols
        match checker.parse(text):
            case Name(name) as head if symbols[name].sort == "real":
                return head
            case Entry(base, (Name(index),)) as head if symbols[base].sort == "real" and symbols[index].sort == "index":
                over = symbols[base].over
                if over is not None and symbols[index].over == over and not any(over in layer for layer in checker.layers):
                    return head
            case _:
                pass
        raise ProofError(
            f"the quantities of a recursion are real scalar symbols, not `{text}`, or sequences `x[i]` over a size that is not fixed"
        )

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
            values = {place: instance.value(r.start, at) for r in read for place, at in _places(r, instance)}
            for moment in range(_MOMENTS):
                now = moved(instance, {(self.time, ()): Fraction(moment)})
                values = self._next(read, values, now, moment)
            checker.checks += 1

    def _next(self, read: tuple[_Read, ...], values: Mapping[Place, Number], now: Instance, moment: int) -> dict[Place, Number]:
        """The values one step later, the present ones compared with the claims."""
        present: dict[Place, Fraction] = {}
        for r in read:
            for place, at in _places(r, now):
                try:
                    same = equal(values[place], now.value(r.closed, at))
                    number = rational(values[place])
                except NO_VALUE as error:
                    raise ProofError(
                        f"at {self.time} = {moment} the recursion for {r.state.name} has no value: {error}"
                    ) from error
                if not same:
                    raise ProofError(
                        f"at {self.time} = {moment} the recursion gives {shown(values[place])}, not `{r.state.closed}`"
                    )
                if number is None:
                    raise ProofError(f"the recursion for {r.state.name} leaves the rational numbers")
                present[place] = number
        try:
            later = moved(now, present)
            return {place: later.value(r.update, at) for r in read for place, at in _places(r, now)}
        except NO_VALUE as error:
            raise ProofError(f"after {self.time} = {moment} the recursion has no value: {error}") from error


def _places(read: _Read, instance: Instance) -> Iterator[tuple[Place, dict[str, Number]]]:
    """Where the quantity stands in an instance: once, or at every index of a sequence."""
    ranges = [within(instance.vocabulary.symbols[index], instance) for index in read.indices]
    for where in product(*ranges):
        yield (read.name, where), dict(zip(read.indices, map(Fraction, where), strict=True))


def moved(instance: Instance, values: Mapping[Place, Fraction]) -> Instance:
    """The same instance with some scalars or entries changed."""
    scalars = {name: value for (name, where), value in values.items() if not where}

    def entry(base: str, where: tuple[int, ...]) -> Fraction:
        return values[base, where] if (base, where) in values else instance.entry(base, where)

    return Instance(instance.vocabulary, {**instance.scalars, **scalars}, entry, instance.layers)


def rational(value: Number) -> Fraction | None:
    """The value as a rational if it is one."""
    if isinstance(value, Exact):
        return value.rational()
    return Fraction(value) if isinstance(value, int | Fraction) else None
