"""Sums, indices, cyclic axes, finite support, derivatives and powers: equalities that do not hold."""

from __future__ import annotations

import pytest

from .bench import Attack, chain, claim, refuse

HIDES = "(n - 1)*(n - 2)*(n - 3)*(n - 4)"

ATTACKS = {
    # a factor that is 0 at all small sizes
    "four small sizes": Attack(chain("b", f"b + {HIDES}*a")),
    "four small sizes, as a factor": Attack(chain(f"{HIDES}*a", "0")),
    "six first moments": Attack(chain("t*(t - 1)*(t - 2)*(t - 3)*(t - 4)*(t - 5)*a", "0")),
    # ranges
    "one term too many": Attack(chain("sum(i, 1, n + 1, z[i])", "sum(i, z[i])")),
    "a term counted twice": Attack(chain("sum(i, 2, n, z[i]) + z[2]", "sum(i, z[i])"), minimum={"n": 2}),
    "a range of another length": Attack(chain("sum(i, 2, n, b)", "n*b"), minimum={"n": 2}),
    "a range that starts at 0": Attack(chain("sum(i, 0, n, b)", "n*b")),
    "a range backwards": Attack(chain("sum(i, 2, 1, b)", "b")),
    "a range far backwards": Attack(chain("sum(i, 5, 1, b)", "-3*b")),
    "a range that ends before it begins, at n = 1": Attack(chain("sum(i, 3, n, b)", "(n - 2)*b"), undecided=True),
    "a range up to a count less 1": Attack(chain("sum(i, 1, m - 1, b)", "(m - 1)*b"), undecided=True),
    "a range up to the count": Attack(chain("sum(i, 1, m, z[i])", "sum(i, chi[i]*z[i])")),
    "two axes for one": Attack(chain("sum(i, sum(c, zc[i, c]))", "sum(c, sum(i, zc[c, i]))")),
    "n for C": Attack(chain("sum(c, b)", "n*b")),
    "a mean over another range": Attack(chain("mean(i, 1, n + 1, z[i])", "mu")),
    "a variance over n − 1": Attack(chain("sum(i, (z[i] - mu)**2)/(n - 1)", "v"), minimum={"n": 2}),
    # bound names
    "an index bound outside taken for one inside": Attack(chain("sum(i, z[i]*sum(j, g[j]))", "sum(i, z[i]*g[i])")),
    "an index bound outside taken for a free one": Attack(chain("sum(i, z[i])*g[i]", "sum(i, z[i]*g[i])")),
    "the same name free and bound": Attack(chain("z[i] + sum(i, g[i])", "sum(i, z[i] + g[i])")),
    "a free index summed": Attack(chain("sum(j, H[i, j])", "sum(i, H[i, j])")),
    "a diagonal for the whole": Attack(chain("sum(i, sum(j, H[i, j]))", "sum(i, H[i, i])")),
    "a square of a sum of products": Attack(chain("sum(i, sum(j, z[i]*g[j]))**2", "sum(i, z[i]**2)*sum(j, g[j]**2)")),
    "a triple sum with two indices exchanged": Attack(
        chain("sum(i, sum(j, sum(k, H[i, j]*H[j, k]*z[k])))", "sum(i, sum(j, sum(k, H[i, j]*H[k, j]*z[k])))")
    ),
    # Kronecker deltas at the borders
    "a delta at 0": Attack(chain("sum(i, delta(i, 0)*z[i])", "z[0]")),
    "a delta beyond the end": Attack(chain("sum(i, delta(i, n + 1)*z[i])", "z[n + 1]")),
    "a delta at 2": Attack(chain("sum(i, delta(i, 2)*z[i])", "z[2]")),
    "a delta at another axis's index": Attack(chain("sum(i, delta(i, c)*z[i])", "z[c]")),
    "a delta at the neighbour": Attack(chain("sum(i, delta(i, k + 1)*z[i])", "z[k + 1]")),
    "a delta at the neighbour, counted": Attack(chain("sum(i, sum(j, delta(i, j + 1)))", "n")),
    "a delta at a count": Attack(chain("sum(i, delta(i, m)*z[i])", "z[m]")),
    "a delta in a longer range": Attack(chain("sum(i, 1, n + 1, delta(i, k))", "2")),
    "a delta of two different numbers": Attack(chain("delta(n, 1)", "0")),
    "a delta of a real at 0": Attack(chain("delta(b, 0)", "0")),
    "a delta's other value": Attack(chain("delta(i, k)*z[i]", "z[k]")),
    "a delta squared": Attack(chain("(1 - delta(i, k))**2", "1 + delta(i, k)")),
    "a delta in two sums": Attack(chain("sum(i, sum(j, delta(i, j)))", "n**2")),
    # indicators and counts
    "a product of two indicators": Attack(chain("chi[i]*chi[j]", "chi[i]")),
    "an indicator's neighbour": Attack(chain("sum(i, chi[i + 1])", "m")),
    "an indicator over another range": Attack(chain("sum(i, 1, n + 1, chi[i])", "m")),
    "a count of pairs": Attack(chain("sum(i, sum(j, chi[i]*chi[j]))", "m")),
    "another count": Attack(chain("sum(i, keep[i])", "m")),
    "an indicator of two axes": Attack(chain("sum(slot, inside[i, slot])", "m")),
    "an indicator's root": Attack(chain("sqrt(chi[k])", "1")),
    "an indicator to the power 0": Attack(chain("chi[k]**0", "chi[k]")),
    "an indicator to the time": Attack(chain("chi[k]**t", "chi[k]")),
    # cyclic axes and finite support
    "a line moved like a ring": Attack(chain("sum(pos, line[pos + 1])", "sum(pos, line[pos])")),
    "a row moved like a ring": Attack(chain("sum(pos, row[pos + 1])", "sum(pos, row[pos])")),
    "a line on a ring": Attack(chain("sum(ringpos, line[ringpos + 1])", "sum(ringpos, line[ringpos])")),
    "two rings moved apart": Attack(chain("sum(ringpos, ring[ringpos]*ring[ringpos + 1])", "sum(ringpos, ring[ringpos]**2)")),
    "a ring over a part": Attack(chain("sum(ringpos, 1, P + 1, ring[ringpos])", "sum(ringpos, ring[ringpos])")),
    "a ring moved with its place": Attack(
        chain("sum(ringpos, ringpos*ring[ringpos + 1])", "sum(ringpos, ringpos*ring[ringpos])")
    ),
    "a ring read at double speed": Attack(chain("sum(ringpos, ring[2*ringpos])", "sum(ringpos, ring[ringpos])")),
    "a ring read backwards from a line": Attack(
        chain("sum(ringpos, ring[ringpos]*line[ringpos])", "sum(ringpos, ring[-ringpos]*line[ringpos])")
    ),
    "a position on a ring before the first": Attack(chain("delta(ringpos + P, ringpos)", "1")),
    "a kernel's sum at every second offset": Attack(chain("sum(tap, kernel[2*tap])", "sum(tap, kernel[tap])")),
    "a kernel turned against another": Attack(
        chain("sum(tap, kernel1[tap]*kernel2[tap])", "sum(tap, kernel1[tap]*kernel2[-tap])")
    ),
    "the exponential of a kernel's entry": Attack(
        chain("sum(tap, exp(kernel[tap]))", "sum(tap, exp(kernel[tap + 1]))"), undecided=True
    ),
    "a line over all integers": Attack(chain("sum(tap, line[tap])", "sum(tap, line[tap + 1])"), undecided=True),
    "one kernel for two offsets": Attack(
        chain("sum(tap, sum(tap2, kernel[tap]))", "sum(tap, sum(tap2, kernel[tap]))"), undecided=True
    ),
    "two offsets fixed by their sum alone": Attack(
        chain("sum(tap, sum(tap2, kernel[tap + tap2]))", "sum(tap, sum(tap2, kernel[tap - tap2]))"), undecided=True
    ),
    "a kernel in a denominator": Attack(chain("sum(tap, 1/kernel[tap])", "sum(tap, 1/kernel[tap + 1])")),
    "a kernel to the power 0": Attack(chain("sum(tap, kernel[tap]**0)", "sum(tap, kernel[tap + 1]**0)"), undecided=True),
    # derivatives
    "the derivative of a sum by one entry": Attack(chain("diff(sum(i, z[i]), z[k])", "n")),
    "by an entry that is another": Attack(chain("diff(z[j], z[k])", "0")),
    "by the bias of what does not hold it": Attack(chain("diff(mu, b)", "1")),
    "the product rule": Attack(chain("diff(b*exp(b), b)", "exp(b)")),
    "the quotient rule": Attack(chain("diff(1/eta, eta)", "1/eta**2")),
    "a second derivative": Attack(chain("diff(diff(b**2, b), b)", "2*b")),
    "the order of two variables": Attack(chain("diff(diff(a*b**2, a), b)", "2*a")),
    "a power by its exponent's rule": Attack(chain("diff(eta**t, eta)", "eta**(t - 1)")),
    "a derivative taken inside a sum that binds the entry": Attack(chain("sum(k, diff(mu, z[k]))", "1/n")),
    "a derivative at a border": Attack(chain("diff(sum(i, z[i]), z[n + 1])", "1")),
    # powers, roots, exponentials
    "a root of a square": Attack(chain("sqrt(b**2)", "b")),
    "a root of a product of reals": Attack(chain("sqrt((a*b)**2)", "a*b")),
    "a sum under a root": Attack(chain("sqrt(eta**2 + amp**2)", "eta + amp")),
    "a power of a sum": Attack(chain("(a + b)**t", "a**t + b**t")),
    "a power of a power": Attack(chain("(a**t)**2", "a**(t + 2)")),
    "a product of powers": Attack(chain("a**t*a**2", "a**(2*t)")),
    "0 to the power t": Attack(chain("(b - b)**t", "0"), undecided=True),
    "1 for 0 to the power t": Attack(chain("(b - b)**t", "1"), undecided=True),
    "an exponential of a product": Attack(chain("exp(a*b)", "exp(a)*exp(b)")),
    "an exponential of a mean": Attack(chain("exp(mu)", "mean(i, exp(z[i]))")),
    "a logarithm of a sum": Attack(chain("log(eta + amp)", "log(eta) + log(amp)")),
    "an absolute value of a sum": Attack(chain("abs(a + b)", "abs(a) + abs(b)")),
    "a positive part doubled": Attack(chain("relu(-b)", "-relu(b)")),
    "the larger of two sums": Attack(chain("max(i, z[i] + g[i])", "max(i, z[i]) + max(i, g[i])")),
    "the largest of products": Attack(chain("max(i, b*z[i])", "b*max(i, z[i])")),
    "a root of a rational": Attack(chain("sqrt(8)", "4*sqrt(2)")),
    "a root's reciprocal": Attack(chain("1/sqrt(2)", "sqrt(2)")),
}

CONTROLS = {
    "one term too many, taken off": Attack(chain("sum(i, 1, n + 1, z[i])", "sum(i, z[i]) + z[n + 1]")),
    "a range of its own length": Attack(chain("sum(i, 2, n, b)", "(n - 1)*b")),
    "a delta at 1": Attack(chain("sum(i, delta(i, 1)*z[i])", "z[1]")),
    "a delta at the end": Attack(chain("sum(i, delta(i, n)*z[i])", "z[n]")),
    "a delta at 2 of two": Attack(chain("sum(i, delta(i, 2)*z[i])", "z[2]"), minimum={"n": 2}),
    "a ring moved": Attack(chain("sum(ringpos, ring[ringpos + 1])", "sum(ringpos, ring[ringpos])")),
    "a kernel moved": Attack(chain("sum(tap, kernel[tap + 1])", "sum(tap, kernel[tap])")),
    "two offsets fixed by both": Attack(
        chain("sum(tap, sum(tap2, kernel1[tap]*kernel2[tap2 - tap]))", "sum(tap, kernel1[tap])*sum(tap2, kernel2[tap2])")
    ),
    "a derivative at its entry": Attack(chain("sum(k, diff(mu, z[k]))", "1")),
    "an indicator's powers": Attack(chain("chi[k]**3", "chi[k]")),
    "a root of a positive's square": Attack(chain("sqrt(eta**2)", "eta")),
    "a power and one more": Attack(chain("a**t*a**2", "a**(t + 2)")),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_refused(name: str) -> None:
    refuse(ATTACKS[name])


@pytest.mark.parametrize("name", CONTROLS)
def test_accepted(name: str) -> None:
    claim(CONTROLS[name])
