"""Layer normalisation removes from a per-channel bias its mean over the channels, and nothing else.

Statement: LN(x + B) = LN(x + B − B̄), B̄ = mean_c B_c; for ε > 0 this is LN(x) if and only if all B_c are equal.
"""

from __future__ import annotations

from ...symbolic.inferences import Congruence, Contrapositive, Undefined, Use, chain, witness
from ..definitions import definitions
from ..theorem import Conclusion, Hypothesis, Theorem

_UNEVEN = ("eps > 0", "var(c, biases[c]) > 0")

THEOREM = Theorem(
    name="layernorm_removes_mean_of_channel_bias",
    title="Layer normalisation removes only the mean of a bias",
    statement="Layer normalisation centres and scales the {C} channels of one sample: {plain_ln(c)} without a bias before it, "
    "{biased_ln(c)} with one bias {biases[c]} for each channel. Of the bias only the mean {bar} disappears: the output is "
    "the same with {biases[c] - bar} in its place, {biased_ln(c) == rest_ln(c)}. So a bias that is equal in all channels, "
    "{biases[c] == b}, cancels: {biased_ln(c) == plain_ln(c)}. For {eps > 0} any other, {var(c, biases[c]) > 0}, moves the "
    "output, whatever the input: {biased_ln(c) != plain_ln(c)} for some {c}. Gain and shift come after it and change "
    "nothing in this, as long as no gain is 0, {gains[c] != 0}: {gains[c]*biased_ln(c) + shifts[c] != gains[c]*plain_ln(c) "
    "+ shifts[c]} for some {c}. For {C == 1} nothing is left of any input: {biased_ln(1) == 0}.",
    hypotheses=(
        Hypothesis("With and without the bias, the variance plus {eps} is positive.",
            Undefined("With {eps == 0} and equal values there is nothing to divide by.",
                      {"C": 2, "zch": (3, 3), "biases": (1, 1), "eps": 0}, "biased_ln(1)"),
            formal=("var(c, zch[c] + biases[c]) + eps > 0", "var(c, zch[c]) + eps > 0")),
    ),
    conclusions=(
        Conclusion("biased_ln(c) == rest_ln(c)"),
        Conclusion("biased_ln(c) == plain_ln(c)", given=("biases[c] == b",)),
        Conclusion("biased_ln(c) != plain_ln(c)", given=_UNEVEN, some=("c",)),
        Conclusion("biased_ln(1) == 0", given=("C == 1",)),
        Conclusion("gains[c]*biased_ln(c) + shifts[c] != gains[c]*plain_ln(c) + shifts[c]",
                   given=(*_UNEVEN, "gains[c] != 0"), some=("c",)),
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
        = rest_ln(c)
            -- the rest of the bias has mean 0, so subtracting it changes nothing
        """),
        Use("In particular a bias {b} that is equal in all channels cancels: one sample is a batch of {C} values.",
            "bias_cancels_of_batch_statistics", "output", "biased_ln(c)", "plain_ln(c)",
            {"n": "C", "z[i]": "zch[i]", "k": "c", "gamma": "1", "beta": "0"}, given=("biases[c] == b",)),
        Use("Any other bias moves some output for {eps > 0}, by the theorem on uneven shifts.",
            "output_moves_of_uneven_shift", "moves", "biased_ln(c)", "plain_ln(c)",
            {"n": "C", "z[i]": "zch[i]", "added[i]": "biases[i]", "k": "c", "gamma": "1", "beta": "0"},
            relation="!=", some=("c",), given=_UNEVEN, label="moves"),
        witness("Two channels with biases 1 and −1, of mean 0: the output moves.",
                {"C": 2, "zch": (0, 0), "biases": (1, -1), "eps": 3}, """
          bar == 0
          plain_ln(1) == 0
          biased_ln(1) == 1/2
        """),
        witness("Here {eps > 0} is needed: with {eps == 0}, biases 1 and −1 double the values 1 and −1, and the output stays.",
                {"C": 2, "zch": (1, -1), "biases": (1, -1), "eps": 0}, """
          biased_ln(1) == plain_ln(1)
          biased_ln(2) == plain_ln(2)
        """),
        chain("gained", "Gain and shift hide nothing, if no gain is 0: what enters them can be computed back.", """
          biased_ln(c)
        = ((gains[c]*biased_ln(c) + shifts[c]) - shifts[c])/gains[c]  -- subtract the shift, divide by the gain
        """, given=("gains[c] != 0",)),
        chain("gained_plain", "The same without the bias.", """
          plain_ln(c)
        = ((gains[c]*plain_ln(c) + shifts[c]) - shifts[c])/gains[c]  -- the same two operations
        """, given=("gains[c] != 0",)),
        Congruence("So equal outputs after gain and shift need equal ones before.", of=("gained", "gained_plain"),
                   inputs=("gains[c]*biased_ln(c) + shifts[c] == gains[c]*plain_ln(c) + shifts[c]",), label="back"),
        Contrapositive("Hence some output moves after gain and shift as well.", of="back", but="moves",
                       fails="gains[c]*biased_ln(c) + shifts[c] == gains[c]*plain_ln(c) + shifts[c]"),
        chain("For {C == 1} nothing is left of any input.", """
          biased_ln(1)
        = (zch[1] + biases[1] - (zch[1] + biases[1]))/sqrt(var(c2, zch[c2] + biases[c2]) + eps)  -- a mean of one number
        = 0                                                                                        -- the centred value is 0
        """, given=("C == 1",)),
    ),
    sources=("Ba, Kiros & Hinton 2016",),
    definitions=definitions(
        ("bar", "mean(c, biases[c])", r"\bar B", "B̄", "the mean of the bias over the channels"),
        ("plain_ln(c)", "(zch[c] - mean(c2, zch[c2]))/sqrt(var(c2, zch[c2]) + eps)", r"\mathrm{LN}_{#1}(x)", "LN_#1(x)",
         "layer normalisation without the bias"),
        ("biased_ln(c)", "(zch[c] + biases[c] - mean(c2, zch[c2] + biases[c2]))/sqrt(var(c2, zch[c2] + biases[c2]) + eps)",
         r"\mathrm{LN}_{#1}(x + B)", "LN_#1(x + B)", "layer normalisation with the bias"),
        ("rest_ln(c)",
         "(zch[c] + (biases[c] - bar) - mean(c2, zch[c2] + (biases[c2] - bar)))/sqrt(var(c2, zch[c2] + (biases[c2] - bar)) "
         "+ eps)", r"\mathrm{LN}_{#1}(x + B - \bar B)", "LN_#1(x + B − B̄)", "layer normalisation with the rest of the bias"),
    ),
)
