"""Terms as LaTeX, in the author's order, with commands that code hosts and pandoc both render."""

from __future__ import annotations

from fractions import Fraction

from .printing import PRODUCT, TIGHT, Printer, filled
from .symbols import Vocabulary
from .term import Big, Binary, Name, Negative, Number, Term

_NAMED = {"exp": r"\exp", "log": r"\log", "relu": r"\mathrm{relu}"}


def latex(term: Term, vocabulary: Vocabulary) -> str:
    """LaTeX for math mode."""
    return _Latex(vocabulary).text(term)


class _Latex(Printer):
    def number(self, value: Fraction) -> str:
        if value.denominator == 1:
            return str(value)
        sign = "-" if value < 0 else ""
        return rf"{sign}\tfrac{{{abs(value.numerator)}}}{{{value.denominator}}}"

    def symbol(self, name: str) -> str:
        symbol = self.vocabulary.symbols.get(name)
        return symbol.latex if symbol else rf"\mathtt{{{name}}}"

    def entry(self, base: str, indices: list[str]) -> str:
        joined = ",".join(indices) if any(len(i) > 1 for i in indices) else "".join(indices)
        return f"{base}_{{{joined}}}"

    def minus(self, body: str) -> str:
        return f"-{body}"

    def take(self, left: str, right: str) -> str:
        return f"{left} - {right}"

    def times(self, left: Term, first: str, right: Term, second: str) -> str:
        if second[:1].isdigit() or (isinstance(right, Number) and second):
            return rf"{first} \cdot {second}"
        return rf"{first} \, {second}" if not second.startswith(r"\left") else f"{first} {second}"

    def over(self, left: Term, right: Term) -> str:
        if isinstance(left, Number) and left.value < 0:
            return rf"-\frac{{{self.number(-left.value)}}}{{{self.text(right)}}}"
        return rf"\frac{{{self.text(left)}}}{{{self.text(right)}}}"

    def raised(self, base: Term, exponent: Term) -> str:
        printed = self.inside(base, TIGHT)
        if "^" in printed and not printed.startswith(r"\left"):
            printed = self.brackets(printed)
        return f"{{{printed}}}^{{{self.text(exponent)}}}"

    def function(self, function: str, args: tuple[Term, ...]) -> str:
        printed = [self.text(a) for a in args]
        if function == "sqrt":
            return rf"\sqrt{{{printed[0]}}}"
        if function == "abs":
            return rf"\left\lvert {printed[0]} \right\rvert"
        if function == "delta":
            return self.entry(r"\delta", printed)
        return f"{_NAMED[function]}{self.brackets(printed[0])}"

    def defined(self, function: str, args: list[str]) -> str:
        definition = self.vocabulary.definitions.get(function)
        return filled(definition.latex, args) if definition else rf"\mathtt{{{function}}}({', '.join(args)})"

    def big(self, term: Big) -> str:
        index = self.symbol(term.index)
        if term.kind in ("mean", "var"):
            return rf"\mathrm{{{term.kind}}}_{{{index}}}{self.brackets(self.text(term.body))}"
        body = self.inside(term.body, PRODUCT)
        if term.lower is None or term.upper is None:
            return rf"\sum_{{{index}}} {body}"
        low, high = self.text(term.lower), self.text(term.upper)
        if term.kind == "max":
            return rf"\max_{{{low} \le {index} \le {high}}} {body}"
        return rf"\sum_{{{index}={low}}}^{{{high}}} {body}"

    def derivative(self, body: Term, wrt: str) -> str:
        printed = self.text(body)
        simple = not isinstance(body, Binary | Big | Negative) and r"\frac" not in printed
        if simple or isinstance(body, Name):
            return rf"\frac{{\partial {printed}}}{{\partial {wrt}}}"
        return rf"\frac{{\partial}}{{\partial {wrt}}} {self.brackets(printed)}"

    def brackets(self, text: str) -> str:
        return rf"\left( {text} \right)"

    def fraction_level(self) -> int:
        return PRODUCT
