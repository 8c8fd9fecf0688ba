"""With momentum ρ < 1 and 0 < ηλ < 2(1 + ρ), weight decay lets a redundant bias die out.

Statement: (1 − r₁²)(1 − r₂²) = ηλ(2(1 + ρ) − ηλ) and 1 − ρ² = (1 − r₁²) + r₁²(1 − r₂²) for real roots, which therefore lie
between −1 and 1; for a complex pair (4ρ − (1 + ρ − ηλ)²)·b_t² ≤ 4ρ·ρ^t·ηλ·b₀².
"""

from __future__ import annotations

from ...symbolic.inferences import DiesOut, Say, chain, induction, sign, witness
from ..definitions import HEAVY_BALL, definitions
from ..theorem import Conclusion, Hypothesis, Theorem

_ROOTS = ("rho == root1*root2", "lam == (1 - root1)*(1 - root2)/eta")
_DOUBLE = ("rho == root1**2", "lam == (1 - root1)**2/eta")
_COMPLEX = ("4*rho > (1 + rho - eta*lam)**2",)

THEOREM = Theorem(
    name="redundant_bias_dies_out_of_heavy_ball",
    title="When momentum and weight decay let a redundant bias die out",
    statement="A bias without a gradient from the loss, and its velocity, go to {next_b(b, vel)} and {next_vel(b, vel)} in "
    "each step, with learning rate {eta}, weight decay {lam} and momentum {rho}; the velocity is 0 at the start. Let {rho < "
    "1}, {lam > 0} and {eta*lam < 2*(1 + rho)}. With real roots, {rho == root1*root2} and {lam == (1 - root1)*(1 - "
    "root2)/eta}, both lie between −1 and 1, {root1**2 < 1} and {root2**2 < 1}. The bias, which “With momentum, a redundant "
    "bias under weight decay follows the powers of two roots” shows to be {decayed(t)} for {root1 != root2} and "
    "{b0*root1**t*(1 + t*(1 - root1))} for a double root, dies out: both tend to 0. If neither root is negative, both lie "
    "below 1 by at least {eta*lam/(1 - rho)}, {1 - root1 >= eta*lam/(1 - rho)} and {1 - root2 >= eta*lam/(1 - rho)}, where "
    "plain descent has the one root {1 - eta*lam}. If the roots are a complex pair, {4*rho > (1 + rho - eta*lam)**2}, then "
    "{form(b, vel)} is multiplied by {rho} in each step, {form(next_b(b, vel), next_vel(b, vel)) == rho*form(b, vel)}; what "
    "begins with {form(b0, 0)} and is multiplied so is {rho**t*eta*lam*b0**2} after {t} steps. It bounds the bias, {(4*rho - "
    "(1 + rho - eta*lam)**2)*b**2 <= 4*rho*form(b, vel)}. So wherever {form(b, vel) <= rho**t*eta*lam*b0**2}, there {b**2 <= "
    "bound(t)}, which tends to 0.",
    hypotheses=(
        Hypothesis("{rho < 1}, for the bias to die out.",
            witness("With {rho == 1} and {eta*lam == 2} it goes 1, −1, −1, 1, and from there on round and round: its "
                    "velocity is 0 again.",
                    {"b0": 1, "eta": 1, "lam": 2, "rho": 1}, """
              next_b(1, 0) == -1
              next_vel(1, 0) == 2
              next_b(-1, 2) == -1
              next_vel(-1, 2) == 0
              next_b(-1, 0) == 1
              next_vel(-1, 0) == -2
              next_b(1, -2) == 1
              next_vel(1, -2) == 0
            """), formal=("rho < 1",)),
        Hypothesis("{eta*lam < 2*(1 + rho)}, for the bias to die out.",
            witness("With {rho == 1/2} and {eta*lam == 3} the root −1 remains: 1, −2, 5/2 after two steps is further from 0 "
                    "than at the start.",
                    {"b0": 1, "eta": 1, "lam": 3, "rho": "1/2"}, """
              next_b(b0, 0) == -2
              next_b(next_b(b0, 0), next_vel(b0, 0)) == 5/2
              (-1)**2 - (1 + rho - eta*lam)*(-1) + rho == 0
            """), formal=("eta*lam < 2*(1 + rho)",)),
        Hypothesis("{lam > 0}, for the bias to die out.",
            witness("Without weight decay nothing moves it.", {"b0": 5, "eta": 1, "lam": 0, "rho": "1/2"}, """
              next_b(b0, 0) == 5
              next_vel(b0, 0) == 0
            """), formal=("lam > 0",)),
    ),
    conclusions=(
        Conclusion("root1**2 < 1", given=_ROOTS),
        Conclusion("root2**2 < 1", given=_ROOTS),
        Conclusion("decayed(t) == 0", given=(*_ROOTS, "root1 != root2"), limit="t"),
        Conclusion("b0*root1**t*(1 + t*(1 - root1)) == 0", given=_DOUBLE, limit="t"),
        Conclusion("1 - root1 >= eta*lam/(1 - rho)", given=(*_ROOTS, "root2 >= 0")),
        Conclusion("1 - root2 >= eta*lam/(1 - rho)", given=(*_ROOTS, "root1 >= 0")),
        Conclusion("form(next_b(b, vel), next_vel(b, vel)) == rho*form(b, vel)"),
        Conclusion("h == rho**t*eta*lam*b0**2", recursion=("t", (("h", "form(b0, 0)", "rho*h"),))),
        Conclusion("(4*rho - (1 + rho - eta*lam)**2)*b**2 <= 4*rho*form(b, vel)"),
        Conclusion("b**2 <= bound(t)", given=(*_COMPLEX, "form(b, vel) <= rho**t*eta*lam*b0**2")),
        Conclusion("bound(t) == 0", given=_COMPLEX, limit="t", example={"rho": "1/2", "eta": 1, "lam": "1/2"}),
    ),
    proof=(
        Say("When do the powers of real roots die out?"),
        sign("product", "The product of {1 - root1**2} and {1 - root2**2} is positive. So the two factors have the same "
             "sign.", """
          (1 - root1**2)*(1 - root2**2)
        = (1 - root1)*(1 - root2)*((1 + root1)*(1 + root2))                        -- (1 − x)(1 + x) = 1 − x², twice
        = (1 - root1)*(1 - root2)*(2*(1 + root1*root2) - (1 - root1)*(1 - root2))  -- expand
        = eta*lam*(2*(1 + rho) - eta*lam)                                          -- insert {rho} and {lam}
        > 0                                                                        -- a product of positive numbers
        """, given=(*_ROOTS, "lam > 0", "eta*lam < 2*(1 + rho)")),
        sign("above", "Momentum is above −1 in any case,", """
          1 + rho
        = 1/2*(2*(1 + rho) - eta*lam + eta*lam)  -- add and take away {eta*lam}
        > 0                                      -- a sum of positive numbers
        """, given=("lam > 0", "eta*lam < 2*(1 + rho)")),
        sign("below", "and below 1. So its square is.", """
          1 - rho**2
        = (1 - rho)*(1 + rho)  -- difference of two squares
        > 0                    -- a product of positive numbers
        """, given=("rho < 1",), since=("above",)),
        sign("rest", "So two other sums of the two factors are positive as well. The one:", """
          (1 - root1**2) + root1**2*(1 - root2**2)
        = 1 - root1**2*root2**2  -- {root1**2} cancels
        = 1 - rho**2             -- {rho == root1*root2}
        > 0                      -- as just shown
        """, given=_ROOTS, since=("below",)),
        sign("rest_turned", "The other:", """
          (1 - root2**2) + root2**2*(1 - root1**2)
        = 1 - rho**2  -- {root2**2} cancels
        > 0           -- as before
        """, given=_ROOTS, since=("below",)),
        sign("first", "So the first factor is positive, for it is a quotient of positive numbers,", """
          1 - root1**2
        = ((1 - root1**2)**2 + root1**2*((1 - root1**2)*(1 - root2**2)))/((1 - root1**2) + root1**2*(1 - root2**2))
            -- multiply by the sum, and divide by it
        > 0  -- its square, and a square times the product, over the sum
        """, since=("product", "rest")),
        sign("second", "and so is the second.", """
          1 - root2**2
        = ((1 - root2**2)**2 + root2**2*((1 - root1**2)*(1 - root2**2)))/((1 - root2**2) + root2**2*(1 - root1**2))
            -- multiply by the other sum, and divide by it
        > 0  -- as before
        """, since=("product", "rest_turned")),
        DiesOut("Hence the bias dies out: two different roots,", time="t", term="decayed(t)", ratios=("root1", "root2"),
                since=("first", "second")),
        sign("double", "or a double root.", """
          1 - root1**2
        = 1 - rho  -- {rho == root1**2}
        > 0        -- as supposed
        """, given=(*_DOUBLE, "rho < 1")),
        DiesOut("There the power wins over {t}.", time="t", term="b0*root1**t*(1 + t*(1 - root1))", ratios=("root1", "root1"),
                since=("double",)),
        sign("slower", "How much faster than without momentum? If the other root is not negative, a root lies below 1 by at "
             "least {eta*lam/(1 - rho)}.", """
          1 - root1 - eta*lam/(1 - rho)
        = 1 - root1 - (1 - root1)*(1 - root2)/(1 - root1*root2)  -- insert {rho} and {lam}
        = (1 - root1)**2*root2/(1 - rho)                         -- common denominator
        >= 0                                                     -- a square times positive numbers
        """, given=(*_ROOTS, "rho < 1", "root2 >= 0")),
        sign("other", "The other root likewise.", """
          1 - root2 - eta*lam/(1 - rho)
        = (1 - root2)**2*root1/(1 - rho)  -- as before
        >= 0                              -- a square times positive numbers
        """, given=(*_ROOTS, "rho < 1", "root1 >= 0")),
        Say("Without momentum the root is {1 - eta*lam}, and lies below 1 by {eta*lam}. At {rho == 9/10} two roots that are "
            "not negative lie below 1 by at least ten times as much."),
        Say("A complex pair. Compare a quadratic form in bias and velocity before and after a step."),
        chain("form", "It is multiplied by {rho}.", """
          form(next_b(b, vel), next_vel(b, vel))
        = eta*lam*(b - eta*next_vel(b, vel))**2 - (1 - rho - eta*lam)*eta*(b - eta*next_vel(b, vel))*next_vel(b, vel)
            + rho*eta**2*next_vel(b, vel)**2
            -- definition of the step
        = eta*lam*b**2 - (1 - rho + eta*lam)*eta*b*next_vel(b, vel) + eta**2*next_vel(b, vel)**2  -- sort by powers of {b}
        = rho*(eta*lam*b**2 - (1 - rho - eta*lam)*eta*b*vel + rho*eta**2*vel**2)
            -- insert {next_vel(b, vel)}, and sort again
        = rho*form(b, vel)  -- definition of {form(b, vel)}
        """),
        induction("powers", "So it falls like the powers of {rho}, from {eta*lam*b0**2}. Call its value {h}.", time="t",
            state="h", start="form(b0, 0)", update="rho*h", closed="rho**t*eta*lam*b0**2",
            base="= eta*lam*b0**2  -- no velocity yet",
            step="= rho**(t + 1)*eta*lam*b0**2  -- one power more"),
        sign("bounds", "And it bounds the bias.", """
          4*rho*form(b, vel) - (4*rho - (1 + rho - eta*lam)**2)*b**2
        = (2*rho*eta*vel - (1 - rho - eta*lam)*b)**2  -- complete the square
        >= 0                                          -- a square
        """),
        sign("momentum", "For a complex pair {rho} is positive.", """
          rho
        = 1/4*(4*rho - (1 + rho - eta*lam)**2 + (1 + rho - eta*lam)**2)  -- add and take away the square
        > 0                                                              -- a positive number and a square
        """, given=_COMPLEX),
        sign("bounded", "So the powers of {rho} bound the bias,", """
          bound(t) - b**2
        = (4*rho*(rho**t*eta*lam*b0**2 - form(b, vel)) + (2*rho*eta*vel - (1 - rho - eta*lam)*b)**2)
            /(4*rho - (1 + rho - eta*lam)**2)
            -- the square just completed
        >= 0  -- no term is negative
        """, given=(*_COMPLEX, "form(b, vel) <= rho**t*eta*lam*b0**2"), since=("momentum",)),
        DiesOut("and they die out.", time="t", term="bound(t)", ratios=("rho",), since=("below",)),
    ),
    sources=("S4.a",),
    definitions=definitions(
        *HEAVY_BALL,
        ("form(b, vel)", "eta*lam*b**2 - (1 - rho - eta*lam)*eta*b*vel + rho*eta**2*vel**2", "Q(#1, #2)", "Q(#1, #2)",
         "a quadratic form in bias and velocity"),
        ("bound(t)", "4*rho**(t + 1)*eta*lam*b0**2/(4*rho - (1 + rho - eta*lam)**2)", r"\bar b_{#1}", "b̄_#1",
         "what the square of the bias is not above after so many steps"),
    ),
)
