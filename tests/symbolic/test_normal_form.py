"""The normal form is one: normalising it again changes nothing, and sums may be exchanged."""

from __future__ import annotations

import pytest

from bnproof.symbolic.bridge import Bridge
from bnproof.symbolic.normal import Normaliser
from bnproof.symbolic.notation import parse
from bnproof.symbolic.symbols import Vocabulary

from .test_true_steps import TRUE

NESTED = [
    "sum(i, 1/sum(j, H[i, j]))",
    "sum(i, sqrt(mean(j, (H[i, j] - z[i])**2) + 2))",
    "sum(i, z[i]/sum(j, sqrt(sum(k, H[j, k]**2) + H[i, j]**2 + 1)))",
    "sum(i, sum(j, sum(k, H[i, j]*H[j, k]*H[k, i])))",
]


@pytest.mark.parametrize("text", [left for left, _ in TRUE] + NESTED)
def test_idempotent(vocabulary: Vocabulary, text: str) -> None:
    normaliser = Normaliser(vocabulary.symbols, {})
    expr = Bridge(vocabulary).sympy(parse(text, vocabulary))
    assert normaliser.polynomial(normaliser.expr(expr)) == normaliser.polynomial(expr)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("sum(i, sum(j, H[i, j]*z[i]*g[j]))", "sum(j, sum(i, H[i, j]*g[j]*z[i]))"),
        ("sum(k, delta(k, l)*sum(i, sum(j, H[i, j]*H[j, k])))", "sum(j, sum(i, H[i, j]*H[j, l]))"),
        ("log(sum(i, sum(j, delta(i, j)*exp(z[j]))))", "log(sum(i, exp(z[i])))"),
        ("sum(i, 1/sum(j, H[i, j]))", "sum(k, 1/sum(l, H[k, l]))"),
    ],
)
def test_renaming_exchanging_contracting(vocabulary: Vocabulary, left: str, right: str) -> None:
    normaliser = Normaliser(vocabulary.symbols, {})
    bridge = Bridge(vocabulary)
    assert normaliser.difference(bridge.sympy(parse(left, vocabulary)), bridge.sympy(parse(right, vocabulary))) is None
