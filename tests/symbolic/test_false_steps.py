"""Equalities that do not hold: each of the two checks must refuse each of them, on its own."""

from __future__ import annotations

import pytest

from bnproof.errors import ProofError
from bnproof.symbolic.checker import Checker
from bnproof.symbolic.notation import parse

FALSE = {
    "wrong sign": ("mu_at(b)", "mu - b"),
    "n for n − 1": ("sum(i, (z[i] - mu)**2)/(n - 1)", "sum(i, (z[i] - mu)**2)/n"),
    "missing 1/n": ("mean(i, z[i])", "sum(i, z[i])"),
    "b/n for b": ("mu_at(b)", "mu + b/n"),
    "n b for b": ("sum(i, z[i] + b)", "sum(i, z[i]) + b"),
    "dropped square": ("v", "mean(i, z[i] - mu)"),
    "variance without the squared mean": ("v", "mean(i, z[i]**2)"),
    "dropped root": ("s", "v + eps"),
    "epsilon outside the root": ("s", "sqrt(v) + eps"),
    "root of a sum": ("sqrt(v + eps)", "sqrt(v) + sqrt(eps)"),
    "|A| for n": ("mean(i, chi[i])", "m/m"),
    "n for |A|": ("sum(i, chi[i])", "n"),
    "inactive for active": ("sum(i, 1 - chi[i])", "m"),
    "indicator taken for 1": ("sum(i, chi[i]*z[i])", "sum(i, z[i])"),
    "indicator taken out": ("sum(i, chi[i]*z[i])", "m*mean(i, z[i])"),
    "swapped bound index": ("sum(i, sum(j, H[i, j]*g[i]))", "sum(i, sum(j, H[i, j]*g[j]))"),
    "symmetry that is not there": ("H[i, j]", "H[j, i]"),
    "product of sums": ("sum(i, z[i]*g[i])", "sum(i, z[i])*sum(i, g[i])"),
    "square of a sum": ("sum(i, z[i])**2", "sum(i, z[i]**2)"),
    "delta not contracted": ("sum(j, delta(i, j)*z[j])", "z[j]"),
    "delta counted n times": ("sum(i, delta(i, k))", "n"),
    "delta beside an index always met": ("sum(i, delta(i, k - 1))", "1"),
    "delta beside an index, wrong end": ("sum(i, delta(i, k - 1))", "1 - delta(k, n)"),
    "delta beside an index, one end missing": ("sum(i, delta(i, k + 2))", "1 - delta(k, n)"),
    "constant delta": ("delta(i, k)", "1"),
    "last term forgotten": ("sum(i, 1, n + 1, z[i])", "sum(i, z[i])"),
    "last term twice": ("sum(i, 1, n + 1, z[i])", "sum(i, z[i]) + 2*z[n + 1]"),
    "first term forgotten": ("sum(i, 0, n, z[i])", "sum(i, z[i])"),
    "piecewise in a sum": ("sum(i, relu(z[i] + b))", "sum(i, relu(z[i])) + n*b"),
    "relu of a mean": ("mean(i, relu(z[i]))", "relu(mu)"),
    "relu taken for linear": ("relu(z[1] + b)", "relu(z[1]) + relu(b)"),
    "absolute value dropped": ("sqrt(b**2)", "b"),
    "exponential of a sum": ("exp(b + z[k])", "exp(b) + exp(z[k])"),
    "softmax without its denominator": ("exp(b + z[k])/sum(j, exp(z[j]))", "exp(z[k])/sum(j, exp(z[j]))"),
    "logarithm of a product": ("log(2*exp(b))", "b"),
    "logarithm of a sum": ("log(tau + amp)", "log(tau) + log(amp)"),
    "logarithm's chain rule forgotten": ("diff(log(sum(i, exp(z[i]))), z[k])", "1/sum(i, exp(z[i]))"),
    "power rule": ("diff(b**3, b)", "3*b**3"),
    "chain rule forgotten": ("diff((2*b + 1)**2, b)", "2*(2*b + 1)"),
    "mean held constant": ("diff(mu, z[i])", "0"),
    "variance's mean held constant in the output": ("diff(y(j), z[i])", "gamma/s*delta(i, j)"),
    "variance held constant in the output": ("diff(y(j), z[i])", "gamma/s*(delta(i, j) - 1/n)"),
    "norm of the normalised values at epsilon > 0": ("sum(k, xhat(k)**2)", "n"),
    "eval taken for train": ("gamma*(z[k] + b - mu)/s + beta", "y_at(k, 0)"),
    "off by one in a power": ("a**(t + 1)", "a**t"),
    "biased scale": ("var(i, b*z[i])", "b*v"),
    "reciprocal of a sum": ("1/(n + m + 1)", "1/n + 1/(m + 1)"),
    "empty range counted backwards": ("sum(i, 3, n, 1)", "n - 2"),
    "sum to a count that may be 0": ("sum(i, 1, m - 1, 1)", "m - 1"),
    "moved by an index bound inside": (
        "sum(ringpos, relu(sum(tap, kernel[tap]*ring[ringpos + tap])))",
        "sum(ringpos, relu(ring[ringpos]*sum(tap, kernel[tap])))",
    ),
    "circular max-pooling undone": (
        "sum(ringpos, max(i, ring[ringpos + i]))",
        "sum(ringpos, max(i, ring[ringpos]))",
    ),
    "derivative by another entry": ("diff(sum(i, z[i]**2), z[k])", "2*z[1]"),
}


def test_there_are_enough_of_them() -> None:
    assert len(FALSE) >= 25


@pytest.mark.parametrize("name", FALSE)
def test_the_symbolic_check_refuses(checker: Checker, name: str) -> None:
    left, right = (parse(text, checker.vocabulary) for text in FALSE[name])
    with pytest.raises(ProofError) as caught:
        checker.symbolic(left, right)
    assert checker.plain(left) in str(caught.value)
    assert checker.plain(right) in str(caught.value)


@pytest.mark.parametrize("name", FALSE)
def test_the_exact_check_refuses(checker: Checker, name: str) -> None:
    left, right = (parse(text, checker.vocabulary) for text in FALSE[name])
    with pytest.raises(ProofError, match="an exact instance refutes the step"):
        checker.exact(left, right)


def test_the_difference_is_printed(checker: Checker) -> None:
    with pytest.raises(ProofError, match=r"left − right reduces to 2\*b"):
        checker.equal(parse("mu + b", checker.vocabulary), parse("mu - b", checker.vocabulary))


def test_undefined_everywhere_is_refused(checker: Checker) -> None:
    with pytest.raises(ProofError):
        checker.equal(parse("z[1]/(b - b)", checker.vocabulary), parse("z[1]/(b - b)", checker.vocabulary))
