"""A redundant bias under weight decay with heavy-ball momentum is a combination of the powers of two roots.

Statement: with r₁ ≠ r₂ the roots of x² − (1 + ρ − ηλ)x + ρ, b_t = b₀·((1 − r₂)r₁^(t+1) − (1 − r₁)r₂^(t+1))/(r₁ − r₂); with a
double root r ≠ 0, b_t = b₀·r^t·(1 + t(1 − r)).
"""

from __future__ import annotations

from ...symbolic.inferences import Induction, Say, State, Undefined, chain, witness
from ..definitions import BATCHNORM_AT, HEAVY_BALL, definitions
from ..theorem import Conclusion, Hypothesis, Theorem

THEOREM = Theorem(
    name="redundant_bias_decays_of_heavy_ball",
    title="Weight decay with momentum drains a redundant bias",
    statement="A layer with bias is followed by batch normalisation with batch statistics and trained with learning rate {eta}, "
    "weight decay {lam} and heavy-ball momentum {rho}: the velocity {vel}, 0 at the start, becomes {next_vel(b, vel)}, for the "
    "loss has no gradient with respect to {b}, and {b} becomes {next_b(b, vel)}. Let {root1} and {root2} be the roots of "
    "{h**2 - (1 + rho - eta*lam)*h + rho}. If {root1 != root2}, the bias after {t} steps is {decayed(t)}; if both are "
    "{root1}, and this is not 0, it is {b0*root1**t*(1 + t*(1 - root1))}.",
    hypotheses=(
        Hypothesis("Training uses the statistics of the batch, so that the loss gives {b} no gradient.",
            witness("With stored statistics the gradient is 1/2 here, and the first step takes {b == 1} to 3/8 instead of 7/8.",
                    {"n": 1, "z": (3,), "g": (1,), "b": 1, "gamma": 1, "beta": 0, "eps": 0, "M": 1, "V": 4, "eta": 1,
                     "lam": "1/8"}, """
              b - eta*(sum(k, g[k]*diff(gamma*(z[k] + b - M)/sqrt(V + eps) + beta, b)) + lam*b) == 3/8
              b - eta*(lam*b) == 7/8
            """)),
        Hypothesis("The velocity starts at 0.",
            witness("With {root1 == 1/2}, {root2 == 1/4} ({rho == 1/8}, {lam == 3/8}) and the velocity 1 the first "
                    "step takes {b0 == 8} to 39/8, not to 5.",
                    {"b0": 8, "vel": 1, "eta": 1, "rho": "1/8", "lam": "3/8", "root1": "1/2", "root2": "1/4"}, """
              next_b(b0, vel) == 39/8
              decayed(1) == 5
              next_b(b0, 0) == 5
            """)),
        Hypothesis("{root1 != root2}, for {decayed(t)}.",
            Undefined("For a double root it would divide by 0.", {"b0": 1, "root1": "1/2", "root2": "1/2", "t": 1},
                      "decayed(t)"),
            formal=("root1 != root2",)),
        Hypothesis("The decay is part of the gradient that the momentum gathers.",
            witness("Kept apart from it, the decay takes {b0 == 16} to 9 in two steps; gathered, at {rho == 1/2}, to 7.",
                    {"b0": 16, "eta": "1/2", "lam": "1/2", "rho": "1/2"}, """
              (1 - eta*lam)**2*b0 == 9
              next_b(next_b(b0, 0), next_vel(b0, 0)) == 7
            """)),
    ),
    conclusions=(
        Conclusion("rho*vel + (sum(k, g[k]*diff(y_at(k, b), b)) + lam*b) == next_vel(b, vel)", given=("v_at(b) + eps > 0",)),
        Conclusion("next_b(next_b(b, vel), next_vel(b, vel)) - (1 + rho - eta*lam)*next_b(b, vel) + rho*b == 0"),
        Conclusion(
            "h**2 - (1 + rho - eta*lam)*h + rho == (h - root1)*(h - root2)",
            given=("rho == root1*root2", "lam == (1 - root1)*(1 - root2)/eta"),
        ),
        Conclusion("next_vel(b, vel) == by_roots(b, vel)", given=("rho == root1*root2", "lam == (1 - root1)*(1 - root2)/eta")),
        Conclusion(
            "b == decayed(t)",
            recursion=("t", (("b", "b0", "b - eta*by_roots(b, vel)"), ("vel", "0", "by_roots(b, vel)"))),
        ),
        Conclusion(
            "b == b0*root1**t*(1 + t*(1 - root1))",
            recursion=(
                "t",
                (
                    ("b", "b0", "b - eta*(root1**2*vel + (1 - root1)**2/eta*b)"),
                    ("vel", "0", "root1**2*vel + (1 - root1)**2/eta*b"),
                ),
            ),
        ),
        Conclusion("decayed(t) == b0*root1**t", given=("root2 == 0",)),
        Conclusion(
            "nesterov(nesterov(b, vel), next_vel(b, vel)) - (1 + rho)*(1 - eta*lam)*nesterov(b, vel) + rho*(1 - eta*lam)*b == 0"
        ),
    ),
    proof=(
        chain("velocity", "The loss has no say in the velocity.", """
          rho*vel + (sum(k, g[k]*diff(y_at(k, b), b)) + lam*b)
        = rho*vel + (sum(k, g[k]*diff(y_at(k, 0), b)) + lam*b)  -- the bias cancels in the output
        = rho*vel + (0 + lam*b)                                 -- no {b} is left to differentiate by
        = next_vel(b, vel)                                      -- definition of {next_vel(b, vel)}
        """),
        chain("recurrence", "Three biases in a row are tied to each other, by {rho} and {eta*lam} alone.", """
          next_b(next_b(b, vel), next_vel(b, vel)) - (1 + rho - eta*lam)*next_b(b, vel) + rho*b
        = next_b(b, vel) - eta*(rho*next_vel(b, vel) + lam*next_b(b, vel)) - (1 + rho - eta*lam)*next_b(b, vel) + rho*b
            -- definition of the second step
        = rho*(b - eta*next_vel(b, vel) - next_b(b, vel))  -- collect {next_b(b, vel)}
        = 0                                                -- definition of the first step
        """),
        chain("Write {rho} and {lam} in terms of the roots of this recurrence.", """
          h**2 - (1 + rho - eta*lam)*h + rho
        = h**2 - (1 + root1*root2 - (1 - root1)*(1 - root2))*h + root1*root2  -- insert them
        = (h - root1)*(h - root2)  -- {1 + root1*root2 - (1 - root1)*(1 - root2) == root1 + root2}
        """, given=("rho == root1*root2", "lam == (1 - root1)*(1 - root2)/eta")),
        chain("So one step of the velocity is", """
          next_vel(b, vel)
        = by_roots(b, vel)  -- insert {rho} and {lam}
        """, given=("rho == root1*root2", "lam == (1 - root1)*(1 - root2)/eta")),
        Induction(
            "Two different roots. Bias and velocity together, from {b0} and 0:",
            time="t",
            states=(
                State(
                    "b",
                    start="b0",
                    update="b - eta*by_roots(b, vel)",
                    closed="decayed(t)",
                    base=(
                        ("b0*((1 - root2)*root1 - (1 - root1)*root2)/(root1 - root2)", "no step yet"),
                        ("b0", "{root1*root2} cancels above the line"),
                    ),
                    step=(
                        ("(1 - (1 - root1)*(1 - root2))*decayed(t) - eta*root1*root2*speed(t)", "insert both after {t} steps"),
                        (
                            "b0*((1 - root2)*root1**(t + 1)*(1 - (1 - root1)*(1 - root2) - root2*(1 - root1)) "
                            "- (1 - root1)*root2**(t + 1)*(1 - (1 - root1)*(1 - root2) - root1*(1 - root2)))/(root1 - root2)",
                            "sort by the two powers",
                        ),
                        (
                            "b0*((1 - root2)*root1**(t + 2) - (1 - root1)*root2**(t + 2))/(root1 - root2)",
                            "the two brackets are {root1} and {root2}",
                        ),
                    ),
                ),
                State(
                    "vel",
                    start="0",
                    update="by_roots(b, vel)",
                    closed="speed(t)",
                    base=(("b0*(1 - root1)*(1 - root2)*(1 - 1)/(eta*(root1 - root2))", "no step yet"), ("0", "1 minus 1")),
                    step=(
                        (
                            "b0*(1 - root1)*(1 - root2)/(eta*(root1 - root2))*(root1*root2*(root1**t - root2**t) "
                            "+ (1 - root2)*root1**(t + 1) - (1 - root1)*root2**(t + 1))",
                            "insert both after {t} steps; a common factor",
                        ),
                        ("speed(t + 1)", "{root1*root2} times either power is taken away again"),
                    ),
                ),
            ),
        ),
        Induction(
            "A double root {root1}, not 0:",
            time="t",
            states=(
                State(
                    "b",
                    start="b0",
                    update="b - eta*(root1**2*vel + (1 - root1)**2/eta*b)",
                    closed="b0*root1**t*(1 + t*(1 - root1))",
                    base=(("b0*1*(1 + 0)", "no step yet"),),
                    step=(
                        (
                            "b0*root1**t*((1 - (1 - root1)**2)*(1 + t*(1 - root1)) - root1*(1 - root1)**2*t)",
                            "insert both after {t} steps",
                        ),
                        ("b0*root1**(t + 1)*(1 + (t + 1)*(1 - root1))", "collect {t}"),
                    ),
                ),
                State(
                    "vel",
                    start="0",
                    update="root1**2*vel + (1 - root1)**2/eta*b",
                    closed="t*b0*(1 - root1)**2*root1**t/(eta*root1)",
                    base=(("0", "no step yet"),),
                    step=(
                        (
                            "b0*(1 - root1)**2*root1**t/eta*(root1*t + 1 + t*(1 - root1))",
                            "insert both after {t} steps",
                        ),
                        ("b0*(1 - root1)**2*root1**t/eta*(t + 1)", "{root1*t} cancels"),
                    ),
                ),
            ),
        ),
        chain("With {rho == 0} one root is 0, and plain descent is left.", """
          decayed(t)
        = b0*root1*root1**t/root1  -- the power of 0 is 0
        = b0*root1**t              -- here {root1 == 1 - eta*lam}
        """, given=("root2 == 0",)),
        witness("In numbers, at {rho == 9/10}, {eta == 1/10}, {lam == 1/100}: three steps take the bias from 1 to 0.994394799; "
                "without momentum it is then 0.997002999.",
                {"b0": 1, "eta": "1/10", "lam": "1/100", "rho": "9/10"}, """
          next_b(b0, 0) == 999/1000
          next_vel(b0, 0) == 1/100
          next_b(999/1000, 1/100) == 997101/1000000
          next_vel(999/1000, 1/100) == 1899/100000
          next_b(997101/1000000, 1899/100000) == 994394799/1000000000
          (1 - eta*lam)**3*b0 == 997002999/1000000000
        """),
        chain("nesterov", "Nesterov's momentum steps by {lam*b + rho*next_vel(b, vel)} instead. "
              "Its recurrence has other roots:", """
          nesterov(nesterov(b, vel), next_vel(b, vel)) - (1 + rho)*(1 - eta*lam)*nesterov(b, vel) + rho*(1 - eta*lam)*b
        = 0  -- insert the steps
        """),
        Say("So there the roots are those of {h**2 - (1 + rho)*(1 - eta*lam)*h + rho*(1 - eta*lam)}: smaller ones, "
            "for their product is {rho*(1 - eta*lam)}."),
    ),
    sources=("S4.a",),
    definitions=definitions(
        *BATCHNORM_AT,
        *HEAVY_BALL,
        ("by_roots(b, vel)", "root1*root2*vel + (1 - root1)*(1 - root2)/eta*b", r"\nu^{r}(#1, #2)", "νʳ(#1, #2)",
         "the same velocity, with the roots in the place of momentum and decay"),
        ("speed(t)", "b0*(1 - root1)*(1 - root2)*(root1**t - root2**t)/(eta*(root1 - root2))", r"\hat\nu_{#1}", "ν̂_#1",
         "the velocity after so many steps"),
        ("nesterov(b, vel)", "b - eta*(lam*b + rho*next_vel(b, vel))", "b^{N}(#1, #2)", "bᴺ(#1, #2)",
         "the bias after one more step with Nesterov's momentum"),
    ),
    remark="When this dies out, and what becomes of a complex pair, says “When momentum and weight decay let a redundant bias die "
    "out”. PyTorch's SGD does this (momentum, weight_decay); its first velocity is the first gradient, as here. At momentum 0.9, "
    "learning rate 0.1 and weight decay 0.01 a share of 1.6e-05 of the bias is left after 1000 steps, not 0.37 as without momentum. "
    "Dampening multiplies the gradient in the velocity by a number from the second step on, and {lam} with it.",
)
