"""Folding with the wrong ε."""

from __future__ import annotations

import random
from fractions import Fraction
from math import gcd

from ..dice import nonzero
from ..exercise import Exercise, part
from ..numbers import Numbers, listed, written
from ..template import template

WRONG = "wrong_epsilon_scales_of_folding"
_PAIRS = (
    (Fraction(1, 10**3), Fraction(1, 10**7)),
    (Fraction(1, 10**3), Fraction(1, 10**5)),
    (Fraction(1, 10**5), Fraction(1, 10**7)),
)
"""The network's ε and the smaller one of the folding script."""


def _variances(net: Fraction, fold: Fraction) -> list[Fraction]:
    """Stored variances V ≥ 0, whole multiples of the smaller ε, at which √((V + ε)/(V + ε′)) is rational."""
    found: list[Fraction] = []
    for q in range(1, 26):
        for p in range(q + 1, min(10 * q, 60) + 1):
            variance = (net - fold) * q**2 / (p**2 - q**2) - fold
            if gcd(p, q) == 1 and variance >= 0 and (variance / fold).denominator == 1:
                found.append(variance)
    return found


@template("Folding with the wrong ε", "advanced", WRONG)
def wrong_epsilon(rng: random.Random) -> Exercise:
    """ε = 1e-7 for 1e-3: every output's distance from β is multiplied by √((V + ε)/(V + ε′))."""
    net, fold = rng.choice((_PAIRS[0], *_PAIRS))
    V = rng.choice(_variances(net, fold))
    beta = nonzero(rng, 4)
    num = Numbers(WRONG, V=V, eps_fold=fold, surplus=net - fold, beta=beta)
    factor = num.value("kappa")
    distance = nonzero(rng, 5) * factor.denominator
    right = beta + distance
    wrong = num.value(f"beta + kappa*{written(distance)}")
    digits, larger = (len(str(each.denominator)) - 1 for each in (fold, net))
    units = V / fold
    return Exercise(
        (
            num.say(
                f"A network was trained with {{eps_net}} = 1e-{larger}. A script folds its batch normalisation with "
                f"{{eps_fold}} = 1e-{digits}. In one channel "
                f"the stored variance is {{V == {units}/10**{digits}}}, the shift {{beta == {written(beta)}}}; for one input the "
                "network's output in "
                f"evaluation mode is {{right(k)}} = {listed((right,))[1:-1]}."
            ),
        ),
        (
            part(
                num.prose("By which factor {kappa} is the distance of the output from {beta} too large?"),
                factor,
                3,
                num.chain(f"""
                  kappa
                = sqrt((V + eps_net)/(V + eps_fold)) -- definition of {{kappa}}
                = sqrt(({units} + {net / fold})/({units} + 1)) -- multiply numerator and denominator by {{10**{digits}}}
                = {written(factor)} -- numerator and denominator are squares, after reduction
                """),
                wrong=((factor**2, num.prose("the root is missing"), 2), (1 / factor, num.prose("the wrong way round"), 1)),
            ),
            part(
                num.prose("Which output does the folded network give?"),
                wrong,
                1,
                num.chain(f"""
                  beta + kappa*{written(distance)}
                = {written(beta)} + {written(factor)}*{written(distance)}
                    -- {{wrong(k) - beta == kappa*(right(k) - beta)}}, and {{right(k) - beta}} is {{{written(distance)}}}
                = {written(wrong)} -- add
                """),
                wrong=((factor * right, num.prose("the whole output was multiplied, not its distance from {beta}"), 0),),
            ),
        ),
        {"net": net, "fold": fold, "V": V, "beta": beta, "right": right},
    )
