"""With momentum ρ < 1 and 0 < ηλ < 2(1 + ρ), weight decay lets a redundant bias die out.

Statement: (1 − r₁²)(1 − r₂²) = ηλ(2(1 + ρ) − ηλ) and 1 − ρ² = (1 − r₁²) + r₁²(1 − r₂²) for real roots, which therefore lie
between −1 and 1; for a complex pair (4ρ − (1 + ρ − ηλ)²)·b_t² ≤ 4ρ·ρ^t·ηλ·b₀².
"""

from __future__ import annotations

from ...symbolic.inferences import DiesOut, Induction, Say, State, chain, sign, witness
from ..definitions import HEAVY_BALL, definitions
from ..theorem import Conclusion, Hypothesis, Theorem

THEOREM = Theorem(
    name="redundant_bias_dies_out_of_heavy_ball",
    title="When momentum and weight decay let a redundant bias die out",
    statement="A bias without a gradient from the loss, and its velocity, go to {next_b(b, vel)} and {next_vel(b, vel)} in each step, "
    "with learning rate {eta}, weight decay {lam} and momentum {rho}; the velocity is 0 at the start. Let "
    "{0 <= rho < 1}, {lam > 0} and {eta*lam < 2*(1 + rho)}. If {h**2 - (1 + rho - eta*lam)*h + rho} has real roots, they lie between −1 "
    "and 1, and the bias, a combination of their powers, dies out; two positive roots are both at least {eta*lam/(1 - rho)} away "
    "from 1, where plain descent has the one root {1 - eta*lam}. If they are a complex pair, "
    "{(4*rho - (1 + rho - eta*lam)**2)*b**2 <= 4*rho*form(b, vel)}, and {form(b, vel)} is multiplied by {rho} in each step: it is "
    "{rho**t*eta*lam*b0**2} after {t} steps, and the bias dies out as well.",
    hypotheses=(
        Hypothesis("{rho < 1}, for the bias to die out.",
            witness("With {rho == 1} and {eta*lam == 2} it goes 1, −1, −1, 1, and from there on "
                    "round and round: its velocity is 0 again.",
                    {"b0": 1, "eta": 1, "lam": 2, "rho": 1}, """
              next_b(1, 0) == -1
              next_vel(1, 0) == 2
              next_b(-1, 2) == -1
              next_vel(-1, 2) == 0
              next_b(-1, 0) == 1
              next_vel(-1, 0) == -2
              next_b(1, -2) == 1
              next_vel(1, -2) == 0
            """),
            formal=("0 <= rho", "rho < 1")),
        Hypothesis("{eta*lam < 2*(1 + rho)}, for the bias to die out.",
            witness("With {rho == 1/2} and {eta*lam == 3} the root −1 remains: 1, −2, 5/2 after two "
                    "steps is further from 0 than at the start.",
                    {"b0": 1, "eta": 1, "lam": 3, "rho": "1/2"}, """
              next_b(b0, 0) == -2
              next_b(next_b(b0, 0), next_vel(b0, 0)) == 5/2
              (-1)**2 - (1 + rho - eta*lam)*(-1) + rho == 0
            """),
            formal=("eta*lam < 2*(1 + rho)",)),
        Hypothesis("{lam > 0}, for the bias to die out.",
            witness("Without weight decay nothing moves it.", {"b0": 5, "eta": 1, "lam": 0, "rho": "1/2"}, """
              next_b(b0, 0) == 5
              next_vel(b0, 0) == 0
            """),
            formal=("lam > 0",)),
    ),
    conclusions=(
        Conclusion(
            "eta*lam*(2*(1 + rho) - eta*lam) == (1 - root1**2)*(1 - root2**2)",
            given=("rho == root1*root2", "lam == (1 - root1)*(1 - root2)/eta"),
        ),
        Conclusion("eta*lam*(2*(1 + rho) - eta*lam) > 0"),
        Conclusion("1 - rho**2 > 0"),
        Conclusion("1 - rho**2 == (1 - root1**2) + root1**2*(1 - root2**2)", given=("rho == root1*root2",)),
        Conclusion(
            "decayed(t) == 0", given=("root1 > -1", "root1 < 1", "root2 > -1", "root2 < 1", "root1 != root2"), limit="t"
        ),
        Conclusion("b0*root1**t*(1 + t*(1 - root1)) == 0", given=("root1 > -1", "root1 < 1"), limit="t"),
        Conclusion("1 - root1 >= (1 - root1)*(1 - root2)/(1 - root1*root2)", given=("root2 > 0", "1 - root1*root2 > 0")),
        Conclusion("form(next_b(b, vel), next_vel(b, vel)) == rho*form(b, vel)"),
        Conclusion("h == rho**t*eta*lam*b0**2", recursion=("t", (("h", "form(b0, 0)", "rho*h"),))),
        Conclusion("(4*rho - (1 + rho - eta*lam)**2)*b**2 <= 4*rho*form(b, vel)"),
    ),
    proof=(
        Say("When do the powers of real roots die out?"),
        chain("The product of {1 - root1**2} and {1 - root2**2}, in terms of the coefficients.", """
          eta*lam*(2*(1 + rho) - eta*lam)
        = (1 - root1)*(1 - root2)*(2*(1 + root1*root2) - (1 - root1)*(1 - root2))  -- insert {rho} and {lam}
        = (1 - root1)*(1 - root2)*((1 + root1)*(1 + root2))                        -- expand
        = (1 - root1**2)*(1 - root2**2)                                            -- (1 − x)(1 + x) = 1 − x², twice
        """, given=("rho == root1*root2", "lam == (1 - root1)*(1 - root2)/eta")),
        sign("It is positive for {0 < eta*lam < 2*(1 + rho)}. So the two factors have the same sign.", """
          eta*lam*(2*(1 + rho) - eta*lam)
        > 0  -- a product of positive numbers
        """, given=("lam > 0", "eta*lam < 2*(1 + rho)")),
        sign("For {0 <= rho < 1} this is positive as well.", """
          1 - rho**2
        = (1 - rho)*(1 + rho)  -- difference of two squares
        > 0                    -- a product of positive numbers
        """, given=("rho >= 0", "rho < 1")),
        chain("So both factors are positive, for if they were not, this would not be so.", """
          1 - rho**2
        = 1 - root1**2*root2**2                     -- {rho == root1*root2}
        = (1 - root1**2) + root1**2*(1 - root2**2)  -- add and take away {root1**2}
        """, given=("rho == root1*root2",)),
        Say("So {root1} and {root2} lie between −1 and 1."),
        sign("first_root", "For the first root,", """
          1 - root1**2
        = (1 - root1)*(1 + root1)  -- difference of two squares
        > 0                        -- a product of positive numbers
        """, given=("root1 > -1", "root1 < 1")),
        sign("second_root", "and for the second:", """
          1 - root2**2
        = (1 - root2)*(1 + root2)  -- difference of two squares
        > 0                        -- a product of positive numbers
        """, given=("root2 > -1", "root2 < 1")),
        DiesOut(
            "So the bias dies out,",
            time="t",
            term="decayed(t)",
            ratios=("root1", "root2"),
            since=("first_root", "second_root"),
            given=("root1 != root2",),
        ),
        DiesOut(
            "also with a double root.",
            time="t",
            term="b0*root1**t*(1 + t*(1 - root1))",
            ratios=("root1", "root1"),
            since=("first_root",),
        ),
        sign("How much faster than without momentum? The slower root is further from 1 than {eta*lam/(1 - rho)}.", """
          (1 - root1) - (1 - root1)*(1 - root2)/(1 - root1*root2)
        = (1 - root1)**2*root2/(1 - root1*root2)  -- common denominator
        >= 0                                      -- a square times positive numbers
        """, given=("root2 > 0", "1 - root1*root2 > 0")),
        Say("Without momentum the root is {1 - eta*lam}: for {rho == 9/10} the bias shrinks at "
            "least ten times as fast in the long run."),
        Say("A complex pair. Compare a quadratic form in bias and velocity before and after a step."),
        chain("form", "It is multiplied by {rho}.", """
          form(next_b(b, vel), next_vel(b, vel))
        = eta*lam*(b - eta*next_vel(b, vel))**2 - (1 - rho - eta*lam)*eta*(b - eta*next_vel(b, vel))*next_vel(b, vel)
            + rho*eta**2*next_vel(b, vel)**2                                      -- definition of the step
        = eta*lam*b**2 - (1 - rho + eta*lam)*eta*b*next_vel(b, vel) + eta**2*next_vel(b, vel)**2  -- sort by powers of {b}
        = rho*(eta*lam*b**2 - (1 - rho - eta*lam)*eta*b*vel + rho*eta**2*vel**2)  -- insert {next_vel(b, vel)}, and sort again
        = rho*form(b, vel)                                                        -- definition of {form(b, vel)}
        """),
        Induction(
            "So it falls like the powers of {rho}, from {eta*lam*b0**2}. Call its value {h}.",
            time="t",
            states=(
                State(
                    "h",
                    start="form(b0, 0)",
                    update="rho*h",
                    closed="rho**t*eta*lam*b0**2",
                    base=(("eta*lam*b0**2", "no velocity yet"),),
                    step=(("rho**(t + 1)*eta*lam*b0**2", "one power more"),),
                ),
            ),
        ),
        sign("And it bounds the bias: {b**2} times {4*rho - (1 + rho - eta*lam)**2}, which is positive for a complex pair, "
             "is not more than {4*rho} times the form.", """
          4*rho*form(b, vel) - (4*rho - (1 + rho - eta*lam)**2)*b**2
        = (2*rho*eta*vel - (1 - rho - eta*lam)*b)**2  -- complete the square
        >= 0                                          -- a square
        """),
    ),
    sources=("S4.a",),
    definitions=definitions(
        *HEAVY_BALL,
        ("form(b, vel)", "eta*lam*b**2 - (1 - rho - eta*lam)*eta*b*vel + rho*eta**2*vel**2", "Q(#1, #2)", "Q(#1, #2)",
         "a quadratic form in bias and velocity"),
    ),
)
