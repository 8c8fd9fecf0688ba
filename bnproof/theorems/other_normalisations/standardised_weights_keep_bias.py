"""Standardising a layer's weights leaves its own bias as it is, but removes a constant that all its inputs carry.

Statement: Σ_u Ŵ_u x_u + b moves by exactly b; Σ_u Ŵ_u = 0, so adding t to every input changes nothing.
"""

from __future__ import annotations

from ...symbolic.inferences import Undefined, Use, chain, witness
from ..definitions import BATCHNORM_AT, definitions
from ..theorem import Conclusion, Hypothesis, Theorem

THEOREM = Theorem(
    name="standardised_weights_keep_bias",
    title="Standardising a layer's weights does not remove its bias",
    statement="Weight standardisation replaces the {F} weights of an output channel by {std_weight(u)}, where {var(u, W[u]) + "
    "eps_weights > 0}. The layer's own bias {b} is added after that, and moves the output by exactly {b}: {layer(k, b) - "
    "layer(k, 0) == b}. So standardised weights are no normalisation of the layer's output. A batch normalisation that "
    "follows does remove {b}: {y_layer(k, b) == y_layer(k, 0)}, where {var(i, layer(i, 0)) + eps > 0}. What the weights make "
    "disappear is a constant {common} that all inputs of the layer carry, because {sum(u, std_weight(u)) == 0}: {sum(u, "
    "std_weight(u)*(x[u, k] + common)) + b == layer(k, b)}.",
    hypotheses=(
        Hypothesis("For {b} to stay: no normalisation of the output follows.",
            witness("A batch normalisation of the outputs removes {b == 1}.",
                    {"n": 2, "z": (0, 1), "b": 1, "gamma": 1, "beta": 0, "eps": 1}, "y_at(1, b) == y_at(1, 0)")),
        Hypothesis("For {common}: all inputs that the weights meet carry it, so no zero is "
                   "padded and no bias differs between channels.",
            witness("Two inputs, of which only the first carries 1.",
                    {"F": 2, "W": (1, -1), "eps_weights": 0, "n": 1, "x": ((0,), (0,)), "b": 0}, """
              layer(1, 0) == 0
              std_weight(1)*(x[1, 1] + 1) + std_weight(2)*x[2, 1] == 1
            """)),
        Hypothesis("For {common}: the weights are standardised.",
            witness("With the plain weights 2 and 1 on inputs 0, a constant 1 on both inputs adds 3.", {"F": 2, "W": (2, 1)},
                    "sum(u, W[u]*(0 + 1)) - sum(u, W[u]*0) == 3")),
        Hypothesis("The variance of the weights plus {eps_weights} is positive.",
            Undefined("With {eps_weights == 0} and equal weights there is nothing to divide by.",
                      {"F": 2, "W": (3, 3), "eps_weights": 0}, "std_weight(1)"),
            formal=("var(u, W[u]) + eps_weights > 0",)),
    ),
    conclusions=(
        Conclusion("layer(k, b) - layer(k, 0) == b"),
        Conclusion("y_layer(k, b) == y_layer(k, 0)", given=("var(i, layer(i, 0)) + eps > 0",)),
        Conclusion("sum(u, std_weight(u)) == 0"),
        Conclusion("sum(u, std_weight(u)*(x[u, k] + common)) + b == layer(k, b)"),
    ),
    proof=(
        chain("bias", "The bias is added after the weights.", """
          layer(k, b) - layer(k, 0)
        = sum(u, std_weight(u)*x[u, k]) + b - (sum(u, std_weight(u)*x[u, k]) + 0)  -- definition of {layer(k, b)}
        = b                                                                        -- the sums cancel
        """),
        Use("A batch normalisation that follows removes it.", "bias_cancels_of_batch_statistics", "output",
            "y_layer(k, b)", "y_layer(k, 0)", {"z[i]": "layer(i, 0)"}),
        chain("centred", "The standardised weights are centred.", """
          sum(u, std_weight(u))
        = (sum(u, W[u]) - F*mean(u, W[u]))/sqrt(var(u, W[u]) + eps_weights)  -- mean and root are the same for all {F} weights
        = 0                                                          -- {F} times the mean is the sum
        """),
        chain("inputs", "So a constant that every input carries does not reach the output.", """
          sum(u, std_weight(u)*(x[u, k] + common)) + b
        = sum(u, std_weight(u)*x[u, k]) + common*sum(u, std_weight(u)) + b  -- {common} is the same for each input
        = layer(k, b)                                                       -- the weights add up to 0
        """),
    ),
    sources=("S1.a", "Qiao et al. 2019"),
    definitions=definitions(
        *BATCHNORM_AT,
        ("std_weight(u)", "(W[u] - mean(u2, W[u2]))/sqrt(var(u2, W[u2]) + eps_weights)", r"\hat W_{#1}", "Ŵ_#1",
         "a standardised weight"),
        ("layer(k, b)", "sum(u, std_weight(u)*x[u, k]) + b", r"\mathrm{layer}_{#1}(#2)", "layer_#1(#2)",
         "the layer's output when the bias is b"),
        ("y_layer(k, b)", "gamma*(layer(k, b) - mean(i, layer(i, b)))/sqrt(var(i, layer(i, b)) + eps) + beta",
         r"y^{\mathrm{layer}}_{#1}(#2)", "y^layer_#1(#2)", "the same after a batch normalisation"),
    ),
    remark="A bias of the layer before is such a constant, if it is the same in all its channels and nothing stands between. "
    "In a chain standardised weights are written `conv(standardised=yes)`.",
)
