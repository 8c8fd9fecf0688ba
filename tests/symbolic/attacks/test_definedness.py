"""Where a term has a value: nothing may be argued through terms that are undefined where the statement is made."""

from __future__ import annotations

import pytest

from bnproof.symbolic.inferences import Join, Sign, SumOfSquares
from bnproof.theorems.theorem import Conclusion

from .bench import Attack, chain, claim, refuse, spec

ONLY_CHI = "(b - b*chi[k])/(1 - chi[k])"
INACTIVE = ("(1 - chi[k])/(1 - chi[k]) > 0",)
POWER = spec("pw(t, k)", "(1 - chi[k])**t")
TOTAL = spec("total(n)", "sum(i, 1/z[i])")
RECIPROCAL = spec("inverse(h)", "1/h")

ATTACKS = {
    # the two chains of the issue, through a middle that is undefined exactly where the ends differ
    "a Kronecker delta that may be 1 is divided out": Attack(
        chain("delta(i, k) - 1/n", "(delta(i,k) - 1/n - delta(i,k)*(delta(i,k) - 1/n))/(1 - delta(i,k))", "-1/n")
    ),
    "an indicator that may be 1 is divided out": Attack(chain("b + chi[k]", ONLY_CHI, "b")),
    "one step of it": Attack(chain("b + chi[k]", ONLY_CHI)),
    "the same by a definition": Attack(chain("b", "b*(1 - chi[k])*inverse(1 - chi[k])"), defined=(RECIPROCAL,)),
    "the same by a negative power": Attack(chain("b", "(b - b*chi[k])*(1 - chi[k])**(-1)")),
    # a definition's parameter is a number of steps ≥ 0, its argument is not
    "a definition's exponent turned negative": Attack(chain("b", "b*(1 - chi[k])*pw(-1, k)"), defined=(POWER,)),
    "a definition's exponent less 1": Attack(chain("(1 - chi[k])**t", "(1 - chi[k])*pw(t - 1, k)"), defined=(POWER,)),
    "an exponent less 1": Attack(chain("a**t", "a*a**(t - 1)")),
    "a definition's sum over a longer range": Attack(chain("a", "a + 0*total(n + 1)", given=("z[k] != 0",)), defined=(TOTAL,)),
    "a definition's sum over another size": Attack(chain("a", "a + 0*total(C)", given=("z[k] != 0",)), defined=(TOTAL,)),
    # divisions by what may vanish
    "by a real": Attack(chain("a", "a*b/b")),
    "by a difference": Attack(chain("a", "a*(b - beta)/(b - beta)")),
    "by a count that may be 0": Attack(chain("a", "a*m/m")),
    "by how many are inactive, where all may be active": Attack(chain("a", "a*(n - m)/(n - m)")),
    "by n − 1 for one value": Attack(chain("a", "a*(n - 1)/(n - 1)")),
    "by a time that may be 0": Attack(chain("a", "a*t/t")),
    "by a variance": Attack(chain("a", "a*v/v")),
    "by the root of a variance": Attack(chain("mu", "mu*s/s")),
    "by an entry of each sum": Attack(chain("n", "sum(i, z[i]/z[i])")),
    "by one entry, where another is known not to vanish": Attack(chain("1/z[1]", "z[2]/(z[1]*z[2])"), minimum={"n": 2}),
    "by every entry, where one is known not to vanish": Attack(chain("n + 0/z[k]", "sum(k, z[k]/z[k])")),
    "by a square that is known where it may be 0": Attack(chain("a", "a*(b**2 + a**2)/(b**2 + a**2)")),
    "by a sum of two of which the first is known": Attack(chain("1/b", "(a + b)/(b*(a + b))")),
    "a denominator known in a range that may be empty": Attack(
        chain("a + sum(i, 1, n - 1, 1/b)", "a*b/b + sum(i, 1, n - 1, 1/b)")
    ),
    "a denominator known at no step": Attack(chain("a + sum(tap, 1, t, 1/b)", "a*b/b + sum(tap, 1, t, 1/b)")),
    "an entry known beyond its range": Attack(chain("sum(i, 1/z[i])", "sum(i, 1/z[i]) + 0/z[n + 1]")),
    "a mean over a range that may be empty": Attack(chain("b", "mean(i, 1, n - 1, b)")),
    # roots and logarithms
    "the root of a real, squared": Attack(chain("b", "sqrt(b)**2")),
    "the root of what may be negative": Attack(chain("a", "a + 0*sqrt(b)")),
    "the logarithm of what may be 0": Attack(chain("eps", "eps + 0*log(eps)")),
    "the logarithm of a square": Attack(chain("a", "a + log(b**2) - log(b**2)")),
    "the logarithm's exponential": Attack(chain("b", "exp(log(b))")),
    "the derivative of a root at 0": Attack(chain("eps", "eps + 0*diff(sqrt(eps), eps)")),
    "the derivative of an absolute value at its kink": Attack(chain("b", "b + 0*diff(abs(b), b)")),
    "the derivative of a maximum": Attack(chain("b", "b + 0*diff(max(i, z[i]*b), b)")),
    # values at other places than those that were shown
    "a sum of squares that is 0 where it is undefined": Attack(
        Conclusion("a == 0", given=("a**2*b/b == 0",)),
        after=(chain("a**2*b/b", "a**2", label="squares"), SumOfSquares("", "squares", "a == 0")),
    ),
    "two facts with an undefined middle": Attack(
        Conclusion("b + chi[k] == b"),
        after=(
            chain(ONLY_CHI, "b", label="first"),
            chain(ONLY_CHI, "b + chi[k]", label="second"),
            Join("", ("first", "second")),
        ),
    ),
    "two facts with a middle undefined by a definition": Attack(
        Conclusion("b + chi[k] == b"),
        after=(
            chain("(b - b*chi[k])*pw(-1, k)", "b", label="first"),
            chain("(b - b*chi[k])*pw(-1, k)", "b + chi[k]", label="second"),
            Join("", ("first", "second")),
        ),
        defined=(POWER,),
    ),
    "a sign shown only where a quotient has a value": Attack(
        Conclusion("b**2 > 0"), after=(Sign("", "b**2/b**2*b**2", ">", ""),)
    ),
    "an inactive unit taken for all": Attack(
        Conclusion("(1 - chi[k])**2 > 0"), after=(Sign("", "(1 - chi[k])**2/(1 - chi[k])**2*(1 - chi[k])**2", ">", ""),)
    ),
    "a hypothesis that has a value nowhere else": Attack(
        Conclusion("b + chi[k] == b", given=("2 - 1 > 0",)),
        after=(
            chain("b + chi[k]", ONLY_CHI, given=INACTIVE, label="first"),
            chain("b", ONLY_CHI, given=INACTIVE, label="second"),
            Join("", ("first", "second")),
        ),
    ),
}

CONTROLS = {
    "a Kronecker delta divided out where it is shown not to be 1": Attack(
        chain("b/(1 - chi[k])", "(b - b*chi[k])/(1 - chi[k])**2")
    ),
    "division by a real that is supposed": Attack(chain("a", "a*b/b", given=("b != 0",))),
    "a definition's sum over its own range": Attack(chain("a", "a + 0*total(n)", given=("z[k] != 0",)), defined=(TOTAL,)),
    "division by a size": Attack(chain("a", "a*n/n")),
    "by n − 1 for two values": Attack(chain("a", "a*(n - 1)/(n - 1)"), minimum={"n": 2}),
    "by a count that is supposed": Attack(chain("a", "a*m/m", given=("m > 0",))),
    "by every entry": Attack(chain("n", "sum(i, z[i]/z[i])", given=("z[k] != 0",))),
    "by every entry, as before": Attack(chain("sum(i, 1/z[i])", "sum(k, z[k]/z[k]**2)")),
    "by one that is known already": Attack(chain("1/b", "b/b**2")),
    "in a range that is not empty": Attack(chain("a + sum(i, 1/b)", "a*b/b + sum(i, 1/b)")),
    "an exponent less 1 where the base is positive": Attack(chain("eta**t", "eta*eta**(t - 1)")),
    "a definition's exponent that is no less": Attack(chain("(1 - chi[k])**(t + 1)", "pw(t + 1, k)"), defined=(POWER,)),
    "the root of a square": Attack(chain("b**2", "sqrt(b**2)**2")),
    "the exponential of a logarithm": Attack(chain("eta", "exp(log(eta))")),
    "a sign where it has a value": Attack(
        Conclusion("b**2 > 0", given=("b != 0",)), after=(Sign("", "b**2/b**2*b**2", ">", ""),)
    ),
    "a sum of squares where it has a value": Attack(
        Conclusion("a == 0", given=("b != 0", "a**2*b/b == 0"), example={"a": 0, "b": 1}),
        after=(chain("a**2*b/b", "a**2", label="squares"), SumOfSquares("", "squares", "a == 0")),
    ),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_refused(name: str) -> None:
    refuse(ATTACKS[name])


@pytest.mark.parametrize("name", CONTROLS)
def test_accepted(name: str) -> None:
    claim(CONTROLS[name])
