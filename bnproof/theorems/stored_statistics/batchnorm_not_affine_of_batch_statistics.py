"""With batch statistics batch normalisation is not affine, let alone linear, whatever γ ≠ 0, β and ε.

Statement: for a batch with v > 0 and γ ≠ 0, the batch z is the midpoint of −z and 3z, but for some k y_k(z) is not the
midpoint of y_k(−z) and y_k(3z).
"""

from __future__ import annotations

from ...symbolic.inferences import Contrapositive, NotZero, Say, SumOfSquares, chain, sign, witness
from ..definitions import MU, VARIANCE, definitions
from ..theorem import Conclusion, Hypothesis, Theorem

THEOREM = Theorem(
    name="batchnorm_not_affine_of_batch_statistics",
    title="With batch statistics batch normalisation is not affine",
    statement="Let {y_times(k, h)} be the output for the batch {h*z[i]}, with batch statistics. An affine map takes midpoints "
    "to midpoints, and entry by entry {z[i]} is the midpoint of {-z[i]} and {3*z[i]}. But if {gamma != 0} and the values are "
    "not all equal ({v > 0}), then {y_times(k, 1)} is not the midpoint of {y_times(k, -1)} and {y_times(k, 3)} for some {k}, "
    "whatever {beta} and {eps}. So in training batch normalisation is not affine, and so not linear either.",
    hypotheses=(
        Hypothesis("{gamma != 0}.",
            witness("With {gamma == 0} the output is always {beta}, which is affine.",
                    {"n": 2, "z": (0, 2), "gamma": 0, "beta": 1, "eps": 1},
                    "y_times(2, 1) == (y_times(2, -1) + y_times(2, 3))/2"),
            formal=("gamma != 0",)),
        Hypothesis("{v > 0}: the values are not all equal; this takes two or more.",
            witness("In a batch of one, every value is its own mean and the output is {beta}.",
                    {"n": 1, "z": (2,), "gamma": 1, "beta": 1, "eps": 1}, """
              y_times(1, 1) == (y_times(1, -1) + y_times(1, 3))/2
              y_times(1, 1) == beta
            """),
            formal=("v > 0",)),
        Hypothesis("The statistics are those of the batch.",
            witness("With stored ones, {M == 1} and {V == 1}, the midpoint is kept.", {"z": (0, 2), "eps": 0, "M": 1, "V": 1},
                    "(z[2] - M)/sqrt(V + eps) == ((-z[2] - M)/sqrt(V + eps) + (3*z[2] - M)/sqrt(V + eps))/2")),
    ),
    conclusions=(
        Conclusion("y_times(k, h) == gamma*h*(z[k] - mu)/sqrt(h**2*v + eps) + beta", given=("h**2*v + eps > 0",)),
        Conclusion("y_times(k, 1) - (y_times(k, -1) + y_times(k, 3))/2"
                   " == 3*gamma*(z[k] - mu)*(8*v)/(2*root(1)*root(3)*(root(3) + root(1)))"),
        Conclusion("y_times(k, 1) != (y_times(k, -1) + y_times(k, 3))/2", some=("k",)),
    ),
    proof=(
        chain("The mean is multiplied by {h} as the batch is.", """
          mean(i, h*z[i])
        = h*mean(i, z[i])  -- common factor
        = h*mu             -- definition of the mean
        """),
        chain("The variance is multiplied by {h**2}.", """
          var(i, h*z[i])
        = mean(i, (h*z[i] - h*mu)**2)  -- definition of the variance, with the mean just computed
        = h**2*v                       -- common factor
        """),
        chain("scaled", "So the factor {h} stays above the line, while {h**2} goes under the root, next to {eps}.", """
          y_times(k, h)
        = gamma*h*(z[k] - mu)/sqrt(h**2*v + eps) + beta  -- mean and variance of the batch {h*z[i]}
        """),
        chain("from_midpoint", "How far the output lies from the midpoint.", """
          y_times(k, 1) - (y_times(k, -1) + y_times(k, 3))/2
        = gamma*(z[k] - mu)/root(1) - (-gamma*(z[k] - mu)/root(1) + 3*gamma*(z[k] - mu)/root(3))/2
            -- insert 1, −1 and 3; {beta} cancels
        = 3/2*gamma*(z[k] - mu)*(1/root(1) - 1/root(3))                -- collect
        = 3*gamma*(z[k] - mu)*(root(3) - root(1))/(2*root(1)*root(3))  -- common denominator
        = 3*gamma*(z[k] - mu)*(8*v)/(2*root(1)*root(3)*(root(3) + root(1)))
            -- a difference of roots is the difference of their squares, {9*v - v}, divided by their sum
        """),
        chain("squares", "Its square, as a square times a positive number.", """
          (y_times(k, 1) - (y_times(k, -1) + y_times(k, 3))/2)**2
        = (12*gamma*v/(root(1)*root(3)*(root(3) + root(1))))**2*(z[k] - mu)**2  -- the square of that distance
        """, given=("gamma != 0", "v > 0")),
        SumOfSquares("So the output is the midpoint only where the value is the mean.", of="squares", zero="z[k] - mu == 0",
                     label="mean_only"),
        sign("spread", "But the mean of these squares is the variance,", """
          mean(k, (z[k] - mu)**2)
        = v  -- definition of the variance
        > 0  -- the values are not all equal
        """, given=("v > 0",)),
        NotZero("so that some value is not the mean.", of="spread", part="z[k] - mu != 0", label="apart"),
        Contrapositive("There the squared distance is not 0,", of="mean_only", but="apart",
                       fails="(y_times(k, 1) - (y_times(k, -1) + y_times(k, 3))/2)**2 == 0", label="off"),
        NotZero("and the output is not the midpoint.", of="off", part="y_times(k, 1) != (y_times(k, -1) + y_times(k, 3))/2"),
        witness("Exactly: (0, 2) gives the output 1 for the second value, and so does three "
                "times the batch. The midpoint is 0.",
                {"n": 2, "z": (0, 2), "gamma": 1, "beta": 0, "eps": 0}, """
          y_times(2, 1) == 1
          y_times(2, 3) == 1
          y_times(2, -1) == -1
        """),
        Say("What is affine in training is only the second half, from the normalised values to the output: there "
            "{gamma} multiplies and {beta} is added."),
    ),
    sources=("S4.e",),
    definitions=definitions(
        MU,
        VARIANCE,
        ("y_times(k, h)", "gamma*(h*z[k] - mean(i, h*z[i]))/sqrt(var(i, h*z[i]) + eps) + beta", r"y_{#1}(#2\,z)", "y_#1(#2·z)",
         "the output for the batch multiplied by a number"),
        ("root(h)", "sqrt(h**2*v + eps)", "s(#1)", "s(#1)", "the denominator for that batch"),
    ),
)
