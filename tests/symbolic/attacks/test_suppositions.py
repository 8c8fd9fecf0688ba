"""What is supposed: layers, replaced sequences and definitions, contradictions."""

from __future__ import annotations

import pytest

from bnproof.symbolic.inferences import Sign
from bnproof.theorems.theorem import Conclusion

from .bench import Attack, chain, claim, refuse, spec

ATTACKS = {
    # contradictions with what the symbols are
    "a count of −1": Attack(chain("n", "-1", given=("n == 1 - 2",))),
    "a size of −1, written as one number": Attack(chain("n", "-1", given=("n == -1",))),
    "a size of 1/2": Attack(chain("2*n", "1", given=("n == 1/2",))),
    "an indicator of 2": Attack(chain("chi[i]", "2", given=("chi[i] == 2",))),
    "a size below its least value": Attack(chain("L", "1", given=("L == 1",)), minimum={"L": 2}),
    "a least value below what is supposed": Attack(chain("L", "1", given=("L >= 2", "L == 1"))),
    "a positive number that is negative": Attack(chain("eta", "-1", given=("eta == -1",))),
    "a positive number that is 0": Attack(chain("eta", "0", given=("eta == 0",))),
    "a positive number that is any": Attack(chain("sqrt(eta**2)", "b", given=("eta == b",))),
    "a nonnegative number that is any": Attack(chain("eps", "b", given=("eps == b",))),
    "a time that is a fraction": Attack(chain("2*t", "1", given=("t == 1/2",))),
    "a time that is negative": Attack(chain("t", "-1", given=("t == -1",))),
    "a count that is a number": Attack(chain("m", "2", given=("m == 2",))),
    "an index that is a number": Attack(chain("k", "1", given=("k == 1",))),
    "a finite kernel that is 1 everywhere": Attack(chain("kernel[tap]", "1", given=("kernel[tap] == 1",))),
    "a ring that is no ring": Attack(chain("P", "n", given=("P == n",))),
    "one thing that is two": Attack(chain("b", "0", given=("b == 0", "b == 1"))),
    "two sizes with different least values": Attack(chain("n", "C", given=("n == C",)), minimum={"n": 2}),
    # one value taken for all
    "one entry for all": Attack(chain("z[k]", "0", given=("z[1] == 0",))),
    "the diagonal for all": Attack(chain("H[i, j]", "0", given=("H[i, i] == 0",))),
    "one value of a definition for all": Attack(chain("mu_at(1)", "0", given=("mu_at(0) == 0",))),
    "a positive entry for all": Attack(Sign("", "z[k]", ">", "", (), ("z[1] > 0",))),
    "positive entries of another sequence": Attack(Sign("", "z[k]", ">", "", (), ("g[k] > 0",))),
    "nonnegative for positive": Attack(Sign("", "z[k]", ">", "", (), ("z[k] >= 0",))),
    "different for positive": Attack(Sign("", "b", ">", "", (), ("b != 0",))),
    # what is supposed of every entry in the range is supposed of none beyond
    "the entry after the last": Attack(chain("z[n + 1]", "0", given=("z[i] == 0",))),
    "the entry before the first": Attack(chain("z[0]", "0", given=("z[i] == 0",))),
    "a second entry, where there may be one": Attack(chain("z[2]", "0", given=("z[i] == 0",))),
    "a sum beyond the range": Attack(chain("sum(i, 1, n + 1, z[i])", "0", given=("z[i] == 0",))),
    "entries at another axis's index": Attack(chain("z[c]", "0", given=("z[i] == 0",))),
    "padding taken for the map": Attack(chain("sum(tap, kernel[tap]*line[pos + tap])", "0", given=("line[pos] == 0",))),
    "neighbours that agree, taken for more than there are": Attack(chain("z[1]", "z[3]", given=("z[i] == z[i + 1]",))),
    "the first row for the first column": Attack(chain("H[n + 1, 1]", "0", given=("H[i, j] == 0",))),
    "a hypothesis at another axis's index": Attack(chain("a", "a*z[c]/z[c]", given=("z[k] > 0",))),
    "a hypothesis beyond the last entry": Attack(chain("a", "a*z[n + 1]/z[n + 1]", given=("z[k] > 0",))),
    "a ring taken for a line": Attack(
        chain("sum(ringpos, ring[ringpos + 1])", "sum(ringpos, line[ringpos + 1])", given=("ring[ringpos] == line[ringpos]",))
    ),
    "a definition beyond its range": Attack(chain("xhat(n + 1)", "0", given=("xhat(j) == 0",))),
    "positive entries beyond the range": Attack(Sign("", "z[n + 1]", ">", "", (), ("z[k] > 0",))),
    "a sum of positive entries beyond the range": Attack(
        chain("a", "a*sum(i, 1, 2, z[i])/sum(i, 1, 2, z[i])", given=("z[k] > 0",))
    ),
    # equal at one point is not equal around it
    "a derivative of a mean that is 0": Attack(chain("diff(mu, z[k])", "0", given=("mu == 0",))),
    "a derivative of an output that is 0": Attack(chain("diff(xhat(k), z[k])", "0", given=("xhat(j) == 0",))),
    "a derivative inside a definition": Attack(
        chain("slope(b)", "0", given=("mu == 0",)), defined=(spec("slope(b)", "diff(mu, z[1])"),)
    ),
    "a derivative by what is fixed": Attack(chain("diff(b**2, b)", "0", given=("b == 0",))),
    # relations that say less than is argued
    "a conclusion without what it supposes": Attack(Conclusion("b + 1 == 1"), after=(chain("b + 1", "1", given=("b == 0",)),)),
    "a conclusion that supposes less": Attack(
        Conclusion("sum(i, z[i])*0 + 1/z[1] == z[1]/z[1]**2", given=("z[1] != 0",)),
        after=(chain("sum(i, z[i])*0 + 1/z[1]", "z[1]/z[1]**2", given=("z[k] != 0",)),),
    ),
    "a relation with one side undefined": Attack(Conclusion("a == a", given=("1/b > a",)), after=(chain("a", "a"),)),
    "an equality between what differs": Attack(chain("a", "b", given=("a != b",))),
    "an order taken for equality": Attack(chain("a", "b", given=("a >= b",))),
    "two orders the same way": Attack(Sign("", "a - b", ">", "", (), ("a > beta", "b > beta"))),
    "an order reversed": Attack(Sign("", "a - b", ">", "", (), ("b > a",))),
    "a product that is positive": Attack(Sign("", "a", ">", "", (), ("a*b > 0",))),
    "a sum that is positive": Attack(Sign("", "a", ">", "", (), ("a + b > 0",))),
    "a square root supposed": Attack(Sign("", "a", ">", "", (), ("sqrt(a**2) > 0",))),
}

CONTROLS = {
    "a symbol that is a function of others": Attack(
        chain("diff(z[k], W[u])", "x[u, k]", given=("z[i] == sum(u2, W[u2]*x[u2, i])",))
    ),
    "an indicator of 1": Attack(chain("sum(i, chi[i]*z[i])", "sum(i, z[i])", given=("chi[i] == 1",))),
    "a size of 1": Attack(chain("sum(i, z[i])", "z[1]", given=("n == 1",))),
    "every entry": Attack(chain("z[k]", "0", given=("z[i] == 0",))),
    "the first entry": Attack(chain("z[1]", "0", given=("z[i] == 0",))),
    "the last entry": Attack(chain("z[n]", "0", given=("z[i] == 0",))),
    "a second entry, where there is one": Attack(chain("z[2]", "0", given=("z[i] == 0",)), minimum={"n": 2}),
    "a sum over the range": Attack(chain("sum(i, z[i]*g[i])", "0", given=("z[i] == 0",))),
    "at every place": Attack(chain("sum(tap, kernel[tap]*line[pos + tap])", "0", given=("line[place] == 0",))),
    "a ring on a ring": Attack(chain("sum(ringpos, ring[ringpos + 1])", "P*b", given=("ring[ringpos] == b",))),
    "a definition over its range": Attack(chain("sum(k, xhat(k)*g[k])", "0", given=("xhat(j) == 0",))),
    "a derivative by another symbol": Attack(chain("diff(b*a, b)", "0", given=("a == 0",))),
    "positive entries": Attack(Sign("", "sum(k, z[k])", ">", "", (), ("z[k] > 0",))),
    "a positive square root": Attack(Sign("", "a**2", ">", "", (), ("sqrt(a**2) > 0",))),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_refused(name: str) -> None:
    refuse(ATTACKS[name])


@pytest.mark.parametrize("name", CONTROLS)
def test_accepted(name: str) -> None:
    claim(CONTROLS[name])
