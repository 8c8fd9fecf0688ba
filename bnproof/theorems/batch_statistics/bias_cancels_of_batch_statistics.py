"""The output of Linear/Conv → BatchNorm does not depend on the layer's bias, if batch statistics are used.

Statement: y_k(b) = y_k(0) for every b, γ, β, every n and every ε with v + ε > 0; also with the unbiased variance, n ≥ 2;
likewise for the mean and the variance over all images and positions of a convolution.
"""

from __future__ import annotations

from ...symbolic.inferences import Undefined, chain, witness
from ..definitions import BATCHNORM_AT, definitions
from ..theorem import Conclusion, Hypothesis, Theorem

_UNBIASED_B = "sqrt(sum(i, (z[i] + b - mu_at(b))**2)/(n - 1) + eps)"
_UNBIASED_0 = "sqrt(sum(i, (z[i] - mu_at(0))**2)/(n - 1) + eps)"

THEOREM = Theorem(
    name="bias_cancels_of_batch_statistics",
    title="A bias before batch normalisation cancels if batch statistics are used",
    statement="Let {z[k]} be what a linear or convolutional layer computes without its bias, and let the same {b} be added to "
    "all {n} values that are normalised together. With batch statistics, {y_at(k, b) == y_at(k, 0)} for every {b}, {gamma} "
    "and {beta}, every number {n} of values and every {eps} with {v_at(b) + eps > 0}. For {n == 1} the output is {beta}, "
    "whatever the value is. For {n >= 2} the bias cancels also where the variance is the unbiased one, with {n - 1} in the "
    "place of {n}, if the root that divides is positive. And it cancels for a convolution, whose channel is normalised over "
    "all {images} images and all {L} positions of each (in two dimensions, numbered through): {y_conv(image, pos, b) == "
    "y_conv(image, pos, 0)}, for {v_conv(b) + eps > 0}.",
    hypotheses=(
        Hypothesis("The mean that is subtracted is the mean of this batch, not a stored one.",
            witness("With the stored statistics {mu_at(0)}, {v_at(0)} of the bias-free layer, {b == 1} moves the output.",
                    {"n": 2, "z": (-1, 1), "b": 1, "gamma": 1, "beta": 0, "eps": 0},
                    "gamma*(z[1] + b - mu_at(0))/s_at(0) + beta != y_at(1, 0)")),
        Hypothesis("Every value normalised together receives the same {b}.",
            witness("If only the first of two values receives {b}, the output moves.",
                    {"n": 2, "z": (0, 1), "b": 2, "gamma": 1, "beta": 0, "eps": 1},
                    "(z[1] + b - (z[1] + b + z[2])/2)/sqrt((z[1] + b - z[2])**2/4 + eps) != y_at(1, 0)")),
        Hypothesis("Nothing, such as an activation, stands between the bias and the normalisation.",
            witness("With a ReLU between, {b == 2} changes the ratio of two differences of the ReLU's outputs. Normalising "
                    "keeps such a ratio, so the normalised outputs change.",
                    {"n": 3, "z": (-1, 1, 2), "b": 2}, """
              (relu(z[2]) - relu(z[1]))/(relu(z[3]) - relu(z[1])) == 1/2
              (relu(z[2] + b) - relu(z[1] + b))/(relu(z[3] + b) - relu(z[1] + b)) == 2/3
            """)),
        Hypothesis("{v_at(b) + eps > 0}: the division is defined.",
            Undefined("With {eps == 0} and equal values there is nothing to divide by.",
                      {"n": 2, "z": (3, 3), "b": 1, "gamma": 1, "beta": 0, "eps": 0}, "y_at(1, b)"),
            formal=("v_at(b) + eps > 0",)),
    ),
    conclusions=(
        Conclusion("y_at(k, b) == y_at(k, 0)"),
        Conclusion("z[k] + b - mu_at(b) == z[k] - mu_at(0)"),
        Conclusion("y_at(1, b) == beta", given=("n == 1",)),
        Conclusion(f"gamma*(z[k] + b - mu_at(b))/{_UNBIASED_B} + beta == gamma*(z[k] - mu_at(0))/{_UNBIASED_0} + beta",
                   given=("n >= 2", f"{_UNBIASED_B} > 0")),
        Conclusion("y_conv(image, pos, b) == y_conv(image, pos, 0)", given=("v_conv(b) + eps > 0",)),
    ),
    proof=(
        chain("mean", "The mean moves by exactly {b}.", """
          mu_at(b)
        = 1/n * sum(i, z[i] + b)            -- definition of the mean
        = 1/n * (sum(i, z[i]) + sum(i, b))  -- a sum of sums
        = 1/n * (sum(i, z[i]) + n*b)        -- {n} times the same {b}
        = mu_at(0) + b                      -- the mean with no bias, plus {b}
        """),
        chain("centred", "So the centred value does not see {b}.", """
          z[k] + b - mu_at(b)
        = z[k] + b - (mu_at(0) + b)  -- the mean moves by {b}
        = z[k] - mu_at(0)            -- {b} cancels
        """),
        chain("variance", "The variance is built from centred values only.", """
          v_at(b)
        = mean(i, (z[i] + b - mu_at(b))**2)  -- definition of the variance
        = mean(i, (z[i] - mu_at(0))**2)      -- the centred value does not see {b}
        = v_at(0)                            -- definition of the variance, with no bias
        """),
        chain("output", "Hence the output.", """
          y_at(k, b)
        = gamma * (z[k] + b - mu_at(b)) / sqrt(v_at(b) + eps) + beta  -- definition of the output
        = gamma * (z[k] - mu_at(0)) / sqrt(v_at(0) + eps) + beta      -- centred value and variance do not see {b}
        = y_at(k, 0)                                                  -- definition of the output, with no bias
        """),
        chain("A batch of one value: the centred value is 0, and the output is {beta} whatever the input.", """
          y_at(1, b)
        = gamma * (z[1] + b - (z[1] + b)) / s_at(b) + beta  -- the mean of one value is that value
        = beta                                              -- 0 divided by {s_at(b)} is 0
        """, given=("n == 1",)),
        chain("unbiased_variance", "The unbiased variance, for {n >= 2}, is the same sum over "
              "{n - 1} and does not see {b} either.", """
          sum(i, (z[i] + b - mu_at(b))**2) / (n - 1)
        = sum(i, (z[i] - mu_at(0))**2) / (n - 1)  -- the centred value does not see {b}
        """),
        chain("unbiased_output", "So the output that is divided by its root does not see {b} either.", """
          gamma*(z[k] + b - mu_at(b))/sqrt(sum(i, (z[i] + b - mu_at(b))**2)/(n - 1) + eps) + beta
        = gamma*(z[k] - mu_at(0))/sqrt(sum(i, (z[i] - mu_at(0))**2)/(n - 1) + eps) + beta
            -- centred value and variance do not see {b}
        """),
        chain("mean_over_positions", "A convolution: the mean over images and positions moves by {b} as well.", """
          mu_conv(b)
        = mean(image, mean(pos, pixels[image, pos]) + b)  -- {b} is the same at each position
        = mu_conv(0) + b                                  -- and in each image
        """),
        chain("output_over_positions", "So neither the centred values nor their mean square see it, and the output does not.", """
          y_conv(image, pos, b)
        = gamma*(pixels[image, pos] + b - (mu_conv(0) + b))
            / sqrt(mean(image2, mean(pos2, (pixels[image2, pos2] + b - (mu_conv(0) + b))**2)) + eps) + beta
            -- the mean moves by {b}
        = y_conv(image, pos, 0)  -- {b} cancels in both places
        """),
    ),
    sources=("S0.a", "S1.a", "S2.a", "S2.b", "S3.b", "S4.a", "Ioffe & Szegedy 2015, §3.2"),
    definitions=definitions(
        *BATCHNORM_AT,
        ("mu_conv(b)", "mean(image, mean(pos, pixels[image, pos] + b))", r"\bar\mu(#1)", "μ̄(#1)",
         "the mean over images and positions when the bias is b"),
        ("v_conv(b)", "mean(image, mean(pos, (pixels[image, pos] + b - mu_conv(b))**2))", r"\bar v(#1)", "v̄(#1)",
         "the variance over images and positions when the bias is b"),
        ("y_conv(image, pos, b)", "gamma*(pixels[image, pos] + b - mu_conv(b))/sqrt(v_conv(b) + eps) + beta",
         r"\bar y_{#1,#2}(#3)", "ȳ[#1, #2](#3)", "the convolution's normalised output when the bias is b"),
    ),
    sympy="""
from sympy import IndexedBase, Sum, sqrt, symbols
n = symbols("n", integer=True, positive=True)  # any number of values
i, j, k = symbols("i j k", integer=True)
b, gamma, beta, eps = symbols("b gamma beta eps", real=True)
z = IndexedBase("z")
centred = z[k] + b - Sum(z[j] + b, (j, 1, n)) / n
print(centred.diff(b).doit())
# 0
centred = centred.expand().doit().expand()
print(centred)
# z[k] - Sum(z[j], (j, 1, n))/n
variance = Sum(centred.subs(k, i) ** 2, (i, 1, n)) / n
output = gamma * centred / sqrt(variance + eps) + beta
print(output.has(b), output.diff(b))
# False 0
""",
)
