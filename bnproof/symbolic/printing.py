"""What every printer of terms shares: precedence, brackets, reading order. Subclasses say how each piece looks."""

from __future__ import annotations

import re
from fractions import Fraction

from .symbols import FUNCTIONS, Definition, Vocabulary
from .term import Apply, Big, BigKind, Binary, Derivative, Entry, Name, Negative, Number, Term

SUM, PRODUCT, POWER, TIGHT = 1, 2, 3, 4
EMPTY = Vocabulary({}, {})
_OPENING, _CLOSING = ("{", "(", "[", ",", ";"), ("}", ")", "]", ",", ";", r"\right")


class Printer:
    """Prints a term; `vocabulary` supplies the symbols' own spelling.

    What is printed can be read in one way only: terms that differ in value somewhere differ in print.
    """

    prefixes: frozenset[BigKind] = frozenset({"sum"})
    """The kinds written as a sign in front of their body, without brackets of their own: they reach over what follows."""

    def __init__(self, vocabulary: Vocabulary = EMPTY) -> None:
        self.vocabulary = vocabulary

    def text(self, term: Term) -> str:
        """The printed term."""
        match term:
            case Number(value):
                return self.number(value)
            case Name(name):
                return self.symbol(name)
            case Entry(base, indices):
                return self.entry(self.symbol(base), [self.text(i) for i in indices])
            case Binary(op, left, right):
                return self.binary(op, left, right)
            case Negative(body):
                return self.minus(self.after(body, PRODUCT))
            case Apply(function, args) if function in FUNCTIONS:
                return self.function(function, args)
            case Apply(function, args):
                definition = self.vocabulary.definitions.get(function)
                return self.defined(definition, args) if definition else self.undefined(function, args)
            case Big():
                return self.big(term)
            case Derivative(body, wrt):
                return self.derivative(body, self.text(wrt))

    def level(self, term: Term) -> int:
        """How tightly the printed term holds together."""
        match term:
            case Number(value):
                return SUM if value < 0 else TIGHT if value.denominator == 1 else PRODUCT
            case Binary("+" | "-"):
                return SUM
            case Negative():
                return SUM
            case Binary("**"):
                return POWER
            case Binary() | Derivative():
                return PRODUCT
            case Big(kind):
                return PRODUCT if kind in self.prefixes else TIGHT
            case _:
                return TIGHT

    def inside(self, term: Term, least: int) -> str:
        """The term, in brackets unless it holds together at least so tightly."""
        printed = self.text(term)
        return printed if self.level(term) >= least else self.brackets(printed)

    def binary(self, op: str, left: Term, right: Term) -> str:
        """An operation, with the brackets that reading from left to right requires."""
        match op:
            case "+":
                return self.plus(self.inside(left, SUM), self.after(right, SUM))
            case "-":
                return self.take(self.inside(left, SUM), self.after(right, PRODUCT))
            case "*":
                return self.times(left, self.factor(left), right, self.after(right, PRODUCT))
            case "/":
                return self.over(left, right)
            case _:
                return self.raised(left, right)

    def factor(self, term: Term) -> str:
        """A first factor: a number as it is; what ends in a sum sign in brackets, since the sign would swallow what follows."""
        least = TIGHT if self.reaches_on(term) else PRODUCT
        return self.text(term) if isinstance(term, Number) else self.inside(term, least)

    def reaches_on(self, term: Term) -> bool:
        """Whether the printed term ends in the body of a sign, so that a further factor would be read as part of the body."""
        match term:
            case Big(kind):
                return kind in self.prefixes
            case Binary("*", _, right):
                return self.reaches_on(right)
            case _:
                return False

    def fill(self, template: str, args: tuple[Term, ...]) -> str:
        """A template with ``#1``, ``#2`` … replaced: in brackets where the template does not delimit the argument itself."""

        def one(match: re.Match[str]) -> str:
            arg = args[int(match[1]) - 1]
            before, behind = template[: match.start()].rstrip(), template[match.end() :].lstrip()
            opened = before.endswith(_OPENING) and not before.endswith("\\,")
            if opened and behind.startswith(_CLOSING):
                return self.text(arg)
            return self.factor(arg) if opened else self.after(arg, TIGHT)

        return re.sub(r"#(\d)", one, template)

    def after(self, term: Term, least: int) -> str:
        """A right operand: bracketed also if it begins with a minus sign."""
        return self.brackets(self.text(term)) if starts_minus(term) else self.inside(term, least)

    # what a subclass decides

    def number(self, value: Fraction) -> str:
        """A constant."""
        raise NotImplementedError

    def symbol(self, name: str) -> str:
        """A glossary symbol."""
        raise NotImplementedError

    def entry(self, base: str, indices: list[str]) -> str:
        """An entry of a sequence."""
        raise NotImplementedError

    def minus(self, body: str) -> str:
        """A term with a minus sign in front."""
        raise NotImplementedError

    def plus(self, left: str, right: str) -> str:
        """A sum of two."""
        return f"{left} + {right}"

    def take(self, left: str, right: str) -> str:
        """A difference."""
        raise NotImplementedError

    def times(self, left: Term, first: str, right: Term, second: str) -> str:
        """A product; the operands are given as terms and as printed."""
        raise NotImplementedError

    def over(self, left: Term, right: Term) -> str:
        """A quotient."""
        raise NotImplementedError

    def raised(self, base: Term, exponent: Term) -> str:
        """A power."""
        raise NotImplementedError

    def function(self, function: str, args: tuple[Term, ...]) -> str:
        """A function of the language."""
        raise NotImplementedError

    def defined(self, definition: Definition, args: tuple[Term, ...]) -> str:
        """A theorem's own abbreviation, applied."""
        raise NotImplementedError

    def undefined(self, function: str, args: tuple[Term, ...]) -> str:
        """An abbreviation that the vocabulary does not know, applied."""
        raise NotImplementedError

    def big(self, term: Big) -> str:
        """A sum, mean, variance or maximum."""
        raise NotImplementedError

    def derivative(self, body: Term, wrt: str) -> str:
        """A partial derivative."""
        raise NotImplementedError

    def brackets(self, text: str) -> str:
        """The text in brackets."""
        raise NotImplementedError

    def default_range(self, term: Big) -> bool:
        """Whether the range is the index's own, so that it need not be spelled out."""
        symbol = self.vocabulary.symbols.get(term.index)
        return (
            symbol is not None
            and symbol.over is not None
            and term.lower == Number(Fraction(1))
            and term.upper == Name(symbol.over)
        )


def starts_minus(term: Term) -> bool:
    """Whether the printed term would begin with a minus sign."""
    match term:
        case Negative():
            return True
        case Number(value):
            return value < 0
        case Binary("+" | "-" | "*" | "/", left, _):
            return starts_minus(left)
        case _:
            return False
