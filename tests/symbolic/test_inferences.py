"""Each inference accepts what it should and refuses what it must."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bnproof.errors import ProofError
from bnproof.symbolic.checker import Checker
from bnproof.symbolic.fact import Fact
from bnproof.symbolic.inferences import (
    Case,
    Cases,
    Chain,
    Cited,
    Induction,
    Item,
    Maximum,
    Sign,
    State,
    Undefined,
    Use,
    Witness,
)
from bnproof.symbolic.notation import parse_relations
from bnproof.symbolic.symbols import Vocabulary


class Shelf:
    """A context with a few cited facts, and facts of the proof at hand by label."""

    def __init__(self, vocabulary: Vocabulary, **facts: Fact) -> None:
        self.vocabulary = vocabulary
        self.facts = facts

    def cited(self, theorem: str, label: str) -> Cited:
        known = {
            "mean": ("mean(i, z[i] + b) == mu + b", {}, ()),
            "root": ("sqrt(eta**2) == eta", {}, ()),
            "pair": ("n*(z[k] - mu) == n*z[k] - sum(i, z[i])", {"n": 2}, ()),
            "slope": ("diff(b*beta, b) == beta", {}, ()),
            "ring": ("sum(ringpos, ring[ringpos + 1]) == sum(ringpos, ring[ringpos])", {}, ()),
            "divided": ("b*z[k]/b == z[k]", {}, ("b != 0",)),
            "every": ("z[k] + sum(i, z[i]) == sum(i, z[i]) + z[k]", {}, ("z[k] > 0",)),
            "inverses": ("sum(k, 1/z[k]) + b == b + sum(k, 1/z[k])", {}, ()),
            "first": ("sum(i, delta(i, k)*z[i]) == z[k]", {}, ()),
        }
        if theorem != "known" or label not in known:
            raise ProofError(f"`{theorem}` has no item labelled `{label}`")
        text, minimum, given = known[label]
        (says,) = parse_relations(text, self.vocabulary)
        supposed = tuple(r for g in given for r in parse_relations(g, self.vocabulary))
        return Cited(self.vocabulary, Fact(says, supposed), minimum)

    def fact(self, label: str) -> Fact:
        if label not in self.facts:
            raise ProofError(f"no item is labelled `{label}`")
        return self.facts[label]

    def record(self, item: Item, facts: Sequence[Fact]) -> None:
        label = getattr(item, "label", "")
        if label:
            (self.facts[label],) = facts


def check(item: Item, checker: Checker) -> None:
    before = checker.checks
    item.check(checker, Shelf(checker.vocabulary))
    assert checker.checks > before


ZERO = Chain("", "chi[k]*z[k]", (("0", ""),))
ALL = Chain("", "chi[k]*z[k]", (("z[k]", ""),))
SOME = Sign("", "m*(n - m)", ">", "")
COUNTED = (Case("none", ("0", "0"), (ZERO,)), Case("some", ("1", "n - 1"), (SOME,)), Case("all", ("n", "n"), (ALL,)))
SIGNED = (
    Case("below", "<", (Sign("", "-b", ">", ""),)),
    Case("zero", "=", (Chain("", "b*z[1]", (("0", ""),)),)),
    Case("above", ">", (Sign("", "b**3", ">", ""),)),
)
LAG = Induction("", "t", (State("b", "b0", "a*b", "b0*a**t", (), (("a*(b0*a**t)", ""),)),))

ACCEPTED: dict[str, Item] = {
    "chain": Chain("", "mean(i, z[i] + b)", (("mu + b", ""),)),
    "chain under an assumption": Chain("", "b*z[k] + 1", (("1", ""),), given=("z[i] == 0",)),
    "chain with a definition assumed": Chain("", "3*xhat(k)", (("0", ""),), given=("xhat(j) == 0",)),
    "chain for one sample": Chain("", "mu", (("z[1]", ""),), given=("n == 1",)),
    "sign of a square": Sign("", "b**2 - 2*b + 1", ">=", "", (("(b - 1)**2", ""),)),
    "sign given": Sign("", "s", ">", "", (), given=("s > 0",)),
    "Lagrange": Sign("", "n*sum(i, z[i]**2) - sum(i, z[i])**2", ">=", "", (("sum(i, sum(j, (z[i] - z[j])**2))/2", ""),)),
    "cases of a count": Cases("", "m", COUNTED),
    "cases of a sign": Cases("", "b", SIGNED),
    "use": Use("", "known", "mean", "mean(i, z[i] + b)", "mu + b"),
    "use of positives": Use("", "known", "root", "sqrt((eta*exp(b))**2)", "eta*exp(b)", {"eta": "eta*exp(b)"}),
    "use over another axis": Use(
        "", "known", "mean", "mean(c, biases[c] + b)", "mean(c, biases[c]) + b", {"n": "C", "z[i]": "biases[i]"}
    ),
    "use under a replacement": Use("", "known", "mean", "mean(i, 2*z[i] + a)", "2*mu + a", {"z[i]": "2*z[i]", "b": "a"}),
    "use of what is supposed for every index": Use(
        "", "known", "every", "z[l] + sum(i, z[i])", "sum(i, z[i]) + z[l]", {"k": "l"}, given=("z[j] > 0",)
    ),
    "use of what divides": Use("", "known", "divided", "b*z[k]/b", "z[k]", given=("b != 0",)),
    "use that mentions itself": Use("", "known", "mean", "mean(i, z[i] + 1 + b)", "mu + 1 + b", {"z[i]": "z[i] + 1"}),
    "witness": Witness("", {"n": 2, "z": (1, "1/2")}, (("mu", "==", "3/4"), ("v", ">", "0"), ("mu", "!=", "z[1]"))),
    "undefined": Undefined("", {"n": 2, "z": (1, 1), "eps": 0}, "xhat(1)"),
    "maximum": Maximum("", "max(i, z[i] + b)", "max(i, z[i]) + b", "z[k] + b", "max(j, z[j])", "z[k]"),
    "scaled maximum": Maximum(
        "", "max(i, eta*z[i] + b)", "eta*max(i, z[i]) + b", "eta*z[k] + b", "max(j, z[j])", "z[k]", factor="eta"
    ),
    "induction": LAG,
    "induction over a sequence": Induction(
        "",
        "t",
        (
            State("z[i]", "g[i]", "a*z[i]", "g[i]*a**t", (), ()),
            State("b", "sum(i, g[i])", "a*sum(i, z[i])", "a**t*sum(i, g[i])"),
        ),
    ),
    "size less 1": Sign("", "n - 1", ">=", "a size is at least 1"),
    "given for every index": Sign("", "sum(k, z[k])", ">", "", (), given=("z[k] > 0",)),
    "sum over a size": Sign("", "sum(i, exp(z[i]))", ">", "exponentials are positive"),
}

REFUSED: dict[str, Item] = {
    "empty chain": Chain("", "mu", ()),
    "false chain": Chain("", "mean(i, z[i] + b)", (("mu", ""),)),
    "false in the middle": Chain("", "mu", (("mu + b", ""), ("mu", ""))),
    "true only under an assumption not made": Chain("", "b*z[k]", (("0", ""),)),
    "assumption on an expression": Chain("", "b", (("0", ""),), given=("b + 1 == 1",)),
    "sign not manifest": Sign("", "b**2 - 2*b + 1", ">=", ""),
    "strict sign of a square": Sign("", "b**2", ">", ""),
    "sign of a difference": Sign("", "n - 1", ">", ""),
    "sign of a real symbol": Sign("", "b", ">=", ""),
    "sign of an odd power": Sign("", "b**3", ">=", ""),
    "sign after a false step": Sign("", "-b**2", ">=", "", (("b**2", ""),)),
    "positive from nonnegative": Sign("", "eps", ">", ""),
    "root of something that may be 0": Sign("", "sqrt(v + eps)", ">", ""),
    "cases with a gap": Cases("", "m", (COUNTED[0], COUNTED[2])),
    "cases in another order": Cases("", "m", (COUNTED[2], COUNTED[1], COUNTED[0])),
    "cases that overlap": Cases("", "m", (COUNTED[0], Case("some", ("0", "n - 1"), (SOME,)), COUNTED[2])),
    "case without proof": Cases("", "m", (COUNTED[0], Case("some", ("1", "n - 1"), ()), COUNTED[2])),
    "false case": Cases("", "m", (Case("none", ("0", "0"), (ALL,)), COUNTED[1], COUNTED[2])),
    "interior proof at the border": Cases("", "m", (Case("none", ("0", "0"), (SOME,)), COUNTED[1], COUNTED[2])),
    "two signs of three": Cases("", "b", SIGNED[:2]),
    "wrong side": Cases("", "b", (Case("below", "<", SIGNED[2].items), SIGNED[1], SIGNED[2])),
    "split over an expression": Cases("", "b + 1", SIGNED),
    "positive replaced by real": Use("", "known", "root", "sqrt(b**2)", "b", {"eta": "b"}),
    "positive replaced by zero": Use("", "known", "root", "sqrt(0**2)", "0", {"eta": "0"}),
    "size too small": Use("", "known", "pair", "n*(z[k] - mu)", "n*z[k] - sum(i, z[i])"),
    "size replaced, index not": Use(
        "", "known", "mean", "mean(c, z[c] + b) + 0*z[k]", "mean(c, z[c]) + b + 0*z[k]", {"n": "k"}
    ),
    "index of another range": Use("", "known", "pair", "n*(z[c] - mu)", "n*z[c] - sum(i, z[i])", {"k": "c"}),
    "size replaced by an expression": Use(
        "", "known", "mean", "mean(i, 1, n + 1, z[i] + b)", "mean(i, 1, n + 1, z[i]) + b", {"n": "n + 1"}
    ),
    "supposed of one index instead of every": Use(
        "", "known", "every", "z[1] + sum(i, z[i])", "sum(i, z[i]) + z[1]", {"k": "1"}, given=("z[1] > 0",)
    ),
    "supposed of less than the cited fact supposes": Use("", "known", "every", "z[k] + sum(i, z[i])", "sum(i, z[i]) + z[k]"),
    "cyclic size replaced by another": Use(
        "", "known", "ring", "sum(i, z[i + 1])", "sum(i, z[i])", {"P": "n", "ring[ringpos]": "z[ringpos]"}
    ),
    "derivative by a letter that is put in elsewhere": Use("", "known", "slope", "diff(b*b, b)", "b", {"beta": "b"}),
    "a condition of the cited fact lost": Use("", "known", "divided", "b*z[k]/b", "z[k]"),
    "an index beyond a replaced size": Use(
        "", "known", "first", "sum(i, 1, 3, delta(i, place)*z[i])", "z[place]", {"n": "3", "k": "place"}
    ),
    "definition replaced": Use("", "known", "mean", "mean(i, z[i] + b)", "1 + b", {"mu": "1"}),
    "narrowed case of a sign": Cases(
        "", "b", (*SIGNED[:2], Case("above", ">", (Chain("", "b", (("1", ""),), given=("b == 1",)),)))
    ),
    "narrowed case of a count": Cases(
        "", "m", (Case("none", ("0", "0"), (Chain("", "m", (("1", ""),), given=("m == 1",)),)), *COUNTED[1:])
    ),
    "replacement of one entry for all": Chain("", "H[i, j]", (("0", ""),), given=("H[i, i] == 0",)),
    "replacement of a named entry for all": Chain("", "z[k]", (("0", ""),), given=("z[n] == 0",)),
    "replacement of one value of a definition": Chain("", "mu_at(0)", (("0", ""),), given=("mu_at(b) == 0",)),
    "derivative by a replaced symbol": Chain("", "diff(b - a, b)", (("0", ""),), given=("b == a",)),
    "derivative by an entry of a ring": Chain("", "diff(ring[ringpos], ring[ringpos + 1])", (("0", ""),)),
    "unknown sign": Sign("", "b**2", "<", ""),  # type: ignore[arg-type]
    "given of another sequence": Sign("", "sum(k, z[k])", ">", "", (), given=("g[k] > 0",)),
    "count beyond the size": Witness("", {"n": 2, "m": 5}, (("m", ">", "n"),)),
    "index beyond the size": Witness("", {"n": 2, "k": 3}, (("k", ">", "n"),)),
    "longer than the size": Witness("", {"n": 2, "z": (1, 2, 3)}, (("z[3]", "==", "3"),)),
    "derivative at a kink": Witness("", {"b": 0}, (("diff(abs(b), b)", "==", "1"),)),
    "defined derivative of a vanishing variance": Undefined("", {"n": 2, "z": (3, 3), "b": 0, "eps": 0}, "diff(s_at(b), b)"),
    "member indexed by the size": Maximum("", "max(i, z[i])", "max(i, z[i])", "z[n]", "max(j, z[j])", "z[n]"),
    "empty batch": Chain("", "sum(i, z[i])", (("0", ""),), given=("n == 0",)),
    "witness outside its case": Cases(
        "", "b", (Case("below", "<", (Witness("", {"b": 1}, (("b", "==", "1"),)),)), *SIGNED[1:])
    ),
    "use of no label": Use("", "known", "", "mu", "mu"),
    "use of an unknown label": Use("", "known", "variance", "mu", "mu"),
    "use that says more": Use("", "known", "mean", "mean(i, z[i] + b)", "mu"),
    "use of the wrong instance": Use("", "known", "mean", "mean(i, 2*z[i] + b)", "2*mu + b"),
    "replacement forgotten on one side": Use("", "known", "mean", "mean(i, 2*z[i] + b)", "mu + b", {"z[i]": "2*z[i]"}),
    "false witness": Witness("", {"n": 2, "z": (1, 2)}, (("mu", "==", "1"),)),
    "witness of nothing": Witness("", {"n": 2}, ()),
    "equal is not different": Witness("", {"n": 2, "z": (1, 1)}, (("z[1]", "!=", "z[2]"),)),
    "equal is not less": Witness("", {"b": 1}, (("b", "<", "1"),)),
    "unknown relation": Witness("", {"b": 1}, (("b", "~", "1"),)),
    "defined after all": Undefined("", {"n": 2, "z": (1, 1), "eps": 1}, "xhat(1)"),
    "maximum without the shift": Maximum("", "max(i, z[i] + b)", "max(i, z[i])", "z[k] + b", "max(j, z[j])", "z[k]"),
    "maximum scaled by a real": Maximum("", "max(i, a*z[i])", "a*max(i, z[i])", "a*z[k]", "max(j, z[j])", "z[k]", factor="a"),
    "maximum of another family": Maximum("", "max(i, g[i] + b)", "max(i, z[i]) + b", "z[k] + b", "max(j, z[j])", "z[k]"),
    "members of different indices": Maximum("", "max(i, z[i])", "max(i, z[i])", "z[k]", "max(j, z[j])", "z[l]"),
    "maximum over another range": Maximum("", "max(i, z[i])", "max(i, 1, C, z[i])", "z[k]", "max(i, 1, C, z[i])", "z[k]"),
    "wrong base": Induction("", "t", (State("b", "b0", "a*b", "2*b0*a**t", (), (("a*(2*b0*a**t)", ""),)),)),
    "wrong step": Induction("", "t", (State("b", "b0", "a*b", "b0*a**(2*t)", (), ()),)),
    "induction over a sequence that mixes": Induction(
        "", "t", (State("z[i]", "g[i]", "a*mean(j, z[j])", "g[i]*a**t", (), ()),)
    ),
    "induction over one entry": Induction("", "t", (State("z[1]", "g[1]", "a*z[1]", "g[1]*a**t", (), ()),)),
    "induction over a sequence at a foreign index": Induction("", "t", (State("z[c]", "0", "a*z[c]", "0", (), ()),)),
    "induction over a sequence whose size is fixed": Induction(
        "", "t", (State("z[i]", "0", "a*z[i]", "0", (), ()),), given=("n == 2",)
    ),
    "induction over a sequence that its claim mentions": Induction("", "t", (State("z[i]", "0", "a*z[i]", "0*z[1]", (), ()),)),
    "sum that may be empty": Sign("", "sum(i, 1, n - 1, exp(z[i]))", ">", ""),
    "indicator of 2": Witness("", {"n": 1, "chi": (2,)}, (("chi[1]", "==", "2"),)),
    "wrong count": Witness("", {"n": 2, "chi": (1, 0), "m": 2}, (("m", "==", "2"),)),
    "negative epsilon": Witness("", {"eps": -1}, (("eps", "<", "0"),)),
    "unknown symbol in a witness": Witness("", {"nosuch": 1}, (("0", "==", "0"),)),
    "off by one": Induction("", "t", (State("b", "b0", "a*b", "b0*a**(t + 1)", (), ()),)),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_accepted(name: str, checker: Checker) -> None:
    check(ACCEPTED[name], checker)


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str, checker: Checker) -> None:
    with pytest.raises(ProofError):
        check(REFUSED[name], checker)
