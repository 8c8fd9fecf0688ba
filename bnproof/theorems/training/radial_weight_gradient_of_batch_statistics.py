"""Before BatchNorm, a filter's gradient is orthogonal to the filter if ε = 0; their product is ε/(v+ε)·γ·Σ g x̂.

Statement: Σ_u W_u ∂L/∂W_u = ε/(v + ε) · γ · Σ_i g_i x̂_i, for every loss, n and γ.
"""

from __future__ import annotations

from ...symbolic.inferences import Join, Undefined, Use, chain, sign, witness
from ..definitions import BATCHNORM, DZ, definitions
from ..theorem import Conclusion, Hypothesis, Theorem

_LINEAR = ("z[k] == sum(u, W[u]*x[u, k])",)
_PRODUCT = "sum(u, W[u]*diff(sum(j, g[j]*y(j)), W[u]))"

THEOREM = Theorem(
    name="radial_weight_gradient_of_batch_statistics",
    title="With ε = 0 a filter's gradient is orthogonal to the filter",
    statement="Let {z[k] == sum(u, W[u]*x[u, k])} be normalised with batch statistics, with {v + eps > 0}. For every "
    "loss, the product of a filter {W[u]} with its own gradient is {eps/(v + eps)*gamma*sum(i, g[i]*xhat(i))}. If "
    "{eps == 0} it is 0: the gradient is orthogonal to the filter. And where the product {radial} of a filter with a step's "
    "direction {weight_grad[u]} is 0, {radial == 0}, the step never makes the filter shorter: "
    "{sum(u, (W[u] - eta*weight_grad[u])**2) >= sum(u, W[u]**2)}.",
    hypotheses=(
        Hypothesis("For orthogonality: {eps == 0}.",
            witness("With {eps == 3} the product is {3/8}.", {"n": 2, "z": (-1, 1), "g": (0, 1), "gamma": 1, "eps": 3},
                    "sum(k, dz(k)*z[k]) == 3/8"),
            formal=("eps == 0",)),
        Hypothesis("{v + eps > 0}: the division is defined.",
            Undefined("With {eps == 0} and equal values there is nothing to divide by.",
                      {"n": 2, "z": (3, 3), "g": (0, 1), "gamma": 1, "beta": 0, "eps": 0}, "y(1)"),
            formal=("v + eps > 0",)),
        Hypothesis("The statistics are those of this batch, and the derivative goes through them.",
            witness("With the stored mean 0 and variance 1, and {z[k] == W[1]*x[1, k]}, the "
                    "product is 1 even though {eps == 0}.",
                    {"n": 2, "F": 1, "W": (1,), "x": ((-1, 1),), "g": (0, 1), "gamma": 1, "beta": 0},
                    "W[1]*diff(sum(i, g[i]*(gamma*W[1]*x[1, i] + beta)), W[1]) == 1")),
        Hypothesis("The loss sees the filter through the normalised outputs only.",
            witness("The gradient of the penalty {sum(u, W[u]**2)/2} is the filter itself. Its "
                    "product with the filter (3, 4) is 25.",
                    {"F": 2, "W": (3, 4)},
                    "W[1]*diff(sum(u, W[u]**2)/2, W[1]) + W[2]*diff(sum(u, W[u]**2)/2, W[2]) == 25")),
    ),
    conclusions=(
        Conclusion(f"{_PRODUCT} == eps/(v + eps)*gamma*sum(i, g[i]*xhat(i))", given=_LINEAR),
        Conclusion(f"{_PRODUCT} == 0", given=_LINEAR),
        Conclusion("sum(u, (W[u] - eta*weight_grad[u])**2) >= sum(u, W[u]**2)", given=("radial == 0",),
                   example={"F": 2, "W": (3, 4), "weight_grad": (4, -3), "eta": 1}),
    ),
    proof=(
        Use("How an output reacts to a pre-activation.", theorem="bias_gradient_vanishes_of_batch_statistics",
            fact="jacobian", start="diff(y(j), z[i])", end="gamma/s * (delta(i, j) - 1/n - xhat(i)*xhat(j)/n)"),
        Use("So the gradient of a pre-activation is this.", theorem="bias_gradient_vanishes_of_batch_statistics",
            fact="input_gradient", start="sum(j, g[j]*gamma/s * (delta(i, j) - 1/n - xhat(i)*xhat(j)/n))", end="dz(i)"),
        chain("product", "A weight acts on every sample {k} through {z[k]}, with factor {x[u, k]}. So the filter times its "
              "gradient is this.", """
          sum(u, W[u]*diff(sum(j, g[j]*y(j)), W[u]))
        = sum(u, W[u]*sum(k, dz(k)*x[u, k]))  -- chain rule, with the gradients of the pre-activations
        = sum(k, dz(k)*sum(u, W[u]*x[u, k]))  -- the same terms in another order
        = sum(k, dz(k)*z[k])                  -- the sum over the features is {z[k]}
        """, given=_LINEAR),
        Use("The gradients of the pre-activations add up to 0.", theorem="bias_gradient_vanishes_of_batch_statistics",
            fact="bias_gradient", start="sum(i, dz(i))", end="0"),
        chain("radial", "So we may subtract the mean, and normalised values appear.", """
          sum(k, dz(k)*z[k])
        = sum(k, dz(k)*(z[k] - mu))                              -- {mu} times the sum of all {dz(k)} is 0
        = s*sum(k, dz(k)*xhat(k))                                -- {z[k] - mu} is {s*xhat(k)}
        = gamma/n*(n*sum(k, g[k]*xhat(k)) - sum(j, g[j])*sum(k, xhat(k)) - sum(k, xhat(k)**2)*sum(j, g[j]*xhat(j)))
            -- definition of {dz(k)}, summed part by part
        = gamma*(1 - sum(k, xhat(k)**2)/n)*sum(j, g[j]*xhat(j))  -- normalised values add up to 0
        = gamma*(1 - v/(v + eps))*sum(j, g[j]*xhat(j))           -- the mean of their squares is {v/(v + eps)}
        = eps/(v + eps)*gamma*sum(i, g[i]*xhat(i))               -- a common denominator
        """),
        Join("So the filter times its own gradient is", of=("product", "radial"), label="filter"),
        chain("nothing_left", "With {eps == 0} nothing is left.", """
          sum(k, dz(k)*z[k])
        = 0/(v + 0)*gamma*sum(i, g[i]*xhat(i))  -- the result above
        = 0                                     -- the factor is 0
        """, given=("eps == 0",)),
        Join("Then the gradient is orthogonal to the filter.", of=("product", "nothing_left"), label="orthogonal"),
        chain("length", "The squared length of a filter after a step in the direction {weight_grad[u]}, less that before.", """
          sum(u, (W[u] - eta*weight_grad[u])**2) - sum(u, W[u]**2)
        = eta**2*sum(u, weight_grad[u]**2) - 2*eta*radial  -- multiply out the square
        """),
        chain("orthogonal_step", "If the product in the middle is 0, this is a sum of squares.", """
          eta**2*sum(u, weight_grad[u]**2) - 2*eta*radial
        = eta**2*sum(u, weight_grad[u]**2)  -- the middle is 0
        """, given=("radial == 0",)),
        sign("squares", "It is not negative.", """
          eta**2*sum(u, weight_grad[u]**2)
        >= 0  -- squares
        """),
        Join("So the filter does not get shorter.",
             of=("length", "orthogonal_step", "squares")),
    ),
    sources=("Ioffe & Szegedy 2015, §3.3", "van Laarhoven 2017"),
    definitions=definitions(
        *BATCHNORM,
        DZ,
        ("radial", "sum(u, W[u]*weight_grad[u])", r"\langle W, G\rangle", "⟨W, G⟩",
         "the product of the weights with the derivatives of the loss by them"),
    ),
    remark="Not checked: with {eps == 0} weight decay shortens the filter without changing the outputs, and so acts on the "
    "effective step size only.",
)
