"""Conv → ReLU → BatchNorm: the bias matters exactly when some units are active and some are not.

Statement: inside one activation pattern with m of n active, closed form of dŷ/db; for ε > 0 it vanishes for all entries
iff m ∈ {0, n}; for ε = 0 also when all active pre-activations are equal.
"""

from __future__ import annotations

from ...symbolic.inferences import Case, Cases, Say, chain, sign, witness
from ..definitions import definitions
from ..theorem import Hypothesis, Theorem

THEOREM = Theorem(
    name="output_moves_of_relu_before_batchnorm",
    title="With a ReLU between and ε > 0 the bias acts unless all units are active or none is",
    statement="Let {m} of {n} units be active ({chi[i]} says which), so that the ReLU gives {r(i) == chi[i]*(z[i] + b)}, and "
    "let {yhat(k)} be the normalised output. As long as the pattern does not change, {diff(yhat(k), b) == 1/sr*(chi[k] - "
    "m/n - yhat(k)*(1 - m/n)*rm/sr)}. With {eps > 0} this is 0 for all {k} if and only if {m == 0} or {m == n}. With "
    "{eps == 0} and a nonzero variance it is 0 for all {k} exactly if {m == n} or all active pre-activations are equal. "
    "The output {gamma*yhat(k) + beta} moves with {yhat(k)}, unless {gamma == 0}.",
    hypotheses=(
        Hypothesis("The activation pattern stays the same: {b} moves no unit across 0.",
            witness("All units active at {b == 0}; at {b == -2} one has switched off, and the outputs' ratio has changed.",
                    {"n": 3, "z": (1, 2, 3), "b": -2}, """
              (relu(z[2]) - relu(z[1]))/(relu(z[3]) - relu(z[1])) == 1/2
              (relu(z[2] + b) - relu(z[1] + b))/(relu(z[3] + b) - relu(z[1] + b)) == 0
            """)),
        Hypothesis("{eps > 0}, for “only if”.",
            witness("{eps == 0} and a single active unit of three: nothing moves, although {m} is neither 0 nor {n}.",
                    {"n": 3, "z": (1, -1, -2), "chi": (1, 0, 0), "m": 1, "b": 0, "eps": 0}, """
              diff(yhat(1), b) == 0
              diff(yhat(2), b) == 0
              diff(yhat(3), b) == 0
            """)),
    ),
    proof=(
        chain("Only active units feel {b}: the mean moves by {m/n}.", """
          diff(rm, b)
        = 1/n * sum(i, chi[i])  -- each active unit has slope 1
        = m/n                   -- there are {m} of them
        """),
        chain("The variance moves as well.", """
          diff(mean(i, (r(i) - rm)**2), b)
        = mean(i, 2*(r(i) - rm)*(chi[i] - m/n))  -- chain rule
        = 2*mean(i, chi[i]*r(i)) - 2*rm*m/n      -- multiply out; the {r(i) - rm} add up to 0
        = 2*rm*(1 - m/n)                         -- {chi[i]*r(i) == r(i)}: an active unit counts once
        """),
        chain("derivative", "Closed form of the derivative.", """
          diff(yhat(k), b)
        = (chi[k] - m/n)/sr - (r(k) - rm)*rm*(1 - m/n)/sr**3  -- quotient rule with the two results above
        = 1/sr * (chi[k] - m/n - yhat(k)*(1 - m/n)*rm/sr)     -- definition of {yhat(k)}
        """),
        chain("spread", "For {m >= 1}: the squared deviations {Q} of the active pre-activations from their own mean are those "
              "of the ReLU's outputs, for there the bias cancels.", """
          sum(i, r(i)**2) - (n*rm)**2/m
        = sum(i, chi[i]*(z[i] + b)**2) - (sum(i, chi[i]*z[i]) + m*b)**2/m  -- {chi[i]**2 == chi[i]}, and {m} units carry {b}
        = sum(i, chi[i]*z[i]**2) + 2*b*sum(i, chi[i]*z[i]) + m*b**2
            - (sum(i, chi[i]*z[i])**2/m + 2*b*sum(i, chi[i]*z[i]) + m*b**2)  -- multiply out
        = Q                                                                -- the terms with {b} cancel
        """),
        chain("lagrange", "For {m >= 1}: {Q} is a sum of squares (Lagrange's identity).", """
          Q
        = 1/m * (sum(i, chi[i])*sum(j, chi[j]*z[j]**2) - sum(i, chi[i]*z[i])*sum(j, chi[j]*z[j]))  -- {sum(i, chi[i]) == m}
        = 1/m * sum(i, sum(j, chi[i]*chi[j]*(z[j]**2 - z[i]*z[j])))                                -- one double sum
        = 1/(2*m) * sum(i, sum(j, chi[i]*chi[j]*(z[i]**2 - 2*z[i]*z[j] + z[j]**2)))
            -- the average of this sum and of the same with {i} and {j} exchanged
        = 1/(2*m) * sum(i, sum(j, chi[i]*chi[j]*(z[i] - z[j])**2))                                 -- the square of a difference
        """),
        chain("For {m >= 1}: the variance in terms of the active units alone.", """
          sr**2
        = mean(i, r(i)**2) - rm**2 + eps  -- mean square minus squared mean
        = Q/n + n/m*rm**2 - rm**2 + eps   -- insert {sum(i, r(i)**2) == Q + (n*rm)**2/m}
        = Q/n + (n/m - 1)*rm**2 + eps     -- common factor
        """),
        chain("inactive", "For {m >= 1}, add up the derivatives of all inactive units; there {r(k)} is 0.", """
          sum(k, (1 - chi[k])*diff(yhat(k), b))
        = sum(k, 1 - chi[k]) * (rm**2*(1 - m/n)/sr**3 - m/(n*sr))  -- the closed form at {r(k) == 0}
        = (n - m)/sr**3 * (rm**2*(1 - m/n) - m/n*sr**2)            -- {n - m} units are inactive
        = -m*(n - m)*(Q/n + eps)/(n*sr**3)                         -- insert {sr**2}; the terms with {rm} cancel
        """),
        Cases("Which patterns let the output stand still?", "m", (
            Case("No unit is active ({m == 0})", ("0", "0"), (
                chain("Every output is 0 minus 0.", """
                  diff(yhat(k), b)
                = diff(0/sqrt(eps), b)  -- all ReLU outputs are 0
                = 0                     -- no {b} is left
                """),
            )),
            Case("Some are, some are not ({0 < m < n})", ("1", "n - 1"), (
                sign("The inactive units' derivatives add up to something negative, so not all are 0.", """
                  -sum(k, (1 - chi[k])*diff(yhat(k), b))
                = m*(n - m)*(Q/n + eps)/(n*sr**3)  -- the sum just computed
                = m*(n - m)*(sum(i, sum(j, chi[i]*chi[j]*(z[i] - z[j])**2))/(2*m*n) + eps)/(n*sr**3)
                    -- {Q} as a sum of squares
                > 0  -- both counts and {eps} are positive, and {Q} is a sum of squares divided by a positive number
                """, given=("eps > 0",)),
            )),
            Case("All are active ({m == n})", ("n", "n"), (
                chain("The ReLU is the identity here.", """
                  diff(yhat(k), b)
                = 1/sr * (1 - 1 - yhat(k)*(1 - 1)*rm/sr)  -- closed form with {chi[k] == 1} and {m == n}
                = 0                                       -- the bias cancels as without a ReLU
                """),
            )),
        )),
        Say("The exceptions at {eps == 0}: the sum over inactive units is 0 only if {Q == 0}, that is, if all active "
            "pre-activations are equal. Then the outputs take two values that do not depend on their distance:"),
        chain("All active pre-activations equal {p}, {eps == 0}; the inactive ones have the factor {chi[i] == "
              "0}, so {p} may be written for them too.", """
          diff(yhat(k), b)
        = (chi[k] - m/n)/sr - (r(k) - rm)*rm*(1 - m/n)/sr**3       -- the closed form
        = (chi[k] - m/n)*(sr**2 - m/n*(1 - m/n)*(p + b)**2)/sr**3  -- {r(k) - rm == (p + b)*(chi[k] - m/n)}
        = 0                                                        -- the variance is {m/n*(1 - m/n)*(p + b)**2}
        """, given=("z[i] == p", "eps == 0",)),
        sign("If they are not all equal ({Q > 0}) and {0 < m < n}, the sum is negative at {eps == 0} too.", """
          -sum(k, (1 - chi[k])*diff(yhat(k), b))
        = m*(n - m)*(Q/n + eps)/(n*sr**3)  -- the sum over the inactive units
        > 0                                -- every factor is positive
        """, given=("m > 0", "n - m > 0", "Q > 0", "sr > 0",)),
        witness("An exact instance: one unit off, one on, and both outputs move, at the rate 3/16.",
                {"n": 2, "z": (-1, 2), "chi": (0, 1), "m": 1, "b": 0, "eps": 3}, """
          yhat(1) == -1/2
          diff(yhat(1), b) == -3/16
          diff(yhat(2), b) == 3/16
        """),
    ),
    sources=("S0.e", "S3.a", "ai.stackexchange 26525"),
    definitions=definitions(
        ("r(i)", "chi[i]*(z[i] + b)", "r_{#1}", "r_#1", "the ReLU's output inside the activation pattern"),
        ("rm", "mean(i, r(i))", r"\bar r", "r̄", "the mean of the ReLU's outputs"),
        ("sr", "sqrt(mean(i, (r(i) - rm)**2) + eps)", "s", "s", "the denominator of the normalisation"),
        ("yhat(k)", "(r(k) - rm)/sr", r"\hat y_{#1}", "ŷ_#1", "the normalised output"),
        ("Q", "sum(i, chi[i]*z[i]**2) - sum(i, chi[i]*z[i])**2/m", "Q", "Q",
         "squared deviations of the active pre-activations from their own mean; the bias cancels in it"),
    ),
)
