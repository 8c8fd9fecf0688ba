"""Instance normalisation removes a per-channel bias altogether.

Statement: with statistics over the L positions of one channel of one sample, IN_h(x + b) = IN_h(x) for every b.
"""

from __future__ import annotations

from ...symbolic.inferences import Undefined, Use, chain, witness
from ..definitions import definitions
from ..theorem import Conclusion, Hypothesis, Theorem

_DEFINED = "var(pos, row[pos] + b) + eps > 0"

THEOREM = Theorem(
    name="instancenorm_removes_channel_bias",
    title="Instance normalisation removes a bias altogether",
    statement="Instance normalisation centres and scales the {L} positions {row[pos]} of one channel of one sample. Its output with "
    "a bias {b} before it is the output without: {instance(pos, b) == plain_in(pos)} for every {b}, {gamma}, {beta} and "
    "every {eps} for which the division is defined. For {L == 1} the output is {beta}, whatever the input: {instance(1, b) "
    "== beta}.",
    hypotheses=(
        Hypothesis("The statistics are those of this sample and channel, not stored ones.",
            witness("With the mean and variance of the values without bias, {b == 1} moves the output.",
                    {"L": 2, "row": (-1, 1), "b": 1, "gamma": 1, "beta": 0, "eps": 0},
                    "gamma*(row[1] + b - mean(pos, row[pos]))/sqrt(var(pos, row[pos]) + eps) + beta != plain_in(1)")),
        Hypothesis("All positions receive the same {b}.",
            witness("If only the first position receives 2, the output moves.",
                    {"L": 2, "row": (0, 1), "gamma": 1, "beta": 0, "eps": 1}, """
              gamma*(row[1] + 2 - (row[1] + 2 + row[2])/2)/sqrt((row[1] + 2 - row[2])**2/4 + eps) + beta != plain_in(1)
            """)),
        Hypothesis("The variance plus {eps} is positive.",
            Undefined("With {eps == 0} and equal values there is nothing to divide by.",
                      {"L": 2, "row": (3, 3), "b": 1, "gamma": 1, "beta": 0, "eps": 0}, "instance(1, b)"),
            formal=(_DEFINED,)),
    ),
    conclusions=(
        Conclusion("instance(pos, b) == plain_in(pos)"),
        Conclusion("instance(1, b) == beta", given=("L == 1",)),
    ),
    proof=(
        chain("mean", "The mean over the positions moves by {b}.", """
          mean(pos, row[pos] + b)
        = mean(pos, row[pos]) + b  -- {b} is the same at all {L} positions
        """),
        Use("So this is the cancellation in batch normalisation, with the {L} positions as the batch.",
            "bias_cancels_of_batch_statistics", "output", "instance(pos, b)", "plain_in(pos)",
            {"n": "L", "z[i]": "row[i]", "k": "pos"}),
        chain("A single position: the centred value is 0. PyTorch refuses this case in training.", """
          instance(1, b)
        = gamma*(row[1] + b - (row[1] + b))/sqrt(var(pos2, row[pos2] + b) + eps) + beta
            -- the mean of one value is that value
        = beta
            -- the centred value is 0
        """, given=("L == 1",)),
    ),
    sources=("Ulyanov, Vedaldi & Lempitsky 2016",),
    definitions=definitions(
        ("instance(pos, b)", "gamma*(row[pos] + b - mean(pos2, row[pos2] + b))/sqrt(var(pos2, row[pos2] + b) + eps) + beta",
         r"\mathrm{IN}_{#1}(x + #2)", "IN_#1(x + #2)", "instance normalisation of the values plus a bias"),
        ("plain_in(pos)", "gamma*(row[pos] - mean(pos2, row[pos2]))/sqrt(var(pos2, row[pos2]) + eps) + beta",
         r"\mathrm{IN}_{#1}(x)", "IN_#1(x)", "instance normalisation of the values alone"),
    ),
    remark="Samples do not see one another: the theorem holds of each, and the bias may even differ from sample to sample.",
)
