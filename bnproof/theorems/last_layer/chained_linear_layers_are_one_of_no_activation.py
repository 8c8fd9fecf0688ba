"""Two linear layers in a row are one, and their biases are redundant together; one before BatchNorm is redundant alone.

Statement: W₂(W₁x + b₁) + b₂ = (W₂W₁)x + (W₂b₁ + b₂); adding d to b₁ and t to b₂ changes nothing iff t = −W₂d. In the
pair (b, β) of batch normalisation the redundant direction is (1, 0) with batch statistics and (1, −γ/√(V+ε)) with
stored ones.
"""

from __future__ import annotations

from ...symbolic.inferences import Congruence, Join, Undefined, Use, chain, witness
from ..definitions import BATCHNORM_AT, Y_EVAL, definitions
from ..theorem import Conclusion, Hypothesis, Theorem

_HIDDEN = "sum(u, hidden_weights[c, u]*x[u, k])"
_ANSWER = "-sum(c, next_weights[c]*move[c])"
_STORED = "y_eval(k, b + common, M, beta - gamma/sqrt(V + eps)*common)"

THEOREM = Theorem(
    name="chained_linear_layers_are_one_of_no_activation",
    title="Without an activation between, the second of two linear layers can take over the first one's bias",
    statement="Two linear layers without an activation between compute {chained(k)}: one linear layer with the bias {sum(c, "
    "next_weights[c]*hidden_biases[c]) + next_bias}. Adding {move[c]} to the first biases and {common} to the second leaves "
    "the outputs as they are, {moved(k) == chained(k)} for every {k}, exactly if {common == -sum(c, "
    "next_weights[c]*move[c])}. So the first biases are redundant together with the second. Alone the second is not, "
    "{diff(chained(k), next_bias) == 1}, and a first one only if its weight in the second layer is 0, for {diff(chained(k), "
    "hidden_biases[c]) == next_weights[c]}. A bias {b} before batch normalisation and its {beta} are such a pair with stored "
    "statistics and {V + eps > 0}: adding {common} to {b} and subtracting {gamma/sqrt(V + eps)*common} from {beta} leaves the "
    "output as it is. With batch statistics and {v_at(b) + eps > 0} they are not: there {b} is redundant alone, {y_at(k, b + "
    "common) == y_at(k, b)}, and {beta} has its full effect: {diff(y_at(k, b), b) == 0}, but {diff(y_at(k, b), beta) == 1}.",
    hypotheses=(
        Hypothesis("No activation stands between the two layers.",
            witness("With a ReLU between, moving {b == 2} from the second bias to the first changes the output from 0 to −1.",
                    {"b": 2, "z": (-1,), "n": 1}, """
              relu(z[1]) + 0 == 0
              relu(z[1] + b) + (0 - b) == -1
            """)),
        Hypothesis("For {b} to be redundant alone: batch normalisation uses the statistics of the batch.",
            witness("With the stored mean 0 and variance 0, {b == 1} moves the output from 0 to 1.",
                    {"n": 1, "z": (0,), "M": 0, "V": 0, "gamma": 1, "beta": 0, "eps": 1, "b": 1}, """
              y_eval(1, 0, M, beta) == 0
              y_eval(1, b, M, beta) == 1
            """)),
        Hypothesis("With stored statistics, {V + eps > 0}: the division is defined.",
            Undefined("With {eps == 0} and a stored variance of 0 there is nothing to divide by.",
                      {"n": 2, "z": (-1, 1), "M": 0, "V": 0, "gamma": 1, "beta": 0, "eps": 0, "b": 1}, "y_eval(1, b, M, beta)"),
            formal=("V + eps > 0",)),
        Hypothesis("With batch statistics, {v_at(b) + eps > 0}, for the same reason.",
            Undefined("With {eps == 0} and equal values there is nothing to divide by.",
                      {"n": 2, "z": (3, 3), "V": 1, "gamma": 1, "beta": 0, "eps": 0, "b": 1}, "y_at(1, b)"),
            formal=("v_at(b) + eps > 0",)),
    ),
    conclusions=(
        Conclusion("chained(k) == sum(u, sum(c, next_weights[c]*hidden_weights[c, u])*x[u, k]) "
                   "+ (sum(c, next_weights[c]*hidden_biases[c]) + next_bias)"),
        Conclusion("moved(k) == chained(k)", given=(f"common == {_ANSWER}",)),
        Conclusion(f"common == {_ANSWER}", given=("moved(k) == chained(k)",)),
        Conclusion("diff(chained(k), next_bias) == 1"),
        Conclusion("diff(chained(k), hidden_biases[c]) == next_weights[c]"),
        Conclusion(f"{_STORED} == y_eval(k, b, M, beta)"),
        Conclusion("y_at(k, b + common) == y_at(k, b)"),
        Conclusion("diff(y_at(k, b), b) == 0"),
        Conclusion("diff(y_at(k, b), beta) == 1"),
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
          moved(k)
        = chained(k) + (sum(c, next_weights[c]*move[c]) + common)  -- split the sum
        """),
        chain("answered", "For one {common} the last two terms cancel.", """
          chained(k)
        = chained(k) + (sum(c, next_weights[c]*move[c]) + -sum(c, next_weights[c]*move[c]))  -- add a number and its negative
        """),
        Congruence("With that {common} nothing changes.", of=("moved", "answered"), inputs=(f"common == {_ANSWER}",)),
        chain("needed", "The other way round: {common} is what the move leaves to be answered.", """
          common
        = moved(k) - (chained(k) + sum(c, next_weights[c]*move[c]))  -- take the other terms away
        """),
        chain("answer", "If the outputs are as they were, this is left.", """
          -sum(c, next_weights[c]*move[c])
        = chained(k) - (chained(k) + sum(c, next_weights[c]*move[c]))  -- the outputs cancel
        """),
        Congruence("So no other {common} will do.", of=("answer", "needed"), inputs=("chained(k) == moved(k)",)),
        chain("Each bias alone has a gradient of its own. That of the second:", """
          diff(chained(k), next_bias)
        = 1  -- it is added to the output
        """),
        chain("And that of each of the first:", """
          diff(chained(k), hidden_biases[c])
        = sum(c2, next_weights[c2]*delta(c, c2))  -- of the units, only {c} contains this bias
        = next_weights[c]                         -- exactly one unit is {c}
        """),
        chain("stored", "A normalisation with stored statistics is a second layer of this kind, "
              "with the weight {gamma/sqrt(V + eps)}.", """
          y_eval(k, b + common, M, beta - gamma/sqrt(V + eps)*common)
        = gamma/sqrt(V + eps)*(z[k] + b + common - M) + beta - gamma/sqrt(V + eps)*common
            -- definition of the output with stored statistics
        = y_eval(k, b, M, beta)  -- {common} comes in and goes out
        """),
        Use("With batch statistics {b} is redundant alone: adding {common} to it needs no answer from {beta}.",
            theorem="bias_cancels_of_batch_statistics", fact="output", start="y_at(k, b + common)", end="y_at(k, 0)",
            where={"b": "b + common"}, label="more"),
        Use("The bias itself changes nothing.",
            theorem="bias_cancels_of_batch_statistics", fact="output", start="y_at(k, b)", end="y_at(k, 0)", label="as_it_was"),
        Join("So the output is the same with and without {common}.", of=("more", "as_it_was")),
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
        ("moved(k)", f"sum(c, next_weights[c]*({_HIDDEN} + hidden_biases[c] + move[c])) + next_bias + common",
         r"\mathrm{out}'_{#1}", "out′_#1", "the same after the biases were changed"),
        Y_EVAL,
    ),
    remark="Here the second layer has one output. With several, each output's bias answers with its own weights. In a net of "
    "convolutions the second layer's padding decides whether a first bias reaches all positions alike. Along a redundant "
    "direction the two layers' gradients cancel each other, but need not be 0 themselves, so gradient descent moves both.",
)
