"""Terms as one line of Unicode text, for terminals and error messages."""

from __future__ import annotations

from fractions import Fraction

from .printing import EMPTY, POWER, PRODUCT, TIGHT, Printer, filled
from .relation import SIGNS, Relation
from .symbols import Vocabulary
from .term import Big, Binary, Entry, Name, Number, Term

_BELOW = str.maketrans("0123456789+-aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")
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
        top = self.text(left) if isinstance(left, Number) else self.inside(left, PRODUCT)
        return f"{top}/{bottom}" if len(top) + len(bottom) < 12 else f"{top} / {bottom}"

    def raised(self, base: Term, exponent: Term) -> str:
        printed = self.inside(base, TIGHT)
        if printed[-1:] in "⁰¹²³⁴⁵⁶⁷⁸⁹":
            printed = self.brackets(printed)
        if isinstance(exponent, Number) and exponent.value.denominator == 1 and exponent.value >= 0:
            return printed + str(exponent.value).translate(_ABOVE)
        return f"{printed}^{self.inside(exponent, TIGHT)}"

    def function(self, function: str, args: tuple[Term, ...]) -> str:
        printed = [self.text(a) for a in args]
        if function == "sqrt":
            return f"√{printed[0]}" if isinstance(args[0], Name) else f"√({printed[0]})"
        if function == "abs":
            return f"|{printed[0]}|"
        if function == "delta":
            return self.entry("δ", printed)
        return f"{function}({printed[0]})"

    def defined(self, function: str, args: list[str]) -> str:
        definition = self.vocabulary.definitions.get(function)
        if definition is None:
            return f"{function}({', '.join(args)})"
        template = definition.plain
        for place, arg in enumerate(args, start=1):
            template = template.replace(f"_#{place}", subscript(arg) or f"[{arg}]")
        return filled(template, args)

    def big(self, term: Big) -> str:
        index = self.symbol(term.index)
        below = subscript(index) or f"_{index}"
        if term.kind in ("mean", "var", "max"):
            return f"{term.kind}{below}({self.text(term.body)})"
        body = self.inside(term.body, PRODUCT)
        if self.default_range(term):
            return f"∑{below} {body}"
        if term.lower is None or term.upper is None:
            return f"∑{below} {body}"
        return f"∑[{index}={self.text(term.lower)}…{self.text(term.upper)}] {body}"

    def derivative(self, body: Term, wrt: str) -> str:
        return f"∂{self.inside(body, TIGHT)}/∂{wrt}"

    def brackets(self, text: str) -> str:
        return f"({text})"

    def fraction_level(self) -> int:
        return PRODUCT
