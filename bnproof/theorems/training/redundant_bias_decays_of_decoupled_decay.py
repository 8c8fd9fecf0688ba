"""Decoupled weight decay (AdamW) shrinks a redundant bias by the factor 1 − ηλ a step: Adam's own step is 0/(0 + ε̂).

Statement: with no gradient from the loss both moments stay 0, and b_t = (1 − ηλ)^t·b₀.
"""

from __future__ import annotations

from ...symbolic.inferences import DiesOut, Say, Undefined, Use, chain, induction, sign, state, witness
from ..definitions import BATCHNORM_AT, definitions
from ..theorem import Conclusion, Hypothesis, Theorem

_ADAMW = (
    ("moment1", "0", "rho1*moment1 + (1 - rho1)*G"),
    ("moment2", "0", "rho2*moment2 + (1 - rho2)*G**2"),
    ("b", "b0", "stepped(b, moment1, moment2, G, t)"),
)
_ADAM = {"rho1": "1/2", "rho2": "3/4", "moment2": 0, "t": 0, "correct1": ("1/2",), "correct2": ("1/4",)}

THEOREM = Theorem(
    name="redundant_bias_decays_of_decoupled_decay",
    title="Decoupled weight decay drains a redundant bias",
    statement="A layer with bias is followed by batch normalisation with batch statistics and trained by AdamW, with learning "
    "rate {eta} and weight decay {lam}. AdamW keeps a running mean {moment1} of the gradients and one, {moment2}, of their "
    "squares, both 0 at the start; with the gradient {G} they become {rho1*moment1 + (1 - rho1)*G} and {rho2*moment2 + (1 - "
    "rho2)*G**2}, and step {t + 1} goes from {b} to {stepped(b, moment1, moment2, G, t)}, with positive numbers "
    "{correct1[t]}, {correct2[t]} and {eps_adam > 0}. The loss has no gradient with respect to {b}, {sum(k, g[k]*diff(y_at(k, "
    "b), b)) == 0}. With {G == 0} both means stay 0, {moment1 == 0} and {moment2 == 0}, and after {t} steps the bias is {(1 - "
    "eta*lam)**t*b0}; for {0 < eta*lam < 2} it dies out. The training output is at all times that of the layer without a "
    "bias, {y_at(k, (1 - eta*lam)**t*b0) == y_at(k, 0)}.",
    hypotheses=(
        Hypothesis("Training uses the statistics of the batch, so that the loss gives {b} no gradient.",
            witness("With stored statistics the gradient is 1/2 here, and the first step takes {b == 1} to 3/8, not to 7/8.",
                    {"n": 2, "z": (2, 4), "g": (1, 0), "b": 1, "gamma": 1, "beta": 0, "eps": 0, "M": 1, "V": 4, "G": "1/2",
                     "eta": 1, "lam": "1/8", "eps_adam": "1/2", "moment1": 0, **_ADAM}, """
              sum(k, g[k]*diff(gamma*(z[k] + b - M)/sqrt(V + eps) + beta, b)) == G
              stepped(b, moment1, moment2, G, t) == 3/8
              (1 - eta*lam)*b == 7/8
            """)),
        Hypothesis("{v_at(b) + eps > 0}: the division is defined.",
            Undefined("With {eps == 0} and equal values there is nothing to divide by.",
                      {"n": 2, "z": (3, 3), "b": 1, "gamma": 1, "beta": 0, "eps": 0}, "y_at(1, b)"),
            formal=("v_at(b) + eps > 0",)),
        Hypothesis("The decay is kept out of the gradient.",
            witness("Adam with the decay as a part of the gradient, {G == lam*b}: the first step takes {b == 1} to 3/4, not to "
                    "7/8.",
                    {"b": 1, "eta": "1/2", "lam": "1/4", "eps_adam": "1/4", "moment1": 0, **_ADAM}, """
              stepped(b, moment1, moment2, lam*b, t) + eta*lam*b == 3/4
              (1 - eta*lam)*b == 7/8
            """)),
        Hypothesis("The moments start at 0.",
            witness("A first moment of 1, left by earlier training with stored statistics, moves {b == 1} to 1/2 without any "
                    "decay.",
                    {"b": 1, "eta": "1/2", "lam": 0, "eps_adam": 1, "moment1": 1, **_ADAM}, """
              stepped(b, moment1, moment2, 0, t) == 1/2
              (1 - eta*lam)*b == 1
            """)),
        Hypothesis("{eps_adam > 0}.",
            Undefined("With {eps_adam == 0} Adam's step is 0/0.",
                      {"b": 1, "eta": 1, "lam": 0, "eps_adam": 0, "moment1": 0, **_ADAM},
                      "stepped(b, moment1, moment2, 0, t)"),
            formal=("eps_adam > 0",)),
    ),
    conclusions=(
        Conclusion("sum(k, g[k]*diff(y_at(k, b), b)) == 0"),
        Conclusion("moment1 == 0", given=("G == 0",), recursion=("t", _ADAMW)),
        Conclusion("moment2 == 0", given=("G == 0",), recursion=("t", _ADAMW)),
        Conclusion("b == (1 - eta*lam)**t*b0", given=("G == 0",), recursion=("t", _ADAMW)),
        Conclusion("(1 - eta*lam)**t*b0 == 0", given=("0 < eta*lam < 2",), limit="t"),
        Conclusion("y_at(k, (1 - eta*lam)**t*b0) == y_at(k, 0)"),
    ),
    proof=(
        chain("gradient", "The gradient of the loss.", """
          sum(k, g[k]*diff(y_at(k, b), b))
        = sum(k, g[k]*diff(y_at(k, 0), b))  -- the bias cancels in the output
        = 0                                 -- no {b} is left to differentiate by
        """),
        induction("adamw", "So with {G == 0} the moments and the bias are, together,", time="t",
            given=("G == 0", "eps_adam > 0"), states=(
            state("moment1", start="0", update="rho1*moment1 + (1 - rho1)*G", closed="0",
                  step="= rho1*0 + 0  -- insert the moment after {t} steps"),
            state("moment2", start="0", update="rho2*moment2 + (1 - rho2)*G**2", closed="0",
                  step="= rho2*0 + 0  -- likewise"),
            state("b", start="b0", update="stepped(b, moment1, moment2, G, t)", closed="(1 - eta*lam)**t*b0",
                  base="= 1*b0  -- no step yet",
                  step="""
                  = (1 - eta*lam)*((1 - eta*lam)**t*b0) - eta*0/(sqrt(0) + eps_adam)  -- both moments are 0
                  = (1 - eta*lam)**(t + 1)*b0  -- 0 divided by {eps_adam} is 0; one power more
                  """))),
        sign("ratio", "The factor of the bias is smaller than 1 in absolute value,", """
          1 - (1 - eta*lam)**2
        = eta*lam*(2 - eta*lam)  -- multiply out
        > 0                      -- both factors are positive
        """, given=("0 < eta*lam < 2",)),
        DiesOut("so that the bias dies out.", time="t", term="(1 - eta*lam)**t*b0", ratios=("1 - eta*lam",), since=("ratio",)),
        Use("Whatever value it has, training does not see it.", "bias_cancels_of_batch_statistics", "output",
            "y_at(k, (1 - eta*lam)**t*b0)", "y_at(k, 0)", where={"b": "(1 - eta*lam)**t*b0"}),
        Say("This is the decay of plain descent without momentum. So what “Weight decay drains a redundant bias” says about "
            "the running mean and the output in eval mode should hold here as well; it is not checked."),
    ),
    sources=("S4.a", "Loshchilov & Hutter 2019, arXiv:1711.05101"),
    definitions=definitions(
        *BATCHNORM_AT,
        ("stepped(b, moment1, moment2, G, t)",
         "(1 - eta*lam)*b - eta*((rho1*moment1 + (1 - rho1)*G)/correct1[t + 1])/(sqrt((rho2*moment2 + (1 - "
         "rho2)*G**2)/correct2[t + 1]) + eps_adam)", r"\mathrm{adamw}_{#5}(#1; #2, #3; #4)", "adamw_#5(#1; #2, #3; #4)",
         "the bias after one more step with the gradient G"),
    ),
    remark="This is about real numbers. In floating point the gradient is round-off, and Adam divides it by its own size: "
    "then the bias may drift by about the learning rate a step, whatever the decay.",
)
