"""After a ReLU not even new weights, together with scale and shift, can replace the bias.

Statement: for weights W that are not all 0 and every b ≠ 0 let x = −b·W/ΣW². On the inputs 0, x, 2x the outputs of
BN(relu(Wx + b)) with γ ≠ 0 have the second difference γ|b|/s ≠ 0, s² = 2b²/9 + ε; those of BN(relu(W′x)) have the second
difference 0, whatever the weights W′ and whatever scale, shift and ε the second normalisation has. So they differ.
"""

from __future__ import annotations

from ...symbolic.inferences import Congruence, Contrapositive, NotZero, Say, Use, chain, sign, witness
from ..definitions import RAMP, definitions
from ..theorem import Conclusion, Hypothesis, Theorem

OTHER = {"gamma_new": 1, "beta_new": 5, "eps_new": 1}
"""A second normalisation, for counterexamples."""
_INPUTS = "x[u, i] == (i - 1)*(-b*W[u]/sum(u2, W[u2]**2))"
_BATCH = ("n == 3", _INPUTS)
_WEIGHTS = "sum(u, W[u]**2) > 0"
_DEFINED, _DEFINED_NEW = "with_spread > 0", "without_spread > 0"
_CURVE = "(delta(k, 1) - 2*delta(k, 2) + delta(k, 3))"

THEOREM = Theorem(
    name="weights_cannot_replace_bias_of_relu_before_batchnorm",
    title="After a ReLU, no weights together with scale and shift can replace the bias",
    statement="Let a layer have {F} inputs, weights {W[u]} that are not all 0, {sum(u, W[u]**2) > 0}, and a bias {b != 0}. There "
    "is a batch of {n == 3} samples such that the normalised values {with_bias(k)} of {ramp(sum(u, W[u]*x[u, k]) + b)}, with "
    "batch statistics and {gamma != 0}, are not the normalised values of {ramp(sum(u, W_new[u]*x[u, k]))}, whatever the weights "
    "{W_new[u]} and the scale {gamma_new}, shift {beta_new} and constant {eps_new} of that normalisation: "
    "{with_bias(k) != without_bias(k)} for some {k}. Its samples are the input 0, an input whose weighted sum is {-b}, and twice "
    "that input: {x[u, i] == (i - 1)*(-b*W[u]/sum(u2, W[u2]**2))}. There, where both divisions are defined, {with_spread > 0} and "
    "{without_spread > 0}, the second differences of the outputs are "
    "{without_bias(3) - 2*without_bias(2) + without_bias(1) == 0} and "
    "{with_bias(3) - 2*with_bias(2) + with_bias(1) == gamma*abs(b)/with_spread}. With the bias the division is always defined: "
    "{with_spread**2 == 2*b**2/9 + eps}, and {2*b**2/9 + eps > 0}. The inputs must be able to switch units off. Where {b > 0}, no "
    "weight is negative and no input is, a positive number reaches the ReLU, {sum(u, W_pos[u]*x_pos[u, k]) + b > 0}, which leaves "
    "it as it is, {ramp(tau) == tau}; and without a ReLU the bias is redundant, {all_active(k, b) == all_active(k, 0)}, for "
    "{var(l, sum(u, W_pos[u]*x_pos[u, l])) + eps > 0}.",
    hypotheses=(
        Hypothesis("Not all weights {W[u]} are 0.",
            witness("With the weight 0 every output is {beta}, with {b == 2} and without.",
                    {"n": 3, "F": 1, "W": (0,), "W_new": (0,), "x": ((0, 1, 2),), "b": 2, "gamma": 1, "beta": 5, "eps": 1,
                     **OTHER}, """
              with_bias(1) == without_bias(1)
              with_bias(2) == without_bias(2)
              with_bias(3) == without_bias(3)
            """),
            formal=(_WEIGHTS,)),
        Hypothesis("{b != 0}.",
            witness("With {b == 0} the same weights give the same outputs.",
                    {"n": 3, "F": 1, "W": (1,), "W_new": (1,), "x": ((0, 1, 2),), "b": 0, "gamma": 1, "beta": 5, "eps": 1,
                     **OTHER}, """
              with_bias(1) == without_bias(1)
              with_bias(2) == without_bias(2)
              with_bias(3) == without_bias(3)
            """),
            formal=("b != 0",)),
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
            """),
            formal=("gamma != 0",)),
    ),
    conclusions=(
        Conclusion("with_bias(k) != without_bias(k)", given=(*_BATCH, _DEFINED, _DEFINED_NEW), some=("k",)),
        Conclusion("without_bias(3) - 2*without_bias(2) + without_bias(1) == 0", given=(*_BATCH, _DEFINED_NEW)),
        Conclusion("with_bias(3) - 2*with_bias(2) + with_bias(1) == gamma*abs(b)/with_spread", given=(*_BATCH, _DEFINED)),
        Conclusion("with_spread**2 == 2*b**2/9 + eps", given=_BATCH),
        Conclusion("2*b**2/9 + eps > 0"),
        Conclusion("sum(u, W_pos[u]*x_pos[u, k]) + b > 0", given=("b > 0",)),
        Conclusion("ramp(tau) == tau"),
        Conclusion("all_active(k, b) == all_active(k, 0)", given=("var(l, sum(u, W_pos[u]*x_pos[u, l])) + eps > 0",)),
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
        Say("The batch: sample {i} is {i - 1} times one input, a multiple of the weights."),
        chain("sums", "Its weighted sums are 0, {-b} and {-2*b}, so that {b}, 0 and {-b} reach the ReLU.", """
          sum(u, W[u]*x[u, i]) + b
        = (i - 1)*(-b*sum(u, W[u]**2)/sum(u2, W[u2]**2)) + b  -- {i - 1} and the factor come out of the sum
        = b - (i - 1)*b                                       -- the sum of the squares cancels
        """, given=(_WEIGHTS, _INPUTS)),
        Use("With the bias the second difference of the outputs is that of the ReLU's outputs, times a factor.",
            "affine_cannot_replace_bias_of_relu_before_batchnorm", "second_difference",
            "with_bias(k) - 2*with_bias(j) + with_bias(i)",
            "gamma/with_spread*(ramp(sum(u, W[u]*x[u, k]) + b) - 2*ramp(sum(u, W[u]*x[u, j]) + "
            "b) + ramp(sum(u, W[u]*x[u, i]) + b))", where={"f[i]": "ramp(sum(u, W[u]*x[u, i]) + b)"}),
        chain("spread", "What divides: the ReLU's outputs are {b}, 0, 0 or 0, 0, {-b}.", """
          with_spread**2
        = (ramp(b)**2 + ramp(0)**2 + ramp(-b)**2)/3 - ((ramp(b) + ramp(0) + ramp(-b))/3)**2 + eps
            -- mean of the squares minus square of the mean
        = b**2/3 - (abs(b)/3)**2 + eps  -- {abs(b)**2 == b**2}
        = 2*b**2/9 + eps                -- subtract
        """, given=(_WEIGHTS, *_BATCH)),
        sign("positive", "For {b != 0} this is positive, with every {eps}.", """
          2*b**2/9 + eps
        > 0  -- a positive number, and one that is not negative
        """, given=("b != 0",)),
        chain("So, on this batch, with the bias:", """
          with_bias(3) - 2*with_bias(2) + with_bias(1)
        = gamma/with_spread*(ramp(-b) - 2*ramp(0) + ramp(b))  -- the rule, for {-b}, 0 and {b}
        = gamma*abs(b)/with_spread                            -- the ReLU's second difference there
        """, given=(_WEIGHTS, *_BATCH)),
        chain("With other weights and no bias:", """
          without_bias(3) - 2*without_bias(2) + without_bias(1)
        = gamma_new/without_spread*(ramp(2*sum(u, W_new[u]*x[u, 2])) - 2*ramp(sum(u, W_new[u]*x[u, 2])) + ramp(0))
            -- twice an input gives twice its weighted sum
        = 0  -- the ReLU's second difference without a bias
        """, given=(_WEIGHTS, *_BATCH)),
        chain("even", "The same as a sum over the batch,", f"""
          0
        = gamma_new/without_spread*(ramp(2*sum(u, W_new[u]*x[u, 2])) - 2*ramp(sum(u, W_new[u]*x[u, 2])) + ramp(0))
            -- as just computed
        = sum(k, {_CURVE}*without_bias(k))  -- the outputs 1, 2 and 3, with the factors 1, −2 and 1
        """, given=(_WEIGHTS, *_BATCH, _DEFINED_NEW)),
        chain("uneven", "and with the bias.", f"""
          gamma*abs(b)/with_spread
        = gamma/with_spread*(ramp(-b) - 2*ramp(0) + ramp(b))  -- as above
        = sum(k, {_CURVE}*with_bias(k))                       -- the outputs 1, 2 and 3, with the factors 1, −2 and 1
        """, given=(_WEIGHTS, *_BATCH, _DEFINED)),
        Congruence("Equal outputs would have equal second differences.", of=("even", "uneven"),
                   inputs=("without_bias(k) == with_bias(k)",), label="equal"),
        sign("square", "But with the bias it is not 0: its square is positive.", """
          (gamma*abs(b)/with_spread)**2
        = gamma**2*b**2/(2*b**2/9 + eps)  -- square each factor; what divides was found above
        > 0                               -- products and quotients of positive numbers
        """, given=("b != 0", "gamma != 0", _WEIGHTS, *_BATCH, _DEFINED)),
        NotZero("Only 0 has the square 0.", of="square", part="gamma*abs(b)/with_spread != 0", label="not_even"),
        Contrapositive("So the outputs are not all equal, whatever the weights {W_new[u]}, the scale, the shift and {eps_new}.",
                       of="equal", but="not_even", fails="without_bias(k) == with_bias(k)", label="irreplaceable"),
        Say("The inputs must be able to switch units off. Where {b > 0}, no weight is negative "
            "and no input is, every unit is active:"),
        sign("reaches", "What reaches the ReLU is positive.", """
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
