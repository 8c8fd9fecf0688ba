"""Under batch statistics the gradient with respect to a bias before BatchNorm is zero, for every loss of the outputs.

Statement: dz_i = γ/(n s)·(n g_i − Σg − x̂_i Σ g x̂) for symbolic n, and Σ_i dz_i = 0.
"""

from __future__ import annotations

from ...symbolic.inferences import Say, Undefined, Use, chain, witness
from ..definitions import BATCHNORM, BATCHNORM_AT, DZ, definitions
from ..theorem import Conclusion, Hypothesis, Theorem

THEOREM = Theorem(
    name="bias_gradient_vanishes_of_batch_statistics",
    title="The gradient of a bias before batch normalisation is zero if batch statistics are used",
    statement="Take any differentiable loss of the outputs {y_at(j, b)}, and let {g[j]} be its derivatives by them. By the "
    "chain rule its derivative with respect to anything before the outputs is that of {sum(j, g[j]*y_at(j, b))} with {g[j]} "
    "held fixed. For every {b}, {gamma}, {beta}, {n} and {eps} with {v + eps > 0}, the derivative with respect to the input "
    "{z[i]} is {dz(i) == gamma/(n*s) * (n*g[i] - sum(j, g[j]) - xhat(i)*sum(j, g[j]*xhat(j)))}. These add up to {sum(i, "
    "dz(i)) == 0}. Since {b} is added to every input, this sum is the gradient of {b}: it is 0, whatever the {g[j]} are.",
    hypotheses=(
        Hypothesis("The derivative goes through the mean and the variance (they are not held constant, stored or frozen).",
            witness("With the statistics held constant, the gradient of {b} is {gamma/s * sum(i, g[i])}, here not 0.",
                    {"n": 2, "z": (-1, 1), "g": (1, 0), "gamma": 1, "beta": 0, "eps": 0},
                    "gamma/s * sum(i, g[i]) == 1")),
        Hypothesis("Every value normalised together receives the same bias.",
            witness("The gradient of a bias that only the first value receives is {dz(1)}, here not 0.",
                    {"n": 3, "z": (0, 1, 2), "g": (1, 0, 0), "gamma": 1, "beta": 0, "eps": "1/3"}, "dz(1) == 1/3")),
        Hypothesis("The loss sees {b} through the outputs only.",
            witness("A penalty {b**2/2}, as weight decay has it, adds its own gradient {b}, here 4.", {"b": 4},
                    "diff(b**2/2, b) == 4")),
        Hypothesis("{v + eps > 0}: the division is defined.",
            Undefined("With {eps == 0} and equal values there is nothing to divide by.",
                      {"n": 2, "z": (3, 3), "g": (1, 0), "gamma": 1, "beta": 0, "eps": 0}, "dz(1)"),
            formal=("v + eps > 0",)),
    ),
    conclusions=(
        Conclusion("diff(sum(j, g[j]*y_at(j, b)), z[i]) == dz(i)"),
        Conclusion("sum(i, dz(i)) == 0"),
        Conclusion("diff(sum(j, g[j]*y_at(j, b)), b) == sum(i, dz(i))"),
        Conclusion("diff(sum(j, g[j]*y_at(j, b)), b) == 0"),
    ),
    proof=(
        Use("The output does not depend on {b}.", "bias_cancels_of_batch_statistics", "output", "y_at(j, b)",
            "y_at(j, 0)", where={"k": "j"}),
        chain("one_line", "So no loss depends on {b}, and in one line the gradient is 0.", """
          diff(sum(j, g[j]*y_at(j, b)), b)
        = diff(sum(j, g[j]*y_at(j, 0)), b)  -- the bias cancels in the output
        = 0                                 -- no {b} is left to differentiate by
        """),
        Say("The calculation that follows does more: it finds the derivative with respect to each single input, as a backward "
            "pass computes it, and shows where these derivatives cancel. Round-off enters exactly there."),
        chain("The mean reacts to each input alike.", """
          diff(mu, z[i])
        = 1/n * sum(j, delta(i, j))  -- of the terms, only number {i} contains {z[i]}
        = 1/n                        -- exactly one index equals {i}
        """),
        chain("variance", "The variance reacts through the centred value.", """
          diff(v, z[i])
        = 1/n * sum(j, 2*(z[j] - mu)*(delta(i, j) - 1/n))  -- chain rule; the mean moves by {1/n}
        = 2/n * (z[i] - mu) - 2/n**2 * sum(j, z[j] - mu)   -- split the sum
        = 2/n * (z[i] - mu)                                -- centred values add up to 0
        """),
        chain("So does the denominator {s == sqrt(v + eps)}.", """
          diff(s, z[i])
        = 1/(2*s) * (2/n) * (z[i] - mu)  -- derivative of a root, times that of {v}
        = xhat(i)/n                      -- definition of {xhat(i)}
        """),
        chain("jacobian", "Each output's derivative with respect to each input.", """
          diff(y(j), z[i])
        = gamma*((delta(i, j) - 1/n)/s - (z[j] - mu)*xhat(i)/(n*s**2))  -- quotient rule with the two results above
        = gamma/s * (delta(i, j) - 1/n - xhat(i)*xhat(j)/n)             -- definition of {xhat(j)}
        """),
        chain("input_gradient", "Collect what reaches {z[i]} from all outputs.", """
          sum(j, g[j] * gamma/s * (delta(i, j) - 1/n - xhat(i)*xhat(j)/n))
        = gamma/s * (g[i] - 1/n*sum(j, g[j]) - xhat(i)/n*sum(j, g[j]*xhat(j)))
            -- sum each part on its own; the delta picks {g[i]}
        = dz(i)  -- take out {1/n}; this is the definition of {dz(i)}
        """),
        chain("loss_gradient", "This is the derivative of the loss with respect to {z[i]}, with any bias.", """
          diff(sum(j, g[j]*y_at(j, b)), z[i])
        = sum(j, g[j]*diff(y(j), z[i]))  -- the outputs do not see {b}
        = sum(j, g[j] * gamma/s * (delta(i, j) - 1/n - xhat(i)*xhat(j)/n))  -- insert each output's derivative
        = dz(i)                          -- the sum just collected
        """),
        chain("centred", "The normalised values add up to 0.", """
          sum(i, xhat(i))
        = 1/s * (sum(i, z[i]) - n*mu)  -- {s} and {mu} are the same for all {i}
        = 0                            -- {n*mu} is the sum of the {z[i]}
        """),
        chain("bias_gradient", "The bias is added to every input, so its gradient is the sum over {i}.", """
          sum(i, dz(i))
        = gamma/(n*s) * (n*sum(i, g[i]) - n*sum(j, g[j]) - sum(i, xhat(i))*sum(j, g[j]*xhat(j)))
            -- sum the three parts; the second does not depend on {i}
        = gamma/(n*s) * (0 - 0*sum(j, g[j]*xhat(j)))  -- the first two are equal; normalised values add up to 0
        = 0                                           -- nothing is left
        """),
        chain("total", "So both ways give the same: the derivative with respect to {b} is the sum of those with respect to the inputs.", """
          diff(sum(j, g[j]*y_at(j, b)), b)
        = 0               -- the one line above
        = sum(i, dz(i))   -- the sum just computed
        """),
    ),
    sources=("S2.b", "S4.a", "S4.d", "Ioffe & Szegedy 2015, §3"),
    definitions=definitions(
        *BATCHNORM,
        *BATCHNORM_AT,
        DZ,
    ),
)
