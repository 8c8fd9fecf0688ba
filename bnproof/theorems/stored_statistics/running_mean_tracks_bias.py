"""A running mean takes over a bias b up to the remainder b·(1−α)^t after t updates.

Statement: M ← (1−α)·M + α·(batch mean), both nets started at the same M₀. The running mean of the net with the bias
exceeds that of the net without by b·(1−(1−α)^t), whatever the batches are, and the eval outputs differ by
γ·b·(1−α)^t/√(V+ε). α is PyTorch's `momentum`; Keras and Flax call 1−α the momentum.
"""

from __future__ import annotations

from ...symbolic.inferences import DiesOut, Say, Undefined, Use, chain, induction, sign, witness
from ..definitions import BATCHNORM_AT, Y_STORED, definitions
from ..theorem import Conclusion, Hypothesis, Theorem

_NEXT = "(1 - alpha)*gap_mean + alpha*b"
_EVAL = "y_stored(k, b, M + b*(1 - (1 - alpha)**t)) - y_stored(k, 0, M)"

THEOREM = Theorem(
    name="running_mean_tracks_bias",
    title="The running mean catches up with a constant bias",
    statement="After each training step the running mean becomes {(1 - alpha)*M + alpha*mu_at(b)}. This {alpha} is what "
    "PyTorch calls momentum (default 1/10); Keras and Flax call {1 - alpha} the momentum (default 99/100). Two layers get the "
    "same batches of {z[k]}, one with a constant bias {b}, one without; both running means start at the same {M0}, and both "
    "stored variances at the same value, so that they stay equal. After {t} updates the first running mean exceeds the second "
    "by {b*(1 - (1 - alpha)**t)}; it lags behind {b} by {b*(1 - alpha)**t}, and the outputs in eval mode differ by "
    "{gamma*b*(1 - alpha)**t/sqrt(V + eps)}, where {V + eps > 0}. For {0 < alpha < 2} lag and difference tend to 0. With "
    "{alpha == 0} the difference stays {gamma*b/sqrt(V + eps)}; with {alpha == 1} it is gone after one update.",
    hypotheses=(
        Hypothesis("The bias keeps its value while the running mean catches up.",
            witness("The first update still saw {b0 == 4}, the second saw {b == 0}. The error "
                    "is 1, not {b*(1 - alpha)**2 == 0}.",
                    {"n": 1, "z": (0,), "b": 0, "b0": 4, "alpha": "1/2", "M0": 0}, """
              (1 - alpha)*((1 - alpha)*M0 + alpha*mu_at(b0)) + alpha*mu_at(b) == 1
              mu_at(b) == 0
            """)),
        Hypothesis("Both running means start at the same value.",
            witness("One starts at 0 and the other at {b == 2}: the difference is 2 after one update, not {b*alpha == 1}.",
                    {"n": 1, "z": (0,), "b": 2, "alpha": "1/2"}, """
              (1 - alpha)*b + alpha*mu_at(b) - ((1 - alpha)*0 + alpha*mu_at(0)) == 2
              b*(1 - (1 - alpha)**1) == 1
            """)),
        Hypothesis("Both stored variances start at the same value.",
            witness("The running mean has caught up, but one layer stores the variance 1 and "
                    "the other 4: the outputs are 2 and 1.",
                    {"n": 1, "z": (2,), "b": 3, "gamma": 1, "beta": 0, "eps": 0, "M": 0, "V": 1}, """
              y_stored(1, 0, M) == 2
              gamma*(z[1] + b - (M + b))/sqrt(4 + eps) + beta == 1
            """)),
        Hypothesis("For the lag to die out: {alpha > 0}. (And updates happen in training mode only.)",
            witness("With {alpha == 0} the running mean never moves: the lag after 3 updates is still all of {b}.",
                    {"b": 2, "alpha": 0, "t": 3},
                    "b*(1 - alpha)**t == 2"),
            formal=("alpha > 0",)),
        Hypothesis("For the lag to die out: {alpha < 2}. A share is at most 1 anyway.",
            witness("With {alpha == 2} the running mean overshoots, and is off by 2 for ever.", {"b": 2, "alpha": 2}, """
              b*(1 - alpha)**3 == -2
              b*(1 - alpha)**4 == 2
            """),
            formal=("alpha < 2",)),
        Hypothesis("{V + eps > 0}: the division is defined.",
            Undefined("With {V == 0} and {eps == 0} there is nothing to divide by.",
                      {"n": 1, "z": (1,), "b": 2, "gamma": 1, "beta": 0, "eps": 0, "M": 0, "V": 0}, "y_stored(1, b, M)"),
            formal=("V + eps > 0",)),
    ),
    conclusions=(
        Conclusion("(1 - alpha)*(M + gap_mean) + alpha*mu_at(b) - ((1 - alpha)*M + alpha*mu_at(0))"
                   f" == {_NEXT}"),
        Conclusion("gap_mean == b*(1 - (1 - alpha)**t)", recursion=("t", (("gap_mean", "M0 - M0", _NEXT),))),
        Conclusion("b - b*(1 - (1 - alpha)**t) == b*(1 - alpha)**t"),
        Conclusion("b*(1 - alpha)**t == 0", limit="t"),
        Conclusion("(1 - alpha)*V + alpha*v_at(b) == (1 - alpha)*V + alpha*v_at(0)"),
        Conclusion(f"{_EVAL} == gamma*b*(1 - alpha)**t/sqrt(V + eps)"),
        Conclusion("gamma*b*(1 - alpha)**t/sqrt(V + eps) == 0", limit="t"),
        Conclusion(f"{_EVAL} == gamma*b/sqrt(V + eps)", given=("alpha == 0",)),
        Conclusion("y_stored(k, b, M + b*(1 - (1 - alpha)**(t + 1))) == y_stored(k, 0, M)", given=("alpha == 1",)),
    ),
    proof=(
        Use("The mean of a batch moves by exactly {b}.", "bias_cancels_of_batch_statistics", "mean", "mu_at(b)",
            "mu_at(0) + b"),
        Say("Follow the two running means side by side: {M} without the bias and {M + gap_mean} with it."),
        chain("difference", "How one update changes their difference, whatever the batch is.", """
          (1 - alpha)*(M + gap_mean) + alpha*mu_at(b) - ((1 - alpha)*M + alpha*mu_at(0))
        = (1 - alpha)*gap_mean + alpha*(mu_at(b) - mu_at(0))  -- {M} cancels
        = (1 - alpha)*gap_mean + alpha*b                      -- the mean of the batch moves by {b}
        """),
        induction("gap", "So the difference obeys a recursion of its own, in which no batch occurs.",
            time="t", state="gap_mean", start="M0 - M0", update=_NEXT, closed="b*(1 - (1 - alpha)**t)",
            base="""
            = b*(1 - 1)  -- no update yet
            = M0 - M0    -- both start at {M0}
            """,
            step="""
            = (1 - alpha)*b*(1 - (1 - alpha)**t) + alpha*b          -- insert the difference after {t} updates
            = b*((1 - alpha) + alpha - (1 - alpha)*(1 - alpha)**t)  -- common factor {b}
            = b*(1 - (1 - alpha)**(t + 1))                          -- one power more
            """),
        chain("lag", "What the running mean still lacks of {b}.", """
          b - b*(1 - (1 - alpha)**t)
        = b*(1 - alpha)**t  -- multiply out
        """),
        sign("ratio", "Every update multiplies the lag by {1 - alpha}. This number is smaller than 1 in absolute value.", """
          1 - (1 - alpha)**2
        = alpha*(2 - alpha)  -- multiply out
        > 0                  -- both factors are positive
        """, given=("alpha > 0", "alpha < 2")),
        DiesOut("So the lag tends to 0.", time="t", term="b*(1 - alpha)**t", ratios=("1 - alpha",), since=("ratio",),
                label="lag_dies_out"),
        chain("stored_variance", "The variance of a batch does not see {b}. So two layers that store the same {V} go on to "
              "store the same.", """
          (1 - alpha)*V + alpha*v_at(b)
        = (1 - alpha)*V + alpha*v_at(0)  -- the variance is built from centred values
        """),
        Use("The unbiased variance, which is what PyTorch stores, does not see it either.", "bias_cancels_of_batch_statistics",
            "unbiased_variance", "sum(i, (z[i] + b - mu_at(b))**2)/(n - 1)", "sum(i, (z[i] - mu_at(0))**2)/(n - 1)"),
        chain("deviation", "What the lag does in eval mode, with {M} the running mean of the layer without the bias.", """
          y_stored(k, b, M + b*(1 - (1 - alpha)**t)) - y_stored(k, 0, M)
        = gamma*(b - b*(1 - (1 - alpha)**t))/sqrt(V + eps)  -- {z[k]}, {M} and {beta} cancel
        = gamma*b*(1 - alpha)**t/sqrt(V + eps)              -- insert the lag
        """),
        DiesOut("It dies out as the lag does.", time="t", term="gamma*b*(1 - alpha)**t/sqrt(V + eps)", ratios=("1 - alpha",),
                since=("ratio",), given=("V + eps > 0",), label="deviation_dies_out"),
        chain("With {alpha == 0} the running mean learns nothing and all of the bias remains.", """
          y_stored(k, b, M + b*(1 - (1 - alpha)**t)) - y_stored(k, 0, M)
        = gamma*b*1**t/sqrt(V + eps)  -- the deviation, with {1 - 0}
        = gamma*b/sqrt(V + eps)       -- a power of 1
        """, given=("alpha == 0",)),
        chain("With {alpha == 1} nothing is left after the first update, for the running mean is the last batch's mean.", """
          y_stored(k, b, M + b*(1 - (1 - alpha)**(t + 1)))
        = y_stored(k, 0, M) + gamma*b*0**(t + 1)/sqrt(V + eps)  -- the deviation after {t + 1} updates, with {1 - 1}
        = y_stored(k, 0, M)                                     -- a power of 0
        """, given=("alpha == 1",)),
        witness("In numbers: PyTorch's default, 2 updates. The running mean holds 19/100 of {b}, and 81/100 are still visible.",
                {"n": 1, "z": (0,), "b": 1, "gamma": 1, "beta": 0, "eps": 0, "alpha": "1/10", "M": 0, "V": 1, "t": 2}, """
          (1 - alpha)*(alpha*mu_at(b)) + alpha*mu_at(b) == 19/100
          b*(1 - (1 - alpha)**t) == 19/100
          y_stored(1, b, 19/100) == 81/100
        """),
        Say("Training itself does not see any of this: it subtracts the mean of the batch, in which neither "
            "{M} nor {alpha} occurs. No value of {alpha} changes the bias's gradient in training; "
            "{alpha} decides only what eval mode subtracts."),
        Use("The output in training, for every {alpha}.", "bias_cancels_of_batch_statistics", "output", "y_at(k, b)",
            "y_at(k, 0)"),
    ),
    sources=("S0.f", "S2.d", "S4.d"),
    definitions=definitions(*BATCHNORM_AT, Y_STORED),
)
