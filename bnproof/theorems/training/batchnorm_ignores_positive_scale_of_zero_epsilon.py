"""BatchNorm ignores a positive factor on its input if ε = 0; a negative one flips the sign; else it acts as ε/a².

Statement: for a > 0, x̂(az) = x̂(z) and x̂(−az) = −x̂(z) at ε = 0; at any ε, x̂(az; ε) = x̂(z; ε/a²).
"""

from __future__ import annotations

from ...symbolic.inferences import Undefined, chain, sign, witness
from ..definitions import MU, VARIANCE, definitions
from ..theorem import Conclusion, Hypothesis, Theorem

THEOREM = Theorem(
    name="batchnorm_ignores_positive_scale_of_zero_epsilon",
    title="A positive factor on the weights acts as another ε, and not at all if ε = 0",
    statement="Multiply all pre-activations by a number, as by scaling the weights of the layer. If {eps == 0} and {v > 0}, a "
    "positive factor {amp} leaves the normalised values as they are, {xhat_of(k, amp, eps) == xhat_of(k, 1, eps)}; a factor "
    "{-amp} flips their signs, {xhat_of(k, -amp, eps) == -xhat_of(k, 1, eps)}; with the factor 0 there is nothing to divide "
    "by, {v_of(0) == 0}. If {eps > 0}, the factor 0 turns all normalised values into 0, {xhat_of(k, 0, eps) == 0}. For every "
    "{eps} with {v + eps > 0} also {v_of(amp) + eps > 0}, and the factor {amp} acts as if {eps} were {eps/amp**2}: the "
    "normalised values are multiplied by {sqrt(v + eps)/sqrt(v + eps/amp**2)}. For {v > 0} the square of this number exceeds "
    "1 by at most {eps/v}.",
    hypotheses=(
        Hypothesis("For exact invariance: {eps == 0}.",
            witness("With {eps == 3} the factor 3 brings the value {1/2} closer to 1.",
                    {"n": 2, "z": (-1, 1), "amp": 3, "eps": 3}, """
              xhat_of(2, 1, eps) == 1/2
              xhat_of(2, amp, eps)**2 == 3/4
            """),
            formal=("eps == 0",)),
        Hypothesis("The factor is positive.",
            witness("The factor −1 turns the value 1 into −1.", {"n": 2, "z": (-1, 1)}, """
              xhat_of(2, 1, 0) == 1
              xhat_of(2, -1, 0) == -1
            """)),
        Hypothesis("The factor is not 0, if {eps == 0}.",
            Undefined("The factor 0 leaves nothing to divide by.", {"n": 2, "z": (-1, 1)}, "xhat_of(2, 0, 0)")),
        Hypothesis("{v + eps > 0}: if {eps == 0}, the values are not all equal.",
            Undefined("Equal values have the variance 0.", {"n": 2, "z": (3, 3), "amp": 2, "eps": 0}, "xhat_of(2, amp, eps)"),
            formal=("v + eps > 0",)),
        Hypothesis("The statistics are those of this batch.",
            witness("With the stored mean 0 and variance 1, the factor 2 doubles the value.",
                    {"n": 2, "z": (-1, 1), "amp": 2, "M": 0, "V": 1}, """
              (amp*z[2] - M)/sqrt(V) == 2
              (z[2] - M)/sqrt(V) == 1
            """)),
    ),
    conclusions=(
        Conclusion("xhat_of(k, amp, eps) == xhat_of(k, 1, eps)", given=("v > 0",)),
        Conclusion("xhat_of(k, -amp, eps) == -xhat_of(k, 1, eps)", given=("v > 0",)),
        Conclusion("v_of(0) == 0"),
        Conclusion("xhat_of(k, 0, eps) == 0", given=("eps > 0",)),
        Conclusion("v_of(amp) + eps > 0"),
        Conclusion("xhat_of(k, amp, eps) == xhat_of(k, 1, eps/amp**2)", given=("v_of(amp) + eps > 0",)),
        Conclusion("xhat_of(k, amp, eps) == sqrt(v + eps)/sqrt(v + eps/amp**2) * xhat_of(k, 1, eps)",
                   given=("v_of(amp) + eps > 0",)),
        Conclusion("(v + eps)/(v + eps/amp**2) - 1 <= eps/v", given=("v > 0",)),
    ),
    proof=(
        chain("mean", "The mean is multiplied by the factor.", """
          mu_of(amp)
        = 1/n * sum(i, amp*z[i])  -- definition of the mean
        = amp*mu                  -- the factor is the same in each term
        """),
        chain("variance", "The variance is multiplied by its square.", """
          v_of(amp)
        = mean(i, (amp*z[i] - amp*mu)**2)  -- definition of the variance; the mean is {amp*mu}
        = amp**2 * v                       -- take {amp**2} out of each square
        """),
        chain("invariance", "With {eps == 0} a positive factor cancels.", """
          xhat_of(k, amp, eps)
        = (amp*z[k] - amp*mu)/sqrt(amp**2*v)  -- the two results above
        = (amp*(z[k] - mu))/(amp*sqrt(v))     -- the root of {amp**2} is {amp}, since {amp > 0}
        = (z[k] - mu)/sqrt(v)                 -- the factor cancels
        = xhat_of(k, 1, eps)                  -- this is the normalised value without a factor
        """, given=("eps == 0",)),
        chain("flip", "A negative number is {-amp} with {amp > 0}. The root loses its sign, the numerator does not.", """
          xhat_of(k, -amp, eps)
        = (-amp*z[k] + amp*mu)/sqrt(amp**2*v)  -- mean and variance for the factor {-amp}
        = -(amp*(z[k] - mu))/(amp*sqrt(v))     -- the root of {amp**2} is {amp}
        = -xhat_of(k, 1, eps)                  -- {amp} cancels, the minus stays
        """, given=("eps == 0",)),
        chain("The third case, the factor 0, makes all values equal, and 0/0 has no value.", """
          v_of(0)
        = mean(i, (0*z[i] - 0)**2)  -- the mean of zeros is 0
        = 0                         -- and so is their variance
        """),
        chain("With the factor 0 and {eps > 0} the value is 0.", """
          xhat_of(k, 0, eps)
        = (0*z[k] - 0)/sqrt(0 + eps)  -- mean and variance of zeros
        = 0                           -- the numerator is 0
        """),
        sign("defined", "In general: if {v + eps > 0}, there is something to divide by for every positive factor.", """
          v_of(amp) + eps
        = amp**2*v + eps                                    -- the variance for the factor {amp}
        = (amp**2*(v + eps) + amp**4*v + eps)/(1 + amp**2)  -- multiply and divide by {1 + amp**2}
        > 0                                                 -- the first summand is positive, the others are not negative
        """, given=("v + eps > 0",)),
        chain("epsilon", "So divide top and bottom by {amp}.", """
          xhat_of(k, amp, eps)
        = (amp*z[k] - amp*mu)/sqrt(amp**2*v + eps)    -- mean and variance for the factor {amp}
        = amp*(z[k] - mu)/(amp*sqrt(v + eps/amp**2))  -- take {amp**2} out of the root
        = xhat_of(k, 1, eps/amp**2)                   -- the normalised value without the factor, with another {eps}
        """),
        chain("ratio", "Compared with the value without the factor.", """
          xhat_of(k, amp, eps)
        = (z[k] - mu)/sqrt(v + eps/amp**2)                         -- the chain above
        = sqrt(v + eps)/sqrt(v + eps/amp**2) * xhat_of(k, 1, eps)  -- multiply and divide by the old denominator
        """, given=("v + eps > 0",)),
        sign("The square of this ratio exceeds 1 by at most {eps/v}, however large the factor.", """
          eps/v - ((v + eps)/(v + eps/amp**2) - 1)
        = eps/v - (eps - eps/amp**2)/(v + eps/amp**2)  -- a common denominator
        = eps/v - eps*(amp**2 - 1)/(amp**2*v + eps)    -- multiply top and bottom by {amp**2}
        = (eps*(amp**2*v + eps) - v*eps*(amp**2 - 1))/(v*(amp**2*v + eps))  -- a common denominator
        = eps*(eps + v)/(v*(amp**2*v + eps))  -- the terms with {amp} cancel
        >= 0                                  -- no term is negative, and the denominator is positive
        """, given=("v > 0",)),
    ),
    sources=("Ioffe & Szegedy 2015, §3.3",),
    definitions=definitions(
        MU,
        VARIANCE,
        ("mu_of(amp)", "mean(i, amp*z[i])", r"\mu(#1)", "μ(#1)", "the batch mean after multiplication by a number"),
        ("v_of(amp)", "mean(i, (amp*z[i] - mu_of(amp))**2)", "v(#1)", "v(#1)",
         "the batch variance after multiplication by a number"),
        ("xhat_of(k, amp, eps)", "(amp*z[k] - mu_of(amp))/sqrt(v_of(amp) + eps)", r"\hat x_{#1}(#2; #3)", "x̂_#1(#2; #3)",
         "the normalised value after multiplication by a number, for a given ε"),
    ),
)
