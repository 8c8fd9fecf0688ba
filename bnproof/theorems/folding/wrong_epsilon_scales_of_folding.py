"""Folding with the wrong ε scales every output about β by √((V+ε)/(V+ε′)), and no more than that.

Statement: y′ − β = κ·(y − β) with κ = √((V+ε)/(V+ε′)). For ε > ε′ > 0: 0 < κ − 1 ≤ (ε−ε′)/(2(V+ε′)), and κ ≤ √(ε/ε′),
with equality at V = 0.
"""

from __future__ import annotations

from ...symbolic.inferences import Say, Undefined, chain, sign, witness
from ..definitions import definitions
from ..theorem import Conclusion, Hypothesis, Theorem

_KERAS = {"eps_fold": "1/10000000", "surplus": "9999/10000000"}
_ONE = {"V": 1, **_KERAS}
_THIRD = {"V": "833/2500000", **_KERAS}
_CONSTANT = {"V": 0, **_KERAS}

THEOREM = Theorem(
    name="wrong_epsilon_scales_of_folding",
    title="Folding with the wrong ε scales every output's distance from β",
    statement="A network was trained with {eps_net == eps_fold + surplus}, and is folded with the smaller, positive "
    "{eps_fold} by mistake. Then every output stays on its side of {beta}, but its distance from {beta} is multiplied by "
    "{kappa == sqrt((V + eps_net)/(V + eps_fold))}, where {kappa > 1}: {wrong(k) - beta == kappa*(right(k) - beta)}. The "
    "relative error of the distance is {kappa - 1}, and it is bounded: {kappa - 1 <= surplus/(2*(V + eps_fold))}, and {kappa "
    "<= sqrt(eps_net/eps_fold)}, a bound that does not involve {V} and is attained at {V == 0}. If the fold's constant is the "
    "greater one, right and wrong change places: distances are divided by {kappa}, and the relative error {1 - 1/kappa} is "
    "smaller than {kappa - 1}.",
    hypotheses=(
        Hypothesis("The network's own constant is the greater one ({surplus > 0}).",
            witness("The other way round, with 0 in the network and 3 in the fold, the distances shrink to one half.", {"V": 1},
                    "sqrt((V + 0)/(V + 3)) == 1/2")),
        Hypothesis("{eps_fold > 0}, for the bound without {V}.",
            Undefined("With {eps_fold == 0} a channel that was constant in training has no folded weight at all.",
                      {"V": 0, "eps_fold": 0, "surplus": 1}, "kappa")),
    ),
    conclusions=(
        Conclusion("wrong(k) - beta == kappa*(right(k) - beta)"),
        Conclusion("wrong(k) - right(k) == (kappa - 1)*(right(k) - beta)"),
        Conclusion("kappa > 1"),
        Conclusion("kappa - 1 <= surplus/(2*(V + eps_fold))"),
        Conclusion("kappa <= sqrt(eps_net/eps_fold)"),
        Conclusion("kappa == sqrt(eps_net/eps_fold)", given=("V == 0",)),
        Conclusion("right(k) - beta == 1/kappa*(wrong(k) - beta)"),
        Conclusion("right(k) - wrong(k) == (1/kappa - 1)*(wrong(k) - beta)"),
        Conclusion("1 - 1/kappa < kappa - 1"),
        Conclusion("kappa - 1 < 1/2000", at=_ONE),
        Conclusion("kappa == 2", at=_THIRD),
        Conclusion("kappa == 100", at=_CONSTANT),
    ),
    proof=(
        chain("scaling", "The distance from {beta} is divided by another root.", """
          wrong(k) - beta
        = gamma*(z[k] + b - M)/sqrt(V + eps_fold)  -- definition of the wrong output
        = sqrt((V + eps_net)/(V + eps_fold))*(gamma*(z[k] + b - M)/sqrt(V + eps_net))
            -- multiply and divide by {sqrt(V + eps_net)}
        = kappa*(right(k) - beta)                  -- definitions of {kappa} and of the right output
        """),
        chain("error", "So, measured against the distance from {beta}, the error is {kappa - 1}.", """
          wrong(k) - right(k)
        = wrong(k) - beta - (right(k) - beta)  -- subtract {beta} and add it again
        = (kappa - 1)*(right(k) - beta)        -- insert the first distance
        """),
        chain("What is under the root.", """
          kappa**2 - 1
        = (V + eps_net)/(V + eps_fold) - 1  -- the square of a root
        = surplus/(V + eps_fold)            -- {eps_net == eps_fold + surplus}
        """),
        sign("too_far", "The error is positive: the wrong output lies too far out.", """
          kappa - 1
        = (kappa**2 - 1)/(kappa + 1)            -- {(kappa - 1)*(kappa + 1) == kappa**2 - 1}
        = surplus/((V + eps_fold)*(kappa + 1))  -- what is under the root
        > 0                                     -- every part of the fraction is positive
        """),
        sign("It is at most half of {surplus/(V + eps_fold)}. This is {sqrt(1 + h) <= 1 + h/2}.", """
          surplus/(2*(V + eps_fold)) - (kappa - 1)
        = (kappa**2 - 1)/2 - (kappa - 1)  -- what is under the root
        = (kappa - 1)**2/2                -- a binomial
        >= 0                              -- half of a square
        """),
        sign("And it is at most what it would be at {V == 0}.", """
          sqrt(eps_net/eps_fold) - kappa
        = (eps_net/eps_fold - kappa**2)/(sqrt(eps_net/eps_fold) + kappa)
            -- a difference of roots is the difference of their squares, divided by their sum
        = (surplus/eps_fold - surplus/(V + eps_fold))/(sqrt(eps_net/eps_fold) + kappa)  -- what is under either root, less 1
        = surplus*V/(eps_fold*(V + eps_fold)*(sqrt(eps_net/eps_fold) + kappa))  -- common denominator
        >= 0  -- nothing in the fraction is negative, and the denominator is positive
        """),
        chain("At {V == 0} it is attained.", """
          kappa
        = sqrt(eps_net/eps_fold)  -- insert {V}
        """, given=("V == 0",)),
        Say("Keras' own default is 1/1000. A script that folds with {eps_fold == 1/10**7} instead does little harm where "
            "the variance is near 1, and much where it is small."),
        witness("At {V == 1} the distance from {beta} is too large, by less than 1/2000 of itself.",
                _ONE, """
          eps_net == 1/1000
          kappa - 1 < 1/2000
          kappa - 1 > 499/1000000
        """),
        witness("At {V == 833/2500000}, about 1/3000, it is exactly twice what it should be.",
                _THIRD, """
          eps_net == 1/1000
          kappa == 2
        """),
        witness("At {V == 0}, in a channel that was constant in training, it is 100 times what it should be.",
                _CONSTANT, """
          eps_net == 1/1000
          kappa == 100
        """),
        Say("If the fold's constant is the greater one, exchange the two."),
        chain("The right distance is the wrong one divided by {kappa}.", """
          right(k) - beta
        = 1/kappa*(kappa*(right(k) - beta))  -- {kappa} cancels
        = 1/kappa*(wrong(k) - beta)          -- the distance of the wrong output
        """),
        chain("So, measured against the greater distance, the error is {1 - 1/kappa}, inwards.", """
          right(k) - wrong(k)
        = right(k) - beta - (wrong(k) - beta)  -- subtract {beta} and add it again
        = (1/kappa - 1)*(wrong(k) - beta)      -- insert the first distance
        """),
        sign("This is less than {kappa - 1}, so the same bounds hold.", """
          kappa - 1 - (1 - 1/kappa)
        = (kappa - 1)**2/kappa  -- common denominator
        > 0                     -- {kappa > 1}, as shown above
        """, since=("too_far",)),
    ),
    sources=("S1.d",),
    definitions=definitions(
        ("eps_net", "eps_fold + surplus", r"\varepsilon", "ε", "the constant that the network was trained with"),
        ("right(k)", "gamma*(z[k] + b - M)/sqrt(V + eps_net) + beta", r"\tilde y_{#1}", "ỹ_#1", "the output in eval mode"),
        ("wrong(k)", "gamma*(z[k] + b - M)/sqrt(V + eps_fold) + beta", r"y'_{#1}", "y′_#1",
         "the output after folding with the wrong constant"),
        ("kappa", "sqrt((V + eps_net)/(V + eps_fold))", r"\kappa", "κ", "the factor between the two"),
    ),
)
