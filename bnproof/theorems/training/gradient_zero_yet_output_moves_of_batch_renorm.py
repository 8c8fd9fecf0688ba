"""In batch renormalisation the computed gradient of a bias is zero although the output moves with the bias.

Statement: with r = s/S and d = (μ − M)/S, S = √(V+ε), the output is γ(z_k + b − M)/S + β, which moves by γ/S per unit
of b; with r and d held constant, as the method prescribes, the gradient of b is 0.
"""

from __future__ import annotations

from ...symbolic.inferences import NotZero, Say, Undefined, Use, chain, sign, witness
from ..definitions import BATCHNORM_AT, definitions
from ..theorem import Conclusion, Hypothesis, Theorem

_VALUES = {"n": 2, "z": (-1, 1), "b": 1, "M": 0, "V": 1, "gamma": 1, "beta": 0, "eps": 0}

THEOREM = Theorem(
    name="gradient_zero_yet_output_moves_of_batch_renorm",
    title="In batch renormalisation the bias acts although the gradient computed for it is zero",
    statement="Batch renormalisation multiplies the normalised value by a factor {renorm_scale} and adds a shift "
    "{renorm_shift}, which count as constants in the backward pass. Without clipping they are {s_at(b)/sqrt(V + eps)} and "
    "{(mu_at(b) - M)/sqrt(V + eps)}, with stored statistics {M} and {V}, and the output is {unclipped(k, b)}. For {gamma != "
    "0} and {b != 0} the bias moves every output, {unclipped(k, b) != unclipped(k, 0)}: by {gamma*b/sqrt(V + eps)}. "
    "Nevertheless the gradient that the backward pass computes for {b} is 0, for every loss, factor and shift: {diff(sum(i, "
    "g[i]*renorm(i, b, renorm_scale, renorm_shift)), b) == 0}. The true derivative of an output is {diff(unclipped(k, b), b) "
    "== gamma/sqrt(V + eps)}. Where a stop-gradient lies on the way, a zero gradient does not show a bias to be redundant.",
    hypotheses=(
        Hypothesis("Factor and shift are not clipped.",
            witness("Clipped to 1 and 0, as at the start of the training, batch renormalisation "
                    "is batch normalisation: {b} cancels.",
                    _VALUES,
                    "renorm(1, b, 1, 0) == renorm(1, 0, 1, 0)")),
        Hypothesis("{gamma != 0}, for the output to move.",
            witness("With {gamma == 0} the output is {beta}.", {**_VALUES, "gamma": 0},
                    "unclipped(1, b) == unclipped(1, 0)"),
            formal=("gamma != 0",)),
        Hypothesis("The backward pass holds factor and shift constant, for the gradient to be 0.",
            witness("The true gradient of {b} is 1 if the loss is the first output.", {**_VALUES, "g": (1, 0)},
                    "diff(sum(i, g[i]*unclipped(i, b)), b) == 1")),
        Hypothesis("The stored statistics have not followed {b} yet.",
            witness("Once the stored mean has moved from 0 to {M == 1} as well, the output is that of {b == 0} again.",
                    {**_VALUES, "M": 1},
                    "unclipped(1, b) == renorm(1, 0, s_at(0)/sqrt(V + eps), (mu_at(0) - 0)/sqrt(V + eps))")),
        Hypothesis("{V + eps > 0}: the division by the stored deviation is defined.",
            Undefined("With {V == 0} and {eps == 0} there is nothing to divide by.", {**_VALUES, "V": 0},
                      "unclipped(1, b)"),
            formal=("V + eps > 0",)),
        Hypothesis("{v_at(b) + eps > 0}: the division by the batch's is.",
            Undefined("Equal values have the variance 0.", {**_VALUES, "z": (3, 3)}, "unclipped(1, b)"),
            formal=("v_at(b) + eps > 0",)),
    ),
    conclusions=(
        Conclusion("unclipped(k, b) == gamma*(z[k] + b - M)/sqrt(V + eps) + beta"),
        Conclusion("unclipped(k, b) - unclipped(k, 0) == gamma*b/sqrt(V + eps)"),
        Conclusion("unclipped(k, b) != unclipped(k, 0)", given=("b != 0",)),
        Conclusion("diff(sum(i, g[i]*renorm(i, b, renorm_scale, renorm_shift)), b) == 0"),
        Conclusion("diff(unclipped(k, b), b) == gamma/sqrt(V + eps)"),
    ),
    proof=(
        chain("value", "The value of the output: the statistics of the batch cancel, those stored remain.", """
          unclipped(k, b)
        = gamma*((z[k] + b - mu_at(b))/sqrt(V + eps) + (mu_at(b) - M)/sqrt(V + eps)) + beta
            -- the factor exchanges the denominators
        = gamma*(z[k] + b - M)/sqrt(V + eps) + beta  -- the shift exchanges the means
        """),
        chain("movement", "So the output moves with {b}.", """
          unclipped(k, b) - unclipped(k, 0)
        = gamma*(z[k] + b - M)/sqrt(V + eps) - gamma*(z[k] - M)/sqrt(V + eps)  -- the value, with and without {b}
        = gamma*b/sqrt(V + eps)                                                -- only {b} is left
        """),
        sign("square", "If neither {gamma} nor {b} is 0, this is not 0:", """
          (unclipped(k, b) - unclipped(k, 0))**2
        = gamma**2*b**2/(V + eps)  -- the square of the difference
        > 0                        -- all three factors are positive
        """, given=("gamma != 0", "b != 0", "V + eps > 0")),
        NotZero("every output moves.", of="square", part="unclipped(k, b) != unclipped(k, 0)"),
        Use("With factor and shift held constant it is batch normalisation with another scale "
            "and another shift, and {b} cancels.",
            theorem="bias_cancels_of_batch_statistics", fact="output", start="renorm(k, b, renorm_scale, renorm_shift)",
            end="renorm(k, 0, renorm_scale, renorm_shift)",
            where={"gamma": "gamma*renorm_scale", "beta": "gamma*renorm_shift + beta"}),
        chain("traced", "This is all that the backward pass sees: the gradient is 0, whatever the two numbers are.", """
          diff(sum(i, g[i]*renorm(i, b, renorm_scale, renorm_shift)), b)
        = diff(sum(i, g[i]*renorm(i, 0, renorm_scale, renorm_shift)), b)  -- {b} cancels
        = 0                                                               -- there is no {b} in it
        """),
        chain("true_gradient", "The true gradient goes through factor and shift as well.", """
          diff(unclipped(k, b), b)
        = diff(gamma*(z[k] + b - M)/sqrt(V + eps) + beta, b)  -- the value above
        = gamma/sqrt(V + eps)                                 -- {M} and {V} do not contain {b}
        """),
        Say("So gradient descent without weight decay never moves {b}, and a test that only looks at gradients would call it "
            "redundant. Setting it to 0 changes the outputs all the same."),
    ),
    sources=("Ioffe 2017",),
    definitions=definitions(
        *BATCHNORM_AT,
        ("renorm(k, b, renorm_scale, renorm_shift)",
         "gamma*((z[k] + b - mu_at(b))/s_at(b)*renorm_scale + renorm_shift) + beta", r"\mathrm{renorm}_{#1}(#2, #3, #4)",
         "renorm_#1(#2, #3, #4)", "the output of batch renormalisation, for a bias, a factor and a shift"),
        ("unclipped(k, b)", "renorm(k, b, s_at(b)/sqrt(V + eps), (mu_at(b) - M)/sqrt(V + eps))", r"y^{\circ}_{#1}(#2)",
         "y°_#1(#2)", "the same with factor and shift as they are without clipping"),
    ),
    remark="In a chain batch renormalisation is written `brn`, or `brn(rmax=3, dmax=5)`, the limits at which the paper ends. "
    '`bnproof prove "conv -> brn"` proves for the very program that the gradient is zero and shows an output that moves; '
    '`bnproof check --case "conv -> brn"` measures both.',
)
