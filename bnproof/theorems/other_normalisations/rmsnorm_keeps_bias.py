"""Root mean square normalisation centres nothing, and removes nothing of a bias.

Statement: for ε > 0 the output of x + B equals that of x in all channels if and only if B = 0.
"""

from __future__ import annotations

from ...symbolic.inferences import Congruence, Contrapositive, NotZero, chain, sign, witness
from ..definitions import definitions
from ..theorem import Conclusion, Hypothesis, Theorem

_ACTS = "mean(c, biases[c]**2) > 0"

THEOREM = Theorem(
    name="rmsnorm_keeps_bias",
    title="With ε > 0 every bias before RMS normalisation acts",
    statement="RMS normalisation divides the {C} channels of a sample by the root of their mean square, without centring "
    "them: {rms_out(c)}, with a bias {biases[c]} in each channel. For {eps > 0} its outputs determine its inputs: "
    "{(mean_square + eps)*(1 - mean(c2, rms_out(c2)**2)) == eps} gives the denominator, and {sqrt(mean_square + "
    "eps)*rms_out(c) == zch[c] + biases[c]}. So a bias moves the output, whatever the input, unless it is 0 in every channel; "
    "even one that is equal in all channels does: for {mean(c, biases[c]**2) > 0}, {rms_out(c) != unbiased(c)} for some {c}. "
    "A gain comes after it and changes nothing in this, as long as no gain is 0, {gains[c] != 0}: {gains[c]*rms_out(c) != "
    "gains[c]*unbiased(c)} for some {c}.",
    hypotheses=(
        Hypothesis("{eps > 0}.",
            witness("With {eps == 0} the outputs fix the inputs only up to a positive factor: biases 1 and 2 double "
                    "the values 1 and 2, and the output stays.",
                    {"C": 2, "zch": (1, 2), "biases": (1, 2), "eps": 0}, """
              rms_out(1) == unbiased(1)
              rms_out(2) == unbiased(2)
            """), formal=("eps > 0",)),
    ),
    conclusions=(
        Conclusion("(mean_square + eps)*(1 - mean(c2, rms_out(c2)**2)) == eps"),
        Conclusion("sqrt(mean_square + eps)*rms_out(c) == zch[c] + biases[c]"),
        Conclusion("rms_out(c) != unbiased(c)", given=(_ACTS,), some=("c",)),
        Conclusion("gains[c]*rms_out(c) != gains[c]*unbiased(c)", given=(_ACTS, "gains[c] != 0"), some=("c",)),
    ),
    proof=(
        sign("room", "The mean square of the outputs falls short of 1 by a positive number, by which one may divide.", """
          1 - mean(c2, rms_out(c2)**2)
        = 1 - mean_square/(mean_square + eps)  -- {mean_square} is the mean square of the inputs
        = eps/(mean_square + eps)              -- bring to one denominator
        > 0                                    -- a positive number over a positive one
        """, given=("eps > 0",)),
        chain("denominator", "So the outputs determine the square of the denominator, and with "
              "it the denominator, which is positive.", """
          (mean_square + eps) * (1 - mean(c2, rms_out(c2)**2))
        = (mean_square + eps) * eps/(mean_square + eps)  -- the result above
        = eps                                            -- {mean_square + eps} cancels
        """),
        chain("inputs", "And the inputs, each an output times the denominator.", """
          sqrt(mean_square + eps)*rms_out(c)
        = zch[c] + biases[c]  -- definition of {rms_out(c)}
        """),
        sign("room_unbiased", "The same without the bias.", """
          1 - mean(c2, unbiased(c2)**2)
        = eps/(mean(c2, zch[c2]**2) + eps)  -- as before
        > 0                                 -- a positive number over a positive one
        """, given=("eps > 0",)),
        chain("bias", "So the outputs of both together determine the bias.", """
          biases[c]
        = (zch[c] + biases[c]) - zch[c]  -- the inputs with and without it
        = sqrt(eps/(1 - mean(c2, rms_out(c2)**2)))*rms_out(c) - sqrt(eps/(1 - mean(c2, unbiased(c2)**2)))*unbiased(c)
            -- each input by the outputs: the denominator is the root of {eps} over that positive number
        """, given=("eps > 0",), since=("room", "room_unbiased")),
        chain("no_difference", "Where {unbiased(c)} is {rms_out(c)}, nothing is left.", """
          0
        = sqrt(eps/(1 - mean(c2, rms_out(c2)**2)))*rms_out(c) - sqrt(eps/(1 - mean(c2, rms_out(c2)**2)))*rms_out(c)
            -- a difference of equal numbers
        """, given=("eps > 0",), since=("room",)),
        Congruence("So equal outputs need a bias that is 0 in every channel.", of=("no_difference", "bias"),
                   inputs=("rms_out(c) == unbiased(c)",), label="equal"),
        sign("acts", "Now let the bias differ from 0 in some channel.", """
          mean(c, biases[c]**2)
        > 0 -- as supposed
        """, given=(_ACTS,)),
        NotZero("Then it is not 0 in some channel.", of="acts", part="biases[c] != 0", label="not_zero"),
        Contrapositive("So some output moves.", of="equal", but="not_zero", fails="rms_out(c) == unbiased(c)", label="moves"),
        chain("gained", "A gain hides nothing, if it is not 0 in any channel: what enters it can be computed back.", """
          rms_out(c)
        = gains[c]*rms_out(c)/gains[c]  -- divide by the gain
        """, given=("gains[c] != 0",)),
        chain("gained_unbiased", "The same without the bias.", """
          unbiased(c)
        = gains[c]*unbiased(c)/gains[c]  -- divide by the gain
        """, given=("gains[c] != 0",)),
        Congruence("So equal outputs after the gain need equal ones before.", of=("gained", "gained_unbiased"),
                   inputs=("gains[c]*rms_out(c) == gains[c]*unbiased(c)",), label="back"),
        Contrapositive("Hence some output moves after the gain as well.", of="back", but="moves",
                       fails="gains[c]*rms_out(c) == gains[c]*unbiased(c)"),
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
