"""After a ReLU no scale and shift of the normalisation can replace the bias.

Statement: the second difference y₃ − 2y₂ + y₁ of a normalisation's outputs is γ/s times that of its inputs, for all γ, β
and ε; for z = (−1, 1, 2) after a ReLU that is 0 without a bias and −1 with b = 2, so that no γ', β', ε' without the bias give
the outputs with it. Inside an activation pattern b enters the centred values additively, with the factor χ_k − m/n.
"""

from __future__ import annotations

from ...symbolic.inferences import Congruence, Contrapositive, NotZero, Say, Use, chain, sign, witness
from ..definitions import BATCHNORM_AT, RAMP, definitions
from ..theorem import Conclusion, Hypothesis, Theorem

_POINTS = ("n == 3", "z[i] == delta(i, 2) - delta(i, 1) + 2*delta(i, 3)")
_DIVIDES = ("var(l, ramp(z[l] + b)) + eps > 0", "var(l, ramp(z[l])) + eps_new > 0")
_CURVE = "(delta(k, 1) - 2*delta(k, 2) + delta(k, 3))"

THEOREM = Theorem(
    name="affine_cannot_replace_bias_of_relu_before_batchnorm",
    title="After a ReLU, scale and shift cannot replace the bias",
    statement="Let activations {f[k]} be normalised with batch statistics, with any {gamma} and {beta} and any {eps} that "
    "leaves something to divide by, {var(l, f[l]) + eps > 0}. The second difference of three outputs is {gamma/sf} times that "
    "of the activations: {after(k) - 2*after(j) + after(i) == gamma/sf*(f[k] - 2*f[j] + f[i])}. So where three activations "
    "are evenly spaced, the outputs are so too: no {gamma}, {beta} or {eps} can change it. But a bias before the ReLU can. For "
    "the pre-activations −1, 1 and 2 the ReLU gives 0, 1, 2 without a bias, and 1, 3, 4 with the bias {b == 2}. So let the "
    "layer without a bias have any scale {gamma_new}, shift {beta_new} and {eps_new}: its three outputs are not those of the "
    "layer with the bias 2 and {gamma != 0}, {relu_out(k, b) != relu_new(k)} for some {k}. Inside one activation pattern, with "
    "{m} of {n} units active, {b} is added to the centred values with the factor {chi[k] - m/n}: "
    "{r(k) - rm == chi[k]*z[k] - Z/n + (chi[k] - m/n)*b}.",
    hypotheses=(
        Hypothesis("{gamma != 0} in the layer with the bias.",
            witness("With {gamma == 0} every output is {beta}, with any bias or none.",
                    {"n": 3, "z": (-1, 1, 2), "b": 2, "gamma": 0, "beta": 5, "eps": 0}, """
              relu_out(2, b) == relu_out(2, 0)
              relu_out(3, b) == relu_out(3, 0)
            """),
            formal=("gamma != 0",)),
        Hypothesis("There are at least three values.",
            witness("Two different values become −1 and 1 anyway if {eps == 0}: here {b == 2} changes nothing.",
                    {"n": 2, "z": (-1, 1), "b": 2, "gamma": 1, "beta": 0, "eps": 0}, """
              relu_out(1, b) == relu_out(1, 0)
              relu_out(2, b) == relu_out(2, 0)
            """)),
        Hypothesis("Not all values are active with and without the bias.",
            witness("For 1, 2 and 3 the ReLU is the identity, and the bias cancels.",
                    {"n": 3, "z": (1, 2, 3), "b": 2, "gamma": 1, "beta": 0, "eps": 1}, """
              relu_out(1, b) == relu_out(1, 0)
              relu_out(2, b) == relu_out(2, 0)
              relu_out(3, b) == relu_out(3, 0)
            """)),
    ),
    conclusions=(
        Conclusion("after(k) - 2*after(j) + after(i) == gamma/sf*(f[k] - 2*f[j] + f[i])", given=("var(l, f[l]) + eps > 0",)),
        Conclusion("relu_out(k, b) != relu_new(k)", given=(*_POINTS, "b == 2", *_DIVIDES), some=("k",)),
        Conclusion("r(k) - rm == chi[k]*z[k] - Z/n + (chi[k] - m/n)*b"),
    ),
    proof=(
        Say("First the other order, Conv → BN → ReLU. There the bias cancels, and a shift in "
            "front of the ReLU is what {beta} is for:"),
        Use("A bias before the normalisation has no effect.", "bias_cancels_of_batch_statistics", "output", "y_at(k, b)",
            "y_at(k, 0)"),
        chain("beta_takes_over", "A bias after the normalisation is a change of {beta}.", """
          y_at(k, 0) + b
        = gamma*(z[k] - mu_at(0))/s_at(0) + (beta + b)  -- add {b} to {beta}
        """),
        Say("Now Conv → ReLU → BN. The normalisation subtracts one number from all values and divides all by another. The "
            "second difference of three values does not see the first, and the other is a factor:"),
        chain("second_difference", "The second difference of three outputs.", """
          after(k) - 2*after(j) + after(i)
        = gamma*f[k]/sf - 2*gamma*f[j]/sf + gamma*f[i]/sf  -- {beta} and the mean come once, minus twice, and once
        = gamma/sf*(f[k] - 2*f[j] + f[i])                  -- common factor
        """),
        chain("even", "The pre-activations −1, 1 and 2: without a bias the ReLU's outputs 0, 1, 2 are evenly spaced, and so "
              "are the normalised ones.", f"""
          0
        = gamma_new/sqrt(2/3 + eps_new)*(2 - 2*1 + 0)  -- the second difference of 0, 1 and 2; their variance is {{2/3}}
        = sum(k, {_CURVE}*relu_new(k))                 -- that of the outputs is the same, times a factor
        """, given=(*_POINTS, _DIVIDES[1])),
        chain("uneven", "With the bias {b == 2} they are not: 1, 3, 4.", f"""
          -gamma/sqrt(14/9 + eps)
        = gamma/sqrt(14/9 + eps)*(4 - 2*3 + 1)  -- the second difference of 1, 3 and 4; their variance is {{14/9}}
        = sum(k, {_CURVE}*relu_out(k, b))       -- that of the outputs is the same, times a factor
        """, given=(*_POINTS, "b == 2", _DIVIDES[0])),
        Congruence("Equal outputs would have equal second differences.", of=("even", "uneven"),
                   inputs=("relu_new(k) == relu_out(k, b)",), label="equal"),
        sign("square", "But with the bias it is not 0:", """
          (-gamma/sqrt(14/9 + eps))**2
        = gamma**2/(14/9 + eps)  -- square the numerator and the root
        > 0                      -- a positive number over a positive one
        """, given=("gamma != 0",)),
        NotZero("Only 0 has the square 0.", of="square", part="-gamma/sqrt(14/9 + eps) != 0", label="not_even"),
        Contrapositive("So the outputs are not all equal: {b} cannot be replaced.", of="equal", but="not_even",
                       fails="relu_new(k) == relu_out(k, b)", label="irreplaceable"),
        Say("In numbers. A ratio of two differences shows the same: where it has a value, the shift, the mean, the scale and the "
            "denominator cancel."),
        witness("For the outputs of the ReLU such a ratio depends on {b}.", {"n": 3, "z": (-1, 1, 2), "b": 2}, """
          (relu(z[2]) - relu(z[1]))/(relu(z[3]) - relu(z[1])) == 1/2
          (relu(z[2] + b) - relu(z[1] + b))/(relu(z[3] + b) - relu(z[1] + b)) == 2/3
        """),
        witness("And for the normalised outputs it is the same; here with {gamma == 3}, {beta == 7} and {eps == 1/3}.",
                {"n": 3, "z": (-1, 1, 2), "b": 2, "gamma": 3, "beta": 7, "eps": "1/3"}, """
          (relu_out(2, 0) - relu_out(1, 0))/(relu_out(3, 0) - relu_out(1, 0)) == 1/2
          (relu_out(2, b) - relu_out(1, b))/(relu_out(3, b) - relu_out(1, b)) == 2/3
        """),
        witness("The second difference, with {eps == 2/9}.",
                {"n": 3, "z": (-1, 1, 2), "b": 2, "gamma": 3, "beta": 7, "eps": "2/9"}, """
          relu_out(3, 0) - 2*relu_out(2, 0) + relu_out(1, 0) == 0
          relu_out(3, b) - 2*relu_out(2, b) + relu_out(1, b) == -9/4
        """),
        Say("And what does the output look like? Inside one activation pattern, with {m} of {n} units active:"),
        Use("The mean.", "mean_and_variance_of_relu", "mean", "rm", "Z/n + m*b/n"),
        chain("centred", "In the centred values {b} is added, not multiplied by anything of the input.", """
          r(k) - rm
        = chi[k]*(z[k] + b) - (Z/n + m*b/n)     -- insert the mean
        = chi[k]*z[k] - Z/n + (chi[k] - m/n)*b  -- collect {b}
        """),
        Say("The factor is {1 - m/n} for an active unit and {-m/n} for an inactive one: {b} moves the two groups apart."),
        Use("The variance. Only here is there a product of {b} with the pre-activations: {Z*b}, with their "
            "sum over all active units, under the root.",
            "mean_and_variance_of_relu", "variance", "mean(i, (r(i) - rm)**2)", "m/n*(1 - m/n)*b**2 + 2*(1 - m/n)/n*Z*b + v0"),
        chain("output", "So the normalised output is a quotient: linear in {b} above, the root of a quadratic below.", """
          gamma*(r(k) - rm)/sqrt(mean(i, (r(i) - rm)**2) + eps) + beta
        = gamma*(chi[k]*z[k] - Z/n + (chi[k] - m/n)*b)/sqrt(m/n*(1 - m/n)*b**2 + 2*(1 - m/n)/n*Z*b + v0 + eps) + beta
            -- insert centred value and variance
        """),
    ),
    sources=("S0.b", "S0.e", "S4.g"),
    definitions=definitions(
        *BATCHNORM_AT,
        ("sf", "sqrt(var(l, f[l]) + eps)", "s_f", "s_f", "the denominator of the normalisation of the activations"),
        ("after(k)", "gamma*(f[k] - mean(l, f[l]))/sf + beta", "y_{#1}", "y_#1", "the normalised activation"),
        RAMP,
        ("relu_out(k, b)",
         "gamma*(ramp(z[k] + b) - mean(l, ramp(z[l] + b)))/sqrt(var(l, ramp(z[l] + b)) + eps) + beta",
         r"y^{\mathrm{relu}}_{#1}(#2)", "yʳ_#1(#2)", "the normalised output of the ReLU when the bias is b"),
        ("relu_new(k)", "gamma_new*(ramp(z[k]) - mean(l, ramp(z[l])))/sqrt(var(l, ramp(z[l])) + eps_new) + beta_new",
         r"y^{\mathrm{new}}_{#1}", "yⁿ_#1", "the normalised output of the ReLU without a bias, with another scale, shift and ε"),
        ("r(i)", "chi[i]*(z[i] + b)", "r_{#1}", "r_#1", "the ReLU's output inside the activation pattern"),
        ("rm", "mean(i, r(i))", r"\bar r", "r̄", "the mean of the ReLU's outputs"),
        ("Z", "sum(i, chi[i]*z[i])", "Z", "Z", "the sum of the active pre-activations, without the bias"),
        ("v0", "1/n*sum(i, chi[i]*z[i]**2) - (Z/n)**2", "v_0", "v₀", "the part of the variance that does not involve the bias"),
    ),
    minimum={"n": 3},
    remark="Here one batch and one bias are enough. For every {b != 0} there is such a batch: the theorem on "
    "weights names one. The ratio has no value where the outputs compared are equal; the second difference always has one.",
    sympy="""
from sympy import Integer, simplify, sqrt, symbols
gamma, beta, eps = symbols("gamma beta eps", positive=True)

def outputs(b):  # z = -1, 1, 2 through ReLU and batch normalisation
    x = [max(Integer(z) + b, Integer(0)) for z in (-1, 1, 2)]
    mean = sum(x) / 3
    variance = sum((v - mean) ** 2 for v in x) / 3
    return [gamma * (v - mean) / sqrt(variance + eps) + beta for v in x]

for b in (0, 2):
    y1, y2, y3 = outputs(b)
    print("b =", b, "ratio", simplify((y2 - y1) / (y3 - y1)))
# b = 0 ratio 1/2
# b = 2 ratio 2/3
""",
)
