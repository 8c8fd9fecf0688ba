"""A redundant bias under weight decay with heavy-ball momentum is a combination of the powers of two roots.

Statement: with r₁ ≠ r₂ the roots of x² − (1 + ρ − ηλ)x + ρ, b_t = b₀·((1 − r₂)r₁^(t+1) − (1 − r₁)r₂^(t+1))/(r₁ − r₂); with a
double root r ≠ 0, b_t = b₀·r^t·(1 + t(1 − r)).
"""

from __future__ import annotations

from ...symbolic.inferences import Say, Undefined, chain, induction, state, witness
from ..definitions import BATCHNORM_AT, HEAVY_BALL, definitions
from ..theorem import Conclusion, Hypothesis, Theorem

_STEP = (("b", "b0", "next_b(b, vel)"), ("vel", "0", "next_vel(b, vel)"))
_ROOTS = ("rho == root1*root2", "lam == (1 - root1)*(1 - root2)/eta")
_DOUBLE = ("rho == root1**2", "lam == (1 - root1)**2/eta", "root1 != 0")

THEOREM = Theorem(
    name="redundant_bias_decays_of_heavy_ball",
    title="With momentum, a redundant bias under weight decay follows the powers of two roots",
    statement="A layer with bias is followed by batch normalisation with batch statistics and trained with learning rate "
    "{eta}, weight decay {lam} and heavy-ball momentum {rho}: the velocity {vel}, 0 at the start, becomes {rho*vel + (G + "
    "lam*b)} with the derivative {G == sum(k, g[k]*diff(y_at(k, b), b))} of the loss, which is 0. So it becomes {next_vel(b, "
    "vel)}, and {b} becomes {next_b(b, vel)}. Let {root1} and {root2} be real numbers with {rho == root1*root2} and {lam == "
    "(1 - root1)*(1 - root2)/eta}, so that they are the roots of {h**2 - (1 + rho - eta*lam)*h + rho == (h - root1)*(h - "
    "root2)}. If {root1 != root2}, the bias after {t} steps is {decayed(t)}; if both are {root1}, and {root1 != 0}, it is "
    "{b0*root1**t*(1 + t*(1 - root1))}. Nesterov's momentum has other roots: there {nesterov(nesterov(b, vel), next_vel(b, "
    "vel)) - (1 + rho)*(1 - eta*lam)*nesterov(b, vel) + rho*(1 - eta*lam)*b == 0}.",
    hypotheses=(
        Hypothesis("Training uses the statistics of the batch, so that the loss gives {b} no gradient.",
            witness("With stored statistics the gradient is 1/2 here, and the first step takes {b == 1} to 3/8 instead of 7/8.",
                    {"n": 2, "z": (2, 4), "g": (1, 0), "b": 1, "gamma": 1, "beta": 0, "eps": 0, "M": 1, "V": 4, "eta": 1,
                     "lam": "1/8"}, """
              b - eta*(sum(k, g[k]*diff(gamma*(z[k] + b - M)/sqrt(V + eps) + beta, b)) + lam*b) == 3/8
              b - eta*(lam*b) == 7/8
            """)),
        Hypothesis("{v_at(b) + eps > 0}: the division is defined.",
            Undefined("With {eps == 0} and equal values there is nothing to divide by.",
                      {"n": 2, "z": (3, 3), "b": 1, "gamma": 1, "beta": 0, "eps": 0}, "y_at(1, b)"),
            formal=("v_at(b) + eps > 0",)),
        Hypothesis("The velocity starts at 0.",
            witness("With {root1 == 1/2}, {root2 == 1/4} ({rho == 1/8}, {lam == 3/8}) and the velocity 1 the first step takes "
                    "{b0 == 8} to 39/8, not to 5.",
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
        Conclusion("sum(k, g[k]*diff(y_at(k, b), b)) == 0"),
        Conclusion("rho*vel + (G + lam*b) == next_vel(b, vel)", given=("G == sum(k, g[k]*diff(y_at(k, b), b))",)),
        Conclusion("next_b(next_b(b, vel), next_vel(b, vel)) - (1 + rho - eta*lam)*next_b(b, vel) + rho*b == 0"),
        Conclusion("h**2 - (1 + rho - eta*lam)*h + rho == (h - root1)*(h - root2)", given=_ROOTS),
        Conclusion("b == decayed(t)", given=_ROOTS, recursion=("t", _STEP)),
        Conclusion("b == b0*root1**t*(1 + t*(1 - root1))", given=_DOUBLE, recursion=("t", _STEP)),
        Conclusion("decayed(t) == b0*root1**t", given=("root2 == 0",)),
        Conclusion("nesterov(nesterov(b, vel), next_vel(b, vel)) - (1 + rho)*(1 - eta*lam)*nesterov(b, vel)"
                   " + rho*(1 - eta*lam)*b == 0"),
    ),
    proof=(
        chain("gradient", "The gradient of the loss.", """
          sum(k, g[k]*diff(y_at(k, b), b))
        = sum(k, g[k]*diff(y_at(k, 0), b))  -- the bias cancels in the output
        = 0                                 -- no {b} is left to differentiate by
        """),
        chain("velocity", "So the loss has no say in the velocity.", """
          rho*vel + (G + lam*b)
        = rho*vel + (0 + lam*b)  -- {G} is the derivative of the loss
        = next_vel(b, vel)       -- definition of {next_vel(b, vel)}
        """, given=("G == sum(k, g[k]*diff(y_at(k, b), b))",)),
        chain("recurrence", "Three biases in a row are tied to each other, by {rho} and {eta*lam} alone.", """
          next_b(next_b(b, vel), next_vel(b, vel)) - (1 + rho - eta*lam)*next_b(b, vel) + rho*b
        = next_b(b, vel) - eta*(rho*next_vel(b, vel) + lam*next_b(b, vel)) - (1 + rho - eta*lam)*next_b(b, vel) + rho*b
            -- definition of the second step
        = rho*(b - eta*next_vel(b, vel) - next_b(b, vel))  -- collect {next_b(b, vel)}
        = 0                                                -- definition of the first step
        """),
        chain("polynomial", "Write {rho} and {lam} in terms of the roots of this recurrence.", """
          h**2 - (1 + rho - eta*lam)*h + rho
        = h**2 - (1 + root1*root2 - (1 - root1)*(1 - root2))*h + root1*root2  -- insert them
        = (h - root1)*(h - root2)  -- {1 + root1*root2 - (1 - root1)*(1 - root2) == root1 + root2}
        """, given=_ROOTS),
        induction("two_roots", "Two different roots. Bias and velocity together, from {b0} and 0:", time="t",
            given=(*_ROOTS, "root1 != root2"), states=(
            state("b", start="b0", update="next_b(b, vel)", closed="decayed(t)",
                  base="""
                  = b0*((1 - root2)*root1 - (1 - root1)*root2)/(root1 - root2)  -- no step yet
                  = b0                                                          -- {root1*root2} cancels above the line
                  """,
                  step="""
                  = (1 - (1 - root1)*(1 - root2))*decayed(t) - eta*root1*root2*speed(t)  -- insert both after {t} steps
                  = b0*((1 - root2)*root1**(t + 1)*(1 - (1 - root1)*(1 - root2) - root2*(1 - root1))
                      - (1 - root1)*root2**(t + 1)*(1 - (1 - root1)*(1 - root2) - root1*(1 - root2)))/(root1 - root2)
                      -- sort by the two powers
                  = b0*((1 - root2)*root1**(t + 2) - (1 - root1)*root2**(t + 2))/(root1 - root2)
                      -- the two brackets are {root1} and {root2}
                  """),
            state("vel", start="0", update="next_vel(b, vel)", closed="speed(t)",
                  base="""
                  = b0*(1 - root1)*(1 - root2)*(1 - 1)/(eta*(root1 - root2))  -- no step yet
                  = 0                                                         -- 1 minus 1
                  """,
                  step="""
                  = b0*(1 - root1)*(1 - root2)/(eta*(root1 - root2))
                      *(root1*root2*(root1**t - root2**t) + (1 - root2)*root1**(t + 1) - (1 - root1)*root2**(t + 1))
                      -- insert both after {t} steps; a common factor
                  = speed(t + 1)  -- {root1*root2} times either power is taken away again
                  """))),
        induction("double_root", "A double root {root1}, not 0:", time="t", given=_DOUBLE, states=(
            state("b", start="b0", update="next_b(b, vel)", closed="b0*root1**t*(1 + t*(1 - root1))",
                  base="= b0*1*(1 + 0)  -- no step yet",
                  step="""
                  = b0*root1**t*((1 - (1 - root1)**2)*(1 + t*(1 - root1)) - root1*(1 - root1)**2*t)
                      -- insert both after {t} steps
                  = b0*root1**(t + 1)*(1 + (t + 1)*(1 - root1))  -- collect {t}
                  """),
            state("vel", start="0", update="next_vel(b, vel)", closed="t*b0*(1 - root1)**2*root1**t/(eta*root1)",
                  base="= 0  -- no step yet",
                  step="""
                  = b0*(1 - root1)**2*root1**t/eta*(root1*t + 1 + t*(1 - root1))  -- insert both after {t} steps
                  = b0*(1 - root1)**2*root1**t/eta*(t + 1)                        -- {root1*t} cancels
                  """))),
        chain("plain_descent", "With {rho == 0} one root is 0, and plain descent is left.", """
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
        chain("nesterov", "Nesterov's momentum steps by {lam*b + rho*next_vel(b, vel)} instead. Its recurrence has other "
              "roots:", """
          nesterov(nesterov(b, vel), next_vel(b, vel)) - (1 + rho)*(1 - eta*lam)*nesterov(b, vel) + rho*(1 - eta*lam)*b
        = 0  -- insert the steps
        """),
        Say("They are the roots of {h**2 - (1 + rho)*(1 - eta*lam)*h + rho*(1 - eta*lam)}, and their product is {rho*(1 - "
            "eta*lam)} instead of {rho}."),
    ),
    sources=("S4.a",),
    definitions=definitions(
        *BATCHNORM_AT,
        *HEAVY_BALL,
        ("speed(t)", "b0*(1 - root1)*(1 - root2)*(root1**t - root2**t)/(eta*(root1 - root2))", r"\hat\nu_{#1}", "ν̂_#1",
         "the velocity after so many steps"),
        ("nesterov(b, vel)", "b - eta*(lam*b + rho*next_vel(b, vel))", "b^{N}(#1, #2)", "bᴺ(#1, #2)",
         "the bias after one more step with Nesterov's momentum"),
    ),
    remark="“When momentum and weight decay let a redundant bias die out” says under which conditions it dies out, and what "
    "becomes of a complex pair of roots. PyTorch's SGD does this (momentum, weight_decay); its first velocity is the first "
    "gradient, as here. At momentum 0.9, learning rate 0.1 and weight decay 0.01 a share of 1.6e-05 of the bias is left after "
    "1000 steps, not 0.37 as without momentum. With dampening, the gradient, decay included, is multiplied by a number before "
    "it enters the velocity, from the second step on.",
)
