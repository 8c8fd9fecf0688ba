"""A sum that is not 0 has a term that is not 0, a product no factor that is 0."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from ...errors import ProofError
from ..domain import ONE
from ..fact import Fact
from ..symbols import Vocabulary
from ..term import Apply, Big, Binary, Name, Negative, Number, Term
from .item import Context

if TYPE_CHECKING:  # the checker brings SymPy; a theorem is only data
    from ..checker import Checker


@dataclass(frozen=True)
class NotZero:
    """From ``a ≠ 0`` (or > 0, or < 0): some part of a is not 0, a part whose vanishing would make a vanish.

    Parts are the term of a sum or mean over an index's own range, a factor, a numerator, what is negated, raised to a
    positive power, or under a root. Inside a sum the part is not 0 for some value of its index.

    - of: the label of the fact; - part: the conclusion, ``added != 0`` or ``x != y`` for a part x − y.
    """

    claim: str
    of: str
    part: str
    label: str = ""
    because: ClassVar[str] = "otherwise the whole would be 0"

    def check(self, checker: Checker, context: Context) -> tuple[Fact, ...]:
        """Raises ProofError unless the conclusion is about such a part."""
        fact = context.fact(self.of)
        if fact.limit or fact.recursion is not None or fact.at is not None:
            raise ProofError(f"`{self.of}` is no plain inequality")
        if fact.says.operator not in ("!=", "<", ">"):
            raise ProofError(f"`{self.of}` says {checker.said(fact.says)}, which may be 0")
        (wanted,) = checker.relations((self.part,))
        if wanted.operator != "!=":
            raise ProofError(f"the conclusion says that something is not 0, so it is written with !=, not as `{self.part}`")
        for part, indices in parts(fact.says.difference, checker.vocabulary, ()):
            if part in (wanted.difference, Binary("-", wanted.right, wanted.left)):
                checker.checks += 1
                given = (*checker.given, *fact.given, *checker.needs(fact.says.left, fact.says.right))
                return (Fact(wanted, given, tuple(dict.fromkeys((*fact.some, *indices)))),)
        raise ProofError(f"{checker.said(wanted)} does not follow from {checker.said(fact.says)}: it is about no part of it")


def parts(term: Term, vocabulary: Vocabulary, indices: tuple[str, ...]) -> Iterator[tuple[Term, tuple[str, ...]]]:
    """The term and its parts, each with the indices bound around it: where a part is 0 for all of these, the term is 0."""
    yield term, indices
    match term:
        case Negative(body):
            yield from parts(body, vocabulary, indices)
        case Binary("*", left, right):
            yield from parts(left, vocabulary, indices)
            yield from parts(right, vocabulary, indices)
        case Binary("/", left, _):
            yield from parts(left, vocabulary, indices)
        case Binary("**", base, Number(value)) if value > 0:
            yield from parts(base, vocabulary, indices)
        case Apply("sqrt" | "abs" | "relu", (arg,)):
            yield from parts(arg, vocabulary, indices)
        case Big("sum" | "mean", index, lower, upper, body):
            over = vocabulary.symbols[index].over
            if over is not None and lower == ONE and upper == Name(over) and index not in indices:
                yield from parts(body, vocabulary, (*indices, index))
        case _:
            return
