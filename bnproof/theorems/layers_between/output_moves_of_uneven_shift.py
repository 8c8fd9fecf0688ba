"""For ε > 0 batch normalisation forgets a shift only if the shift is the same for all values.

Statement: for ε > 0 and γ ≠ 0 the output of z + ψ equals that of z at every k if and only if ψ₁ = … = ψ_n.
"""

from __future__ import annotations

from ...symbolic.inferences import Say, Use, chain, sign, witness
from ..definitions import BATCHNORM, BATCHNORM_AT, Y_PLUS, definitions
from ..theorem import Hypothesis, Theorem

THEOREM = Theorem(
    name="output_moves_of_uneven_shift",
    title="Only a uniform shift passes batch normalisation unseen",
    statement="Let {eps > 0} and {gamma != 0}. Whatever the values {z[k]}: adding {added[k]} to each of them leaves "
    "every output as it is if and only if all {added[k]} are equal. The reason is that the outputs determine the "
    "centred values: {s**2 * (1 - mean(i, xhat(i)**2)) == eps} gives {s}, and {z[k] - mu == s*xhat(k)}.",
    hypotheses=(
        Hypothesis("{eps > 0}.",
            witness("With {eps == 0} the outputs fix the centred values only up to a positive factor: doubling all of "
                    "them, an uneven shift, changes nothing.",
                    {"n": 2, "z": (-1, 1), "added": (-1, 1), "gamma": 1, "beta": 0, "eps": 0}, """
              added[1] != added[2]
              yplus(1) == y(1)
              yplus(2) == y(2)
            """)),
        Hypothesis("{gamma != 0}.",
            witness("With {gamma == 0} the output is {beta}, whatever is added.",
                    {"n": 2, "z": (-1, 1), "added": (0, 5), "gamma": 0, "beta": 3, "eps": 1}, """
              yplus(1) == 3
              y(1) == 3
              yplus(2) == y(2)
            """)),
    ),
    proof=(
        Say("If all {added[k]} are equal, they act as one bias."),
        Use("A bias cancels.", "bias_cancels_of_batch_statistics", "output", "y_at(k, b)", "y_at(k, 0)"),
        Say("Now the converse: from the outputs back to the centred values. For {gamma != 0} they give {xhat(k)}."),
        chain("room", "The normalised values show how large {eps} is beside the variance.", """
          1 - mean(i, xhat(i)**2)
        = 1 - mean(i, (z[i] - mu)**2)/s**2  -- definition of {xhat(i)}; {s} is the same for all {i}
        = 1 - v/s**2                        -- definition of the variance
        = eps/s**2                          -- {s**2 == v + eps}
        """),
        sign("This is positive for {eps > 0}, so one may divide by it.", """
          1 - mean(i, xhat(i)**2)
        = eps/s**2  -- the step before
        > 0         -- a positive number over the square of a positive one
        """, given=("eps > 0",)),
        chain("denominator", "Hence the outputs determine {s**2}, and with it {s}, which is positive.", """
          s**2 * (1 - mean(i, xhat(i)**2))
        = s**2 * (eps/s**2)  -- the result above
        = eps                -- {s**2} cancels
        """),
        chain("centred", "And they determine the centred values.", """
          s*xhat(k)
        = z[k] - mu  -- definition of {xhat(k)}
        """),
        chain("difference", "If {z[k]} and {z[k] + added[k]} lead to the same outputs, they have "
              "the same centred values. Their difference:", """
          (z[k] + added[k] - mean(i, z[i] + added[i])) - (z[k] - mu)
        = added[k] - (mean(i, z[i] + added[i]) - mu)  -- {z[k]} cancels
        = added[k] - mean(i, added[i])                -- the mean of a sum is the sum of the means
        """),
        Say("So every {added[k]} equals the mean of them all: they are all equal."),
    ),
    sources=("S0.e", "S4.f"),
    definitions=definitions(*BATCHNORM, *BATCHNORM_AT, Y_PLUS),
)
