"""Terms as one line of Unicode text, for terminals and error messages."""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction

from .printing import EMPTY, POWER, PRODUCT, TIGHT, Printer
from .relation import SIGNS, Relation
from .symbols import Definition, Vocabulary
from .term import Big, Binary, Entry, Name, Number, Term

_BELOW = str.maketrans("0123456789+-aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")
_BRACKETED = re.compile(r"[(\[].*[)\]]")
_ABOVE = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def plain(term: Term, vocabulary: Vocabulary = EMPTY) -> str:
    """The term on one line."""
    return _Plain(vocabulary).text(term)


def plain_relation(relation: Relation, vocabulary: Vocabulary = EMPTY) -> str:
    """The relation on one line."""
    return f"{plain(relation.left, vocabulary)} {SIGNS[relation.operator]} {plain(relation.right, vocabulary)}"


def subscript(text: str) -> str | None:
    """The text in subscript letters, or None where Unicode lacks one."""
    lowered = text.translate(_BELOW)
    return lowered if all(a != b for a, b in zip(text, lowered, strict=True)) else None


class _Plain(Printer):
    def number(self, value: Fraction) -> str:
        return str(value).replace("-", "−")

    def symbol(self, name: str) -> str:
        symbol = self.vocabulary.symbols.get(name)
        return symbol.plain if symbol else name

    def entry(self, base: str, indices: list[str]) -> str:
        joined = "".join(indices) if all(len(i) == 1 for i in indices) else None
        lowered = subscript(joined) if joined else None
        return f"{base}{lowered}" if lowered else f"{base}[{', '.join(indices)}]"

    def minus(self, body: str) -> str:
        return f"−{body}"

    def take(self, left: str, right: str) -> str:
        return f"{left} − {right}"

    def times(self, left: Term, first: str, right: Term, second: str) -> str:
        if isinstance(left, Binary) and left.op == "/" and not isinstance(right, Name | Number | Entry):
            simple = all(isinstance(side, Name | Number) for side in (left.left, left.right))
            return f"{first} · {second}" if simple else f"({first})·{second}"
        return f"{first}·{second}"

    def over(self, left: Term, right: Term) -> str:
        bottom = self.inside(right, POWER)
        top = self.text(left) if isinstance(left, Number) else self.inside(left, TIGHT if self.reaches_on(left) else PRODUCT)
        return f"{top}/{bottom}" if len(top) + len(bottom) < 12 else f"{top} / {bottom}"

    def raised(self, base: Term, exponent: Term) -> str:
        printed = self._one_piece(self.inside(base, TIGHT))
        if isinstance(exponent, Number) and exponent.value.denominator == 1 and exponent.value >= 0:
            return printed + str(exponent.value).translate(_ABOVE)
        return f"{printed}^{self._one_piece(self.inside(exponent, TIGHT))}"

    def _one_piece(self, printed: str) -> str:
        """In brackets if part of it stands high, low or under a root: an exponent would be read as that part's alone."""
        outside = _BRACKETED.sub("", printed)
        high = any(unicodedata.decomposition(letter).startswith("<super>") for letter in outside)
        return self.brackets(printed) if high or any(mark in outside for mark in "^_√") else printed

    def function(self, function: str, args: tuple[Term, ...]) -> str:
        printed = [self.text(a) for a in args]
        if function == "sqrt":
            return f"√{printed[0]}" if isinstance(args[0], Name) else f"√({printed[0]})"
        if function == "abs":
            return f"|{printed[0]}|"
        if function == "delta":
            return self.entry("δ", printed)
        return f"{function}({printed[0]})"

    def defined(self, definition: Definition, args: tuple[Term, ...]) -> str:
        template = definition.plain
        for place, arg in enumerate(args, start=1):
            printed = self.text(arg)
            template = template.replace(f"_#{place}", subscript(printed) or f"[{printed}]")
        return self.fill(template, args)

    def undefined(self, function: str, args: tuple[Term, ...]) -> str:
        return f"{function}({', '.join(map(self.text, args))})"

    def big(self, term: Big) -> str:
        index = self.symbol(term.index)
        if term.lower is None or term.upper is None or self.default_range(term):
            below = subscript(index) or f"_{index}"
        else:
            below = f"[{index}={self.text(term.lower)}…{self.text(term.upper)}]"
        if term.kind == "sum":
            return f"∑{below} {self.after(term.body, PRODUCT)}"
        return f"{term.kind}{below}({self.text(term.body)})"

    def derivative(self, body: Term, wrt: str) -> str:
        return f"∂{self.inside(body, TIGHT)}/∂{wrt}"

    def brackets(self, text: str) -> str:
        return f"({text})"
