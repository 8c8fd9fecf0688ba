"""Two linear layers in a row are one, and their biases are redundant together; one before BatchNorm is redundant alone.

Statement: W₂(W₁x + b₁) + b₂ = (W₂W₁)x + (W₂b₁ + b₂); adding d to b₁ and t to b₂ changes nothing iff t = −W₂d. In the
pair (b, β) of batch normalisation the redundant direction is (1, 0) with batch statistics and (1, −γ/√(V+ε)) with
stored ones.
"""

from __future__ import annotations

from ...symbolic.inferences import Say, Use, chain, witness
from ..definitions import BATCHNORM_AT, Y_EVAL, definitions
from ..theorem import Hypothesis, Theorem

_HIDDEN = "sum(u, hidden_weights[c, u]*x[u, k])"

THEOREM = Theorem(
    name="chained_linear_layers_are_one_of_no_activation",
    title="Without an activation between, the second of two linear layers can take over the first one's bias",
    statement="Two linear layers without an activation between compute {chained(k)}: one linear layer with the bias "
    "{sum(c, next_weights[c]*hidden_biases[c]) + next_bias}. Adding {move[c]} to the first biases and {common} to the "
    "second leaves the outputs as they are exactly if {common == -sum(c, next_weights[c]*move[c])}. So each first "
    "bias is redundant together with the second; alone, {next_bias} always has an effect, and {hidden_biases[c]} has "
    "one if {next_weights[c] != 0}. A bias {b} before batch normalisation and its {beta} are such a pair with stored "
    "statistics. With batch statistics they are not: there {b} is redundant alone, and {beta} has its full effect.",
    hypotheses=(
        Hypothesis("No activation stands between the two layers.",
            witness("With a ReLU between, moving {b == 2} from the second bias to the first changes the output from 0 to −1.",
                    {"b": 2, "z": (-1,), "n": 1}, """
              relu(z[1]) + 0 == 0
              relu(z[1] + b) + (0 - b) == -1
            """)),
        Hypothesis("For {b} to be redundant alone: batch normalisation uses the statistics of the batch.",
            witness("With the stored mean 0 and variance 1, {b == 1} moves the output from 0 to 1.",
                    {"n": 1, "z": (0,), "M": 0, "V": 1, "gamma": 1, "beta": 0, "eps": 0, "b": 1}, """
              y_eval(1, 0, M, beta) == 0
              y_eval(1, b, M, beta) == 1
            """)),
    ),
    proof=(
        chain("one_layer", "Multiply out: this is one layer.", """
          chained(k)
        = sum(c, next_weights[c]*sum(u, hidden_weights[c, u]*x[u, k])) + sum(c, next_weights[c]*hidden_biases[c]) + next_bias
            -- weights times sums
        = sum(u, sum(c, next_weights[c]*hidden_weights[c, u])*x[u, k]) + (sum(c, next_weights[c]*hidden_biases[c]) + next_bias)
            -- exchange the sums: one weight for each feature, and one bias
        """),
        chain("moved", "Move the first biases by {move[c]} and the second by {common}.", """
          sum(c, next_weights[c]*(sum(u, hidden_weights[c, u]*x[u, k]) + hidden_biases[c] + move[c])) + next_bias + common
            - chained(k)
        = sum(c, next_weights[c]*move[c]) + common  -- all other terms cancel; this is 0 for one {common} only
        """),
        chain("Each bias alone has a gradient of its own. That of the second:", """
          diff(chained(k), next_bias)
        = 1  -- it is added to the output
        """),
        chain("And that of each of the first:", """
          diff(chained(k), hidden_biases[c])
        = sum(c2, next_weights[c2]*delta(c, c2))  -- of the units, only {c} contains this bias
        = next_weights[c]                         -- exactly one unit is {c}
        """),
        Say("Along the redundant direction these gradients cancel each other. They need not be 0 themselves, "
            "so gradient descent does move both: at every step it moves {hidden_biases[c]} by "
            "{next_weights[c]} times what it moves {next_bias}."),
        chain("stored", "A normalisation with stored statistics is a second layer of this kind, "
              "with the weight {gamma/sqrt(V + eps)}.", """
          y_eval(k, b + common, M, beta - gamma/sqrt(V + eps)*common)
        = gamma/sqrt(V + eps)*(z[k] + b + common - M) + beta - gamma/sqrt(V + eps)*common
            -- definition of the output with stored statistics
        = y_eval(k, b, M, beta)  -- {common} comes in and goes out
        """),
        Use("With batch statistics {b} is redundant alone: adding {common} to it needs no answer from {beta}.",
            theorem="bias_cancels_of_batch_statistics", fact="output", start="y_at(k, b + common)", end="y_at(k, 0)",
            where={"b": "b + common"}),
        chain("The gradient of every output with respect to {b} is 0.", """
          diff(y_at(k, b), b)
        = diff(y_at(k, 0), b)  -- the output does not see {b}
        = 0                    -- there is no {b} in it
        """),
        chain("That with respect to {beta} is 1: the two are neither in conflict nor tied together.", """
          diff(y_at(k, b), beta)
        = 1  -- it is added to the output
        """),
    ),
    sources=("S2.c", "S4.c"),
    definitions=definitions(
        *BATCHNORM_AT,
        ("chained(k)", f"sum(c, next_weights[c]*({_HIDDEN} + hidden_biases[c])) + next_bias", r"\mathrm{out}_{#1}", "out_#1",
         "one output of the second layer, for a sample"),
        Y_EVAL,
    ),
    remark="With several outputs, each output's bias answers with its own weights. In a net of convolutions the "
    "second layer's padding decides whether a first bias reaches all positions alike.",
)
