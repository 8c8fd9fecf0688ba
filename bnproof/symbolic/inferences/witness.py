"""Exact witness: concrete rational values at which stated relations hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...errors import ProofError
from ..evaluate import COMPARE, NO_VALUE
from ..fact import Fact
from ..messages import shown
from ..relation import Relation, comparison
from .item import Context

if TYPE_CHECKING:  # the checker brings SymPy; a theorem is only data
    from ..checker import Checker

Values = Mapping[str, object]
"""``{"n": 3, "z": ("-1", 1, 2), "b": "1/2"}``: integers, rationals as text, sequences as (nested) tuples."""


@dataclass(frozen=True)
class Witness:
    """Values and relations ``(left, op, right)``, op one of == != < >, each verified in exact arithmetic."""

    claim: str
    values: Values
    relations: tuple[tuple[str, str, str], ...]
    label: str = ""

    def check(self, checker: Checker, context: Context) -> tuple[Fact, ...]:
        """Raises ProofError where a relation fails at the given values."""
        found: list[Fact] = []
        if not self.relations:
            raise ProofError(f"a witness without a relation shows nothing: {self.claim}")
        instance = checker.at(self.values)
        for left, relation, right in self.relations:
            operator = comparison(relation)
            if operator is None:
                raise ProofError(f"a witness compares with {' '.join(COMPARE)}, not `{relation}`")
            try:
                says = Relation(checker.parse(left), operator, checker.parse(right))
                a, b = instance.value(says.left), instance.value(says.right)
                holds = COMPARE[operator](a, b)
            except NO_VALUE as error:
                raise ProofError(f"the witness does not give `{left}` and `{right}` values to compare: {error}") from error
            if not holds:
                raise ProofError(f"the witness fails: `{left}` = {shown(a)} is not {relation} `{right}` = {shown(b)}")
            found.append(Fact(says, checker.given, at=self.values))
            checker.checks += 1
        return tuple(found)


@dataclass(frozen=True)
class Undefined:
    """Values at which a term has no value, because a denominator is 0."""

    claim: str
    values: Values
    term: str
    label: str = ""

    def check(self, checker: Checker, context: Context) -> tuple[Fact, ...]:
        """Raises ProofError if the term has a value after all."""
        instance, term = checker.at(self.values), checker.parse(self.term)
        try:
            value = instance.value(term)
        except ZeroDivisionError:
            checker.checks += 1
            return ()
        except NO_VALUE as error:
            raise ProofError(f"`{self.term}` was to have a denominator 0, but: {error}") from error
        raise ProofError(f"`{self.term}` was to be undefined, but is {shown(value)}")
