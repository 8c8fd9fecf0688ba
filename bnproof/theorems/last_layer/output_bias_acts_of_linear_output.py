"""A linear output layer's bias moves every output; weights replace it only where some feature combination is constant.

Statement: ∂out/∂b = 1; weights W′ without a bias compute the same iff Σ_u (W′_u − W_u) x_uk = b for every sample k; at
input 0 the output is b for all weights.
"""

from __future__ import annotations

from ...symbolic.inferences import Say, chain, sign, witness
from ..definitions import BATCHNORM_AT, definitions
from ..theorem import Hypothesis, Theorem

THEOREM = Theorem(
    name="output_bias_acts_of_linear_output",
    title="The output layer's bias acts, and no weights replace it at the input 0",
    statement="Let the outputs of a net be those of a linear layer, {out(k, b)}. Every change of {b} moves every "
    "output by as much: {diff(out(k, b), b) == 1}. Weights {W_new[u]} without a bias compute the same on all samples "
    "exactly if {sum(u, (W_new[u] - W[u])*x[u, k]) == b} for every {k}; so there are such weights exactly if some "
    "combination of the features has the constant value {b}. If the input 0 occurs and {b != 0}, there are none.",
    hypotheses=(
        Hypothesis("The outputs are used as they are: nothing after the layer cancels a constant.",
            witness("Batch normalisation after the layer cancels {b == 5}.",
                    {"n": 2, "z": (-1, 1), "b": 5, "gamma": 1, "beta": 0, "eps": 0}, """
              y_at(1, b) == y_at(1, 0)
              y_at(2, b) == y_at(2, 0)
            """)),
        Hypothesis("For weights to be unable to replace {b != 0}: no combination of the "
                   "features is constant and not 0 on all samples.",
            witness("The first feature is always 1. Its weight can take over {b == 5}.",
                    {"n": 2, "F": 2, "x": ((1, 1), (0, 2)), "W": (0, 1), "W_new": (5, 1), "b": 5}, """
              sum(u, W_new[u]*x[u, 1]) == out(1, b)
              sum(u, W_new[u]*x[u, 2]) == out(2, b)
            """)),
    ),
    proof=(
        chain("gradient", "Every output follows the bias.", """
          diff(out(k, b), b)
        = diff(sum(u, W[u]*x[u, k]), b) + diff(b, b)  -- definition of the output
        = 1                                           -- the weighted sum does not contain {b}
        """),
        chain("difference", "By how much an output without a bias differs.", """
          sum(u, W_new[u]*x[u, k]) - out(k, b)
        = sum(u, W_new[u]*x[u, k]) - sum(u, W[u]*x[u, k]) - b  -- definition of the output
        = sum(u, (W_new[u] - W[u])*x[u, k]) - b                -- one sum; all outputs agree exactly if this is 0 for every {k}
        """),
        chain("At the input 0 the output is the bias.", """
          out(k, b)
        = sum(u, W[u]*0) + b  -- every feature of the sample is 0
        = b                   -- no weight contributes
        """, given=("x[u, k] == 0",)),
        chain("Without a bias it is 0, whatever the weights.", """
          sum(u, W_new[u]*x[u, k])
        = 0  -- every feature of the sample is 0
        """, given=("x[u, k] == 0",)),
        Say("Even where no input is 0, the best weights can be far off. Take the inputs −1 and 1, both with the target 1."),
        sign("Without a bias the squared error is never below 2, whatever the weight {omega}.", """
          (-omega - 1)**2 + (omega - 1)**2 - 2
        = 2*omega**2  -- multiply out
        >= 0          -- a multiple of a square
        """),
        witness("With {b == 1} and the weight 0 it is 0.", {"omega": 0, "b": 1},
                "(-omega + b - 1)**2 + (omega + b - 1)**2 == 0"),
    ),
    sources=("S3.c", "S4.b"),
    definitions=definitions(
        *BATCHNORM_AT,
        ("out(k, b)", "sum(u, W[u]*x[u, k]) + b", r"\mathrm{out}_{#1}(#2)", "out_#1(#2)", "output of the linear layer"),
    ),
)
