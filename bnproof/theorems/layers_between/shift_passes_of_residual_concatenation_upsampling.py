"""Residual addition, concatenation and upsampling carry a bias along; a batch normalisation after them removes it.

Statement: (z + b) + ζ = (z + ζ) + b; concatenated channels keep their own bias; Σ_j A_kj (z_j + b)/Σ_j A_kj moves by b.
"""

from __future__ import annotations

from ...symbolic.inferences import Say, Use, chain, witness
from ..definitions import BATCHNORM, BATCHNORM_AT, Y_PLUS, definitions
from ..theorem import Hypothesis, Theorem

THEOREM = Theorem(
    name="shift_passes_of_residual_concatenation_upsampling",
    title="Residual addition, concatenation and upsampling carry a bias along",
    statement="Let a layer add {b} to each of its outputs {z[k]}. After a residual addition of {trunk[k]}, each sum "
    "still contains the same {b}. After a concatenation each channel still has its own bias and no other. After an "
    "upsampling whose outputs are copies or weighted averages of its inputs (nearest, bilinear), each output contains "
    "the same {b}. So a batch normalisation that follows removes the bias, though it is not the next layer.",
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
    proof=(
        chain("residual", "Residual addition: the order of a sum does not matter.", """
          (z[k] + b) + trunk[k]
        = (z[k] + trunk[k]) + b  -- exchange {b} and {trunk[k]}
        """),
        Use("So the sum, as a whole, is an input with bias {b}, and this cancels.", "bias_cancels_of_batch_statistics",
            "output",
            "gamma*(z[k] + trunk[k] + b - mean(i, z[i] + trunk[i] + b))/sqrt(var(i, z[i] + trunk[i] + b) + eps) + beta",
            "gamma*(z[k] + trunk[k] - mean(i, z[i] + trunk[i]))/sqrt(var(i, z[i] + trunk[i]) + eps) + beta",
            {"z[i]": "z[i] + trunk[i]"}),
        Use("If the trunk ends in a layer with a bias {b2} as well, only {b + b2} arrives, and cancels.",
            "bias_cancels_of_batch_statistics", "output",
            "gamma*(z[k] + trunk[k] + b + b2 - mean(i, z[i] + trunk[i] + b + b2))/sqrt(var(i, "
            "z[i] + trunk[i] + b + b2) + eps) + beta",
            "gamma*(z[k] + trunk[k] - mean(i, z[i] + trunk[i]))/sqrt(var(i, z[i] + trunk[i]) + eps) + beta",
            {"z[i]": "z[i] + trunk[i]", "b": "b + b2"}),
        Say("Concatenation only puts channels side by side, and each channel is normalised on its own."),
        Use("So in channel {c}, whichever layer it comes from, its bias {biases[c]} cancels.",
            "bias_cancels_of_batch_statistics", "output",
            "gamma*(zc[k, c] + biases[c] - mean(i, zc[i, c] + biases[c]))/sqrt(var(i, zc[i, c] + biases[c]) + eps) + beta",
            "gamma*(zc[k, c] - mean(i, zc[i, c]))/sqrt(var(i, zc[i, c]) + eps) + beta", {"z[i]": "zc[i, c]", "b": "biases[c]"}),
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
        Use("Every upsampled value carries the same {b}, so it cancels.", "bias_cancels_of_batch_statistics", "output",
            "gamma*(interpolated(k, 0) + b - mean(i, interpolated(i, 0) + b))/sqrt(var(i, "
            "interpolated(i, 0) + b) + eps) + beta",
            "gamma*(interpolated(k, 0) - mean(i, interpolated(i, 0)))/sqrt(var(i, interpolated(i, 0)) + eps) + beta",
            {"z[i]": "interpolated(i, 0)"}),
        Say("Transposing, flattening and cropping only rename or omit positions, and pass a uniform {b} too."),
    ),
    sources=("S1.a", "S4.a", "S4.c"),
    definitions=definitions(
        *BATCHNORM,
        *BATCHNORM_AT,
        Y_PLUS,
        ("interpolated(k, b)", "sum(pos, blend[k, pos]*(row[pos] + b))/sum(pos, blend[k, pos])",
         r"\mathrm{interpolated}_{#1}(#2)", "interpolated_#1(#2)", "an output of the upsampling when the bias is b"),
    ),
)
