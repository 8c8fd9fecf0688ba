"""Induction, case splits, signs, witnesses, and conclusions."""

from __future__ import annotations

import pytest

from bnproof.symbolic.inferences import Case, Cases, Induction, Item, Join, Sign, State, Undefined, Use, Witness
from bnproof.theorems.theorem import Conclusion

from .bench import Attack, chain, claim, refuse, spec


def recursion(start: str, update: str, closed: str, name: str = "b", given: tuple[str, ...] = (), **steps: str) -> Induction:
    step = ((steps["step"], ""),) if "step" in steps else ()
    return Induction("", "t", (State(name, start, update, closed, (), step),), given=given)


def split(over: str, below: Item, zero: Item, above: Item) -> Cases:
    return Cases("", over, (Case("", "<", (below,)), Case("", "=", (zero,)), Case("", ">", (above,))))


def counted(none: Item, some: Item, every: Item) -> Cases:
    return Cases("", "m", (Case("", ("0", "0"), (none,)), Case("", ("1", "n - 1"), (some,)), Case("", ("n", "n"), (every,))))


SAME = chain("a", "a + 0")
JOINED = (
    chain("a + 0", "a + 1 - 1", given=("b > 0",), label="first"),
    chain("a + 0", "a", given=("b < 0",), label="second"),
    Join("", ("second", "first")),
)
BETWEEN = Sign("", "b*(1 - b)", ">", "", (), ("b > 0", "1 - b > 0"))
JUMP = "(b0 - b0*delta(t, 7))/(1 - delta(t, 7))"
STAYS = ("t", (("b", "b0", "b + abs(a) - a"),))

ATTACKS = {
    # recursions
    "induction: the closed form mentions the state": Attack(recursion("b0", "a*b", "b")),
    "induction: it mentions another state": Attack(
        Induction("", "t", (State("b", "b0", "a*b", "M"), State("M", "b0", "a*M", "b")))
    ),
    "induction: a definition mentions the state": Attack(recursion("b0", "b", "itself"), defined=(spec("itself", "b"),)),
    "induction: the start mentions the state": Attack(recursion("b", "b", "b0")),
    "induction: the start mentions the time": Attack(recursion("t*b0", "b", "0*t")),
    "induction: a wrong start": Attack(recursion("b0", "a*b", "2*b0*a**t")),
    "induction: a wrong step": Attack(recursion("b0", "a*b", "b0*a**(2*t)")),
    "induction: one step late": Attack(recursion("b0", "a*b", "b0*a**(t + 1)")),
    "induction: a sum of one term too many": Attack(recursion("0", "b + 1", "t + 1")),
    "induction: right for five steps": Attack(recursion("0", "b + 1", "t + t*(t - 1)*(t - 2)*(t - 3)*(t - 4)*(t - 5)")),
    "induction: updated one after the other": Attack(
        Induction("", "t", (State("b", "b0", "b + M", "b0 + t*M0"), State("M", "M0", "b", "M0")))
    ),
    "induction: what is supposed holds at the start alone": Attack(recursion("b0", "abs(b)", "b0", given=("b > 0",))),
    "induction: what is supposed of the time": Attack(recursion("b0", "b + t", "b0", given=("t == 0",))),
    "induction: a closed form undefined at one time": Attack(recursion("b0", "b + delta(t, 7)*h", JUMP)),
    "induction: a derivative by what the closed form depends on": Attack(recursion("b0", "diff(a*b, a)", "b0*(t + 1)")),
    "induction: a positive quantity": Attack(recursion("eta", "-amp", "eta", name="amp")),
    "induction: the time hidden": Attack(recursion("b0", "b", "b0*weight"), defined=(spec("weight", "1 + t*(t - 1)"),)),
    "induction: entries that take over their neighbours": Attack(Induction("", "t", (State("z[i]", "h", "z[i + 1]", "h"),))),
    "induction: entries that grow unlike": Attack(Induction("", "t", (State("z[i]", "g[i]", "z[i] + z[1]", "g[i]*2**t"),))),
    "induction: entries of another axis": Attack(Induction("", "t", (State("z[c]", "h", "z[c]", "h"),))),
    "induction: argued from at no time": Attack(
        chain("b", "b0", since=("law",)), after=(Induction("", "t", (State("b", "b0", "b", "b0"),), "law"),)
    ),
    "induction: concluded of no recursion": Attack(Conclusion("b == b0"), after=(recursion("b0", "b", "b0"),)),
    "induction: concluded of another recursion": Attack(
        Conclusion("b == b0", recursion=("t", (("b", "b0", "2*b"),))), after=(recursion("b0", "b", "b0"),)
    ),
    "induction: concluded of another start": Attack(
        Conclusion("b == b0", recursion=("t", (("b", "0", "b"),))), after=(recursion("b0", "b", "b0"),)
    ),
    # case splits
    "cases: one is missing": Attack(Cases("", "b", (Case("", "<", (SAME,)), Case("", ">", (SAME,))))),
    "cases: one is twice": Attack(Cases("", "b", (Case("", "<", (SAME,)), Case("", "<", (SAME,)), Case("", ">", (SAME,))))),
    "cases: a count without its interior": Attack(
        Cases("", "m", (Case("", ("0", "0"), (SAME,)), Case("", ("n", "n"), (SAME,))))
    ),
    "cases: an interior that is no interior": Attack(counted(SAME, Sign("", "m*(n - m) - 1", ">", ""), SAME)),
    "cases: the wrong sign": Attack(split("b", Sign("", "b", ">", ""), SAME, SAME)),
    "cases: an active unit where none is": Attack(counted(chain("chi[k]", "1"), SAME, SAME)),
    "cases: a unit beyond the last, where none is active": Attack(counted(chain("chi[n + 1]", "0"), SAME, SAME)),
    "cases: a unit beyond the last, where all are active": Attack(counted(SAME, SAME, chain("chi[n + 1]", "1"))),
    "cases: another indicator": Attack(counted(chain("keep[k]", "0"), SAME, SAME)),
    "cases: shown in one, concluded in all": Attack(Conclusion("b*a == 0"), after=(split("b", SAME, chain("b*a", "0"), SAME),)),
    "cases: shown in two, concluded in all": Attack(
        Conclusion("b**2 > 0"), after=(split("b", Sign("", "b**2", ">", ""), SAME, Sign("", "b**2", ">", "")),)
    ),
    "cases: a name for a positive number that is more": Attack(
        Conclusion("b - tau == 0", given=("b > 0",)),
        after=(split("b", SAME, SAME, chain("b - tau", "0", given=("b == tau",))),),
    ),
    "cases: different recursions": Attack(
        Conclusion("b == b0", recursion=STAYS),
        after=(
            split(
                "a",
                recursion("b0", "b", "b0"),
                recursion("b0", "b", "b0"),
                recursion("b0", "b + abs(a) - a", "b0", given=("a == tau",)),
            ),
        ),
    ),
    "cases: a recursion that starts at a named number": Attack(
        Conclusion("b == a", given=("a > 0",), recursion=("t", (("b", "tau", "b"),))),
        after=(split("a", SAME, SAME, recursion("tau", "b", "a", given=("a == tau",))),),
    ),
    "cases: narrowed inside": Attack(split("b", SAME, SAME, chain("b", "1", given=("b == 1",)))),
    "cases: a witness of another case": Attack(split("b", Witness("", {"b": 1}, (("b", ">", "0"),)), SAME, SAME)),
    "cases: a witness that is not 0": Attack(split("b", SAME, Witness("", {"b": 1}, (("b", "==", "0"),)), SAME)),
    "cases: a witness that is active": Attack(
        counted(Witness("", {"n": 2, "chi": (1, 1)}, (("chi[1]", "==", "0"),)), SAME, SAME)
    ),
    "cases: a derivative by what is 0": Attack(split("b", SAME, chain("diff(b*a, b)", "0"), SAME)),
    # signs
    "sign: a square is positive": Attack(Sign("", "b**2", ">", "")),
    "sign: a variance is positive": Attack(Sign("", "v", ">", "")),
    "sign: an odd power": Attack(Sign("", "b**3", ">=", "")),
    "sign: a sum that may be empty": Attack(Sign("", "sum(i, 1, n - 1, exp(z[i]))", ">", "")),
    "sign: a count is positive": Attack(Sign("", "m", ">", "")),
    "sign: all are not active": Attack(Sign("", "n - m", ">", "")),
    "sign: more than the size": Attack(Sign("", "m - n", ">=", "")),
    "sign: another axis's size": Attack(Sign("", "C - m", ">=", "")),
    "sign: n − 1 is positive": Attack(Sign("", "n - 1", ">", "")),
    "sign: n − 2 for one value": Attack(Sign("", "n - 2", ">=", "")),
    "sign: an index less 1 is positive": Attack(Sign("", "k - 1", ">", "")),
    "sign: an index over all integers": Attack(Sign("", "place", ">=", "")),
    "sign: a positive part is positive": Attack(Sign("", "relu(b) ", ">", "")),
    "sign: an absolute value is positive": Attack(Sign("", "abs(b)", ">", "")),
    "sign: a logarithm": Attack(Sign("", "log(eta)", ">=", "")),
    "sign: a difference of exponentials": Attack(Sign("", "exp(b) - 1", ">=", "")),
    "sign: a quotient of nonnegatives": Attack(Sign("", "v/eps", ">", "")),
    "sign: a maximum of nonnegatives is positive": Attack(Sign("", "max(i, z[i]**2)", ">", "")),
    "sign: a product of two reals": Attack(Sign("", "a*b", ">=", "")),
    "sign: Lagrange with a sign turned": Attack(
        Sign("", "sum(i, z[i])**2 - n*sum(i, z[i]**2)", ">=", "", (("sum(i, sum(j, (z[i] - z[j])**2))/2", ""),))
    ),
    "sign: beyond the range of what is positive": Attack(Sign("", "sum(i, 0, n, z[i])", ">=", "", (), ("z[k] > 0",))),
    "sign: at most": Attack(Sign("", "-b**2", "<=", "")),  # type: ignore[arg-type]
    # witnesses
    "witness: an index before the first": Attack(Witness("", {"n": 2, "k": 0}, (("k", "==", "0"),))),
    "witness: an index beyond the last": Attack(Witness("", {"n": 2, "k": 3}, (("k", "==", "3"),))),
    "witness: a size of 0": Attack(Witness("", {"n": 0}, (("n", "==", "0"),))),
    "witness: a fraction of a step": Attack(Witness("", {"t": "1/2"}, (("t", ">", "0"),))),
    "witness: 1/0": Attack(Witness("", {"b": 0}, (("b/b", "==", "1"),))),
    "witness: a limit": Attack(Witness("", {"b": 0}, (("exp(log(b))", "==", "0"),))),
    "witness: equal roots": Attack(Witness("", {"b": 2}, (("sqrt(b)", "==", "141421356237/100000000000"),))),
    "witness: a nearly equal exponential": Attack(Witness("", {"b": 1}, (("exp(b)", "<", "2718281828/1000000000"),))),
    "witness: concluded in general": Attack(Conclusion("b > 0"), after=(Witness("", {"b": 1}, (("b", ">", "0"),)),)),
    "witness: concluded at other values": Attack(
        Conclusion("b > 0", at={"b": -1}), after=(Witness("", {"b": 1}, (("b", ">", "0"),)),)
    ),
    "witness: concluded where it has no value": Attack(
        Conclusion("b/b > 0", at={"b": 0}), after=(Witness("", {"b": 0}, (("1", ">", "0"),)),)
    ),
    "witness: concluded of another term": Attack(
        Conclusion("b + a - a > 0", at={"b": 1}), after=(Witness("", {"b": 1}, (("b", ">", "0"),)),)
    ),
    "undefined: by a root": Attack(Undefined("", {"b": -1}, "sqrt(b)")),
    "undefined: where it is 0": Attack(Undefined("", {"b": 0}, "b/(b + 1)")),
    # conclusions
    "conclusion: without a proof": Attack(Conclusion("a == b"), after=(SAME,)),
    "conclusion: two different zeros": Attack(Conclusion("b - b == a"), after=(chain("b - b", "a - a"),)),
    "conclusion: another equality that holds": Attack(Conclusion("a + b == b + a"), after=(chain("2*a", "a + a"),)),
    "conclusion: the same difference from 0": Attack(Conclusion("0 == a - a"), after=(chain("b", "b + 0"),)),
    "conclusion: an inequality turned": Attack(Conclusion("0 > b**2 + 1"), after=(Sign("", "b**2 + 1", ">", ""),)),
    "conclusion: a multiple of unknown sign": Attack(Conclusion("b*(b**2 + 1) > 0"), after=(Sign("", "b**2 + 1", ">", ""),)),
    "conclusion: a negative multiple": Attack(Conclusion("-2*(b**2 + 1) > 0"), after=(Sign("", "b**2 + 1", ">", ""),)),
    "conclusion: strict, where equality may hold": Attack(Conclusion("b**2 > 0"), after=(Sign("", "b**2", ">=", ""),)),
    "conclusion: equal, where only ≥ is shown": Attack(Conclusion("b**2 == 0"), after=(Sign("", "b**2", ">=", ""),)),
    "conclusion: supposing a contradiction": Attack(Conclusion("a == a + 1 - 1", given=("b > 0", "b < 0")), after=JOINED),
    "conclusion: supposing a contradiction in sizes": Attack(
        Conclusion("eta > 0", given=("1 - n > 0",)),
        after=(Use("", "known", "fact", "eta", "0", {}, ">", ("1 - n > 0",)),),
        cited=(Sign("", "eta", ">", "", label="fact"),),
    ),
    "conclusion: supposing what contradicts a definition": Attack(
        Conclusion("mu*z[k] == 0", given=("mu == 1", "z[i] == 0")),
        after=(chain("mu*z[k]", "0", given=("mu == 1", "z[i] == 0")),),
    ),
    "conclusion: an example that does not satisfy": Attack(
        Conclusion("b*(1 - b) > 0", given=("b > 0", "1 - b > 0"), example={"b": -1}), after=(BETWEEN,)
    ),
    "conclusion: an example that says too little": Attack(
        Conclusion("b*(1 - b) > 0", given=("b > 0", "1 - b > 0"), example={"a": 1}), after=(BETWEEN,)
    ),
    "conclusion: a quotient that may be undefined": Attack(Conclusion("a*b/b == a"), after=(chain("a*b/b", "a"),)),
    "conclusion: of some, nothing": Attack(Conclusion("a == a + 0", some=("k",)), after=(SAME,)),
    "conclusion: a limit of what holds at every time": Attack(Conclusion("a == a + 0", limit="t"), after=(SAME,)),
    "conclusion: a hypothesis forgotten": Attack(Conclusion("z[k] == 0"), after=(chain("z[k]", "0", given=("z[i] == 0",)),)),
    "conclusion: a hypothesis about one entry": Attack(
        Conclusion("sum(k, z[k]) > 0", given=("z[1] > 0",)), after=(Sign("", "sum(k, z[k])", ">", "", (), ("z[k] > 0",)),)
    ),
}

CONTROLS = {
    "induction": Attack(
        Conclusion("b == b0*a**t", recursion=("t", (("b", "b0", "a*b"),))),
        after=(recursion("b0", "a*b", "b0*a**t", step="a*(b0*a**t)"),),
    ),
    "induction of two": Attack(Induction("", "t", (State("b", "b0", "b + M", "b0 + t*M0"), State("M", "M0", "M", "M0")))),
    "induction with a denominator": Attack(recursion("b0/(1 - a)", "a*b", "b0*a**t/(1 - a)", given=("1 - a != 0",))),
    "cases": Attack(Conclusion("b**2 >= 0"), after=(split("b", *(Sign("", "b**2", ">=", "") for _ in range(3))),)),
    "cases: a positive number by name": Attack(
        Conclusion("abs(b)*abs(b) == b**2"),
        after=(
            split(
                "b",
                chain("abs(b)*abs(b)", "b**2", given=("b == -tau",)),
                chain("abs(b)*abs(b)", "b**2"),
                chain("abs(b)*abs(b)", "b**2", given=("b == tau",)),
            ),
        ),
    ),
    "cases: of a count": Attack(
        counted(chain("chi[k]*z[k]", "0"), Sign("", "m*(n - m)", ">", ""), chain("chi[k]*z[k]", "z[k]"))
    ),
    "cases: a witness": Attack(
        split("b", Witness("", {"b": -1}, (("b", "<", "0"),)), Witness("", {"b": 0}, (("b", "==", "0"),)), SAME)
    ),
    "cases: a witness that does not speak of it": Attack(split("b", SAME, Witness("", {"a": 1}, (("b*a", "==", "0"),)), SAME)),
    "sign: n − 1": Attack(Sign("", "n - 1", ">=", "")),
    "sign: an index less 1": Attack(Sign("", "k - 1", ">=", "")),
    "witness": Attack(Conclusion("b > 0", at={"b": 1}), after=(Witness("", {"b": 1}, (("b", ">", "0"),)),)),
    "a conclusion's difference from 0": Attack(Conclusion("b**2 > -1"), after=(Sign("", "b**2 + 1", ">", ""),)),
    "a conclusion supposing what is possible": Attack(
        Conclusion("b*(1 - b) > 0", given=("b > 0", "1 - b > 0"), example={"b": "1/2"}), after=(BETWEEN,)
    ),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_refused(name: str) -> None:
    refuse(ATTACKS[name])


@pytest.mark.parametrize("name", CONTROLS)
def test_accepted(name: str) -> None:
    claim(CONTROLS[name])
