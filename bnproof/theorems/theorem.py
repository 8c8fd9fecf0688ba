"""A theorem: statement, hypotheses with what fails without them, conclusions, proof, sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..symbolic.inferences import Item, Undefined, Witness
from ..symbolic.symbols import Definition, Vocabulary
from .glossary import GLOSSARY


@dataclass(frozen=True)
class Hypothesis:
    """A condition of the theorem, and an exact counterexample without it.

    - formal: the condition as relations, ``("eps > 0",)``; empty for what the formulas have built in, as that a mean is the
      batch's. The counterexample breaks these and no other hypothesis.
    - without: None only for what the statement cannot even be written without; `why_none` then says so.
    """

    text: str
    without: Witness | Undefined | None
    why_none: str = ""
    formal: tuple[str, ...] = ()


@dataclass(frozen=True)
class Conclusion:
    """A relation that the proof shows, for all values of the symbols in it, under the theorem's formal hypotheses.

    - says: ``y_at(k, b) == y_at(k, 0)``, one of == != < <= > >= between two terms;
    - given: further hypotheses of this conclusion alone. An index in one stands for every value of its range;
    - some: indices for some values of which it holds (“the output moves”); all others are general;
    - limit: the time as which grows, what stands on the left tends to what stands on the right;
    - recursion: (time, (state, start, update), …): what the states in `says` are after `time` steps;
    - at: values: an example, “there is”;
    - example: values at which everything supposed holds, where random ones do not show that this is possible.
    """

    says: str
    given: tuple[str, ...] = ()
    some: tuple[str, ...] = ()
    limit: str = ""
    recursion: tuple[str, tuple[tuple[str, str, str], ...]] | None = None
    at: Mapping[str, object] | None = None
    example: Mapping[str, object] | None = None


@dataclass(frozen=True)
class Theorem:
    """One theorem.

    - name: its conclusion, ``conclusion_of_hypothesis``;
    - title, statement, remark: prose with formulas in braces;
    - conclusions: what the statement says, formally, and the proof must show;
    - proof: items of `bnproof.symbolic.inferences`;
    - sources: claim ids (``S0.a``) and papers;
    - minimum: least value of a size where it is not 1;
    - sympy: the central step in plain SymPy, for a reader to paste: at most fifteen lines, what each print prints as a comment
      behind it.
    """

    name: str
    title: str
    statement: str
    hypotheses: tuple[Hypothesis, ...]
    proof: tuple[Item, ...]
    sources: tuple[str, ...]
    definitions: Mapping[str, Definition] = field(default_factory=dict[str, Definition])
    minimum: Mapping[str, int] = field(default_factory=dict[str, int])
    remark: str = ""
    conclusions: tuple[Conclusion, ...] = ()
    sympy: str = ""

    @property
    def vocabulary(self) -> Vocabulary:
        """Every name its terms may use."""
        return Vocabulary(GLOSSARY, self.definitions)
