"""After a ReLU with m of n units active the mean carries m·b/n, and the variance is a quadratic in b.

Statement: mean = (Z + m·b)/n with Z the sum of the active pre-activations; variance = m/n·(1 − m/n)·b² +
2·(1 − m/n)·Z/n·b + (variance at b = 0 in the same pattern). A "std" is the root of this, with 1/n.
"""

from __future__ import annotations

from ...symbolic.inferences import Case, Cases, NotZero, Say, chain, sign, witness
from ..definitions import definitions
from ..theorem import Conclusion, Hypothesis, Theorem

_VARIANCE = "mean(i, (r(i) - rm)**2)"

THEOREM = Theorem(
    name="mean_and_variance_of_relu",
    title="After a ReLU the mean carries mb/n for m active units of n, and the variance is quadratic in b",
    statement="Let {m} of {n} units be active ({chi[i]} says which), so that the ReLU gives {r(i) == chi[i]*(z[i] + b)}, and "
    "let {Z == sum(i, chi[i]*z[i])}. As long as the pattern stays the same, the mean is {rm == Z/n + m*b/n}, and the variance "
    "is {m/n*(1 - m/n)*b**2 + 2*(1 - m/n)/n*Z*b + v0}, where neither {Z} nor {v0} involves {b}. So {b} enters the mean with "
    "the factor {m/n}. This is not {1/n}, {m/n != 1/n}, if {m != 1}. If some units are active and some are not, {0 < m < n}, "
    "the variance is a quadratic in {b} that is curved upward, {m/n*(1 - m/n) > 0}. With no unit active, {m == 0}, the "
    "variance is 0; with all of them, {m == n}, it is {mean(i, z[i]**2) - mean(i, z[i])**2} for every {b}.",
    hypotheses=(
        Hypothesis("The pattern stays the same when {b} changes.",
            witness("{b == 3} switches a unit on. The mean moves by 5/2: neither 3/2, for one active unit, nor 3, for two.",
                    {"n": 2, "z": (-1, 1), "b": 3}, """
              mean(i, relu(z[i] + b)) - mean(i, relu(z[i])) == 5/2
              1*b/n == 3/2
              2*b/n == 3
            """)),
        Hypothesis("The pattern belongs to these very values: {chi[i]} is 1 where {z[i] + b} is "
                   "positive, and 0 where it is negative.",
            witness("The pattern without {b}, which has the first unit off, gives another mean.",
                    {"n": 2, "z": (-1, 1), "b": 3, "chi": (0, 1), "m": 1}, """
              rm == 2
              mean(i, relu(z[i] + b)) == 3
            """)),
    ),
    conclusions=(
        Conclusion("rm == Z/n + m*b/n"),
        Conclusion("m/n != 1/n", given=("m != 1",)),
        Conclusion(f"{_VARIANCE} == m/n*(1 - m/n)*b**2 + 2*(1 - m/n)/n*Z*b + v0"),
        Conclusion(f"{_VARIANCE} == 0", given=("m == 0",)),
        Conclusion("m/n*(1 - m/n) > 0", given=("m > 0", "m < n")),
        Conclusion(f"{_VARIANCE} == mean(i, z[i]**2) - mean(i, z[i])**2", given=("m == n",)),
    ),
    proof=(
        witness("The formula with {chi[i]} is the ReLU: one unit is off, three are on.",
                {"n": 4, "z": (-3, -1, 1, 2), "b": 2, "chi": (0, 1, 1, 1), "m": 3}, """
          r(1) == relu(z[1] + b)
          r(2) == relu(z[2] + b)
          r(3) == relu(z[3] + b)
          r(4) == relu(z[4] + b)
          m == sum(i, chi[i])
        """),
        chain("mean", "The mean: only active units bring their {b}.", """
          rm
        = 1/n*sum(i, chi[i]*(z[i] + b))                 -- definition of the mean
        = 1/n*(sum(i, chi[i]*z[i]) + b*sum(i, chi[i]))  -- a sum of sums; {b} is a common factor
        = 1/n*(Z + b*m)                                 -- {m} units are active
        = Z/n + m*b/n                                   -- multiply out
        """),
        witness("It is not {b/n}: with two of three units active, {b == 3} moves the mean by 2 and not by 1.",
                {"n": 3, "z": (-5, 1, 2), "b": 3}, """
          mean(i, relu(z[i] + b)) - mean(i, relu(z[i])) == 2
          b/n == 1
        """),
        sign("factor_gap", "The factor {m/n} is {1/n} for one active unit only.", """
          (m/n - 1/n)**2
        = (m - 1)**2/n**2  -- common denominator
        > 0                -- the square of a number that is not 0
        """, given=("m != 1",)),
        NotZero("Only 0 has the square 0.", of="factor_gap", part="m/n != 1/n"),
        chain("The mean of the squares.", """
          mean(i, r(i)**2)
        = 1/n*sum(i, chi[i]*(z[i] + b)**2)                 -- {chi[i]**2 == chi[i]}: it is 0 or 1
        = 1/n*sum(i, chi[i]*z[i]**2) + 2*b/n*sum(i, chi[i]*z[i]) + b**2/n*sum(i, chi[i])  -- multiply out
        = 1/n*sum(i, chi[i]*z[i]**2) + 2*b*Z/n + m/n*b**2  -- definition of {Z}; {m} units are active
        """),
        chain("variance", "The variance: mean of the squares minus square of the mean.", """
          mean(i, (r(i) - rm)**2)
        = mean(i, r(i)**2) - rm**2                                            -- multiply out; the mean of {r(i)} is {rm}
        = 1/n*sum(i, chi[i]*z[i]**2) + 2*b*Z/n + m/n*b**2 - (Z/n + m*b/n)**2  -- the two means just computed
        = m/n*(1 - m/n)*b**2 + 2*(1 - m/n)/n*Z*b + v0                         -- sort by powers of {b}
        """),
        witness("Without the root and without {1/n}, a sum of squares is no standard deviation: here it is 2 instead of 1.",
                {"n": 2, "z": (-1, 2), "b": 0, "chi": (0, 1), "m": 1}, """
          sqrt(mean(i, (r(i) - rm)**2)) == 1
          sum(i, (r(i) - rm)**2) == 2
        """),
        Cases("What becomes of the term with {b**2}?", "m", (
            Case("No unit is active ({m == 0})", ("0", "0"), (
                chain("Every output of the ReLU is 0, and so is the variance.", """
                  mean(i, (r(i) - rm)**2)
                = mean(i, (0 - 0)**2)  -- {chi[i] == 0}, and so the mean is 0
                = 0                    -- nothing is left
                """),
            )),
            Case("Some are, some are not ({0 < m < n})", ("1", "n - 1"), (
                sign("The coefficient of {b**2} is positive.", """
                  m/n*(1 - m/n)
                = m*(n - m)/n**2  -- common denominator
                > 0               -- {m} and {n - m} count units of which there are some
                """),
            )),
            Case("All are active ({m == n})", ("n", "n"), (
                chain("Both coefficients have the factor {1 - m/n == 0}.", """
                  mean(i, (r(i) - rm)**2)
                = 1*(1 - 1)*b**2 + 2*(1 - 1)/n*Z*b + v0  -- the variance just computed, with {m == n}
                = mean(i, z[i]**2) - mean(i, z[i])**2    -- no {b} is left
                """),
            )),
        )),
        Say("With {0 < m < n} the variance depends on {b}, for a quadratic is not constant. With all units active "
            "the ReLU is the identity, and a bias before a normalisation cancels as usual."),
    ),
    sources=("S0.c", "S0.d"),
    definitions=definitions(
        ("r(i)", "chi[i]*(z[i] + b)", "r_{#1}", "r_#1", "the ReLU's output inside the activation pattern"),
        ("rm", "mean(i, r(i))", r"\bar r", "r̄", "the mean of the ReLU's outputs"),
        ("Z", "sum(i, chi[i]*z[i])", "Z", "Z", "the sum of the active pre-activations, without the bias"),
        ("v0", "1/n*sum(i, chi[i]*z[i]**2) - (Z/n)**2", "v_0", "v₀", "the part of the variance that does not involve the bias"),
    ),
)
