"""Reading and printing terms."""

from __future__ import annotations

import pytest

from bnproof.errors import NotationError
from bnproof.symbolic.latex import latex
from bnproof.symbolic.notation import parse, parse_relation
from bnproof.symbolic.plain import plain
from bnproof.symbolic.symbols import Vocabulary

PRINTED = [
    ("1/n*sum(i, z[i] + b)", "1/n · ∑ᵢ (zᵢ + b)", r"\frac{1}{n} \, \sum_{i=1}^{n} \left( z_{i} + b \right)"),
    ("sum(i, z[i])*b", "(∑ᵢ zᵢ)·b", r"\left( \sum_{i=1}^{n} z_{i} \right) \, b"),
    ("b - (z[1] - g[2])", "b − (z₁ − g₂)", r"b - \left( z_{1} - g_{2} \right)"),
    ("-b*gamma", "−b·γ", r"-b \, \gamma"),
    ("(a + b)**2", "(a + b)²", r"{\left( a + b \right)}^{2}"),
    ("a**(t + 1)", "a^(t + 1)", r"{a}^{t + 1}"),
    ("xhat(k)**2", "x̂ₖ²", r"{\hat x_{k}}^{2}"),
    ("y_at(k, 0)", "yₖ(0)", r"y_{k}(0)"),
    ("2*3", "2·3", r"2 \cdot 3"),
    ("delta(i, j)", "δᵢⱼ", r"\delta_{ij}"),
    ("z[i + 1]", "z[i + 1]", r"z_{i + 1}"),
    ("diff(y(j), z[i])", "∂yⱼ/∂zᵢ", r"\frac{\partial y_{j}}{\partial z_{i}}"),
    ("max(j, z[j])", "maxⱼ(zⱼ)", r"\max_{1 \le j \le n} z_{j}"),
    ("sqrt(v + eps)", "√(v + ε)", r"\sqrt{v + \varepsilon}"),
    ("b - -2", "b − (−2)", r"b - \left( -2 \right)"),
]


@pytest.mark.parametrize(("text", "expected", "_tex"), PRINTED)
def test_plain(vocabulary: Vocabulary, text: str, expected: str, _tex: str) -> None:
    assert plain(parse(text, vocabulary), vocabulary) == expected


@pytest.mark.parametrize(("text", "_plain", "expected"), PRINTED)
def test_latex(vocabulary: Vocabulary, text: str, _plain: str, expected: str) -> None:
    assert latex(parse(text, vocabulary), vocabulary) == expected


BAD = [
    ("z[i", "cannot read the term"),
    ("zeta", "unknown symbol `zeta`"),
    ("z", "`z` is a sequence"),
    ("z[i, j]", "takes 1 indices, not 2"),
    ("sum(i, sum(i, z[i]))", "bound twice"),
    ("sum(b, z[1])", "`b` is not an index"),
    ("nosuch(b)", "unknown function `nosuch`"),
    ("sqrt(b, b)", "takes 1 arguments, not 2"),
    ("diff(b)", "`diff` takes an expression and the symbol"),
    ("diff(b, b + 1)", "differentiates by a symbol"),
    ("b if n else a", "not part of the notation"),
    ("1.5*b", "not part of the notation"),
    ("True", "not part of the notation"),
    ("sum(i)", "takes (index, expression)"),
]


@pytest.mark.parametrize(("text", "message"), BAD)
def test_errors_quote_the_text(vocabulary: Vocabulary, text: str, message: str) -> None:
    with pytest.raises(NotationError) as caught:
        parse(text, vocabulary)
    assert message in str(caught.value)
    assert text in str(caught.value)


def test_unknown_symbols_come_with_neighbours(vocabulary: Vocabulary) -> None:
    with pytest.raises(NotationError, match="`gamma`"):
        parse("gama", vocabulary)


def test_relations(vocabulary: Vocabulary) -> None:
    parts = parse_relation("0 < m < n", vocabulary)
    assert [p for p in parts if isinstance(p, str)] == ["<", "<"]
    with pytest.raises(NotationError):
        parse_relation("m in n", vocabulary)
