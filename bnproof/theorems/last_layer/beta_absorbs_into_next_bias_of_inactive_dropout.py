"""A normalisation's β can be moved into the bias of the next linear layer, unless an active dropout lies between.

Statement: (β + d, b − Σ w d) gives the same outputs; with active dropout (a unit is kept with probability π) they
differ by Σ w_c (κ_c/π − 1) d_c, which is 0 on average, but 0 for every mask only if all w_c d_c are 0, or π = 1.
"""

from __future__ import annotations

from ...symbolic.inferences import Say, chain, witness
from ..definitions import definitions
from ..theorem import Hypothesis, Theorem

_ONE = {"C": 1, "scaled": (1,), "betas": (0,), "move": (1,), "next_weights": (1,), "next_bias": 0}

THEOREM = Theorem(
    name="beta_absorbs_into_next_bias_of_inactive_dropout",
    title="The next layer's bias can absorb β, but not through active dropout",
    statement="Let a normalisation hand {scaled[c] + betas[c]} on to dropout and then to a linear layer with a bias, "
    "as in a head BatchNorm, Dropout, Linear. While dropout is inactive, adding {move[c]} to the shifts {betas[c]} "
    "and subtracting {sum(c, next_weights[c]*move[c])} from {next_bias} changes no output: the shifts are redundant, "
    "given the bias. While it is active they are not: the same move changes the output by "
    "{sum(c, next_weights[c]*(unit_keep[c]/keep_rate - 1)*move[c])}, which is 0 on average over the masks, but 0 for "
    "every mask only if {next_weights[c]*move[c] == 0} for all {c}, or {keep_rate == 1}.",
    hypotheses=(
        Hypothesis("Dropout is inactive (evaluation mode).",
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
    proof=(
        chain("inactive", "While dropout is inactive, the bias takes the shifts in.", """
          sum(c, next_weights[c]*(scaled[c] + betas[c] + move[c])) + (next_bias - sum(c, next_weights[c]*move[c]))
        = sum(c, next_weights[c]*(scaled[c] + betas[c])) + sum(c, next_weights[c]*move[c]) + next_bias
            - sum(c, next_weights[c]*move[c])  -- split the sum
        = undropped  -- what was added is subtracted
        """),
        Say("The choice {move[c] == -betas[c]} removes all shifts."),
        chain("active", "While it is active, a kept unit counts {1/keep_rate} times and a dropped one not at all.", """
          sum(c, next_weights[c]*unit_keep[c]/keep_rate*(scaled[c] + betas[c] + move[c]))
            + (next_bias - sum(c, next_weights[c]*move[c])) - dropped
        = sum(c, next_weights[c]*unit_keep[c]/keep_rate*move[c]) - sum(c, next_weights[c]*move[c])
            -- the moved shifts go through the mask, the answer of the bias does not
        = sum(c, next_weights[c]*(unit_keep[c]/keep_rate - 1)*move[c])  -- one sum
        """),
        chain("Two masks that differ in unit {c} only: by how much the change differs between them.", """
          next_weights[c]*(1/keep_rate - 1)*move[c] - next_weights[c]*(0/keep_rate - 1)*move[c]
        = next_weights[c]*move[c]/keep_rate  -- the terms of the other units are the same
        """),
        Say("So if the change is 0 for every mask, all {next_weights[c]*move[c]} are 0, unless "
            "{keep_rate == 1}: then no unit is ever dropped."),
        chain("If every unit is kept, at rate 1, nothing changes.", """
          sum(c, next_weights[c]*(unit_keep[c]/keep_rate - 1)*move[c])
        = sum(c, next_weights[c]*(1/1 - 1)*move[c])  -- each mask entry and the rate are 1
        = 0                                          -- every term is 0
        """, given=("unit_keep[c] == 1", "keep_rate == 1",)),
        chain("On average over the masks it is 0: a mask entry has the average {keep_rate}, and "
              "the change is linear in it.", """
          sum(c, next_weights[c]*(unit_keep[c]/keep_rate - 1)*move[c])
        = sum(c, next_weights[c]*(keep_rate/keep_rate - 1)*move[c])  -- each mask entry by its average
        = 0                                                          -- every term is 0
        """, given=("unit_keep[c] == keep_rate",)),
        chain("But the noise changes: a unit's factor {unit_keep[c]/keep_rate} has this variance around its average 1.", """
          keep_rate*(1/keep_rate - 1)**2 + (1 - keep_rate)*(0 - 1)**2
        = (1 - keep_rate)/keep_rate  -- kept with probability {keep_rate}, dropped otherwise; multiply out
        """),
        Say("The noise in the output therefore has the variance {(1 - keep_rate)/keep_rate * sum(c, "
            "next_weights[c]**2*(scaled[c] + betas[c])**2)}, if the units are dropped independently. It depends on the shifts: "
            "during training they set how strongly dropout shakes each unit, which no bias after it can do."),
    ),
    sources=("S3.d",),
    definitions=definitions(
        ("undropped", "sum(c, next_weights[c]*(scaled[c] + betas[c])) + next_bias", r"\mathrm{out}", "out",
         "an output of the next layer while dropout is inactive"),
        ("dropped", "sum(c, next_weights[c]*unit_keep[c]/keep_rate*(scaled[c] + betas[c])) + next_bias",
         r"\mathrm{out}^{\kappa}", "out^κ", "the same while dropout is active, for one mask"),
    ),
)
