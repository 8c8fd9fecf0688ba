"""Conv → leaky ReLU (slope a) → BatchNorm: the bias matters unless a = 1 or all units lie on one side.

Statement (ε > 0): the normalised output is stationary in b iff a = 1 or m ∈ {0, n}; a = 0 is ReLU. At ε = 0 also if, and
otherwise only if, all activations on each side of 0 are equal.
"""

from __future__ import annotations

from ...symbolic.inferences import Case, Cases, Say, Use, chain, sign, witness
from ..definitions import definitions
from ..theorem import Hypothesis, Theorem
from .output_moves_of_pointwise_activation_before_batchnorm import THEOREM as POINTWISE

THEOREM = Theorem(
    name="output_moves_of_leaky_relu_before_batchnorm",
    title="With a leaky ReLU between and ε > 0 the bias acts unless the slope is 1 or all units lie on one side",
    statement="A leaky ReLU has slope 1 where {chi[i] == 1} ({m} units of {n}) and slope {a} elsewhere. With {eps > 0} the "
    "normalised output stands still under small changes of the bias if and only if {a == 1}, or {m == 0}, or {m == n}. With "
    "{eps == 0} and a nonzero variance it also does so if all activations on each side of 0 are equal, and otherwise only if "
    "{a == 1}, {m == 0} or {m == n}.",
    hypotheses=(
        Hypothesis("{a != 1}, for the bias to matter.",
            witness("With {a == 1} the activation is the identity and the derivatives vanish.",
                    {"n": 2, "f": (-1, 2), "d": (1, 1), "b": 0, "eps": 1}, """
              D(1) == 0
              D(2) == 0
            """)),
        Hypothesis("{eps > 0}, for “if and only if”.",
            witness("With {eps == 0}, one positive and one negative value always normalise to 1 and −1.",
                    {"n": 2, "f": ("-1/2", 2), "d": ("1/2", 1), "b": 0, "eps": 0}, """
              D(1) == 0
              D(2) == 0
            """)),
    ),
    proof=(
        Say("By the theorem on pointwise activations ({eps > 0}) the outputs stand still if and only if all slopes agree. So "
            "look at the slopes' squared deviations from their mean."),
        Use("The slopes can be read back from the derivatives:", "output_moves_of_pointwise_activation_before_batchnorm",
            "slopes_from_derivatives", "d[k] - md", "sf*D(k) + (act(k) - mf)*sf/eps * mean(j, (act(j) - mf)*D(j))"),
        chain("A slope's deviation from the mean slope.", """
          d[k] - md
        = a + (1 - a)*chi[k] - mean(i, a + (1 - a)*chi[i])  -- slope 1 where active, {a} elsewhere
        = (1 - a)*(chi[k] - m/n)                            -- {m} of {n} are active
        """, given=("d[i] == a + (1 - a)*chi[i]",)),
        Cases("When is that 0 for all {k}?", "m", (
            Case("No unit on the positive side", ("0", "0"), (
                chain("All slopes are {a}.", """
                  (1 - a)*(chi[k] - m/n)
                = 0  -- {chi[k]} and {m} are 0
                """),
            )),
            Case("Units on both sides", ("1", "n - 1"), (
                sign("If {a != 1}, that is {(1 - a)**2 > 0}, some deviation is not 0.", """
                  sum(k, ((1 - a)*(chi[k] - m/n))**2)
                = (1 - a)**2 * (m - 2*m**2/n + m**2/n)  -- multiply out; {chi[k]**2 == chi[k]}
                = (1 - a)**2 * m*(n - m)/n              -- collect
                > 0                                     -- a product of positive numbers
                """, given=("a != 1",)),
            )),
            Case("All units on the positive side", ("n", "n"), (
                chain("All slopes are 1.", """
                  (1 - a)*(chi[k] - m/n)
                = 0  -- {chi[k] == 1} and {m == n}
                """),
            )),
        )),
        chain("If {a == 1}, no slope deviates, whatever the pattern.", """
          (1 - a)*(chi[k] - m/n)
        = 0  -- the first factor is 0
        """, given=("a == 1",)),
        chain("The exception at {eps == 0}: all positive pre-activations {p}, all others {q}. The activations take two values, "
              "{dist} apart, and normalising two values forgets their distance.", """
          D(k)
        = (d[k] - md)/sf - (act(k) - mf)*cov/sf**3  -- the general formula
        = (1 - a)*(chi[k] - m/n)/sf - (1 - a)*(chi[k] - m/n)*dist**2*(m/n)*(1 - m/n)/sf**3
            -- activations and slopes both follow {chi[k]}, which has variance {m/n*(1 - m/n)}
        = (1 - a)*(chi[k] - m/n)/sf**3 * (sf**2 - dist**2*(m/n)*(1 - m/n))  -- common factor
        = 0                                         -- the bracket is 0: {sf**2} is the variance of the activations
        """, given=("f[i] == chi[i]*p + (1 - chi[i])*a*q", "d[i] == chi[i] + (1 - chi[i])*a", "eps == 0",)),
        chain("Conversely, from the formula for {D(k)}.", """
          (act(k) - mf)*cov/sf**2
        = d[k] - md - sf*D(k)               -- solve it
        = (1 - a)*(chi[k] - m/n) - sf*D(k)  -- the slope's deviation
        """, given=("d[i] == a + (1 - a)*chi[i]",)),
        Say("If all {D(k)} are 0, {a != 1} and {0 < m < n}, the right-hand side is not 0; so neither is {cov}, and the "
            "activations take one value on each side."),
        witness("Slope 1/2, three values, {eps == 1}: the output does move.",
                {"n": 3, "f": ("-1/2", 1, 2), "d": ("1/2", 1, 1), "b": 0, "eps": 1}, "D(1) != 0"),
    ),
    sources=("S2.e",),
    definitions={
        **POINTWISE.definitions,
        **definitions(
            ("dist", "(p + b) - a*(q + b)", r"\delta", "δ", "distance of the two activation values"),
        ),
    },
)
