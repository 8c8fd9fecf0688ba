"""Residual addition, concatenation and upsampling carry a bias along; a batch normalisation after them removes it.

Statement: (z + b) + ζ = (z + ζ) + b; concatenated channels keep their own bias; Σ_j A_kj (z_j + b)/Σ_j A_kj moves by b.
"""

from __future__ import annotations

from ...symbolic.inferences import Use, chain, witness
from ..definitions import BATCHNORM, Y_PLUS, definitions
from ..theorem import Conclusion, Hypothesis, Theorem

_WEIGHTS = "sum(pos, blend[k, pos]) != 0"

THEOREM = Theorem(
    name="shift_passes_of_residual_concatenation_upsampling",
    title="Residual addition, concatenation and upsampling carry a bias along",
    statement="Let a layer add {b} to each of its values {z[k]}. After a residual addition of {trunk[k]}, each sum still "
    "contains the same {b}: {(z[k] + b) + trunk[k] == (z[k] + trunk[k]) + b}. After a concatenation each channel still has "
    "its own bias {biases[c]} and no other. After an upsampling that copies (nearest) or averages with weights {blend[k, "
    "pos]} (bilinear), where {sum(pos, blend[k, pos]) != 0}, each output contains the same {b}: {interpolated(k, b) == "
    "interpolated(k, 0) + b}. So a batch normalisation that follows removes the bias, though it is not the next layer: "
    "{y_sum(k, b) == y_sum(k, 0)}, {y_channel(k, c, biases[c]) == y_channel(k, c, 0)} and {y_interpolated(k, b) == "
    "y_interpolated(k, 0)}, where the normalisation is defined. If the trunk ends in a layer with a bias {b2} as well, both "
    "cancel: {y_sum(k, b + b2) == y_sum(k, 0)}.",
    hypotheses=(
        Hypothesis("Nothing is inserted that does not carry {b}.",
            witness("Unpooling puts a 0 after each value: {b == 1} reaches only every second one, and the output moves.",
                    {"n": 4, "z": (1, 0, 3, 0), "b": 1, "added": (1, 0, 1, 0), "gamma": 1, "beta": 0, "eps": 1}, """
              added[1] == b
              yplus(1) != y(1)
            """)),
        Hypothesis("Values of different channels stay apart.",
            witness("Pixel shuffle lays two channels, with biases 0 and 1, side by side in one, and the output moves.",
                    {"n": 4, "z": (1, 0, 3, 0), "C": 2, "biases": (0, 1), "added": (0, 1, 0, 1), "gamma": 1, "beta": 0,
                     "eps": 1}, """
              added[1] == biases[1]
              added[2] == biases[2]
              yplus(1) != y(1)
            """)),
        Hypothesis("The branch is added with the same factor everywhere: no gate that depends on the sample.",
            witness("Gates 1 and 2 on two samples (squeeze-and-excitation): {b == 1} arrives as 1 and 2, and the output moves.",
                    {"n": 2, "z": (1, 0), "b": 1, "added": (1, 2), "gamma": 1, "beta": 0, "eps": 1}, """
              added[1] == 1*b
              added[2] == 2*b
              yplus(1) != y(1)
            """)),
    ),
    conclusions=(
        Conclusion("(z[k] + b) + trunk[k] == (z[k] + trunk[k]) + b"),
        Conclusion("y_sum(k, b) == y_sum(k, 0)", given=("var(i, z[i] + trunk[i]) + eps > 0",)),
        Conclusion("y_sum(k, b + b2) == y_sum(k, 0)", given=("var(i, z[i] + trunk[i]) + eps > 0",)),
        Conclusion("y_channel(k, c, biases[c]) == y_channel(k, c, 0)", given=("var(i, zc[i, c]) + eps > 0",)),
        Conclusion("sum(pos2, delta(pos, pos2)*(row[pos2] + b)) == row[pos] + b"),
        Conclusion("interpolated(k, b) == interpolated(k, 0) + b", given=(_WEIGHTS,)),
        Conclusion("y_interpolated(k, b) == y_interpolated(k, 0)", given=(_WEIGHTS, "var(i, interpolated(i, 0)) + eps > 0")),
    ),
    proof=(
        chain("residual", "Residual addition: the order of a sum does not matter.", """
          (z[k] + b) + trunk[k]
        = (z[k] + trunk[k]) + b  -- exchange {b} and {trunk[k]}
        """),
        Use("So the sum, as a whole, is an input with bias {b}, and this cancels.", "bias_cancels_of_batch_statistics",
            "output", "y_sum(k, b)", "y_sum(k, 0)", {"z[i]": "z[i] + trunk[i]"}),
        Use("If the trunk ends in a layer with a bias {b2} as well, only {b + b2} arrives, and cancels.",
            "bias_cancels_of_batch_statistics", "output", "y_sum(k, b + b2)", "y_sum(k, 0)",
            {"z[i]": "z[i] + trunk[i]", "b": "b + b2"}),
        Use("Concatenation only puts channels side by side, and each is normalised on its own. So in channel {c}, whichever "
            "layer it comes from, its bias {biases[c]} cancels.",
            "bias_cancels_of_batch_statistics", "output", "y_channel(k, c, biases[c])", "y_channel(k, c, 0)",
            {"z[i]": "zc[i, c]", "b": "biases[c]"}),
        chain("copy", "Nearest upsampling copies: an output that reads position {pos} of the input gets", """
          sum(pos2, delta(pos, pos2)*(row[pos2] + b))
        = row[pos] + b  -- the delta picks one entry
        """),
        chain("average", "Other interpolations average with weights {blend[k, pos]} for output {k}, whose sum is not 0.", """
          interpolated(k, b)
        = (sum(pos, blend[k, pos]*row[pos]) + b*sum(pos, blend[k, pos]))/sum(pos, blend[k, pos])
            -- {b} is the same at each position
        = interpolated(k, 0) + b  -- divide
        """),
        Use("Every upsampled value carries the same {b}, so it cancels; a copy is an average with a single weight 1.",
            "bias_cancels_of_batch_statistics", "output", "y_interpolated(k, b)", "y_interpolated(k, 0)",
            {"z[i]": "interpolated(i, 0)"}),
    ),
    sources=("S1.a", "S4.a", "S4.c"),
    definitions=definitions(
        *BATCHNORM,
        Y_PLUS,
        ("y_sum(k, b)",
         "gamma*(z[k] + trunk[k] + b - mean(i, z[i] + trunk[i] + b))/sqrt(var(i, z[i] + trunk[i] + b) + eps) + beta",
         r"y^{+}_{#1}(#2)", "y⁺_#1(#2)", "the normalised sum when the bias is b"),
        ("y_channel(k, c, b)",
         "gamma*(zc[k, c] + b - mean(i, zc[i, c] + b))/sqrt(var(i, zc[i, c] + b) + eps) + beta",
         r"y_{#1,#2}(#3)", "y_#1,#2(#3)", "the normalised values of a channel when its bias is b"),
        ("interpolated(k, b)", "sum(pos, blend[k, pos]*(row[pos] + b))/sum(pos, blend[k, pos])",
         r"\mathrm{interpolated}_{#1}(#2)", "interpolated_#1(#2)", "an output of the upsampling when the bias is b"),
        ("y_interpolated(k, b)",
         "gamma*(interpolated(k, b) - mean(i, interpolated(i, b)))/sqrt(var(i, interpolated(i, b)) + eps) + beta",
         r"y^{\mathrm{up}}_{#1}(#2)", "y^up_#1(#2)", "the same, normalised"),
    ),
    remark="Not checked: transposing, flattening and cropping only rename or omit positions, and pass a uniform {b} too.",
)
