"""After a ReLU not even new weights, together with scale and shift, can replace the bias.

Statement: for weights W that are not all 0 and every b ≠ 0 there is an x such that on the inputs 0, x, 2x BN(relu(Wx + b)) with
γ ≠ 0 differs from BN(relu(W′x)), whatever the weights W′ and whatever scale, shift and ε the second normalisation has.
"""

from __future__ import annotations

from ...symbolic.inferences import Case, Cases, Say, Use, chain, witness
from ..definitions import definitions
from ..theorem import Hypothesis, Theorem

THEOREM = Theorem(
    name="weights_cannot_replace_bias_of_relu_before_batchnorm",
    title="After a ReLU, no weights together with scale and shift can replace the bias",
    statement="Let a layer have {F} inputs, weights {W[u]} that are not all 0, and a bias {b != 0}. There is a batch of three "
    "samples such that the normalised values {with_bias(k)} of {ramp(sum(u, W[u]*x[u, k]) + b)}, with batch statistics and "
    "{gamma != 0}, are not the normalised values of {ramp(sum(u, W_new[u]*x[u, k]))}, whatever the weights {W_new[u]} and the "
    "scale, shift and {eps} of that normalisation. Its samples are the input 0, an input whose weighted sum is {-b}, and twice "
    "that input.",
    hypotheses=(
        Hypothesis("Not all weights {W[u]} are 0.",
            witness("With the weight 0 every output is {beta}, with {b == 2} and without.",
                    {"n": 3, "F": 1, "W": (0,), "W_new": (0,), "x": ((0, 1, 2),), "b": 2, "gamma": 1, "beta": 5, "eps": 1}, """
              with_bias(1) == without_bias(1)
              with_bias(2) == without_bias(2)
              with_bias(3) == without_bias(3)
            """)),
        Hypothesis("The inputs are free: no combination of them is the same, and not 0, for all samples.",
            witness("With a second input that is always 1, its weight is a bias: 2 in place of {b == 2}.",
                    {"n": 3, "F": 2, "W": (1, 0), "W_new": (1, 2), "x": ((-1, 1, 2), (1, 1, 1)), "b": 2}, """
              ramp(sum(u, W_new[u]*x[u, 1])) == ramp(sum(u, W[u]*x[u, 1]) + b)
              ramp(sum(u, W_new[u]*x[u, 2])) == ramp(sum(u, W[u]*x[u, 2]) + b)
              ramp(sum(u, W_new[u]*x[u, 3])) == ramp(sum(u, W[u]*x[u, 3]) + b)
            """)),
        Hypothesis("A ReLU stands between.",
            witness("Without it the bias cancels: on the inputs 0, −2 and −4 the ratio is 1/2 with {b == 2} and with none.",
                    {"x": ((0, -2, -4),), "b": 2}, """
              (x[1, 2] + b - (x[1, 1] + b))/(x[1, 3] + b - (x[1, 1] + b)) == 1/2
              (x[1, 2] - x[1, 1])/(x[1, 3] - x[1, 1]) == 1/2
            """)),
        Hypothesis("{gamma != 0} in the layer with the bias.",
            witness("With {gamma == 0} every output is {beta}.",
                    {"n": 3, "F": 1, "W": (1,), "W_new": (1,), "x": ((0, -2, -4),), "b": 2, "gamma": 0, "beta": 5,
                     "eps": 1}, """
              with_bias(1) == without_bias(1)
              with_bias(2) == without_bias(2)
              with_bias(3) == without_bias(3)
            """)),
    ),
    proof=(
        Say("Normalising keeps the ratio of two differences. So compare the ratios of the ReLU's outputs."),
        Use("With the bias.", "affine_cannot_replace_bias_of_relu_before_batchnorm", "ratio",
            "(with_bias(j) - with_bias(i))/(with_bias(k) - with_bias(i))",
            "(ramp(sum(u, W[u]*x[u, j]) + b) - ramp(sum(u, W[u]*x[u, i]) + b))/(ramp(sum(u, W[u]*x[u, "
            "k]) + b) - ramp(sum(u, W[u]*x[u, i]) + b))", where={"f[i]": "ramp(sum(u, W[u]*x[u, i]) + b)"}),
        Use("With other weights instead.", "affine_cannot_replace_bias_of_relu_before_batchnorm", "ratio",
            "(without_bias(j) - without_bias(i))/(without_bias(k) - without_bias(i))",
            "(ramp(sum(u, W_new[u]*x[u, j])) - ramp(sum(u, W_new[u]*x[u, i])))/(ramp(sum(u, "
            "W_new[u]*x[u, k])) - ramp(sum(u, W_new[u]*x[u, i])))", where={"f[i]": "ramp(sum(u, W_new[u]*x[u, i]))"}),
        chain("input", "An input whose weighted sum is {-b}: where {W[u2] != 0}, give the feature "
              "{u2} the value {-b/W[u2]}, all others 0.", """
          sum(u, W[u]*(-b/W[u2])*delta(u, u2))
        = W[u2]*(-b/W[u2])  -- one term is left
        = -b                -- {W[u2]} cancels
        """),
        chain("Whatever the weights, the input 0 gives 0.", """
          sum(u, W_new[u]*0)
        = 0  -- every term is 0
        """),
        chain("And twice an input gives twice its weighted sum.", """
          sum(u, W_new[u]*(2*x[u, k]))
        = 2*sum(u, W_new[u]*x[u, k])  -- common factor
        """),
        Say("So before the ReLU stand {b}, 0 and {-b} with the bias, and 0, {h} and {2*h} without it, {h} being any number. "
            "The ReLU is written as {(h + abs(h))/2}: {h} itself if it is positive, else 0."),
        Cases("With the bias:", "b", (
            Case("{b > 0}, say {b == tau}: only the first is active", ">", (
                chain("The ratio is 1.", """
                  (ramp(0) - ramp(b))/(ramp(-b) - ramp(b))
                = (0 - tau)/(0 - tau)  -- {ramp(tau) == (tau + tau)/2}
                = 1                    -- a number divided by itself
                """, given=("b == tau",)),
            )),
            Case("{b < 0}, say {b == -tau}: only the third is active", "<", (
                chain("The ratio is 0.", """
                  (ramp(0) - ramp(b))/(ramp(-b) - ramp(b))
                = (0 - 0)/(tau - 0)  -- {ramp(-tau) == (-tau + tau)/2}
                = 0                  -- 0 divided by {tau}
                """, given=("b == -tau",)),
            )),
            Case("{b == 0}: excluded, and rightly so", "=", (
                chain("There is nothing to replace: the same weights will do.", """
                  ramp(sum(u, W[u]*x[u, k]) + b)
                = ramp(sum(u, W[u]*x[u, k]))  -- add 0
                """),
            )),
        )),
        Cases("Without the bias:", "h", (
            Case("{h > 0}, say {h == tau}: the second and the third are active", ">", (
                chain("The ratio is another one.", """
                  (ramp(h) - ramp(0))/(ramp(2*h) - ramp(0))
                = (tau - 0)/(2*tau - 0)  -- the ReLU is the identity here
                = 1/2                    -- {tau} cancels
                """, given=("h == tau",)),
            )),
            Case("{h < 0}, say {h == -tau}: none is active", "<", (
                chain("The second is 0, like the first.", """
                  ramp(h)
                = 0  -- opposite terms
                """, given=("h == -tau",)),
                chain("So is the third.", """
                  ramp(2*h)
                = 0  -- opposite terms
                """, given=("h == -tau",)),
            )),
            Case("{h == 0}: none is active", "=", (
                chain("All three are 0.", """
                  ramp(h)
                = 0  -- the absolute value of 0 is 0
                """),
            )),
        )),
        Say("A ratio of 1 or 0 is not {1/2}. And where all three are equal without the bias, or the second normalisation has "
            "the scale 0, its outputs are equal; those with the bias are not, for {gamma != 0}. So the outputs differ."),
    ),
    sources=("S0.e", "S4.g"),
    definitions=definitions(
        ("ramp(h)", "(h + abs(h))/2", r"\mathrm{relu}\left(#1\right)", "relu(#1)", "the ReLU, without a case distinction"),
        ("with_bias(k)",
         "gamma*(ramp(sum(u, W[u]*x[u, k]) + b) - mean(l, ramp(sum(u, W[u]*x[u, l]) + b)))/sqrt(var(l, "
         "ramp(sum(u, W[u]*x[u, l]) + b)) + eps) + beta", "y_{#1}", "y_#1", "the normalised output with the bias"),
        ("without_bias(k)",
         "gamma*(ramp(sum(u, W_new[u]*x[u, k])) - mean(l, ramp(sum(u, W_new[u]*x[u, l]))))/sqrt(var(l, "
         "ramp(sum(u, W_new[u]*x[u, l]))) + eps) + beta", "y'_{#1}", "y′_#1",
         "the normalised output with other weights and no bias"),
    ),
)
