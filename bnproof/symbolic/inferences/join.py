"""Facts that share a term, put together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from ...errors import ProofError
from ..fact import Fact
from ..relation import Comparison, Relation
from .item import Context, argued_from

if TYPE_CHECKING:  # the checker brings SymPy; a theorem is only data
    from ..checker import Checker

ORDER: dict[tuple[Comparison, Comparison], Comparison] = {
    **{("==", o): o for o in ("==", "!=", "<", "<=", ">", ">=")},
    **{(o, "=="): o for o in ("!=", "<", "<=", ">", ">=")},
    ("<", "<"): "<",
    ("<", "<="): "<",
    ("<=", "<"): "<",
    ("<=", "<="): "<=",
    (">", ">"): ">",
    (">", ">="): ">",
    (">=", ">"): ">",
    (">=", ">="): ">=",
}
"""What a R b and b S c say of a and c."""


@dataclass(frozen=True)
class Join:
    """``a = b``, ``b > c`` give ``a > c``: the facts named in `of`, one after the other, each read from either side.

    `since` names facts that show that the terms in between have values.
    """

    claim: str
    of: tuple[str, ...]
    label: str = ""
    since: tuple[str, ...] = ()
    because: ClassVar[str] = "put together"

    def check(self, checker: Checker, context: Context) -> tuple[Fact, ...]:
        """Raises ProofError unless each fact begins where the one before ends."""
        facts = [context.fact(label) for label in self.of]
        if len(facts) < 2 or any(f.limit or f.recursion is not None or f.at is not None for f in facts):
            raise ProofError("two or more plain facts are put together")
        if sum(bool(f.some) for f in facts) > 1:
            raise ProofError("two facts that hold for some indices may hold for different ones")
        joined = self._joined([(f.says, f.says.turned) for f in facts])
        if joined is None:
            raise ProofError("the facts do not follow one another: " + "; ".join(checker.said(f.says) for f in facts))
        checker.checks += 1
        some = next((f.some for f in facts if f.some), ())
        inner = checker.supposing((), argued_from(self.since, context))
        between = inner.needs(
            *(term for f in facts for term in (f.says.left, f.says.right) if term not in (joined.left, joined.right))
        )
        given = (*(r for f in facts for r in f.given), *inner.given, *between)
        return (Fact(joined, tuple(dict.fromkeys(given)), some),)

    @staticmethod
    def _joined(choices: list[tuple[Relation, Relation]]) -> Relation | None:
        for start in choices[0]:
            total: Relation | None = start
            for following in choices[1:]:
                assert total is not None
                end = total.right
                fits = [r for r in following if r.left == end and (total.operator, r.operator) in ORDER]
                if not fits:
                    total = None
                    break
                total = Relation(total.left, ORDER[total.operator, fits[0].operator], fits[0].right)
            if total is not None:
                return total
        return None
