"""A redundant bias under SGD with weight decay shrinks by the factor 1 − ηλ a step; training never notices, eval may.

Statement: b_t = (1 − ηλ)^t·b₀; the training output is that of the layer without a bias. For the running mean with the
bias, minus the one without, minus b_t: D_t = (1−α)^t·E₀ + ηλ·b₀·((1−ηλ)^t − (1−α)^t)/(α − ηλ) if α ≠ ηλ, and the eval
outputs differ by −γ·D_t/√(V+ε).
"""

from __future__ import annotations

from ...symbolic.inferences import (
    DiesOut,
    Induction,
    Say,
    State,
    Undefined,
    Use,
    chain,
    sign,
    witness,
)
from ..definitions import BATCHNORM_AT, Y_STORED, definitions
from ..theorem import Conclusion, Hypothesis, Theorem

THEOREM = Theorem(
    name="redundant_bias_decays_of_weight_decay",
    title="Weight decay drains a redundant bias",
    statement="A layer with bias is followed by batch normalisation and trained by gradient descent, without momentum, with "
    "learning rate {eta} and weight decay {lam}, which turns {b} into {b - eta*(G + lam*b)}, where {G} is the "
    "derivative of the loss. Then after {t} steps the bias is {(1 - eta*lam)**t*b0}, and the training "
    "output is at all times that of the layer without a bias. A running mean with weight {alpha} lags "
    "behind. Let {err} be the running mean with the bias, minus the one without, minus the present bias; then "
    "the outputs in eval mode differ by {-gamma*err/sqrt(V + eps)}, where {V + eps > 0}. If {err} is {err0} "
    "at the start and {alpha != eta*lam}, it is {excess(t) == (1 - alpha)**t*err0 + eta*lam*b0*((1 - "
    "eta*lam)**t - (1 - alpha)**t)/(alpha - eta*lam)} after {t} steps.",
    hypotheses=(
        Hypothesis("Training uses the statistics of the batch, so that the loss gives {b} no gradient.",
            witness("With stored statistics the gradient is 1/2 here, and a step takes {b} to 3/8 instead of 7/8.",
                    {"n": 1, "z": (3,), "g": (1,), "b": 1, "gamma": 1, "beta": 0, "eps": 0, "M": 1, "V": 4, "eta": 1,
                     "lam": "1/8"}, """
              b - eta*(sum(k, g[k]*diff(y_stored(k, b, M), b)) + lam*b) == 3/8
              (1 - eta*lam)*b == 7/8
            """)),
        Hypothesis("The optimiser does not rescale a gradient that contains the decay. (AdamW keeps the two apart, and has a "
                   "theorem of its own: “Decoupled weight decay drains a redundant bias”.)",
            witness("An optimiser that rescales the gradient to size 1, like Adam's first step, takes {b} to 1/2, not to 7/8.",
                    {"b": 1, "eta": "1/2", "lam": "1/4"}, """
              b - eta*(lam*b)/abs(lam*b) == 1/2
              (1 - eta*lam)*b == 7/8
            """)),
        Hypothesis("There is no momentum, unless the decay is kept apart from it. (With it: “Weight decay "
                   "with momentum drains a redundant bias”.)",
            witness("Heavy-ball momentum {rho == 1/2} that gathers the decay as part of the gradient: "
                    "two steps take {b0 == 16} to 7, not to 9.",
                    {"b0": 16, "eta": "1/2", "lam": "1/2", "rho": "1/2"}, """
              (1 - eta*lam)*b0 - eta*(rho*(lam*b0) + lam*((1 - eta*lam)*b0)) == 7
              (1 - eta*lam)**2*b0 == 9
            """)),
        Hypothesis("{alpha != eta*lam}, for the closed form of {excess(t)}.",
            Undefined("For {alpha == eta*lam} it would divide by 0; the formula for this case stands at the end.",
                      {"t": 1, "alpha": "1/4", "eta": "1/2", "lam": "1/2", "b0": 1, "err0": 0}, "excess(t)"),
            formal=("alpha != eta*lam",)),
    ),
    conclusions=(
        Conclusion("b - eta*(sum(k, g[k]*diff(y_at(k, b), b)) + lam*b) == (1 - eta*lam)*b", given=("v_at(b) + eps > 0",)),
        Conclusion("b == (1 - eta*lam)**t*b0", recursion=("t", (("b", "b0", "(1 - eta*lam)*b"),))),
        Conclusion("y_at(k, (1 - eta*lam)**t*b0) == y_at(k, 0)", given=("v_at((1 - eta*lam)**t*b0) + eps > 0",)),
        Conclusion(
            "(1 - alpha)*(M + b + err) + alpha*(means[t + 1] + b) - ((1 - alpha)*M + alpha*means[t + 1]) - (1 - eta*lam)*b "
            "== (1 - alpha)*err + eta*lam*b"
        ),
        Conclusion(
            "err == excess(t)",
            recursion=("t", (("err", "err0", "(1 - alpha)*err + eta*lam*((1 - eta*lam)**t*b0)"),)),
        ),
        Conclusion("y_stored(k, b, M + b + err) - y_stored(k, 0, M) == -gamma*err/sqrt(V + eps)", given=("V + eps > 0",)),
        Conclusion(
            "excess(t) == b0*(eta*lam*(1 - eta*lam)**t - alpha*(1 - alpha)**t)/(alpha - eta*lam)", given=("err0 == -b0",)
        ),
        Conclusion("excess(t) == (1 - alpha)**t*err0", given=("lam == 0",)),
        Conclusion(
            "err == excess_alike(t)",
            recursion=(
                "t",
                (
                    (
                        "err",
                        "(1 - eta*lam)*err0 + eta*lam*b0",
                        "(1 - eta*lam)*err + eta*lam*((1 - eta*lam)**(t + 1)*b0)",
                    ),
                ),
            ),
        ),
        Conclusion("excess_alike(t) == b0*(1 - eta*lam)**t*((t + 2)*eta*lam - 1)", given=("err0 == -b0",)),
        Conclusion(
            "excess_alike(t + 1) - excess_alike(t) == b0*(1 - eta*lam)**t*(eta*lam*(2 - (t + 3)*eta*lam))",
            given=("err0 == -b0",),
        ),
        Conclusion("excess_alike(t) == b0*(1 - 2/(t + 3))**(t + 1)", given=("err0 == -b0", "lam == 2/((t + 3)*eta)")),
        Conclusion("(1 - eta*lam)**t*b0 == 0", given=("lam > 0", "eta*lam < 2"), limit="t"),
        Conclusion("excess(t) == 0", given=("lam > 0", "eta*lam < 2", "alpha > 0", "alpha < 2"), limit="t"),
        Conclusion("excess_alike(t) == 0", given=("lam > 0", "eta*lam < 2"), limit="t"),
    ),
    proof=(
        chain("step", "One step: the loss has no say in it.", """
          b - eta*(sum(k, g[k]*diff(y_at(k, b), b)) + lam*b)
        = b - eta*(sum(k, g[k]*diff(y_at(k, 0), b)) + lam*b)  -- the bias cancels in the output
        = b - eta*(0 + lam*b)                                 -- no {b} is left to differentiate by
        = (1 - eta*lam)*b                                     -- common factor
        """),
        Induction(
            "So every step multiplies the bias by the same factor.",
            time="t",
            states=(
                State(
                    "b",
                    start="b0",
                    update="(1 - eta*lam)*b",
                    closed="(1 - eta*lam)**t*b0",
                    base=(("1*b0", "no step yet"), ("b0", "1 times {b0}")),
                    step=(
                        ("(1 - eta*lam)*((1 - eta*lam)**t*b0)", "insert {b} after {t} steps"),
                        ("(1 - eta*lam)**(t + 1)*b0", "one power more"),
                    ),
                ),
            ),
        ),
        Use("Whatever value it has, training does not see it.", "bias_cancels_of_batch_statistics", "output",
            "y_at(k, (1 - eta*lam)**t*b0)", "y_at(k, 0)", where={"b": "(1 - eta*lam)**t*b0"}),
        Say("Eval mode subtracts a running mean. Let it be {M} without the bias and {M + b + err} with it, at a moment when "
            "the bias is {b}. Both layers see the same batch means {means[step]}, for training does not see the bias. In a "
            "training step the running mean is updated with {b} first, then {b} decays."),
        chain("recursion", "What {err} becomes: the new running mean with the bias, minus the "
              "new one without, minus the new bias.", """
          (1 - alpha)*(M + b + err) + alpha*(means[t + 1] + b) - ((1 - alpha)*M + alpha*means[t + 1]) - (1 - eta*lam)*b
        = (1 - alpha)*err + b - (1 - eta*lam)*b  -- {M} and the mean of the batch cancel; the weights of {b} add up to 1
        = (1 - alpha)*err + eta*lam*b            -- {b} cancels
        """),
        Induction(
            "With the bias known at every step, this recursion is solved by {excess(t)}, if {alpha != eta*lam}.",
            time="t",
            states=(
                State(
                    "err",
                    start="err0",
                    update="(1 - alpha)*err + eta*lam*((1 - eta*lam)**t*b0)",
                    closed="excess(t)",
                    base=(
                        ("1*err0 + eta*lam*b0*(1 - 1)/(alpha - eta*lam)", "no step yet"),
                        ("err0", "the second term is 0"),
                    ),
                    step=(
                        ("(1 - alpha)*excess(t) + eta*lam*b0*(1 - eta*lam)**t", "insert {err} after {t} steps"),
                        (
                            "(1 - alpha)*excess(t) + eta*lam*b0*(alpha - eta*lam)*(1 - eta*lam)**t/(alpha - eta*lam)",
                            "common denominator",
                        ),
                        (
                            "(1 - alpha)**(t + 1)*err0 + eta*lam*b0*((1 - alpha + alpha - eta*lam)*(1 - eta*lam)**t - (1 - "
                            "alpha)**(t + 1))/(alpha - eta*lam)",
                            "definition of {excess(t)}; collect the powers of {1 - eta*lam}",
                        ),
                        ("excess(t + 1)", "{1 - alpha + alpha - eta*lam == 1 - eta*lam}: one power more"),
                    ),
                ),
            ),
        ),
        chain("Two fresh layers: both running means start at the same value, so that {err0 == -b0}.", """
          excess(t)
        = b0*(eta*lam*(1 - eta*lam)**t - (eta*lam + alpha - eta*lam)*(1 - alpha)**t)/(alpha - eta*lam)  -- common denominator
        = b0*(eta*lam*(1 - eta*lam)**t - alpha*(1 - alpha)**t)/(alpha - eta*lam)                        -- {eta*lam} cancels
        """, given=("err0 == -b0",)),
        chain("Without weight decay only the lag of a constant bias is left.", """
          excess(t)
        = (1 - alpha)**t*err0  -- the second term has the factor 0
        """, given=("lam == 0",)),
        chain("deviation", "What eval mode sees.", """
          y_stored(k, b, M + b + err) - y_stored(k, 0, M)
        = gamma*(z[k] + b - (M + b + err))/sqrt(V + eps) - gamma*(z[k] - M)/sqrt(V + eps)  -- {beta} cancels
        = -gamma*err/sqrt(V + eps)                                                         -- {z[k]}, {b} and {M} cancel
        """),
        witness("In numbers: a running mean that had caught up ({err0 == 0}) with {b0 == 64} lies 11 too high two steps later.",
                {"t": 2, "alpha": "1/2", "eta": "1/2", "lam": "1/4", "b0": 64, "err0": 0}, """
          (1 - alpha)*(eta*lam*b0) + eta*lam*((1 - eta*lam)*b0) == 11
          excess(t) == 11
        """),
        Induction(
            "The case {alpha == eta*lam}: a factor that counts the steps replaces the quotient. After {t + 1} steps:",
            time="t",
            states=(
                State(
                    "err",
                    start="(1 - eta*lam)*err0 + eta*lam*b0",
                    update="(1 - eta*lam)*err + eta*lam*((1 - eta*lam)**(t + 1)*b0)",
                    closed="excess_alike(t)",
                    base=(("(1 - eta*lam)*err0 + eta*lam*b0", "one step"),),
                    step=(
                        (
                            "(1 - eta*lam)**(t + 2)*err0 + (t + 1)*eta*lam*b0*(1 - eta*lam)**(t + 1) + eta*lam*b0*(1 - "
                            "eta*lam)**(t + 1)",
                            "insert {err} after {t + 1} steps",
                        ),
                        ("(1 - eta*lam)**(t + 2)*err0 + (t + 2)*eta*lam*b0*(1 - eta*lam)**(t + 1)", "one more of the same"),
                    ),
                ),
            ),
        ),
        chain("Two fresh layers again, in this case: at first the running mean is too low by {b0}.", """
          excess_alike(t)
        = b0*(1 - eta*lam)**t*((t + 1)*eta*lam - (1 - eta*lam))  -- common factor
        = b0*(1 - eta*lam)**t*((t + 2)*eta*lam - 1)              -- collect {eta*lam}
        """, given=("err0 == -b0",)),
        chain("It is overtaken by the bias that decays, and lies too high later. From one step to the next it rises by", """
          excess_alike(t + 1) - excess_alike(t)
        = b0*(1 - eta*lam)**t*((1 - eta*lam)*((t + 3)*eta*lam - 1) - ((t + 2)*eta*lam - 1))  -- common factor
        = b0*(1 - eta*lam)**t*(eta*lam*(2 - (t + 3)*eta*lam))                                -- multiply out
        """, given=("err0 == -b0",)),
        Say("For {0 < eta*lam < 1} and {b0 > 0} this is positive as long as {(t + 3)*eta*lam < 2}, and "
            "negative from {(t + 3)*eta*lam > 2} on. So the excess is largest after {t + 1} steps, where {t + "
            "3} is {2/(eta*lam)}, or the next integer."),
        chain("There it is, if {2/(eta*lam)} is an integer,", """
          excess_alike(t)
        = b0*(1 - 2/(t + 3))**t*((t + 2)*(2/(t + 3)) - 1)  -- the formula for two fresh layers
        = b0*(1 - 2/(t + 3))**(t + 1)                      -- {(t + 2)*(2/(t + 3)) - 1 == 1 - 2/(t + 3)}
        """, given=("err0 == -b0", "lam == 2/((t + 3)*eta)")),
        Say("For {0 < alpha < 2} and {0 < eta*lam < 2} the squares of {1 - alpha} and {1 - eta*lam} are smaller than 1. Then "
            "bias and excess die out, and the layer ends where the one without a bias is."),
        sign("decay_ratio", "The first square,", """
          1 - (1 - eta*lam)**2
        = eta*lam*(2 - eta*lam)  -- expand
        > 0                      -- a product of positive numbers
        """, given=("lam > 0", "eta*lam < 2")),
        sign("mean_ratio", "and the second.", """
          1 - (1 - alpha)**2
        = alpha*(2 - alpha)  -- expand
        > 0                  -- a product of positive numbers
        """, given=("alpha > 0", "alpha < 2")),
        DiesOut(
            "The bias,",
            time="t",
            term="(1 - eta*lam)**t*b0",
            ratios=("1 - eta*lam",),
            since=("decay_ratio",),
        ),
        DiesOut(
            "the excess,",
            time="t",
            term="excess(t)",
            ratios=("1 - alpha", "1 - eta*lam"),
            since=("decay_ratio", "mean_ratio"),
            given=("alpha != eta*lam",),
        ),
        DiesOut(
            "and the excess where the running mean moves as fast.",
            time="t",
            term="excess_alike(t)",
            ratios=("1 - eta*lam", "1 - eta*lam"),
            since=("decay_ratio",),
        ),
    ),
    sources=("S2.b", "S4.a"),
    definitions=definitions(
        *BATCHNORM_AT,
        Y_STORED,
        ("excess(t)", "(1 - alpha)**t*err0 + eta*lam*b0*((1 - eta*lam)**t - (1 - alpha)**t)/(alpha - eta*lam)", "D_{#1}",
         "D_#1", "the excess of the running mean after so many steps"),
        ("excess_alike(t)", "(1 - eta*lam)**(t + 1)*err0 + (t + 1)*eta*lam*b0*(1 - eta*lam)**t", "D'_{#1}", "D′_#1",
         "the excess one step later, if the running mean moves as fast as the bias decays"),
    ),
    remark="Two fresh layers with {alpha == eta*lam}: the excess is largest after 18 steps with {alpha == 1/10}, 0.150 of {b0}, and "
    "largest after 198 steps with {alpha == 1/100}, 0.137 of {b0}. For smaller {alpha} it comes later, and tends to 0.135, which is "
    "{exp(-2)}.",
)
