"""Equalities that hold: both checks accept them."""

from __future__ import annotations

import pytest

from bnproof.symbolic.checker import Checker
from bnproof.symbolic.notation import parse

TRUE = [
    ("sum(i, z[i] + b)", "sum(i, z[i]) + n*b"),
    ("sum(i, b)", "n*b"),
    ("mean(i, z[i] + b)", "mu + b"),
    ("var(i, z[i])", "mean(i, z[i]**2) - mu**2"),
    ("var(i, b*z[i])", "b**2*v"),
    ("sum(i, sum(j, z[i]*z[j]))", "sum(i, z[i])**2"),
    ("sum(i, sum(j, (z[i] - z[j])**2))", "2*n*sum(i, z[i]**2) - 2*sum(i, z[i])**2"),
    ("sum(i, sum(j, H[i, j]*z[j]))", "sum(j, sum(i, H[j, i]*z[i]))"),
    ("sum(i, sum(j, H[i, j]*g[i]*g[j]))", "sum(j, sum(i, H[j, i]*g[j]*g[i]))"),
    ("sum(i, sum(j, H[i, j]*z[j])**2)", "sum(i, sum(j, sum(k, H[i, j]*H[i, k]*z[j]*z[k])))"),
    ("sum(j, delta(i, j)*z[j])", "z[i]"),
    ("sum(i, sum(j, delta(i, j)*z[i]*g[j]))", "sum(i, z[i]*g[i])"),
    ("sum(i, delta(i, k))", "1"),
    ("sum(i, delta(i, k - 1))", "1 - delta(k, 1)"),
    ("sum(i, delta(k + 2, i)*z[i])", "z[k + 2]*(1 - delta(k, n) - delta(k, n - 1))"),
    ("sum(k, z[k]*sum(i, delta(i, k - 1)))", "sum(k, z[k]) - z[1]"),
    ("sum(i, 1, n + 1, z[i])", "sum(i, z[i]) + z[n + 1]"),
    ("sum(i, 1, n - 1, z[i])", "sum(i, z[i]) - z[n]"),
    ("sum(i, 0, n, z[i])", "z[0] + sum(i, z[i])"),
    ("sum(i, 1, 3, z[i])", "z[1] + z[2] + z[3]"),
    ("chi[i]**2", "chi[i]"),
    ("chi[i]*(1 - chi[i])", "0"),
    ("sum(i, chi[i])", "m"),
    ("sum(i, chi[i]**3)", "m"),
    ("sum(i, 1 - chi[i])", "n - m"),
    ("var(i, chi[i])", "m/n*(1 - m/n)"),
    ("sqrt(v + eps)**2", "v + eps"),
    ("1/sqrt(v + eps)", "sqrt(v + eps)/(v + eps)"),
    ("(v + eps)**2/sqrt(v + eps)**3", "sqrt(v + eps)"),
    ("sqrt(12)", "2*sqrt(3)"),
    ("sqrt(n**2*v + n**2*eps)", "n*s"),
    ("sqrt(tau/(1 - mean(i, (z[i] - mu)**2)/(v + tau)))", "sqrt(v + tau)"),
    ("exp(b + z[k])/sum(j, exp(b + z[j]))", "exp(z[k])/sum(j, exp(z[j]))"),
    ("exp(2*b)", "exp(b)**2"),
    ("exp(log(n) + b)", "n*exp(b)"),
    ("log(exp(b - h))", "b - h"),
    ("log(tau*exp(b)/exp(h))", "b - h + log(tau)"),
    ("log(tau/2)", "log(tau) - log(2)"),
    ("log(b**2*tau)", "log(tau) + log(b**2)"),
    ("log(tau**2*(1 + amp))", "2*log(tau) + log(1 + amp)"),
    ("exp(2*log(tau) + log(1 + amp))", "tau**2*(1 + amp)"),
    ("diff(log(sum(i, exp(z[i]))), z[k])", "exp(z[k])/sum(i, exp(z[i]))"),
    ("a**(t + 2)", "a**2*a**t"),
    ("diff(z[i]**2, z[k])", "2*z[i]*delta(i, k)"),
    ("diff(sum(i, z[i]**2), z[k])", "2*z[k]"),
    ("diff(sqrt(v + eps), z[i])", "xhat(i)/n"),
    ("diff(diff(b**3, b), b)", "6*b"),
    ("diff(exp(b**2), b)", "2*b*exp(b**2)"),
    ("sum(k, xhat(k))", "0"),
    ("sum(k, xhat(k)**2)", "n*v/(v + eps)"),
    ("(n - m)/(m - n)", "-1"),
]


@pytest.mark.parametrize(("left", "right"), TRUE)
def test_both_checks_accept(checker: Checker, left: str, right: str) -> None:
    checker.equal(parse(left, checker.vocabulary), parse(right, checker.vocabulary))
