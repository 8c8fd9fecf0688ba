"""A running mean takes over a bias b up to the remainder b·(1−α)^t after t updates.

Statement: M ← (1−α)·M + α·(batch mean), both nets started at the same M₀. The running mean of the net with the bias
exceeds that of the net without by b·(1−(1−α)^t), whatever the batches are, and the eval outputs differ by
γ·b·(1−α)^t/√(V+ε). α is PyTorch's `momentum`; Keras and Flax call 1−α the momentum.
"""

from __future__ import annotations

from ...symbolic.inferences import Say, Use, chain, induction, sign, witness
from ..definitions import BATCHNORM_AT, Y_STORED, definitions
from ..theorem import Hypothesis, Theorem

THEOREM = Theorem(
    name="running_mean_tracks_bias",
    title="The running mean catches up with a constant bias",
    statement="After each training step the running mean becomes {(1 - alpha)*M + alpha*mu_at(b)}. This {alpha} is "
    "what PyTorch calls momentum (default 1/10); Keras and Flax call {1 - alpha} the momentum (default "
    "99/100). Two layers see the same batches, one with a constant bias {b}, one without; both running "
    "means start at the same {M0}, and both stored variances at the same value. "
    "After {t} updates the first exceeds the second by {b*(1 - (1 - "
    "alpha)**t)}; it lags behind {b} by {b*(1 - alpha)**t}, and the outputs in eval mode differ by "
    "{gamma*b*(1 - alpha)**t/sqrt(V + eps)}, where {V + eps > 0}. With {alpha == 0} the running mean never "
    "moves and the difference stays {gamma*b/sqrt(V + eps)}; with {alpha == 1} it is gone after one update.",
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
        Hypothesis("{alpha > 0}, for the lag to shrink; and the layer must run in training "
                   "mode, for updates to happen at all.",
            witness("With {alpha == 0} the lag after 3 updates is still all of {b}.", {"b": 2, "alpha": 0, "t": 3},
                    "b*(1 - alpha)**t == 2")),
    ),
    proof=(
        Use("The mean of a batch moves by exactly {b}.", "bias_cancels_of_batch_statistics", "mean", "mu_at(b)",
            "mu_at(0) + b"),
        Say("The batches change, and with them their means {means[step]}. Follow the two running means side by side: {M} "
            "without the bias and {M + gap_mean} with it."),
        chain("difference", "How one update changes their difference.", """
          (1 - alpha)*(M + gap_mean) + alpha*(means[t + 1] + b) - ((1 - alpha)*M + alpha*means[t + 1])
        = (1 - alpha)*gap_mean + alpha*b  -- {M} and the mean of the batch cancel
        """),
        induction("So the difference obeys a recursion of its own, in which no batch occurs.",
            time="t", state="gap_mean", start="0", update="(1 - alpha)*gap_mean + alpha*b", closed="b*(1 - (1 - alpha)**t)",
            base="""
            = b*(1 - 1)  -- no update yet
            = 0          -- both start at {M0}
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
        sign("A share is at most 1. So the lag never grows: its square falls, unless it is 0 already.", """
          (b*(1 - alpha)**t)**2 - (b*(1 - alpha)**(t + 1))**2
        = (b*(1 - alpha)**t)**2*(1 - (1 - alpha)**2)  -- the next lag is {1 - alpha} times this one
        = (b*(1 - alpha)**t)**2*(alpha*(2 - alpha))   -- {1 - (1 - alpha)**2}, multiplied out
        >= 0                                          -- a square times two positive numbers
        """, given=("alpha > 0", "2 - alpha > 0",)),
        Say("As the factor {1 - alpha} lies strictly between −1 and 1, the lag tends to 0."),
        Use("The variance of a batch does not see {b}. Hence two layers that start from the same "
            "stored variance go on to store the same {V}.",
            "bias_cancels_of_batch_statistics", "variance", "v_at(b)", "v_at(0)"),
        Use("The unbiased variance, which is what PyTorch stores, does not see it either.", "bias_cancels_of_batch_statistics",
            "unbiased_variance", "sum(i, (z[i] + b - mu_at(b))**2)/(n - 1)", "sum(i, (z[i] - mu_at(0))**2)/(n - 1)"),
        chain("deviation", "What the lag does in eval mode, with {M} the running mean of the layer without the bias.", """
          y_stored(k, b, M + b*(1 - (1 - alpha)**t)) - y_stored(k, 0, M)
        = gamma*(b - b*(1 - (1 - alpha)**t))/sqrt(V + eps)  -- {z[k]}, {M} and {beta} cancel
        = gamma*b*(1 - alpha)**t/sqrt(V + eps)              -- insert the lag
        """),
        chain("With {alpha == 0} the running mean learns nothing and all of the bias remains.", """
          y_stored(k, b, M + b*(1 - (1 - alpha)**t)) - y_stored(k, 0, M)
        = gamma*b*1**t/sqrt(V + eps)  -- the deviation, with {1 - 0}
        = gamma*b/sqrt(V + eps)       -- a power of 1
        """, given=("alpha == 0",)),
        chain("With {alpha == 1} nothing is left after the first update, for the running mean is the last batch's mean.", """
          y_stored(k, b, M + b*(1 - (1 - alpha)**(t + 1))) - y_stored(k, 0, M)
        = gamma*b*0**(t + 1)/sqrt(V + eps)  -- the deviation after {t + 1} updates, with {1 - 1}
        = 0                                 -- a power of 0
        """, given=("alpha == 1",)),
        witness("In numbers: PyTorch's default, 2 updates. The running mean holds 19/100 of {b}, and 81/100 are still visible.",
                {"n": 1, "z": (0,), "b": 1, "gamma": 1, "beta": 0, "eps": 0, "alpha": "1/10", "M": 0, "V": 1, "t": 2}, """
          (1 - alpha)*(alpha*mu_at(b)) + alpha*mu_at(b) == 19/100
          b*(1 - (1 - alpha)**t) == 19/100
          y_stored(1, b, 19/100) == 81/100
        """),
        Say("Training itself does not see any of this: it subtracts the mean of the batch, in which neither "
            "{M} nor {alpha} occurs. No value of {alpha} gives or takes the bias a gradient in training; "
            "{alpha} decides only what eval mode subtracts."),
        Use("The output in training, for every {alpha}.", "bias_cancels_of_batch_statistics", "output", "y_at(k, b)",
            "y_at(k, 0)"),
    ),
    sources=("S0.f", "S2.d", "S4.d"),
    definitions=definitions(*BATCHNORM_AT, Y_STORED),
)
