"""Induction on t, for recursions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from ...errors import ProofError
from ..evaluate import NO_VALUE, Instance, equal
from ..exact import Exact
from ..jet import Number
from ..messages import shown
from ..symbols import Replacement
from ..term import Apply, Binary, Name, Term, free_names, substitute, walk
from ..term import Number as Constant
from .item import Context, Steps, check_steps

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
class Induction:
    """The quantities start and are updated together; then each is its closed form at every time t ≥ 0.

    One quantity may be spelled without a State: `state` is its name. Base and step of each are checked, and so is the
    recursion itself, run for a few steps in exact arithmetic.
    """

    claim: str
    time: str
    state: str = ""
    start: str = ""
    update: str = ""
    closed: str = ""
    base: Steps = ()
    step: Steps = ()
    states: tuple[State, ...] = ()

    @property
    def quantities(self) -> tuple[State, ...]:
        """All quantities, however they are spelled."""
        alone = State(self.state, self.start, self.update, self.closed, self.base, self.step)
        return (alone, *self.states) if self.state or not self.states else self.states

    def at_zero(self, closed: Term) -> Term:
        """The claim at time 0."""
        return substitute(closed, {self.time: Constant(Fraction(0))})

    def one_later(self, closed: Term) -> Term:
        """The claim one step later."""
        return substitute(closed, {self.time: Binary("+", Name(self.time), Constant(Fraction(1)))})

    def check(self, checker: Checker, context: Context) -> None:
        """Raises ProofError if a base or a step fails, or the recursion run by hand disagrees."""
        quantities = self.quantities
        if not (self.state or self.states):
            raise ProofError("a recursion has at least one quantity")
        for text in (self.time, *(q.name for q in quantities)):
            if not isinstance(checker.parse(text), Name):
                raise ProofError(f"the time and the state of a recursion are scalar symbols, not `{text}`")
        names = {q.name for q in quantities}
        if len(names) != len(quantities):
            raise ProofError("a recursion names each of its quantities once")
        closed = {q.name: checker.parse(q.closed) for q in quantities}
        for q in quantities:
            self._require_open_time(closed[q.name], checker)
            clash = free_names(closed[q.name]) & names | free_names(checker.parse(q.start)) & (names | {self.time})
            if clash:
                raise ProofError(f"{', '.join(sorted(clash))} changes in the recursion: neither start nor claim may mention it")
        at_zero = checker.narrowed({self.time: Replacement((), Constant(Fraction(0)))}, ())
        assumed = checker.narrowed({name: Replacement((), term) for name, term in closed.items()}, ())
        for q in quantities:
            at_zero.equal(check_steps(closed[q.name], q.base, at_zero), checker.parse(q.start))
            assumed.equal(check_steps(checker.parse(q.update), q.step, assumed), self.one_later(closed[q.name]))
        checker.checks += at_zero.checks + assumed.checks
        self.run_by_hand(checker)

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
        quantities = self.quantities
        texts = [text for q in quantities for text in (q.start, q.update, q.closed)]
        for instance in checker.instances(*map(checker.parse, texts)):
            values: dict[str, Number] = {q.name: instance.value(checker.parse(q.start)) for q in quantities}
            for moment in range(_MOMENTS):
                values = self._following(checker, values, moved(instance, {self.time: Fraction(moment)}), moment)
            checker.checks += 1

    def _following(self, checker: Checker, values: Mapping[str, Number], now: Instance, moment: int) -> dict[str, Number]:
        """The values one step later, the present ones compared with the claims."""
        present: dict[str, Fraction] = {}
        for q in self.quantities:
            value = values[q.name]
            try:
                same, state = equal(value, now.value(checker.parse(q.closed))), rational(value)
            except NO_VALUE as error:
                raise ProofError(f"at {self.time} = {moment} the recursion for {q.name} has no value: {error}") from error
            if not same:
                raise ProofError(f"at {self.time} = {moment} the recursion gives {shown(value)}, not `{q.closed}`")
            if state is None:
                raise ProofError(f"the recursion for {q.name} leaves the rational numbers")
            present[q.name] = state
        try:
            return {q.name: moved(now, present).value(checker.parse(q.update)) for q in self.quantities}
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
