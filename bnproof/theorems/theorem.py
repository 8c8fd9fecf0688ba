"""A theorem: statement, hypotheses with what fails without them, proof, sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..symbolic.inferences import Item, Undefined, Witness
from ..symbolic.symbols import Definition, Vocabulary
from .glossary import GLOSSARY


@dataclass(frozen=True)
class Hypothesis:
    """A condition of the theorem, and an exact counterexample without it.

    `without` is None only for what the statement cannot even be written without; `why_none` then says so.
    """

    text: str
    without: Witness | Undefined | None
    why_none: str = ""


@dataclass(frozen=True)
class Theorem:
    """One theorem.

    - name: its conclusion, ``conclusion_of_hypothesis``;
    - title, statement, remark: prose with formulas in braces;
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
    sympy: str = ""

    @property
    def vocabulary(self) -> Vocabulary:
        """Every name its terms may use."""
        return Vocabulary(GLOSSARY, self.definitions)
