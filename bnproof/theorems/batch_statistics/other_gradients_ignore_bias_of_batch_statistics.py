"""With batch statistics no other parameter's gradient depends on the bias before BatchNorm.

Statement: ∂L/∂W, ∂L/∂x, ∂L/∂γ and ∂L/∂β are, for every loss of the outputs and every b, those of the layer without a bias.
"""

from __future__ import annotations

from ...symbolic.inferences import Undefined, Use, chain, witness
from ..definitions import BATCHNORM, BATCHNORM_AT, DZ, definitions
from ..theorem import Conclusion, Hypothesis, Theorem

_LINEAR = ("z[k] == sum(u, W[u]*x[u, k])",)


def _ignored(by: str) -> str:
    """The derivative of the loss by a quantity is that without a bias."""
    return f"diff(sum(j, g[j]*y_at(j, b)), {by}) == diff(sum(j, g[j]*y_at(j, 0)), {by})"


THEOREM = Theorem(
    name="other_gradients_ignore_bias_of_batch_statistics",
    title="With batch statistics the other parameters' gradients do not see the bias",
    statement="Let {b} be added to all {z[k]}, and let batch normalisation with batch statistics follow. Take any "
    "differentiable loss of the outputs {y_at(j, b)}, and let {g[j]} be its derivatives by them. Since {y_at(k, b) == y_at(k, "
    "0)}, these do not depend on {b} either. By the chain rule the loss's derivative with respect to anything else that the "
    "outputs are computed from is that of {sum(j, g[j]*y_at(j, b))} with {g[j]} held fixed. With respect to {gamma}, {beta} "
    "and every {z[k]} it is the derivative in the layer without a bias, where {b} is replaced by 0. So it is with respect to "
    "the weights {W[u]} and the inputs {x[u, k]}, if the layer is linear: {z[k] == sum(u, W[u]*x[u, k])}. This holds for "
    "every {b}, {n} and {eps} with {v + eps > 0}.",
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
                      "diff(sum(i, g[i]*y_at(i, b)), gamma)"),
            formal=("v + eps > 0",)),
    ),
    conclusions=(
        Conclusion("y_at(k, b) == y_at(k, 0)"),
        Conclusion(_ignored("gamma")),
        Conclusion(_ignored("beta")),
        Conclusion(_ignored("z[k]")),
        Conclusion(_ignored("W[u]"), given=_LINEAR),
        Conclusion(_ignored("x[u, k]"), given=_LINEAR),
    ),
    proof=(
        Use("The outputs are those of the layer without a bias.", theorem="bias_cancels_of_batch_statistics", fact="output",
            start="y_at(k, b)", end="y_at(k, 0)"),
        chain("gamma_gradient", "The gradient of {gamma}.", """
          diff(sum(j, g[j]*y_at(j, b)), gamma)
        = sum(j, g[j]*diff(gamma*xhat(j) + beta, gamma))  -- the outputs do not see {b}
        = sum(j, g[j]*xhat(j))                            -- {b} does not occur here
        = diff(sum(j, g[j]*y_at(j, 0)), gamma)            -- the same steps back, with 0 in the place of {b}
        """),
        chain("beta_gradient", "The gradient of {beta}.", """
          diff(sum(j, g[j]*y_at(j, b)), beta)
        = sum(j, g[j]*diff(gamma*xhat(j) + beta, beta))  -- the outputs do not see {b}
        = sum(j, g[j])                                   -- {b} does not occur here
        = diff(sum(j, g[j]*y_at(j, 0)), beta)            -- the same steps back, with 0 in the place of {b}
        """),
        Use("The gradient of a pre-activation.", theorem="bias_gradient_vanishes_of_batch_statistics", fact="loss_gradient",
            start="diff(sum(j, g[j]*y_at(j, b)), z[k])", end="dz(k)", where={"i": "k"}, label="input_gradient"),
        chain("{b} does not occur in it.", """
          diff(sum(j, g[j]*y_at(j, b)), z[k])
        = dz(k)                                -- the fact just cited
        = diff(sum(j, g[j]*y_at(j, 0)), z[k])  -- the same, with 0 in the place of {b}
        """),
        chain("The gradient of a weight: it acts on every sample {k} through {z[k]}, with factor {x[u, k]}.", """
          diff(sum(j, g[j]*y_at(j, b)), W[u])
        = sum(k, dz(k)*diff(z[k], W[u]))       -- chain rule, with the gradients of the pre-activations
        = sum(k, dz(k)*x[u, k])                -- {z[k]} is linear in {W[u]}; {b} does not occur
        = diff(sum(j, g[j]*y_at(j, 0)), W[u])  -- the same steps back, with 0 in the place of {b}
        """, given=_LINEAR),
        chain("The gradient of an input, from which the layers before take theirs.", """
          diff(sum(j, g[j]*y_at(j, b)), x[u, k])
        = sum(j, dz(j)*diff(z[j], x[u, k]))       -- chain rule, with the gradients of the pre-activations
        = sum(j, dz(j)*delta(j, k)*W[u])          -- only {z[k]} contains {x[u, k]}, with factor {W[u]}
        = dz(k)*W[u]                              -- the delta is 0 for every other {j}; {b} does not occur
        = diff(sum(j, g[j]*y_at(j, 0)), x[u, k])  -- the same steps back, with 0 in the place of {b}
        """, given=_LINEAR),
    ),
    sources=("S2.b", "S4.a", "Ioffe & Szegedy 2015, §3"),
    definitions=definitions(*BATCHNORM, *BATCHNORM_AT, DZ),
)
