"""Exact numbers for a theorem's terms: what an exercise gives, its answers, and derivations of which every line is evaluated.

The terms are those of the theorem, read with its own definitions, and their values are those that the proof kernel's second
check computes: rational arithmetic, no floats. A derivation is accepted only if every line stands to the line before it as it
says at the exercise's numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import cast

from ...errors import ProofError
from ...report.document import Bullets, Derivation, Math, Paragraph, Prose, Row, Text, joined
from ...report.prose import legible, math, prose
from ...symbolic.evaluate import COMPARE, NO_VALUE
from ...symbolic.exact import Exact
from ...symbolic.inferences import Chain
from ...symbolic.instances import given
from ...symbolic.jet import Number
from ...symbolic.latex import latex
from ...symbolic.layout import steps
from ...symbolic.messages import shown
from ...symbolic.notation import parse, parse_relation
from ...symbolic.plain import plain
from ...symbolic.relation import SIGNS, comparison
from ...symbolic.source import Origin
from ...symbolic.term import Term
from ...theorems import registry

_FORMULA = re.compile(r"\{([^{}]*)\}")
Value = int | Fraction | tuple[object, ...]
"""A rational number, or a sequence of them, nested by index."""


class Numbers:
    """The values of an exercise's symbols, in the notation of the theorem that it rests on."""

    def __init__(self, theorem: str, **values: Value) -> None:
        """Raises ProofError for a value that its symbol's sort forbids, UnknownNameError for an unknown theorem."""
        self.theorem = registry.theorem(theorem)
        self.vocabulary = self.theorem.vocabulary
        self.values = values
        self.instance = given(self.vocabulary, values)

    def value(self, term: str) -> Fraction:
        """The exact value of a term. Raises ProofError where it has none, or none that is rational."""
        found = self._value(parse(term, self.vocabulary), term)
        exact = found.rational() if isinstance(found, Exact) else found
        if not isinstance(exact, int | Fraction):
            raise ProofError(f"the exercise's `{term}` is {shown(found)}, which is no rational number")
        return Fraction(exact)

    def row(self, *terms: str) -> tuple[Fraction, ...]:
        """The values of several terms."""
        return tuple(self.value(term) for term in terms)

    def prose(self, words: str) -> Prose:
        """Words with formulas in braces, in the theorem's notation.

        Raises ProofError where a relation among them does not hold at these numbers; one with a symbol that has none is taken as
        it is.
        """
        for formula in _FORMULA.findall(words):
            self._require(formula)
        return prose(words, self.vocabulary)

    def say(self, words: str) -> Paragraph:
        """A paragraph of them."""
        return Paragraph(self.prose(words))

    def lines(self, *relations: str) -> Bullets:
        """Short calculations, ``biases[1] - bar == 3 - 1 == 2``, a line each. Raises ProofError where one does not hold or has no value."""
        for relation in relations:
            self._require(relation, values=True)
        return Bullets(tuple((legible(math(relation, self.vocabulary)),) for relation in relations))

    def given(self, *names: str) -> Paragraph:
        """``Given: n = 2, z = (−1, 1)``, for the names."""
        shown = joined(((self._equation(name),) for name in names), ", ")
        return Paragraph((Text("Given: "), *shown, Text(".")))

    def _equation(self, name: str) -> Math:
        symbol = self.vocabulary.symbols[name]
        value = _value(self.values[name])
        return Math(f"{symbol.latex} = {value.latex}", f"{symbol.plain} = {value.plain}")

    def _require(self, formula: str, values: bool = False) -> None:
        parts = parse_relation(formula, self.vocabulary)
        for left, operator, right in zip(parts[::2], parts[1::2], parts[2::2], strict=False):
            if isinstance(left, str) or isinstance(right, str) or not isinstance(operator, str):
                raise ProofError(f"`{formula}` is no relation between terms")
            try:
                holds = COMPARE[operator](self.instance.value(left), self.instance.value(right))
            except NO_VALUE as error:
                if values:
                    raise ProofError(f"the exercise gives `{formula}` no value: {error}") from error
                continue
            if not holds:
                raise ProofError(f"`{formula}` does not hold at the numbers of the exercise")

    def chain(self, lines: str) -> Derivation:
        """A derivation in the layout of the proofs, ``expression``, then ``= expression -- reason``, evaluated line by line.

        Raises ProofError for a line that does not hold at these numbers.
        """
        return Derivation(tuple(self._rows(lines)))

    def page(self, label: str, lines: str = "") -> Derivation:
        """The theorem's own chain of that label or that first expression, line by line, and then `lines`, as in `chain`.

        Raises ProofError where the proof has no such chain, or a line does not hold at these numbers.
        """
        own = [i for i in self.theorem.proof if isinstance(i, Chain) and label in (i.label, i.start)]
        if not own:
            raise ProofError(f"the proof of `{self.theorem.name}` has no chain `{label}`")
        own_lines = [own[0].start, *(f"= {expression} -- {reason}" for expression, reason in own[0].steps)]
        return self.chain("\n".join([*own_lines, *filter(None, map(str.strip, lines.splitlines()))]))

    def _value(self, term: Term, written: str) -> Number:
        try:
            return self.instance.value(term)
        except NO_VALUE as error:
            raise ProofError(f"the exercise gives `{written}` no value: {error}") from error

    def _rows(self, lines: str) -> Iterator[Row]:
        before: Number = Fraction(0)
        for block in steps(Origin(f"an exercise on {self.theorem.name}", 1, lines)):
            expression, reason = block.step() if block.relation else (block.expression(), "")
            term = parse(expression, self.vocabulary)
            value = self._value(term, expression)
            if block.relation:
                operator = comparison("==" if block.relation == "=" else block.relation)
                if operator is None or not COMPARE[operator](before, value):
                    raise ProofError(f"`{expression}` is {shown(value)}, and {shown(before)} is not {block.relation} that")
                sign = SIGNS[operator]
            else:
                sign = ""
            before = value
            yield Row(sign, Math(latex(term, self.vocabulary), plain(term, self.vocabulary)), self.prose(reason))


def _value(value: object) -> Math:
    """A number, or a row of them, as a formula."""
    if isinstance(value, tuple):
        entries = [_value(entry) for entry in cast("tuple[object, ...]", value)]
        latex, plain = (", ".join(each) for each in zip(*((e.latex, e.plain) for e in entries), strict=True))
        return Math(rf"\left({latex}\right)", f"({plain})")
    assert isinstance(value, int | Fraction)
    number = shown_number(Fraction(value))
    return Math(
        number.latex.replace(r"\displaystyle \frac", r"\tfrac").replace(r"\displaystyle -\frac", r"-\tfrac"), number.plain
    )


def written(value: Fraction | int) -> str:
    """A number in the notation, safe inside any term: ``3``, ``(3/2)``, ``(-(1/2))``."""
    number = Fraction(value)
    size = str(abs(number)) if number.denominator == 1 else f"({abs(number)})"
    return f"(-{size})" if number < 0 else size


def total(values: tuple[Fraction, ...] | list[Fraction] | tuple[int, ...]) -> str:
    """A sum of numbers in the notation."""
    return "(" + " + ".join(written(value) for value in values) + ")"


def shown_number(value: Fraction, small: bool = False) -> Math:
    """A number as a formula: an integer, or a fraction in lowest terms, with a slash where it is to be `small`, in a table."""
    sign = "-" if value < 0 else ""
    size = abs(value)
    plain = f"{'−' if sign else ''}{size}"
    if size.denominator == 1:
        return Math(f"{sign}{size}", plain)
    if small:
        return Math(f"{sign}{size}", plain)
    return Math(rf"\displaystyle {sign}\frac{{{size.numerator}}}{{{size.denominator}}}", plain)


def listed(values: tuple[Fraction, ...]) -> str:
    """A row of numbers in words: ``(−1, 1/2)``."""
    return "(" + ", ".join(str(value).replace("-", "−") for value in values) + ")"
