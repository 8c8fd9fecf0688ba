"""Conv → leaky ReLU (slope a) → BatchNorm: the bias matters unless a = 1 or all units lie on one side.

Statement (ε > 0): the normalised output is stationary in b iff a = 1 or m ∈ {0, n}; a = 0 is ReLU. At ε = 0 also if, and
otherwise only if, all activations on each side of 0 are equal.
"""

from __future__ import annotations

from ...symbolic.inferences import Case, Cases, Join, NotZero, Say, Undefined, Use, chain, sign, witness
from ..definitions import definitions
from ..theorem import Conclusion, Hypothesis, Theorem
from .output_moves_of_pointwise_activation_before_batchnorm import THEOREM as POINTWISE

_SLOPES = "d[i] == a + (1 - a)*chi[i]"
_BOTH_SIDES = ("a != 1", "m > 0", "m < n")
_ONE_VALUE_EACH = "f[i] == chi[i]*p + (1 - chi[i])*a*q"

THEOREM = Theorem(
    name="output_moves_of_leaky_relu_before_batchnorm",
    title="With a leaky ReLU between and ε > 0 the bias acts unless the slope is 1 or all units lie on one side",
    statement="A leaky ReLU has slope 1 at the {m} of {n} units whose pre-activation is positive, where {chi[i]} is 1, and "
    "slope {a} at the negative ones: {d[i] == a + (1 - a)*chi[i]}. As long as no unit crosses 0, its values {f[i]} become "
    "{act(i) == f[i] + b*d[i]} when the bias moves by {b}; let them be normalised, {sf > 0}. The normalised output stands "
    "still under small changes of the bias, {D(k) == 0} for all {k}, if {a == 1}, if {m == 0} or if {m == n}. Otherwise, with "
    "{a != 1} and {0 < m < n}, some output moves if {eps > 0}: {D(j) != 0} for some {j}. With {eps == 0} all outputs stand "
    "still also if the activations on each side of 0 are equal, {f[i] == chi[i]*p + (1 - chi[i])*a*q}; and if they stand "
    "still although {a != 1} and {0 < m < n}, then the activations of any two units on the same side are equal: "
    "{chi[i]*chi[j]*(act(i) - act(j)) == 0} and {(1 - chi[i])*(1 - chi[j])*(act(i) - act(j)) == 0}.",
    hypotheses=(
        Hypothesis("No unit crosses 0.",
            witness("The values 1, 2 and 3 lie on one side. But {b == -2} moves the first across 0, where the slope is {1/2}, and "
                    "the ratio of the differences, which normalisation keeps, changes. (The leaky ReLU of {h} is {relu(h) - "
                    "a*relu(-h)}.)",
                    {"n": 3, "z": (1, 2, 3), "b": -2, "a": "1/2", "eps": 1}, """
              (z[2] - z[1])/(z[3] - z[1]) == 1/2
              relu(z[1] + b) - a*relu(-(z[1] + b)) == -1/2
              relu(z[2] + b) - a*relu(-(z[2] + b)) == 0
              relu(z[3] + b) - a*relu(-(z[3] + b)) == 1
              (0 - -1/2)/(1 - -1/2) == 1/3
            """)),
        Hypothesis("For “otherwise some output moves”: {eps > 0}, or unequal activations on one side.",
            witness("With {eps == 0}, one positive and one negative value always normalise to 1 and −1.",
                    {"n": 2, "f": ("-1/2", 2), "d": ("1/2", 1), "chi": (0, 1), "m": 1, "a": "1/2", "b": 0, "eps": 0}, """
              D(1) == 0
              D(2) == 0
            """)),
        Hypothesis("{sf > 0}: the division is defined.",
            Undefined("With {eps == 0} and equal activations there is nothing to divide by.",
                      {"n": 2, "f": (3, 3), "d": (1, 1), "chi": (1, 1), "m": 2, "a": "1/2", "b": 0, "eps": 0}, "D(1)"),
            formal=("sf > 0",)),
    ),
    conclusions=(
        Conclusion("D(k) == 0", given=(_SLOPES, "a == 1")),
        Conclusion("D(k) == 0", given=(_SLOPES, "m == 0")),
        Conclusion("D(k) == 0", given=(_SLOPES, "m == n")),
        Conclusion("D(j) != 0", given=(_SLOPES, *_BOTH_SIDES, "eps > 0"), some=("j",)),
        Conclusion("D(k) == 0", given=(_SLOPES, _ONE_VALUE_EACH, "eps == 0")),
        *(
            Conclusion(f"{side}*(act(i) - act(j)) == 0", given=(_SLOPES, *_BOTH_SIDES, "eps == 0", "D(k) == 0"))
            for side in ("chi[i]*chi[j]", "(1 - chi[i])*(1 - chi[j])")
        ),
    ),
    proof=(
        Say("The theorem on pointwise activations asks whether the slopes differ. So look at their deviations from their mean."),
        chain("A slope's deviation from the mean slope.", """
          d[k] - md
        = a + (1 - a)*chi[k] - mean(i, a + (1 - a)*chi[i])  -- slope 1 where active, {a} elsewhere
        = (1 - a)*(chi[k] - m/n)                            -- {m} of {n} are active
        """, given=(_SLOPES,)),
        chain("common_factor", "So {1 - a} is a factor of every derivative.", """
          D(k)
        = (d[k] - md)/sf - (act(k) - mf)*mean(i, (act(i) - mf)*(d[i] - md))/sf**3  -- the general formula
        = (1 - a)*((chi[k] - m/n)/sf - (act(k) - mf)*mean(i, (act(i) - mf)*(chi[i] - m/n))/sf**3)  -- insert the deviations
        """, given=(_SLOPES,)),
        chain("no_factor", "If {a == 1}, it is 0.", """
          (1 - a)*((chi[k] - m/n)/sf - (act(k) - mf)*mean(i, (act(i) - mf)*(chi[i] - m/n))/sf**3)
        = 0  -- the first factor is 0
        """, given=("a == 1",)),
        Join("Then nothing moves, whatever the pattern.", of=("common_factor", "no_factor")),
        Cases("Otherwise it depends on the pattern.", "m", (
            Case("No unit on the positive side ({m == 0})", ("0", "0"), (
                chain("All slopes are {a}.", """
                  D(k)
                = (a - a)/sf - (act(k) - mf)*0/sf**3  -- the general formula; {chi[k]} and {m} are 0, and so is {cov}
                = 0                                   -- nothing is left
                """, given=(_SLOPES,)),
            )),
            Case("Units on both sides ({0 < m < n})", ("1", "n - 1"), (
                sign("spread", "If {a != 1}, the slopes differ.", """
                  mean(k, (d[k] - md)**2)
                = mean(k, ((1 - a)*(chi[k] - m/n))**2)  -- a slope's deviation
                = (1 - a)**2 * m*(n - m)/n**2           -- multiply out; {chi[k]**2 == chi[k]}
                > 0                                     -- a product of positive numbers
                """, given=(_SLOPES, "a != 1")),
                Use("So some output moves.", "output_moves_of_pointwise_activation_before_batchnorm", "moves", "D(j)", "0",
                    relation="!=", some=("j",), given=(_SLOPES, "eps > 0"), since=("spread",)),
            )),
            Case("All units on the positive side ({m == n})", ("n", "n"), (
                chain("All slopes are 1.", """
                  D(k)
                = (1 - 1)/sf - (act(k) - mf)*0/sf**3  -- the general formula; {chi[k] == 1} and {m == n}, so {cov} is 0
                = 0                                   -- nothing is left
                """, given=(_SLOPES,)),
            )),
        )),
        chain("The exception at {eps == 0}: all positive pre-activations {p}, all others {q}. The activations take two values, "
              "{dist} apart, and normalising two values forgets their distance.", """
          D(k)
        = (d[k] - md)/sf - (act(k) - mf)*cov/sf**3  -- the general formula
        = (1 - a)*(chi[k] - m/n)/sf - (1 - a)*(chi[k] - m/n)*dist**2*(m/n)*(1 - m/n)/sf**3
            -- activations and slopes both follow {chi[k]}, which has variance {m/n*(1 - m/n)}
        = (1 - a)*(chi[k] - m/n)/sf**3 * (sf**2 - dist**2*(m/n)*(1 - m/n))  -- common factor
        = 0                                         -- the bracket is 0: {sf**2} is the variance of the activations
        """, given=(_ONE_VALUE_EACH, _SLOPES, "eps == 0")),
        Say("Conversely, let {eps == 0} and let all outputs stand still, with units on both sides and {a != 1}. First, {cov} is "
            "not 0:"),
        chain("cov_squared", "The formula for {D(k)}, solved for the part with {cov} and squared.", """
          cov**2/sf**2
        = cov**2/sf**4 * mean(k, (act(k) - mf)**2)  -- without {eps}, {sf**2} is the variance
        = mean(k, ((act(k) - mf)*cov/sf**2)**2)     -- into the mean
        = mean(k, (d[k] - md - sf*D(k))**2)         -- the formula for {D(k)}, times {sf}
        """, given=("eps == 0",)),
        sign("rest_spread", "Where the outputs stand still, this is the variance of the slopes.", """
          mean(k, (d[k] - md - sf*D(k))**2)
        = mean(k, ((1 - a)*(chi[k] - m/n) - sf*0)**2)  -- a slope's deviation; the derivatives are 0
        = (1 - a)**2 * m*(n - m)/n**2                  -- multiply out; {chi[k]**2 == chi[k]}
        > 0                                            -- a product of positive numbers
        """, given=(_SLOPES, *_BOTH_SIDES, "eps == 0", "sf > 0", "D(k) == 0")),
        Join("So it is positive,", of=("cov_squared", "rest_spread"), label="cov_positive"),
        NotZero("and {cov} is not 0.", of="cov_positive", part="cov != 0", label="cov_not_zero"),
        chain("active_gap", "Two units on the positive side: their activations' distance in terms of slopes and derivatives.", """
          chi[i]*chi[j]*(act(i) - act(j))
        = chi[i]*chi[j]*((act(i) - mf)*cov - (act(j) - mf)*cov)/cov  -- multiply and divide by {cov}
        = chi[i]*chi[j]*(d[i] - sf*D(i) - (d[j] - sf*D(j)))*sf**2/cov  -- the formula for {D(i)} and {D(j)}
        """, given=("sf > 0",), since=("cov_not_zero",)),
        chain("active_rest", "It is 0, for their slopes are the same.", """
          chi[i]*chi[j]*(d[i] - sf*D(i) - (d[j] - sf*D(j)))*sf**2/cov
        = chi[i]*chi[j]*(1 - a)*(chi[i] - chi[j])*sf**2/cov  -- the slopes; the derivatives are 0
        = 0                                                  -- {chi[i]**2 == chi[i]}
        """, given=(_SLOPES, "sf > 0", "D(k) == 0"), since=("cov_not_zero",)),
        Join("So their activations are equal.", of=("active_gap", "active_rest"), since=("cov_not_zero",)),
        chain("inactive_gap", "Two units on the other side, in the same way.", """
          (1 - chi[i])*(1 - chi[j])*(act(i) - act(j))
        = (1 - chi[i])*(1 - chi[j])*((act(i) - mf)*cov - (act(j) - mf)*cov)/cov    -- multiply and divide by {cov}
        = (1 - chi[i])*(1 - chi[j])*(d[i] - sf*D(i) - (d[j] - sf*D(j)))*sf**2/cov  -- the formula for {D(i)} and {D(j)}
        """, given=("sf > 0",), since=("cov_not_zero",)),
        chain("inactive_rest", "It is 0, for their slopes are the same.", """
          (1 - chi[i])*(1 - chi[j])*(d[i] - sf*D(i) - (d[j] - sf*D(j)))*sf**2/cov
        = (1 - chi[i])*(1 - chi[j])*(1 - a)*(chi[i] - chi[j])*sf**2/cov  -- the slopes; the derivatives are 0
        = 0                                                              -- {chi[i]**2 == chi[i]}
        """, given=(_SLOPES, "sf > 0", "D(k) == 0"), since=("cov_not_zero",)),
        Join("So their activations are equal.", of=("inactive_gap", "inactive_rest"), since=("cov_not_zero",)),
        witness("Slope 1/2, three values, {eps == 1}: the output does move.",
                {"n": 3, "f": ("-1/2", 1, 2), "d": ("1/2", 1, 1), "b": 0, "eps": 1}, "D(1) != 0"),
    ),
    sources=("S2.e",),
    definitions={
        **POINTWISE.definitions,
        **definitions(
            ("dist", "(p + b) - a*(q + b)", r"\delta", "δ", "distance of the two activation values"),
        ),
    },
)
