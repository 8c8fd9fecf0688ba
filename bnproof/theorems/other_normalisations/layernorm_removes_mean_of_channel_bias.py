"""Layer normalisation removes from a per-channel bias its mean over the channels, and nothing else.

Statement: LN(x + B) = LN(x + B − B̄), B̄ = mean_c B_c; for ε > 0 this is LN(x) if and only if all B_c are equal.
"""

from __future__ import annotations

from ...symbolic.inferences import Say, Use, chain, witness
from ..definitions import definitions
from ..theorem import Hypothesis, Theorem

THEOREM = Theorem(
    name="layernorm_removes_mean_of_channel_bias",
    title="Layer normalisation removes only the mean of a bias",
    statement="Layer normalisation centres and scales the {C} channels of one sample: {plain_ln(c)} without a bias "
    "before it, {biased_ln(c)} with one bias {biases[c]} for each channel. Of the bias only the mean {bar} "
    "disappears: the output is the same with {biases[c] - bar} in its place. So a bias that is equal in all channels "
    "cancels; for {eps > 0} any other moves the output, whatever the input. Gain and shift come after it and change "
    "nothing in this, as long as no gain is 0.",
    hypotheses=(
        Hypothesis("To cancel altogether, the bias must be equal in all channels.",
            witness("Two channels with biases 1 and −1, of mean 0: the output moves.",
                    {"C": 2, "zch": (0, 0), "biases": (1, -1), "eps": 3}, """
              bar == 0
              plain_ln(1) == 0
              biased_ln(1) == 1/2
            """)),
        Hypothesis("For “any other moves the output”: {eps > 0}.",
            witness("With {eps == 0}, biases 1 and −1 double the values 1 and −1, and the output stays.",
                    {"C": 2, "zch": (1, -1), "biases": (1, -1), "eps": 0}, """
              biased_ln(1) == plain_ln(1)
              biased_ln(2) == plain_ln(2)
            """)),
    ),
    proof=(
        chain("mean", "The mean over the channels moves by the mean of the bias.", """
          mean(c, zch[c] + biases[c])
        = mean(c, zch[c]) + bar  -- the mean of a sum is the sum of the means
        """),
        chain("centred", "So the centred value sees only the rest of the bias.", """
          zch[c] + biases[c] - mean(c2, zch[c2] + biases[c2])
        = zch[c] + biases[c] - (mean(c2, zch[c2]) + bar)    -- the mean moves by {bar}
        = (zch[c] - mean(c2, zch[c2])) + (biases[c] - bar)  -- sort
        """),
        chain("output", "The variance over the channels is built from centred values only, and so is the output.", """
          biased_ln(c)
        = ((zch[c] - mean(c2, zch[c2]))
            + (biases[c] - bar))/sqrt(mean(c2, ((zch[c2] - mean(c, zch[c])) + (biases[c2] - bar))**2) + eps)
            -- the centred value, in the numerator and in the variance
        = (zch[c] + (biases[c] - bar) - mean(c2, zch[c2] + (biases[c2] - bar)))/sqrt(var(c2, zch[c2] + (biases[c2] - bar))
            + eps)  -- the rest of the bias has mean 0, so subtracting it changes nothing
        """),
        Use("In particular a bias {b} that is equal in all channels cancels: one sample is a batch of {C} values.",
            "bias_cancels_of_batch_statistics", "output",
            "(zch[c] + b - mean(c2, zch[c2] + b))/sqrt(var(c2, zch[c2] + b) + eps)", "plain_ln(c)",
            {"n": "C", "z[i]": "zch[i]", "k": "c", "gamma": "1", "beta": "0"}),
        Say("Conversely, for {eps > 0} equal outputs need equal centred values, by the theorem cited next."),
        Use("And these differ by the rest of the bias, which is 0 in all channels only if the bias is equal in all.",
            "output_moves_of_uneven_shift", "difference",
            "(zch[c] + biases[c] - mean(c2, zch[c2] + biases[c2])) - (zch[c] - mean(c2, zch[c2]))", "biases[c] - bar",
            {"n": "C", "z[i]": "zch[i]", "added[i]": "biases[i]", "k": "c"}),
        Say("For {C == 1} nothing is left of any input: the centred value is 0."),
    ),
    sources=("Ba, Kiros & Hinton 2016",),
    definitions=definitions(
        ("bar", "mean(c, biases[c])", r"\bar B", "B̄", "the mean of the bias over the channels"),
        ("plain_ln(c)", "(zch[c] - mean(c2, zch[c2]))/sqrt(var(c2, zch[c2]) + eps)", r"\mathrm{LN}_{#1}(x)", "LN_#1(x)",
         "layer normalisation without the bias"),
        ("biased_ln(c)", "(zch[c] + biases[c] - mean(c2, zch[c2] + biases[c2]))/sqrt(var(c2, zch[c2] + biases[c2]) + eps)",
         r"\mathrm{LN}_{#1}(x + B)", "LN_#1(x + B)", "layer normalisation with the bias"),
    ),
)
