"""With batch statistics no other parameter's gradient depends on the bias before BatchNorm.

Statement: ∂L/∂W, ∂L/∂x, ∂L/∂γ and ∂L/∂β are, for every loss and every b, those of the layer without a bias.
"""

from __future__ import annotations

from ...symbolic.inferences import Say, Undefined, Use, chain, witness
from ..definitions import BATCHNORM, BATCHNORM_AT, DZ, definitions
from ..theorem import Hypothesis, Theorem

_LINEAR = ("z[k] == sum(u, W[u]*x[u, k])",)

THEOREM = Theorem(
    name="other_gradients_ignore_bias_of_batch_statistics",
    title="The other parameters' gradients do not see the bias",
    statement="Let a linear layer compute {z[k] == sum(u, W[u]*x[u, k])} before its bias {b}, and let batch "
    "normalisation with batch statistics follow. For every loss of the outputs {y_at(k, b)}, the derivatives with "
    "respect to the weights {W[u]}, the inputs {x[u, k]}, {gamma} and {beta} do not depend on {b}: they are those of "
    "the layer without a bias. This holds for every {n} and every {eps} with {v + eps > 0}.",
    hypotheses=(
        Hypothesis("The statistics are those of this batch, in the forward and in the backward pass.",
            witness("With the stored statistics of mean 0 and variance 1, {b == 1} changes the "
                    "gradient of {gamma} from 1 to 2.",
                    {"n": 2, "z": (1, -1), "g": (1, 0), "gamma": 1, "beta": 0, "b": 1}, """
              diff(sum(i, g[i]*(gamma*z[i] + beta)), gamma) == 1
              diff(sum(i, g[i]*(gamma*(z[i] + b) + beta)), gamma) == 2
            """)),
        Hypothesis("The loss sees {b} through the outputs only; a penalty may be added if it is a "
                   "function of {b} plus a function of the rest.",
            witness("The penalty {sqrt(b**2 + gamma**2)}, the length of both together, pulls less at {gamma} when {b} is long.",
                    {"b": 4, "gamma": 3}, """
              diff(sqrt(b**2 + gamma**2), gamma) == 3/5
              diff(sqrt(0**2 + gamma**2), gamma) == 1
            """)),
        Hypothesis("{v + eps > 0}: the division is defined.",
            Undefined("With {eps == 0} and equal values there is no output, and no gradient.",
                      {"n": 2, "z": (3, 3), "g": (1, 0), "b": 1, "gamma": 1, "beta": 0, "eps": 0},
                      "diff(sum(i, g[i]*y_at(i, b)), gamma)")),
    ),
    proof=(
        Use("The outputs are those of the layer without a bias.", theorem="bias_cancels_of_batch_statistics", fact="output",
            start="y_at(k, b)", end="y(k)"),
        Say("A loss is computed from the outputs, so its derivatives {g[k]} with respect to them do not depend on {b} either. "
            "It remains to see how the outputs depend on everything else. By the chain rule the derivative of the loss with "
            "respect to a parameter is that of {sum(i, g[i]*y_at(i, b))} with the {g[i]} held fixed."),
        chain("gamma_gradient", "The gradient of {gamma}.", """
          diff(sum(i, g[i]*y_at(i, b)), gamma)
        = sum(i, g[i]*diff(gamma*xhat(i) + beta, gamma))  -- the outputs do not see {b}
        = sum(i, g[i]*xhat(i))                            -- {b} does not occur here
        """),
        chain("beta_gradient", "The gradient of {beta}.", """
          diff(sum(i, g[i]*y_at(i, b)), beta)
        = sum(i, g[i]*diff(gamma*xhat(i) + beta, beta))  -- the outputs do not see {b}
        = sum(i, g[i])                                   -- {b} does not occur here
        """),
        Use("How an output reacts to a pre-activation.", theorem="bias_gradient_vanishes_of_batch_statistics",
            fact="jacobian", start="diff(y(j), z[k])", end="gamma/s * (delta(k, j) - 1/n - xhat(k)*xhat(j)/n)",
            where={"i": "k"}),
        chain("input_gradient", "The gradient of a pre-activation.", """
          diff(sum(j, g[j]*y_at(j, b)), z[k])
        = sum(j, g[j]*diff(y(j), z[k]))  -- the outputs do not see {b}
        = sum(j, g[j]*gamma/s * (delta(k, j) - 1/n - xhat(k)*xhat(j)/n))  -- the reaction just cited
        = dz(k)                          -- sum each part; this is the definition of {dz(k)}, and {b} does not occur in it
        """),
        chain("The gradient of a weight: it acts on every sample {k} through {z[k]}, with factor {x[u, k]}.", """
          diff(sum(j, g[j]*y_at(j, b)), W[u])
        = sum(k, dz(k)*diff(z[k], W[u]))  -- chain rule, with the gradients of the pre-activations
        = sum(k, dz(k)*x[u, k])           -- {z[k]} is linear in {W[u]}; {b} does not occur
        """, given=_LINEAR),
        chain("The gradient of an input, from which the layers before take theirs.", """
          diff(sum(j, g[j]*y_at(j, b)), x[u, k])
        = sum(j, dz(j)*diff(z[j], x[u, k]))  -- chain rule, with the gradients of the pre-activations
        = sum(j, dz(j)*delta(j, k)*W[u])     -- only {z[k]} contains {x[u, k]}, with factor {W[u]}
        """, given=_LINEAR),
        chain("Of this sum only the term of sample {k} is left; {b} does not occur.", """
          sum(j, dz(j)*delta(j, k)*W[u])
        = dz(k)*W[u]  -- the delta is 0 for every other {j}
        """),
        Say("No right-hand side contains {b}: each gradient is the one at {b == 0}."),
    ),
    sources=("S2.b", "S4.a", "Ioffe & Szegedy 2015, §3"),
    definitions=definitions(
        *BATCHNORM,
        *BATCHNORM_AT,
        DZ,
    ),
)
