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
class Induction:
    """x₀ = start and x_{t+1} = update(x_t) give x_t = closed(t) for every t ≥ 0.

    `state` is the scalar symbol that stands for x_t inside `update`; `closed` mentions `time`. `base` leads from
    closed(0) to start, `step` from update(closed(t)) to closed(t+1); both chains are checked, and so is the recursion
    itself, run for a few steps in exact arithmetic.
    """

    claim: str
    time: str
    state: str
    start: str
    update: str
    closed: str
    base: Steps
    step: Steps

    def at_zero(self, closed: Term) -> Term:
        """The claim at time 0."""
        return substitute(closed, {self.time: Constant(Fraction(0))})

    def one_later(self, closed: Term) -> Term:
        """The claim one step later."""
        return substitute(closed, {self.time: Binary("+", Name(self.time), Constant(Fraction(1)))})

    def check(self, checker: Checker, context: Context) -> None:
        """Raises ProofError if the base or the step fails, or the recursion run by hand disagrees."""
        closed, update, start = map(checker.parse, (self.closed, self.update, self.start))
        for text in (self.time, self.state):
            if not isinstance(checker.parse(text), Name):
                raise ProofError(f"the time and the state of a recursion are scalar symbols, not `{text}`")
        self._require_open_time(closed, checker)
        at_zero = checker.narrowed({self.time: Replacement((), Constant(Fraction(0)))}, ())
        at_zero.equal(check_steps(closed, self.base, at_zero), start)
        assumed = checker.narrowed({self.state: Replacement((), closed)}, ())
        assumed.equal(check_steps(update, self.step, assumed), self.one_later(closed))
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
        start, update, closed = map(checker.parse, (self.start, self.update, self.closed))
        for instance in checker.instances(start, update, closed):
            value = instance.value(start)
            for moment in range(_MOMENTS):
                now = moved(instance, {self.time: Fraction(moment)})
                try:
                    same = equal(value, now.value(closed))
                    state = rational(value)
                    following = None if state is None else moved(now, {self.state: state}).value(update)
                except NO_VALUE as error:
                    raise ProofError(
                        f"at {self.time} = {moment} the recursion for {self.state} has no value: {error}"
                    ) from error
                if not same:
                    raise ProofError(f"at {self.time} = {moment} the recursion gives {shown(value)}, not `{self.closed}`")
                if following is None:
                    raise ProofError(f"the recursion for {self.state} leaves the rational numbers")
                value = following
            checker.checks += 1


def moved(instance: Instance, values: Mapping[str, Fraction]) -> Instance:
    """The same instance with some scalars changed."""
    return Instance(instance.vocabulary, {**instance.scalars, **values}, instance.entry, instance.layers)


def rational(value: Number) -> Fraction | None:
    """The value as a rational if it is one."""
    if isinstance(value, Exact):
        return value.rational()
    return Fraction(value) if isinstance(value, int | Fraction) else None
