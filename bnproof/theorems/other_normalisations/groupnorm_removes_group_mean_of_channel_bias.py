"""Group normalisation removes from a per-channel bias its mean over each group, and nothing else.

Statement: GN(x + B) = GN(x + B − B̄), B̄ the mean over the group, for every group size J and number of positions L.
"""

from __future__ import annotations

from ...symbolic.inferences import Say, chain, sign, witness
from ..definitions import definitions
from ..theorem import Hypothesis, Theorem

THEOREM = Theorem(
    name="groupnorm_removes_group_mean_of_channel_bias",
    title="Group normalisation removes only each group's mean of a bias",
    statement="Group normalisation centres and scales, in one sample, the {J} channels of a group at all {L} "
    "positions together: {grouped(chan, pos)}, with the bias {gbias[chan]} of each channel before it. Of the bias "
    "only its mean over the group, {gbar}, disappears. With one channel in each group (instance normalisation) that "
    "is all of it; with all channels in one group it is a single number; in between, one number for each group. For "
    "{eps > 0} what remains moves the output, whatever the input. Gain and shift come after it and change nothing in "
    "this, as long as no gain is 0.",
    hypotheses=(
        Hypothesis("To cancel altogether, the bias must be equal in all channels of a group.",
            witness("A group of two channels, one position, biases 1 and −1: the output moves.",
                    {"J": 2, "L": 1, "zgroup": ((0,), (0,)), "gbias": (1, -1), "eps": 3}, """
              gbar == 0
              grouped(1, 1) == 1/2
              bare(1, 1) == 0
            """)),
        Hypothesis("For “what remains moves the output”: {eps > 0}.",
            witness("With {eps == 0}, biases 1 and −1 double the values 1 and −1, and the output stays.",
                    {"J": 2, "L": 1, "zgroup": ((1,), (-1,)), "gbias": (1, -1), "eps": 0}, """
              grouped(1, 1) == bare(1, 1)
              grouped(2, 1) == bare(2, 1)
            """)),
    ),
    proof=(
        Say("One group is enough: groups do not see one another."),
        chain("mean", "The mean over the group moves by the mean of the bias.", """
          mean(chan, mean(pos, zgroup[chan, pos] + gbias[chan]))
        = mean(chan, mean(pos, zgroup[chan, pos]) + gbias[chan])  -- the bias is the same at all positions
        = mean(chan, mean(pos, zgroup[chan, pos])) + gbar         -- the mean of a sum is the sum of the means
        """),
        chain("centred", "So a centred value sees only the rest of the bias.", """
          centred(chan, pos)
        = (zgroup[chan, pos] - mean(chan2, mean(pos2, zgroup[chan2, pos2]))) + (gbias[chan] - gbar)  -- the mean moves by {gbar}
        """),
        chain("output", "The variance is built from centred values only, and so is the output.", """
          grouped(chan, pos)
        = ((zgroup[chan, pos] - mean(chan2, mean(pos2, zgroup[chan2, pos2])))
            + (gbias[chan]
            - gbar))/sqrt(mean(chan2,
            mean(pos2, (zgroup[chan2, pos2] - mean(chan, mean(pos, zgroup[chan, pos])) + (gbias[chan2] - gbar))**2)) + eps)
            -- the centred value, in the numerator and in the variance
        """),
        chain("One channel in each group: the mean of its bias is the bias itself, and nothing remains.", """
          gbias[1] - gbar
        = 0  -- a mean of one number
        """, given=("J == 1",)),
        chain("One position: this is layer normalisation of the {J} channels.", """
          mean(chan, mean(pos, zgroup[chan, pos] + gbias[chan]))
        = mean(chan, zgroup[chan, 1] + gbias[chan])  -- a mean of one number
        """, given=("L == 1",)),
        Say("Now the last sentence: for {eps > 0} the outputs determine the centred values."),
        chain("room", "The mean of the squares of all outputs of the group falls short of 1 by", """
          1 - mean(chan, mean(pos, grouped(chan, pos)**2))
        = 1 - spread/(spread + eps)  -- {spread} is the mean of the squares of the centred values
        = eps/(spread + eps)         -- bring to one denominator
        """),
        sign("This is positive, so the outputs determine the denominator, and with it the centred values.", """
          1 - mean(chan, mean(pos, grouped(chan, pos)**2))
        = eps/(spread + eps)  -- the step before
        > 0                   -- a positive number over a positive one
        """, given=("eps > 0",)),
        chain("difference", "With and without the bias the centred values differ by what remains of it.", """
          centred(chan, pos) - (zgroup[chan, pos] - mean(chan2, mean(pos2, zgroup[chan2, pos2])))
        = gbias[chan] - gbar  -- the centred value above
        """),
        Say("So equal outputs need {gbias[chan] == gbar} in every channel of the group."),
    ),
    sources=("Wu & He 2018", "mmcv issue 1267"),
    definitions=definitions(
        ("gbar", "mean(chan, gbias[chan])", r"\bar B", "B̄", "the mean of the bias over the group"),
        ("centred(chan, pos)", "zgroup[chan, pos] + gbias[chan] - mean(chan2, mean(pos2, zgroup[chan2, pos2] + gbias[chan2]))",
         r"\mathrm{centred}_{#1,#2}", "centred[#1, #2]", "a centred value of the group, with the bias"),
        ("spread", "mean(chan, mean(pos, centred(chan, pos)**2))", "v", "v", "the variance of the group, with the bias"),
        ("grouped(chan, pos)", "centred(chan, pos)/sqrt(spread + eps)", r"\mathrm{GN}_{#1,#2}(x + B)", "GN[#1, #2](x + B)",
         "group normalisation with the bias"),
        ("bare(chan, pos)",
         "(zgroup[chan, pos] - mean(chan2, mean(pos2, zgroup[chan2, pos2])))/sqrt(mean(chan2, mean(pos2, (zgroup[chan2, pos2] "
         "- mean(chan, mean(pos, zgroup[chan, pos])))**2)) + eps)", r"\mathrm{GN}_{#1,#2}(x)", "GN[#1, #2](x)",
         "group normalisation without the bias"),
    ),
)
