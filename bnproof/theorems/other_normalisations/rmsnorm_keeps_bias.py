"""Root mean square normalisation centres nothing, and removes nothing of a bias.

Statement: for ε > 0 the output of x + B equals that of x in all channels if and only if B = 0.
"""

from __future__ import annotations

from ...symbolic.inferences import Say, chain, sign, witness
from ..definitions import definitions
from ..theorem import Hypothesis, Theorem

THEOREM = Theorem(
    name="rmsnorm_keeps_bias",
    title="With ε > 0 every bias before RMS normalisation acts",
    statement="RMS normalisation divides the {C} channels of a sample by the root of their mean square, without "
    "centring them: {rms_out(c)}, with a bias {biases[c]} in each channel. For {eps > 0} its outputs determine its "
    "inputs. So every bias that is not 0 in all channels moves the output, whatever the input, even one that is equal "
    "in all channels. A gain comes after it and changes nothing in this, as long as no gain is 0.",
    hypotheses=(
        Hypothesis("{eps > 0}.",
            witness("With {eps == 0} the outputs fix the inputs only up to a positive factor: biases 1 and 2 double "
                    "the values 1 and 2, and the output stays.",
                    {"C": 2, "zch": (1, 2), "biases": (1, 2), "eps": 0}, """
              rms_out(1) == unbiased(1)
              rms_out(2) == unbiased(2)
            """)),
    ),
    proof=(
        chain("room", "The mean square of the outputs falls short of 1.", """
          1 - mean(c, rms_out(c)**2)
        = 1 - mean_square/(mean_square + eps)  -- {mean_square} is the mean square of the inputs
        = eps/(mean_square + eps)              -- bring to one denominator
        """),
        sign("It does so by a positive amount.", """
          1 - mean(c, rms_out(c)**2)
        = eps/(mean_square + eps)  -- the step before
        > 0                        -- a positive number over a positive one
        """, given=("eps > 0",)),
        chain("denominator", "So the outputs determine the square of the denominator, and with "
              "it the denominator, which is positive.", """
          (mean_square + eps) * (1 - mean(c, rms_out(c)**2))
        = (mean_square + eps) * eps/(mean_square + eps)  -- the result above
        = eps                                            -- {mean_square + eps} cancels
        """),
        chain("inputs", "And the inputs, each an output times the denominator.", """
          rms_out(c) * sqrt(mean_square + eps)
        = zch[c] + biases[c]  -- definition of {rms_out(c)}
        """),
        Say("If the outputs with the bias equal those without, so do the inputs, and every {biases[c]} is 0."),
        witness("A bias 4 in both channels takes −3, 3 to 1, 7. With {eps == 0} the output −1 becomes 1/5.",
                {"C": 2, "zch": (-3, 3), "biases": (4, 4), "eps": 0}, """
          unbiased(1) == -1
          rms_out(1) == 1/5
        """),
        witness("A bias of mean 0 moves the output as well.", {"C": 2, "zch": (1, 7), "biases": (6, -6), "eps": 0}, """
          unbiased(1) == 1/5
          rms_out(1) == 7/5
        """),
    ),
    sources=("Zhang & Sennrich 2019",),
    definitions=definitions(
        ("mean_square", "mean(c, (zch[c] + biases[c])**2)", "v", "v", "the mean square of the inputs"),
        ("rms_out(c)", "(zch[c] + biases[c])/sqrt(mean_square + eps)", r"\mathrm{RMS}_{#1}(x + B)", "RMS_#1(x + B)",
         "RMS normalisation with the bias"),
        ("unbiased(c)", "zch[c]/sqrt(mean(c2, zch[c2]**2) + eps)", r"\mathrm{RMS}_{#1}(x)", "RMS_#1(x)",
         "RMS normalisation without the bias"),
    ),
)
