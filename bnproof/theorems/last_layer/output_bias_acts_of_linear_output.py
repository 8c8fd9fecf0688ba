"""A linear output layer's bias moves every output; weights replace it only where some feature combination is constant.

Statement: out(b + t) − out(b) = t; weights W′ without a bias compute the same iff Σ_u (W′_u − W_u) x_uk = b for every
sample k; at input 0 the output is b for all weights.
"""

from __future__ import annotations

from ...symbolic.inferences import Congruence, Join, NotZero, chain, sign, witness
from ..definitions import BATCHNORM_AT, definitions
from ..theorem import Conclusion, Hypothesis, Theorem

_NEW = "sum(u, W_new[u]*x[u, k])"
_APART = "sum(u, (W_new[u] - W[u])*x[u, k])"

THEOREM = Theorem(
    name="output_bias_acts_of_linear_output",
    title="The output layer's bias acts, and no weights replace it at the input 0",
    statement="Let the outputs of a net be those of a linear layer, {out(k, b)}. Every change of {b} moves every output by as "
    "much: {out(k, b + common) - out(k, b) == common}, and {diff(out(k, b), b) == 1}. Weights {W_new[u]} without a bias "
    "compute the same on all samples exactly if {sum(u, (W_new[u] - W[u])*x[u, k]) == b} for every {k}. So if some "
    "combination of the features is {sum(u, combination[u]*x[u, k]) == b} for every {k}, its factors, added to the weights, "
    "replace the bias; else no weights do. If the first sample, say, is the input 0 and {b != 0}, there are none: {sum(u, "
    "W_new[u]*x[u, 1]) != out(1, b)}. Take the inputs −1 and 1, both with the target 1. Without a bias the squared error is "
    "{(-omega - 1)**2 + (omega - 1)**2 >= 2}, whatever the weight {omega}; with a bias it can be 0.",
    hypotheses=(
        Hypothesis("The outputs are used as they are: nothing after the layer cancels a constant.",
            witness("Batch normalisation after the layer cancels {b == 5}.",
                    {"n": 2, "z": (-1, 1), "b": 5, "gamma": 1, "beta": 0, "eps": 0}, """
              y_at(1, b) == y_at(1, 0)
              y_at(2, b) == y_at(2, 0)
            """)),
        Hypothesis("For no weights to replace {b}: the input 0 occurs, here as the first sample.",
            witness("The first feature is always 1. Its weight can take over {b == 5}.",
                    {"n": 2, "F": 2, "x": ((1, 1), (0, 2)), "W": (0, 1), "W_new": (5, 1), "b": 5}, """
              sum(u, W_new[u]*x[u, 1]) == out(1, b)
              sum(u, W_new[u]*x[u, 2]) == out(2, b)
            """),
            formal=("x[u, 1] == 0",)),
    ),
    conclusions=(
        Conclusion("out(k, b + common) - out(k, b) == common"),
        Conclusion("diff(out(k, b), b) == 1"),
        Conclusion(f"{_NEW} == out(k, b)", given=(f"{_APART} == b",)),
        Conclusion(f"{_APART} == b", given=(f"{_NEW} == out(k, b)",)),
        Conclusion("sum(u, (W[u] + combination[u])*x[u, k]) == out(k, b)", given=("sum(u, combination[u]*x[u, k]) == b",),
                   example={"n": 2, "F": 1, "x": ((1, 1),), "combination": (5,), "b": 5}),
        Conclusion("sum(u, W_new[u]*x[u, 1]) != out(1, b)", given=("b != 0",),
                   example={"n": 1, "F": 1, "x": ((0,),), "b": 1}),
        Conclusion("(-omega - 1)**2 + (omega - 1)**2 >= 2"),
        Conclusion("(-omega + b - 1)**2 + (omega + b - 1)**2 == 0", at={"omega": 0, "b": 1}),
    ),
    proof=(
        chain("moved", "Every output follows the bias.", """
          out(k, b + common) - out(k, b)
        = sum(u, W[u]*x[u, k]) + (b + common) - (sum(u, W[u]*x[u, k]) + b)  -- definition of the output
        = common                                                            -- all else cancels
        """),
        chain("gradient", "So the derivative is 1.", """
          diff(out(k, b), b)
        = diff(sum(u, W[u]*x[u, k]), b) + diff(b, b)  -- definition of the output
        = 1                                           -- the weighted sum does not contain {b}
        """),
        chain("without", "An output without a bias, with other weights.", """
          sum(u, W_new[u]*x[u, k])
        = sum(u, W[u]*x[u, k]) + sum(u, (W_new[u] - W[u])*x[u, k])  -- the old weights, and what was added to them
        """),
        chain("with", "An output with the bias.", """
          out(k, b)
        = sum(u, W[u]*x[u, k]) + b  -- definition of the output
        """),
        Congruence("The two agree where the one's second term is the other's.", of=("without", "with"), inputs=(f"{_APART} == b",)),
        chain("added", "The other way round: what the new weights add.", """
          sum(u, (W_new[u] - W[u])*x[u, k])
        = sum(u, W_new[u]*x[u, k]) - sum(u, W[u]*x[u, k])  -- split the sum
        """),
        chain("bias", "And what the bias adds.", """
          b
        = out(k, b) - sum(u, W[u]*x[u, k])  -- definition of the output
        """),
        Congruence("Where the outputs agree, so do these.", of=("added", "bias"), inputs=(f"{_NEW} == out(k, b)",)),
        chain("combined", "If the factors of a combination are added to the weights:", """
          sum(u, (W[u] + combination[u])*x[u, k])
        = sum(u, W[u]*x[u, k]) + sum(u, combination[u]*x[u, k])  -- split the sum
        """),
        Congruence("A combination that is {b} on every sample replaces the bias.",
                   of=("combined", "with"), inputs=("sum(u, combination[u]*x[u, k]) == b",)),
        chain("difference", "By how much the first output without a bias differs.", """
          sum(u, W_new[u]*x[u, 1]) - out(1, b)
        = sum(u, (W_new[u] - W[u])*x[u, 1]) - b  -- definition of the output, and one sum
        """),
        chain("zero_input", "At the input 0 no weight contributes.", """
          -b
        = sum(u, (W_new[u] - W[u])*0) - b  -- every feature is 0
        """),
        Congruence("So if the first sample is the input 0, the outputs differ by {-b}.",
                   of=("zero_input", "difference"), inputs=("0 == x[u, 1]",), label="differs"),
        sign("squared", "If {b} is not 0, the square of this is positive.", """
          (-b)**2
        = b**2  -- the sign does not matter
        > 0     -- the square of a number that is not 0
        """, given=("b != 0",)),
        NotZero("So it is not 0.", of="squared", part="-b != 0", label="not_zero"),
        Join("Hence the difference is not 0 either.", of=("differs", "not_zero"), label="apart"),
        NotZero("The outputs are not the same, whatever the weights.", of="apart", part="sum(u, W_new[u]*x[u, 1]) != out(1, b)"),
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
