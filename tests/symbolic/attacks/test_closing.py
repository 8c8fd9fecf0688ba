"""Closing inferences: what follows from proved facts, and what does not."""

from __future__ import annotations

import pytest

from bnproof.symbolic.inferences import Congruence, Contrapositive, DiesOut, Join, NotZero, Sign, SumOfSquares
from bnproof.theorems.theorem import Conclusion

from .bench import Attack, chain, claim, refuse, spec

ROW = (
    Sign("", "sum(i, H[k, i])", ">", "", (), ("sum(i, H[k, i]) > 0",), label="row"),
    NotZero("", "row", "H[k, i] != 0", label="some"),
)
BELOW = Sign("", "1 - a**2", ">", "", (), ("a**2 < 1",), label="below")
TOTAL = Sign("", "sum(i, g[i])", ">", "", (), ("sum(i, g[i]) > 0",), label="whole")


def positive(term: str, label: str = "whole") -> Sign:
    """A fact that supposes itself: what it says is known, and no more."""
    return Sign("", term, ">", "", (), (f"{term} > 0",), label=label)


ATTACKS = {
    # equal inputs, equal outputs
    "congruence: different functions": Attack(
        Congruence("", ("first", "second"), ("a == b",)),
        after=(chain("2*a", "a + a", label="first"), chain("3*b", "b + 2*b", label="second")),
    ),
    "congruence: an input left over": Attack(
        Congruence("", ("first", "second"), ("a == b",)),
        after=(chain("a*beta", "beta*a", label="first"), chain("b*gamma", "gamma*b", label="second")),
    ),
    "congruence: no inputs": Attack(
        Congruence("", ("first", "second"), ()),
        after=(chain("2*a", "a + a", label="first"), chain("a*2", "a + a", label="second")),
    ),
    "congruence: unequal inputs": Attack(
        Congruence("", ("first", "second"), ("a != b",)),
        after=(chain("2*a", "a + a", label="first"), chain("2*b", "b + b", label="second")),
    ),
    "congruence: inputs equal at one place": Attack(
        Congruence("", ("first", "second"), ("z[1] == g[1]",)),
        after=(
            chain("sum(i, 2*z[i])", "2*sum(i, z[i])", label="first"),
            chain("sum(i, 2*g[i])", "2*sum(i, g[i])", label="second"),
        ),
    ),
    "congruence: inputs equal within their range, used beyond": Attack(
        Congruence("", ("first", "second"), ("z[i] == g[i]",)),
        after=(chain("2*z[n + 1]", "z[n + 1]*2", label="first"), chain("2*g[n + 1]", "g[n + 1]*2", label="second")),
    ),
    "congruence: a range longer than the inputs'": Attack(
        Congruence("", ("first", "second"), ("z[i] == g[i]",)),
        after=(
            chain("2*sum(i, 1, n + 1, z[i])", "sum(i, 1, n + 1, z[i])*2", label="first"),
            chain("2*sum(i, 1, n + 1, g[i])", "sum(i, 1, n + 1, g[i])*2", label="second"),
        ),
    ),
    "congruence: an index caught in a longer range": Attack(
        Congruence("", ("first", "second"), ("z[k] == h",)),
        after=(
            chain("2*sum(k, 1, n + 1, z[k])", "sum(k, 1, n + 1, z[k])*2", label="first"),
            chain("2*(n + 1)*h", "sum(k, 1, n + 1, h)*2", label="second"),
        ),
    ),
    "congruence: a sum that would catch an index": Attack(
        Congruence("", ("first", "second"), ("sum(i, H[i, j]) == g[j]",)),
        after=(
            chain("sum(i, sum(j, H[j, i]))", "sum(i, sum(j, H[j, i])) + 0", label="first"),
            chain("2*sum(i, g[i])", "sum(i, g[i])*2", label="second"),
        ),
    ),
    "congruence: equal at one point, in a derivative": Attack(
        Congruence("", ("first", "second"), ("b == h",)),
        after=(chain("2*b", "diff(b*b, b)", label="first"), chain("h", "diff(h*b, b)", label="second")),
    ),
    "congruence: of an order": Attack(
        Congruence("", ("first", "second"), ("a == b",)),
        after=(Sign("", "a**2", ">=", "", label="first"), chain("b*b", "b**2", label="second")),
    ),
    "congruence: one index for two": Attack(
        Congruence("", ("first", "second"), ("H[i, i] == z[i]",)),
        after=(chain("2*H[i, j]", "H[i, j]*2", label="first"), chain("2*z[i]", "z[i]*2", label="second")),
    ),
    # what is not 0
    "not zero: both parts of a sum of two": Attack(NotZero("", "whole", "a != 0"), after=(positive("a + b"),)),
    "not zero: a denominator of what is not 0": Attack(
        Conclusion("b != 0"), after=(positive("a/b"), NotZero("", "whole", "a != 0"))
    ),
    "not zero: every entry": Attack(
        Conclusion("g[i] != 0", given=("sum(i, g[i]) > 0",)), after=(TOTAL, NotZero("", "whole", "g[i] != 0"))
    ),
    "not zero: an entry of another range": Attack(NotZero("", "whole", "g[i] != 0"), after=(positive("sum(i, 0, n, g[i])"),)),
    "not zero: a part of a longer sum": Attack(
        Conclusion("g[i] != 0", ("sum(i, 1, n + 1, g[i]) > 0",), ("i",)), after=(positive("sum(i, 1, n + 1, g[i])"),)
    ),
    "not zero: a sum over all integers": Attack(
        NotZero("", "whole", "kernel[tap] != 1"), after=(positive("sum(tap, kernel[tap])"),)
    ),
    "not zero: an exponent": Attack(NotZero("", "whole", "t != 0"), after=(positive("a**t"),)),
    "not zero: a power's base, where the power may be the zeroth": Attack(
        NotZero("", "whole", "a != 0"), after=(positive("a**t"),)
    ),
    "not zero: inside an exponential": Attack(
        NotZero("", "whole", "a != 0"), after=(Sign("", "exp(a)", ">", "", label="whole"),)
    ),
    "not zero: inside a definition": Attack(NotZero("", "whole", "z[i] != 0"), after=(positive("v"),)),
    "not zero: from what may be 0": Attack(NotZero("", "whole", "a != 0"), after=(Sign("", "a**2", ">=", "", label="whole"),)),
    "not zero: a variance's entry": Attack(NotZero("", "whole", "z[i] != 0"), after=(positive("var(i, z[i])"),)),
    "not zero: a maximum's entry": Attack(NotZero("", "whole", "z[i] != 0"), after=(positive("max(i, z[i])"),)),
    "not zero: larger than": Attack(NotZero("", "whole", "a > 0"), after=(positive("a*b"),)),
    "not zero: of some, for all": Attack(Conclusion("H[k, i] != 0", given=("sum(i, H[k, i]) > 0",)), after=ROW),
    "not zero: of some index, for another": Attack(Conclusion("H[k, i] != 0", ("sum(i, H[k, i]) > 0",), ("k",)), after=ROW),
    # sums of squares
    "squares: a weight that may be 0": Attack(
        SumOfSquares("", "squares", "z[i] == 0"),
        after=(chain("a", "sum(i, eps*z[i]**2)", given=("a == sum(i, eps*z[i]**2)",), label="squares"),),
    ),
    "squares: a weight that may be negative": Attack(
        SumOfSquares("", "squares", "a == 0"), after=(chain("b*a*a", "b*a**2", label="squares"),)
    ),
    "squares: an indicator for a weight": Attack(
        SumOfSquares("", "squares", "z[i] == 0"),
        after=(chain("sum(i, z[i]*chi[i]*z[i])", "sum(i, chi[i]*z[i]**2)", label="squares"),),
    ),
    "squares: a cube": Attack(
        SumOfSquares("", "squares", "a == 0"), after=(chain("a*a*a + b**3", "a**3 + b**3", label="squares"),)
    ),
    "squares: the terms themselves": Attack(
        SumOfSquares("", "squares", "z[i] == 0"), after=(chain("sum(i, z[i] + 0)", "sum(i, z[i])", label="squares"),)
    ),
    "squares: a longer range": Attack(
        SumOfSquares("", "squares", "z[i] == 0"),
        after=(chain("sum(i, 1, 2, z[i]*z[i])", "sum(i, 1, 2, z[i]**2)", label="squares"),),
    ),
    "squares: without the sum being 0": Attack(
        Conclusion("z[i] == 0"),
        after=(chain("sum(i, z[i]*z[i])", "sum(i, z[i]**2)", label="squares"), SumOfSquares("", "squares", "z[i] == 0")),
    ),
    "squares: a weight from beyond its range": Attack(
        SumOfSquares("", "squares", "a == 0"),
        after=(chain("a*a*sum(i, 0, 0, z[i])", "sum(i, 0, 0, z[i])*a**2", given=("z[k] > 0",), label="squares"),),
    ),
    "squares: a weight that counts down": Attack(
        SumOfSquares("", "squares", "a == 0"), after=(chain("-a*a", "sum(i, -2, -2, i + 1)*a**2", label="squares"),)
    ),
    "squares: a sum of different squares": Attack(
        SumOfSquares("", "squares", "a == 0"), after=(chain("a*a - b*b", "a**2 - b**2", label="squares"),)
    ),
    # what dies out
    "dies out: a ratio of 1": Attack(DiesOut("", "t", "b0", ("1",), ())),
    "dies out: a ratio that may be 1": Attack(DiesOut("", "t", "b0*a**t", ("a",), ())),
    "dies out: by another ratio": Attack(DiesOut("", "t", "b0*h**t", ("a",), ("below",)), after=(BELOW,)),
    "dies out: with a constant": Attack(DiesOut("", "t", "b0*a**t + b", ("a",), ("below",)), after=(BELOW,)),
    "dies out: a linear factor by one ratio": Attack(DiesOut("", "t", "t*a**t", ("a",), ("below",)), after=(BELOW,)),
    "dies out: a ratio that changes": Attack(
        DiesOut("", "t", "a**(t*t)", ("a**(2*t + 1)",), ("below",)),
        after=(Sign("", "1 - a**(4*t + 2)", ">", "", (), ("1 - a**(4*t + 2) > 0",), label="below"),),
    ),
    "dies out: a ratio that changes in a definition": Attack(
        DiesOut("", "t", "b0*a**t", ("a + hidden - hidden",), ("below",)), after=(BELOW,), defined=(spec("hidden", "t*b"),)
    ),
    "dies out: the time hidden": Attack(
        DiesOut("", "t", "hidden*a**t - hidden*a**t + hidden", ("a",), ("below",)),
        after=(BELOW,),
        defined=(spec("hidden", "h**t"),),
    ),
    "dies out: the time hidden in what is supposed": Attack(
        DiesOut("", "t", "b*a**t", ("a",), ("below",), given=("b == h**t",)), after=(BELOW,)
    ),
    "dies out: in no time": Attack(DiesOut("", "n", "a**n", ("a",), ("below",)), after=(BELOW,)),
    "dies out: by no ratio": Attack(DiesOut("", "t", "0*a**t", (), ())),
    "dies out: at every time": Attack(
        Conclusion("a**t == 0", given=("a**2 < 1",)), after=(BELOW, DiesOut("", "t", "a**t", ("a",), ("below",)))
    ),
    "dies out: towards less": Attack(
        Conclusion("a**t <= 0", ("a**2 < 1",), limit="t"), after=(BELOW, DiesOut("", "t", "a**t", ("a",), ("below",)))
    ),
    "dies out: with time towards another bound": Attack(
        Conclusion("a**t == 0", ("a**2 < 1",), limit="n"), after=(BELOW, DiesOut("", "t", "a**t", ("a",), ("below",)))
    ),
    "dies out: argued from at once": Attack(
        chain("a**t + 1", "1", since=("gone",)), after=(BELOW, DiesOut("", "t", "a**t", ("a",), ("below",), label="gone"))
    ),
    # put together
    "join: facts that do not meet": Attack(
        Join("", ("first", "second")), after=(chain("a", "a + 0", label="first"), chain("b", "b + 0", label="second"))
    ),
    "join: two orders against each other": Attack(
        Join("", ("first", "second")),
        after=(Sign("", "a**2", ">=", "", label="first"), Sign("", "b**2", ">=", "", label="second")),
    ),
    "join: two differences": Attack(
        Join("", ("first", "second")),
        after=(
            Sign("", "a", ">", "", (), ("a > 0",), label="x"),
            NotZero("", "x", "a != 0", label="first"),
            Sign("", "b", ">", "", (), ("b > 0",), label="y"),
            NotZero("", "y", "b != 0", label="second"),
        ),
    ),
    "join: of one fact": Attack(Join("", ("first",)), after=(chain("a", "a + 0", label="first"),)),
    "join: strictness invented": Attack(
        Conclusion("a**2 + 0 > 0"),
        after=(
            chain("a**2 + 0", "a**2", label="first"),
            Sign("", "a**2", ">=", "", label="second"),
            Join("", ("first", "second")),
        ),
    ),
    "join: of two that hold for some": Attack(
        Join("", ("first", "second")),
        after=(TOTAL, NotZero("", "whole", "g[i] != 0", label="first"), NotZero("", "whole", "g[i] != 0", label="second")),
    ),
    # the other way round
    "contrapositive: of what it does not suppose": Attack(
        Contrapositive("", "law", "denial", "a == 0"),
        after=(
            chain("b*h", "0", given=("b == 0",), label="law"),
            positive("b*h", "x"),
            NotZero("", "x", "b*h != 0", label="denial"),
        ),
    ),
    "contrapositive: of another term": Attack(
        Contrapositive("", "law", "denial", "b == 0"),
        after=(
            chain("b*h", "0", given=("b == 0",), label="law"),
            positive("h", "x"),
            NotZero("", "x", "h != 0", label="denial"),
        ),
    ),
    "contrapositive: by an order that allows equality": Attack(
        Contrapositive("", "law", "denial", "b == 0"),
        after=(chain("b*b", "0", given=("b == 0",), label="law"), Sign("", "b*b", ">=", "", label="denial")),
    ),
    "contrapositive: everywhere, what fails somewhere": Attack(
        Conclusion("z[i] != 0", given=("sum(i, z[i]) > 0",)),
        after=(
            chain("sum(i, z[i])", "0", given=("z[i] == 0",), label="law"),
            positive("sum(i, z[i])", "x"),
            NotZero("", "x", "sum(i, z[i]) != 0", label="denial"),
            Contrapositive("", "law", "denial", "z[i] == 0"),
        ),
    ),
}

CONTROLS = {
    "congruence": Attack(
        Conclusion("2*sum(i, z[i]) == 2*sum(j, g[j])", given=("z[i] == g[i]",)),
        after=(
            chain("2*sum(i, z[i])", "sum(i, z[i])*2", label="first"),
            chain("2*sum(j, g[j])", "sum(i, g[i])*2", label="second"),
            Congruence("", ("first", "second"), ("z[i] == g[i]",)),
        ),
    ),
    "not zero": Attack(
        Conclusion("g[i] != 0", ("sum(i, g[i]) > 0",), ("i",)), after=(TOTAL, NotZero("", "whole", "g[i] != 0"))
    ),
    "squares": Attack(
        Conclusion("z[i] == 0", given=("sum(i, z[i]*z[i]) == 0",), example={"n": 1, "z": (0,)}),
        after=(chain("sum(i, z[i]*z[i])", "sum(i, z[i]**2)", label="squares"), SumOfSquares("", "squares", "z[i] == 0")),
    ),
    "dies out": Attack(
        Conclusion("a**t == 0", ("a**2 < 1",), limit="t", example={"a": 0}),
        after=(BELOW, DiesOut("", "t", "a**t", ("a",), ("below",))),
    ),
    "dies out by the same ratio twice": Attack(DiesOut("", "t", "t*a**t", ("a", "a"), ("below",)), after=(BELOW,)),
    "join": Attack(
        Conclusion("a*a >= 0"),
        after=(chain("a*a", "a**2", label="first"), Sign("", "a**2", ">=", "", label="second"), Join("", ("first", "second"))),
    ),
    "contrapositive": Attack(
        Conclusion("b != 0", given=("b*h > 0",)),
        after=(
            chain("b*h", "0", given=("b == 0",), label="law"),
            positive("b*h", "x"),
            NotZero("", "x", "b*h != 0", label="denial"),
            Contrapositive("", "law", "denial", "b == 0"),
        ),
    ),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_refused(name: str) -> None:
    refuse(ATTACKS[name])


@pytest.mark.parametrize("name", CONTROLS)
def test_accepted(name: str) -> None:
    claim(CONTROLS[name])
