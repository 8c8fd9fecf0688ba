"""A normalisation's β can be moved into the bias of the next linear layer, unless an active dropout lies between.

Statement: (β + d, b − Σ w d) gives the same outputs; with active dropout (a unit is kept with probability π) they
differ by Σ w_c (κ_c/π − 1) d_c, which is 0 on average, but 0 for every mask only if all w_c d_c are 0, or π = 1.
"""

from __future__ import annotations

from ...symbolic.inferences import Congruence, chain, witness
from ..definitions import definitions
from ..theorem import Conclusion, Hypothesis, Theorem

_ONE = {"C": 1, "scaled": (1,), "betas": (0,), "move": (1,), "next_weights": (1,), "next_bias": 0}
_ANSWERED = "(next_bias - sum(c, next_weights[c]*move[c]))"
_INACTIVE = f"sum(c, next_weights[c]*(scaled[c] + betas[c] + move[c])) + {_ANSWERED}"
_ACTIVE = f"sum(c, next_weights[c]*unit_keep[c]/keep_rate*(scaled[c] + betas[c] + move[c])) + {_ANSWERED}"
_OTHERS = "(1 - delta(c, c2))*unit_keep[c2]"

THEOREM = Theorem(
    name="beta_absorbs_into_next_bias_of_inactive_dropout",
    title="The next layer's bias can absorb β, but not through active dropout",
    statement="Let a normalisation hand {scaled[c] + betas[c]} on to dropout, which keeps a unit with probability "
    "{keep_rate}, and then to a linear layer with a bias, as in a head BatchNorm, Dropout, Linear. Take one output of it, "
    "with the weights {next_weights[c]} and the bias {next_bias}. While dropout is inactive, adding {move[c]} to the shifts "
    "{betas[c]} and subtracting {sum(c, next_weights[c]*move[c])} from {next_bias} leaves the output as it is, {undropped}: "
    "the bias can do the work of the shifts. While it is active, the same move changes the output by {changed == sum(c, "
    "next_weights[c]*(unit_keep[c]/keep_rate - 1)*move[c])}. That is 0 on average over the masks: {average == 0}. But take "
    "two masks that are equal except that one keeps unit {c} and the other drops it. It is 0 for both, {with_unit(c) == 0} "
    "and {without_unit(c) == 0}, only if {next_weights[c]*move[c] == 0}; so it is 0 for every mask exactly if this holds for "
    "all {c}, unless {keep_rate == 1}: then every unit is kept, and {changed == 0}. The factor by which dropout multiplies a "
    "unit is 1 on average, {keep_rate*(1/keep_rate) + (1 - keep_rate)*(0/keep_rate) == 1}, and has the variance {spread == (1 "
    "- keep_rate)/keep_rate}.",
    hypotheses=(
        Hypothesis("For the output to stay: dropout is inactive (evaluation mode).",
            witness("With {keep_rate == 1/2} and a unit that is kept, the move changes the output from 2 to 3.",
                    {**_ONE, "unit_keep": (1,), "keep_rate": "1/2"}, """
              dropped == 2
              sum(c, next_weights[c]*unit_keep[c]/keep_rate*(scaled[c] + betas[c] + move[c]))
                  + (next_bias - sum(c, next_weights[c]*move[c]))
                  == 3
            """)),
        Hypothesis("The next layer follows at once: no activation between.",
            witness("With a ReLU between and {scaled[1] == -2}, the move changes the output from 0 to −1.",
                    {**_ONE, "scaled": (-2,)}, """
              next_weights[1]*relu(scaled[1] + betas[1]) + next_bias == 0
              next_weights[1]*relu(scaled[1] + betas[1] + move[1]) + (next_bias - sum(c, next_weights[c]*move[c])) == -1
            """)),
        Hypothesis("The next layer has a bias.",
            witness("Without one, nothing can answer the move: the output changes from 1 to 2.", _ONE, """
              sum(c, next_weights[c]*(scaled[c] + betas[c])) == 1
              sum(c, next_weights[c]*(scaled[c] + betas[c] + move[c])) == 2
            """)),
    ),
    conclusions=(
        Conclusion(f"{_INACTIVE} == undropped"),
        Conclusion(f"{_ACTIVE} - dropped == changed"),
        Conclusion("average == 0"),
        Conclusion("next_weights[c]*move[c] == 0", given=("with_unit(c) == 0", "without_unit(c) == 0")),
        Conclusion("changed == 0", given=("next_weights[c]*move[c] == 0",)),
        Conclusion("changed == 0", given=("unit_keep[c] == 1", "keep_rate == 1")),
        Conclusion("keep_rate*(1/keep_rate) + (1 - keep_rate)*(0/keep_rate) == 1"),
        Conclusion("spread == (1 - keep_rate)/keep_rate"),
    ),
    proof=(
        chain("inactive", "While dropout is inactive, the bias takes the shifts in; with {move[c] == -betas[c]}, all of them.", """
          sum(c, next_weights[c]*(scaled[c] + betas[c] + move[c])) + (next_bias - sum(c, next_weights[c]*move[c]))
        = sum(c, next_weights[c]*(scaled[c] + betas[c])) + sum(c, next_weights[c]*move[c]) + next_bias
            - sum(c, next_weights[c]*move[c])  -- split the sum
        = undropped  -- what was added is subtracted
        """),
        chain("active", "While it is active, a kept unit counts {1/keep_rate} times and a dropped one not at all.", """
          sum(c, next_weights[c]*unit_keep[c]/keep_rate*(scaled[c] + betas[c] + move[c]))
            + (next_bias - sum(c, next_weights[c]*move[c])) - dropped
        = sum(c, next_weights[c]*unit_keep[c]/keep_rate*move[c]) - sum(c, next_weights[c]*move[c])
            -- the moved shifts go through the mask, the answer of the bias does not
        = changed  -- one sum
        """),
        chain("On average over the masks it is 0. The change is a sum, so its average is that of each term, added up: with a unit "
              "that is kept, {keep_rate} times, and dropped else.", """
          average
        = sum(c, next_weights[c]*move[c]*((1 - keep_rate) - (1 - keep_rate)))  -- multiply out
        = 0                                                                    -- every term is 0
        """),
        chain("two_masks", "Two masks that differ in unit {c} only: the change differs by that unit's term.", """
          next_weights[c]*move[c]
        = keep_rate*(with_unit(c) - without_unit(c))  -- the terms of the other units are the same
        """),
        chain("both_zero", "If it is 0 for both:", """
          0
        = keep_rate*(0 - 0)  -- multiply out
        """),
        Congruence("Then so is {next_weights[c]*move[c]}.",
                   of=("both_zero", "two_masks"), inputs=("0 == with_unit(c)", "0 == without_unit(c)")),
        chain("terms", "And if these are 0, the change is, for every mask.", """
          changed
        = sum(c, (unit_keep[c]/keep_rate - 1)*(next_weights[c]*move[c]))  -- in another order
        """),
        chain("zeros", "A sum of zeros:", """
          0
        = sum(c, (unit_keep[c]/keep_rate - 1)*0)  -- every term is 0
        """),
        Congruence("Nothing changes.", of=("zeros", "terms"), inputs=("0 == next_weights[c]*move[c]",)),
        chain("If every unit is kept, at rate 1, nothing changes.", """
          changed
        = sum(c, next_weights[c]*(1/1 - 1)*move[c])  -- each mask entry and the rate are 1
        = 0                                          -- every term is 0
        """, given=("unit_keep[c] == 1", "keep_rate == 1",)),
        chain("A unit's factor {unit_keep[c]/keep_rate} has the average 1.", """
          keep_rate*(1/keep_rate) + (1 - keep_rate)*(0/keep_rate)
        = 1  -- kept with probability {keep_rate}, dropped otherwise
        """),
        chain("And around that, this variance.", """
          spread
        = (1 - keep_rate)/keep_rate  -- kept with probability {keep_rate}, dropped otherwise; multiply out
        """),
    ),
    sources=("S3.d",),
    definitions=definitions(
        ("undropped", "sum(c, next_weights[c]*(scaled[c] + betas[c])) + next_bias", r"\mathrm{out}", "out",
         "an output of the next layer while dropout is inactive"),
        ("dropped", "sum(c, next_weights[c]*unit_keep[c]/keep_rate*(scaled[c] + betas[c])) + next_bias",
         r"\mathrm{out}^{\kappa}", "out^κ", "the same while dropout is active, for one mask"),
        ("changed", "sum(c, next_weights[c]*(unit_keep[c]/keep_rate - 1)*move[c])", r"\Delta^{\kappa}", "Δ^κ",
         "by how much the move changes that output, for one mask"),
        ("with_unit(c)", f"sum(c2, next_weights[c2]*((delta(c, c2) + {_OTHERS})/keep_rate - 1)*move[c2])",
         r"\Delta^{\kappa}_{+#1}", "Δ^κ_+#1", "the same, if the mask is made to keep one unit"),
        ("without_unit(c)", f"sum(c2, next_weights[c2]*({_OTHERS}/keep_rate - 1)*move[c2])",
         r"\Delta^{\kappa}_{-#1}", "Δ^κ_−#1", "the same, if the mask is made to drop that unit"),
        ("average",
         "sum(c, keep_rate*(next_weights[c]*(1/keep_rate - 1)*move[c]) + (1 - keep_rate)*(next_weights[c]*(0/keep_rate - 1)*move[c]))",
         r"\mathrm{E}\,\Delta^{\kappa}", "E Δ^κ", "the average of the change over the masks"),
        ("spread", "keep_rate*(1/keep_rate - 1)**2 + (1 - keep_rate)*(0/keep_rate - 1)**2", r"\mathrm{Var}", "Var",
         "the variance of the factor by which dropout multiplies a unit"),
    ),
    remark="Not checked: if the units are dropped independently of each other, the noise in the output has the variance "
    "{spread*sum(c, next_weights[c]**2*(scaled[c] + betas[c])**2)}. It depends on the shifts: during training they set how "
    "strongly dropout shakes each unit, which no bias after it can do. With several outputs, the bias of each answers with "
    "that output's weights.",
)
