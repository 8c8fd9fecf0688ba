"""The bias's row of the Hessian is zero under batch statistics: no second derivative of the loss involves it.

Statement: ∂²L/∂b∂θ = 0 for θ = z_k, b itself, γ and β, for every loss of the outputs.
"""

from __future__ import annotations

from ...symbolic.inferences import Say, Undefined, Use, chain, witness
from ..definitions import BATCHNORM_AT, definitions
from ..theorem import Conclusion, Hypothesis, Theorem


def _second(by: str) -> str:
    """The second derivative of the loss by b and another quantity, as the chain rule gives it."""
    curved = f"sum(j, sum(l, H[j, l]*diff(y_at(j, b), b)*diff(y_at(l, b), {by})))"
    return f"{curved} + sum(j, g[j]*diff(diff(y_at(j, b), b), {by}))"


THEOREM = Theorem(
    name="bias_hessian_row_vanishes_of_batch_statistics",
    title="With batch statistics the bias's row of the Hessian is zero",
    statement="Take any twice differentiable loss of the outputs {y_at(j, b)} of batch normalisation with batch statistics, "
    "with {v_at(b) + eps > 0}. Let {g[j]} and {H[j, l]} be its first and second derivatives by these outputs. Each output's "
    "derivative {diff(y_at(j, b), b)} is 0. By the chain rule the second derivative of the loss with respect to {b} and "
    "{z[k]} has two parts, {sum(j, sum(l, H[j, l]*diff(y_at(j, b), b)*diff(y_at(l, b), z[k])))} and {sum(j, "
    "g[j]*diff(diff(y_at(j, b), b), z[k]))}. Their sum is 0. It is 0 as well with {gamma}, with {beta} and with {b} itself in "
    "the place of {z[k]}.",
    hypotheses=(
        Hypothesis("Batch statistics.",
            witness("With stored statistics (mean {0}, variance {1}) the second derivative with respect to {b} twice is "
                    "{sum(j, sum(l, H[j, l]*gamma**2/(1 + eps)))}, here not 0.",
                    {"n": 1, "H": ((2,),), "gamma": 1, "eps": 0},
                    "sum(j, sum(l, H[j, l]*gamma**2/(1 + eps))) == 2")),
        Hypothesis("The loss sees {b} through the outputs only.",
            witness("A penalty {b**2/2}, as weight decay has it, adds a second derivative of its own, 1.", {"b": 4},
                    "diff(diff(b**2/2, b), b) == 1")),
        Hypothesis("{v_at(b) + eps > 0}: the division is defined.",
            Undefined("With {eps == 0} and equal values there is nothing to divide by.",
                      {"n": 2, "z": (3, 3), "b": 1, "gamma": 1, "beta": 0, "eps": 0}, "diff(y_at(1, b), b)"),
            formal=("v_at(b) + eps > 0",)),
    ),
    conclusions=(
        Conclusion("diff(y_at(j, b), b) == 0"),
        *(Conclusion(f"{_second(by)} == 0") for by in ("z[k]", "gamma", "beta", "b")),
    ),
    proof=(
        Use("The output does not depend on {b} …", "bias_cancels_of_batch_statistics", "output", "y_at(k, b)", "y_at(k, 0)"),
        chain("output_derivative", "… so its derivative with respect to {b} is zero, identically in every other quantity.", """
          diff(y_at(j, b), b)
        = diff(y_at(j, 0), b)  -- the output does not depend on {b}
        = 0                    -- the expression contains no {b}
        """),
        Say("Each of the two parts of a second derivative contains a derivative of an output with respect to {b}."),
        chain("With respect to {b} and an input {z[k]}, through which every weight before it acts.", """
          sum(j, sum(l, H[j, l]*diff(y_at(j, b), b)*diff(y_at(l, b), z[k]))) + sum(j, g[j]*diff(diff(y_at(j, b), b), z[k]))
        = sum(j, sum(l, H[j, l]*0*diff(y_at(l, 0), z[k]))) + sum(j, g[j]*diff(0, z[k]))
            -- the derivative with respect to {b} is 0 everywhere
        = 0  -- every term has the factor 0
        """),
        chain("With respect to {b} twice.", """
          sum(j, sum(l, H[j, l]*diff(y_at(j, b), b)*diff(y_at(l, b), b))) + sum(j, g[j]*diff(diff(y_at(j, b), b), b))
        = sum(j, sum(l, H[j, l]*0*0)) + sum(j, g[j]*diff(0, b))  -- the same
        = 0                                                      -- every term has the factor 0
        """),
        chain("With respect to {b} and {gamma}.", """
          sum(j, sum(l, H[j, l]*diff(y_at(j, b), b)*diff(y_at(l, b), gamma))) + sum(j, g[j]*diff(diff(y_at(j, b), b), gamma))
        = sum(j, sum(l, H[j, l]*0*diff(y_at(l, 0), gamma))) + sum(j, g[j]*diff(0, gamma))  -- the same
        = 0                                                                                -- every term has the factor 0
        """),
        chain("With respect to {b} and {beta}.", """
          sum(j, sum(l, H[j, l]*diff(y_at(j, b), b)*diff(y_at(l, b), beta))) + sum(j, g[j]*diff(diff(y_at(j, b), b), beta))
        = sum(j, sum(l, H[j, l]*0*diff(y_at(l, 0), beta))) + sum(j, g[j]*diff(0, beta))  -- the same
        = 0                                                                              -- every term has the factor 0
        """),
    ),
    sources=("S4.a", "S4.c"),
    definitions=definitions(*BATCHNORM_AT),
    remark="What follows is not checked here. The same holds for the weights before the normalisation, which act through the "
    "{z[k]}, and for the parameters after it. The loss's derivative with respect to {b} is 0 at all values of all parameters, "
    "and so is every further derivative of it, as many as there are. The direction of {b} is exactly flat.",
)
