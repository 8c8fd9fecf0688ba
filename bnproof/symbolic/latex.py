"""Terms as LaTeX, in the author's order, with commands that code hosts and pandoc both render."""

from __future__ import annotations

import re
from fractions import Fraction

from .printing import POWER, PRODUCT, TIGHT, Printer
from .symbols import Definition, Vocabulary
from .term import Apply, Big, BigKind, Binary, Derivative, Name, Negative, Number, Term

_OPEN, _BAR = r"\left(", (r"\left\lvert", r"\right\rvert")
_NUMERALS = re.compile(r"\\t?frac\{\d")
_NAMED = {"exp": r"\exp", "log": r"\log", "relu": r"\mathrm{relu}"}


def latex(term: Term, vocabulary: Vocabulary) -> str:
    """LaTeX for math mode."""
    return _Latex(vocabulary).text(term)


class _Latex(Printer):
    prefixes: frozenset[BigKind] = frozenset({"sum", "max"})

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
        if self._needs_dot(first, right, second):
            return rf"{first} \cdot {second}"
        return rf"{first} \, {second}" if not second.startswith(r"\left") else f"{first} {second}"

    def _needs_dot(self, first: str, right: Term, second: str) -> bool:
        """Whether the factors side by side would be read as something else than a product."""
        begins = second.lstrip("{")
        if isinstance(right, Number) or begins[:1].isdigit():
            return True
        if first[-1:].isdigit() and _NUMERALS.match(begins):  # a mixed number
            return True
        if first.endswith(_BAR[1]) or begins.startswith(_BAR[0]):  # which bar closes which
            return True
        return begins.startswith(_OPEN) and any(re.search(head, first) for head in self._heads())

    def _heads(self) -> list[str]:
        """What stands before the brackets of abbreviations that are written as functions, as patterns for the end of a text."""
        templates = (d.latex for d in self.vocabulary.definitions.values() if d.parameters)
        heads = (template.split("(")[0] for template in templates if "(" in template)
        return [re.sub(r"\\#\d", ".*", re.escape(head)) + "$" for head in heads]

    def over(self, left: Term, right: Term) -> str:
        if isinstance(left, Number) and left.value < 0:
            return rf"-\frac{{{self.number(-left.value)}}}{{{self.text(right)}}}"
        return rf"\frac{{{self.text(left)}}}{{{self.text(right)}}}"

    def raised(self, base: Term, exponent: Term) -> str:
        printed = self.inside(base, TIGHT)
        root = isinstance(base, Apply) and base.function == "sqrt"
        if root or ("^" in printed and not printed.startswith(r"\left")):
            printed = self.brackets(printed)
        return f"{{{printed}}}^{{{self.text(exponent)}}}"

    def function(self, function: str, args: tuple[Term, ...]) -> str:
        printed = [self.text(a) for a in args]
        if function == "sqrt":
            return rf"\sqrt{{{printed[0]}}}"
        if function == "abs":
            return f"{_BAR[0]} {printed[0]} {_BAR[1]}"
        if function == "delta":
            return self.entry(r"\delta", printed)
        return f"{_NAMED[function]}{self.brackets(printed[0])}"

    def defined(self, definition: Definition, args: tuple[Term, ...]) -> str:
        return self.fill(definition.latex, args)

    def undefined(self, function: str, args: tuple[Term, ...]) -> str:
        return rf"\mathtt{{{function}}}({', '.join(map(self.text, args))})"

    def big(self, term: Big) -> str:
        index = self.symbol(term.index)
        if term.lower is None or term.upper is None:
            return rf"\sum_{{{index}}} {self.after(term.body, PRODUCT)}"
        low, high = self.text(term.lower), self.text(term.upper)
        if term.kind == "sum":
            return rf"\sum_{{{index}={low}}}^{{{high}}} {self.after(term.body, PRODUCT)}"
        spelt = rf"{low} \le {index} \le {high}"
        if term.kind == "max":
            # whether a factor behind belongs to it, no convention says: a product goes in brackets
            return rf"\max_{{{spelt}}} {self.after(term.body, POWER)}"
        below = index if self.default_range(term) else spelt
        return rf"\mathrm{{{term.kind}}}_{{{below}}}{self.brackets(self.text(term.body))}"

    def derivative(self, body: Term, wrt: str) -> str:
        printed = self.text(body)
        if _fits_above(body, printed):
            return rf"\frac{{\partial {printed}}}{{\partial {wrt}}}"
        return rf"\frac{{\partial}}{{\partial {wrt}}} {self.brackets(printed)}"

    def reaches_on(self, term: Term) -> bool:
        if isinstance(term, Derivative):
            return not _fits_above(term.body, self.text(term.body))
        return super().reaches_on(term)

    def brackets(self, text: str) -> str:
        return rf"{_OPEN} {text} \right)"


def _fits_above(body: Term, printed: str) -> bool:
    """Whether a derivative is written as one quotient, with its body in the numerator."""
    return isinstance(body, Name) or not (isinstance(body, Binary | Big | Negative) or r"\frac" in printed)
