"""A redundant bias under SGD with weight decay shrinks by the factor 1 − ηλ a step; training never notices, eval may.

Statement: b_t = (1 − ηλ)^t·b₀; the training output is that of the layer without a bias. For the running mean with the
bias, minus the one without, minus b_t: D_t = (1−α)^t·E₀ + ηλ·b₀·((1−ηλ)^t − (1−α)^t)/(α − ηλ) if α ≠ ηλ, and the eval
outputs differ by −γ·D_t/√(V+ε).
"""

from __future__ import annotations

from ...symbolic.inferences import DiesOut, Say, Undefined, Use, chain, induction, sign, state, witness
from ..definitions import BATCHNORM_AT, Y_STORED, definitions
from ..theorem import Conclusion, Hypothesis, Theorem

_BIAS = "(1 - eta*lam)*b"
_EXCESS = "(1 - alpha)*err + eta*lam*b"
_LATER = f"(1 - alpha)*(M + b + err) + alpha*mu_at(b) - ((1 - alpha)*M + alpha*mu_at(0)) - {_BIAS}"
_ALIKE = ("alpha == eta*lam",)
_FRESH = ("err0 == -b0",)
_RATE = (*_FRESH, "b0 > 0", "lam == h/((t + 3)*eta)")

THEOREM = Theorem(
    name="redundant_bias_decays_of_weight_decay",
    title="Weight decay drains a redundant bias",
    statement="A layer with bias is followed by batch normalisation and trained by gradient descent, without momentum, with "
    "learning rate {eta} and weight decay {lam}, which turns {b} into {b - eta*(G + lam*b)}, where {G} is the derivative of "
    "the loss, {G == sum(k, g[k]*diff(y_at(k, b), b))}. This is 0, so that every step multiplies the bias by {1 - eta*lam}. "
    "After {t} steps it is {(1 - eta*lam)**t*b0}, and the training output is at all times that of the layer without a bias: "
    "{y_at(k, (1 - eta*lam)**t*b0) == y_at(k, 0)}. A running mean with weight {alpha} lags behind. Compare with a layer that "
    "has no bias, gets the same values {z[k]} in each step, and has the same stored variance {V}. Let {err}, the excess, be "
    "the running mean with the bias, minus the one without, minus the present bias; then the outputs in eval mode differ by "
    "{-gamma*err/sqrt(V + eps)}, where {V + eps > 0}. If {err} is {err0} at the start and {alpha != eta*lam}, it is "
    "{excess(t) == (1 - alpha)**t*err0 + eta*lam*b0*((1 - eta*lam)**t - (1 - alpha)**t)/(alpha - eta*lam)} after {t} steps. "
    "For {0 < eta*lam < 2} the bias dies out, and with {0 < alpha < 2} so does this excess. If {alpha == eta*lam}, the excess "
    "is {excess_alike(t)} after {t + 1} steps, and dies out for {0 < eta*lam < 2}. Two fresh layers, whose running means are "
    "equal, have {err0 == -b0}. In this case, with {b0 > 0} and {lam == h/((t + 3)*eta)}, the excess rises from "
    "{excess_alike(t)} to {excess_alike(t + 1)} if {0 < h < 2}, and falls if {2 < h < t + 3}. At 2, for {lam == 2/((t + "
    "3)*eta)}, {excess_alike(t)} is {b0*(1 - 2/(t + 3))**(t + 1)}.",
    hypotheses=(
        Hypothesis("Training uses the statistics of the batch, so that the loss gives {b} no gradient.",
            witness("With stored statistics the gradient is 1/2 here, and a step takes {b} to 3/8 instead of 7/8.",
                    {"n": 2, "z": (2, 4), "g": (1, 0), "b": 1, "gamma": 1, "beta": 0, "eps": 0, "M": 1, "V": 4, "eta": 1,
                     "lam": "1/8"}, """
              b - eta*(sum(k, g[k]*diff(y_stored(k, b, M), b)) + lam*b) == 3/8
              (1 - eta*lam)*b == 7/8
            """)),
        Hypothesis("{v_at(b) + eps > 0}: the division is defined.",
            Undefined("With {eps == 0} and equal values there is nothing to divide by.",
                      {"n": 2, "z": (3, 3), "b": 1, "gamma": 1, "beta": 0, "eps": 0}, "y_at(1, b)"),
            formal=("v_at(b) + eps > 0",)),
        Hypothesis("The optimiser does not rescale a gradient that contains the decay. (AdamW keeps the two apart, and has a "
                   "theorem of its own: “Decoupled weight decay drains a redundant bias”.)",
            witness("An optimiser that rescales the gradient to size 1, like Adam's first step, takes {b} to 1/2, not to 7/8.",
                    {"b": 1, "eta": "1/2", "lam": "1/4"}, """
              b - eta*(lam*b)/abs(lam*b) == 1/2
              (1 - eta*lam)*b == 7/8
            """)),
        Hypothesis("There is no momentum, unless the decay is kept apart from it. (With it: “With momentum, a redundant bias "
                   "under weight decay follows the powers of two roots”.)",
            witness("Heavy-ball momentum {rho == 1/2} that gathers the decay as part of the gradient: two steps take {b0 == "
                    "16} to 7, not to 9.",
                    {"b0": 16, "eta": "1/2", "lam": "1/2", "rho": "1/2"}, """
              (1 - eta*lam)*b0 - eta*(rho*(lam*b0) + lam*((1 - eta*lam)*b0)) == 7
              (1 - eta*lam)**2*b0 == 9
            """)),
        Hypothesis("{alpha != eta*lam}, for the closed form of {excess(t)}.",
            Undefined("For {alpha == eta*lam} it would divide by 0; the formula for this case is another.",
                      {"t": 1, "alpha": "1/4", "eta": "1/2", "lam": "1/2", "b0": 1, "err0": 0}, "excess(t)"),
            formal=("alpha != eta*lam",)),
        Hypothesis("{V + eps > 0}: the division in eval mode is defined.",
            Undefined("With {V == 0} and {eps == 0} there is nothing to divide by.",
                      {"z": (1,), "b": 2, "gamma": 1, "beta": 0, "eps": 0, "M": 0, "V": 0}, "y_stored(1, b, M)"),
            formal=("V + eps > 0",)),
    ),
    conclusions=(
        Conclusion("sum(k, g[k]*diff(y_at(k, b), b)) == 0"),
        Conclusion("b - eta*(G + lam*b) == (1 - eta*lam)*b", given=("G == sum(k, g[k]*diff(y_at(k, b), b))",)),
        Conclusion("b == (1 - eta*lam)**t*b0", recursion=("t", (("b", "b0", _BIAS),))),
        Conclusion("y_at(k, (1 - eta*lam)**t*b0) == y_at(k, 0)"),
        Conclusion(f"{_LATER} == {_EXCESS}"),
        Conclusion("y_stored(k, b, M + b + err) - y_stored(k, 0, M) == -gamma*err/sqrt(V + eps)"),
        Conclusion("err == excess(t)", recursion=("t", (("b", "b0", _BIAS), ("err", "err0", _EXCESS)))),
        Conclusion("excess(t) == b0*(eta*lam*(1 - eta*lam)**t - alpha*(1 - alpha)**t)/(alpha - eta*lam)", given=_FRESH),
        Conclusion("excess(t) == (1 - alpha)**t*err0", given=("lam == 0",)),
        Conclusion("(1 - eta*lam)**t*b0 == 0", given=("0 < eta*lam < 2",), limit="t"),
        Conclusion("excess(t) == 0", given=("0 < eta*lam < 2", "0 < alpha < 2"), limit="t"),
        Conclusion("err == excess_alike(t)", given=_ALIKE, recursion=("t", (
            ("b", "(1 - eta*lam)*b0", _BIAS), ("err", "(1 - alpha)*err0 + eta*lam*b0", _EXCESS)))),
        Conclusion("excess_alike(t) == 0", given=("0 < eta*lam < 2",), limit="t"),
        Conclusion("excess_alike(t) == b0*(1 - eta*lam)**t*((t + 2)*eta*lam - 1)", given=_FRESH),
        Conclusion("excess_alike(t + 1) > excess_alike(t)", given=(*_RATE, "0 < h < 2")),
        Conclusion("excess_alike(t + 1) < excess_alike(t)", given=(*_RATE, "2 < h < t + 3")),
        Conclusion("excess_alike(t) == b0*(1 - 2/(t + 3))**(t + 1)", given=(*_FRESH, "lam == 2/((t + 3)*eta)")),
    ),
    proof=(
        chain("gradient", "The gradient of the loss.", """
          sum(k, g[k]*diff(y_at(k, b), b))
        = sum(k, g[k]*diff(y_at(k, 0), b))  -- the bias cancels in the output
        = 0                                 -- no {b} is left to differentiate by
        """),
        chain("step", "So the loss has no say in a step.", """
          b - eta*(G + lam*b)
        = b - eta*(0 + lam*b)  -- {G} is the derivative of the loss
        = (1 - eta*lam)*b      -- common factor
        """, given=("G == sum(k, g[k]*diff(y_at(k, b), b))",)),
        induction("bias", "So every step multiplies the bias by the same factor.", time="t",
            state="b", start="b0", update=_BIAS, closed="(1 - eta*lam)**t*b0",
            base="""
            = 1*b0  -- no step yet
            = b0    -- 1 times {b0}
            """,
            step="""
            = (1 - eta*lam)*((1 - eta*lam)**t*b0)  -- insert {b} after {t} steps
            = (1 - eta*lam)**(t + 1)*b0            -- one power more
            """),
        Use("Whatever value it has, training does not see it.", "bias_cancels_of_batch_statistics", "output",
            "y_at(k, (1 - eta*lam)**t*b0)", "y_at(k, 0)", where={"b": "(1 - eta*lam)**t*b0"}),
        Say("Eval mode subtracts a running mean. Let it be {M} without the bias and {M + b + err} with it, at a moment when "
            "the bias is {b}. In a training step the running mean is updated with {b} first, then {b} decays."),
        chain("recursion", "What {err} becomes: the new running mean with the bias, minus the new one without, minus the new "
              "bias.", """
          (1 - alpha)*(M + b + err) + alpha*mu_at(b) - ((1 - alpha)*M + alpha*mu_at(0)) - (1 - eta*lam)*b
        = (1 - alpha)*(M + b + err) + alpha*(mu_at(0) + b) - ((1 - alpha)*M + alpha*mu_at(0)) - (1 - eta*lam)*b
            -- the mean of the batch moves by {b}
        = (1 - alpha)*err + b - (1 - eta*lam)*b
            -- {M} and the mean of the batch cancel; the weights of {b} add up to 1
        = (1 - alpha)*err + eta*lam*b  -- {b} cancels
        """),
        induction("excess", "Bias and excess together, if {alpha != eta*lam}:", time="t", given=("alpha != eta*lam",), states=(
            state("b", start="b0", update=_BIAS, closed="(1 - eta*lam)**t*b0",
                  base="= b0  -- no step yet",
                  step="= (1 - eta*lam)**(t + 1)*b0  -- as before"),
            state("err", start="err0", update=_EXCESS, closed="excess(t)",
                  base="""
                  = 1*err0 + eta*lam*b0*(1 - 1)/(alpha - eta*lam)  -- no step yet
                  = err0                                           -- the second term is 0
                  """,
                  step="""
                  = (1 - alpha)*excess(t) + eta*lam*b0*(1 - eta*lam)**t  -- insert both after {t} steps
                  = (1 - alpha)*excess(t) + eta*lam*b0*(alpha - eta*lam)*(1 - eta*lam)**t/(alpha - eta*lam)
                      -- common denominator
                  = (1 - alpha)**(t + 1)*err0
                      + eta*lam*b0*((1 - alpha + alpha - eta*lam)*(1 - eta*lam)**t - (1 - alpha)**(t + 1))/(alpha - eta*lam)
                      -- definition of {excess(t)}; collect the powers of {1 - eta*lam}
                  = excess(t + 1)  -- {1 - alpha + alpha - eta*lam == 1 - eta*lam}: one power more
                  """))),
        chain("Two fresh layers: both running means start at the same value, so that {err0 == -b0}.", """
          excess(t)
        = b0*(eta*lam*(1 - eta*lam)**t - (eta*lam + alpha - eta*lam)*(1 - alpha)**t)/(alpha - eta*lam)  -- common denominator
        = b0*(eta*lam*(1 - eta*lam)**t - alpha*(1 - alpha)**t)/(alpha - eta*lam)                        -- {eta*lam} cancels
        """, given=_FRESH),
        chain("Without weight decay only the lag of a constant bias is left.", """
          excess(t)
        = (1 - alpha)**t*err0  -- the second term has the factor 0
        """, given=("lam == 0",)),
        sign("ratio", "The factor of the bias is smaller than 1 in absolute value,", """
          1 - (1 - eta*lam)**2
        = eta*lam*(2 - eta*lam)  -- multiply out
        > 0                      -- both factors are positive
        """, given=("0 < eta*lam < 2",)),
        DiesOut("so that the bias dies out.", time="t", term="(1 - eta*lam)**t*b0", ratios=("1 - eta*lam",), since=("ratio",),
                label="bias_dies_out"),
        sign("ratio_mean", "So is the factor that every step puts on the running mean,", """
          1 - (1 - alpha)**2
        = alpha*(2 - alpha)  -- multiply out
        > 0                  -- both factors are positive
        """, given=("0 < alpha < 2",)),
        DiesOut("so that the excess dies out as well: the layer ends where the one without a bias is.", time="t",
                term="excess(t)", ratios=("1 - eta*lam", "1 - alpha"), since=("ratio", "ratio_mean"), label="excess_dies_out"),
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
        induction("alike", "The case {alpha == eta*lam}: a factor that counts the steps replaces the quotient. Bias and excess "
            "after {t + 1} steps:", time="t", given=_ALIKE, states=(
            state("b", start="(1 - eta*lam)*b0", update=_BIAS, closed="(1 - eta*lam)**(t + 1)*b0",
                  base="= (1 - eta*lam)*b0  -- one step",
                  step="= (1 - eta*lam)**(t + 2)*b0  -- one power more"),
            state("err", start="(1 - alpha)*err0 + eta*lam*b0", update=_EXCESS, closed="excess_alike(t)",
                  base="= (1 - eta*lam)*err0 + eta*lam*b0  -- one step",
                  step="""
                  = (1 - eta*lam)**(t + 2)*err0 + (t + 1)*eta*lam*b0*(1 - eta*lam)**(t + 1)
                      + eta*lam*b0*(1 - eta*lam)**(t + 1)
                      -- insert both after {t + 1} steps
                  = (1 - eta*lam)**(t + 2)*err0 + (t + 2)*eta*lam*b0*(1 - eta*lam)**(t + 1)  -- one more of the same
                  """))),
        DiesOut("This too dies out.", time="t", term="excess_alike(t)", ratios=("1 - eta*lam", "1 - eta*lam"), since=("ratio",),
                label="alike_dies_out"),
        chain("fresh", "Two fresh layers again, in this case: at first the running mean is too low by {b0}.", """
          excess_alike(t)
        = b0*(1 - eta*lam)**t*((t + 1)*eta*lam - (1 - eta*lam))  -- common factor
        = b0*(1 - eta*lam)**t*((t + 2)*eta*lam - 1)              -- collect {eta*lam}
        """, given=_FRESH),
        sign("early", "A bias that decays by less than all of it keeps its sign. Write {h} for {(t + 3)*eta*lam}. Up to 2 it "
             "does so in any case,", """
          1 - h/(t + 3)
        = (t + 1 + (2 - h))/(t + 3)  -- common denominator
        > 0                          -- sums of positive numbers
        """, given=("h < 2",)),
        sign("late", "and beyond as long as {h < t + 3}.", """
          1 - h/(t + 3)
        = (t + 3 - h)/(t + 3)  -- common denominator
        > 0                    -- both are positive
        """, given=("h < t + 3",)),
        sign("rises", "The running mean is overtaken by the bias that decays. From one step to the next the excess rises at "
             "first,", """
          excess_alike(t + 1) - excess_alike(t)
        = b0*(1 - h/(t + 3))**t*((1 - h/(t + 3))*(h - 1) - ((t + 2)*h/(t + 3) - 1))  -- the formula for two fresh layers
        = b0*(1 - h/(t + 3))**t*(h/(t + 3)*(2 - h))                                  -- multiply out
        > 0                                                                          -- no factor is negative or 0
        """, given=(*_RATE, "0 < h < 2"), since=("early",)),
        sign("falls", "and falls later.", """
          excess_alike(t) - excess_alike(t + 1)
        = b0*(1 - h/(t + 3))**t*((h - 2 + 2)/(t + 3)*(h - 2))  -- as before
        > 0                                                    -- no factor is negative or 0
        """, given=(*_RATE, "2 < h < t + 3"), since=("late",)),
        Say("So the excess is largest after {t + 1} steps, where {h} is 2 and {t + 3} is {2/(eta*lam)}, or the next integer."),
        chain("largest", "There it is, if {2/(eta*lam)} is an integer,", """
          excess_alike(t)
        = b0*(1 - 2/(t + 3))**t*((t + 2)*(2/(t + 3)) - 1)  -- the formula for two fresh layers
        = b0*(1 - 2/(t + 3))**(t + 1)                      -- {(t + 2)*(2/(t + 3)) - 1 == 1 - 2/(t + 3)}
        """, given=(*_FRESH, "lam == 2/((t + 3)*eta)")),
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
    remark="Two fresh layers with {alpha == eta*lam}: the excess is largest after 18 steps with {alpha == 1/10}, 0.150 of "
    "{b0}, and largest after 198 steps with {alpha == 1/100}, 0.137 of {b0}. For smaller {alpha} it comes later, and tends to "
    "0.135, which is {exp(-2)}.",
)
