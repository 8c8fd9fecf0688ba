"""Terms in the notation that answers are written in, and exact values for a reader."""

from __future__ import annotations

from fractions import Fraction

from ...symbolic.exact import Exact
from ...symbolic.jet import Jet, Number
from ...symbolic.printing import POWER, PRODUCT, TIGHT, Printer
from ...symbolic.symbols import Definition
from ...symbolic.term import Big, Term


def written(term: Term) -> str:
    """The term as it would be typed in an answer."""
    return _Written().text(term)


class _Written(Printer):
    prefixes = frozenset()

    def number(self, value: Fraction) -> str:
        return str(value)

    def symbol(self, name: str) -> str:
        return name

    def entry(self, base: str, indices: list[str]) -> str:
        return f"{base}[{', '.join(indices)}]"

    def minus(self, body: str) -> str:
        return f"-{body}"

    def take(self, left: str, right: str) -> str:
        return f"{left} - {right}"

    def times(self, left: Term, first: str, right: Term, second: str) -> str:
        return f"{first}*{second}"

    def over(self, left: Term, right: Term) -> str:
        return f"{self.inside(left, PRODUCT)}/{self.inside(right, POWER)}"

    def raised(self, base: Term, exponent: Term) -> str:
        return f"{self.inside(base, TIGHT)}**{self.inside(exponent, TIGHT)}"

    def function(self, function: str, args: tuple[Term, ...]) -> str:
        return f"{function}({', '.join(map(self.text, args))})"

    def defined(self, definition: Definition, args: tuple[Term, ...]) -> str:
        return self.undefined(definition.name, args)

    def undefined(self, function: str, args: tuple[Term, ...]) -> str:
        return self.function(function, args) if args else function

    def big(self, term: Big) -> str:
        ends = [self.text(end) for end in (term.lower, term.upper) if end is not None]
        return f"{term.kind}({', '.join([term.index, *(ends if ends[:1] != ['1'] else [])])}, {self.text(term.body)})"

    def derivative(self, body: Term, wrt: str) -> str:
        return f"diff({self.text(body)}, {wrt})"

    def brackets(self, text: str) -> str:
        return f"({text})"


def exact_text(value: Number) -> str:
    """An exact number: 2/3, 1 + √2, e²/(1 + e); one that has no such form as the kernel shows it."""
    base = value.base if isinstance(value, Jet) else value
    if isinstance(base, int | Fraction):
        return str(base).replace("-", "−")
    if not isinstance(base, Exact):
        return repr(base)
    rational = base.rational()
    if rational is not None:
        return str(rational).replace("-", "−")
    top, bottom = _sum(base.top), _sum(base.bottom)
    if bottom == "1":
        return top
    return f"{_bracketed(top)}/{_bracketed(bottom)}"


def _bracketed(text: str) -> str:
    return f"({text})" if any(sign in text for sign in " ·/") else text


def _sum(terms: dict[tuple[int, Fraction], Fraction]) -> str:
    """Of terms q·√d·exp(r)."""
    said = ""
    for (d, r), q in sorted(terms.items(), key=lambda pair: (pair[0][1], pair[0][0])):
        factors = [f"√{d}"] * (d != 1) + [f"exp({r})".replace("-", "−").replace("exp(1)", "e")] * (r != 0)
        if abs(q) != 1 or not factors:
            factors.insert(0, str(abs(q)) if q.denominator == 1 or not factors else f"({abs(q)})")
        joined = "·".join(factors)
        said += f" {'−' if q < 0 else '+'} {joined}" if said else f"{'−' if q < 0 else ''}{joined}"
    return said or "0"
