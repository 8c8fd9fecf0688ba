"""Conv → ReLU → BatchNorm: the bias matters exactly when some units are active and some are not.

Statement: inside one activation pattern with m of n active, closed form of dŷ/db; for ε > 0 it vanishes for all entries
iff m ∈ {0, n}; for ε = 0 also when all active pre-activations are equal.
"""

from __future__ import annotations

from ...symbolic.inferences import Case, Cases, NotZero, SumOfSquares, Undefined, chain, sign, witness
from ..definitions import definitions
from ..theorem import Conclusion, Hypothesis, Theorem

_SOME = ("m > 0", "m < n")
_ONE_VALUE = "z[i] == chi[i]*p + (1 - chi[i])*entries[i]"

THEOREM = Theorem(
    name="output_moves_of_relu_before_batchnorm",
    title="With a ReLU between and ε > 0 the bias acts unless all units are active or none is",
    statement="Let {m} of {n} units be active: {chi[i]} is 1 where {z[i] + b} is positive and 0 where it is negative, so that "
    "the ReLU gives {r(i) == chi[i]*(z[i] + b)}, and let {yhat(k)} be the normalised output, {sr > 0}. As long as the pattern "
    "does not change, {diff(yhat(k), b) == 1/sr*(chi[k] - m/n - yhat(k)*(1 - m/n)*rm/sr)}. If {m == 0} or {m == n}, this is 0 "
    "for all {k}: {diff(yhat(k), b) == 0}. With {eps > 0} and {0 < m < n} some output moves: {diff(yhat(k), b) != 0} for some "
    "{k}, and so does some output with scale and shift, {diff(gamma*yhat(k) + beta, b) != 0}, if {gamma != 0}. Let {Q} be the "
    "active units' squared distances from their mean, for {m > 0}. With {0 < m < n} and {Q > 0} some output moves, also where "
    "{eps == 0}. But with {eps == 0} nothing moves if all active pre-activations are equal to some {p}. {Q == 0} says just "
    "this: it holds if they are equal, and where it holds, each lies on their mean, {chi[i]*(z[i] - za) == 0}.",
    hypotheses=(
        Hypothesis("The activation pattern stays the same: {b} moves no unit across 0.",
            witness("All units are active at {b == 0}. At {b == -2} one has switched off, and the ratio of two differences of the "
                    "ReLU's outputs has changed, which normalising keeps. So the outputs have moved, though {m == n} at the start.",
                    {"n": 3, "z": (1, 2, 3), "b": -2, "gamma": 1, "eps": 1}, """
              (relu(z[2]) - relu(z[1]))/(relu(z[3]) - relu(z[1])) == 1/2
              (relu(z[2] + b) - relu(z[1] + b))/(relu(z[3] + b) - relu(z[1] + b)) == 0
            """)),
        Hypothesis("For “some output moves”: one conclusion supposes {eps > 0}, the other {Q > 0}.",
            witness("{eps == 0} and a single active unit of three: nothing moves, although {m} is neither 0 nor {n}.",
                    {"n": 3, "z": (1, -1, -2), "chi": (1, 0, 0), "m": 1, "b": 0, "gamma": 1, "eps": 0}, """
              diff(yhat(1), b) == 0
              diff(yhat(2), b) == 0
              diff(yhat(3), b) == 0
            """)),
        Hypothesis("{sr > 0}: the division is defined.",
            Undefined("With {eps == 0} and equal values there is nothing to divide by.",
                      {"n": 2, "z": (3, 3), "chi": (1, 1), "m": 2, "b": 0, "gamma": 1, "eps": 0}, "yhat(1)"),
            formal=("sr > 0",)),
        Hypothesis("{gamma != 0}, for the output with scale and shift.",
            witness("With {gamma == 0} every output is {beta}.",
                    {"n": 2, "z": (-1, 2), "chi": (0, 1), "m": 1, "b": 0, "gamma": 0, "beta": 5, "eps": 3}, """
              diff(gamma*yhat(1) + beta, b) == 0
              diff(gamma*yhat(2) + beta, b) == 0
            """),
            formal=("gamma != 0",)),
    ),
    conclusions=(
        Conclusion("diff(yhat(k), b) == 1/sr*(chi[k] - m/n - yhat(k)*(1 - m/n)*rm/sr)"),
        Conclusion("diff(yhat(k), b) == 0", given=("m == 0",)),
        Conclusion("diff(yhat(k), b) == 0", given=("m == n",)),
        Conclusion("diff(yhat(k), b) != 0", given=(*_SOME, "eps > 0"), some=("k",)),
        Conclusion("diff(gamma*yhat(k) + beta, b) != 0", given=(*_SOME, "eps > 0"), some=("k",)),
        Conclusion("diff(yhat(k), b) != 0", given=(*_SOME, "Q > 0"), some=("k",)),
        Conclusion("diff(yhat(k), b) == 0", given=(_ONE_VALUE, "eps == 0")),
        Conclusion("Q == 0", given=(_ONE_VALUE, "m > 0")),
        Conclusion("chi[i]*(z[i] - za) == 0", given=("m > 0", "Q == 0")),
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
        chain("spread", "For {m > 0}: the active units' squared distances from their mean, without {b}, are those of the ReLU's "
              "outputs, for there {b} cancels.", """
          Q
        = sum(i, chi[i]*z[i]**2) - 2*za*sum(i, chi[i]*z[i]) + za**2*sum(i, chi[i])  -- multiply out
        = sum(i, chi[i]*z[i]**2) - m*za**2                 -- {m*za} is the sum of the active {z[i]}
        = sum(i, chi[i]*(z[i] + b)**2) - m*(za + b)**2     -- add {2*b*m*za + m*b**2} in both places
        = sum(i, r(i)**2) - (n*rm)**2/m                    -- {chi[i]**2 == chi[i]}, and {n*rm == m*(za + b)}
        """, given=("m > 0",)),
        chain("variance", "For {m > 0}: the variance in terms of the active units alone.", """
          sr**2
        = mean(i, r(i)**2) - rm**2 + eps  -- mean square minus squared mean
        = Q/n + n/m*rm**2 - rm**2 + eps   -- insert {sum(i, r(i)**2) == Q + (n*rm)**2/m}
        = Q/n + (n/m - 1)*rm**2 + eps     -- common factor
        """, given=("m > 0",)),
        chain("inactive", "For {m > 0}, add up the derivatives of all inactive units; there {r(k)} is 0.", """
          sum(k, (1 - chi[k])*diff(yhat(k), b))
        = sum(k, 1 - chi[k]) * (rm**2*(1 - m/n)/sr**3 - m/(n*sr))  -- the closed form at {r(k) == 0}
        = (n - m)/sr**3 * (rm**2*(1 - m/n) - m/n*sr**2)            -- {n - m} units are inactive
        = -m*(n - m)*(Q/n + eps)/(n*sr**3)                         -- insert {sr**2}; the terms with {rm} cancel
        """, given=("m > 0",)),
        Cases("Which patterns let the output stand still?", "m", (
            Case("No unit is active ({m == 0})", ("0", "0"), (
                chain("Every output is 0 minus 0.", """
                  diff(yhat(k), b)
                = diff(0/sqrt(eps), b)  -- all ReLU outputs are 0
                = 0                     -- no {b} is left
                """),
            )),
            Case("Some are, some are not ({0 < m < n})", ("1", "n - 1"), (
                sign("sum_moves", "The inactive units' derivatives add up to something negative,", """
                  -sum(k, (1 - chi[k])*diff(yhat(k), b))
                = m*(n - m)*(Q/n + eps)/(n*sr**3)  -- the sum just computed
                > 0  -- both counts and {eps} are positive, and {Q} is a sum of squares
                """, given=("eps > 0",)),
                NotZero("so not all of them are 0.", of="sum_moves", part="diff(yhat(k), b) != 0"),
                sign("scaled_sum_moves", "With scale and shift every derivative has the factor {gamma} more.", """
                  -sum(k, (1 - chi[k])*gamma*diff(gamma*yhat(k) + beta, b))
                = gamma**2*m*(n - m)*(Q/n + eps)/(n*sr**3)  -- {gamma} times {gamma}, times the same sum
                > 0                                         -- the square of a number that is not 0, and what stood there before
                """, given=("eps > 0", "gamma != 0")),
                NotZero("So not all of these are 0 either.", of="scaled_sum_moves", part="diff(gamma*yhat(k) + beta, b) != 0"),
            )),
            Case("All are active ({m == n})", ("n", "n"), (
                chain("The ReLU is the identity here.", """
                  diff(yhat(k), b)
                = 1/sr * (1 - 1 - yhat(k)*(1 - 1)*rm/sr)  -- closed form with {chi[k] == 1} and {m == n}
                = 0                                       -- the bias cancels as without a ReLU
                """),
            )),
        )),
        chain("The exception at {eps == 0}: all active pre-activations equal {p}. Then the outputs take two values that do not "
              "depend on their distance.", """
          diff(yhat(k), b)
        = (chi[k] - m/n)/sr - (r(k) - rm)*rm*(1 - m/n)/sr**3       -- the closed form
        = (chi[k] - m/n)*(sr**2 - m/n*(1 - m/n)*(p + b)**2)/sr**3  -- {r(k) - rm == (p + b)*(chi[k] - m/n)}
        = 0                                                        -- the variance is {m/n*(1 - m/n)*(p + b)**2}
        """, given=(_ONE_VALUE, "eps == 0")),
        chain("Equal values lie on their mean.", """
          Q
        = sum(i, chi[i]*(p - p)**2)  -- an active unit has the value {p}, and so has their mean
        = 0                          -- nothing is left
        """, given=(_ONE_VALUE, "m > 0")),
        chain("squares", "Conversely, {Q} is a sum of squares,", """
          Q
        = sum(i, (chi[i]*(z[i] - za))**2)  -- {chi[i]**2 == chi[i]}
        """, given=("m > 0",)),
        SumOfSquares("and 0 only where each of them is.", of="squares", zero="chi[i]*(z[i] - za) == 0"),
        sign("sum_moves_of_spread", "If {Q > 0} and {0 < m < n}, the sum over the inactive units is negative for every {eps},", """
          -sum(k, (1 - chi[k])*diff(yhat(k), b))
        = m*(n - m)*(Q/n + eps)/(n*sr**3)  -- the sum over the inactive units
        > 0                                -- every factor is positive
        """, given=(*_SOME, "Q > 0", "sr > 0")),
        NotZero("and some output moves.", of="sum_moves_of_spread", part="diff(yhat(k), b) != 0"),
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
        ("za", "sum(j, chi[j]*z[j])/m", r"\bar z", "z̄", "the mean of the active pre-activations, without the bias"),
        ("Q", "sum(i, chi[i]*(z[i] - za)**2)", "Q", "Q", "squared distances of the active pre-activations from their mean"),
    ),
)
