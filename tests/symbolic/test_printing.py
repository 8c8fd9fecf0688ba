"""What is printed can be read in one way: terms that differ in value somewhere are printed differently, both ways."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bnproof.symbolic.evaluate import Instance
from bnproof.symbolic.instances import Draws
from bnproof.symbolic.latex import latex
from bnproof.symbolic.notation import parse
from bnproof.symbolic.plain import plain
from bnproof.symbolic.printing import Printer
from bnproof.symbolic.symbols import Vocabulary
from bnproof.symbolic.term import Apply, Big, BigKind, Binary, Derivative, Entry, Name, Negative, Number, Operator, Term
from bnproof.theorems.definitions import BATCHNORM, BATCHNORM_AT, definitions
from bnproof.theorems.glossary import GLOSSARY

from .reading import alike, differ, seen

DOUBLED = ("doubled(h)", "2*h", r"d(2\,#1)", "d(2·#1)", "an argument beside a factor")
TAGGED = ("tagged(h)", "h + gamma", r"y^{\psi}(#1)", "y^ψ(#1)", "a letter with a label above")
VOCABULARY = Vocabulary(GLOSSARY, definitions(*BATCHNORM, *BATCHNORM_AT, DOUBLED, TAGGED))
INSTANCES = [Instance(VOCABULARY, d, d.entry) for d in (Draws(GLOSSARY, {"n": 2}, seed) for seed in range(2, 7))]
Maker = Callable[[Term], Term]


def number(value: int | Fraction) -> Number:
    return Number(Fraction(value))


def big(kind: BigKind, upper: str = "n", index: str = "i") -> Maker:
    return lambda body: Big(kind, index, number(1), Name(upper), body)


def applied(function: str) -> Maker:
    return lambda body: Apply(function, (body,))


def derivative(body: Term) -> Term:
    return Derivative(body, Name("b"))


ATOMS: list[Term] = [
    *(Name("b"), Name("t"), number(2), number(Fraction(-1, 2))),
    *(Entry("z", (Name("i"),)), Apply("mu_at", (number(0),)), Apply("mu", ())),
]
UNARY: list[Maker] = [
    *(Negative, derivative, *map(applied, ("sqrt", "abs", "relu", "exp", "mu_at", "doubled", "tagged"))),
    *(big("sum"), big("sum", "m"), big("max"), big("max", "m"), big("mean"), big("mean", "m"), big("var", "m")),
]
OPERATORS: tuple[Operator, ...] = ("+", "-", "*", "/", "**")


def binary(lefts: list[Term], rights: list[Term]) -> list[Term]:
    return [Binary(op, left, right) for op, left, right in product(OPERATORS, lefts, rights)]


def small_terms() -> list[Term]:
    """All terms of up to two operations over a few atoms."""
    once = [*(make(atom) for make in UNARY for atom in ATOMS), *binary(ATOMS, ATOMS)]
    twice = [*(make(term) for make in UNARY for term in once), *binary(ATOMS, once), *binary(once, ATOMS)]
    return [*ATOMS, *once, *twice]


def ambiguous(terms: list[Term]) -> Iterator[tuple[Term, Term]]:
    """Pairs that are printed alike and have different values somewhere."""
    for first, *others in alike(dict.fromkeys(terms), VOCABULARY):
        yield from ((first, other) for other in others if differ(first, other, INSTANCES))


def test_small_terms() -> None:
    terms = small_terms()
    assert len(terms) > 20_000
    assert next(ambiguous(terms), None) is None


def test_indices() -> None:
    places: list[Term] = [
        *(Name("i"), Name("j"), Name("n"), number(1), number(11), number(-1), number(Fraction(1, 2))),
        *(parse(text, VOCABULARY) for text in ("i + 1", "i - 1", "2*i", "-i", "n/2", "1/2", "z[i]", "z[1]", "i**2")),
    ]
    pairs = list(product(places, repeat=2))
    terms: list[Term] = [Entry("z", (place,)) for place in places]
    for first, second in pairs:
        terms += [Entry("H", (first, second)), Apply("delta", (first, second)), Apply("y_at", (first, second))]
    terms += [Binary("**", term, number(2)) for term in terms]
    assert next(ambiguous(terms), None) is None
    whole = [Name("i"), number(1), number(11), number(-1), *(parse(text, VOCABULARY) for text in ("i + 1", "-i", "2*i"))]
    assert not alike([Entry("H", pair) for pair in product(whole, repeat=2)], VOCABULARY)


TERMS: st.SearchStrategy[Term] = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.one_of(
        st.builds(lambda make, body: make(body), st.sampled_from(UNARY), inner),
        st.builds(Binary, st.sampled_from(OPERATORS), inner, inner),
        st.builds(big("sum", "n", "j"), inner),
    ),
    max_leaves=6,
)


def turned(term: Term) -> Iterator[Term]:
    """The same pieces in the same order, put together differently at one place: what a missing bracket confuses."""
    match term:
        case Binary(op, Binary(first, a, b), c):
            yield Binary(first, a, Binary(op, b, c))
        case Binary(op, Negative(a), b):
            yield Negative(Binary(op, a, b))
        case Binary(op, Big(kind, index, low, high, a), b):
            yield Big(kind, index, low, high, Binary(op, a, b))
        case Binary(op, Derivative(a, wrt), b):
            yield Derivative(Binary(op, a, b), wrt)
        case Binary(op, Apply(function, (a,)), b):
            yield Apply(function, (Binary(op, a, b),))
        case Big(kind, index, low, Name(high), a):
            yield Big(kind, index, low, Name("m" if high == "n" else "n"), a)
        case _:
            pass
    match term:
        case Binary(op, a, Binary(second, b, c)):
            yield Binary(second, Binary(op, a, b), c)
        case Binary(op, a, b):
            yield from (Binary(op, other, b) for other in turned(a))
            yield from (Binary(op, a, other) for other in turned(b))
        case Negative(a):
            yield from map(Negative, turned(a))
        case Apply(function, (a,)):
            yield from (Apply(function, (other,)) for other in turned(a))
        case Big(kind, index, low, high, a):
            yield from (Big(kind, index, low, high, other) for other in turned(a))
        case Derivative(a, wrt):
            yield from (Derivative(other, wrt) for other in turned(a))
        case _:
            pass


@settings(max_examples=400, deadline=None)
@given(TERMS)
def test_larger_terms_and_the_same_put_together_differently(term: Term) -> None:
    for other in turned(term):
        for one, two in zip(seen(term, VOCABULARY), seen(other, VOCABULARY), strict=True):
            assert one != two or not differ(term, other, INSTANCES), f"{one} is both {term} and {other}"


UNTOLD = [
    ("max(i, z[i]*b)", "max(i, z[i])*b"),
    ("max(i, z[i])**2", "max(i, z[i]**2)"),
    ("sqrt(b)**2", "sqrt(b**2)"),
    ("mean(i, z[i])", "mean(i, 1, m, z[i])"),
    ("max(i, z[i])", "max(i, 1, m, z[i])"),
    ("sum(i, z[i])/z[i]", "sum(i, z[i]/z[i])"),
    ("doubled(b + 1)", "d_of(2*b + 1)"),
    ("mu_at(b + 1)", "mu*(b + 1)"),
    ("abs(b)*t*abs(a)", "abs(b*abs(t)*a)"),
    ("2*(1/n)", "2 + 1/n"),
]


@pytest.mark.parametrize(("first", "second"), UNTOLD)
def test_pairs_once_printed_alike(first: str, second: str) -> None:
    other = ("d_of(h)", "h", "d(#1)", "d(#1)", "the same letter")
    vocabulary = Vocabulary(GLOSSARY, definitions(*BATCHNORM, *BATCHNORM_AT, DOUBLED, other))
    one, two = (seen(parse(text, vocabulary), vocabulary) for text in (first, second))
    assert one[0] != two[0]
    assert one[1] != two[1]


def test_printers_that_leave_out_brackets_or_ranges_are_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    terms = small_terms()
    with monkeypatch.context() as patch:
        patch.setattr(Printer, "default_range", lambda self, term: True)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
        assert next(ambiguous(terms), None)
    with monkeypatch.context() as patch:
        patch.setattr(Printer, "inside", lambda self, term, least: self.text(term))  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType, reportUnknownMemberType]
        assert next(ambiguous(terms), None)
    assert next(ambiguous(terms), None) is None
    assert latex(terms[0], VOCABULARY) == plain(terms[0], VOCABULARY) == "b"
