"""A bias before batch normalisation can be removed without any loss if the running mean moves with it: M → M − b.

Statement: b → 0 together with M → M − b leaves the eval output and the train output unchanged, and every later update
of the running mean keeps the two layers in step.
"""

from __future__ import annotations

from ...symbolic.inferences import Say, Undefined, Use, chain, induction, witness
from ..definitions import BATCHNORM_AT, Y_STORED, definitions
from ..theorem import Conclusion, Hypothesis, Theorem

THEOREM = Theorem(
    name="bias_strips_losslessly_of_shifted_running_mean",
    title="Removing a bias is lossless if the running mean moves with it",
    statement="Take a layer with bias {b} before a batch normalisation with stored mean {M}, and {V + eps > 0}. Set the bias "
    "to 0 and the stored mean to {M - b}. Then all outputs stay the same, in eval mode, {y_stored(k, 0, M - b) == y_stored(k, "
    "b, M)}, and in training, {y_at(k, 0) == y_at(k, b)} where {v_at(b) + eps > 0}. If both layers get the same batches of "
    "{z[k]} afterwards and {b} keeps its value, their stored means go on to differ by {b}, whatever weight {shares[t]} the "
    "update number {t} has; their stored variances need no correction, for {v_at(b) == v_at(0)}.",
    hypotheses=(
        Hypothesis("The stored mean is moved along.",
            witness("Dropping {b == 2} alone moves every output by 1.",
                    {"n": 1, "z": (3,), "b": 2, "gamma": 1, "beta": 0, "eps": 0, "M": 1, "V": 4}, """
              y_stored(1, b, M) == 2
              y_stored(1, 0, M) == 1
              y_stored(1, 0, M - b) == 2
            """)),
        Hypothesis("The normalisation follows directly: no activation between the bias and the stored mean.",
            witness("With a ReLU between, {b} and {M} cannot be traded: the outputs are 2 and 3.",
                    {"n": 1, "z": (-1,), "b": 3, "gamma": 1, "beta": 0, "eps": 0, "M": 0, "V": 1}, """
              gamma*(relu(z[1] + b) - M)/sqrt(V + eps) + beta == 2
              gamma*(relu(z[1]) - (M - b))/sqrt(V + eps) + beta == 3
            """)),
        Hypothesis("For later training: {b} keeps its value in the layer that has it.",
            witness("If {b} jumps from 2 to 0 before the next update, the two stored means become 1 and 0 and differ by 1.",
                    {"n": 1, "z": (0,), "b": 2, "M": 2, "shares": ("1/2",)}, """
              (1 - shares[1])*M + shares[1]*mu_at(0) == 1
              (1 - shares[1])*(M - b) + shares[1]*mu_at(0) == 0
            """)),
        Hypothesis("{V + eps > 0}: the division is defined.",
            Undefined("With {V == 0} and {eps == 0} neither layer has an output.",
                      {"n": 1, "z": (3,), "b": 2, "gamma": 1, "beta": 0, "eps": 0, "M": 1, "V": 0}, "y_stored(1, 0, M - b)"),
            formal=("V + eps > 0",)),
    ),
    conclusions=(
        Conclusion("y_stored(k, 0, M - b) == y_stored(k, b, M)"),
        Conclusion("y_at(k, 0) == y_at(k, b)", given=("v_at(b) + eps > 0",)),
        Conclusion("(1 - shares[t])*M + shares[t]*mu_at(b) - ((1 - shares[t])*(M - gap_mean) + shares[t]*mu_at(0))"
                   " == (1 - shares[t])*gap_mean + shares[t]*b"),
        Conclusion("gap_mean == b",
                   recursion=("t", (("gap_mean", "b", "(1 - shares[t + 1])*gap_mean + shares[t + 1]*b"),))),
        Conclusion("v_at(b) == v_at(0)"),
    ),
    proof=(
        chain("eval_output", "Eval mode: bias and stored mean only occur as a difference.", """
          y_stored(k, 0, M - b)
        = gamma*(z[k] - (M - b))/sqrt(V + eps) + beta  -- definition of the output, with no bias
        = gamma*(z[k] + b - M)/sqrt(V + eps) + beta    -- minus minus {b}
        = y_stored(k, b, M)                            -- definition of the output
        """),
        Use("Training: the stored mean is not used, and the bias cancels.", "bias_cancels_of_batch_statistics", "output",
            "y_at(k, b)", "y_at(k, 0)"),
        chain("update", "Later updates. The stripped layer's stored mean lies {gap_mean} below the other one's {M}. After one "
              "update the difference is this:", """
          (1 - shares[t])*M + shares[t]*mu_at(b) - ((1 - shares[t])*(M - gap_mean) + shares[t]*mu_at(0))
        = (1 - shares[t])*gap_mean + shares[t]*(mu_at(b) - mu_at(0))  -- {M} cancels
        = (1 - shares[t])*gap_mean + shares[t]*b                      -- the bias moves the mean of the batch by {b}
        """),
        induction("So it is {b} after {t} updates, as it was at the start.",
            time="t", state="gap_mean", start="b", update="(1 - shares[t + 1])*gap_mean + shares[t + 1]*b", closed="b",
            base="= b  -- the strip moved the stored mean by {b}",
            step="""
            = (1 - shares[t + 1])*b + shares[t + 1]*b  -- insert the difference after {t} updates
            = b                                        -- the weights add up to 1
            """),
        Use("The stored variance needs no correction, now or later: the variance of a batch does not see {b}.",
            "bias_cancels_of_batch_statistics", "variance", "v_at(b)", "v_at(0)"),
        Say("With the weight {1/t} in the update number {t} this is PyTorch's cumulative mean."),
    ),
    sources=("S0.f", "S1.b", "S2.b", "insightface #455"),
    definitions=definitions(*BATCHNORM_AT, Y_STORED),
)
