"""After a ReLU with a single input, not even the weight together with scale and shift can replace the bias.

Statement: for every b ≠ 0 there is a batch of three inputs on which BN(relu(x + b)) with γ ≠ 0 differs from
BN(relu(ω·x)), whatever the weight ω and whatever scale, shift and ε the second normalisation has.
Sources: S0.e.
"""

from __future__ import annotations

from ...symbolic.inferences import Case, Cases, Chain, Say, Use, Witness
from ..definitions import definitions
from ..theorem import Hypothesis, Theorem

THEOREM = Theorem(
    name="weights_cannot_replace_bias_of_scalar_relu_before_batchnorm",
    title="After a ReLU, the weight of a single input cannot replace the bias either",
    statement="Let a layer have a single input: {x[1, k]} for sample {k}. For every {b != 0} there is a batch of "
    "three inputs such that the normalised values of {ramp(x[1, k] + b)}, with batch statistics and {gamma "
    "!= 0}, are not the normalised values of {ramp(omega*x[1, k])}, whatever the weight {omega} and the "
    "scale, shift and {eps} of that normalisation. With {tau == abs(b)/2}, it consists of {-tau}, {tau} and "
    "{2*tau} for positive {b}, and of {tau}, {3*tau} and {4*tau} for negative {b}.",
    hypotheses=(
        Hypothesis(
            "There is no second input that is the same for all samples.",
            Witness(
                "With a second input that is always 1, its weight is a bias: 2 in place of {b == 2}.",
                {"n": 3, "F": 2, "W": (1, 2), "x": ((-1, 1, 2), (1, 1, 1)), "b": 2},
                tuple((f"ramp(sum(u, W[u]*x[u, {k}]))", "==", f"ramp(x[1, {k}] + b)") for k in (1, 2, 3)),
            ),
        ),
        Hypothesis(
            "A ReLU stands between.",
            Witness(
                "Without it, {omega == 1} will do: the ratio is 2/3 with {b == 2} and with none.",
                {"x": ((-1, 1, 2),), "b": 2},
                (
                    ("(x[1, 2] + b - (x[1, 1] + b))/(x[1, 3] + b - (x[1, 1] + b))", "==", "2/3"),
                    ("(x[1, 2] - x[1, 1])/(x[1, 3] - x[1, 1])", "==", "2/3"),
                ),
            ),
        ),
        Hypothesis(
            "{gamma != 0} in the layer with the bias.",
            Witness(
                "With {gamma == 0} every output is {beta}.",
                {"n": 3, "x": ((-1, 1, 2),), "b": 2, "omega": 1, "gamma": 0, "beta": 5, "eps": 0},
                tuple((f"with_bias({k})", "==", f"without_bias({k})") for k in (1, 2, 3)),
            ),
        ),
    ),
    proof=(
        Cases(
            "The formula {(h + abs(h))/2} is the ReLU.",
            "h",
            (
                Case(
                    "{h > 0}, so that {h == tau} for a positive {tau}",
                    ">",
                    (
                        Chain(
                            "It is {h} itself.",
                            "ramp(h)",
                            (("(tau + tau)/2", "{abs(tau) == tau}"), ("tau", "half of twice")),
                            assume={"h": "tau"},
                        ),
                    ),
                ),
                Case("{h == 0}", "=", (Chain("It is 0.", "ramp(h)", (("0", "{abs(0) == 0}"),)),)),
                Case(
                    "{h < 0}, so that {h == -tau}",
                    "<",
                    (
                        Chain(
                            "It is 0.",
                            "ramp(h)",
                            (("(-tau + tau)/2", "{abs(-tau) == tau}"), ("0", "opposite terms")),
                            assume={"h": "-tau"},
                        ),
                    ),
                ),
            ),
        ),
        Say("Normalising keeps the ratio of two differences. So compare the ratios of the ReLU's outputs."),
        Use(
            "With the bias.",
            "affine_cannot_replace_bias_of_relu_before_batchnorm",
            "ratio",
            "(with_bias(j) - with_bias(i))/(with_bias(k) - with_bias(i))",
            "(ramp(x[1, j] + b) - ramp(x[1, i] + b))/(ramp(x[1, k] + b) - ramp(x[1, i] + b))",
            where={"f[i]": "ramp(x[1, i] + b)"},
        ),
        Use(
            "With a weight instead.",
            "affine_cannot_replace_bias_of_relu_before_batchnorm",
            "ratio",
            "(without_bias(j) - without_bias(i))/(without_bias(k) - without_bias(i))",
            "(ramp(omega*x[1, j]) - ramp(omega*x[1, i]))/(ramp(omega*x[1, k]) - ramp(omega*x[1, i]))",
            where={"f[i]": "ramp(omega*x[1, i])"},
        ),
        Cases(
            "Does some {omega} reach the ratio that {b} makes?",
            "b",
            (
                Case(
                    "A positive bias, {b == 2*tau}, and the inputs {-tau}, {tau} and {2*tau}",
                    ">",
                    (
                        Chain(
                            "With the bias the ReLU gives {tau}, {3*tau} and {4*tau}.",
                            "(ramp(tau + b) - ramp(-tau + b))/(ramp(2*tau + b) - ramp(-tau + b))",
                            (("(3*tau - tau)/(4*tau - tau)", "all are active"), ("2/3", "{tau} cancels")),
                            assume={"b": "2*tau"},
                        ),
                        Cases(
                            "And without it?",
                            "omega",
                            (
                                Case(
                                    "{omega > 0}: the last two are active",
                                    ">",
                                    (
                                        Chain(
                                            "The ratio is another one.",
                                            "(ramp(omega*tau) - ramp(-omega*tau))/(ramp(2*omega*tau) - ramp(-omega*tau))",
                                            (
                                                ("(omega*tau - 0)/(2*omega*tau - 0)", "the first is not active"),
                                                ("1/2", "{omega*tau} cancels"),
                                            ),
                                            assume={"omega": "omega_abs"},
                                        ),
                                    ),
                                ),
                                Case(
                                    "{omega < 0}: only the first is active",
                                    "<",
                                    (
                                        Chain(
                                            "The second and third output are equal, and the ratio is 1.",
                                            "(ramp(omega*tau) - ramp(-omega*tau))/(ramp(2*omega*tau) - ramp(-omega*tau))",
                                            (
                                                ("(0 - (-omega*tau))/(0 - (-omega*tau))", "two are not active"),
                                                ("1", "a number divided by itself"),
                                            ),
                                            assume={"omega": "-omega_abs"},
                                        ),
                                    ),
                                ),
                                Case(
                                    "{omega == 0}: the input does not arrive",
                                    "=",
                                    (
                                        Chain(
                                            "First and second output are equal. With the bias they are not.",
                                            "ramp(omega*tau) - ramp(-omega*tau)",
                                            (("0", "both are 0"),),
                                        ),
                                    ),
                                ),
                            ),
                        ),
                    ),
                ),
                Case(
                    "A negative bias, {b == -2*tau}, and the inputs {tau}, {3*tau} and {4*tau}",
                    "<",
                    (
                        Chain(
                            "With the bias the ReLU gives 0, {tau} and {2*tau}.",
                            "(ramp(3*tau + b) - ramp(tau + b))/(ramp(4*tau + b) - ramp(tau + b))",
                            (("(tau - 0)/(2*tau - 0)", "the first is not active"), ("1/2", "{tau} cancels")),
                            assume={"b": "-2*tau"},
                        ),
                        Cases(
                            "And without it?",
                            "omega",
                            (
                                Case(
                                    "{omega > 0}: all are active",
                                    ">",
                                    (
                                        Chain(
                                            "The ratio is another one.",
                                            "(ramp(3*omega*tau) - ramp(omega*tau))/(ramp(4*omega*tau) - ramp(omega*tau))",
                                            (
                                                (
                                                    "(3*omega*tau - omega*tau)/(4*omega*tau - omega*tau)",
                                                    "ReLU is the identity",
                                                ),
                                                ("2/3", "{omega*tau} cancels"),
                                            ),
                                            assume={"omega": "omega_abs"},
                                        ),
                                    ),
                                ),
                                Case(
                                    "{omega < 0}: none is active",
                                    "<",
                                    (
                                        Chain(
                                            "First and second output are equal. With the bias they are not.",
                                            "ramp(3*omega*tau) - ramp(omega*tau)",
                                            (("0", "both are 0"),),
                                            assume={"omega": "-omega_abs"},
                                        ),
                                    ),
                                ),
                                Case(
                                    "{omega == 0}: the input does not arrive",
                                    "=",
                                    (
                                        Chain(
                                            "First and second output are equal. With the bias they are not.",
                                            "ramp(3*omega*tau) - ramp(omega*tau)",
                                            (("0", "both are 0"),),
                                        ),
                                    ),
                                ),
                            ),
                        ),
                    ),
                ),
                Case(
                    "No bias, {b == 0}: excluded, and rightly so",
                    "=",
                    (
                        Chain(
                            "There is nothing to replace: {omega == 1} will do.",
                            "ramp(x[1, k] + b)",
                            (("ramp(x[1, k])", "add 0"),),
                        ),
                    ),
                ),
            ),
        ),
        Say(
            "Where the ratios differ, so do the outputs. Where first and second value are equal after the ReLU, or "
            "where the second normalisation has scale 0, its first and second output are equal too; those with the "
            "bias are not, for {gamma != 0}. If the layer with the bias has a weight other than 1 and 0, let {x[1, "
            "k]} stand for weight times input; this only rescales {omega}."
        ),
    ),
    sources=("S0.e",),
    definitions=definitions(
        (
            "ramp(h)",
            "(h + abs(h))/2",
            r"\mathrm{relu}\left(#1\right)",
            "relu(#1)",
            "the ReLU, without a case distinction",
        ),
        (
            "with_bias(k)",
            "gamma*(ramp(x[1, k] + b) - mean(l, ramp(x[1, l] + b)))/sqrt(var(l, ramp(x[1, l] + b)) + eps) + beta",
            "y_{#1}",
            "y_#1",
            "the normalised output with the bias",
        ),
        (
            "without_bias(k)",
            "gamma*(ramp(omega*x[1, k]) - mean(l, ramp(omega*x[1, l])))/sqrt(var(l, ramp(omega*x[1, l])) + eps) + beta",
            r"y^{\omega}_{#1}",
            "y^ω_#1",
            "the normalised output with a weight instead",
        ),
    ),
)
