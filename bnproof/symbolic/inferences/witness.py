"""Exact witness: concrete rational values at which stated relations hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...errors import ProofError
from ..evaluate import NO_VALUE, equal
from ..jet import Number, sign
from ..messages import shown
from .item import Context

if TYPE_CHECKING:  # the checker brings SymPy; a theorem is only data
    from ..checker import Checker

Values = Mapping[str, object]
"""``{"n": 3, "z": ("-1", 1, 2), "b": "1/2"}``: integers, rationals as text, sequences as (nested) tuples."""

COMPARE: Mapping[str, Callable[[Number, Number], bool]] = {
    "==": equal,
    "!=": lambda a, b: not equal(a, b),
    "<": lambda a, b: sign(a - b) < 0,
    ">": lambda a, b: sign(a - b) > 0,
}


@dataclass(frozen=True)
class Witness:
    """Values and relations ``(left, op, right)``, op one of == != < >, each verified in exact arithmetic."""

    claim: str
    values: Values
    relations: tuple[tuple[str, str, str], ...]

    def check(self, checker: Checker, context: Context) -> None:
        """Raises ProofError where a relation fails at the given values."""
        if not self.relations:
            raise ProofError(f"a witness without a relation shows nothing: {self.claim}")
        instance = checker.given(self.values)
        for left, relation, right in self.relations:
            compare = COMPARE.get(relation)
            if compare is None:
                raise ProofError(f"a witness compares with {' '.join(COMPARE)}, not `{relation}`")
            try:
                a = instance.value(checker.parse(left))
                b = instance.value(checker.parse(right))
                holds = compare(a, b)
            except NO_VALUE as error:
                raise ProofError(f"the witness does not give `{left}` and `{right}` values to compare: {error}") from error
            if not holds:
                raise ProofError(f"the witness fails: `{left}` = {shown(a)} is not {relation} `{right}` = {shown(b)}")
            checker.checks += 1


@dataclass(frozen=True)
class Undefined:
    """Values at which a term has no value, because a denominator is 0."""

    claim: str
    values: Values
    term: str

    def check(self, checker: Checker, context: Context) -> None:
        """Raises ProofError if the term has a value after all."""
        instance, term = checker.given(self.values), checker.parse(self.term)
        try:
            value = instance.value(term)
        except ZeroDivisionError:
            checker.checks += 1
            return
        except NO_VALUE as error:
            raise ProofError(f"`{self.term}` was to have a denominator 0, but: {error}") from error
        raise ProofError(f"`{self.term}` was to be undefined, but is {shown(value)}")
