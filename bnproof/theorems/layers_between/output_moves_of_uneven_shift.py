"""For ε > 0 batch normalisation forgets a shift only if the shift is the same for all values.

Statement: for ε > 0 and γ ≠ 0 the output of z + ψ equals that of z at every k if and only if ψ₁ = … = ψ_n.
"""

from __future__ import annotations

from ...symbolic.inferences import Congruence, Contrapositive, NotZero, Say, Use, chain, sign, witness
from ..definitions import BATCHNORM, BATCHNORM_AT, Y_PLUS, definitions
from ..theorem import Conclusion, Hypothesis, Theorem

THEOREM = Theorem(
    name="output_moves_of_uneven_shift",
    title="Only a uniform shift passes batch normalisation unseen",
    statement="Let {eps > 0} and {gamma != 0}. Whatever the values {z[k]}: adding {added[k]} to each of them leaves every output as "
    "it is, {yplus(k) == y(k)}, if and only if all {added[k]} are equal, {added[k] == mean(i, added[i])}. If they vary, "
    "{var(i, added[i]) > 0}, then {yplus(k) != y(k)} for some {k}. The reason is that the outputs determine the centred "
    "values: {s**2 * (1 - mean(i, xhat(i)**2)) == eps} gives {s}, and {z[k] - mu == s*xhat(k)}.",
    hypotheses=(
        Hypothesis("{eps > 0}.",
            witness("With {eps == 0} the outputs fix the centred values only up to a positive factor: doubling all of "
                    "them, an uneven shift, changes nothing.",
                    {"n": 2, "z": (-1, 1), "added": (-1, 1), "gamma": 1, "beta": 0, "eps": 0}, """
              added[1] != added[2]
              yplus(1) == y(1)
              yplus(2) == y(2)
            """), formal=("eps > 0",)),
        Hypothesis("{gamma != 0}.",
            witness("With {gamma == 0} the output is {beta}, whatever is added.",
                    {"n": 2, "z": (-1, 1), "added": (0, 5), "gamma": 0, "beta": 3, "eps": 1}, """
              yplus(1) == 3
              y(1) == 3
              yplus(2) == y(2)
            """), formal=("gamma != 0",)),
    ),
    conclusions=(
        Conclusion("yplus(k) == y(k)", given=("added[i] == b",)),
        Conclusion("added[k] == mean(i, added[i])", given=("yplus(k) == y(k)",)),
        Conclusion("yplus(k) != y(k)", given=("var(i, added[i]) > 0",), some=("k",)),
        Conclusion("s**2 * (1 - mean(i, xhat(i)**2)) == eps"),
        Conclusion("z[k] - mu == s*xhat(k)"),
    ),
    proof=(
        Use("If all {added[k]} are the same number {b}, they act as one bias, and a bias cancels.",
            "bias_cancels_of_batch_statistics", "output", "yplus(k)", "y(k)", given=("added[i] == b",), label="uniform"),
        Say("Now the converse: from the outputs back to the centred values. For {gamma != 0} the outputs give "
            "{xhat(k)}, which is {(y(k) - beta)/gamma}."),
        chain("room", "The normalised values show how large {eps} is beside the variance.", """
          1 - mean(i, xhat(i)**2)
        = 1 - mean(i, (z[i] - mu)**2)/s**2  -- definition of {xhat(i)}; {s} is the same for all {i}
        = 1 - v/s**2                        -- definition of the variance
        = eps/s**2                          -- {s**2 == v + eps}
        """),
        chain("denominator", "So they determine {s**2}, and with it {s}, which is positive.", """
          s**2 * (1 - mean(i, xhat(i)**2))
        = s**2 * (eps/s**2)  -- the result above
        = eps                -- {s**2} cancels
        """),
        chain("scaled", "And {s} times a normalised value is the centred value.", """
          s*xhat(k)
        = z[k] - mu  -- definition of {xhat(k)}
        """),
        sign("room_of_outputs", "The same in terms of the outputs. For {eps > 0} it is positive, so that one may divide by it.", """
          1 - mean(i, ((y(i) - beta)/gamma)**2)
        = eps/s**2  -- {(y(i) - beta)/gamma} is {xhat(i)}
        > 0         -- a positive number over the square of a positive one
        """, given=("eps > 0", "gamma != 0")),
        chain("centred", "So the outputs determine the centred values.", """
          z[k] - mu
        = s*xhat(k)                                                                -- definition of {xhat(k)}
        = sqrt(eps/(1 - mean(i, xhat(i)**2)))*xhat(k)                              -- {s}, from above
        = sqrt(eps/(1 - mean(i, ((y(i) - beta)/gamma)**2)))*((y(k) - beta)/gamma)  -- only outputs are left
        """, given=("eps > 0", "gamma != 0"), since=("room_of_outputs",)),
        sign("room_with_shift", "The same for {z[k] + added[k]}.", """
          1 - mean(i, ((yplus(i) - beta)/gamma)**2)
        = eps/(var(i, z[i] + added[i]) + eps)  -- as before
        > 0                                    -- a positive number over a positive one
        """, given=("eps > 0", "gamma != 0")),
        chain("centred_with_shift", "The outputs determine the centred values by the same formula.", """
          z[k] + added[k] - mean(i, z[i] + added[i])
        = sqrt(eps/(1 - mean(i, ((yplus(i) - beta)/gamma)**2)))*((yplus(k) - beta)/gamma)  -- as before
        """, given=("eps > 0", "gamma != 0"), since=("room_with_shift",)),
        chain("difference", "By how much do the centred values differ?", """
          (z[k] + added[k] - mean(i, z[i] + added[i])) - (z[k] - mu)
        = added[k] - (mean(i, z[i] + added[i]) - mu)  -- {z[k]} cancels
        = added[k] - mean(i, added[i])                -- the mean of a sum is the sum of the means
        """),
        chain("shift", "So the outputs of both together determine {added[k]}, up to a common number.", """
          added[k]
        = (z[k] + added[k] - mean(i, z[i] + added[i])) - (z[k] - mu) + mean(i, added[i])  -- the difference above
        = sqrt(eps/(1 - mean(i, ((yplus(i) - beta)/gamma)**2)))*((yplus(k) - beta)/gamma)
            - sqrt(eps/(1 - mean(i, ((y(i) - beta)/gamma)**2)))*((y(k) - beta)/gamma) + mean(i, added[i])
            -- the two formulas for the centred values
        """, given=("eps > 0", "gamma != 0"), since=("room_of_outputs", "room_with_shift")),
        chain("no_difference", "Where {y(k)} is {yplus(k)}, the common number alone is left.", """
          mean(i, added[i])
        = sqrt(eps/(1 - mean(i, ((yplus(i) - beta)/gamma)**2)))*((yplus(k) - beta)/gamma)
            - sqrt(eps/(1 - mean(i, ((yplus(i) - beta)/gamma)**2)))*((yplus(k) - beta)/gamma) + mean(i, added[i])
            -- a difference of equal numbers is 0
        """, given=("eps > 0", "gamma != 0"), since=("room_with_shift",)),
        Congruence("Hence equal outputs need equal shifts: each is the mean of them all.", of=("no_difference", "shift"),
                   inputs=("yplus(k) == y(k)",), label="equal"),
        sign("uneven", "Now let the shifts vary.", """
          mean(k, (added[k] - mean(i, added[i]))**2)
        = var(i, added[i])  -- definition of the variance
        > 0                 -- as supposed
        """, given=("var(i, added[i]) > 0",)),
        NotZero("Then some shift is not the mean of them all.", of="uneven", part="added[k] != mean(i, added[i])",
                label="unequal"),
        Contrapositive("So some output moves.", of="equal", but="unequal", fails="yplus(k) == y(k)", label="moves"),
    ),
    sources=("S0.e", "S4.f"),
    definitions=definitions(*BATCHNORM, *BATCHNORM_AT, Y_PLUS),
)
