"""After a ReLU not even new weights, together with scale and shift, can replace the bias.

Statement: for weights W that are not all 0 and every b ≠ 0 there is an x such that on the inputs 0, x, 2x the outputs of
BN(relu(Wx + b)) with γ ≠ 0 have the second difference γ|b|/s ≠ 0, s² = 2b²/9 + ε; those of BN(relu(W′x)) have the second
difference 0, whatever the weights W′ and whatever scale, shift and ε the second normalisation has.
"""

from __future__ import annotations

from ...symbolic.inferences import Say, Use, chain, sign, witness
from ..definitions import RAMP, definitions
from ..theorem import Hypothesis, Theorem

OTHER = {"gamma_new": 1, "beta_new": 5, "eps_new": 1}
"""A second normalisation, for counterexamples."""

THEOREM = Theorem(
    name="weights_cannot_replace_bias_of_relu_before_batchnorm",
    title="After a ReLU, no weights together with scale and shift can replace the bias",
    statement="Let a layer have {F} inputs, weights {W[u]} that are not all 0, and a bias {b != 0}. There is a batch of three "
    "samples such that the normalised values {with_bias(k)} of {ramp(sum(u, W[u]*x[u, k]) + b)}, with batch statistics and "
    "{gamma != 0}, are not the normalised values of {ramp(sum(u, W_new[u]*x[u, k]))}, whatever the weights {W_new[u]} and the "
    "scale {gamma_new}, shift {beta_new} and constant {eps_new} of that normalisation. Its samples are the input 0, an input whose "
    "weighted sum is {-b}, and twice that input. There {without_bias(3) - 2*without_bias(2) + without_bias(1) == 0}, and "
    "{with_bias(3) - 2*with_bias(2) + with_bias(1) == gamma*abs(b)/with_spread} with {with_spread**2 == 2*b**2/9 + eps}.",
    hypotheses=(
        Hypothesis("Not all weights {W[u]} are 0.",
            witness("With the weight 0 every output is {beta}, with {b == 2} and without.",
                    {"n": 3, "F": 1, "W": (0,), "W_new": (0,), "x": ((0, 1, 2),), "b": 2, "gamma": 1, "beta": 5, "eps": 1,
                     **OTHER}, """
              with_bias(1) == without_bias(1)
              with_bias(2) == without_bias(2)
              with_bias(3) == without_bias(3)
            """)),
        Hypothesis("{b != 0}.",
            witness("With {b == 0} the same weights give the same outputs.",
                    {"n": 3, "F": 1, "W": (1,), "W_new": (1,), "x": ((0, 1, 2),), "b": 0, "gamma": 1, "beta": 5, "eps": 1,
                     "gamma_new": 1, "beta_new": 5, "eps_new": 1}, """
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
            witness("Without it the bias cancels: on the inputs 0, −2 and −4 the second "
                    "difference is 0 with {b == 2} and with none.",
                    {"x": ((0, -2, -4),), "b": 2}, """
              (x[1, 3] + b) - 2*(x[1, 2] + b) + (x[1, 1] + b) == 0
              x[1, 3] - 2*x[1, 2] + x[1, 1] == 0
            """)),
        Hypothesis("{gamma != 0} in the layer with the bias.",
            witness("With {gamma == 0} every output is {beta}.",
                    {"n": 3, "F": 1, "W": (1,), "W_new": (1,), "x": ((0, -2, -4),), "b": 2, "gamma": 0, "beta": 5, "eps": 1,
                     **OTHER}, """
              with_bias(1) == without_bias(1)
              with_bias(2) == without_bias(2)
              with_bias(3) == without_bias(3)
            """)),
    ),
    proof=(
        Say("Normalising multiplies the second difference of three values by a number. The ReLU is written as {(h + "
            "abs(h))/2}: {h} itself if it is positive, else 0. It gives twice as much at {2*h} as at {h}, for every {h}:"),
        chain("homogeneous", "Without a bias the ReLU's second difference is 0.", """
          ramp(2*h) - 2*ramp(h) + ramp(0)
        = (2*h + 2*abs(h))/2 - 2*(h + abs(h))/2 + 0  -- {abs(2*h) == 2*abs(h)}
        = 0                                          -- the terms cancel
        """),
        chain("kink", "At {b}, 0 and {-b} it is not.", """
          ramp(-b) - 2*ramp(0) + ramp(b)
        = (-b + abs(b))/2 + (b + abs(b))/2  -- {abs(-b) == abs(b)}
        = abs(b)                            -- {b} cancels
        """),
        Say("The batch: number the features so that {W[1] != 0}. Sample {i} is {i - 1} times one input, which has {-b/W[1]} in "
            "the first feature, and 0 in all others."),
        chain("Its weighted sums are 0, {-b} and {-2*b}, so that {b}, 0 and {-b} reach the ReLU.", """
          sum(u, W[u]*x[u, i]) + b
        = W[1]*((i - 1)*(-b/W[1])) + b  -- one feature is left
        = b - (i - 1)*b                 -- {W[1]} cancels
        """, given=("x[u, i] == (i - 1)*(-b/W[1])*delta(u, 1)",)),
        Use("With the bias the second difference of the outputs is that of the ReLU's outputs, times a factor.",
            "affine_cannot_replace_bias_of_relu_before_batchnorm", "second_difference",
            "with_bias(k) - 2*with_bias(j) + with_bias(i)",
            "gamma/with_spread*(ramp(sum(u, W[u]*x[u, k]) + b) - 2*ramp(sum(u, W[u]*x[u, j]) + "
            "b) + ramp(sum(u, W[u]*x[u, i]) + b))", where={"f[i]": "ramp(sum(u, W[u]*x[u, i]) + b)"}),
        chain("What divides: the ReLU's outputs are {b}, 0, 0 or 0, 0, {-b}.", """
          with_spread**2
        = (ramp(b)**2 + ramp(0)**2 + ramp(-b)**2)/3 - ((ramp(b) + ramp(0) + ramp(-b))/3)**2 + eps
            -- mean of the squares minus square of the mean
        = b**2/3 - (abs(b)/3)**2 + eps  -- {abs(b)**2 == b**2}
        = 2*b**2/9 + eps                -- subtract
        """, given=("n == 3", "x[u, i] == (i - 1)*(-b/W[1])*delta(u, 1)",)),
        sign("For {b != 0} this is positive, with every {eps}.", """
          2*b**2/9 + eps
        > 0  -- a positive number, and one that is not negative
        """, given=("b != 0",)),
        chain("So, on this batch, with the bias:", """
          with_bias(3) - 2*with_bias(2) + with_bias(1)
        = gamma/with_spread*(ramp(-b) - 2*ramp(0) + ramp(b))  -- the rule, for {-b}, 0 and {b}
        = gamma*abs(b)/with_spread                            -- the ReLU's second difference there
        """, given=("n == 3", "x[u, i] == (i - 1)*(-b/W[1])*delta(u, 1)",)),
        chain("Its square,", """
          (gamma*abs(b)/with_spread)**2
        = gamma**2*b**2/(2*b**2/9 + eps)  -- square each factor; what divides was found above
        """, given=("n == 3", "x[u, i] == (i - 1)*(-b/W[1])*delta(u, 1)",)),
        sign("is positive. So the second difference with the bias is not 0.", """
          gamma**2*b**2/(2*b**2/9 + eps)
        > 0  -- products and quotients of positive numbers
        """, given=("b != 0", "gamma != 0",)),
        Use("With other weights and no bias the same rule holds.", "affine_cannot_replace_bias_of_relu_before_batchnorm",
            "second_difference", "without_bias(k) - 2*without_bias(j) + without_bias(i)",
            "gamma_new/without_spread*(ramp(sum(u, W_new[u]*x[u, k])) - 2*ramp(sum(u, "
            "W_new[u]*x[u, j])) + ramp(sum(u, W_new[u]*x[u, i])))",
            where={"f[i]": "ramp(sum(u, W_new[u]*x[u, i]))", "gamma": "gamma_new", "beta": "beta_new", "eps": "eps_new"}),
        chain("On every batch whose sample {i} is {i - 1} times its second sample, and so on ours:", """
          without_bias(3) - 2*without_bias(2) + without_bias(1)
        = gamma_new/without_spread*(ramp(2*sum(u, W_new[u]*x[u, 2])) - 2*ramp(sum(u, W_new[u]*x[u, 2])) + ramp(0))
            -- twice an input gives twice its weighted sum
        = 0  -- the ReLU's second difference without a bias
        """, given=("n == 3", "x[u, i] == (i - 1)*x[u, 2]",)),
        Say("So the outputs without the bias are evenly spaced for all weights, every scale, shift and {eps_new}, wherever "
            "they are defined. Those with the bias are not, and the two differ."),
        Say("The inputs must be able to switch units off. Where {b > 0}, no weight is negative "
            "and no input is, every unit is active:"),
        sign("What reaches the ReLU is positive.", """
          sum(u, W_pos[u]*x_pos[u, k]) + b
        > 0  -- no product is negative, and {b} is positive
        """, given=("b > 0",)),
        chain("active", "The ReLU of a positive number {tau} is that number.", """
          ramp(tau)
        = (tau + tau)/2  -- {abs(tau) == tau}
        = tau            -- add
        """),
        Use("So the ReLU does nothing, and on all such inputs the bias is redundant.", "bias_cancels_of_batch_statistics",
            "output", "all_active(k, b)", "all_active(k, 0)", where={"z[i]": "sum(u, W_pos[u]*x_pos[u, i])"}),
    ),
    sources=("S0.e", "S4.g"),
    definitions=definitions(
        RAMP,
        ("with_spread", "sqrt(var(l, ramp(sum(u, W[u]*x[u, l]) + b)) + eps)", "s", "s",
         "what the outputs with the bias are divided by"),
        ("without_spread", "sqrt(var(l, ramp(sum(u, W_new[u]*x[u, l]))) + eps_new)", "s'", "s′",
         "what the outputs without it are divided by"),
        ("with_bias(k)", "gamma*(ramp(sum(u, W[u]*x[u, k]) + b) - mean(l, ramp(sum(u, W[u]*x[u, l]) + b)))/with_spread + beta",
         "y_{#1}", "y_#1", "the normalised output with the bias"),
        ("without_bias(k)",
         "gamma_new*(ramp(sum(u, W_new[u]*x[u, k])) - mean(l, ramp(sum(u, W_new[u]*x[u, l]))))/without_spread + beta_new",
         "y'_{#1}", "y′_#1", "the normalised output with other weights and no bias"),
        ("all_active(k, b)",
         "gamma*(sum(u, W_pos[u]*x_pos[u, k]) + b - mean(l, sum(u, W_pos[u]*x_pos[u, l]) + b))/sqrt(var(l, sum(u, "
         "W_pos[u]*x_pos[u, l]) + b) + eps) + beta", r"y^{+}_{#1}(#2)", "y⁺_#1(#2)",
         "the normalised output where all units are active, when the bias is b"),
    ),
    minimum={"n": 3},
    remark="A larger batch may contain these three samples: both rules hold in it as well, with another {with_spread}, which is "
    "positive because the outputs of the ReLU are not all equal.",
)
