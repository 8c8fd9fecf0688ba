"""Use: replacements that lose what the cited theorem knows of its symbols, or catch an index."""

from __future__ import annotations

import pytest

from bnproof.symbolic.inferences import Case, Cases, NotZero, Sign, Use
from bnproof.theorems.theorem import Conclusion

from .bench import Attack, chain, claim, refuse

MEAN = chain("mean(i, z[i] + b)", "mu + b", label="fact")
PAIR = chain("sum(i, z[i]) - z[1]", "sum(i, 2, n, z[i])", label="fact")
RING = Sign("", "1 + sum(ringpos, ring[ringpos + 1]) - sum(ringpos, ring[ringpos])", ">", "", (("1", ""),), label="fact")
POSITIVE = Sign("", "sum(j, z[j])", ">", "", (), ("z[j] > 0",), label="fact")
ALL = Sign("", "sum(i, sum(j, H[i, j]))", ">", "", (), ("H[i, j] > 0",), label="fact")
SOME = (
    Sign("", "1 + sum(i, H[k, i])**2", ">", "", (), label="whole"),
    Sign("", "sum(i, H[k, i])", ">", "", (), ("sum(i, H[k, i]) > 0",), label="sum"),
    NotZero("", "sum", "H[k, i] != 0", label="fact"),
)
ONE = (Sign("", "sum(i, g[i])", ">", "", (), ("sum(i, g[i]) > 0",), label="sum"), NotZero("", "sum", "g[i] != 0", label="fact"))
TOTAL = ("sum(i, g[i]) > 0",)
ROWS = ("sum(j, H[k, j]) > 0",)


def use(start: str, end: str, where: dict[str, str] | None = None, relation: str = "==", **more: tuple[str, ...]) -> Use:
    return Use("", "known", "fact", start, end, where or {}, relation, **more)  # type: ignore[arg-type]


ATTACKS = {
    # what is said
    "more than it says": Attack(use("mean(i, z[i] + b)", "mu"), cited=(MEAN,)),
    "another instance": Attack(use("mean(i, 2*z[i] + b)", "2*mu + b"), cited=(MEAN,)),
    "one side replaced": Attack(use("mean(i, 2*z[i] + b)", "mu + b", {"z[i]": "2*z[i]"}), cited=(MEAN,)),
    "both sides exchanged in an order": Attack(
        use("0", "b**2 + 1", relation=">"), cited=(Sign("", "b**2 + 1", ">", "", label="fact"),)
    ),
    "strictly what is not": Attack(use("b**2", "0", relation=">"), cited=(Sign("", "b**2", ">=", "", label="fact"),)),
    # sizes and ranges
    "a batch size for a cyclic length": Attack(
        use("sum(k, z[k + 1])", "sum(k, z[k])", {"P": "n", "ring[ringpos]": "z[ringpos]", "ringpos": "k"}),
        cited=(chain("sum(ringpos, ring[ringpos + 1])", "sum(ringpos, ring[ringpos])", label="fact"),),
    ),
    "a number for a cyclic length": Attack(
        use("1 + sum(ringpos, 1, 3, ring[ringpos + 1]) - sum(ringpos, 1, 3, ring[ringpos])", "0", {"P": "3"}, ">"),
        cited=(RING,),
    ),
    "a line for a ring": Attack(
        use("1 + sum(ringpos, line[ringpos + 1]) - sum(ringpos, line[ringpos])", "0", {"ring[ringpos]": "line[ringpos]"}, ">"),
        cited=(RING,),
    ),
    "the place itself for a ring": Attack(use("1 + P", "0", {"ring[ringpos]": "-ringpos"}, ">"), cited=(RING,)),
    "a ring at double speed for a ring": Attack(
        use(
            "1 + sum(ringpos, line[2*ringpos + 2]) - sum(ringpos, line[2*ringpos])",
            "0",
            {"ring[ringpos]": "line[2*ringpos]"},
            ">",
        ),
        cited=(RING,),
    ),
    "a size that may be too small": Attack(
        use("sum(c, biases[c]) - biases[1]", "sum(c, 2, C, biases[c])", {"n": "C", "z[i]": "biases[i]"}),
        cited=(PAIR,),
        least={"n": 2},
    ),
    "a size that is too small": Attack(use("sum(i, 1, 1, z[i]) - z[1]", "0", {"n": "1"}), cited=(PAIR,), least={"n": 2}),
    "a size by default too small": Attack(use("sum(i, z[i]) - z[1]", "sum(i, 2, n, z[i])"), cited=(PAIR,), least={"n": 2}),
    "a size left out of an index's range": Attack(
        use("delta(i, k)*biases[i]", "delta(i, k)*biases[k]", {"n": "C", "z[i]": "biases[i]"}),
        cited=(chain("sum(i, delta(i, k)*z[i])", "z[k]", label="fact"),),
    ),
    "an index of another range": Attack(
        use("sum(i, delta(i, c)*z[i])", "z[c]", {"k": "c"}), cited=(chain("sum(i, delta(i, k)*z[i])", "z[k]", label="fact"),)
    ),
    "an index beyond its range": Attack(
        use("sum(i, delta(i, 2)*z[i])", "z[2]", {"k": "2"}), cited=(chain("sum(i, delta(i, k)*z[i])", "z[k]", label="fact"),)
    ),
    "an index at 0": Attack(
        use("sum(i, delta(i, 0)*z[i])", "z[0]", {"k": "0"}), cited=(chain("sum(i, delta(i, k)*z[i])", "z[k]", label="fact"),)
    ),
    "a sequence over another axis": Attack(
        use("mean(i, biases[i] + b)", "mean(i, biases[i]) + b", {"z[i]": "biases[i]"}), cited=(MEAN,)
    ),
    # sorts
    "a real for a positive": Attack(use("sqrt(b**2)", "b", {"eta": "b"}), cited=(chain("sqrt(eta**2)", "eta", label="fact"),)),
    "a nonnegative for a positive": Attack(
        use("eps", "0", {"eta": "eps"}, ">"), cited=(Sign("", "eta", ">", "", label="fact"),)
    ),
    "a variance for a positive": Attack(use("v", "0", {"eta": "v"}, ">"), cited=(Sign("", "eta", ">", "", label="fact"),)),
    "0 for a positive": Attack(use("0", "0", {"eta": "0"}, ">"), cited=(Sign("", "eta", ">", "", label="fact"),)),
    "a real for a time": Attack(use("b + 1", "0", {"t": "b"}, ">"), cited=(Sign("", "t + 1", ">", "", label="fact"),)),
    "−2 for a time": Attack(use("-2 + 1", "0", {"t": "-2"}, ">"), cited=(Sign("", "t + 1", ">", "", label="fact"),)),
    "a real for an indicator": Attack(
        use("z[i]**2", "z[i]", {"chi[i]": "z[i]"}), cited=(chain("chi[i]**2", "chi[i]", label="fact"),)
    ),
    "an indicator without its count": Attack(
        use("sum(i, keep[i])", "m", {"chi[i]": "keep[i]"}), cited=(chain("sum(i, chi[i])", "m", label="fact"),)
    ),
    "a count without its indicator": Attack(
        use("sum(i, chi[i])", "n", {"m": "n"}), cited=(chain("sum(i, chi[i])", "m", label="fact"),)
    ),
    "a line for a kernel": Attack(
        use("sum(tap, line[tap + 1])", "sum(tap, line[tap])", {"kernel[tap]": "line[tap]"}),
        cited=(chain("sum(tap, kernel[tap + 1])", "sum(tap, kernel[tap])", label="fact"),),
    ),
    "positive entries beyond their range": Attack(
        use("z[n + 1]", "0", {"K": "n", "cls": "k", "class_counts[k]": "z[k]"}, ">", given=("z[k] > 0",)),
        cited=(Sign("", "class_counts[K + 1]", ">", "", label="fact"),),
    ),
    # derivatives
    "the variable itself replaced": Attack(
        use("diff(a*beta, b)", "beta", {"b": "a"}), cited=(chain("diff(b*beta, b)", "beta", label="fact"),)
    ),
    "a constant that depends on the variable": Attack(
        use("diff(b*b, b)", "b", {"beta": "b"}), cited=(chain("diff(b*beta, b)", "beta", label="fact"),)
    ),
    "a constant that depends on the entry": Attack(
        use("diff(z[k]*mu, z[k])", "mu", {"beta": "mu"}), cited=(chain("diff(z[k]*beta, z[k])", "beta", label="fact"),)
    ),
    "a letter that hides the variable": Attack(
        use("diff(mu_at(b)*b, b)", "b", {"a": "b"}), cited=(chain("diff(mu_at(b)*a, b)", "a", label="fact"),)
    ),
    # what the fact supposes
    "nothing supposed": Attack(use("sum(j, z[j])", "0", relation=">"), cited=(POSITIVE,)),
    "less supposed": Attack(use("sum(j, z[j])", "0", relation=">", given=("z[j] >= 0",)), cited=(POSITIVE,)),
    "supposed of one entry": Attack(use("sum(j, z[j])", "0", {"j": "1"}, ">", given=("z[1] > 0",)), cited=(POSITIVE,)),
    "supposed of another sequence": Attack(use("sum(j, z[j])", "0", relation=">", given=("g[j] > 0",)), cited=(POSITIVE,)),
    "supposed of the diagonal": Attack(
        use("sum(i, sum(j, H[i, j]))", "0", {"i": "k", "j": "k"}, ">", given=("H[k, k] > 0",)), cited=(ALL,)
    ),
    "supposed of the diagonal, by capture": Attack(
        use("sum(j, H[i, j])", "0", {"z[j]": "H[i, j]", "j": "i"}, ">", given=("H[i, i] > 0",)), cited=(POSITIVE,)
    ),
    "a least size supposed elsewhere": Attack(
        use("n - 2", "0", relation=">="), cited=(Sign("", "n - 2", ">=", "", (), ("n >= 2",), label="fact"),)
    ),
    # some is not all
    "for all, what holds for some": Attack(use("g[i]", "0", relation="!=", given=TOTAL), cited=ONE),
    "for the first, what holds for some": Attack(use("g[1]", "0", {"i": "1"}, "!=", some=("i",), given=TOTAL), cited=ONE),
    "on the diagonal, what holds for some": Attack(use("H[i, i]", "0", {"k": "i"}, "!=", some=("i",), given=ROWS), cited=SOME),
    "on the diagonal, by what is put in": Attack(
        use("H[i, i]", "0", {"g[j]": "H[k, j]", "k": "i"}, "!=", some=("i",), given=ROWS), cited=ONE
    ),
    "on the diagonal, by capture": Attack(use("H[i, i]", "0", {"g[j]": "H[i, j]"}, "!=", some=("i",), given=ROWS), cited=ONE),
    "for some of another letter": Attack(use("g[i]", "0", relation="!=", some=("j",), given=TOTAL), cited=ONE),
    # where it has a value
    "a quotient that may be undefined": Attack(use("a", "a*b/b"), cited=(chain("a*b/b", "a", label="fact"),)),
    "both ends defined, the fact not": Attack(
        use("b + chi[k]", "b"), cited=(chain("(b - b*chi[k])/(1 - chi[k])", "b", label="fact"),)
    ),
    "a contradiction named by a positive number": Attack(
        Conclusion("-b > 0", given=("b > 0",)),
        after=(
            Cases(
                "",
                "b",
                (
                    Case("", "<", (chain("b", "b + 0"),)),
                    Case("", "=", (chain("b", "b + 0"),)),
                    Case("", ">", (Use("", "known", "fact", "-b", "0", {}, ">", ("b == -tau",)),)),
                ),
            ),
        ),
        cited=(Sign("", "tau", ">", "", label="fact"),),
    ),
}

CONTROLS = {
    "as it stands": Attack(use("mean(i, z[i] + b)", "mu + b"), cited=(MEAN,)),
    "over another axis": Attack(
        use("mean(c, biases[c] + b)", "mean(c, biases[c]) + b", {"n": "C", "z[i]": "biases[i]"}), cited=(MEAN,)
    ),
    "another ring": Attack(
        use(
            "1 + sum(ringpos, 2*ring[ringpos + 1]) - sum(ringpos, 2*ring[ringpos])",
            "0",
            {"ring[ringpos]": "2*ring[ringpos]"},
            ">",
        ),
        cited=(RING,),
    ),
    "a positive multiple": Attack(use("2*eta", "0", {"eta": "2*eta"}, ">"), cited=(Sign("", "eta", ">", "", label="fact"),)),
    "supposed of all": Attack(use("sum(j, z[j])", "0", relation=">", given=("z[j] > 0",)), cited=(POSITIVE,)),
    "supposed of all, by another letter": Attack(
        use("sum(j, z[j])", "0", relation=">", given=("z[k] > 0",)), cited=(POSITIVE,)
    ),
    "supposed of a row": Attack(
        use("sum(j, H[i, j])", "0", {"z[j]": "H[i, j]"}, ">", given=("H[i, j] > 0",)), cited=(POSITIVE,)
    ),
    "for some": Attack(use("g[i]", "0", relation="!=", some=("i",), given=("sum(i, g[i]) > 0",)), cited=ONE),
    "for some, renamed": Attack(use("g[j]", "0", {"i": "j"}, "!=", some=("j",), given=("sum(i, g[i]) > 0",)), cited=ONE),
    "a quotient that is supposed": Attack(use("a*b/b", "a", given=("b != 0",)), cited=(chain("a*b/b", "a", label="fact"),)),
    "the first entry": Attack(
        use("sum(i, delta(i, 1)*z[i])", "z[1]", {"k": "1"}), cited=(chain("sum(i, delta(i, k)*z[i])", "z[k]", label="fact"),)
    ),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_refused(name: str) -> None:
    refuse(ATTACKS[name])


@pytest.mark.parametrize("name", CONTROLS)
def test_accepted(name: str) -> None:
    claim(CONTROLS[name])
