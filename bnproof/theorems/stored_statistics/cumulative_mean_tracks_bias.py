"""A cumulative mean (PyTorch's momentum=None) holds a constant bias in full from the first update on.

Statement: M ← (1−1/(t+1))·M + (batch mean)/(t+1) is the average of all batch means seen. With a constant bias it
is therefore greater by exactly b after one update or more, and the eval output does not depend on b. With
track_running_stats=False eval mode uses batch statistics, where the bias cancels.
"""

from __future__ import annotations

from ...symbolic.inferences import Say, Undefined, Use, chain, induction, witness
from ..definitions import BATCHNORM_AT, Y_STORED, definitions
from ..theorem import Conclusion, Hypothesis, Theorem

_FIRST = "(1 - 1/(0 + 1))*M0 + 1/(0 + 1)*means[1]"
_NEXT = "(1 - 1/(t + 2))*M + 1/(t + 2)*means[t + 2]"
_FIRST_BIASED = "(1 - 1/(0 + 1))*M0 + 1/(0 + 1)*(means[1] + b)"
_NEXT_BIASED = "(1 - 1/(t + 2))*M + 1/(t + 2)*(means[t + 2] + b)"

THEOREM = Theorem(
    name="cumulative_mean_tracks_bias",
    title="A cumulative mean follows a constant bias without lag",
    statement="With momentum=None, PyTorch replaces the stored mean by {(1 - 1/(t + 1))*M + 1/(t + 1)*means[t + 1]}, where "
    "{t} counts the updates made so far. After {t + 1} updates the stored mean is the average {average(t + 1)} of the {t + 1} "
    "batch means, whatever {M0} it started at. With a constant bias {b} every batch mean is greater by {b}, {mu_at(b) == "
    "mu_at(0) + b}, so that the stored mean is {average(t + 1) + b}, and for {V + eps > 0} the output in eval mode does not "
    "depend on {b}: {y_stored(k, b, average(t + 1) + b) == y_stored(k, 0, average(t + 1))}. The stored variance {V} is the "
    "same, for {v_at(b) == v_at(0)}. So there is no lag once an update has been made.",
    hypotheses=(
        Hypothesis("At least one update has been made.",
            witness("A fresh layer has {M0 == 0} stored, with or without a bias.",
                    {"n": 1, "z": (1,), "b": 2, "gamma": 1, "beta": 0, "eps": 0, "M0": 0, "V": 1},
                    "y_stored(1, b, M0) != y_stored(1, 0, M0)")),
        Hypothesis("The bias keeps its value. A cumulative mean forgets nothing.",
            witness("One update saw {b0 == 4}, the next {b == 0}: the stored mean is 2 although the batch mean is 0.",
                    {"n": 1, "z": (0,), "b": 0, "b0": 4}, """
              (1 - 1/2)*mu_at(b0) + 1/2*mu_at(b) == 2
              mu_at(b) == 0
            """)),
        Hypothesis("{V + eps > 0}: the division is defined.",
            Undefined("With {V == 0} and {eps == 0} there is nothing to divide by.",
                      {"n": 1, "z": (1,), "b": 2, "gamma": 1, "beta": 0, "eps": 0, "M": 0, "V": 0}, "y_stored(1, b, M + b)"),
            formal=("V + eps > 0",)),
    ),
    conclusions=(
        Conclusion("M == average(t + 1)", recursion=("t", (("M", _FIRST, _NEXT),))),
        Conclusion("M == average(t + 1) + b", recursion=("t", (("M", _FIRST_BIASED, _NEXT_BIASED),))),
        Conclusion("mu_at(b) == mu_at(0) + b"),
        Conclusion("y_stored(k, b, average(t + 1) + b) == y_stored(k, 0, average(t + 1))"),
        Conclusion("v_at(b) == v_at(0)"),
    ),
    proof=(
        Say("The first update has weight 1 and discards {M0}. So begin there: {M} is the stored mean after {t + 1} updates, "
            "and the next update is the number {t + 2}."),
        induction("mean_of_means", "The stored mean is the average of the batch means.",
            time="t", state="M", start=_FIRST, update=_NEXT, closed="average(t + 1)",
            base="""
            = means[1]                                 -- a sum with one term
            = (1 - 1)*M0 + 1/(0 + 1)*means[1]          -- {M0} gets the weight 0
            = (1 - 1/(0 + 1))*M0 + 1/(0 + 1)*means[1]  -- this is the first update
            """,
            step="""
            = (t + 1)/(t + 2)*(1/(t + 1)*sum(step, 1, t + 1, means[step])) + 1/(t + 2)*means[t + 2]
                -- insert {M}, and {1 - 1/(t + 2) == (t + 1)/(t + 2)}
            = 1/(t + 2)*(sum(step, 1, t + 1, means[step]) + means[t + 2])  -- {t + 1} cancels
            = 1/(t + 2)*sum(step, 1, t + 2, means[step])                   -- the last term joins the sum
            = average(t + 2)                                               -- the average of one mean more
            """),
        Use("With a constant bias the mean of every batch is greater by exactly {b}.", "bias_cancels_of_batch_statistics",
            "mean", "mu_at(b)", "mu_at(0) + b"),
        induction("biased_mean_of_means", "So the stored mean is greater by {b} too, from the first update on.",
            time="t", state="M", start=_FIRST_BIASED, update=_NEXT_BIASED, closed="average(t + 1) + b",
            base="""
            = means[1] + b                                   -- a sum with one term
            = (1 - 1/(0 + 1))*M0 + 1/(0 + 1)*(means[1] + b)  -- this is the first update: {M0} gets the weight 0
            """,
            step="""
            = (1 - 1/(t + 2))*average(t + 1) + 1/(t + 2)*means[t + 2] + (1 - 1/(t + 2) + 1/(t + 2))*b
                -- insert {M}, and collect {b}
            = average(t + 2) + b  -- the average as before; the weights of {b} add up to 1
            """),
        Use("The stored variance is an average of batch variances, which do not see {b}.", "bias_cancels_of_batch_statistics",
            "variance", "v_at(b)", "v_at(0)"),
        chain("output", "Hence the output in eval mode.", """
          y_stored(k, b, average(t + 1) + b)
        = gamma*(z[k] + b - (average(t + 1) + b))/sqrt(V + eps) + beta  -- the stored mean is greater by {b}
        = y_stored(k, 0, average(t + 1))                                -- {b} cancels
        """),
        witness("Two updates with batch means 1 and 3 and {b == 2}: from any start the stored "
                "mean is 4, the average 2 plus {b}.",
                {"means": (1, 3), "b": 2, "M0": 7}, """
          (1 - 1/2)*((1 - 1)*M0 + means[1] + b) + 1/2*(means[2] + b) == 4
          1/2*sum(step, 1, 2, means[step]) + b == 4
        """),
        Say("With track_running_stats=False nothing is stored at all: eval mode, too, uses the statistics of the batch."),
        Use("Then the bias cancels in eval mode as it does in training.", "bias_cancels_of_batch_statistics", "output",
            "y_at(k, b)", "y_at(k, 0)"),
    ),
    sources=("S0.f", "S4.d"),
    definitions=definitions(
        *BATCHNORM_AT,
        Y_STORED,
        ("average(t)", "1/t*sum(step, 1, t, means[step])", r"\bar\mu_{#1}", "μ̄_#1",
         "the average of so many batch means of the layer without its bias"),
    ),
)
